//! The folder of a bot's media: a file is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Bytes;
use parlance_core::ids::BotId;

use crate::clock::NoChance;
use crate::config::UploadConfig;

use super::kind::{self, KindError};
use super::name;

/// Puts files into bots' folders.
#[derive(Debug, Clone)]
pub struct MediaFolder {
    data_dir: PathBuf,
    uploads: Arc<UploadConfig>,
}

/// Why a file was not put there.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It may not be kept.
    #[error(transparent)]
    Kind(#[from] KindError),
    /// It is too large.
    #[error("the file has more than {0} bytes (fileUpload.maxFileSize)")]
    TooLarge(usize),
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

impl MediaFolder {
    /// The media below a data directory.
    pub fn new(data_dir: &Path, uploads: UploadConfig) -> Self {
        Self { data_dir: data_dir.to_owned(), uploads: Arc::new(uploads) }
    }

    /// Largest file that is kept, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.uploads.max_bytes
    }

    /// Keeps a file for a bot: `original` is its name elsewhere, `declared` the type that came with
    /// it. Gives the name under which the bot has it; it is on disk then.
    pub async fn keep(
        &self,
        bot: &BotId,
        original: &str,
        declared: Option<&str>,
        bytes: Bytes,
    ) -> Result<String, MediaError> {
        if bytes.len() > self.uploads.max_bytes {
            return Err(MediaError::TooLarge(self.uploads.max_bytes));
        }
        let original = name::cleaned(original);
        let extension = kind::check(&original, declared, &self.uploads.types)?;
        let name = name::new(&original, extension)?;
        let (folder, file) = (bot_folder(&self.data_dir, bot), name.clone());
        let written = tokio::task::spawn_blocking(move || write(&folder, &file, &bytes)).await;
        written.map_err(io::Error::other)??;
        Ok(name)
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    match fs::create_dir(folder) {
        // Not the bot's own folder: who deletes a bot does not want it back.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Hidden files are not given out.
    let unfinished = folder.join(format!(".{name}"));
    let written = File::create_new(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if placed.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(data: &Path) -> MediaFolder {
        let types = vec!["image/png".to_owned()];
        MediaFolder::new(data, UploadConfig { max_bytes: 10, types })
    }

    fn bot() -> BotId {
        BotId::parse("shop").unwrap()
    }

    #[tokio::test]
    async fn a_file_is_kept_under_a_name_of_its_own() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir_all(data.path().join("bots/shop")).unwrap();
        let media = folder(data.path());
        let (first, second) = (media.keep_png().await.unwrap(), media.keep_png().await.unwrap());
        assert!(first.ends_with("-b.png") && first != second, "{first}");
        let there = bot_folder(data.path(), &bot());
        assert_eq!(fs::read(there.join(first)).unwrap(), b"png");
        assert_eq!(fs::read_dir(there).unwrap().count(), 2);
    }

    #[tokio::test]
    async fn what_may_not_be_kept_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir_all(data.path().join("bots/shop")).unwrap();
        let media = folder(data.path());
        let keep = |name: &'static str, bytes: &'static [u8]| {
            let media = media.clone();
            async move { media.keep(&bot(), name, None, Bytes::from_static(bytes)).await }
        };
        assert!(matches!(keep("a.html", b"x").await, Err(MediaError::Kind(_))));
        assert!(matches!(keep("a.png", b"12345678901").await, Err(MediaError::TooLarge(10))));
        assert!(!bot_folder(data.path(), &bot()).exists());
    }

    #[tokio::test]
    async fn a_bot_that_is_gone_does_not_come_back() {
        let data = tempfile::tempdir().unwrap();
        let kept = folder(data.path()).keep_png().await;
        assert!(matches!(kept, Err(MediaError::NotWritten(_))), "{kept:?}");
        assert!(!data.path().join("bots").exists());
    }

    impl MediaFolder {
        async fn keep_png(&self) -> Result<String, MediaError> {
            self.keep(&bot(), "/a/b.png", Some("image/png"), Bytes::from_static(b"png")).await
        }
    }
}
