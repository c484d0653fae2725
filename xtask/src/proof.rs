//! The longer proofs: figures of speed and size, and the kill test with its positive control.

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::step;

/// Measures the release build; see the `parlance-benches` crate.
pub(crate) fn figures(root: &Path) -> Result {
    step::command(step::cargo(root).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "parlance",
    ]))?;
    step::command(step::cargo(root).args([
        "run",
        "--release",
        "--locked",
        "--package",
        "parlance-benches",
    ]))
}

/// Kills the ordinary build under load.
pub(crate) fn kill_test(root: &Path) -> Result {
    step::command(step::cargo(root).args(kill_test_arguments()))
}

/// The positive control: a build that answers before it commits must fail the kill test. It is
/// built in a folder of its own, so that it can never be taken for the real one.
pub(crate) fn broken_kill_test(root: &Path) -> Result {
    let target = root.join("target").join("broken");
    let mut command = step::cargo(root);
    command.args(kill_test_arguments());
    command
        .args(["--features", "broken-ack-before-commit"])
        .env("CARGO_TARGET_DIR", target);
    // The build alone first, so that a compiler's error is not taken for a found loss.
    let mut build = step::cargo(root);
    build.args([
        "test",
        "--locked",
        "--package",
        "parlance",
        "--test",
        "it",
        "--no-run",
    ]);
    build.args(["--features", "broken-ack-before-commit"]);
    step::command(build.env("CARGO_TARGET_DIR", root.join("target").join("broken")))?;
    if step::command(&mut command).is_ok() {
        return Err(Failure::new(
            "the kill test passed on a build that answers before it commits: the test is blind",
        ));
    }
    println!("\nas it should be: the kill test caught the build that answers before it commits");
    Ok(())
}

fn kill_test_arguments() -> [&'static str; 10] {
    [
        "test",
        "--locked",
        "--package",
        "parlance",
        "--test",
        "it",
        "--",
        "--nocapture",
        "--exact",
        "reliability::kill::no_answered_turn_is_lost_doubled_or_half_done",
    ]
}
