//! Who may do what: passwords, login tokens, API keys, external tokens, roles, and the service that
//! ties them to the store (`spec` http 1.8, 2).
//!
//! No HTTP and no SQL lives here: `http` turns a request's credentials into a call and an error into
//! an answer, `parlance_store` keeps accounts and keys. Everything but the service is given
//! time and chance as arguments, so that it can be tested with tables.

mod caller;
pub mod external;
pub mod jwt;
pub mod key;
pub mod lockout;
pub mod password;
pub mod permission;
pub mod service;
pub mod token;

pub use caller::{AccountId, Caller, DEFAULT_STRATEGY, KeyLimits};
pub use jwt::{Algorithm, KeyError, Refusal};
pub use service::Auth;
