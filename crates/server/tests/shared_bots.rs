//! Bots that other people built, where a collection of them lies beside the project.

use std::path::PathBuf;

use parlance_core::bot::{Bot, Severity};
use parlance_core::skills;
use parlance_server::bots::{Source, Surroundings};

/// The collection's folder; `None`, said aloud, where there is none.
fn collection() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bots");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("there is no collection of bots at {}: nothing to try", folder.display());
    None
}

#[test]
fn every_bot_loads_and_can_start_a_conversation() {
    let Some(folder) = collection() else { return };
    let given =
        Surroundings { native_action: skills::is_builtin, substitute: Box::new(str::to_owned) };
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
