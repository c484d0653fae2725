//! `cargo xtask deny`: licences, sources and duplicates of all dependencies against `deny.toml`.
//!
//! The file is written in cargo-deny's own format, so that cargo-deny can be run as well (it also
//! knows advisories, for which it needs the network). Data flows `deny.toml` → [`policy`], `cargo
//! metadata` → [`graph`], both → [`rules`] → a list of what breaks the policy.

mod graph;
mod policy;
mod rules;

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::metadata;

/// Checks the dependencies of all platforms that the policy names.
pub(crate) fn run(root: &Path) -> Result {
    let policy = policy::Policy::read(&root.join("deny.toml"))?;
    let mut all = graph::Graph::default();
    for platform in &policy.graph.targets {
        all.add(metadata::resolved(root, platform)?);
    }
    let outcome = rules::check(&policy, &all);
    for note in &outcome.notes {
        println!("    note: {note}");
    }
    if outcome.problems.is_empty() {
        println!("    {} packages follow deny.toml", all.packages().count());
        return Ok(());
    }
    let list = outcome.problems.join("\n  ");
    Err(Failure::new(format!("{} dependencies break deny.toml:\n  {list}", outcome.problems.len())))
}
