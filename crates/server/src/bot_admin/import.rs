//! `.tgz` → a bot that is served (`spec` http 3.2, runtime 1.10; `reference` reliability 5.7).
//!
//! First a dry run, which writes nothing: the archive's limits, its one bot, and the report that
//! `parlance check` would give. Then everything is unpacked beside the bots and put in its place at once.

use std::path::Path;

use parlance_core::bot::{BotConfig, BotFiles, Provided, Report, load};
use parlance_core::ids::BotId;
use serde_json::json;

use super::bot_config::ConfigFile;
use super::place::{Existing, Staging};
use super::{BotAdmin, BotAdminError, new_id};
use crate::bots::archive::{self, Survey};
use crate::bots::{Amount, Source};
use crate::workspaces::{DEFAULT_WORKSPACE, Workspace};

/// The id of a bot that comes in, and the workspace that gets it: `None` when it has one already.
pub(super) type Target = (BotId, Option<String>);

/// How an archive shall be imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The bot's id; the one that the archive names where nothing is said. A workspace's prefix is
    /// put in front.
    pub id: Option<String>,
    /// Whether it may replace a bot that is there.
    pub overwrite: bool,
    /// The workspace that gets it. Where nothing is said, a bot that is replaced stays where it is,
    /// and a new one comes into `default` or the first one.
    pub workspace: Option<String>,
}

/// What an archive holds, and what would come of importing it.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The id that the bot gets.
    pub id: BotId,
    /// The id that the archive names.
    pub own_id: Option<BotId>,
    /// The workspace that gets it; `None` when it stays where it is.
    pub workspace: Option<String>,
    /// Whether there is a bot of this id, which would be replaced.
    pub exists: bool,
    /// Its files.
    pub amount: Amount,
    /// Its configuration as it stands in the archive; `None` when the bot cannot run, and so is not
    /// imported.
    pub config: Option<BotConfig>,
    /// What `parlance check` would say.
    pub report: Report,
}

impl BotAdmin {
    /// Looks at an archive without writing anything. Refuses what [`BotAdmin::import`] would, but for a
    /// bot that cannot run and an id that is taken: both are in the answer.
    pub fn inspect(
        &self,
        archive: &Path,
        options: &ImportOptions,
    ) -> Result<Inspection, BotAdminError> {
        let survey = archive::survey(archive)?;
        self.look(archive, &survey, self.chosen(&survey, options)?)
    }

    /// Imports an archive: all of it or nothing. The bot that it replaces goes to the trash; turns
    /// that are under way there end as they began.
    pub fn import(
        &self,
        archive: &Path,
        options: &ImportOptions,
    ) -> Result<Inspection, BotAdminError> {
        let survey = archive::survey(archive)?;
        let existing = if options.overwrite { Existing::Replace } else { Existing::Keep };
        self.import_as(archive, &survey, self.chosen(&survey, options)?, existing)
    }

    /// Imports an archive under a certain id.
    pub(super) fn import_as(
        &self,
        archive: &Path,
        survey: &Survey,
        target: Target,
        existing: Existing,
    ) -> Result<Inspection, BotAdminError> {
        let inspection = self.look(archive, survey, target)?;
        if inspection.config.is_none() {
            return Err(BotAdminError::CannotRun(Box::new(inspection.report)));
        }
        let (place, id) = (self.place(), &inspection.id);
        if inspection.exists && existing == Existing::Keep {
            let hint = "; overwrite it, or choose another id";
            return Err(BotAdminError::Exists { id: id.to_string(), hint });
        }
        if place.of(id).is_dir() {
            ConfigFile::of(&place, id).refuse_if_locked(id)?;
        }
        let staged = place.stage()?;
        archive::unpack(archive, survey, id, &staged.bot())?;
        ConfigFile::in_folder(&staged.bot()).rename(id)?;
        self.settle(&staged, &(id.clone(), inspection.workspace.clone()), existing)?;
        self.reload_now(id.as_str());
        Ok(inspection)
    }

    /// Puts a new bot in its place and names it in its workspace: one at a time, so that nobody gets
    /// the place, or the bot, of another.
    pub(super) fn settle(
        &self,
        staged: &Staging,
        (id, workspace): &Target,
        existing: Existing,
    ) -> Result<(), BotAdminError> {
        staged.sync()?;
        let place = self.place();
        let lock = place.lock()?;
        // Others may have been at work since the target was chosen.
        self.refuse_foreign(id, workspace.as_deref())?;
        place.put(&lock, staged, id, existing, self.clock.millis())?;
        let Some(workspace) = workspace else { return Ok(()) };
        let named = self.workspaces().add_bot(workspace, id.as_str());
        named.map_err(|error| BotAdminError::NotNamed { bot: id.to_string(), error })
    }

    /// An error when the id is that of a bot in another workspace, or where nobody names it although
    /// it shall stay where it is.
    fn refuse_foreign(&self, id: &BotId, workspace: Option<&str>) -> Result<(), BotAdminError> {
        let homes = self.workspaces().of_bot(id.as_str())?;
        match workspace {
            // Whoever may write to one workspace may not therefore replace the bots of another.
            Some(own) if !homes.is_empty() && !homes.iter().any(|home| home == own) => {
                let hint = ", in another workspace; choose another id";
                Err(BotAdminError::Exists { id: id.to_string(), hint })
            }
            None if homes.is_empty() => {
                Err(BotAdminError::Busy("the bot was taken away meanwhile".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The id that a bot gets in a workspace; an error where it cannot come in under it.
    pub fn landing(&self, wanted: &str, workspace: &str) -> Result<BotId, BotAdminError> {
        Ok(self.target(wanted, Some(workspace))?.0)
    }

    fn look(
        &self,
        archive: &Path,
        survey: &Survey,
        (id, workspace): Target,
    ) -> Result<Inspection, BotAdminError> {
        let (mut files, amount) = archive::read(archive, survey, &id)?;
        self.substitute(&mut files);
        let shared = Source::DataDir(self.data_dir.clone()).shared();
        let provided = Provided { native_action: &self.given.native_action, shared: &shared };
        let loaded = load(&id, &files, provided);
        Ok(Inspection {
            exists: self.place().is_taken(&id),
            id,
            own_id: survey.own_id.clone(),
            workspace,
            amount,
            config: loaded.bot.map(|bot| bot.config),
            report: loaded.report,
        })
    }

    fn chosen(&self, survey: &Survey, options: &ImportOptions) -> Result<Target, BotAdminError> {
        let wanted = options.id.as_deref().or(survey.own_id.as_ref().map(BotId::as_str));
        let wanted = wanted.ok_or_else(|| {
            BotAdminError::invalid(
                "the bot id",
                "the archive's bot.config.json names none that is possible; choose one",
            )
        })?;
        self.target(wanted, options.workspace.as_deref())
    }

    /// The id of a bot that comes in, and the workspace that gets it: `None` when it has one already.
    pub(super) fn target(
        &self,
        wanted: &str,
        workspace: Option<&str>,
    ) -> Result<Target, BotAdminError> {
        let all = self.workspaces().list()?;
        let names = |one: &&Workspace, id: &str| one.bots.iter().any(|bot| bot == id);
        let target = if let Some(id) = workspace {
            self.workspaces().get(id)?
        } else {
            // As it is, in a workspace that has it: it stays there.
            if all.iter().any(|one| names(&one, wanted)) {
                return Ok((new_id(wanted)?, None));
            }
            let default = all.iter().find(|one| one.id == DEFAULT_WORKSPACE);
            let first = default.or_else(|| all.iter().find(|one| !one.id.is_empty()));
            first.cloned().ok_or_else(|| {
                BotAdminError::invalid("the workspace", "there is none; make one first")
            })?
        };
        let is_there = names(&&target, wanted);
        let id = new_id(&if is_there { wanted.to_owned() } else { target.bot_id(wanted) })?;
        self.refuse_foreign(&id, Some(&target.id))?;
        Ok((id, Some(target.id)))
    }

    /// Puts the environment into the bot's configuration, as loading does.
    pub(super) fn substitute(&self, files: &mut BotFiles) {
        let config = files.get("bot.config.json").and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = config.map(&self.given.substitute) {
            files.insert("bot.config.json", text.into_bytes());
        }
    }
}

impl ConfigFile {
    /// Gives the bot another id: the configuration's `id`, and a `name` that tells it from the bot it
    /// came from. A configuration that has the id already stays as it is, byte for byte.
    fn rename(&self, id: &BotId) -> Result<(), BotAdminError> {
        self.edit(|document, fields| {
            let text = |key: &str| fields.get(key).and_then(serde_json::Value::as_str);
            if text("id") == Some(id.as_str()) {
                return Ok(());
            }
            if let Some(name) = text("name").filter(|name| *name != id.as_str()) {
                document.set("name", &json!(format!("{name} ({id})")))?;
            }
            document.set("id", &json!(id))
        })
    }
}
