//! `parlance user …`: accounts from the command line, beside a running server or without one.
//!
//! What is done lives in `control`; here are arguments, prompts and texts.

mod import;
mod place;
mod prompt;
mod text;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::import::ImportArgs;
use self::place::Place;
use crate::auth::AccountId;
use crate::auth::DEFAULT_STRATEGY;
use crate::control::{AccountName, Command, NewUser, Reply, Role};

/// An error in words for the operator.
type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Arguments of `parlance user`.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// Data directory: bots, configuration, database
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Database: postgres://…, sqlite:…, or the path of an SQLite file
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account; asks for its password
    Add(AddArgs),
    /// List the accounts
    List {
        /// Print JSON, one account a line
        #[arg(long)]
        json: bool,
    },
    /// Give an account a password for once, and end its sessions
    Reset(NameArgs),
    /// Remove an account with its API keys and memberships
    Remove(NameArgs),
    /// Take accounts and memberships over from the database of a Botpress v12 server
    Import(ImportArgs),
}

#[derive(Debug, Args)]
struct AddArgs {
    /// Its email
    email: String,
    /// It may do everything
    #[arg(long)]
    super_admin: bool,
    /// The workspace that it works in
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Its role there [default: the role of new members]
    #[arg(long, value_name = "ID", requires = "workspace")]
    role: Option<String>,
    /// Read the password from standard input, its first line
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
struct NameArgs {
    /// Its email
    email: String,
    /// How it logs in
    #[arg(long, value_name = "ID", default_value = DEFAULT_STRATEGY)]
    strategy: String,
}

impl NameArgs {
    fn name(self) -> AccountName {
        AccountName { email: AccountId::of_email(&self.email).email, strategy: self.strategy }
    }
}

/// Does what `args` ask for.
pub async fn run(args: UserArgs) -> ExitCode {
    let mut place = Place::new(args.data, args.database_url);
    let done = match args.command {
        UserCommand::Add(args) => add(&mut place, args).await,
        UserCommand::List { json } => list(&mut place, json).await,
        UserCommand::Reset(args) => reset(&mut place, args.name()).await,
        UserCommand::Remove(args) => remove(&mut place, args.name()).await,
        UserCommand::Import(args) => import::run(&mut place, args).await,
    };
    place.close().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done when even this cannot be written.
            let _ = writeln!(io::stderr(), "parlance user: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn add(place: &mut Place, args: AddArgs) -> Result<(), CommandError> {
    let password = if args.password_stdin { prompt::from_input()? } else { prompt::ask()? };
    let email = AccountId::of_email(&args.email).email;
    let role = args.workspace.map(|workspace| Role { workspace, role: args.role });
    let user = NewUser { email: email.clone(), password, super_admin: args.super_admin, role };
    match place.perform(Command::Add(user)).await? {
        Reply::Exists => Err(format!("there is an account \"{email}\" already").into()),
        reply => {
            done(reply)?;
            say(&format!("made the account {email}"))
        }
    }
}

async fn list(place: &mut Place, json: bool) -> Result<(), CommandError> {
    let mut after = None;
    let mut out = io::BufWriter::new(io::stdout().lock());
    loop {
        let reply = place.perform(Command::List { after }).await?;
        let Reply::Accounts { accounts, more } = reply else {
            return done(reply);
        };
        for account in &accounts {
            let line = if json { serde_json::to_string(account)? } else { text::line(account) };
            match writeln!(out, "{line}") {
                // Whoever reads may stop early, as `head` does.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            }
        }
        after = accounts.into_iter().next_back().map(|account| account.name).filter(|_| more);
        if after.is_none() {
            return Ok(out.flush()?);
        }
    }
}

async fn reset(place: &mut Place, name: AccountName) -> Result<(), CommandError> {
    let email = name.email.clone();
    match place.perform(Command::Reset(name)).await? {
        Reply::Password { password } => {
            say(&format!("password of {email} for one login, which must set another: {password}"))
        }
        reply => done(reply),
    }
}

async fn remove(place: &mut Place, name: AccountName) -> Result<(), CommandError> {
    let email = name.email.clone();
    done(place.perform(Command::Remove(name)).await?)?;
    say(&format!("removed the account {email}"))
}

/// Whether it is done.
fn done(reply: Reply) -> Result<(), CommandError> {
    match reply {
        Reply::Done => Ok(()),
        Reply::Refused { reason } => Err(reason.into()),
        Reply::Exists | Reply::Password { .. } | Reply::Accounts { .. } => {
            Err("the server's reply is not understood: is it of another version?".into())
        }
    }
}

fn say(line: &str) -> Result<(), CommandError> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
