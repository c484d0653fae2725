//! What the store promises, checked on both engines.
//!
//! SQLite always; PostgreSQL with a private server that the tests start themselves (see `postgres`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod accounts;
mod audit;
mod conversations;
mod crash;
mod engines;
mod erase;
mod expiry;
mod faults;
mod kept;
mod legacy;
mod memory;
mod model;
mod opening;
mod postgres;
mod proxy;
mod turns;
