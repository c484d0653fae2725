//! The command line: one file per command.

pub mod audit;
pub mod bench;
pub mod bot;
pub mod check;
pub mod serve;
pub mod user;

use clap::{Parser, Subcommand};

use self::audit::AuditArgs;
use self::bench::BenchArgs;
use self::bot::BotArgs;
use self::check::CheckArgs;
use self::serve::ServeFlags;
use self::user::UserArgs;

/// A self-hosted conversation server that runs Botpress v12 bots.
#[derive(Debug, Parser)]
#[command(name = "parlance", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeFlags,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the bots of a data directory; this is what happens without a command
    Serve(ServeFlags),
    /// Report what works in a bot, what does not, and what its code needs
    Check(CheckArgs),
    /// List, import, export, make and delete the bots of a data directory
    Bot(BotArgs),
    /// Manage the accounts of people who run bots
    User(UserArgs),
    /// Measure how a server answers under load
    Bench(BenchArgs),
    /// Look at the record of who did what to the server
    Audit(AuditArgs),
}

impl Cli {
    /// The command that was asked for; `serve` when none was.
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn serve(arguments: &[&str]) -> ServeFlags {
        let arguments = ["parlance"].iter().chain(arguments);
        match Cli::try_parse_from(arguments).unwrap().into_command() {
            Command::Serve(flags) => flags,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_command() {
        for arguments in
            [&["--port", "8080", "--data", "d"][..], &["serve", "--data=d", "--port=8080"]]
        {
            let flags = serve(arguments);
            assert_eq!((flags.port, flags.data.to_str()), (Some(8080), Some("d")));
        }
        assert_eq!(serve(&[]).data.to_str(), Some("data"));
    }

    #[test]
    fn malformed_flags_are_refused() {
        for arguments in [
            &["--port", "70000"][..],
            &["--log-format", "xml"],
            &["--unknown"],
            &["nonsense"],
            &["--port", "1", "serve"],
        ] {
            let arguments = ["parlance"].iter().chain(arguments);
            assert!(Cli::try_parse_from(arguments).is_err());
        }
    }
}
