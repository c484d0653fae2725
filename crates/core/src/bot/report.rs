//! What loading a bot found: every problem with its place and its effect at run time.

use std::collections::BTreeMap;

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the bot runs as its author meant.
    Info,
    /// Something is left out or differs, the rest of the bot runs.
    Warning,
    /// Part of the bot cannot work as written.
    Error,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable name of the kind of finding, e.g. `unknown-node`, for filters and tests.
    pub code: &'static str,
    /// File, relative to the bot's folder.
    pub file: String,
    /// Flow node, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Field or JSON path inside the file, e.g. `next[2].condition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What happens at run time because of it.
    pub effect: String,
}

/// How much of everything a bot has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Flows that loaded.
    pub flows: usize,
    /// Nodes of those flows.
    pub nodes: usize,
    /// Transitions of those flows.
    pub transitions: usize,
    /// Content elements.
    pub elements: usize,
    /// Intents, the twins of Q&A items left out.
    pub intents: usize,
    /// Entities.
    pub entities: usize,
    /// Q&A items.
    pub qna: usize,
    /// JavaScript actions.
    pub actions: usize,
    /// JavaScript hooks.
    pub hooks: usize,
}

/// What the bot's own JavaScript is and reaches for, found by looking at its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeNeeds {
    /// Scripts of the bot, by file.
    pub scripts: Vec<String>,
    /// Actions that flows call and that are no builtins: how often each is called.
    pub actions_called: BTreeMap<String, usize>,
    /// Hooks by type: names of the scripts.
    pub hooks: BTreeMap<String, Vec<String>>,
    /// Packages and files named in `require(…)`: in how many scripts.
    pub requires: BTreeMap<String, usize>,
    /// Calls of the SDK, e.g. `bp.events.replyToEvent`: how often.
    pub calls: BTreeMap<String, usize>,
}

/// All that loading a bot found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Totals.
    pub counts: Counts,
    /// What its code needs.
    pub code: CodeNeeds,
    /// Problems, in the order of files.
    pub findings: Vec<Finding>,
    /// How many further problems were found and not kept.
    pub omitted: usize,
}

impl Report {
    /// The gravest severity among the findings.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
