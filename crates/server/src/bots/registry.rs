//! All bots of a server, ready to answer; swapped one by one when their files change.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use parlance_core::bot::{Bot, Report, Severity};

use super::Lookup;
use super::source::{Found, Source, SourceError, Surroundings};
use super::watch::{Changes, Watch};

/// What was found when the bots were loaded.
#[derive(Debug, Clone)]
pub struct BotReport {
    /// The bot's id.
    pub id: String,
    /// Whether it can be talked to.
    pub lookup: Lookup,
    /// What loading it found.
    pub report: Report,
}

/// The bots, by id. Cheap to clone; all clones see the same bots.
///
/// Reading takes a lock for the time of a look-up only. The thread that watches the files ends
/// with the last clone.
#[derive(Clone)]
pub struct Registry {
    bots: Arc<Bots>,
    _watch: Option<Arc<Watch>>,
}

/// The bots and where they come from.
pub(super) struct Bots {
    source: Source,
    given: Surroundings,
    table: RwLock<HashMap<String, Lookup>>,
    /// Problems of the listing that were logged already: they are told once, not at every change.
    told: Mutex<Vec<String>>,
    /// Bots that are mounted and could never be read.
    failed: Mutex<BTreeSet<String>>,
    /// What the last look at each mounted bot found.
    health: Mutex<BTreeMap<String, BotHealth>>,
    /// One reads bots again at a time, so that no older look overtakes a newer one.
    reloading: Mutex<()>,
}

/// How a bot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotStatus {
    /// It answers.
    Healthy,
    /// Its `bot.config.json` disables it.
    Disabled,
    /// Its files cannot be read as they are now. It may still answer as it was before.
    Unhealthy,
}

/// How a bot does, and what was found in its files (`spec` http 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BotHealth {
    /// In a word.
    pub status: BotStatus,
    /// Errors in its files; it runs without what they concern.
    pub errors: usize,
    /// Warnings about its files.
    pub warnings: usize,
}

/// How many bots are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// They answer.
    pub ready: usize,
    /// Their `bot.config.json` disables them.
    pub disabled: usize,
    /// They are mounted, but could not be read.
    pub failed: usize,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("source", &self.bots.source).finish_non_exhaustive()
    }
}

impl Registry {
    /// Loads all bots of `source` and watches their files from then on. Blocks for as long as that
    /// takes. When the files cannot be watched, that is logged and the bots stay as they are.
    ///
    /// A data directory gets its folders `bots` and `global` if it has none: only what is there
    /// can be watched.
    ///
    /// Gives the reports in the order of ids; they are logged, too.
    pub fn open(
        source: Source,
        given: Surroundings,
    ) -> Result<(Self, Vec<BotReport>), SourceError> {
        if let Source::DataDir(data) = &source {
            for folder in ["bots", "global"] {
                // A directory that cannot be written to is served as it is.
                let _ = std::fs::create_dir(data.join(folder));
            }
        }
        // Watching starts first: what changes while the bots are read is read again.
        let changes = Arc::new(Changes::default());
        let watcher = super::watch::start(&source, &changes);
        let bots = Bots {
            source,
            given,
            table: RwLock::default(),
            told: Mutex::default(),
            failed: Mutex::default(),
            health: Mutex::default(),
            reloading: Mutex::default(),
        };
        let mut reports = Vec::new();
        let problems = bots.source.load_all(&bots.given, |found, bot, report| {
            if found.mounted {
                let id = found.id.to_string();
                bots.put(&found, bot, &report);
                reports.push(BotReport { lookup: bots.get(&id), id, report });
            }
        })?;
        bots.tell(problems);
        let bots = Arc::new(bots);
        let watch = watcher.and_then(|watcher| Watch::spawn(watcher, changes, Arc::clone(&bots)));
        Ok((Self { bots, _watch: watch.map(Arc::new) }, reports))
    }

    /// The bot called `id`.
    pub fn get(&self, id: &str) -> Lookup {
        self.bots.get(id)
    }

    /// The ids of all bots, disabled ones among them, in order.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.bots.read().keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// How each mounted bot does, by id.
    pub fn health(&self) -> BTreeMap<String, BotHealth> {
        lock(&self.bots.health).clone()
    }

    /// Looks now which bots there are, and reads the one called `id` again. Blocks.
    pub fn reload(&self, id: &str) {
        self.bots.reload(|changed| changed == id);
    }

    /// How many bots are in which state now.
    pub fn census(&self) -> Census {
        let table = self.bots.read();
        let disabled = table.values().filter(|lookup| matches!(lookup, Lookup::Disabled)).count();
        let failed = lock(&self.bots.failed).len();
        Census { ready: table.len().saturating_sub(disabled), disabled, failed }
    }
}

impl Bots {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Lookup>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Lookup>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, id: &str) -> Lookup {
        self.read().get(id).cloned().unwrap_or(Lookup::Unknown)
    }

    /// Puts a bot in its place. One that cannot be read leaves the one before, if any.
    fn put(&self, found: &Found, bot: Option<Bot>, report: &Report) {
        let id = found.id.as_str();
        let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
        let status = match &bot {
            None => BotStatus::Unhealthy,
            Some(bot) if bot.config.disabled => BotStatus::Disabled,
            Some(_) => BotStatus::Healthy,
        };
        let health = BotHealth { status, errors, warnings };
        lock(&self.health).insert(id.to_owned(), health);
        let Some(bot) = bot else {
            let why = report.findings.iter().find(|finding| finding.severity == Severity::Error);
            let why = why.map(|finding| format!("{}: {}", finding.file, finding.problem));
            let why = why.unwrap_or_default();
            if matches!(self.get(id), Lookup::Unknown) {
                lock(&self.failed).insert(id.to_owned());
                tracing::error!(bot = id, why, "bot cannot be read; requests for it get 404");
            } else {
                tracing::error!(bot = id, why, "changed bot cannot be read; it runs on as it was");
            }
            return;
        };
        lock(&self.failed).remove(id);
        tracing::info!(bot = id, errors, warnings, disabled = bot.config.disabled, "bot loaded");
        if let Some(first) = report.findings.iter().find(|found| found.severity == Severity::Error)
        {
            let (file, problem, effect) = (&first.file, &first.problem, &first.effect);
            tracing::warn!(
                bot = id,
                errors,
                file,
                problem,
                effect,
                "bot has errors, of which this is the first; `parlance check` names all of them"
            );
        }
        let lookup =
            if bot.config.disabled { Lookup::Disabled } else { Lookup::Ready(Arc::new(bot)) };
        self.write().insert(id.to_owned(), lookup);
    }

    fn remove(&self, id: &str) {
        if self.write().remove(id).is_some() {
            tracing::info!(bot = id, "bot removed");
        }
    }

    /// Logs those problems of the listing that were not there before.
    fn tell(&self, problems: Vec<String>) {
        let mut told = lock(&self.told);
        for problem in problems.iter().filter(|problem| !told.contains(problem)) {
            tracing::warn!("{problem}");
        }
        *told = problems;
    }

    /// Reads bots again: those whose id `is_changed` says, or that are new. Removes those that
    /// are gone. Blocks.
    pub(super) fn reload(&self, is_changed: impl Fn(&str) -> bool) {
        let _alone = lock(&self.reloading);
        let mut listing = match self.source.bots() {
            Ok(listing) => listing,
            Err(error) => {
                tracing::error!(%error, "bots cannot be listed; they run on as they were");
                return;
            }
        };
        if listing.mounts_unknown {
            // A file that is half written must not open what its owner has taken away.
            let (known, failed) = (self.read(), lock(&self.failed));
            for found in &mut listing.bots {
                let id = found.id.as_str();
                found.mounted = known.contains_key(id) || failed.contains(id);
            }
        }
        self.tell(listing.problems);
        let shared = self.source.shared();
        let mounted: Vec<&Found> = listing.bots.iter().filter(|found| found.mounted).collect();
        let gone: Vec<String> = {
            let known = self.read();
            let kept = |id: &&String| !mounted.iter().any(|found| found.id.as_str() == id.as_str());
            known.keys().filter(kept).cloned().collect()
        };
        for id in gone {
            self.remove(&id);
        }
        let is_mounted = |id: &str| mounted.iter().any(|found| found.id.as_str() == id);
        lock(&self.failed).retain(|id| is_mounted(id));
        lock(&self.health).retain(|id, _| is_mounted(id));
        for found in mounted {
            let id = found.id.as_str();
            if is_changed(id) || !self.read().contains_key(id) {
                let loaded = self.source.load(found, &shared, &self.given);
                self.put(found, loaded.bot, &loaded.report);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
