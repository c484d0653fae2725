//! The dialog engine: one turn of a conversation as a state machine (`spec` runtime 3, 6.3, 7).
//!
//! A [`Turn`] is made from the event and the stored state. [`Turn::advance`] runs until it needs
//! something from the world and returns that as an [`Effect`]; the caller performs it and calls
//! again with the [`EffectAnswer`], until [`Step::Done`]. [`Turn::finish`] then gives replies, new
//! state and what to remember. No IO happens here, so a turn can be tested and replayed from tables.
//!
//! Does not live here: rendering ([`crate::content`]), builtin actions ([`crate::skills`]),
//! anything that touches the world.

mod about;
mod action;
mod builtin_hooks;
mod decision;
mod end;
mod event;
mod history;
mod inspection;
mod jump;
mod process;
mod queue;
mod recovery;
mod say;
mod state;
mod timeout;
mod transition;
mod turn;

pub use decision::{Decision, DecisionRules, Suggestion};
pub use event::{Moment, NewEvent};
pub use inspection::Inspection;
pub use state::{Context, Instruction, InstructionKind, JumpPoint, Position, Queue, State};
pub use turn::{
    Effect, EffectAnswer, Finished, MemoryOp, Persist, Problem, ProblemKind, Settings, Step, Turn,
};
