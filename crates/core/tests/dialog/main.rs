//! The dialog engine, told as conversations: small bots, what a user says, what comes back.

mod choice;
mod ends;
mod failures;
mod flows;
mod memory;
mod slots;
mod stage;
mod timeouts;
