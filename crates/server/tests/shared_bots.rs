//! Bots that other people built, where a collection of them lies beside the project.

use std::path::PathBuf;

use parlance_core::bot::{Bot, Severity};
use parlance_core::skills;
use parlance_server::bots::{Source, Surroundings};

/// The collection's folder; `None`, said aloud, where there is none.
fn collection() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PARLANCE_SHARED").map_or(beside, PathBuf::from).join("bots");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("there is no collection of bots at {}: nothing to try", folder.display());
    None
}

#[test]
fn every_bot_loads_and_can_start_a_conversation() {
    let Some(folder) = collection() else { return };
    let given = given();
    let mut loaded = 0;
    let load = Source::BotsFolder(folder).load_all(&given, |found, bot, report| {
        let bot: Bot = bot.unwrap_or_else(|| panic!("{} does not load: {report:?}", found.id));
        assert!(bot.flow("main.flow.json").is_some(), "{} has no main flow", found.id);
        let left_out = ["bad-flow", "bad-node", "bad-instruction", "bad-transition", "bad-element"];
        for finding in &report.findings {
            assert!(!left_out.contains(&finding.code), "{}: {finding:?}", found.id);
            assert!(!finding.problem.is_empty() && !finding.effect.is_empty());
        }
        let errors = report.count(Severity::Error);
        let real = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors, real.count());
        loaded += 1;
    });
    assert_eq!(load.unwrap(), [""; 0]);
    assert!(loaded >= 50, "only {loaded} bots were found");
}

fn given() -> Surroundings {
    Surroundings { native_action: skills::is_builtin, substitute: Box::new(str::to_owned) }
}

#[cfg(test)]
mod round_trip {
    use std::collections::BTreeMap;
    use std::io::Read as _;

    use parlance_server::bot_admin::{BotAdmin, ImportOptions};
    use parlance_server::bots::Found;
    use serde_json::Value;

    use super::*;

    /// A data directory that holds the collection's bots, without a copy of them.
    fn beside(bots: &[Found]) -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        std::fs::create_dir(data.path().join("bots")).unwrap();
        for bot in bots {
            let real = bot.path.canonicalize().unwrap();
            std::os::unix::fs::symlink(real, data.path().join("bots").join(bot.id.as_str()))
                .unwrap();
        }
        data
    }

    /// The files of an archive, by name.
    fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        });
        entries.collect()
    }

    fn exported(admin: &BotAdmin, bot: &str) -> Vec<u8> {
        let mut archive = Vec::new();
        admin.export(bot, &mut archive).unwrap_or_else(|error| panic!("{bot}: {error}"));
        archive
    }

    /// The configuration without the fields that another id changes.
    fn without_names(config: &[u8]) -> (Value, Value, Value) {
        let mut config: Value = serde_json::from_slice(config).unwrap();
        let fields = config.as_object_mut().unwrap();
        let (id, name) = (fields.shift_remove("id"), fields.shift_remove("name"));
        (id.unwrap_or_default(), name.unwrap_or_default(), config)
    }

    /// Out, in under an id, and out again: the same but for `id` and `name` of `bot.config.json`, and under
    /// its own id the same bytes.
    #[test]
    fn every_bot_goes_out_and_comes_in_unchanged() {
        let Some(folder) = collection() else { return };
        let bots = Source::BotsFolder(folder).bots().unwrap().bots;
        let data = beside(&bots);
        let from = BotAdmin::new(data.path(), given(), None);
        let target = tempfile::tempdir().unwrap();
        let to = BotAdmin::new(target.path(), given(), None);
        let mut tried = 0;
        for bot in bots {
            let id = bot.id.as_str();
            let first = exported(&from, id);
            assert_eq!(first, exported(&from, id), "{id}: twice the same");
            let file = target.path().join("in.tgz");
            std::fs::write(&file, &first).unwrap();
            let options = ImportOptions { id: Some(id.to_owned()), ..ImportOptions::default() };
            let found = to.import(&file, &options).unwrap_or_else(|error| panic!("{id}: {error}"));
            let second = exported(&to, id);
            let (before, after) = (unpacked(&first), unpacked(&second));
            assert_eq!(before.len(), after.len(), "{id}");
            for (name, bytes) in before.iter().filter(|(name, _)| *name != "bot.config.json") {
                assert!(after.get(name) == Some(bytes), "{id}: {name} has changed");
            }
            let (own, name, rest) = without_names(&before["bot.config.json"]);
            let (new, new_name, new_rest) = without_names(&after["bot.config.json"]);
            assert_eq!((&new, rest), (&Value::from(id), new_rest), "{id}");
            if own == new {
                assert!(first == second, "{id} kept its id and has changed");
            } else if name == new {
                assert_eq!(new_name, name);
            } else {
                assert_eq!(new_name, format!("{} ({id})", name.as_str().unwrap()));
            }
            // Once it has its id, nothing changes any more.
            std::fs::write(&file, &second).unwrap();
            to.import(&file, &ImportOptions { overwrite: true, ..options }).unwrap();
            assert!(exported(&to, id) == second, "{id} changes each time");
            assert_eq!(found.amount.files, before.len());
            tried += 1;
        }
        assert!(tried >= 50, "only {tried} bots were found");
    }
}
