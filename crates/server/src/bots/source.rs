//! Where bots come from: a data directory, a folder of bots, one bot's folder, or an archive.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use parlance_core::bot::{
    Bot, BotFiles, Finding, Loaded, Provided, Report, Severity, load, plain_excerpt,
};
use parlance_core::ids::BotId;

use super::archive::{self, ArchiveError};
use super::folder;
use crate::workspaces;

/// Most bots of one source.
const MAX_BOTS: usize = 10_000;

/// What the server gives to every bot, besides its files.
pub struct Surroundings {
    /// Whether an action of this name runs natively.
    pub native_action: fn(&str) -> bool,
    /// Puts the environment into the text of a configuration file (`spec` runtime 1.3).
    pub substitute: Box<dyn Fn(&str) -> String + Send + Sync>,
}

/// Where bots come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A data directory, with `bots/` and `global/`.
    DataDir(PathBuf),
    /// A folder that holds bots' folders.
    BotsFolder(PathBuf),
    /// The folder of one bot.
    Bot(PathBuf),
    /// A `.tgz` archive of one bot.
    Archive(PathBuf),
}

/// Why a path is no source of bots.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be looked at.
    #[error("cannot read {path}: {error}")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// It holds no bot.
    #[error(
        "{0} holds no bot: expected a data directory (with bots/), a folder of bots, a bot's \
         folder (with bot.config.json or flows/) or a .tgz archive"
    )]
    NoBots(String),
    /// The archive cannot be used.
    #[error("cannot use {path}: {error}")]
    Archive {
        /// The path.
        path: String,
        /// Why.
        error: ArchiveError,
    },
}

/// A bot that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The id under which it is addressed.
    pub id: BotId,
    /// Its folder or archive.
    pub path: PathBuf,
    /// Whether it is served: in a data directory with workspaces, one of them must name it.
    pub mounted: bool,
}

/// The bots of a source.
#[derive(Debug, Default)]
pub struct Listing {
    /// By id.
    pub bots: Vec<Found>,
    /// What is wrong with the source itself, in words for the operator.
    pub problems: Vec<String>,
    /// Whether it could not be found out which bots are mounted; then all are marked so.
    pub mounts_unknown: bool,
}

impl Source {
    /// Finds out what `path` is.
    pub fn detect(path: &Path) -> Result<Self, SourceError> {
        let shown = || path.display().to_string();
        let metadata =
            fs::metadata(path).map_err(|error| SourceError::Unreadable { path: shown(), error })?;
        let owned = path.to_owned();
        if metadata.is_file() {
            return Ok(Self::Archive(owned));
        }
        if looks_like_bot(path) {
            return Ok(Self::Bot(owned));
        }
        for root in [owned.clone(), owned.join("data")] {
            if root.join("bots").is_dir() {
                return Ok(Self::DataDir(root));
            }
        }
        let folders =
            list(path).map_err(|error| SourceError::Unreadable { path: shown(), error })?;
        if folders.iter().any(|(_, folder)| looks_like_bot(folder)) {
            return Ok(Self::BotsFolder(owned));
        }
        Err(SourceError::NoBots(shown()))
    }

    /// The folder that holds bots' folders, where there is one.
    pub(super) fn bots_folder(&self) -> Option<PathBuf> {
        match self {
            Self::DataDir(data) => Some(data.join("bots")),
            Self::BotsFolder(folder) => Some(folder.clone()),
            Self::Bot(_) | Self::Archive(_) => None,
        }
    }

    /// Lists the bots, in the order of their ids. A data directory without `bots/` has none.
    pub fn bots(&self) -> Result<Listing, SourceError> {
        match self {
            Self::DataDir(data) => mounted(data),
            Self::BotsFolder(folder) => folders(folder),
            Self::Bot(path) => {
                let name = path.canonicalize().unwrap_or_else(|_| path.clone());
                Ok(single(path, id_for(&name)))
            }
            Self::Archive(path) => {
                let survey = archive::survey(path).map_err(|error| SourceError::Archive {
                    path: path.display().to_string(),
                    error,
                })?;
                Ok(single(path, survey.own_id.or_else(|| id_for(path))))
            }
        }
    }

    /// The scripts that all bots share.
    pub(crate) fn shared(&self) -> BotFiles {
        match self {
            Self::DataDir(data) => folder::read(&data.join("global")).unwrap_or_default(),
            _ => BotFiles::default(),
        }
    }

    /// Reads and checks one bot.
    pub(super) fn load(&self, found: &Found, shared: &BotFiles, given: &Surroundings) -> Loaded {
        let files = match self {
            Self::Archive(path) => archive::survey(path)
                .and_then(|survey| archive::read(path, &survey, &found.id))
                .map(|(files, _)| files)
                .map_err(|error| error.to_string()),
            _ => folder::read_whole(&found.path).map_err(|error| error.to_string()),
        };
        let mut files = match files {
            Ok(files) => files,
            Err(problem) => return unreadable(problem),
        };
        let config = files.get("bot.config.json").and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = config.map(&given.substitute) {
            files.insert("bot.config.json", text.into_bytes());
        }
        load(&found.id, &files, Provided { native_action: &given.native_action, shared })
    }

    /// Loads every bot; `each` is called with each of them in the order of ids.
    pub fn load_all(
        &self,
        given: &Surroundings,
        mut each: impl FnMut(Found, Option<Bot>, Report),
    ) -> Result<Vec<String>, SourceError> {
        let listing = self.bots()?;
        let shared = self.shared();
        for found in listing.bots {
            let loaded = self.load(&found, &shared, given);
            each(found, loaded.bot, loaded.report);
        }
        Ok(listing.problems)
    }
}

fn single(path: &Path, id: Option<BotId>) -> Listing {
    let bots = id.map(|id| Found { id, path: path.to_owned(), mounted: true });
    Listing { bots: bots.into_iter().collect(), ..Listing::default() }
}

fn folders(folder: &Path) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    let folders = match list(folder) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
        Err(error) => {
            return Err(SourceError::Unreadable { path: folder.display().to_string(), error });
        }
    };
    for (name, path) in folders.into_iter().filter(|(_, path)| looks_like_bot(path)) {
        match BotId::parse(&name) {
            Some(id) => listing.bots.push(Found { id, path, mounted: true }),
            None => listing.problems.push(format!(
                "the folder \"{}\" holds a bot, but its name is no bot id: three or more of \
                 A-Z a-z 0-9 _ -, first and last a letter or digit; rename it",
                plain_excerpt(&name)
            )),
        }
    }
    if listing.bots.len() == MAX_BOTS {
        listing.problems.push(format!("bots beyond the first {MAX_BOTS} are left out"));
    }
    Ok(listing)
}

/// The bots of a data directory; only those are mounted that a workspace names.
fn mounted(data: &Path) -> Result<Listing, SourceError> {
    let mut listing = folders(&data.join("bots"))?;
    match workspaces::mounted(data) {
        Ok(None) => {}
        Ok(Some(named)) => {
            for found in &mut listing.bots {
                found.mounted = named.contains(found.id.as_str());
                if !found.mounted {
                    listing.problems.push(format!(
                        "the bot \"{}\" is not served: no workspace of global/workspaces.json \
                         names it under `bots`",
                        found.id
                    ));
                }
            }
            for name in named {
                if !listing.bots.iter().any(|found| found.id.as_str() == name) {
                    listing.problems.push(format!(
                        "global/workspaces.json names the bot \"{}\", which has no folder \
                         below bots/",
                        plain_excerpt(&name)
                    ));
                }
            }
        }
        Err(problem) => {
            listing.mounts_unknown = true;
            listing.problems.push(format!(
                "global/workspaces.json cannot be used: {problem}; a server that runs goes on with \
                 the bots it has, one that starts serves all bots"
            ));
        }
    }
    Ok(listing)
}

/// The report of a bot whose files cannot be read at all.
fn unreadable(problem: String) -> Loaded {
    let finding = Finding {
        severity: Severity::Error,
        code: "unreadable",
        file: ".".to_owned(),
        node: None,
        field: None,
        problem,
        effect: "the bot does not run; every request for it is answered with 404".to_owned(),
    };
    Loaded { bot: None, report: Report { findings: vec![finding], ..Report::default() } }
}

/// Whether the folder holds a bot; v12 wants the configuration, but some bots come without.
pub(super) fn looks_like_bot(folder: &Path) -> bool {
    folder.join("bot.config.json").is_file() || folder.join("flows").is_dir()
}

/// The folders in `folder` that are not hidden, by name.
fn list(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if !name.starts_with('.') && name != "__MACOSX" && entry.path().is_dir() {
            folders.push((name, entry.path()));
        }
        if folders.len() == MAX_BOTS {
            break;
        }
    }
    folders.sort_unstable();
    Ok(folders)
}

/// An id made of a folder's or archive's name.
fn id_for(path: &Path) -> Option<BotId> {
    let name = path.file_stem()?.to_string_lossy();
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }
    };
    let name: String = name.chars().map(allowed).collect();
    let name = name.trim_matches(['-', '_']);
    BotId::parse(name)
        .or_else(|| BotId::parse(&format!("bot-{name}")))
        .or_else(|| BotId::parse("bot"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_dir(bots: &[&str], workspaces: Option<&str>) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for bot in bots {
            fs::create_dir_all(dir.path().join("bots").join(bot).join("flows")).unwrap();
        }
        if let Some(text) = workspaces {
            fs::create_dir_all(dir.path().join("global")).unwrap();
            fs::write(dir.path().join("global/workspaces.json"), text).unwrap();
        }
        dir
    }

    fn listed(source: &Source) -> (Vec<(String, bool)>, Vec<String>) {
        let listing = source.bots().unwrap();
        let bots = listing.bots.into_iter().map(|found| (found.id.to_string(), found.mounted));
        (bots.collect(), listing.problems)
    }

    #[test]
    fn paths_are_recognised() {
        let dir = data_dir(&["shop"], None);
        let root = dir.path().to_owned();
        let bots = root.join("bots");
        assert_eq!(Source::detect(&root).unwrap(), Source::DataDir(root.clone()));
        assert_eq!(Source::detect(&bots).unwrap(), Source::BotsFolder(bots.clone()));
        assert_eq!(Source::detect(&bots.join("shop")).unwrap(), Source::Bot(bots.join("shop")));
        fs::rename(&bots, root.join("b")).unwrap();
        fs::create_dir(root.join("data")).unwrap();
        fs::rename(root.join("b"), root.join("data/bots")).unwrap();
        assert_eq!(Source::detect(&root).unwrap(), Source::DataDir(root.join("data")));
        let archive = root.join("a.tgz");
        fs::write(&archive, "x").unwrap();
        assert_eq!(Source::detect(&archive).unwrap(), Source::Archive(archive.clone()));
        assert!(matches!(Source::Archive(archive).bots(), Err(SourceError::Archive { .. })));
        fs::create_dir(root.join("empty")).unwrap();
        assert!(matches!(Source::detect(&root.join("empty")), Err(SourceError::NoBots(_))));
        assert!(matches!(Source::detect(&root.join("no")), Err(SourceError::Unreadable { .. })));
    }

    #[test]
    fn workspaces_decide_which_bots_are_mounted() {
        let all = ["a-bot", "b-bot"];
        for (workspaces, expected, problems) in [
            (None, [true, true], 0),
            (Some(r#"[{"bots": ["b-bot"]}]"#), [false, true], 1),
            (Some(r#"[{"bots": ["a-bot", "b-bot", "gone"]}]"#), [true, true], 1),
            (Some("[{]"), [true, true], 1),
        ] {
            let dir = data_dir(&all, workspaces);
            let (bots, found) = listed(&Source::DataDir(dir.path().to_owned()));
            assert_eq!(bots.iter().map(|(_, mounted)| *mounted).collect::<Vec<_>>(), expected);
            assert_eq!(found.len(), problems, "{found:?}");
        }
    }

    #[test]
    fn folders_that_are_no_bots_are_told_apart() {
        let dir = data_dir(&["shop", "no bot id", ".hidden"], None);
        fs::create_dir(dir.path().join("bots/empty")).unwrap();
        let (bots, problems) = listed(&Source::DataDir(dir.path().to_owned()));
        assert_eq!(bots, [("shop".to_owned(), true)]);
        assert!(problems.len() == 1 && problems[0].contains("\"no bot id\""), "{problems:?}");
        let empty = tempfile::tempdir().unwrap();
        assert!(listed(&Source::DataDir(empty.path().to_owned())).0.is_empty());
    }

    #[test]
    fn a_lone_bot_is_called_by_its_name() {
        for (name, id) in [("shop", "shop"), ("My Shop", "My-Shop"), ("é", "bot"), ("a", "bot-a")]
        {
            let path = Path::new("/x").join(name);
            assert_eq!(id_for(&path).unwrap().as_str(), id, "{name}");
        }
        assert_eq!(id_for(Path::new("bot_shop_1.tgz")).unwrap().as_str(), "bot_shop_1");
    }
}
