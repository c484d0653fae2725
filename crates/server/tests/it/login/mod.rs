//! Accounts over HTTP: logging in, and what an account does with itself.

mod command;
mod first_account;
mod keys;
mod password;
mod samples;
mod session;
