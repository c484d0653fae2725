//! What v12's tools ask of the server itself (`spec` http 3.4), as far as there is an answer here; what
//! there is not, and why, is in `docs/quirks.md`.

mod config_hash;
mod licensing;

use super::routes::Right;

pub(super) use config_hash::{config_hash, config_hash_doc};
pub(super) use licensing::{licensing, licensing_doc};

/// To see how the server is set up.
pub(super) const READ: Right = Right::read("admin.management");
