//! The audit trail, from outside: what it records, and that meddling with it shows.

mod command;
