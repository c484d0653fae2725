//! Where bots' folders lie, and how one takes the place of another.
//!
//! A hidden folder beside the bots holds what is in the making (`staging`), what was set aside while
//! another took its place (`old`), and what was taken away (`trash`). It is on the same file system, so
//! that a rename is all it takes; loading passes it by.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parlance_core::ids::BotId;
use tempfile::TempDir;

use super::BotAdminError;
use crate::files::{FileLock, sync_folder, sync_tree};

/// The hidden folder in `bots/`.
pub(super) const HIDDEN: &str = ".parlance";
/// Bots in the trash; older ones are gone for good.
const MAX_TRASH: usize = 20;
/// Between an id and a time; no id holds it.
pub(super) const SEPARATOR: &str = "++";

/// Whether a bot that is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Keep,
    Replace,
}

/// The folder `bots` of a data directory.
#[derive(Debug)]
pub(super) struct Place {
    bots: PathBuf,
}

/// A bot in the making. Dropped, it is gone.
#[derive(Debug)]
pub(super) struct Staging {
    folder: TempDir,
    _lock: FileLock,
}

impl Staging {
    /// The new bot's folder, empty at first.
    pub(super) fn bot(&self) -> PathBuf {
        self.folder.path().join("bot")
    }

    /// A file beside that folder, for what the bot is made of.
    pub(super) fn archive(&self) -> PathBuf {
        self.folder.path().join("archive.tgz")
    }

    /// A file without a name, which is gone once it is closed.
    pub(super) fn nameless(&self) -> io::Result<File> {
        tempfile::tempfile_in(self.folder.path())
    }

    /// Brings the new bot's files to the disk, before it is put in its place.
    pub(super) fn sync(&self) -> Result<(), BotAdminError> {
        sync_tree(&self.bot()).map_err(BotAdminError::io("write", &self.bot()))
    }
}

impl Place {
    pub(super) fn new(data_dir: &Path) -> Self {
        Self { bots: data_dir.join("bots") }
    }

    /// The folder of a bot, whether or not it is there.
    pub(super) fn of(&self, id: &BotId) -> PathBuf {
        self.bots.join(id.as_str())
    }

    pub(super) fn hidden(&self, name: &str) -> PathBuf {
        self.bots.join(HIDDEN).join(name)
    }

    /// Whether something is there under this id, in whatever case: some file systems tell no case.
    pub(super) fn is_taken(&self, id: &BotId) -> bool {
        fs::symlink_metadata(self.of(id)).is_ok() || self.twin(id).is_some()
    }

    /// A folder whose name differs from the id in case alone.
    fn twin(&self, id: &BotId) -> Option<String> {
        let entries = fs::read_dir(&self.bots).ok()?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name != id.as_str()).find(|name| name.eq_ignore_ascii_case(id.as_str()))
    }

    /// An empty folder for a new bot. As long as it lives, no start sweeps it away.
    pub(super) fn stage(&self) -> Result<Staging, BotAdminError> {
        let lock_path = self.hidden("staging.lock");
        let lock = FileLock::shared(&lock_path).map_err(BotAdminError::lock(&lock_path))?;
        let staging = self.hidden("staging");
        let failed = || BotAdminError::io("make a folder in", &staging);
        fs::create_dir_all(&staging).map_err(failed())?;
        let folder = tempfile::tempdir_in(&staging).map_err(failed())?;
        let staged = Staging { folder, _lock: lock };
        fs::create_dir(staged.bot()).map_err(failed())?;
        Ok(staged)
    }

    /// For whoever changes bots' folders or files: one at a time.
    pub(super) fn lock(&self) -> Result<FileLock, BotAdminError> {
        let path = self.hidden("lock");
        FileLock::exclusive(&path).map_err(BotAdminError::lock(&path))
    }

    /// For whoever reads a bot as a whole: no change meanwhile.
    pub(super) fn lock_shared(&self) -> Result<FileLock, BotAdminError> {
        let path = self.hidden("lock");
        FileLock::shared(&path).map_err(BotAdminError::lock(&path))
    }

    /// Puts a staged bot in its place, at once. The one before goes to the trash, named by `now`,
    /// milliseconds since 1970. For who holds the [`lock`](Self::lock).
    pub(super) fn put(
        &self,
        _lock: &FileLock,
        staged: &Staging,
        id: &BotId,
        existing: Existing,
        now: i64,
    ) -> Result<(), BotAdminError> {
        let (new, place) = (staged.bot(), self.of(id));
        if let Some(twin) = self.twin(id) {
            return Err(BotAdminError::Exists { id: twin, hint: ", in other case" });
        }
        let failed = BotAdminError::io("put the bot into", &place);
        let is_there = fs::symlink_metadata(&place).is_ok();
        match (is_there, existing) {
            (false, _) => fs::rename(&new, &place).map_err(failed)?,
            (true, Existing::Keep) => {
                return Err(BotAdminError::Exists {
                    id: id.to_string(),
                    hint: "; overwrite it, or choose another id",
                });
            }
            (true, Existing::Replace) => {
                let old = if exchange(&new, &place).map_err(failed)? {
                    new
                } else {
                    self.replace_in_two_steps(&new, id)?
                };
                self.discard(&old, id, now)?;
            }
        }
        sync_folder(&self.bots).map_err(BotAdminError::io("write", &self.bots))
    }

    /// For file systems that cannot exchange: sets the old one aside, where [`Place::recover`] finds
    /// it. Gives the path where the old one is then.
    fn replace_in_two_steps(&self, new: &Path, id: &BotId) -> Result<PathBuf, BotAdminError> {
        let (place, aside) = (self.of(id), self.hidden("old").join(id.as_str()));
        let failed = || BotAdminError::io("put the bot into", &place);
        fs::create_dir_all(self.hidden("old")).map_err(failed())?;
        remove(&aside).map_err(failed())?;
        fs::rename(&place, &aside).map_err(failed())?;
        if let Err(error) = fs::rename(new, &place) {
            fs::rename(&aside, &place).map_err(failed())?;
            return Err(failed()(error));
        }
        Ok(aside)
    }

    /// Takes a bot away into the trash. For who holds the [`lock`](Self::lock).
    pub(super) fn take_away(
        &self,
        _lock: &FileLock,
        id: &BotId,
        now: i64,
    ) -> Result<(), BotAdminError> {
        self.discard(&self.of(id), id, now)?;
        sync_folder(&self.bots).map_err(BotAdminError::io("write", &self.bots))
    }

    /// Moves a folder into the trash, and the oldest there out of it.
    fn discard(&self, folder: &Path, id: &BotId, now: i64) -> Result<(), BotAdminError> {
        let trash = self.hidden("trash");
        let failed = || BotAdminError::io("move a bot into", &trash);
        fs::create_dir_all(&trash).map_err(failed())?;
        let free = |time: &i64| !trash.join(format!("{id}{SEPARATOR}{time}")).exists();
        let time = (now..).take(1000).find(free).unwrap_or(now);
        fs::rename(folder, trash.join(format!("{id}{SEPARATOR}{time}"))).map_err(failed())?;
        let mut kept: Vec<(i64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&trash).map_err(failed())?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let time = name.rsplit_once(SEPARATOR).and_then(|(_, time)| time.parse().ok());
            kept.push((time.unwrap_or(0), entry.path()));
        }
        kept.sort_unstable();
        for (_, path) in kept.iter().take(kept.len().saturating_sub(MAX_TRASH)) {
            if let Err(error) = remove(path) {
                tracing::warn!(path = %path.display(), %error, "cannot be removed from the trash");
            }
        }
        Ok(())
    }

    /// Ends what a crash has cut short: puts bots back that were set aside and have no successor, and
    /// removes what was in the making. Leaves alone what others are at work with.
    pub(super) fn recover(&self, now: i64) -> Result<(), BotAdminError> {
        if !self.bots.join(HIDDEN).is_dir() {
            return Ok(());
        }
        let path = self.hidden("lock");
        if let Some(_lock) = FileLock::if_free(&path).map_err(BotAdminError::lock(&path))? {
            for (name, aside) in entries(&self.hidden("old")) {
                let Some(id) = BotId::parse(&name) else { continue };
                if fs::symlink_metadata(self.of(&id)).is_ok() {
                    self.discard(&aside, &id, now)?;
                    continue;
                }
                fs::rename(&aside, self.of(&id)).map_err(BotAdminError::io("move back", &aside))?;
                tracing::warn!(bot = name, "put back: another had not quite taken its place");
            }
        }
        let path = self.hidden("staging.lock");
        if let Some(_lock) = FileLock::if_free(&path).map_err(BotAdminError::lock(&path))? {
            for (_, unfinished) in entries(&self.hidden("staging")) {
                remove(&unfinished).map_err(BotAdminError::io("remove", &unfinished))?;
                tracing::info!("a bot was removed that was never finished");
            }
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect()
}

/// Removes what is there, if anything; of a link the link alone.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Lets two paths change places at once; `false` where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Lets two paths change places at once; `false` where the system or the file system cannot.
#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
