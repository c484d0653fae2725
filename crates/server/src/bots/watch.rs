//! Watches the bots' files and has changed bots read again, on a thread of its own.
//!
//! Data flows: system → [`Changes`] (a set of ids, so that it cannot grow without end and many
//! changes of one bot are one) → the thread, once nothing has come for a moment → `Bots::reload`.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use parlance_core::bot::{BotFiles, Role};

use super::registry::Bots;
use super::source::Source;

/// Editors and copies write many files: the bots are read when nothing came for so long…
const QUIET: Duration = Duration::from_millis(100);
/// … or, if it never stops coming, after so long.
const PATIENCE: Duration = Duration::from_secs(2);
/// More ids than this at once, and all bots are read again.
const MAX_IDS: usize = 1_000;

/// What has changed since the bots were last read.
#[derive(Default)]
pub(super) struct Changes {
    pending: Mutex<Pending>,
    news: Condvar,
}

#[derive(Default)]
struct Pending {
    /// Ids of changed bots.
    ids: BTreeSet<String>,
    /// Something changed that concerns all bots.
    all: bool,
    /// The thread shall end.
    closed: bool,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.ids.is_empty() && !self.all
    }
}

/// What a change of a path concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Concerns {
    Nothing,
    Bot(String),
    All,
}

impl Changes {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, concerns: Concerns) {
        let mut pending = self.lock();
        match concerns {
            Concerns::Nothing => return,
            Concerns::Bot(id) if pending.ids.len() < MAX_IDS => {
                pending.ids.insert(id);
            }
            Concerns::Bot(_) | Concerns::All => pending.all = true,
        }
        drop(pending);
        self.news.notify_all();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.news.notify_all();
    }

    /// Waits for changes, and until they have come to rest. `None` when the thread shall end.
    fn take(&self) -> Option<Pending> {
        let idle = |pending: &mut Pending| pending.is_empty() && !pending.closed;
        let waited = self.news.wait_while(self.lock(), idle);
        let mut pending = waited.unwrap_or_else(PoisonError::into_inner);
        let latest = Instant::now() + PATIENCE;
        while !pending.closed && Instant::now() < latest {
            let waited = self.news.wait_timeout(pending, QUIET);
            let (next, quiet) = waited.unwrap_or_else(PoisonError::into_inner);
            pending = next;
            if quiet.timed_out() {
                break;
            }
        }
        if pending.closed { None } else { Some(std::mem::take(&mut *pending)) }
    }
}

/// Starts watching; `None`, logged, when there is nothing to watch or the system refuses.
pub(super) fn start(source: &Source, changes: &Arc<Changes>) -> Option<RecommendedWatcher> {
    let roots = roots(source);
    if roots.is_empty() {
        return None;
    }
    watcher(source, &roots, changes)
        .inspect_err(|error| {
            tracing::warn!(%error, "bots' files cannot be watched; changes need a restart");
        })
        .ok()
}

fn watcher(
    source: &Source,
    roots: &[PathBuf],
    changes: &Arc<Changes>,
) -> notify::Result<RecommendedWatcher> {
    let (source, changes) = (canonical(source), Arc::clone(changes));
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        for concerns in concerned(&source, event) {
            changes.note(concerns);
        }
    })?;
    for root in roots {
        watcher.watch(root, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// The folders to watch, as far as they exist.
fn roots(source: &Source) -> Vec<PathBuf> {
    let roots = match source {
        Source::DataDir(data) => vec![data.join("bots"), data.join("global")],
        Source::BotsFolder(folder) | Source::Bot(folder) => vec![folder.clone()],
        Source::Archive(_) => Vec::new(),
    };
    roots.into_iter().filter_map(|root| root.canonicalize().ok()).collect()
}

/// The source with the paths under which the system reports changes.
fn canonical(source: &Source) -> Source {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    match source {
        Source::DataDir(path) => Source::DataDir(real(path)),
        Source::BotsFolder(path) => Source::BotsFolder(real(path)),
        Source::Bot(path) => Source::Bot(real(path)),
        Source::Archive(path) => Source::Archive(real(path)),
    }
}

/// What an event of the system concerns. Reading files must concern nothing, or reading them
/// again would never end.
fn concerned(source: &Source, event: notify::Result<Event>) -> Vec<Concerns> {
    let event = match event {
        Ok(event) if event.need_rescan() => return vec![Concerns::All],
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(%error, "watching the bots' files failed; all bots are read again");
            return vec![Concerns::All];
        }
    };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return Vec::new(),
        _ => {}
    }
    event.paths.iter().map(|path| concerns(source, path)).collect()
}

fn concerns(source: &Source, path: &Path) -> Concerns {
    if let Source::Bot(folder) = source {
        let inside = path.strip_prefix(folder).ok().and_then(relative);
        return if inside.is_some_and(|inside| matters(&inside)) {
            Concerns::All
        } else {
            Concerns::Nothing
        };
    }
    if let Source::DataDir(data) = source
        && let Ok(global) = path.strip_prefix(data.join("global"))
    {
        let Some(global) = relative(global) else {
            return Concerns::Nothing;
        };
        return if global == "workspaces.json" || matters(&global) {
            Concerns::All
        } else {
            Concerns::Nothing
        };
    }
    let below =
        source.bots_folder().and_then(|bots| path.strip_prefix(bots).ok().and_then(relative));
    let Some(below) = below else {
        return Concerns::Nothing;
    };
    let (id, inside) = below.split_once('/').unwrap_or((&below, ""));
    match (id, matters(inside)) {
        ("", _) => Concerns::All,
        // Bots in the making and in the trash.
        (hidden, _) if hidden.starts_with('.') => Concerns::Nothing,
        (id, true) => Concerns::Bot(id.to_owned()),
        (_, false) => Concerns::Nothing,
    }
}

/// Whether a change of this path inside a bot's folder can change the bot.
fn matters(inside: &str) -> bool {
    let last = inside.rsplit('/').next().unwrap_or(inside);
    match BotFiles::role(inside) {
        Role::Part => true,
        // Given out as they are on disk; one comes with every file that a user sends.
        Role::Media => false,
        // Whole folders come and go, and mounted volumes are renewed by a link called `..data`.
        Role::Unused => !last.contains('.') || last.starts_with(".."),
    }
}

/// The path with `/`; `None` where it is no plain Unicode path.
fn relative(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join("/"))
}

/// The watching thread. Dropping this ends it.
pub(super) struct Watch {
    changes: Arc<Changes>,
    thread: Option<JoinHandle<()>>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Starts the thread that reads changed bots again; `None`, logged, when there can be none.
    pub(super) fn spawn(
        watcher: RecommendedWatcher,
        changes: Arc<Changes>,
        bots: Arc<Bots>,
    ) -> Option<Self> {
        let inbox = Arc::clone(&changes);
        let run = move || {
            while let Some(changed) = inbox.take() {
                bots.reload(|id| changed.all || changed.ids.contains(id));
            }
        };
        let thread = std::thread::Builder::new().name("bot-reload".to_owned()).spawn(run);
        match thread {
            Ok(thread) => Some(Self { changes, thread: Some(thread), _watcher: watcher }),
            Err(error) => {
                tracing::warn!(%error, "no thread to watch the bots' files; changes need a restart");
                None
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.changes.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches the bots' files had failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_concern_the_bot_they_are_in() {
        let source = Source::DataDir("/d".into());
        for (path, expected) in [
            ("/d/bots/shop/flows/a.flow.json", Concerns::Bot("shop".into())),
            ("/d/bots/shop", Concerns::Bot("shop".into())),
            ("/d/bots/shop/flows", Concerns::Bot("shop".into())),
            ("/d/bots/shop/..data", Concerns::Bot("shop".into())),
            ("/d/bots/shop/media", Concerns::Bot("shop".into())),
            ("/d/bots/shop/media/a.png", Concerns::Nothing),
            ("/d/bots/shop/flows/a.ui.json", Concerns::Nothing),
            ("/d/bots/shop/flows/.a.flow.json.swp", Concerns::Nothing),
            ("/d/bots/shop/models/x.model", Concerns::Nothing),
            ("/d/bots/.parlance/staging/x/bot/flows/a.flow.json", Concerns::Nothing),
            ("/d/bots", Concerns::All),
            ("/d/global/workspaces.json", Concerns::All),
            ("/d/global/actions/a.js", Concerns::All),
            ("/d/global/botpress.config.json", Concerns::Nothing),
            ("/d/storage/core.sqlite", Concerns::Nothing),
        ] {
            assert_eq!(concerns(&source, Path::new(path)), expected, "{path}");
        }
        let source = Source::Bot("/shop".into());
        assert_eq!(concerns(&source, Path::new("/shop/bot.config.json")), Concerns::All);
        assert_eq!(concerns(&source, Path::new("/shop/readme.md")), Concerns::Nothing);
    }

    #[test]
    fn reading_a_file_changes_nothing() {
        let source = Source::DataDir("/d".into());
        let path = PathBuf::from("/d/bots/shop/flows/a.flow.json");
        for (kind, count) in [
            (EventKind::Access(AccessKind::Open(AccessMode::Read)), 0),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), 0),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), 1),
            (EventKind::Create(notify::event::CreateKind::File), 1),
        ] {
            let event = Event::new(kind).add_path(path.clone());
            assert_eq!(concerned(&source, Ok(event)).len(), count, "{kind:?}");
        }
    }

    #[test]
    fn many_changes_are_one() {
        let changes = Changes::default();
        for n in 0..3 * MAX_IDS {
            changes.note(Concerns::Bot(format!("bot-{n}")));
        }
        let taken = changes.take().unwrap();
        assert!(taken.all && taken.ids.len() == MAX_IDS);
        changes.note(Concerns::Nothing);
        changes.close();
        assert!(changes.take().is_none());
    }
}
