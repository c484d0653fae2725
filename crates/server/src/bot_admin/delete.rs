//! Deleting bots.
//!
//! A bot's folder goes to the trash, from where it can be put back by hand; its revisions go for good.
//! Its conversations stay in the database, as in v12: erasing what users said is another decision than
//! taking a bot off, and a bot that comes back goes on where it was.

use parlance_core::ids::BotId;

use super::bot_config::ConfigFile;
use super::{BotAdmin, BotAdminError};

impl BotAdmin {
    /// Takes a bot off: at once, as a whole.
    pub fn delete(&self, id: &str) -> Result<(), BotAdminError> {
        let missing = || BotAdminError::NoBot(id.to_owned());
        let bot = BotId::parse(id).ok_or_else(missing)?;
        let place = self.place();
        // Until no workspace names it: whoever brings another of its id comes before or after.
        let lock = place.lock()?;
        let is_there = place.of(&bot).is_dir();
        if is_there {
            ConfigFile::of(&place, &bot).refuse_if_locked(&bot)?;
            place.take_away(&lock, &bot, self.clock.millis())?;
        }
        // Also where an earlier attempt has come no further than this.
        let was_named = self.workspaces().remove_bot(id)?;
        drop(lock);
        self.reload_now(id);
        if !is_there && !was_named {
            return Err(missing());
        }
        self.remove_revisions(&bot);
        Ok(())
    }
}
