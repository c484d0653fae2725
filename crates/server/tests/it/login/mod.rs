//! Accounts over HTTP: logging in, and what an account does with itself.

mod first_account;
mod keys;
mod password;
mod session;
