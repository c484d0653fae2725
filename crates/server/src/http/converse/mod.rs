//! The Converse API: a message in, the bot's replies out (`spec` http 1).
//!
//! Data flows body and path → `restrict` (who may) → `message` (on the public route by v12's
//! `schema`) → `include` → `extras` (what v12 does not know) → turn → JSON, or `events`; `exchange` is
//! what both routes share. The order of checks is v12's, which callers can observe.

mod doc;
mod events;
mod exchange;
mod extras;
mod include;
mod message;
mod post;
mod restrict;
mod schema;
mod secured;
#[cfg(test)]
mod tests;

pub(super) use doc::{post_doc, secured_doc};
pub(super) use post::post;
pub(super) use secured::secured;
