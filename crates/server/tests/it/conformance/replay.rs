//! Runs the replay program and reads its report.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{DataDir, Server};

/// Where the recordings are.
pub(crate) struct Recordings {
    program: PathBuf,
}

/// What a replay found.
#[derive(Debug)]
pub(crate) struct Report {
    /// Steps that differ: `<file> step <n>`.
    pub(crate) failed: Vec<String>,
    /// Number of steps that are alike.
    pub(crate) passed: usize,
    /// Everything that was written.
    pub(crate) text: String,
}

impl Recordings {
    /// Looks for the recordings and for Python; says on the terminal when one is missing.
    pub(crate) fn find() -> Option<Self> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let shared = std::env::var_os("PARLANCE_SHARED").map_or(beside, PathBuf::from);
        let program = shared.join("conformance/replay.py");
        let has_python = Command::new("python3").arg("--version").output().is_ok();
        if program.is_file() && has_python {
            return Some(Self { program });
        }
        let missing = if has_python { program.display().to_string() } else { "python3".to_owned() };
        // Written past the test harness, which would hide it from a run that passes.
        let notice = format!("\nSKIPPED: conformance with recorded conversations, no {missing}\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        None
    }

    /// A data directory with the bots of the recordings.
    pub(crate) fn make_data(&self) -> DataDir {
        let data = DataDir::new();
        let output = self.python().args(["make-data", "--real"]).arg(data.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        data
    }

    /// Replays the conversations of `mode` with one bot after another. The recordings call the users of
    /// all bots alike, and each bot's were made on a server of its own, while bots of one server share
    /// what they know of a user: only a replay of its own gives a bot users of its own.
    pub(crate) fn replay_by_bot(&self, server: &Server, options: &[&str], mode: &str) -> Report {
        let folder = self.program.with_file_name("real");
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let bots: BTreeSet<String> = files
            .filter_map(|file| {
                let name = file.file_stem()?.to_str()?;
                let (bot, _number) = name.strip_prefix(&format!("{mode}-"))?.rsplit_once('-')?;
                Some(format!("{mode}-{bot}-"))
            })
            .collect();
        let mut all = Report { failed: Vec::new(), passed: 0, text: String::new() };
        for bot in &bots {
            let report = self.replay(server, &[options, &[bot]].concat());
            all.failed.extend(report.failed);
            all.passed += report.passed;
            all.text += &report.text;
        }
        all
    }

    /// Replays against the server.
    pub(crate) fn replay(&self, server: &Server, arguments: &[&str]) -> Report {
        let mut command = self.python();
        command.args(["run", "--base", server.base(), "--verbose"]).args(arguments);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let report = Report::parse(text);
        println!("{} steps alike, {} differ", report.passed, report.failed.len());
        report
    }

    fn python(&self) -> Command {
        let mut command = Command::new("python3");
        command.arg("-B").arg(&self.program);
        command
    }
}

impl Report {
    /// A failed step is a line `<file>.json step <n> (…)`; the details below it are indented.
    fn parse(text: String) -> Self {
        let summary = text.lines().find_map(|line| line.split_once(" passed, "));
        let passed = summary.and_then(|(passed, _)| passed.trim().parse().ok());
        let passed = passed.unwrap_or_else(|| panic!("the replay did not end:\n{text}"));
        let failed = text
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split_once(" step "))
            .filter(|(file, _)| Path::new(file).extension().is_some_and(|it| it == "json"))
            .filter_map(|(file, rest)| {
                rest.split(' ').next().map(|number| format!("{file} step {number}"))
            })
            .collect();
        Self { failed, passed, text }
    }
}
