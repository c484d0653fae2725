//! Media that come in, for a bot or for the server (`spec` http 3.6; `reference` reliability 5.7).
//!
//! Size is checked while the bytes come, types before (declared, and by the name's ending) and, for
//! images, by content. A file is there as a whole or not at all, under a name that nobody can guess.
//! Serving does not live here.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use parlance_core::ids::BotId;

use super::sniff::{HEAD, can_be_told, sniff};
use crate::clock::{NoChance, unguessable};
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
    /// The bot's.
    Bot(BotId),
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

/// Takes files in.
#[derive(Debug, Clone)]
pub struct MediaFolder {
    data_dir: PathBuf,
    rules: Arc<UploadRules>,
}

/// Why a file was not taken in. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It may not come in.
    #[error("the file cannot be used: {0}")]
    Refused(String),
    /// It is too large.
    #[error("the file is larger than {limit} bytes; `fileUpload.maxFileSize` sets the limit")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// There is no such bot.
    #[error("there is no bot \"{0}\"")]
    NoBot(BotId),
    /// It can have no name.
    #[error(transparent)]
    NoChance(#[from] NoChance),
    /// It could not be written.
    #[error("the file could not be written: {0}")]
    NotWritten(#[from] io::Error),
}

/// Where the media of a bot lie.
pub fn bot_folder(data_dir: &Path, bot: &BotId) -> PathBuf {
    data_dir.join("bots").join(bot.as_str()).join("media")
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

impl MediaFolder {
    /// The media below a data directory.
    pub fn new(data_dir: &Path, rules: UploadRules) -> Self {
        Self { data_dir: data_dir.to_owned(), rules: Arc::new(rules) }
    }

    /// What may come in.
    pub fn rules(&self) -> &UploadRules {
        &self.rules
    }

    /// Begins to take a file in, called `name` and declared to be of the MIME type `declared`.
    pub fn receive(
        &self,
        place: &MediaPlace,
        name: &str,
        declared: &str,
    ) -> Result<Upload, MediaError> {
        let rules = &*self.rules;
        let name = plain_name(name);
        let declared = plain_mime(declared);
        let by_name = mime_guess::from_path(&name).iter_raw().map(plain_mime).collect::<Vec<_>>();
        let by_name = by_name.iter().find(|mime| rules.allow(mime)).or(by_name.first()).cloned();
        let by_name = by_name.unwrap_or_default();
        // Who declares nothing says it with the name.
        let declared = if declared.is_empty() { by_name.clone() } else { declared };
        for (mime, origin) in [(&declared, "is declared to be"), (&by_name, "is, by its ending,")] {
            if !rules.allow(mime) {
                let shown = if mime.is_empty() { "of no known type" } else { mime.as_str() };
                return Err(MediaError::Refused(format!(
                    "it {origin} {}; allowed are {}",
                    parlance_core::bot::plain_excerpt(shown),
                    rules.allowed_mime_types.join(", ")
                )));
            }
        }
        let folder = self.folder(place);
        make(place, &folder)?;
        let left = MAX_TOTAL.saturating_sub(total(&folder));
        if left == 0 {
            let problem = format!("there are {} MiB of media already", MAX_TOTAL >> 20);
            return Err(MediaError::Refused(problem));
        }
        let draft = draft_in(&folder, None)?;
        let (head, limit) = (Vec::new(), rules.max_file_size.min(left));
        Ok(Upload { draft, folder, name, declared, by_name, head, size: 0, limit })
    }
}

impl MediaFolder {
    fn folder(&self, place: &MediaPlace) -> PathBuf {
        match place {
            MediaPlace::Bot(bot) => bot_folder(&self.data_dir, bot),
            MediaPlace::Global => self.data_dir.join("global").join("media"),
        }
    }
}

impl Upload {
    /// Takes the next bytes; an error as soon as there are too many, or an image is none.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            return Err(MediaError::TooLarge { limit: self.limit });
        }
        if self.head.len() < HEAD {
            let missing = HEAD - self.head.len();
            self.head.extend_from_slice(bytes.get(..missing.min(bytes.len())).unwrap_or_default());
            if self.head.len() == HEAD {
                self.check_content()?;
            }
        }
        Ok(self.draft.write_all(bytes)?)
    }

    /// Stores the file, on disk; gives its name.
    pub fn finish(self) -> Result<StoredMedia, MediaError> {
        if self.size == 0 {
            return Err(MediaError::Refused("it is empty".to_owned()));
        }
        self.check_content()?;
        self.draft.as_file().sync_all()?;
        let random = unguessable(RANDOM)?;
        let name = format!("{random}-{}", self.name);
        let path = self.folder.join(&name);
        let kept = self.draft.persist_noclobber(path);
        kept.map_err(|error| error.error)?;
        sync_folder(&self.folder)?;
        Ok(StoredMedia { name, mime: self.by_name, size: self.size })
    }

    fn check_content(&self) -> Result<(), MediaError> {
        let found = sniff(&self.head);
        for said in [&self.declared, &self.by_name] {
            if can_be_told(said) && found != Some(said) || found.is_some_and(|found| found != said)
            {
                let found = found.unwrap_or("something else");
                let problem = format!("it is said to be {said}, but its content is {found}");
                return Err(MediaError::Refused(problem));
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

/// Makes the folder, but not that of the bot: who deletes a bot does not want it back.
fn make(place: &MediaPlace, folder: &Path) -> Result<(), MediaError> {
    match (fs::create_dir(folder), place) {
        (Err(error), MediaPlace::Bot(bot)) if error.kind() == io::ErrorKind::NotFound => {
            Err(MediaError::NoBot(bot.clone()))
        }
        (Err(error), MediaPlace::Global) if error.kind() == io::ErrorKind::NotFound => {
            Ok(fs::create_dir_all(folder)?)
        }
        (Err(error), _) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
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
#[path = "upload_tests.rs"]
mod tests;
