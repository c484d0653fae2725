//! Accounts over HTTP: logging in, and what an account does with itself.

mod password;
