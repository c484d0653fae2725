//! `parlance audit`: looks at the audit trail of a data directory, also while a server runs on it.
//!
//! Data flows: flags → configuration → database, opened for reading only → rows → text or JSON.

mod tail;
mod verify;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use parlance_store::{AuditHead, AuditTrail, Database};

use super::serve::ServeFlags;
use crate::config::{Config, Environment};

/// Exit code when the trail cannot be looked at.
const NOT_LOOKED_AT: u8 = 3;

/// An error in words for the operator.
type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Shows who did what to the server, and whether somebody has meddled with that record.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

/// What to do with the trail.
#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check that no row was changed, removed or put in since it was written
    #[command(
        after_help = "Exit code: 0 the trail is whole, 1 it is not, 3 it cannot be looked at"
    )]
    Verify(VerifyArgs),
    /// Print the newest rows
    Tail(TailArgs),
}

/// Where the trail is.
#[derive(Debug, Args)]
struct Place {
    /// Data directory
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Database: postgres://…, sqlite:…, or the path of an SQLite file
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// `parlance audit verify`.
#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    place: Place,
    /// A row that the trail must hold, such as NUMBER:HASH from a log line; may be given repeatedly
    #[arg(long, value_name = "HEAD")]
    head: Vec<AuditHead>,
}

/// `parlance audit tail`.
#[derive(Debug, Args)]
struct TailArgs {
    #[command(flatten)]
    place: Place,
    /// How many rows
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    lines: u32,
    /// Print JSON, one row a line
    #[arg(long)]
    json: bool,
}

/// Does what `args` ask for.
pub async fn run(args: AuditArgs) -> ExitCode {
    let done = match args.command {
        AuditCommand::Verify(args) => verify::run(args).await,
        AuditCommand::Tail(args) => tail::run(args).await,
    };
    done.unwrap_or_else(|error| {
        // Nothing is left to be done when even this cannot be written.
        let _ = writeln!(io::stderr(), "parlance audit: {error}");
        ExitCode::from(NOT_LOOKED_AT)
    })
}

impl Place {
    /// The trail of the database that a server would use here.
    async fn open(self) -> Result<AuditTrail, CommandError> {
        let environment = Arc::new(Environment::of_process(&self.data)?);
        let Self { data, database_url } = self;
        let flags = ServeFlags { data, database_url, ..ServeFlags::default() };
        let (config, _) = Config::load(&flags, &environment)?;
        let database = Database::parse(config.database_url.expose())?;
        Ok(AuditTrail::open(&database).await?)
    }
}
