//! Persistence: the only crate of Parlance that knows SQL.
//!
//! A [`Store`] keeps conversations, chat users, bots' memory and every turn in an SQLite file or a
//! PostgreSQL database. A turn is read with [`Store::load`] and stored with [`Store::commit`], as
//! one transaction: state, message, replies and trace, all or none. There is one reading and one
//! writing task; both take all that waits at once, so the cost of a statement or a commit is shared.
//!
//! Accounts, memberships, API keys and the audit trail are kept beside them, each in a file of its own.
//!
//! No clock and no randomness: times (milliseconds since 1970) and ids come in as arguments.

mod accounts;
mod api_keys;
mod audit;
mod cache;
mod check;
mod commit;
mod conversations;
mod engine;
mod erase;
mod error;
mod expiry;
mod fence;
mod health;
mod history;
mod idempotency;
mod legacy;
mod load;
mod lock;
mod members;
mod memory;
mod migrate;
mod open;
mod options;
mod patch;
mod reader;
mod record;
mod retention;
mod settings;
mod store;
mod thread;

pub use accounts::{Account, AccountChange, Created, FailureChange, Lock, PAGE_ROWS};
pub use api_keys::{ApiKey, KEY_USE_MS, KEYS_LIMIT};
pub use audit::{
    AuditBreak, AuditEntry, AuditFilter, AuditFinding, AuditHead, AuditRow, AuditTrail,
    AuditVerifier, MalformedHead, audit_hash,
};
pub use conversations::{
    ConversationCursor, ConversationFilter, ConversationPage, ConversationSummary, UserData,
};
pub use erase::ErasedCounts;
pub use error::{CommitError, KeyError, ReadError, StoreError};
pub use health::Unready;
pub use history::StoredTurn;
pub use idempotency::{IDEMPOTENCY_KEPT_MS, Repeat};
pub use legacy::{V12Account, V12Accounts, V12Member, read_v12_accounts};
pub use load::{Conversation, Loaded};
pub use members::{MEMBERS_LIMIT, Membership};
pub use memory::{BOT_SCOPE, MemoryOp};
pub use options::{Database, StoreOptions};
pub use patch::MemoryPatch;
pub use record::{Expiry, Idempotency, Json, Retention, Revision, TurnRecord};
pub use store::{JanitorError, Store};
