//! Flows and nodes by name, and where a transition leads (`spec` runtime 2.5).

use std::collections::HashMap;

use crate::bot::{Bot, Flow, Node};

/// Names of flows and nodes, found without searching.
pub(super) struct Index<'a> {
    flows: HashMap<&'a str, &'a Flow>,
    /// By name without suffix, in lower case.
    folded: HashMap<String, &'a Flow>,
    nodes: HashMap<&'a str, HashMap<&'a str, &'a Node>>,
    flows_with: HashMap<&'a str, Vec<&'a Flow>>,
}

/// Where a destination leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target<'a> {
    /// The conversation ends.
    End,
    /// Back to the caller, or to a node of the caller's flow.
    Return(Option<&'a str>),
    /// A node of a flow; it may be missing.
    Node(&'a Flow, &'a str),
    /// A flow that does not exist.
    UnknownFlow(&'a str),
}

impl<'a> Index<'a> {
    pub(super) fn new(bot: &'a Bot) -> Self {
        let flows = bot.flows.values();
        let mut flows_with: HashMap<&str, Vec<&Flow>> = HashMap::new();
        for (flow, node) in flows.clone().flat_map(|flow| flow.nodes.iter().map(move |n| (flow, n)))
        {
            flows_with.entry(&node.name).or_default().push(flow);
        }
        Self {
            flows: flows.clone().map(|flow| (flow.name.as_str(), flow)).collect(),
            // The first of two names that differ in case only wins, as when searching in order.
            folded: flows.clone().rev().map(|flow| (fold(&flow.name), flow)).collect(),
            nodes: flows
                .map(|flow| {
                    let nodes = flow.nodes.iter().map(|node| (node.name.as_str(), node)).collect();
                    (flow.name.as_str(), nodes)
                })
                .collect(),
            flows_with,
        }
    }

    /// The flow called `name`, as [`Bot::flow`] finds it.
    pub(super) fn flow(&self, name: &str) -> Option<&'a Flow> {
        self.flows.get(name).or_else(|| self.folded.get(&fold(name))).copied()
    }

    /// The node called `node` of `flow`.
    pub(super) fn node(&self, flow: &Flow, node: &str) -> Option<&'a Node> {
        self.nodes.get(flow.name.as_str())?.get(node).copied()
    }

    /// The flows that have a node called `node`.
    pub(super) fn flows_with(&self, node: &str) -> &[&'a Flow] {
        self.flows_with.get(node).map_or(&[], Vec::as_slice)
    }

    /// Where `destination` leads from `flow`.
    pub(super) fn target(&self, flow: &'a Flow, destination: &'a str) -> Target<'a> {
        if destination.contains(".flow.json") {
            let (name, node) = match destination.split_once('#') {
                Some((name, node)) => (name, Some(node)),
                None => (destination, None),
            };
            return match self.flow(name) {
                Some(flow) => Target::Node(flow, node.unwrap_or(&flow.start_node)),
                None => Target::UnknownFlow(name),
            };
        }
        if destination.starts_with('#') {
            let node = destination.trim_start_matches('#');
            return Target::Return(Some(node).filter(|node| !node.is_empty()));
        }
        match destination {
            "" | "END" => Target::End,
            node => Target::Node(flow, node),
        }
    }
}

fn fold(name: &str) -> String {
    name.strip_suffix(".flow.json").unwrap_or(name).to_ascii_lowercase()
}
