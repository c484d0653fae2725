//! A bot's archive, `.tgz` as v11 and v12 export it → [`BotFiles`] (`spec` runtime 1.10).
//!
//! Nothing is written to disk. An archive is refused as a whole when it holds links, devices,
//! absolute paths or `..`, or unpacks to too much.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;
use parlance_core::bot::{BotFiles, LeftOut, MAX_FILE_BYTES, Role};
use parlance_core::ids::BotId;
use tar::{Archive, Entry, EntryType};

/// Most entries of an archive.
const MAX_ENTRIES: usize = 20_000;
/// Most bytes of an archive, unpacked.
const MAX_UNPACKED: u64 = 512 << 20;
/// Most unpacked bytes for each packed one, beyond [`RATIO_FREE`].
const MAX_RATIO: u64 = 100;
/// So much may always come out: small archives of repetitive files pack very well.
const RATIO_FREE: u64 = 8 << 20;

/// What stands for the bot's id in the files of an archive.
const PLACEHOLDER: &[u8] = b"/bots/BOT_ID_PLACEHOLDER/";

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no gzip-compressed tar archive, or cannot be read.
    #[error("it is no readable .tgz archive: {0}")]
    Unreadable(#[from] io::Error),
    /// It holds something that a bot's archive has no use for.
    #[error("its entry \"{0}\" is a link, a device, or leads out of the archive")]
    Unsafe(String),
    /// It has more entries than allowed.
    #[error("it has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// It holds no bot.
    #[error("it holds no bot.config.json")]
    NoBot,
    /// It holds several bots.
    #[error("it holds several bots: \"{0}\" and \"{1}\"")]
    SeveralBots(String, String),
}

/// The files of the bot in the archive at `path`, with `id` put in where the archive has a
/// placeholder.
pub(super) fn read(path: &Path, id: &BotId) -> Result<BotFiles, ArchiveError> {
    let root = root(path)?;
    let mut files = BotFiles::default();
    each_entry(path, |name, entry| {
        let Some(relative) = name.strip_prefix(root.as_str()) else {
            return Ok(());
        };
        match BotFiles::role(relative) {
            Role::Unused => {}
            Role::Media => files.insert_media(relative),
            Role::Part => {
                let mut bytes = Vec::new();
                entry.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
                if bytes.len() > MAX_FILE_BYTES {
                    files.leave_out(relative, LeftOut::FileTooLarge);
                } else {
                    files.insert(relative, with_id(bytes, id));
                }
            }
        }
        Ok(())
    })?;
    Ok(files)
}

/// The `id` that the archive's own configuration names, where it is a possible one.
pub(super) fn own_id(path: &Path) -> Result<Option<BotId>, ArchiveError> {
    let config = format!("{}bot.config.json", root(path)?);
    let mut id = None;
    each_entry(path, |name, entry| {
        if name == config {
            let value: serde_json::Value =
                serde_json::from_reader(entry.take(MAX_FILE_BYTES as u64)).unwrap_or_default();
            id = value.get("id").and_then(serde_json::Value::as_str).and_then(BotId::parse);
        }
        Ok(())
    })?;
    Ok(id)
}

/// The folder of the one bot in the archive, with its slash at the end; checks all entries.
fn root(path: &Path) -> Result<String, ArchiveError> {
    let mut found: Option<String> = None;
    each_entry(path, |name, _| {
        let folder = match name.strip_suffix("bot.config.json") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => return Ok(()),
        };
        let noise =
            |part: &str| part.starts_with('.') || part == "__MACOSX" || part == "node_modules";
        if folder.split('/').any(noise) || found.as_deref() == Some(folder) {
            return Ok(());
        }
        match found.replace(folder.to_owned()) {
            Some(first) => Err(ArchiveError::SeveralBots(first, folder.to_owned())),
            None => Ok(()),
        }
    })?;
    found.ok_or(ArchiveError::NoBot)
}

/// Calls `visit` for every file of the archive, with its normalised path.
fn each_entry(
    path: &Path,
    mut visit: impl FnMut(&str, Entry<'_, Bounded>) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let file = File::open(path)?;
    let packed = file.metadata()?.len();
    let allowed = MAX_UNPACKED.min(packed.saturating_mul(MAX_RATIO).max(RATIO_FREE));
    let reader = Bounded { inner: MultiGzDecoder::new(io::BufReader::new(file)), left: allowed };
    for (count, entry) in Archive::new(reader).entries()?.enumerate() {
        if count == MAX_ENTRIES {
            return Err(ArchiveError::TooManyEntries);
        }
        let entry = entry?;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                let name = normalised(&entry)?;
                visit(&name, entry)?;
            }
            EntryType::Directory => {
                normalised(&entry)?;
            }
            EntryType::XGlobalHeader => {}
            _ => return Err(ArchiveError::Unsafe(shown(&entry))),
        }
    }
    Ok(())
}

/// The entry's path with `/`, without `./`.
fn normalised(entry: &Entry<'_, Bounded>) -> Result<String, ArchiveError> {
    let unsafe_path = || ArchiveError::Unsafe(shown(entry));
    let path = entry.path().map_err(|_| unsafe_path())?;
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str().ok_or_else(unsafe_path)?),
            Component::CurDir => {}
            _ => return Err(unsafe_path()),
        }
    }
    Ok(parts.join("/"))
}

fn shown(entry: &Entry<'_, Bounded>) -> String {
    parlance_core::bot::plain_excerpt(&String::from_utf8_lossy(&entry.path_bytes()))
}

/// Puts the bot's id in the place of the placeholder.
fn with_id(bytes: Vec<u8>, id: &BotId) -> Vec<u8> {
    let find = |bytes: &[u8]| bytes.windows(PLACEHOLDER.len()).position(|part| part == PLACEHOLDER);
    let Some(mut at) = find(&bytes) else {
        return bytes;
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    loop {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(format!("/bots/{id}/").as_bytes());
        rest = after.get(PLACEHOLDER.len()..).unwrap_or_default();
        match find(rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(rest);
    out
}

/// What comes out of the decompressor, up to a limit.
struct Bounded {
    inner: MultiGzDecoder<io::BufReader<File>>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than {} MiB, or to more than {MAX_RATIO} times its size",
                MAX_UNPACKED >> 20
            ))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
