//! Archives on their way in and out: files that are gone when nobody needs them any more, at the latest
//! with the next start.

use std::fs::File;
use std::io::{BufWriter, Seek as _};
use std::path::PathBuf;

use super::place::Staging;
use super::{BotAdmin, BotAdminError, Exported};

/// A place for an archive that comes in. Dropped, it is gone.
#[derive(Debug)]
pub struct Intake(Staging);

impl Intake {
    /// Where the archive's bytes go; nothing is there yet.
    pub fn path(&self) -> PathBuf {
        self.0.archive()
    }
}

impl BotAdmin {
    /// Makes a place for an archive, on the disk of the bots.
    pub fn intake(&self) -> Result<Intake, BotAdminError> {
        Ok(Intake(self.place().stage()?))
    }

    /// Writes the bot's archive to a file without a name; it is read from its beginning.
    pub fn export_to_file(&self, id: &str) -> Result<(File, Exported), BotAdminError> {
        let staging = self.place().stage()?;
        let path = staging.archive();
        let failed = || BotAdminError::io("write", &path);
        let mut file = staging.nameless().map_err(failed())?;
        let exported = self.export(id, BufWriter::new(&file))?;
        file.rewind().map_err(failed())?;
        Ok((file, exported))
    }
}
