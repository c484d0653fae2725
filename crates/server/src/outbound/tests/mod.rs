//! The guard as attackers and honest callers meet it.

mod answers;
mod refusals;
mod stage;
