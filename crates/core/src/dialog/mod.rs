//! The dialog engine: one turn of a conversation as a state machine (`spec` runtime 3).
//!
//! Does not live here: rendering ([`crate::content`]), builtin actions ([`crate::skills`]),
//! anything that touches the world.

mod state;

pub use state::{Context, Instruction, InstructionKind, JumpPoint, Position, Queue, State};
