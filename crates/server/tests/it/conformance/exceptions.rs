//! Steps that are known to differ from the original, with the reason.

use std::collections::BTreeMap;
use std::path::Path;

use super::replay::Report;

/// The set of steps where chance decides: they may differ or not.
const BY_CHANCE: &str = "chance";

/// The exceptions by step, each with its set and its reason.
pub(crate) struct Exceptions {
    reasons: BTreeMap<String, (String, String)>,
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
            reasons.insert(step.to_owned(), (set.to_owned(), reason.to_owned()));
        }
        Self { reasons }
    }

    /// Every difference must be an exception; every exception of this set must be a difference,
    /// unless chance decides.
    pub(crate) fn hold_against(&self, set: &str, report: &Report) {
        assert!(report.passed > 0, "{}", report.text);
        let surprises: Vec<&String> =
            report.failed.iter().filter(|step| !self.reasons.contains_key(*step)).collect();
        assert!(surprises.is_empty(), "{surprises:#?}\n{}", report.text);
        let of_this_set = self.reasons.iter().filter(|(_, (own, _))| own == set);
        let outlived: Vec<&String> = of_this_set
            .map(|(step, _)| step)
            .filter(|step| !report.failed.contains(step))
            .collect();
        assert!(outlived.is_empty(), "these do not differ any more: {outlived:#?}");
    }
}

#[test]
fn the_exceptions_file_can_be_read() {
    let one =
        Exceptions::parse("# why\n\nreal: off-a-1.json step 2: needs JavaScript: an action\n");
    let (set, reason) = &one.reasons["off-a-1.json step 2"];
    assert_eq!((set.as_str(), reason.as_str()), ("real", "needs JavaScript: an action"));
    let all = Exceptions::read();
    let sets = all.reasons.values().map(|(set, _)| set.as_str());
    for set in sets {
        assert!(["off-public", "real", BY_CHANCE].contains(&set), "there is no set {set}");
    }
}
