//! The main loop: one instruction at a time (`spec` runtime 3.3).

use serde_json::Value;

use crate::bot::{Flow, Node, NodeKind};
use crate::expr::{Condition, ConditionError};

use super::queue::{self, Scope};
use super::recovery::FlowError;
use super::state::{Context, Instruction, InstructionKind, Position, Queue};
use super::transition::VISITS;
use super::turn::{Effect, Pending, Pick, ProblemKind, Turn};

/// Instructions that one turn may execute; more is taken for an endless loop.
const INSTRUCTIONS: usize = 2_000;

/// What to do after a step.
#[derive(Debug)]
pub(super) enum Control {
    /// Take the next instruction.
    Next,
    /// Ask the world.
    Ask(Effect),
    /// The turn waits for the user or is over.
    Stop,
}

/// A node's queue, taken apart.
struct Next {
    /// What to execute; none left ends the conversation.
    first: Option<Instruction>,
    /// What comes behind it.
    remaining: Vec<Instruction>,
    /// Whether the queue was stored in the context, and not just built.
    stored: bool,
}

impl<'b> Turn<'b> {
    /// Executes the next instruction.
    pub(super) fn process(&mut self, pick: Pick<'_>) -> Control {
        self.executed += 1;
        if self.executed > INSTRUCTIONS {
            return self.stop_loop(&format!("more than {INSTRUCTIONS} instructions in one turn"));
        }
        match self.next_instruction() {
            Ok(Some(next)) => self.execute(next, pick),
            Ok(None) => Control::Next,
            Err(error) => self.recover(&error),
        }
    }

    /// Takes the next instruction of the current node. `None`: the position changed, look again.
    fn next_instruction(&mut self) -> Result<Option<Next>, FlowError> {
        if self.state.context.current_flow.is_none() {
            self.enter_main()?;
        }
        let (flow, node) = self.current()?;
        if let NodeKind::SkillCall { flow: target } = &node.kind
            && !self.is_returning()
        {
            self.enter_sub_flow(flow, node, target)?;
            return Ok(None);
        }
        let mut stored = false;
        let mut instructions = if self.state.context.has_jumped == Some(true) {
            self.state.context.has_jumped = Some(false);
            queue::build(flow, node, Scope::AfterJump)
        } else if let Some(queue) = self.state.context.queue.take() {
            stored = true;
            queue.instructions
        } else {
            queue::build(flow, node, Scope::Full)
        };
        let first = if instructions.is_empty() { None } else { Some(instructions.remove(0)) };
        Ok(Some(Next { first, remaining: instructions, stored }))
    }

    fn execute(&mut self, next: Next, pick: Pick<'_>) -> Control {
        let Next { first, remaining, stored } = next;
        let Some(instruction) = first else {
            return self.end(false);
        };
        match instruction.kind {
            InstructionKind::Wait => {
                self.state.context.queue = Some(Queue { instructions: remaining });
                Control::Stop
            }
            InstructionKind::Transition => {
                let source = instruction.text.clone().unwrap_or_default();
                match self.holds(&source) {
                    Err(ConditionError::NeedsJavaScript(_)) => {
                        let transition = instruction;
                        self.pending = Some(Pending::Condition { transition, remaining, stored });
                        Control::Ask(Effect::Evaluate { source })
                    }
                    held => self.after_condition(instruction, remaining, stored, held),
                }
            }
            InstructionKind::OnEnter | InstructionKind::OnReceive => {
                let text = instruction.text.as_deref().unwrap_or_default();
                let outcome = if text.starts_with("say ") {
                    self.say(text, instruction.args.as_ref(), pick).map(|()| None)
                } else {
                    self.start_action(text).map(Some)
                };
                match outcome {
                    Ok(None) => self.proceed(remaining),
                    Ok(Some(outcome)) => self.after_action(text.to_owned(), remaining, outcome),
                    Err(message) => self.stick(instruction, remaining, stored, &message),
                }
            }
        }
    }

    /// Goes on behind a finished instruction.
    pub(super) fn proceed(&mut self, remaining: Vec<Instruction>) -> Control {
        self.state.context.queue = Some(Queue { instructions: remaining });
        Control::Next
    }

    /// Goes on after a transition's condition was evaluated.
    pub(super) fn after_condition(
        &mut self,
        transition: Instruction,
        remaining: Vec<Instruction>,
        stored: bool,
        held: Result<bool, ConditionError>,
    ) -> Control {
        match held {
            Ok(false) => self.proceed(remaining),
            Ok(true) => self.go(transition.destination.as_deref().unwrap_or_default()),
            Err(error) => self.stick(transition, remaining, stored, &error.to_string()),
        }
    }

    /// An instruction that cannot be executed: it is tried again on the user's next message, as in
    /// v12, because a repaired bot then goes on where it stood.
    fn stick(
        &mut self,
        instruction: Instruction,
        mut remaining: Vec<Instruction>,
        stored: bool,
        message: &str,
    ) -> Control {
        self.report(ProblemKind::DialogEngine, instruction.text.as_deref(), message);
        if stored {
            remaining.insert(0, instruction);
            self.state.context.queue = Some(Queue { instructions: remaining });
        }
        Control::Stop
    }

    fn holds(&self, source: &str) -> Result<bool, ConditionError> {
        match self.bot.conditions.get(source) {
            Some(condition) => condition.evaluate(self.scope()),
            // A queue kept from before the flow was edited.
            None => Condition::parse(source).evaluate(self.scope()),
        }
    }

    /// The current flow and node.
    pub(super) fn current(&self) -> Result<(&'b Flow, &'b Node), FlowError> {
        let flow = self.state.context.current_flow.as_deref().unwrap_or_default();
        let node = self.state.context.current_node.as_deref().unwrap_or_default();
        self.find(flow, Some(node))
    }

    /// A flow, and the named node of it or its start node.
    pub(super) fn find(
        &self,
        flow: &str,
        node: Option<&str>,
    ) -> Result<(&'b Flow, &'b Node), FlowError> {
        let bot: &'b crate::bot::Bot = self.bot;
        let found = bot.flow(flow).ok_or_else(|| FlowError::UnknownFlow(flow.to_owned()))?;
        let name = node.unwrap_or(&found.start_node);
        let node = found.node(name).ok_or_else(|| FlowError::UnknownNode {
            flow: found.name.clone(),
            node: name.to_owned(),
        })?;
        Ok((found, node))
    }

    fn enter_main(&mut self) -> Result<(), FlowError> {
        let (flow, node) = self.find("main.flow.json", None)?;
        self.visit(&flow.name, &node.name);
        self.state.context = Context {
            current_flow: Some(flow.name.clone()),
            current_node: Some(node.name.clone()),
            ..Context::default()
        };
        Ok(())
    }

    /// Adds a node to the stack trace.
    pub(super) fn visit(&mut self, flow: &str, node: &str) {
        let position = Position { flow: flow.to_owned(), node: node.to_owned() };
        let visits = self.visits.entry(position.clone()).or_default();
        *visits += 1;
        self.circling |= *visits >= VISITS;
        self.state.stacktrace.push(position);
    }

    /// Clears the conversation's position and `temp`; session and user stay.
    pub(super) fn clear(&mut self) {
        self.state.context = Context::default();
        self.state.temp = Value::Object(serde_json::Map::new());
    }

    /// Ends a turn that runs in a circle (`spec` runtime 3.8).
    pub(super) fn stop_loop(&mut self, message: &str) -> Control {
        self.report(ProblemKind::DialogEngine, None, message);
        self.clear();
        Control::Stop
    }
}
