//! `parlance bot …`: an operator's work on the bots of a data directory.
//!
//! Works on the files alone, also while a server runs there: that sees the change by itself. What is
//! done lives in `bot_admin`; here are arguments, texts and exit codes.

mod text;

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::check;
use crate::bot_admin::{BotAdmin, BotAdminError, Failure, ImportOptions, NewBot};
use crate::clock::Clock;

/// What a run comes to.
type Done = Result<(), CliError>;

/// Arguments of `parlance bot`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 done, 1 refused, 2 wrong arguments, 3 the data directory or the system fails"
)]
pub struct BotArgs {
    /// Data directory: bots, configuration, database
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    #[command(subcommand)]
    command: BotCommand,
}

#[derive(Debug, Subcommand)]
enum BotCommand {
    /// List the bots with their workspaces and states
    List {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Import a .tgz archive, exported by Parlance or by Botpress v11 or v12
    Import(ImportArgs),
    /// Export a bot as a .tgz archive
    Export {
        /// The bot
        id: String,
        /// File to write; - for standard output [default: bot_{ID}_{milliseconds}.tgz]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Make a bot of a template
    New(NewArgs),
    /// Delete a bot; its files go to the trash, its conversations stay
    Delete {
        /// The bot
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// The archive
    file: PathBuf,
    /// The bot's id, instead of the archive's
    #[arg(long)]
    id: Option<String>,
    /// Replace a bot that is there; the old one goes to the trash
    #[arg(long)]
    overwrite: bool,
    /// The workspace that gets it
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Report what would come in, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct NewArgs {
    /// The bot's id: 3 to 50 of A-Z a-z 0-9 _ -
    id: String,
    /// The template; `parlance bot new ID --template ?` names them all
    #[arg(long)]
    template: String,
    /// Display name
    #[arg(long)]
    name: Option<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// Code of the language that it speaks, such as en
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// The workspace that gets it
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
}

/// Why a command was not done.
enum CliError {
    /// In words, with nothing wrong but what was asked for.
    Refused(String),
    /// Of the data directory or the system.
    Failed(String),
}

impl From<BotAdminError> for CliError {
    fn from(error: BotAdminError) -> Self {
        match error.failure() {
            Failure::Busy | Failure::Internal => Self::Failed(error.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Failed(format!("cannot print: {error}"))
    }
}

/// Does what `args` say.
pub fn run(args: &BotArgs) -> ExitCode {
    let mut out = io::stdout().lock();
    let done = admin(&args.data).and_then(|admin| act(&admin, args, &mut out));
    let (code, problem) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(CliError::Refused(problem)) => (1, problem),
        Err(CliError::Failed(problem)) => (3, problem),
    };
    // Nothing is left to be done when even this cannot be written.
    let _ = writeln!(io::stderr(), "parlance bot: {problem}");
    ExitCode::from(code)
}

fn admin(data: &Path) -> Result<BotAdmin, CliError> {
    if !data.is_dir() {
        return Err(CliError::Failed(format!(
            "there is no data directory {}: name it with --data, or let `parlance serve` make one",
            data.display()
        )));
    }
    let given = check::given(data).map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(BotAdmin::new(data, given, None))
}

fn act(admin: &BotAdmin, args: &BotArgs, out: &mut dyn Write) -> Done {
    match &args.command {
        BotCommand::List { json } => list(admin, *json, out),
        BotCommand::Import(args) => import(admin, args, out),
        BotCommand::Export { id, output } => export(admin, id, output.as_deref(), out),
        BotCommand::New(args) => new(admin, args, out),
        BotCommand::Delete { id, yes } => delete(admin, id, *yes, out),
    }
}

fn list(admin: &BotAdmin, json: bool, out: &mut dyn Write) -> Done {
    let bots = admin.list()?;
    if json {
        serde_json::to_writer_pretty(&mut *out, &bots).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        text::list(out, &bots)?;
    }
    Ok(())
}

fn import(admin: &BotAdmin, args: &ImportArgs, out: &mut dyn Write) -> Done {
    let options = ImportOptions {
        id: args.id.clone(),
        overwrite: args.overwrite,
        workspace: args.workspace.clone(),
    };
    if !args.dry_run {
        let found = admin.import(&args.file, &options)?;
        text::imported(out, &found)?;
        return Ok(());
    }
    let found = admin.inspect(&args.file, &options)?;
    check::print_incoming(out, &args.file, &found)?;
    writeln!(out)?;
    if found.config.is_none() {
        return Err(CliError::Refused("the archive's bot cannot run: see above".to_owned()));
    }
    if found.exists && !args.overwrite {
        return Err(CliError::Refused(format!(
            "there is a bot \"{}\" already: add --overwrite, or choose another with --id",
            found.id
        )));
    }
    let replaces = if found.exists { ", replacing the one that is there" } else { "" };
    writeln!(
        out,
        "would import \"{}\" ({} files){replaces}; nothing was written",
        found.id, found.amount.files
    )?;
    Ok(())
}

fn export(admin: &BotAdmin, id: &str, output: Option<&Path>, out: &mut dyn Write) -> Done {
    if output == Some(Path::new("-")) {
        admin.export(id, io::BufWriter::new(out))?;
        return Ok(());
    }
    let name = || PathBuf::from(format!("bot_{id}_{}.tgz", Clock::default().millis()));
    let path = output.map_or_else(name, Path::to_owned);
    let unwritable = |error| CliError::Failed(format!("cannot write {}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Beside its place until it is whole.
    let draft = crate::files::draft_in(folder.unwrap_or(Path::new(".")), None);
    let draft = draft.map_err(unwritable)?;
    let found = admin.export(id, io::BufWriter::new(draft.as_file()))?;
    draft.persist(&path).map_err(|error| unwritable(error.error))?;
    let packed = fs::metadata(&path).map(|metadata| metadata.len()).map_err(unwritable)?;
    text::exported(out, &path, found, packed)?;
    Ok(())
}

fn new(admin: &BotAdmin, args: &NewArgs, out: &mut dyn Write) -> Done {
    let id = admin.create(&NewBot {
        id: args.id.clone(),
        name: args.name.clone(),
        description: args.description.clone(),
        category: None,
        default_language: args.language.clone(),
        template: args.template.clone(),
        workspace: args.workspace.clone(),
    })?;
    writeln!(out, "made \"{id}\" of the template \"{}\"", args.template)?;
    Ok(())
}

fn delete(admin: &BotAdmin, id: &str, yes: bool, out: &mut dyn Write) -> Done {
    if !admin.list()?.iter().any(|bot| bot.id == id) && !yes {
        return Err(BotAdminError::NoBot(id.to_owned()).into());
    }
    if !yes && !agreed(id)? {
        return Err(CliError::Refused("nothing was deleted".to_owned()));
    }
    admin.delete(id)?;
    writeln!(
        out,
        "deleted \"{id}\"; its files are in bots/.parlance/trash of the data directory, its \
         conversations in the database"
    )?;
    Ok(())
}

/// Asks whoever sits at the terminal.
fn agreed(id: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::Refused(format!(
            "deleting \"{id}\" needs --yes where nobody can be asked"
        )));
    }
    write!(io::stderr(), "Delete the bot \"{id}\"? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().take(100).read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
