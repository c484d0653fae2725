//! The server's side of the socket: one command a connection, one connection after another.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

use super::command::{Command, Reply};
use super::perform::Control;
use super::{MAX_LINE, socket};
use crate::services::Services;

/// Longest time of one connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Wait after a connection that could not be taken.
const PAUSE: Duration = Duration::from_secs(1);

/// The socket, open.
pub struct Doors {
    listener: UnixListener,
    path: PathBuf,
}

impl Doors {
    /// Opens the socket of this data directory. A dead server's is replaced, a living one's is not.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let path = socket(data_dir);
        match std::os::unix::net::UnixStream::connect(&path) {
            Ok(_) => return Err(io::Error::from(io::ErrorKind::AddrInUse)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => std::fs::remove_file(&path)?,
        }
        let listener = UnixListener::bind(&path)?;
        // Whoever comes between these two lines is turned away by `is_ours`.
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket for commands stays behind");
        }
    }
}

/// Does commands until the server stops.
pub async fn serve(doors: Doors, services: Services) {
    let stopping = services.lifecycle.stopping().clone();
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = doors.listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => match timeout(PATIENCE, attend(stream, &services)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a command could not be answered"),
                Err(_) => tracing::warn!("a command took too long and was dropped"),
            },
            Err(error) => {
                tracing::warn!(%error, "the socket for commands");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(stream: UnixStream, services: &Services) -> io::Result<()> {
    if !is_ours(&stream)? {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let (reading, mut writing) = stream.into_split();
    let mut line = Vec::new();
    BufReader::new(reading.take(MAX_LINE)).read_until(b'\n', &mut line).await?;
    let reply = match serde_json::from_slice::<Command>(&line) {
        Ok(command) => {
            let parts = &**services;
            let (store, auth) = (&*parts.store, &parts.auth);
            let control =
                Control { store, auth, workspaces: &parts.workspaces, clock: &parts.clock };
            control.perform(command).await
        }
        Err(_) if line.is_empty() => return Ok(()),
        // The error could show a piece of a password.
        Err(_) => Reply::Refused {
            reason: "the server does not understand the command: is it of another version?"
                .to_owned(),
        },
    };
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    writing.write_all(&line).await?;
    writing.shutdown().await
}

/// Whether the other end is run by the server's own user, or by root.
fn is_ours(stream: &UnixStream) -> io::Result<bool> {
    let user = stream.peer_cred()?.uid();
    Ok(user == 0 || user == rustix::process::geteuid().as_raw())
}
