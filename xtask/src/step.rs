//! Named, timed steps of a longer task, and the commands they run.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// A task made of steps: the first that fails ends it.
pub(crate) struct Steps {
    total: usize,
    started: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// A task of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, started: Instant::now(), done: Vec::new() }
    }

    /// Runs the next step.
    pub(crate) fn run(&mut self, name: &'static str, action: impl FnOnce() -> Result) -> Result {
        let number = self.done.len() + 1;
        println!("\n==> [{number}/{}] {name}", self.total);
        let started = Instant::now();
        let outcome = action();
        let took = started.elapsed();
        match outcome {
            Ok(()) => {
                println!("    {name}: ok in {}", seconds(took));
                self.done.push((name, took));
                Ok(())
            }
            Err(failure) => Err(Failure::new(format!(
                "step \"{name}\" failed after {}: {failure}\n{} of {} steps passed before it",
                seconds(took),
                self.done.len(),
                self.total
            ))),
        }
    }

    /// The line that ends the task.
    pub(crate) fn finish(self) {
        let parts: Vec<String> =
            self.done.iter().map(|(name, took)| format!("{name} {}", seconds(*took))).collect();
        let all = seconds(self.started.elapsed());
        println!("\nall {} steps passed in {all} ({})", self.done.len(), parts.join(", "));
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Runs a command that shares this terminal.
pub(crate) fn command(command: &mut Command) -> Result {
    let shown = shown(command);
    println!("    $ {shown}");
    let status = command
        .status()
        .map_err(|error| Failure::new(format!("`{shown}` could not be started: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{shown}` ended with {status}")))
    }
}

/// Runs a command and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let shown = shown(command);
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("`{shown}` could not be started: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{shown}` ended with {}:\n{}", output.status, complaint.trim())))
}

/// Cargo as it was called, in the workspace's folder.
pub(crate) fn cargo(root: &std::path::Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name.into_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_named_and_ends_the_task() {
        let mut steps = Steps::new(2);
        steps.run("first", || Ok(())).unwrap();
        let failure = steps.run("second", || Err(Failure::new("no luck"))).unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("\"second\"") && text.contains("no luck"), "{text}");
        assert!(text.contains("1 of 2 steps passed"), "{text}");
    }

    #[test]
    fn a_command_that_fails_shows_itself_and_its_complaint() {
        let mut script = Command::new("sh");
        script.args(["-c", "echo broken >&2; exit 3"]);
        let text = output(&mut script).unwrap_err().to_string();
        assert!(text.contains("sh -c") && text.contains("broken") && text.contains('3'), "{text}");
    }
}
