//! A turn: what it holds, what it asks of the world, and what comes out of it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::bot::Bot;
use crate::content::PayloadFormat;
use crate::expr::ConditionError;
use crate::scope::Scope;
use crate::skills::{self, Then};
use crate::untrusted;

use super::decision::{Decision, DecisionRules, Suggestion};
use super::event::{Moment, NewEvent};
use super::inspection::Inspection;
use super::process::Control;
use super::state::{Instruction, Position, State};
use super::{about, builtin_hooks, history, timeout};

/// Server settings that a turn depends on.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// Form of the payloads.
    pub format: PayloadFormat,
    /// The server's external URL, without a slash at its end.
    pub external_url: &'a str,
    /// Rules for choosing among suggestions.
    pub rules: DecisionRules,
}

/// Something that the world must do before the turn can go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Wait so many milliseconds. Answer: [`EffectAnswer::Done`].
    Wait(u64),
    /// Read the bot's memory under `key`. Answer: [`EffectAnswer::Recalled`].
    Recall {
        /// The key.
        key: String,
    },
    /// Keep a copy of the file at a URL among the bot's media. Answer: [`EffectAnswer::Kept`] or
    /// `Failed`.
    KeepFile {
        /// The URL, as a user sent it: it may be anything.
        url: String,
    },
    /// Run the bot's own action. Answer: `Done` or `Failed`.
    RunAction {
        /// The action's name, a path below `actions/` without `.js`.
        name: String,
        /// Templated arguments.
        args: Value,
    },
    /// Evaluate a condition that is not plain. Answer: `Holds` or `Failed`.
    Evaluate {
        /// The condition's source.
        source: String,
    },
}

/// What the world answers.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectAnswer {
    /// It is done.
    Done,
    /// It could not be done, and why.
    Failed(String),
    /// What memory holds; `None` when nothing or expired.
    Recalled(Option<Value>),
    /// The path under which the server gives out the copy, such as `/api/v1/bots/…/media/…`.
    Kept(String),
    /// The condition's truth.
    Holds(bool),
}

/// Where a turn stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The world must do this first.
    Effect(Effect),
    /// The turn is over.
    Done,
}

/// A change to the bot's memory (v12's KVS), made when the turn is stored. The turn itself sees it at
/// once.
#[derive(Debug, Clone, PartialEq)]
pub enum MemoryOp {
    /// Stores a value.
    Set {
        /// The key.
        key: String,
        /// The value.
        value: Value,
    },
    /// Sets one field of the object under `key`, making the object where there is none.
    SetField {
        /// The key.
        key: String,
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
    /// Deletes every key that starts so.
    DeletePrefix {
        /// The start of the keys.
        prefix: String,
    },
}

/// What to keep of the new state (`spec` runtime 5.3, 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persist {
    /// Nothing: the stored state stays.
    Nothing,
    /// User and session, not the position in the flows and `temp`.
    WithoutContext,
    /// Everything.
    All,
}

/// What went wrong without ending the turn; goes to the trace and the log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// In which part of the engine.
    pub kind: ProblemKind,
    /// Flow under way, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Node under way, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The instruction, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// v12's names for the parts of the engine (`spec` runtime 3.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// An action failed or does not exist.
    ActionExecution,
    /// A transition's destination does not exist.
    DialogTransition,
    /// Anything else in the flows: rendering, conditions, loops.
    DialogEngine,
}

/// What a finished turn leaves behind. No string in it carries a trust mark, except in `state` and
/// `memory`, which are to be stored as they are.
#[derive(Debug)]
pub struct Finished {
    /// Replies, in order.
    pub replies: Vec<Value>,
    /// Who answered: the elected suggestion or the flows; `None` when nobody did.
    pub decision: Option<Decision>,
    /// The state to store, as far as `persist` says.
    pub state: State,
    /// What to store of the state.
    pub persist: Persist,
    /// Changes to the bot's memory.
    pub memory: Vec<MemoryOp>,
    /// What went wrong on the way.
    pub problems: Vec<Problem>,
    /// The turn from inside, where it was asked for.
    pub inspection: Option<Box<Inspection>>,
}

/// One turn under way.
#[derive(Debug)]
pub struct Turn<'b> {
    pub(super) bot: &'b Bot,
    pub(super) settings: Settings<'b>,
    pub(super) event: Value,
    pub(super) state: State,
    pub(super) suggestions: Vec<Suggestion>,
    pub(super) decision: Option<Decision>,
    pub(super) now: Moment,
    pub(super) replies: Vec<Value>,
    pub(super) memory: Vec<MemoryOp>,
    pub(super) problems: Vec<Problem>,
    pub(super) persist: Persist,
    pub(super) guard: Guard,
    pub(super) phase: Phase,
    pub(super) pending: Option<Pending>,
    /// How often each node was visited, and whether one was visited too often.
    pub(super) visits: HashMap<Position, usize>,
    pub(super) circling: bool,
    /// Instructions executed.
    pub(super) executed: usize,
    /// Milliseconds waited.
    pub(super) waited: u64,
    /// Files asked for.
    pub(super) files: usize,
    /// Depth of the return stack when the end-of-conversation flow was entered.
    pub(super) ending: Option<usize>,
    /// Timeouts in a row, this one included.
    pub(super) timeouts: u64,
    /// Whether an inspection is wanted.
    pub(super) inspected: bool,
}

/// The part of a turn that runs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Builtin hooks and the decision.
    Arrival,
    /// The flows.
    Flows,
    /// The timeout's flow; its end differs (`spec` runtime 3.9).
    TimeoutFlows,
    /// Nothing.
    Over,
}

/// What a failing step falls back to (`spec` runtime 3.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// No transition was made yet: the failure ends in the bot's error flow, once.
    Start,
    /// The error flow was entered for a failure at the start: another one abandons the turn.
    Abandon,
    /// A transition was made: the failure goes to the error destination.
    Transition,
    /// The error destination was tried: the failure ends the turn quietly.
    Quiet,
}

/// What waits for an effect's answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pending {
    /// An action, with what to do with what it asked for and the queue behind it.
    Action { instruction: String, then: Option<Then>, remaining: Vec<Instruction> },
    /// A transition's condition, with the queue behind it and whether that was stored.
    Condition { transition: Instruction, remaining: Vec<Instruction>, stored: bool },
}

/// A source of randomness: a number below its argument.
pub(super) type Pick<'a> = &'a mut dyn FnMut(usize) -> usize;

impl<'b> Turn<'b> {
    /// A turn for a message or another event from a channel.
    pub fn new(bot: &'b Bot, settings: Settings<'b>, state: State, event: NewEvent<'_>) -> Self {
        let now = event.received.clone();
        Self {
            bot,
            settings,
            event: event.build(),
            state,
            suggestions: Vec::new(),
            decision: None,
            now,
            replies: Vec::new(),
            memory: Vec::new(),
            problems: Vec::new(),
            persist: Persist::Nothing,
            guard: Guard::Start,
            phase: Phase::Arrival,
            pending: None,
            visits: HashMap::new(),
            circling: false,
            executed: 0,
            waited: 0,
            files: 0,
            ending: None,
            timeouts: 0,
            inspected: false,
        }
    }

    /// Goes on until the world is needed or the turn is over. The first call takes no answer; each
    /// later one takes the answer to the effect that the call before returned.
    pub fn advance(&mut self, answer: Option<EffectAnswer>, now: Moment, pick: Pick<'_>) -> Step {
        self.now = now;
        if self.phase == Phase::Arrival {
            self.phase = Phase::Over;
            self.arrive(pick);
        }
        let mut control = match (self.pending.take(), answer) {
            (Some(pending), Some(answer)) => self.resume(pending, answer),
            _ => Control::Next,
        };
        while self.phase != Phase::Over {
            match control {
                Control::Next => control = self.process(pick),
                Control::Ask(effect) => return Step::Effect(effect),
                Control::Stop => {
                    self.close_end_flow();
                    if self.phase == Phase::TimeoutFlows {
                        self.end_timeout();
                    }
                    self.phase = Phase::Over;
                    return Step::Done;
                }
            }
        }
        Step::Done
    }

    /// What the turn leaves behind.
    pub fn finish(mut self) -> Finished {
        self.state.stacktrace.retain(|position| !position.flow.starts_with("skills/"));
        history::trim(&mut self.state);
        history::drop_nulls(&mut self.state.user);
        self.replies.iter_mut().for_each(untrusted::unmark);
        let inspection = self.inspected.then(|| Box::new(self.inspect()));
        Finished {
            replies: self.replies,
            decision: self.decision,
            state: self.state,
            persist: self.persist,
            memory: self.memory,
            problems: self.problems,
            inspection,
        }
    }

    /// What conditions and templates can see now.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { event: &self.event, state: &self.state, args: None }
    }

    /// Builtin hooks, election, and whatever comes before the flows (`spec` runtime 6.3, 7.1).
    fn arrive(&mut self, pick: Pick<'_>) {
        let about = about::reply(&self.event);
        self.state.context.other.shift_remove(timeout::COUNT);
        builtin_hooks::before(&mut self.event, &self.state);
        let mut skip = builtin_hooks::after(&self.event, &mut self.state, self.now.millis);
        if let Some(reply) = about {
            self.replies.push(reply);
            skip.flows = true;
        }
        if skip.reply_as_said {
            self.say_what_was_asked(pick);
        }
        self.decide(skip);
    }

    /// Goes on with an effect's answer.
    pub(super) fn resume(&mut self, pending: Pending, answer: EffectAnswer) -> Control {
        match pending {
            Pending::Action { instruction, then, remaining } => {
                let outcome = match (answer, then) {
                    (EffectAnswer::Failed(reason), Some(then)) if then.may_fail() => {
                        self.report(ProblemKind::ActionExecution, Some(&instruction), &reason);
                        skills::Outcome::Done
                    }
                    (EffectAnswer::Kept(path), Some(then)) => {
                        let no_args = Map::new();
                        skills::resume(&then, Some(path.into()), &mut self.call(&no_args))
                    }
                    (EffectAnswer::Failed(reason), _) => skills::Outcome::Failed(reason),
                    (EffectAnswer::Recalled(value), Some(then)) => {
                        let no_args = Map::new();
                        skills::resume(&then, value, &mut self.call(&no_args))
                    }
                    _ => skills::Outcome::Done,
                };
                self.after_action(instruction, remaining, outcome)
            }
            Pending::Condition { transition, remaining, stored } => {
                let held = match answer {
                    EffectAnswer::Holds(held) => Ok(held),
                    EffectAnswer::Failed(reason) => Err(ConditionError::Throws(reason)),
                    EffectAnswer::Done | EffectAnswer::Recalled(_) | EffectAnswer::Kept(_) => {
                        Ok(false)
                    }
                };
                self.after_condition(transition, remaining, stored, held)
            }
        }
    }

    /// Records a problem at the current position.
    pub(super) fn report(&mut self, kind: ProblemKind, instruction: Option<&str>, message: &str) {
        let plain = |text: &str| untrusted::plain(text).into_owned();
        let context = &self.state.context;
        self.problems.push(Problem {
            kind,
            flow: context.current_flow.as_deref().map(plain),
            node: context.current_node.as_deref().map(plain),
            instruction: instruction.map(str::to_owned),
            message: plain(message),
        });
    }
}
