//! The domain of Parlance: a bot's files, its flows, content and conditions, and the dialog engine.
//!
//! Pure: no IO, no async, no clock, no randomness. Whatever the domain needs from the world it asks
//! for as a [`dialog::Effect`] or takes as an argument. Data flows one way:
//! files → [`bot`] (checked and compiled) → [`dialog`] (one turn) ⇄ effects → payloads and state.

pub mod bot;
pub mod content;
pub mod dialog;
pub mod duration;
pub mod expr;
pub mod ids;
pub mod js;
pub mod merge_patch;
pub mod scope;
pub mod skills;
pub mod untrusted;
