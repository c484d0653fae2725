//! Collects [`Finding`]s while a bot is loaded; bounded, so that a hostile bot cannot fill the
//! memory with complaints.

use super::quote::plain_excerpt;
use super::report::{Finding, Severity};

/// Findings of one severity that are kept.
const MAX_OF_EACH: usize = 1000;

/// Where something was found.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    file: String,
    node: Option<String>,
    field: Option<String>,
    reached: bool,
}

impl Place {
    /// A file as a whole.
    pub(crate) fn file(file: &str) -> Self {
        Self { file: plain_excerpt(file), node: None, field: None, reached: true }
    }

    /// A field of a file.
    pub(crate) fn field(file: &str, field: &str) -> Self {
        Self { field: Some(plain_excerpt(field)), ..Self::file(file) }
    }

    /// A node of a flow, or a field of that node. No node: what applies to the whole flow.
    pub(crate) fn node(file: &str, node: Option<&str>, field: Option<&str>) -> Self {
        Self { node: node.map(plain_excerpt), field: field.map(plain_excerpt), ..Self::file(file) }
    }

    /// Whether something leads there.
    pub(crate) fn is_reached(&self) -> bool {
        self.reached
    }

    /// The same place, to which nothing leads: what is wrong there harms nobody.
    pub(crate) fn unreached(self) -> Self {
        Self { reached: false, ..self }
    }
}

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    of_each: [usize; 3],
    omitted: usize,
}

impl Findings {
    /// Part of the bot cannot work as written.
    pub(crate) fn error(
        &mut self,
        at: Place,
        code: &'static str,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) {
        self.add(Severity::Error, at, code, problem.into(), effect.into());
    }

    /// Something is left out or differs.
    pub(crate) fn warn(
        &mut self,
        at: Place,
        code: &'static str,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) {
        self.add(Severity::Warning, at, code, problem.into(), effect.into());
    }

    /// Worth knowing.
    pub(crate) fn info(
        &mut self,
        at: Place,
        code: &'static str,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) {
        self.add(Severity::Info, at, code, problem.into(), effect.into());
    }

    fn add(
        &mut self,
        severity: Severity,
        at: Place,
        code: &'static str,
        problem: String,
        effect: String,
    ) {
        let (severity, effect) = match (at.reached, severity) {
            (false, Severity::Warning | Severity::Error) => {
                (Severity::Info, format!("none, for nothing leads here; otherwise: {effect}"))
            }
            _ => (severity, effect),
        };
        let count = match severity {
            Severity::Info => &mut self.of_each[0],
            Severity::Warning => &mut self.of_each[1],
            Severity::Error => &mut self.of_each[2],
        };
        if *count == MAX_OF_EACH {
            self.omitted += 1;
            return;
        }
        *count += 1;
        self.kept.push(Finding {
            severity,
            code,
            file: at.file,
            node: at.node,
            field: at.field,
            problem,
            effect,
        });
    }

    /// The findings in the order of files, the configuration first, and how many were not kept.
    pub(crate) fn finish(mut self) -> (Vec<Finding>, usize) {
        self.kept.sort_by(|a, b| {
            let key = |finding: &Finding| finding.file != "bot.config.json";
            key(a).cmp(&key(b)).then_with(|| a.file.cmp(&b.file))
        });
        (self.kept, self.omitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_severity_leaves_room_for_the_others() {
        let mut findings = Findings::default();
        for _ in 0..5000 {
            findings.info(Place::file("b"), "x", "p", "e");
        }
        findings.error(Place::file("a"), "y", "p", "e");
        findings.warn(Place::field("bot.config.json", "f"), "z", "p", "e");
        let (kept, omitted) = findings.finish();
        assert_eq!((kept.len(), omitted), (1002, 4000));
        assert_eq!((kept[0].file.as_str(), kept[1].code), ("bot.config.json", "y"));
    }
}
