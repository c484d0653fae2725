//! The audit trail: who did what to the server, in a chain.
//!
//! Each row carries the hash of the row before it, so that a row that was changed, left out or put in
//! later breaks the chain. The writer numbers and chains the entries in the order in which it stores
//! them, in the same transactions as turns, and keeps the newest row's number and hash ([`AuditHead`])
//! apart from the rows, so that rows missing at the end are seen too.
//!
//! The chain holds no secret: who may write the whole database can write a whole trail anew. That shows
//! only to those who know an [`AuditHead`] from elsewhere, such as the log.
//!
//! Data flows: [`AuditEntry`] (`entry`) → `chain` → `rows` → database; and back to [`AuditVerifier`].

mod chain;
mod entry;
mod rows;
mod trail;

pub use chain::{AuditBreak, AuditHead, AuditVerifier, MalformedHead};
pub use entry::{AuditEntry, AuditRow, audit_hash};
pub use rows::AuditFilter;
pub use trail::{AuditFinding, AuditTrail};

pub(crate) use chain::chained;
pub(crate) use rows::{head, is_stored, write};
