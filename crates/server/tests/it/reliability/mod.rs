//! What is promised across restarts and crashes.

mod kill;
mod ledger;
mod restart;
