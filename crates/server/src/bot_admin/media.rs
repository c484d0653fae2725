//! Media that come in, for a bot or for the server (`spec` http 3.6; `reference` reliability 5.7).
//!
//! Size is checked while the bytes come, types before (declared, and by the name's ending) and, for
//! images, by content. A file is there as a whole or not at all, under a name that nobody can guess.
//! Serving does not live here.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::bot_config::ConfigFile;
use super::sniff::{HEAD, can_be_told, sniff};
use super::{BotAdmin, BotAdminError};
use crate::clock::unguessable;
use crate::files::{draft_in, sync_folder};

/// Random characters in front of a stored name.
const RANDOM: usize = 20;
/// Longest original name that is kept, in bytes.
const MAX_NAME: usize = 150;
/// Most bytes of a bot's media together, and of the server's.
const MAX_TOTAL: u64 = 1 << 30;
/// Most files that are counted.
const MAX_FILES: usize = 20_000;

/// Whose media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaPlace {
    /// The bot's with this id.
    Bot(String),
    /// The server's.
    Global,
}

/// What may come in: `fileUpload` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRules {
    /// Largest file, in bytes.
    pub max_file_size: u64,
    /// MIME types in lower case; `image/*` allows a whole kind.
    pub allowed_mime_types: Vec<String>,
}

/// A file that has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMedia {
    /// Its name, under which it is served.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// Its bytes.
    pub size: u64,
}

/// A file that is coming in. Dropped before [`Upload::finish`], it is gone.
#[derive(Debug)]
pub struct Upload {
    draft: NamedTempFile,
    folder: PathBuf,
    name: String,
    declared: String,
    by_name: String,
    head: Vec<u8>,
    size: u64,
    limit: u64,
}

impl BotAdmin {
    /// Begins to take a file in, called `name` and declared to be of the MIME type `declared`.
    pub fn upload(
        &self,
        place: &MediaPlace,
        name: &str,
        declared: &str,
        rules: &UploadRules,
    ) -> Result<Upload, BotAdminError> {
        let owner = match place {
            MediaPlace::Bot(id) => {
                let id = self.found(id)?;
                let bots = self.place();
                ConfigFile::of(&bots, &id).refuse_if_locked(&id)?;
                bots.of(&id)
            }
            MediaPlace::Global => self.data_dir.join("global"),
        };
        let name = plain_name(name);
        let declared = plain_mime(declared);
        let by_name = mime_guess::from_path(&name).iter_raw().map(plain_mime).collect::<Vec<_>>();
        let by_name = by_name.iter().find(|mime| rules.allow(mime)).or(by_name.first()).cloned();
        let by_name = by_name.unwrap_or_default();
        for (mime, origin) in [(&declared, "is declared to be"), (&by_name, "is, by its ending,")] {
            if !rules.allow(mime) {
                let shown = if mime.is_empty() { "of no known type" } else { mime.as_str() };
                return Err(BotAdminError::invalid(
                    "the file",
                    format!(
                        "it {origin} {}; allowed are {}",
                        parlance_core::bot::plain_excerpt(shown),
                        rules.allowed_mime_types.join(", ")
                    ),
                ));
            }
        }
        let folder = owner.join("media");
        let failed = || BotAdminError::io("write a file into", &folder);
        fs::create_dir_all(&folder).map_err(failed())?;
        let left = MAX_TOTAL.saturating_sub(total(&folder));
        if left == 0 {
            let problem = format!("there are {} MiB of media already", MAX_TOTAL >> 20);
            return Err(BotAdminError::invalid("the file", problem));
        }
        let draft = draft_in(&folder, None).map_err(failed())?;
        let (head, limit) = (Vec::new(), rules.max_file_size.min(left));
        Ok(Upload { draft, folder, name, declared, by_name, head, size: 0, limit })
    }
}

impl Upload {
    /// Takes the next bytes; an error as soon as there are too many, or an image is none.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BotAdminError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            return Err(BotAdminError::TooLarge { limit: self.limit });
        }
        if self.head.len() < HEAD {
            let missing = HEAD - self.head.len();
            self.head.extend_from_slice(bytes.get(..missing.min(bytes.len())).unwrap_or_default());
            if self.head.len() == HEAD {
                self.check_content()?;
            }
        }
        self.draft.write_all(bytes).map_err(BotAdminError::io("write a file into", &self.folder))
    }

    /// Stores the file, on disk; gives its name.
    pub fn finish(self) -> Result<StoredMedia, BotAdminError> {
        if self.size == 0 {
            return Err(BotAdminError::invalid("the file", "it is empty"));
        }
        self.check_content()?;
        let failed = || BotAdminError::io("write a file into", &self.folder);
        self.draft.as_file().sync_all().map_err(failed())?;
        let random = unguessable(RANDOM).map_err(std::io::Error::other).map_err(failed())?;
        let name = format!("{random}-{}", self.name);
        let path = self.folder.join(&name);
        let kept = self.draft.persist_noclobber(path);
        kept.map_err(|error| BotAdminError::io("write a file into", &self.folder)(error.error))?;
        sync_folder(&self.folder).map_err(BotAdminError::io("write a file into", &self.folder))?;
        Ok(StoredMedia { name, mime: self.by_name, size: self.size })
    }

    fn check_content(&self) -> Result<(), BotAdminError> {
        let found = sniff(&self.head);
        for said in [&self.declared, &self.by_name] {
            if can_be_told(said) && found != Some(said) || found.is_some_and(|found| found != said)
            {
                let found = found.unwrap_or("something else");
                let problem = format!("it is said to be {said}, but its content is {found}");
                return Err(BotAdminError::invalid("the file", problem));
            }
        }
        Ok(())
    }
}

impl UploadRules {
    fn allow(&self, mime: &str) -> bool {
        self.allowed_mime_types.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(kind) if kind.ends_with('/') => mime.starts_with(kind),
            _ => allowed == mime,
        })
    }
}

/// A MIME type without parameters, in lower case, by its usual name.
fn plain_mime(mime: &str) -> String {
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let usual = match mime.as_str() {
        "image/jpg" | "image/pjpeg" => "image/jpeg",
        "image/x-png" => "image/png",
        "image/x-ms-bmp" | "image/x-bmp" => "image/bmp",
        "audio/mp3" | "audio/x-mpeg" => "audio/mpeg",
        "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "application/x-pdf" => "application/pdf",
        _ => return mime,
    };
    usual.to_owned()
}

/// The original name without folders, and with nothing in it that a URL or a file system takes for
/// something else; its ending stays.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = last.chars().filter(|c| !c.is_control()).map(plain).collect();
    let name = name.trim_matches(['.', '-']);
    let path = Path::new(name);
    let extension = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let extension = cut(extension, 20);
    let stem = match cut(stem, MAX_NAME - 21).trim_end_matches('.') {
        "" => "file",
        stem => stem,
    };
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

/// At most so many bytes of a text.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

/// Bytes of the files in a folder.
fn total(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES);
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

#[cfg(test)]
#[path = "media_tests.rs"]
mod tests;
