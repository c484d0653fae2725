//! `cargo xtask test`: everything that must pass before a change is merged.

use std::path::Path;

use crate::description::Effort;
use crate::failure::Result;
use crate::step::{self, Steps};
use crate::{deny, description, services, tidy};

/// Runs all checks and tests, the cheap ones first.
pub(crate) fn run(root: &Path) -> Result {
    let cargo = |arguments: &[&str]| step::command(step::cargo(root).args(arguments));
    let mut steps = Steps::new(9);
    steps.run("services", || {
        services::ensure_rust_components(root)?;
        services::ensure_postgres()?;
        services::ensure_python()
    })?;
    steps.run("format", || cargo(&["fmt", "--all", "--", "--check"]))?;
    steps.run("tidy", || tidy::run(root))?;
    steps.run("dependencies", || deny::run(root))?;
    steps.run("clippy", || {
        let target = ["clippy", "--workspace", "--all-targets", "--locked"];
        cargo(&[target.as_slice(), &["--", "-D", "warnings"]].concat())
    })?;
    steps.run("build", || cargo(&["build", "--locked"]))?;
    steps.run("tests", || {
        let mut command = step::cargo(root);
        command.args(["test", "--workspace", "--locked"]);
        // A test that lacks a service fails; without this it would say so and pass.
        step::command(command.env("PARLANCE_REQUIRE_SERVICES", "1"))
    })?;
    steps.run("description", || description::run(root, Effort::Short))?;
    steps.run("documentation", || {
        let mut command = step::cargo(root);
        // Module pages lead to what they are made of, private or not.
        command.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
        step::command(command.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.finish();
    Ok(())
}
