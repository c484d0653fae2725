//! `cargo xtask tidy`: the house rules that a machine can check.
//!
//! Data flows tracked files → [`files`] → one checker for each rule → [`Finding`]s. The rules and
//! their exceptions are tables at the top of each checker; the reasons are in `CONTRIBUTING.md`.

mod calls;
mod files;
mod layers;
mod shape;
mod words;

use std::fmt;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::metadata;

/// A rule that is broken somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// File, relative to the workspace.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.problem),
            line => write!(f, "{}:{line}: {}", self.file, self.problem),
        }
    }
}

/// Checks the whole workspace.
pub(crate) fn run(root: &Path) -> Result {
    let files = files::tracked(root)?;
    let mut findings = words::check(&files);
    findings.extend(layers::check(&metadata::workspace(root)?));
    let sources = files::parse(&files, &mut findings);
    for source in &sources {
        shape::check(source, &mut findings);
    }
    calls::check(&sources, &mut findings);
    if findings.is_empty() {
        println!(
            "    {} files, {} of them Rust, follow the house rules",
            files.len(),
            sources.len()
        );
        return Ok(());
    }
    findings.sort();
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Err(Failure::new(format!("{} breaches of the house rules:\n{}", list.len(), list.join("\n"))))
}
