//! The audit log, from outside: what it records, and that meddling with it shows.

mod command;
mod http;
mod record;
