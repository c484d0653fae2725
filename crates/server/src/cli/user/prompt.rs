//! Passwords from whoever types them, or from standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Stdin, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::CommandError;

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 4096;

/// The first line of standard input.
pub(super) fn from_input() -> Result<String, CommandError> {
    let password = line(&io::stdin())?;
    if password.is_empty() { Err("standard input holds no password".into()) } else { Ok(password) }
}

/// Asks twice on the terminal, without showing what is typed.
pub(super) fn ask() -> Result<String, CommandError> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err("there is no terminal to ask for the password: use --password-stdin".into());
    }
    let first = ask_once(&input, "Password: ")?;
    let second = ask_once(&input, "Once more: ")?;
    if first == second { Ok(first) } else { Err("these were two different passwords".into()) }
}

fn ask_once(input: &Stdin, question: &str) -> Result<String, CommandError> {
    let mut output = io::stderr();
    write!(output, "{question}")?;
    output.flush()?;
    let silence = Silence::begin(input)?;
    let typed = line(input);
    drop(silence);
    writeln!(output)?;
    typed
}

/// A line without its end.
fn line(input: &Stdin) -> Result<String, CommandError> {
    let mut line = String::new();
    input.lock().take(MAX_LINE).read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// As long as it lives, the terminal does not show what is typed.
struct Silence<'i> {
    input: &'i Stdin,
    before: Termios,
}

impl<'i> Silence<'i> {
    fn begin(input: &'i Stdin) -> Result<Self, CommandError> {
        let before = tcgetattr(input)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(input, OptionalActions::Now, &silent)?;
        Ok(Self { input, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(self.input, OptionalActions::Now, &self.before) {
            tracing::warn!(%error, "the terminal does not show what is typed: `reset` mends it");
        }
    }
}
