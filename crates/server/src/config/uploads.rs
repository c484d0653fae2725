//! `fileUpload`: which files are kept for bots (`spec` runtime 1.4, http 3.6).

use std::ops::RangeInclusive;

use super::UploadConfig;
use super::reader::Reader;

/// v12's `25mb`.
const MAX_BYTES: usize = 25 << 20;
/// How large a file may be allowed to be: it is held in memory until it is on disk.
const SIZES: RangeInclusive<u64> = 1..=1 << 30;
/// v12's list.
const TYPES: [&str; 13] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/bmp",
    "image/webp",
    "audio/mpeg",
    "audio/webm",
    "audio/ogg",
    "audio/wav",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "application/pdf",
];

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>) -> UploadConfig {
    let max_bytes = reader.bytes("fileUpload.maxFileSize", SIZES);
    let types = reader.list(
        "fileUpload.allowedMimeTypes",
        "a list of MIME types without parameters, such as \"image/png\"",
        mime_type,
    );
    UploadConfig {
        max_bytes: max_bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(MAX_BYTES),
        types: types.unwrap_or_else(|| TYPES.map(str::to_owned).into()),
    }
}

fn mime_type(text: &str) -> Option<String> {
    let (kind, detail) = text.split_once('/')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
    let valid = |part: &str| !part.is_empty() && part.chars().all(plain);
    (valid(kind) && valid(detail)).then(|| text.to_ascii_lowercase())
}
