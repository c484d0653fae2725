//! Steps that are known to differ from the original, with the reason.

use std::collections::BTreeMap;
use std::path::Path;

use super::replay::Report;

/// The set of steps where chance decides: they may differ or not.
const BY_CHANCE: &str = "chance";

/// All sets: the scenarios and the real bots' conversations, each over both routes.
#[cfg(test)]
const SETS: [&str; 6] = ["auth", "off-public", "real", "off-secured", "real-secured", BY_CHANCE];

/// The exceptions: the reason for each step of a set.
pub(crate) struct Exceptions {
    reasons: BTreeMap<(String, String), String>,
}

impl Exceptions {
    /// Reads `conformance-exceptions.txt`: `<set>: <file> step <n>: <reason>` a line.
    pub(crate) fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-exceptions.txt");
        Self::parse(&std::fs::read_to_string(file).unwrap())
    }

    fn parse(text: &str) -> Self {
        let mut reasons = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.splitn(3, ": ").collect();
            let [set, step, reason] = parts[..] else { panic!("not `set: step: reason`: {line}") };
            reasons.insert((set.to_owned(), step.to_owned()), reason.to_owned());
        }
        Self { reasons }
    }

    /// Every difference must be an exception; every exception of this set must be a difference,
    /// unless chance decides.
    pub(crate) fn hold_against(&self, set: &str, report: &Report) {
        assert!(report.passed > 0, "{}", report.text);
        let excused =
            |set: &str, step: &str| self.reasons.contains_key(&(set.to_owned(), step.to_owned()));
        let surprises: Vec<&String> = report
            .failed
            .iter()
            .filter(|step| !excused(set, step) && !excused(BY_CHANCE, step))
            .collect();
        assert!(surprises.is_empty(), "{surprises:#?}\n{}", report.text);
        let outlived: Vec<&String> = self
            .reasons
            .keys()
            .filter(|(own, step)| own == set && !report.failed.contains(step))
            .map(|(_, step)| step)
            .collect();
        assert!(outlived.is_empty(), "these do not differ any more: {outlived:#?}");
    }
}

#[test]
fn the_exceptions_file_can_be_read() {
    let one =
        Exceptions::parse("# why\n\nreal: off-a-1.json step 2: needs JavaScript: an action\n");
    let step = ("real".to_owned(), "off-a-1.json step 2".to_owned());
    assert_eq!(one.reasons[&step], "needs JavaScript: an action");
    let all = Exceptions::read();
    let sets = all.reasons.keys().map(|(set, _)| set.as_str());
    for set in sets {
        assert!(SETS.contains(&set), "there is no set {set}");
    }
}
