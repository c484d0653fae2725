//! A private PostgreSQL server in a temporary folder: no network, no fsync, gone with the tests.
//!
//! A shell waits for the end of its input, which comes when this process ends, however it ends; then
//! it stops the server and removes the folder.

use std::io::Write as _;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

/// Set it to make a missing PostgreSQL a failure instead of a line that says so.
const REQUIRE: &str = "PARLANCE_REQUIRE_SERVICES";

pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    user: Option<(u32, u32)>,
    watcher: Child,
}

/// The server of this test process.
pub(crate) fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::new).as_ref()
}

impl Server {
    /// Starts a server; `None` when PostgreSQL is not installed and need not be.
    pub(crate) fn new() -> Option<Self> {
        let Some(programs) = programs() else {
            let text = "PostgreSQL not found (on Debian: apt-get install postgresql)";
            assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, but {text}");
            eprintln!(
                "\n*** SKIPPED: {text}; its half of the store's contract is not checked ***\n"
            );
            return None;
        };
        // PostgreSQL refuses to run as root.
        let root = rustix::process::geteuid().is_root();
        let user = root.then(|| account("postgres").or_else(|| account("nobody")).unwrap());
        let folder = tempfile::Builder::new().prefix("parlance-pg-").tempdir().unwrap().keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let mut initdb = command(&programs, "initdb", user, &folder);
        initdb.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        initdb.args(["--username=parlance", "--pgdata"]).arg(folder.join("data"));
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let watcher = start(&programs, &folder, user);
        let server = Self { programs, folder, user, watcher };
        server.wait_until_ready();
        Some(server)
    }

    /// The URL of a new, empty database.
    pub(crate) async fn new_database(&self) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://parlance@{folder}/{database}")
    }

    /// The server's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Stops the server as a crash would.
    pub(crate) fn crash(&mut self) {
        let mut stop = command(&self.programs, "pg_ctl", self.user, &self.folder);
        stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]);
        assert!(stop.arg(self.folder.join("data")).status().unwrap().success());
    }

    /// Starts it again.
    pub(crate) fn restart(&mut self) {
        let watcher = start(&self.programs, &self.folder, self.user);
        let old = std::mem::replace(&mut self.watcher, watcher);
        // It would remove the folder: it must not learn that its server has ended.
        std::mem::forget(old);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let mut ready = command(&self.programs, "pg_ctl", self.user, &self.folder);
            ready.args(["status", "--pgdata"]).arg(self.folder.join("data"));
            let status = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
            if status.is_ok_and(|text| text.lines().any(|line| line.trim() == "ready")) {
                return;
            }
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input tells the watcher.
        if let Some(mut input) = self.watcher.stdin.take() {
            input.flush().unwrap();
        }
        self.watcher.wait().unwrap();
    }
}

fn start(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> Child {
    const SCRIPT: &str = r#"
        "$1/postgres" -D "$2/data" -k "$2" -h "" -F -c full_page_writes=off \
            -c max_connections=200 >>"$2/log" 2>&1 &
        read -r _
        kill -QUIT $! && wait $!
        rm -rf "$2""#;
    let mut shell = command(Path::new("/bin"), "sh", user, folder);
    shell.arg("-c").arg(SCRIPT).arg("postgres").arg(programs).arg(folder);
    // A signal that ends the tests from the terminal is not for the server.
    shell.process_group(0);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn command(programs: &Path, name: &str, user: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command.current_dir(folder);
    command
}

/// The folder with PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<_> = versions.map(|version| version.unwrap().path()).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev().map(|version| version.join("bin")));
    }
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file())
    };
    folders.into_iter().find(complete)
}

/// User and group id of an account.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2).map(|id| id.parse().unwrap());
    Some((ids.next()?, ids.next()?))
}
