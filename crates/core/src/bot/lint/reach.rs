//! Which flows and nodes a conversation can come to.
//!
//! Generous: a flow that a script mentions counts as reached, and so does every node to which some
//! flow might return.

use std::collections::HashSet;

use serde_json::Value;

use super::super::code::Code;
use super::super::findings::{Findings, Place};
use super::super::nlu_files::NluFiles;
use super::super::quote::list;
use super::Context;
use super::index::{Index, Target};
use crate::bot::{Flow, Node, NodeKind};

/// Flows that the engine itself goes to.
const ENTRIES: [&str; 4] =
    ["main.flow.json", "error.flow.json", "timeout.flow.json", "conversation_end.flow.json"];

/// What was reached.
#[derive(Default)]
pub(super) struct Reached<'a> {
    flows: HashSet<&'a str>,
    nodes: HashSet<(&'a str, &'a str)>,
}

impl<'a> Reached<'a> {
    /// Whether the conversation can come to the flow.
    pub(super) fn flow(&self, flow: &str) -> bool {
        self.flows.contains(flow)
    }

    /// Whether the conversation can come to the node.
    pub(super) fn node(&self, flow: &'a str, node: &'a str) -> bool {
        self.nodes.contains(&(flow, node))
    }

    /// Follows everything from where conversations can start.
    pub(super) fn find(index: &Index<'a>, nlu: &'a NluFiles, code: [&'a Code; 2]) -> Self {
        let (reached, todo) = (Self::default(), Vec::new());
        let mut walk = Walk { index, reached, todo, returns: HashSet::new() };
        for name in ENTRIES {
            walk.enter_flow(name);
        }
        for flow in code.iter().flat_map(|code| &code.mentioned_flows) {
            // A script may jump to any node of a flow.
            if let Some(flow) = index.flow(flow) {
                flow.nodes.iter().for_each(|node| walk.enter(flow, &node.name));
            }
        }
        for item in nlu.qna.iter().filter(|item| item.action.contains("redirect")) {
            if let Some(flow) = index.flow(&item.redirect_flow) {
                walk.enter(flow, &item.redirect_node);
            }
        }
        while let Some((flow, node)) = walk.todo.pop() {
            walk.leave(flow, node);
        }
        walk.reached
    }
}

/// The walk through the flows; each node is looked at once.
struct Walk<'a, 'i> {
    index: &'i Index<'a>,
    reached: Reached<'a>,
    /// Nodes to which some flow returns in its caller, whichever that is.
    returns: HashSet<&'a str>,
    todo: Vec<(&'a Flow, Option<&'a Node>)>,
}

impl<'a> Walk<'a, '_> {
    fn enter_flow(&mut self, name: &str) {
        if let Some(flow) = self.index.flow(name) {
            self.enter(flow, &flow.start_node);
        }
    }

    fn enter(&mut self, flow: &'a Flow, name: &str) {
        if self.reached.flows.insert(&flow.name) {
            self.todo.push((flow, None));
            // Time-outs lead to the node of that name in the flow where they happen.
            self.enter(flow, "timeout");
            for node in &flow.nodes {
                if self.returns.contains(node.name.as_str()) {
                    self.enter(flow, &node.name);
                }
            }
        }
        if let Some(node) = self.index.node(flow, name)
            && self.reached.nodes.insert((&flow.name, &node.name))
        {
            self.todo.push((flow, Some(node)));
        }
    }

    /// Goes wherever a node, or what holds for all nodes of a flow, can lead.
    fn leave(&mut self, flow: &'a Flow, node: Option<&'a Node>) {
        let (next, instructions) = match node {
            None => (&flow.catch_all.next, [Some(&flow.catch_all.on_receive), None]),
            Some(node) => (&node.next, [Some(&node.on_enter), node.on_receive.as_ref()]),
        };
        for transition in next {
            self.follow(flow, &transition.destination);
        }
        for text in instructions.into_iter().flatten().flatten() {
            self.follow_error_target(flow, text);
        }
        if let Some(NodeKind::SkillCall { flow: skill }) = node.map(|node| &node.kind) {
            self.enter_flow(skill);
        }
    }

    fn follow(&mut self, flow: &'a Flow, destination: &'a str) {
        match self.index.target(flow, destination) {
            Target::Node(flow, node) => self.enter(flow, node),
            Target::Return(Some(node)) => {
                if self.returns.insert(node) {
                    for flow in self.index.flows_with(node) {
                        if self.reached.flow(&flow.name) {
                            self.enter(flow, node);
                        }
                    }
                }
            }
            Target::Return(None) | Target::End | Target::UnknownFlow(_) => {}
        }
    }

    /// `builtin/setVariable` of `temp.onErrorFlowTo` names the flow for errors.
    fn follow_error_target(&mut self, flow: &'a Flow, text: &'a str) {
        if !text.contains("onErrorFlowTo") {
            return;
        }
        let Some((_, args)) = text.split_once(' ') else {
            return;
        };
        let args: Value = serde_json::from_str(args).unwrap_or_default();
        if let Some(name) = args.get("value").and_then(Value::as_str) {
            let name = name.split('#').next().unwrap_or(name);
            if name.contains(".flow.json") {
                self.enter_flow(name);
            } else if self.index.node(flow, name).is_some() {
                self.enter(flow, name);
            }
        }
    }
}

/// Reports flows and nodes to which nothing leads.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.index.flow("main.flow.json").is_none() {
        findings.error(
            Place::file("flows/main.flow.json"),
            "no-main-flow",
            "is missing or was left out",
            "no conversation can start: every message is answered with nothing",
        );
    }
    let unreached = |name: &&str| !context.reached.flow(name);
    let flows: Vec<&str> = context.bot.flows.keys().map(String::as_str).filter(unreached).collect();
    if !flows.is_empty() {
        findings.info(
            Place::file("flows/"),
            "unreached-flow",
            format!("nothing leads to {}", list(flows.iter().copied(), 10)),
            "none; what is wrong in there is reported as a note only",
        );
    }
    for flow in context.bot.flows.values().filter(|flow| context.reached.flow(&flow.name)) {
        let names = flow.nodes.iter().map(|node| node.name.as_str());
        let unreached: Vec<&str> =
            names.filter(|node| !context.reached.node(&flow.name, node)).collect();
        if !unreached.is_empty() {
            findings.info(
                Place::file(&format!("flows/{}", flow.name)),
                "unreached-node",
                format!("nothing leads to {}", list(unreached, 10)),
                "none",
            );
        }
    }
}
