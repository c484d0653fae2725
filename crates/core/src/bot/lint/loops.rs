//! Nodes that go round without ever waiting for the user (`spec` runtime 3.8).

use std::collections::HashMap;

use super::super::findings::Findings;
use super::super::quote::list;
use super::Context;
use super::index::Target;
use crate::bot::{Flow, Node, NodeKind};

/// A node with its flow.
type Spot<'a> = (&'a Flow, &'a Node);

/// Reports every ring of nodes of which each leads to the next whatever happens.
///
/// Only what is certain counts: a node that waits, calls a skill, runs an action that is no
/// builtin (it may jump) or tests a condition first is no part of a ring.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    for (walk, start) in context.nodes().enumerate() {
        let mut path: Vec<Spot<'_>> = Vec::new();
        let mut here = Some(start);
        while let Some(spot) = here {
            match seen.insert((&spot.0.name, &spot.1.name), walk) {
                None => {
                    path.push(spot);
                    here = certain_next(context, spot);
                }
                Some(earlier) => {
                    if earlier == walk {
                        report(context, &path, spot, findings);
                    }
                    break;
                }
            }
        }
    }
}

/// Where the conversation goes from here whatever happens.
fn certain_next<'a>(context: &Context<'a>, (flow, node): Spot<'a>) -> Option<Spot<'a>> {
    let leaves_to_itself = matches!(node.kind, NodeKind::SkillCall { .. });
    let may_jump = |text: &String| {
        let name = text.split(' ').next().unwrap_or("");
        name != "say" && !(context.native_action)(name)
    };
    if leaves_to_itself || node.on_receive.is_some() || node.on_enter.iter().any(may_jump) {
        return None;
    }
    let flow_wide = flow.catch_all.next.iter().filter(|t| t.destination != node.name);
    let first = flow_wide.chain(&node.next).next()?;
    if first.condition != "true" {
        return None;
    }
    match context.index.target(flow, &first.destination) {
        Target::Node(flow, name) => context.index.node(flow, name).map(|node| (flow, node)),
        _ => None,
    }
}

fn report(context: &Context<'_>, path: &[Spot<'_>], again: Spot<'_>, findings: &mut Findings) {
    let same = |spot: &&Spot<'_>| spot.0.name == again.0.name && spot.1.name == again.1.name;
    let Some(from) = path.iter().position(|spot| same(&spot)) else {
        return;
    };
    let ring = path.iter().skip(from).map(|(_, node)| node.name.as_str());
    findings.error(
        context.place(again.0, Some(again.1), "next"),
        "endless-loop",
        format!("the nodes {} lead to each other without waiting for the user", list(ring, 6)),
        "the third round is stopped: the conversation ends there, `temp` is cleared",
    );
}
