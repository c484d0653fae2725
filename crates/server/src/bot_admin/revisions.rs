//! A bot as it was: archives in `global/revisions/`, named `{botId}++{milliseconds}.tgz`, ten for each
//! bot (`spec` http 3.2, runtime 1.1).

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use parlance_core::ids::BotId;

use super::place::{Existing, SEPARATOR};
use super::{BotAdmin, BotAdminError, Inspection};
use crate::bots::archive;
use crate::files::{draft_in, sync_folder};

/// Revisions that are kept of a bot.
const MAX_REVISIONS: usize = 10;

/// A bot as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The file's name.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub made_on: i64,
}

impl BotAdmin {
    /// The bot's revisions, newest first.
    pub fn revisions(&self, id: &str) -> Result<Vec<Revision>, BotAdminError> {
        Ok(self.revisions_of(&self.found(id)?))
    }

    /// Keeps the bot as it is now. The oldest one goes when there are more than ten.
    pub fn create_revision(&self, id: &str) -> Result<Revision, BotAdminError> {
        let bot = self.found(id)?;
        let folder = self.revisions_folder();
        let failed = || BotAdminError::io("write a revision into", &folder);
        fs::create_dir_all(&folder).map_err(failed())?;
        let mut draft = draft_in(&folder, None).map_err(failed())?;
        self.export(id, std::io::BufWriter::new(draft.as_file_mut()))?;
        draft.flush().and_then(|()| draft.as_file().sync_all()).map_err(failed())?;
        let taken = self.revisions_of(&bot);
        let now = self.clock.millis();
        // Later than all there are, so that no name is used twice.
        let made_on = taken.first().map_or(now, |newest| now.max(newest.made_on + 1));
        let name = format!("{bot}{SEPARATOR}{made_on}.tgz");
        draft.persist_noclobber(folder.join(&name)).map_err(|error| failed()(error.error))?;
        sync_folder(&folder).map_err(failed())?;
        for old in self.revisions_of(&bot).into_iter().skip(MAX_REVISIONS) {
            self.remove_revision(&old.name);
        }
        Ok(Revision { name, made_on })
    }

    /// Makes the bot what it was. As it is now it goes to the trash.
    pub fn rollback(&self, id: &str, revision: &str) -> Result<Inspection, BotAdminError> {
        let bot = self.found(id)?;
        let wanted = revision.strip_suffix(".tgz").unwrap_or(revision);
        let known = self.revisions_of(&bot);
        let known = known.into_iter().find(|one| one.name.strip_suffix(".tgz") == Some(wanted));
        let known = known.ok_or_else(|| BotAdminError::NoRevision {
            bot: id.to_owned(),
            revision: parlance_core::bot::plain_excerpt(revision),
        })?;
        let archive = self.revisions_folder().join(known.name);
        let survey = archive::survey(&archive)?;
        self.import_as(&archive, &survey, (bot, None), Existing::Replace)
    }

    /// Removes all revisions of a bot; what cannot be removed is logged.
    pub(super) fn remove_revisions(&self, bot: &BotId) {
        for revision in self.revisions_of(bot) {
            self.remove_revision(&revision.name);
        }
    }

    fn remove_revision(&self, name: &str) {
        let path = self.revisions_folder().join(name);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "an old revision cannot be removed");
        }
    }

    fn revisions_folder(&self) -> PathBuf {
        self.data_dir.join("global").join("revisions")
    }

    fn revisions_of(&self, bot: &BotId) -> Vec<Revision> {
        let entries = fs::read_dir(self.revisions_folder()).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<Revision> = names
            .filter_map(|name| {
                let made_on = made_on(&name, bot.as_str())?;
                Some(Revision { name, made_on })
            })
            .collect();
        found.sort_by(|a, b| b.made_on.cmp(&a.made_on).then_with(|| a.name.cmp(&b.name)));
        found
    }
}

/// When the revision was made that has this name, if it is one of this bot. v12 writes a stage behind
/// the time where a workspace has stages.
fn made_on(name: &str, bot: &str) -> Option<i64> {
    let parts: Vec<&str> = name.strip_suffix(".tgz")?.split(SEPARATOR).collect();
    match parts.as_slice() {
        [id, time] | [id, time, _] if *id == bot => time.parse().ok().filter(|time| *time >= 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_bot_and_time() {
        for (name, expected) in [
            ("shop++12.tgz", Some(12)),
            ("shop++12++prod.tgz", Some(12)),
            ("shop2++12.tgz", None),
            ("my-shop++12.tgz", None),
            ("shop++x.tgz", None),
            ("shop++-1.tgz", None),
            ("shop.tgz", None),
            ("shop++12.zip", None),
        ] {
            assert_eq!(made_on(name, "shop"), expected, "{name}");
        }
    }
}
