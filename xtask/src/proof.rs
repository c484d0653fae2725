//! The longer proofs: figures of speed and size, and the kill test with its positive control.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::step;

/// Turns the ordinary build into one that answers before it commits.
const BROKEN: [&str; 2] = ["--features", "broken-ack-before-commit"];

/// Measures the release build; see the `parlance-benches` crate.
pub(crate) fn figures(root: &Path) -> Result {
    let release = ["--release", "--locked", "--package"];
    step::command(step::cargo(root).arg("build").args(release).arg("parlance"))?;
    step::command(step::cargo(root).arg("run").args(release).arg("parlance-benches"))
}

/// Kills the ordinary build under load.
pub(crate) fn kill_test(root: &Path) -> Result {
    step::command(only_the_kill_test(&mut test_build(root)))
}

/// The positive control: on a build that answers before it commits, the kill test must find losses.
/// That build has a folder of its own, so that it can never be taken for the real one.
pub(crate) fn broken_kill_test(root: &Path) -> Result {
    let build = || {
        let mut command = test_build(root);
        command.args(BROKEN).env("CARGO_TARGET_DIR", root.join("target").join("broken"));
        command
    };
    // By itself first, so that a compiler's error is not taken for a found loss.
    step::command(build().arg("--no-run"))?;
    let output = only_the_kill_test(&mut build())
        .output()
        .map_err(|error| Failure::new(format!("the kill test could not be started: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    match lost_turns(&text) {
        Some(lost) if lost > 0 && !output.status.success() => {
            println!("as it should be: the kill test caught the broken build ({lost} turns lost)");
            Ok(())
        }
        found => Err(Failure::new(format!(
            "the kill test must fail with lost turns on a build that answers before it commits; \
             it ended with {} and lost turns {found:?}",
            output.status
        ))),
    }
}

fn test_build(root: &Path) -> Command {
    let mut command = step::cargo(root);
    command.args(["test", "--locked", "--package", "parlance", "--test", "it"]);
    command
}

fn only_the_kill_test(command: &mut Command) -> &mut Command {
    let test = "reliability::kill::no_answered_turn_is_lost_doubled_or_half_done";
    command.args(["--", "--nocapture", "--exact", test])
}

/// The number after `lost=` in the test's line of results.
fn lost_turns(text: &str) -> Option<usize> {
    let line = text.lines().find(|line| line.contains("kill test: "))?;
    let (_, after) = line.split_once("lost=")?;
    after.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_lost_turns_is_read_from_the_tests_line() {
        let text = "running 1 test\nkill test: seed=1 turns=2 kills=5 lost=7 doubled=0\n";
        assert_eq!(lost_turns(text), Some(7));
        assert_eq!(lost_turns("running 1 test\n"), None);
    }
}
