//! A bot's archive, `.tgz` as v11 and v12 export it → [`BotFiles`], or files on disk (`spec` runtime
//! 1.10, `reference` reliability 5.7).
//!
//! Data flows: file → `entries` (limits, `names`) → the one bot's folder in it → `placeholder` → who
//! asked. An archive is refused as a whole when it holds links, devices, names that lead out of it or
//! mean something else elsewhere, or unpacks to too much. Writing archives does not live here.

mod entries;
pub(crate) mod names;
pub(crate) mod placeholder;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use parlance_core::bot::{BotFiles, LeftOut, MAX_FILE_BYTES, Role};
use parlance_core::ids::BotId;

pub(crate) use entries::{MAX_ENTRIES, MAX_UNPACKED};
pub use names::NameProblem;

/// The file that makes a folder a bot.
const CONFIG: &str = "bot.config.json";

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no gzip-compressed tar archive, is damaged, or unpacks to too much.
    #[error("it is no readable .tgz archive: {0}")]
    Unreadable(#[from] io::Error),
    /// It holds something that a bot's archive has no use for.
    #[error("its entry \"{0}\" is neither a file nor a folder: links and devices are refused")]
    Unsafe(String),
    /// The name of an entry is refused.
    #[error("the name of its entry \"{name}\" {problem}")]
    Name {
        /// The name, cut to what can be shown.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// It has more entries than allowed.
    #[error("it has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// It holds no bot.
    #[error("it holds no bot.config.json")]
    NoBot,
    /// It holds several bots.
    #[error("it holds several bots: \"{0}\" and \"{1}\"")]
    SeveralBots(String, String),
    /// Its files cannot be written.
    #[error("its file \"{path}\" cannot be written: {error}")]
    Unwritable {
        /// The file's path in the archive.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// What an archive is, found by reading all of it once.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The folder of the one bot in it, with its slash at the end; empty for the archive's own root.
    root: String,
    /// The `id` that its configuration names, where it is a possible one.
    pub(crate) own_id: Option<BotId>,
}

/// How much of an archive belongs to its bot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Files.
    pub files: usize,
    /// Their bytes, together.
    pub bytes: u64,
}

/// Looks for the one bot in the archive at `path`, and checks all entries.
pub(crate) fn survey(path: &Path) -> Result<Survey, ArchiveError> {
    let mut found: Option<Survey> = None;
    entries::each_file(path, |name, _, bytes| {
        let folder = match name.strip_suffix(CONFIG) {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => return Ok(()),
        };
        if folder.split('/').any(|part| part == "node_modules") {
            return Ok(());
        }
        let read = bytes.take(MAX_FILE_BYTES as u64);
        let value: serde_json::Value = serde_json::from_reader(read).unwrap_or_default();
        let own_id = value.get("id").and_then(serde_json::Value::as_str).and_then(BotId::parse);
        match found.replace(Survey { root: folder.to_owned(), own_id }) {
            Some(first) => Err(ArchiveError::SeveralBots(first.root, folder.to_owned())),
            None => Ok(()),
        }
    })?;
    found.ok_or(ArchiveError::NoBot)
}

/// The files of the bot in the archive at `path` that play a part, with `id` put in where the
/// archive has a placeholder. Nothing is written.
pub(crate) fn read(
    path: &Path,
    survey: &Survey,
    id: &BotId,
) -> Result<(BotFiles, Amount), ArchiveError> {
    let mut files = BotFiles::default();
    let amount = each_of_bot(path, survey, |relative, bytes| {
        match BotFiles::role(relative) {
            Role::Unused => {}
            Role::Media => files.insert_media(relative),
            Role::Part => {
                let mut part = Vec::new();
                with_id(relative, bytes, id)
                    .take(MAX_FILE_BYTES as u64 + 1)
                    .read_to_end(&mut part)?;
                if part.len() > MAX_FILE_BYTES {
                    files.leave_out(relative, LeftOut::FileTooLarge);
                } else {
                    files.insert(relative, part);
                }
            }
        }
        Ok(())
    })?;
    Ok((files, amount))
}

/// Writes the files of the bot in the archive at `path` into the empty folder `to`, with `id` put in
/// where the archive has a placeholder. What was written before an error stays there. Not synced.
pub(crate) fn unpack(
    path: &Path,
    survey: &Survey,
    id: &BotId,
    to: &Path,
) -> Result<Amount, ArchiveError> {
    each_of_bot(path, survey, |relative, bytes| {
        let target = to.join(relative);
        let unwritable = |error| ArchiveError::Unwritable { path: relative.to_owned(), error };
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        // Never through something that is there already.
        let mut file = fs::File::create_new(&target).map_err(unwritable)?;
        io::copy(&mut with_id(relative, bytes, id), &mut file)?;
        Ok(())
    })
}

fn each_of_bot(
    path: &Path,
    survey: &Survey,
    mut visit: impl FnMut(&str, &mut dyn Read) -> Result<(), ArchiveError>,
) -> Result<Amount, ArchiveError> {
    let mut amount = Amount::default();
    entries::each_file(path, |name, size, bytes| {
        let Some(relative) = name.strip_prefix(survey.root.as_str()) else {
            return Ok(());
        };
        amount.files += 1;
        amount.bytes += size;
        visit(relative, bytes)
    })?;
    Ok(amount)
}

fn with_id<'r>(path: &str, bytes: &'r mut dyn Read, id: &BotId) -> Box<dyn Read + 'r> {
    if placeholder::is_json(path) {
        Box::new(placeholder::with_id(bytes, id))
    } else {
        Box::new(bytes)
    }
}

#[cfg(test)]
mod tests;
