//! Looking through a loaded bot for what will not work, file by file and idea by idea.
//!
//! A check knows the whole bot through [`Context`] and says what it found, where, and what follows
//! at run time. Findings at places to which nothing leads are toned down: real bots are full of
//! leftovers that harm nobody.

mod choices;
mod conditions;
mod content;
mod hooks;
mod index;
mod instructions;
mod loops;
mod media;
mod nlu;
mod reach;
mod templates;
#[cfg(test)]
mod tests;
mod transitions;

use super::code::Code;
use super::files::BotFiles;
use super::findings::{Findings, Place};
use super::nlu_files::NluFiles;
use super::{Bot, Flow, Node};
use index::Index;
use reach::Reached;

pub(crate) use instructions::{Say, own_actions};

/// Everything that a check may look at.
pub(crate) struct Context<'a> {
    pub(crate) bot: &'a Bot,
    pub(crate) files: &'a BotFiles,
    pub(crate) nlu: &'a NluFiles,
    /// The bot's own scripts.
    pub(crate) code: &'a Code,
    /// Scripts that all bots of the server share.
    pub(crate) shared: &'a Code,
    /// Whether an action runs natively.
    pub(crate) native_action: &'a dyn Fn(&str) -> bool,
    index: Index<'a>,
    reached: Reached<'a>,
}

/// Runs all checks.
pub(crate) fn check<'a>(
    bot: &'a Bot,
    files: &'a BotFiles,
    nlu: &'a NluFiles,
    (code, shared): (&'a Code, &'a Code),
    native_action: &'a dyn Fn(&str) -> bool,
    findings: &mut Findings,
) {
    let index = Index::new(bot);
    let reached = Reached::find(&index, nlu, [code, shared]);
    let context = Context { bot, files, nlu, code, shared, native_action, index, reached };
    reach::check(&context, findings);
    transitions::check(&context, findings);
    loops::check(&context, findings);
    choices::check(&context, findings);
    conditions::check(&context, findings);
    let said = instructions::check(&context, findings);
    content::check(&context, &said, findings);
    media::check(&context, &said, findings);
    nlu::check(&context, findings);
    hooks::check(&context, findings);
}

impl<'a> Context<'a> {
    /// A field of a node, or of the whole flow.
    fn place(&self, flow: &Flow, node: Option<&Node>, field: &str) -> Place {
        let name = node.map(|node| node.name.as_str());
        let place = Place::node(&format!("flows/{}", flow.name), name, Some(field));
        let reached = match name {
            Some(node) => self.reached.node(&flow.name, node),
            None => self.reached.flow(&flow.name),
        };
        if reached { place } else { place.unreached() }
    }

    /// Every node of every flow.
    fn nodes(&self) -> impl Iterator<Item = (&'a Flow, &'a Node)> {
        self.bot.flows.values().flat_map(|flow| flow.nodes.iter().map(move |node| (flow, node)))
    }

    /// What happens when an action or a transition fails (`spec` runtime 3.8).
    fn failure(&self) -> &'static str {
        if self.bot.flow("error.flow.json").is_some() {
            "the conversation goes to error.flow.json"
        } else {
            "the bot falls silent: it has no error.flow.json to go to"
        }
    }
}

/// What happens when an instruction cannot be carried out at all (`spec` runtime 3.8).
const STUCK: &str = "the conversation gets stuck at this instruction until it times out";
