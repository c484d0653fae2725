//! What an operator does to accounts from the command line, whether a server runs or not.
//!
//! The database belongs to one process. Where a server has it, a command goes to that server over a
//! socket in the data directory, which only the server's own user can open; where none runs, the command
//! opens the database itself. Data flows [`Command`] → ([`ask`] → socket → `serve` →) [`Control`] →
//! [`Reply`].

mod client;
mod command;
mod perform;
mod serve;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use client::{Asked, ask};
pub use command::{AccountName, Command, Found, NewMember, NewUser, OldAccount, Reply, Role};
pub use perform::Control;
pub use serve::{Doors, serve};

/// The socket's name in the data directory.
const SOCKET: &str = ".parlance.sock";

/// Longest command or reply on the socket, in bytes.
const MAX_LINE: u64 = 8 << 20;

/// Where a server that runs on this data directory is asked.
pub fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join(SOCKET)
}
