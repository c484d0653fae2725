//! `parlance user import`: accounts of a Botpress v12 server.

use std::io::{self, Write as _};

use clap::Args;
use parlance_store::{Database, V12Account, V12Accounts, read_v12_accounts};
use serde_json::{Map, Value};

use super::place::Place;
use super::{CommandError, done, say};
use crate::auth::AccountId;
use crate::config::DatabaseUrl;
use crate::control::{AccountName, Command, NewMember, OldAccount, Reply};

/// What comes over of an account's attributes.
const ATTRIBUTES: [&str; 5] =
    ["firstname", "lastname", "picture_url", "password_expired", "locked_out"];

/// Arguments of `parlance user import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// v12's database: the path of its SQLite file (data/storage/core.sqlite), or postgres://…
    #[arg(long, value_name = "FILE_OR_URL")]
    from: String,
    /// This account may do everything, as those in `superAdmins` of botpress.config.json; may be
    /// given repeatedly
    #[arg(long, value_name = "EMAIL")]
    super_admin: Vec<String>,
}

/// Takes over what is not there yet, and says what it left.
pub(super) async fn run(place: &mut Place, args: ImportArgs) -> Result<(), CommandError> {
    let url =
        DatabaseUrl::parse(&args.from).ok_or("--from: neither a file nor a database's URL")?;
    let found = read_v12_accounts(&Database::parse(url.expose())?).await?;
    let super_admins: Vec<String> =
        args.super_admin.iter().map(|email| AccountId::of_email(email).email).collect();
    let V12Accounts { accounts, members, notes } = found;
    for note in notes {
        warn(&note)?;
    }
    let mut taken = 0;
    let mut untouched = Vec::new();
    for account in accounts {
        let name = AccountName { email: account.email.clone(), strategy: account.strategy.clone() };
        let is_super_admin = super_admins.contains(&name.email);
        match take_over(place, account, is_super_admin).await? {
            Taken::Yes => taken += 1,
            Taken::No(reason) => {
                warn(&format!("{}: {reason}", name.email))?;
                untouched.push(name);
            }
        }
    }
    let mut roles = 0;
    for member in members {
        let name = AccountName { email: member.email, strategy: member.strategy };
        if untouched.contains(&name) {
            continue;
        }
        let shown = name.email.clone();
        let (workspace, role) = (member.workspace, member.role);
        match place.perform(Command::Join(NewMember { name, workspace, role })).await? {
            Reply::Done => roles += 1,
            Reply::Refused { reason } => warn(&format!("{shown}: {reason}"))?,
            reply => return done(reply),
        }
    }
    say(&format!("took over {taken} accounts and {roles} roles"))
}

enum Taken {
    Yes,
    No(String),
}

async fn take_over(
    place: &mut Place,
    account: V12Account,
    super_admin: bool,
) -> Result<Taken, CommandError> {
    let (Some(password), Some(salt)) = (account.password, account.salt) else {
        return Ok(Taken::No("has no password here: it logs in elsewhere".to_owned()));
    };
    let mut attributes: Map<String, Value> = account.attributes.read().unwrap_or_default();
    attributes.retain(|name, _| ATTRIBUTES.contains(&name.as_str()));
    let old = OldAccount {
        name: AccountName { email: account.email, strategy: account.strategy },
        password,
        salt,
        attributes,
        token_version: account.token_version,
        super_admin,
    };
    match place.perform(Command::TakeOver(old)).await? {
        Reply::Done => Ok(Taken::Yes),
        Reply::Exists => Ok(Taken::No("is here already and stays as it is".to_owned())),
        Reply::Refused { reason } => Ok(Taken::No(reason)),
        reply => done(reply).map(|()| Taken::Yes),
    }
}

fn warn(line: &str) -> Result<(), CommandError> {
    Ok(writeln!(io::stderr(), "{line}")?)
}
