//! Whether `botpress.config.json` is still the file that the server was started with.

use std::io;
use std::path::{Path, PathBuf};

use super::load::{FILE, read_file};
use crate::digest::sha256;

/// The file and what it was at the start.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    path: PathBuf,
    initial: String,
}

impl ConfigFile {
    /// The file of a data directory as it is now.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        Ok(Self { initial: hash(&path)?, path })
    }

    /// Hex SHA-256 of the file at the start; that of nothing where there was none.
    pub fn initial_hash(&self) -> &str {
        &self.initial
    }

    /// The same of the file as it is now. Reads it, so it blocks.
    pub fn current_hash(&self) -> io::Result<String> {
        hash(&self.path)
    }
}

fn hash(path: &Path) -> io::Result<String> {
    Ok(sha256(read_file(path)?.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_file_has_another_hash() {
        let folder = tempfile::tempdir().unwrap();
        let file = ConfigFile::open(folder.path()).unwrap();
        assert_eq!(file.current_hash().unwrap(), file.initial_hash(), "there is no file");
        std::fs::create_dir_all(folder.path().join("global")).unwrap();
        std::fs::write(folder.path().join(FILE), "{}").unwrap();
        assert_ne!(file.current_hash().unwrap(), file.initial_hash());
        let started = ConfigFile::open(folder.path()).unwrap();
        assert_eq!(started.current_hash().unwrap(), started.initial_hash());
    }
}
