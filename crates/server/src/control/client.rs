//! The command line's side of the socket.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::command::{Command, Reply};
use super::{MAX_LINE, socket};

/// Longest wait for a reply.
const PATIENCE: Duration = Duration::from_secs(40);

/// What became of a question.
pub enum Asked {
    /// The server's reply.
    Replied(Reply),
    /// No server listens.
    Nobody,
}

/// Asks the server that runs on this data directory.
pub async fn ask(data_dir: &Path, command: &Command) -> io::Result<Asked> {
    let stream = match UnixStream::connect(socket(data_dir)).await {
        Ok(stream) => stream,
        Err(error) if is_nobody(&error) => return Ok(Asked::Nobody),
        Err(error) => return Err(error),
    };
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    timeout(PATIENCE, exchange(stream, command)).await.map_err(late)?.map(Asked::Replied)
}

/// No socket, or the one that a dead server left behind.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

async fn exchange(stream: UnixStream, command: &Command) -> io::Result<Reply> {
    let (reading, mut writing) = stream.into_split();
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    writing.write_all(&line).await?;
    let mut reply = Vec::new();
    BufReader::new(reading.take(MAX_LINE)).read_until(b'\n', &mut reply).await?;
    serde_json::from_slice(&reply).map_err(io::Error::from)
}
