//! A bot's files → [`Bot`] and [`Report`] (`spec` runtime 1.5, 2.1, 8.1, 10.1).
//!
//! Data flows: files → one reader for each kind of file → [`Bot`] → checks over the whole. What
//! cannot be read is left out and reported; only an unreadable configuration means no bot.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::code::Code;
use super::content_file::Elements;
use super::files::BotFiles;
use super::findings::{Findings, Place};
use super::nlu_files::{NluFiles, QNA_PREFIX};
use super::report::{CodeNeeds, Counts, Report};
use super::{Bot, Flow, config_file, flow_file, json_file, lint};
use crate::expr::Condition;
use crate::ids::BotId;

/// What the server gives to every bot.
#[derive(Clone, Copy)]
pub struct Provided<'a> {
    /// Whether an action of this name runs natively.
    pub native_action: &'a dyn Fn(&str) -> bool,
    /// Scripts that all bots share: `actions/`, `hooks/` and `content-types/` of the data
    /// directory's `global` folder.
    pub shared: &'a BotFiles,
}

/// What loading gave.
#[derive(Debug)]
pub struct Loaded {
    /// The bot; `None` when its configuration cannot be read.
    pub bot: Option<Bot>,
    /// Everything found on the way.
    pub report: Report,
}

/// Loads the bot `id` from its files.
pub fn load(id: &BotId, files: &BotFiles, provided: Provided<'_>) -> Loaded {
    let mut findings = Findings::default();
    for (path, why) in files.left_out() {
        let problem = format!("is left out: {why}");
        findings.error(Place::file(path), "file-left-out", problem, "as if it were not there");
    }
    let config = config_file::parse(id, files.get(config_file::FILE), &mut findings);
    let flows = flows(files, &mut findings);
    let mut elements = Elements::default();
    for (file, bytes) in files.below("content-elements/") {
        elements.read(file, bytes, &mut findings);
    }
    let modules = modules(files, &mut findings);
    let nlu = NluFiles::read(files, &mut findings);
    let code = Code::scan(files);
    let mut counts = count(&flows, &nlu, &code);
    counts.elements = elements.by_id.len();
    let needs = needs(&flows, &code);
    let bot = config.map(|config| Bot {
        id: id.clone(),
        config,
        conditions: conditions(&flows),
        flows,
        elements: elements.by_id,
        intents: nlu
            .intents
            .iter()
            .map(|(name, intent)| (name.clone(), intent.contexts.clone()))
            .collect(),
        modules,
    });
    if let Some(bot) = &bot {
        let shared = Code::scan(provided.shared);
        let scripts = (&code, &shared);
        lint::check(bot, files, &nlu, scripts, provided.native_action, &mut findings);
    }
    let (findings, omitted) = findings.finish();
    Loaded { bot, report: Report { counts, code: needs, findings, omitted } }
}

fn flows(files: &BotFiles, findings: &mut Findings) -> BTreeMap<String, Flow> {
    let mut flows = BTreeMap::new();
    for (file, bytes) in files.below("flows/") {
        let name = file.strip_prefix("flows/").unwrap_or(file);
        if let Some(flow) = flow_file::parse(name, file, bytes, findings) {
            flows.insert(name.to_owned(), flow);
        }
    }
    flows
}

/// `config/<module>.json`.
fn modules(files: &BotFiles, findings: &mut Findings) -> BTreeMap<String, Value> {
    let mut modules = BTreeMap::new();
    for (file, bytes) in files.below("config/") {
        let name = file.strip_prefix("config/").unwrap_or(file);
        let name = name.get(..name.len().saturating_sub(".json".len())).unwrap_or(name);
        let effect = "the bot's own settings for this module are not used";
        if let Some(value) = json_file::read(file, bytes, findings, effect) {
            modules.insert(name.to_owned(), value);
        }
    }
    modules
}

/// Every distinct condition, compiled once.
fn conditions(flows: &BTreeMap<String, Flow>) -> HashMap<String, Arc<Condition>> {
    let mut compiled: HashMap<String, Arc<Condition>> = HashMap::new();
    for flow in flows.values() {
        let nodes = flow.nodes.iter().flat_map(|node| &node.next);
        for transition in flow.catch_all.next.iter().chain(nodes) {
            if !compiled.contains_key(&transition.condition) {
                let condition = Arc::new(Condition::parse(&transition.condition));
                compiled.insert(transition.condition.clone(), condition);
            }
        }
    }
    compiled
}

fn count(flows: &BTreeMap<String, Flow>, nlu: &NluFiles, code: &Code) -> Counts {
    let nodes = flows.values().flat_map(|flow| &flow.nodes);
    Counts {
        flows: flows.len(),
        nodes: nodes.clone().count(),
        transitions: nodes.map(|node| node.next.len()).sum::<usize>()
            + flows.values().map(|flow| flow.catch_all.next.len()).sum::<usize>(),
        elements: 0,
        intents: nlu.intents.keys().filter(|name| !name.starts_with(QNA_PREFIX)).count(),
        entities: nlu.entity_count,
        qna: nlu.qna.len(),
        actions: code.actions.len(),
        hooks: code.hooks.len(),
    }
}

fn needs(flows: &BTreeMap<String, Flow>, code: &Code) -> CodeNeeds {
    let instructions = flows.values().flat_map(|flow| {
        let nodes = flow.nodes.iter();
        let own =
            nodes.flat_map(|node| node.on_enter.iter().chain(node.on_receive.iter().flatten()));
        flow.catch_all.on_receive.iter().chain(own)
    });
    CodeNeeds { actions_called: lint::own_actions(instructions), ..code.needs.clone() }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
