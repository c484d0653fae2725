//! The server that is held to its description.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// Email of its account, a super admin.
pub(super) const ADMIN: &str = "admin@example.com";
/// Password of that account.
pub(super) const PASSWORD: &str = "Admin-Passw0rd!";

const PATIENCE: Duration = Duration::from_mins(1);
/// Largest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// A running server on a data directory of its own; killed when dropped.
pub(super) struct Server {
    process: Child,
    folder: PathBuf,
    base: String,
}

impl Server {
    /// Starts the debug build.
    pub(super) fn start(root: &Path) -> Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        let folder = target.join("described");
        let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(failed)?;
        }
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let log = File::create(folder.join("server.log")).map_err(failed)?;
        let mut command = Command::new(target.join("debug").join("parlance"));
        for name in ["PORT", "EXTERNAL_URL", "DATABASE_URL"] {
            command.env_remove(name);
        }
        let mut process = command
            .args(["serve", "--port", "0", "--data"])
            .arg(folder.join("data"))
            .env("BP_ADMIN_EMAIL", ADMIN)
            .env("BP_ADMIN_PASSWORD", PASSWORD)
            .env("PARLANCE_NLU", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::new(format!("the server could not be started: {error}")))?;
        let base = address(&mut process);
        let server = Self { process, folder, base: base.unwrap_or_default() };
        if server.base.is_empty() {
            return Err(Failure::new(format!("no address; log:\n{}", server.log()?)));
        }
        Ok(server)
    }

    /// `http://host:port`
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Where its files lie.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A token of its account.
    pub(super) fn login(&self) -> Result<String> {
        let body = json!({ "email": ADMIN, "password": PASSWORD }).to_string();
        let answer = self.post("/api/v2/admin/auth/login/basic/default", &body);
        let answer = answer.map_err(|error| Failure::new(format!("the login failed: {error}")))?;
        let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let value: Value = serde_json::from_str(json).unwrap_or_default();
        let token = value.pointer("/payload/jwt").and_then(Value::as_str);
        let token = token.ok_or_else(|| Failure::new(format!("the login failed: {answer}")))?;
        Ok(token.to_owned())
    }

    /// The whole answer, head and body.
    fn post(&self, path: &str, body: &str) -> std::io::Result<String> {
        let address = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Lines of the log that speak of a panic.
    pub(super) fn panics(&self) -> Result<Vec<String>> {
        let log = self.log()?;
        Ok(log.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect())
    }

    fn log(&self) -> Result<String> {
        let file = self.folder.join("server.log");
        let bytes = std::fs::read(&file);
        let bytes = bytes.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The URL in the banner's line `address    http://…`.
fn address(process: &mut Child) -> Option<String> {
    let output = process.stdout.take()?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
            // Read to the end, so that the server never blocks on a full pipe.
            drop(sender.send(line));
        }
    });
    let next = || lines.recv_timeout(PATIENCE).ok();
    std::iter::from_fn(next).find_map(|line| {
        let url = line.trim().strip_prefix("address")?.trim();
        url.starts_with("http://").then(|| url.trim_end_matches('/').to_owned())
    })
}
