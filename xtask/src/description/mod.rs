//! Holds the running server to its own description: schemathesis sends what `/openapi.json` allows and
//! what it forbids, and compares the answers with what is promised there.
//!
//! The tool is installed below `target/`, with all it needs at pinned versions. It finds a fresh data
//! directory with the demo bot and one account. What is not held against the server, and why, is in
//! `xtask/schemathesis.toml`.

mod server;
mod tool;

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::step;

use server::{ADMIN, PASSWORD, Server};

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// The same requests every time, within three minutes.
    Short,
    /// Many more, other ones each time.
    Long,
}

/// Requests for each operation and kind of test, in the short run.
const EXAMPLES: &str = "25";
/// The same in the long run.
const MANY_EXAMPLES: &str = "500";
/// What makes the short run the same every time.
const SEED: &str = "20240229";

/// Runs it against the debug build.
pub(crate) fn run(root: &Path, effort: Effort) -> Result {
    let tool = tool::ensure(root)?;
    let mut build = step::cargo(root);
    step::command(build.args(["build", "--locked", "--package", "parlance"]))?;
    let server = Server::start(root)?;
    let token = server.login()?;
    let mut command = Command::new(tool);
    command
        .arg("--config-file")
        .arg(root.join("xtask").join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", server.base()))
        .args(["--no-color", "--continue-on-failure"])
        .current_dir(server.folder())
        .env("PARLANCE_TOKEN", token)
        .env("PARLANCE_ADMIN", ADMIN)
        .env("PARLANCE_PASSWORD", PASSWORD);
    match effort {
        Effort::Short => command.args(["--max-examples", EXAMPLES, "--seed", SEED]),
        Effort::Long => command.args(["--max-examples", MANY_EXAMPLES]),
    };
    let outcome = step::command(&mut command);
    let panics = server.panics()?;
    outcome?;
    match panics.first() {
        None => Ok(()),
        Some(line) => Err(Failure::new(format!("the server panicked: {line}"))),
    }
}
