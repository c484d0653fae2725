//! A server's process: started, found, measured by what the kernel counted for it, ended.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::Result;

const START: Duration = Duration::from_secs(30);

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// `host:port`
    pub(crate) address: String,
    /// When the process was started.
    pub(crate) started: Instant,
}

impl Server {
    /// Starts Parlance's release binary on a data directory.
    pub(crate) fn parlance(data: &Path) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args(["serve", "--port", "0", "--data"]).arg(data).env("PARLANCE_NLU", "off");
        Self::start(command, &data.with_extension("log"))
    }

    /// The same behind a proxy that is trusted, and with an account that may do everything: email and
    /// password.
    pub(crate) fn with_admin(data: &Path, admin: (&str, &str)) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args(["serve", "--port", "0", "--data"]).arg(data).env("PARLANCE_NLU", "off");
        command.env("BP_ADMIN_EMAIL", admin.0).env("BP_ADMIN_PASSWORD", admin.1);
        command.env("REVERSE_PROXY", "1");
        Self::start(command, &data.with_extension("log"))
    }

    /// Starts the baseline on a folder.
    pub(crate) fn baseline(folder: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("baseline").arg(folder);
        Self::start(command, &folder.with_extension("log"))
    }

    fn start(mut command: Command, log: &Path) -> Result<Self> {
        for name in ["PORT", "BP_HOST", "EXTERNAL_URL", "DATABASE_URL"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(std::fs::File::create(log)?);
        let started = Instant::now();
        let mut process = command.spawn()?;
        let Some(output) = process.stdout.take() else {
            return Err("no output to read".into());
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
                // Read to the end, so that the server never blocks on a full pipe.
                drop(sender.send(line));
            }
        });
        loop {
            let Ok(line) = receiver.recv_timeout(START) else {
                drop(process.kill());
                let log = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("the server said no address; its log:\n{log}").into());
            };
            if let Some(address) = announced(&line) {
                return Ok(Self { process, address, started });
            }
        }
    }

    /// CPU time that the process has used so far, in microseconds, all threads, user and system.
    pub(crate) fn cpu_micros(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The second field, the name in parentheses, may hold blanks.
        let (_, fields) = stat.rsplit_once(") ").ok_or("/proc/<pid>/stat has another form")?;
        let field = |index: usize| -> Result<u64> {
            let text = fields.split(' ').nth(index).ok_or("/proc/<pid>/stat is too short")?;
            Ok(text.parse()?)
        };
        // Fields 14 and 15 of the whole line; `fields` begins with the third.
        let ticks = field(11)? + field(12)?;
        let per_second = rustix::param::clock_ticks_per_second();
        Ok(to_f64(ticks) / to_f64(per_second) * 1e6)
    }

    /// Memory that the process holds, in bytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: u64 = kibibytes.ok_or("/proc/<pid>/status has no VmRSS")?.trim().parse()?;
        Ok(to_f64(kibibytes) * 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// `host:port` in the banner's line `address    http://…`.
fn announced(line: &str) -> Option<String> {
    let address = line.trim().strip_prefix("address")?.trim().strip_prefix("http://")?;
    Some(address.trim_end_matches('/').to_owned())
}

/// The release binary, which lies beside this program.
pub(crate) fn binary() -> Result<std::path::PathBuf> {
    let own = std::env::current_exe()?;
    let binary = own.with_file_name("parlance");
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(format!("{} is missing: run `cargo xtask figures`", binary.display()).into())
    }
}

/// Counts that are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(crate) fn to_f64(count: u64) -> f64 {
    count as f64
}
