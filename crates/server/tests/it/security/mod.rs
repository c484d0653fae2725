//! Nobody gets in who may not: every operation of the description against every kind of caller, forged
//! tokens, guessed passwords, rights that end.
//!
//! Expectations are worked out here, from v12's rules of roles (`roles`) and the words of the
//! description (`operation`), never by the server's own code. New routes are covered by themselves; what
//! the tests cannot judge makes them fail.

mod cells;
mod expected;
mod forged;
mod forgeries;
mod guessing;
mod matrix;
mod operation;
mod policy;
mod revocation;
mod roles;
mod token;
mod who;
mod world;
