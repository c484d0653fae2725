//! The server's process.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{ADMIN, Client, DataDir};

/// Longer than any start may take, on a loaded machine and in a debug build.
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(30);

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    log: PathBuf,
    base: String,
    banner: Vec<String>,
    /// What it prints after that.
    lines: mpsc::Receiver<String>,
    ready_after: Duration,
}

/// The binary under test, without the environment variables that it understands.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parlance"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let known = ["PORT", "EXTERNAL_URL", "DATABASE_URL", "REVERSE_PROXY"].contains(&&*text);
        if known || text.starts_with("BP_") || text.starts_with("PARLANCE_") {
            command.env_remove(&name);
        }
    }
    command.env("PARLANCE_NLU", "off");
    command
}

impl Server {
    /// Starts on the data directory and waits until the server says where it listens.
    pub(crate) fn start(data: &DataDir) -> Self {
        Self::start_with(data, &[], &[])
    }

    /// The same with more arguments and environment variables.
    pub(crate) fn start_with(
        data: &DataDir,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let started = Instant::now();
        let log = OpenOptions::new().create(true).append(true).open(data.log_file()).unwrap();
        let mut process = binary()
            .args(["serve", "--port", "0", "--data"])
            .arg(data.path())
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = lines_of(&mut process);
        let mut banner = Vec::new();
        let base = loop {
            let Ok(line) = lines.recv_timeout(START.saturating_sub(started.elapsed())) else {
                drop(process.kill());
                panic!("no address after {banner:?}; log:\n{}", log_tail(&data.log_file()));
            };
            let address = announced(&line);
            banner.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Self { process, log: data.log_file(), base, banner, lines, ready_after: started.elapsed() }
    }

    /// Starts with the account [`ADMIN`], which may do everything.
    pub(crate) fn start_with_admin(data: &DataDir) -> Self {
        let (email, password) = ADMIN;
        let account = [("BP_ADMIN_EMAIL", email), ("BP_ADMIN_PASSWORD", password)];
        Self::start_with(data, &[], &account)
    }

    /// `http://127.0.0.1:port`
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The port.
    pub(crate) fn port(&self) -> &str {
        self.base.rsplit(':').next().unwrap()
    }

    /// What was printed up to the address.
    pub(crate) fn banner(&self) -> String {
        self.banner.join("\n")
    }

    /// The next line that it prints with this text in it.
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        let next = || self.lines.recv_timeout(START).ok();
        std::iter::from_fn(next).find(|line| line.contains(text)).unwrap()
    }

    /// Time from the start of the process to the line with the address.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// A client of this server.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.base)
    }

    /// Kills it on the spot (`kill -9`).
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end (`SIGTERM`), without waiting.
    pub(crate) fn ask_to_end(&self) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server has not ended {} s after it was asked to", STOP.as_secs());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // For whoever reads the failure: whether the server had ended, and its last words.
            println!("the server: {:?}\n{}", self.process.try_wait(), log_tail(&self.log));
        }
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The URL in the banner's line `address    http://…`.
fn announced(line: &str) -> Option<String> {
    let url = line.trim().strip_prefix("address")?.trim();
    url.starts_with("http://").then(|| url.to_owned())
}

/// Reads the process's standard output to its end, so that it never blocks on a full pipe.
fn lines_of(process: &mut Child) -> mpsc::Receiver<String> {
    let output = process.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Nobody listens once the address is known.
            drop(sender.send(line));
        }
    });
    receiver
}

/// The last lines of a log.
fn log_tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
