//! Transitions: where a destination leads (`spec` runtime 2.5, 3.4–3.6).

use crate::bot::{Flow, Node};

use super::process::Control;
use super::queue::{self, Scope};
use super::recovery::FlowError;
use super::state::{Context, Queue};
use super::turn::{Guard, Turn};

/// A node visited so often in one turn, without waiting, is an endless loop.
pub(super) const VISITS: usize = 3;

impl Turn<'_> {
    /// Makes the transition to `destination`; empty ends the conversation.
    pub(super) fn go(&mut self, destination: &str) -> Control {
        if destination.is_empty() {
            return self.end(false);
        }
        self.guard = Guard::Transition;
        self.travel(destination)
    }

    /// Makes a transition under the guard that is set.
    pub(super) fn travel(&mut self, destination: &str) -> Control {
        self.state.context.queue = None;
        if let Some(message) = self.endless_loop() {
            return self.stop_loop(&message);
        }
        if let Some(points) = &mut self.state.context.jump_points {
            points.retain(|point| point.used != Some(true));
        }
        let moved = if destination.contains(".flow.json") {
            self.go_to_flow(destination)
        } else if let Some(node) = destination.strip_prefix('#') {
            match self.go_back(node) {
                Ok(true) => Ok(()),
                // Nowhere to go back to: the node starts over with the next message.
                Ok(false) => return Control::Stop,
                Err(error) => Err(error),
            }
        } else if destination == "END" {
            return self.end(true);
        } else {
            self.go_to_node(destination);
            Ok(())
        };
        match moved {
            Ok(()) => Control::Next,
            Err(error) => self.recover(&error),
        }
    }

    fn go_to_flow(&mut self, destination: &str) -> Result<(), FlowError> {
        let (name, node) = match destination.split_once('#') {
            Some((name, node)) => (name, Some(node)),
            None => (destination, None),
        };
        let flow = self.bot.flow(name).ok_or_else(|| FlowError::UnknownFlow(name.to_owned()))?;
        let node = node.unwrap_or(&flow.start_node);
        self.visit(&flow.name, node);
        self.call_flow(flow, node);
        Ok(())
    }

    fn go_to_node(&mut self, node: &str) {
        let flow = self.state.context.current_flow.clone().unwrap_or_default();
        self.visit(&flow, node);
        let old = self.state.context.current_node.replace(node.to_owned());
        if !flow.starts_with("skills/") {
            self.state.context.previous_node = old;
        }
    }

    /// Returns to the last place of the return stack; false when there is none.
    fn go_back(&mut self, rest: &str) -> Result<bool, FlowError> {
        let (name, execute) = match rest.strip_prefix('#') {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let points = self.state.context.jump_points.as_mut();
        let Some(point) =
            points.and_then(|points| points.iter_mut().rev().find(|p| p.used != Some(true)))
        else {
            return Ok(false);
        };
        if execute {
            point.execute_node = Some(true);
        }
        point.used = Some(true);
        let (flow, node) = (
            point.flow.clone(),
            if name.is_empty() { point.node.clone() } else { name.to_owned() },
        );
        let (flow, node) = self.find(&flow, Some(&node))?;
        let scope = if execute { Scope::Full } else { Scope::TransitionsOnly };
        self.visit(&flow.name, &node.name);
        let context = &mut self.state.context;
        context.current_flow = Some(flow.name.clone());
        context.current_node = Some(node.name.clone());
        context.queue = Some(Queue { instructions: queue::build(flow, node, scope) });
        Ok(true)
    }

    /// Enters the flow of a skill-call node.
    pub(super) fn enter_sub_flow(
        &mut self,
        flow: &Flow,
        node: &Node,
        target: &str,
    ) -> Result<(), FlowError> {
        debug_assert_eq!(self.state.context.current_node.as_deref(), Some(node.name.as_str()));
        let (sub_flow, start) = self.find(target, None)?;
        self.state.context.current_flow = Some(flow.name.clone());
        self.call_flow(sub_flow, &start.name);
        Ok(())
    }

    /// Moves to a node of another flow and remembers the way back.
    fn call_flow(&mut self, flow: &Flow, node: &str) {
        let mut old = std::mem::take(&mut self.state.context);
        old.remember_position();
        self.state.context = Context {
            current_flow: Some(flow.name.clone()),
            current_node: Some(node.to_owned()),
            previous_flow: old.current_flow,
            previous_node: old.current_node,
            jump_points: old.jump_points,
            ..Context::default()
        };
    }

    /// Whether the current skill-call node is being returned to, not entered.
    pub(super) fn is_returning(&self) -> bool {
        let context = &self.state.context;
        let points = context.jump_points.as_deref().unwrap_or_default();
        points.iter().find(|point| point.used == Some(true)).is_some_and(|point| {
            point.execute_node != Some(true)
                && context.current_flow.as_deref() == Some(point.flow.as_str())
                && context.current_node.as_deref() == Some(point.node.as_str())
        })
    }

    /// The nodes visited too often in this turn, if there are any.
    fn endless_loop(&self) -> Option<String> {
        if !self.circling {
            return None;
        }
        let mut circle: Vec<String> = Vec::new();
        for at in &self.state.stacktrace {
            let visits = self.visits.get(at).copied().unwrap_or_default();
            let told = format!("{} {} ({visits})", at.flow, at.node);
            if visits >= VISITS && !circle.contains(&told) {
                circle.push(told);
            }
        }
        Some(format!("Infinite loop detected. ({})", circle.join(" --> ")))
    }
}
