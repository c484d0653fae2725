//! Destinations that do not exist, and transitions whose turn never comes.

use super::super::findings::Findings;
use super::super::quote::quote;
use super::Context;
use super::index::Target;
use crate::bot::{Flow, Node, NodeKind, Transition};

/// Checks the destinations and the order of all transitions.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for flow in context.bot.flows.values() {
        for (index, transition) in flow.catch_all.next.iter().enumerate() {
            let field = format!("catchAll.next[{index}]");
            destination(context, flow, None, &field, transition, findings);
        }
        order(context, flow, None, &flow.catch_all.next, "catchAll.next", findings);
    }
    for (flow, node) in context.nodes() {
        for (index, transition) in node.next.iter().enumerate() {
            destination(context, flow, Some(node), &format!("next[{index}]"), transition, findings);
        }
        order(context, flow, Some(node), &node.next, "next", findings);
        shadowed(context, flow, node, findings);
        skill(context, flow, node, findings);
    }
}

fn destination<'a>(
    context: &Context<'a>,
    flow: &'a Flow,
    node: Option<&'a Node>,
    field: &str,
    transition: &'a Transition,
    findings: &mut Findings,
) {
    let place = || context.place(flow, node, &format!("{field}.node"));
    match context.index.target(flow, &transition.destination) {
        Target::UnknownFlow(name) => {
            let problem = format!("there is no flow {}", quote(name));
            findings.error(place(), "unknown-flow", problem, context.failure());
        }
        Target::Node(target, name) if context.index.node(target, name).is_none() => {
            let problem = unknown_node(context, target, name);
            findings.error(place(), "unknown-node", problem, context.failure());
        }
        Target::Return(Some(name)) if context.index.flows_with(name).is_empty() => {
            let problem = format!("no flow has a node {} to return to", quote(name));
            findings.error(place(), "unknown-node", problem, context.failure());
        }
        _ => {}
    }
}

/// Says that a node is missing, and what may have been meant.
fn unknown_node(context: &Context<'_>, flow: &Flow, name: &str) -> String {
    let problem = format!("there is no node {} in {}", quote(name), quote(&flow.name));
    let near = flow.nodes.iter().find(|node| node.name.trim().eq_ignore_ascii_case(name.trim()));
    if let Some(near) = near {
        format!("{problem}; it has {}", quote(&near.name))
    } else if let Some(named) = context.index.flow(name) {
        format!("{problem}; to enter the flow, write {}", quote(&named.name))
    } else {
        problem
    }
}

/// Reports transitions after one that always holds, unless they lead to the same place.
fn order(
    context: &Context<'_>,
    flow: &Flow,
    node: Option<&Node>,
    transitions: &[Transition],
    field: &str,
    findings: &mut Findings,
) {
    let mut later = transitions.iter().enumerate().skip_while(|(_, t)| t.condition != "true");
    let Some((always, first)) = later.next() else {
        return;
    };
    let dead: Vec<usize> = later
        .filter(|(_, transition)| transition.destination != first.destination)
        .map(|(index, _)| index)
        .collect();
    let Some(first_dead) = dead.first() else {
        return;
    };
    let which = match dead.len() {
        1 => "this transition comes".to_owned(),
        count => format!("this and {} more transitions come", count - 1),
    };
    findings.warn(
        context.place(flow, node, &format!("{field}[{first_dead}]")),
        "dead-transition",
        format!("{which} after {field}[{always}], whose condition always holds"),
        "never taken",
    );
}

/// Reports a node whose own transitions are all hidden by one that holds for the whole flow.
fn shadowed(context: &Context<'_>, flow: &Flow, node: &Node, findings: &mut Findings) {
    let always = flow
        .catch_all
        .next
        .iter()
        .position(|t| t.condition == "true" && t.destination != node.name);
    let Some(always) = always else { return };
    if node.next.is_empty() {
        return;
    }
    findings.warn(
        context.place(flow, Some(node), "next"),
        "dead-transition",
        format!("catchAll.next[{always}] of the flow always holds and is tested first"),
        "no transition of this node is ever taken",
    );
}

fn skill(context: &Context<'_>, flow: &Flow, node: &Node, findings: &mut Findings) {
    let NodeKind::SkillCall { flow: name } = &node.kind else {
        return;
    };
    if !name.is_empty() && context.index.flow(name).is_none() {
        findings.error(
            context.place(flow, Some(node), "flow"),
            "unknown-flow",
            format!("there is no flow {} for this skill", quote(name)),
            context.failure(),
        );
    }
    let own = node.on_enter.len() + node.on_receive.as_ref().map_or(0, Vec::len);
    if own > 0 {
        findings.warn(
            context.place(flow, Some(node), "onEnter"),
            "skill-with-instructions",
            "a node that calls a skill has instructions of its own",
            "they never run",
        );
    }
}
