//! What is promised across restarts and crashes.

mod expiry;
mod kill;
mod ledger;
mod restart;
