//! What is printed once the server is ready.

use std::fmt::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::config::DatabaseUrl;

/// So many bots are named; of the rest only the number is told.
const MAX_NAMED: usize = 20;

/// What is known at the end of the start.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Version of this server.
    pub version: &'a str,
    /// URL of the listener, such as `http://127.0.0.1:3000`.
    pub address: &'a str,
    /// URL under which the outside reaches the server.
    pub external_url: &'a str,
    /// The data directory.
    pub data_dir: &'a Path,
    /// The database; shown without its password.
    pub database: &'a DatabaseUrl,
    /// Who may make the first account; `None` when there is one.
    pub first_account: Option<FirstAccount<'a>>,
    /// The bots that were found.
    pub bots: &'a [BotFact<'a>],
    /// From the start of the process until it was ready.
    pub ready_in: Duration,
}

/// Who may make the first account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstAccount<'a> {
    /// Where it is registered.
    pub url: &'a str,
    /// Who knows this code; `None`: everybody.
    pub code: Option<&'a str>,
}

/// A bot that was found.
#[derive(Debug, Clone, Copy)]
pub struct BotFact<'a> {
    /// Its id.
    pub id: &'a str,
    /// What became of it.
    pub state: BotState,
}

/// What became of a bot at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotState {
    /// It answers.
    Ready {
        /// How many problems loading it found.
        problems: usize,
    },
    /// Its configuration says `disabled`.
    Disabled,
    /// It could not be loaded.
    Failed,
}

/// The text, with a newline at its end.
pub fn banner(facts: &Facts<'_>) -> String {
    let mut text = format!("Parlance {}\n", facts.version);
    let mut line = |name: &str, value: &dyn fmt::Display| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<11}{value}");
    };
    line("address", &facts.address);
    if facts.external_url != facts.address {
        line("outside", &facts.external_url);
    }
    line("data", &facts.data_dir.display());
    line("database", &format_args!("{} ({})", facts.database.kind(), facts.database));
    line("bots", &bots(facts.bots));
    line("ready in", &format_args!("{} ms", facts.ready_in.as_millis()));
    if let Some(first) = facts.first_account {
        let _ = write!(text, "{first}");
    }
    text
}

fn bots(bots: &[BotFact<'_>]) -> String {
    if bots.is_empty() {
        return "none found".to_owned();
    }
    let mut named: Vec<String> = bots.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    if let Some(rest) = bots.len().checked_sub(MAX_NAMED).filter(|rest| *rest > 0) {
        named.push(format!("and {rest} more"));
    }
    format!("{}: {}", bots.len(), named.join(", "))
}

impl fmt::Display for FirstAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map(|code| format!(", \"code\": \"{code}\"")).unwrap_or_default();
        let who = match self.code {
            Some(_) => "Whoever has this code can make the first one, which may do everything:",
            None => "Anybody can make the first one, which may do everything:",
        };
        writeln!(f, "\nNobody has an account yet. {who}\n")?;
        writeln!(f, "  curl {} -H 'Content-Type: application/json' \\", self.url)?;
        writeln!(f, "    -d '{{\"email\": \"you@example.com\", \"password\": \"...\"{code}}}'")
    }
}

impl fmt::Display for BotFact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)?;
        match self.state {
            BotState::Ready { problems: 0 } => Ok(()),
            BotState::Ready { problems: 1 } => f.write_str(" (1 problem)"),
            BotState::Ready { problems } => write!(f, " ({problems} problems)"),
            BotState::Disabled => f.write_str(" (disabled)"),
            BotState::Failed => f.write_str(" (not loaded)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bots: &[BotFact<'_>], database: &str, external_url: &str) -> String {
        banner(&Facts {
            version: "1.2.3",
            address: "http://127.0.0.1:3000",
            external_url,
            data_dir: Path::new("data"),
            database: &DatabaseUrl::parse(database).unwrap(),
            first_account: None,
            bots,
            ready_in: Duration::from_millis(84),
        })
    }

    #[test]
    fn it_tells_what_runs_where() {
        let bots = [
            BotFact { id: "welcome-bot", state: BotState::Ready { problems: 0 } },
            BotFact { id: "shop", state: BotState::Ready { problems: 3 } },
            BotFact { id: "old", state: BotState::Disabled },
            BotFact { id: "broken", state: BotState::Failed },
        ];
        let expected = "\
Parlance 1.2.3
  address    http://127.0.0.1:3000
  data       data
  database   SQLite (sqlite:data/p.sqlite)
  bots       4: welcome-bot, shop (3 problems), old (disabled), broken (not loaded)
  ready in   84 ms
";
        assert_eq!(text(&bots, "sqlite:data/p.sqlite", "http://127.0.0.1:3000"), expected);
    }

    #[test]
    fn the_first_account_comes_with_a_ready_command() {
        let first = |code| FirstAccount { url: "http://a.b/register", code }.to_string();
        let expected = "
Nobody has an account yet. Whoever has this code can make the first one, which may do everything:

  curl http://a.b/register -H 'Content-Type: application/json' \\
    -d '{\"email\": \"you@example.com\", \"password\": \"...\", \"code\": \"abc\"}'
";
        assert_eq!(first(Some("abc")), expected);
        assert!(first(None).contains("Anybody can") && !first(None).contains("code"));
    }

    #[test]
    fn an_outside_url_is_told_and_a_password_is_not() {
        let text = text(&[], "postgres://u:s3cret@h/d", "https://chat.example");
        assert!(text.contains("outside    https://chat.example\n"), "{text}");
        assert!(text.contains("PostgreSQL (postgres://u:***@h/d)\n"), "{text}");
        assert!(text.contains("bots       none found\n"), "{text}");
    }

    #[test]
    fn many_bots_do_not_flood_the_screen() {
        let bots = [BotFact { id: "bot", state: BotState::Ready { problems: 1 } }; 25];
        let text = text(&bots, "sqlite:x", "");
        assert!(
            text.contains("25: bot (1 problem), ") && text.contains(", and 5 more\n"),
            "{text}"
        );
        assert!(text.matches("bot (").count() == MAX_NAMED, "{text}");
    }
}
