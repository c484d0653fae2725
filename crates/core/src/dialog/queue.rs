//! The instructions of a node, in the order of their execution (`spec` runtime 3.2).

use crate::bot::{Flow, Node, NodeKind, Transition};

use super::state::{Instruction, InstructionKind};

/// How much of a node is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    Full,
    /// Everything, after testing the flow-wide transitions once: a jump came here.
    AfterJump,
    /// Its transitions alone: a sub-flow returned here.
    TransitionsOnly,
}

/// Queues `node` of `flow`.
pub(super) fn build(flow: &Flow, node: &Node, scope: Scope) -> Vec<Instruction> {
    let mut queue = Vec::new();
    if scope == Scope::AfterJump {
        queue.extend(flow.catch_all.next.iter().map(transition));
    }
    if scope != Scope::TransitionsOnly {
        queue.extend(node.on_enter.iter().map(|text| instruction(InstructionKind::OnEnter, text)));
        if let Some(on_receive) = &node.on_receive {
            queue.push(Instruction {
                kind: InstructionKind::Wait,
                text: None,
                destination: None,
                args: None,
            });
            let texts = flow.catch_all.on_receive.iter().chain(on_receive);
            queue.extend(texts.map(|text| instruction(InstructionKind::OnReceive, text)));
        }
        if let NodeKind::SaySomething { content_type, form_data } = &node.kind {
            queue.push(Instruction {
                args: Some(form_data.clone()),
                ..instruction(InstructionKind::OnEnter, &format!("say @{content_type}"))
            });
        }
    }
    // A flow-wide transition to the node itself would never let the node go on.
    let flow_wide = flow.catch_all.next.iter().filter(|next| next.destination != node.name);
    queue.extend(flow_wide.chain(&node.next).map(transition));
    queue
}

fn instruction(kind: InstructionKind, text: &str) -> Instruction {
    Instruction { kind, text: Some(text.to_owned()), destination: None, args: None }
}

fn transition(transition: &Transition) -> Instruction {
    Instruction {
        kind: InstructionKind::Transition,
        text: Some(transition.condition.clone()),
        destination: Some(transition.destination.clone()),
        args: None,
    }
}

#[cfg(test)]
mod tests {
    use crate::bot::CatchAll;

    use super::*;

    fn next(destination: &str) -> Transition {
        Transition { condition: "true".to_owned(), destination: destination.to_owned() }
    }

    fn flow() -> Flow {
        Flow {
            name: "main.flow.json".to_owned(),
            start_node: "a".to_owned(),
            catch_all: CatchAll {
                on_receive: vec!["log".to_owned()],
                next: vec![next("a"), next("help")],
            },
            nodes: vec![Node {
                name: "a".to_owned(),
                kind: NodeKind::Standard,
                on_enter: vec!["say #x".to_owned()],
                on_receive: Some(vec!["act".to_owned()]),
                next: vec![next("b")],
            }],
        }
    }

    fn shape(queue: &[Instruction]) -> Vec<String> {
        let show = |i: &Instruction| {
            format!("{:?} {}", i.kind, i.destination.as_deref().or(i.text.as_deref()).unwrap_or(""))
        };
        queue.iter().map(show).collect()
    }

    #[test]
    fn a_node_enters_waits_receives_and_tests_flow_wide_transitions_first() {
        let flow = flow();
        let queue = build(&flow, &flow.nodes[0], Scope::Full);
        assert_eq!(
            shape(&queue),
            [
                "OnEnter say #x",
                "Wait ",
                "OnReceive log",
                "OnReceive act",
                "Transition help",
                "Transition b"
            ]
        );
    }

    #[test]
    fn a_jump_tests_all_flow_wide_transitions_before_the_node() {
        let flow = flow();
        let queue = build(&flow, &flow.nodes[0], Scope::AfterJump);
        assert_eq!(shape(&queue)[..3], ["Transition a", "Transition help", "OnEnter say #x"]);
    }

    #[test]
    fn a_node_without_on_receive_does_not_wait_and_an_empty_one_does() {
        let mut flow = flow();
        flow.nodes[0].on_receive = None;
        let waits = |flow: &Flow| {
            build(flow, &flow.nodes[0], Scope::Full).iter().any(|i| i.kind == InstructionKind::Wait)
        };
        assert!(!waits(&flow));
        flow.nodes[0].on_receive = Some(Vec::new());
        assert!(waits(&flow));
    }

    #[test]
    fn a_return_tests_transitions_alone() {
        let flow = flow();
        let queue = build(&flow, &flow.nodes[0], Scope::TransitionsOnly);
        assert_eq!(shape(&queue), ["Transition help", "Transition b"]);
    }
}
