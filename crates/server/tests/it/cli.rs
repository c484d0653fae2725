//! The command line, from outside.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{DataDir, Server, binary};

/// Runs a command that must end by itself. Its output is small enough for a pipe.
pub(crate) fn run(arguments: &[&str]) -> Output {
    let mut command = binary();
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while process.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            process.kill().unwrap();
            panic!("`parlance {}` does not end", arguments.join(" "));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    process.wait_with_output().unwrap()
}

pub(crate) fn all_text(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn own_bots() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots").to_string_lossy().into_owned()
}

#[test]
fn the_version_is_the_packages() {
    let output = run(&["--version"]);
    assert!(output.status.success());
    assert!(all_text(&output).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_command_that_does_not_exist_is_refused() {
    assert!(!run(&["no-such-command"]).status.success());
}

#[test]
fn our_own_bot_passes_the_check_with_nothing_to_mend() {
    let bot = format!("{}/welcome-bot", own_bots());
    let output = run(&["check", &bot, "--json"]);
    let text = all_text(&output);
    assert!(output.status.success(), "{text}");
    for severity in ["warning", "error"] {
        assert!(!text.contains(&format!("\"{severity}\"")), "{text}");
    }
}

#[test]
fn a_path_without_a_bot_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["check", &folder.path().join("nothing").to_string_lossy()]);
    assert!(!output.status.success());
    assert!(all_text(&output).contains("nothing"));
}

#[test]
fn a_taken_port_is_an_error_that_names_it() {
    let first = DataDir::new();
    let server = Server::start(&first);
    let second = tempfile::tempdir().unwrap();
    let data = second.path().join("data").to_string_lossy().into_owned();
    let output = run(&["serve", "--data", &data, "--port", server.port()]);
    assert!(!output.status.success());
    assert!(all_text(&output).contains(server.port()), "{}", all_text(&output));
}

#[test]
fn a_setting_with_a_wrong_value_is_refused_with_its_place() {
    let data = DataDir::new();
    let global = data.path().join("global");
    std::fs::create_dir_all(&global).unwrap();
    let config = "{\n  \"converse\": {\n    \"timeout\": \"soon\"\n  }\n}\n";
    std::fs::write(global.join("botpress.config.json"), config).unwrap();
    let output = run(&["serve", "--data", &data.path().to_string_lossy(), "--port", "0"]);
    assert!(!output.status.success());
    let text = all_text(&output);
    assert!(text.contains("botpress.config.json:3"), "{text}");
    assert!(text.contains("converse.timeout"), "{text}");
}
