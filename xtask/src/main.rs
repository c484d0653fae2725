//! Runs the project's own tasks: `cargo xtask <task>`.
//!
//! Each task lives in a file or folder of its own. A task says what it does while it does it, stops
//! at the first thing that is wrong, and names it.

mod deny;
mod description;
mod failure;
mod metadata;
mod proof;
mod services;
mod step;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use description::Effort;
use failure::{Failure, Result};

const USAGE: &str = "\
cargo xtask <task>

  test        everything that must pass before a change is merged; needs nothing but Rust and a
              C compiler, installs PostgreSQL and Python by apt where it may, says what to install
              elsewhere
  tidy        the house rules: sizes, headers, forbidden calls, direction of dependencies, words
  deny        dependency policy (deny.toml): licences, sources, duplicates
  describe    holds the running server to /openapi.json, with schemathesis (installed below target/)
              --long     twenty times as many requests, other ones each time
  figures     measures cost of a turn, memory, start-up and size, each beside its baseline
  kill-test   kills the server under load and looks for lost, doubled or half turns
              --broken   the same with a build that answers before it commits: must find losses
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result {
    let root = root();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => test::run(&root),
        ["tidy"] => tidy::run(&root),
        ["deny"] => deny::run(&root),
        ["describe"] => description::run(&root, Effort::Short),
        ["describe", "--long"] => description::run(&root, Effort::Long),
        ["figures"] => proof::figures(&root),
        ["kill-test"] => proof::kill_test(&root),
        ["kill-test", "--broken"] => proof::broken_kill_test(&root),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            let given = words.join(" ");
            Err(Failure::new(format!("there is no task \"{given}\"\n\n{USAGE}")))
        }
    }
}

/// The folder of the workspace: the parent of this crate's.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
