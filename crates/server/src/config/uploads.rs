//! `fileUpload` (`spec` runtime 1.4, http 3.6).

use std::ops::RangeInclusive;

use serde_json::Value;

use super::reader::Reader;
use crate::media::UploadRules;

/// v12's `25mb`.
const DEFAULT_SIZE: u64 = 25 << 20;
const SIZES: RangeInclusive<u64> = 1..=1 << 30;
/// Most types of the list.
const MAX_TYPES: usize = 200;

/// v12's list.
const DEFAULT_TYPES: [&str; 13] = [
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
pub(super) fn read(reader: &mut Reader<'_>) -> UploadRules {
    const TYPES: &str = "fileUpload.allowedMimeTypes";
    let max_file_size = reader.bytes("fileUpload.maxFileSize", SIZES).unwrap_or(DEFAULT_SIZE);
    let allowed_mime_types = match reader.value(TYPES) {
        None => DEFAULT_TYPES.map(str::to_owned).to_vec(),
        Some(value) => types(value).unwrap_or_else(|| {
            reader.refuse(TYPES, "a list of MIME types such as \"image/png\" or \"image/*\"");
            Vec::new()
        }),
    };
    UploadRules { max_file_size, allowed_mime_types }
}

fn types(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array().filter(|list| list.len() <= MAX_TYPES)?;
    list.iter()
        .map(|one| {
            let mime = one.as_str()?.trim().to_ascii_lowercase();
            let (kind, form) = mime.split_once('/')?;
            let is_token = |part: &str| {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
                !part.is_empty() && part.chars().all(allowed)
            };
            (is_token(kind) && (form == "*" || is_token(form))).then_some(mime)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_a_list_of_mime_types() {
        let read = types(&json!([" Image/PNG ", "audio/*", "image/svg+xml"]));
        assert_eq!(read.unwrap(), ["image/png", "audio/*", "image/svg+xml"]);
        assert_eq!(types(&json!([])), Some(Vec::new()), "nothing may come in");
        for wrong in
            [json!("image/png"), json!(["image"]), json!(["*"]), json!(["a/b/c"]), json!([5])]
        {
            assert_eq!(types(&wrong), None, "{wrong}");
        }
    }
}
