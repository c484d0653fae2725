//! From flags, environment and file to a [`Config`].

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use super::database::{self, DatabaseUrl};
use super::document::Document;
use super::environment::Environment;
use super::names::{self, Override};
use super::problem::{ConfigError, Origin, Problem, Warning};
use super::reader::{Reader, parse_switch, shown};
use super::{Config, LogConfig, LogFormat, auth, http, outbound, retention, talk, uploads};
use crate::cli::serve::ServeFlags;

/// Where the file lies in the data directory.
pub(super) const FILE: &str = "global/botpress.config.json";

/// Largest configuration file, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// What is logged unless something else is asked for.
const DEFAULT_LEVEL: &str = "info";

/// Libraries that tell much keep to warnings, unless directives name them.
const QUIET: &str = "sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn";

impl Config {
    /// Reads the data directory's `botpress.config.json`, if it has one, and lays environment and
    /// flags over it. Whatever cannot be used is an error that lists all of it with its places;
    /// what is only odd comes back as warnings.
    pub fn load(
        flags: &ServeFlags,
        environment: &Environment,
    ) -> Result<(Self, Vec<Warning>), ConfigError> {
        let file = flags.data.join(FILE);
        let text = read_file(&file).map_err(|source| ConfigError::unreadable(&file, source))?;
        Self::from_text(flags, environment, &file.display().to_string(), text.as_deref())
    }

    /// The same from the file's text; `None` is a file that is not there. `file` is its name in
    /// messages.
    pub fn from_text(
        flags: &ServeFlags,
        environment: &Environment,
        file: &str,
        text: Option<&str>,
    ) -> Result<(Self, Vec<Warning>), ConfigError> {
        let mut document = Document::parse(file, text, environment)?;
        let unknown = lay_over_environment(&mut document, environment);
        lay_over_flags(&mut document, flags);
        let mut reader = Reader::new(&document, environment);
        for (origin, message) in unknown {
            reader.warn(origin, message);
        }
        names::check(&mut reader);
        let database_url = database_url(&mut reader, flags, environment);
        check_nlu(&mut reader);
        let (dialog, janitor_interval) = talk::dialog(&mut reader);
        let http = http::read(&mut reader);
        let converse = talk::converse(&mut reader);
        let converse_max_timeout = talk::max_timeout(&mut reader);
        let retention = retention::read(&mut reader);
        let decision = talk::decision(&mut reader);
        let turns = talk::turns(&mut reader);
        let outbound = outbound::read(&mut reader);
        let uploads = uploads::read(&mut reader);
        let logs = logs(&mut reader, flags);
        let auth = auth::read(&mut reader);
        let Reader { problems, warnings, .. } = reader;
        let Some(database_url) = database_url.filter(|_| problems.is_empty()) else {
            return Err(ConfigError::Invalid(problems));
        };
        let config = Self {
            data_dir: flags.data.clone(),
            database_url,
            http,
            converse,
            converse_max_timeout,
            dialog,
            janitor_interval,
            retention,
            decision,
            turns,
            outbound,
            uploads,
            logs,
            auth,
        };
        Ok((config, warnings))
    }
}

pub(super) fn read_file(file: &Path) -> io::Result<Option<String>> {
    match fs::metadata(file) {
        Ok(found) if found.len() > MAX_FILE => Err(io::Error::other("larger than 4 MiB")),
        Ok(_) => fs::read_to_string(file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Lays `BP_CONFIG_…` over the file, sections before what is in them, and then the variables with
/// names of their own. Returns what was not understood.
fn lay_over_environment(
    document: &mut Document,
    environment: &Environment,
) -> Vec<(Origin, String)> {
    let mut unknown = Vec::new();
    let mut overrides = Vec::new();
    for name in environment.names() {
        match names::overridden(name) {
            Some(Override::Path(path)) => overrides.push((path, name)),
            Some(Override::Unknown(meant)) => {
                let hint = meant.map_or_else(String::new, |name| format!("; did you mean {name}?"));
                let message = format!("no setting has this name, ignored{hint}");
                unknown.push((environment.origin(name), message));
            }
            Some(Override::WithoutEffect) | None => {}
        }
    }
    overrides.sort_by_key(|(path, _)| path.matches('.').count());
    for (path, name) in overrides {
        if let Some(text) = environment.get(name) {
            document.lay_over(&path, json_or_text(text), environment.origin(name));
        }
    }
    // The later wins.
    for (path, name) in [
        ("httpServer.port", "PORT"),
        ("httpServer.port", "BP_PORT"),
        ("httpServer.host", "BP_HOST"),
        ("httpServer.externalUrl", "EXTERNAL_URL"),
        ("appSecret", "APP_SECRET"),
    ] {
        if let Some(text) = environment.get(name) {
            document.lay_over(path, Value::from(text), environment.origin(name));
        }
    }
    unknown
}

fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn lay_over_flags(document: &mut Document, flags: &ServeFlags) {
    if let Some(port) = flags.port {
        document.lay_over("httpServer.port", Value::from(port), Origin::Flag("--port"));
    }
    if let Some(host) = &flags.host {
        document.lay_over("httpServer.host", Value::from(host.as_str()), Origin::Flag("--host"));
    }
}

/// The database's URL may hold a password: it is never shown in a problem.
fn database_url(
    reader: &mut Reader<'_>,
    flags: &ServeFlags,
    environment: &Environment,
) -> Option<DatabaseUrl> {
    const HIDDEN: &str = "a value that is none (not shown: it may hold a password)";
    if let Some(url) = &flags.database_url {
        let parsed = DatabaseUrl::parse(url);
        if parsed.is_none() {
            reader.problem(flag_problem("--database-url", HIDDEN, database::ALLOWED));
        }
        return parsed;
    }
    if let Some(url) = environment.get("DATABASE_URL") {
        let parsed = DatabaseUrl::parse(url);
        if parsed.is_none() {
            reader.refuse_variable("DATABASE_URL", HIDDEN.to_owned(), database::ALLOWED);
        }
        return parsed;
    }
    let default = DatabaseUrl::default_in(&flags.data);
    if default.is_none() {
        let found = flags.data.display().to_string();
        reader.problem(flag_problem("--data", &found, "a path in Unicode"));
    }
    default
}

/// `PARLANCE_NLU` has a place in deployments already; there is no language understanding yet.
fn check_nlu(reader: &mut Reader<'_>) {
    let known = |text: &str| matches!(text, "on" | "off").then_some(());
    // A wrong value is recorded by the reader; neither right one changes anything.
    let _ = reader.variable("PARLANCE_NLU", "on or off", known);
}

fn logs(reader: &mut Reader<'_>, flags: &ServeFlags) -> LogConfig {
    let production =
        reader.variable("BP_PRODUCTION", "true or false", parse_switch).unwrap_or(false);
    let by_mode = if production { LogFormat::Json } else { LogFormat::Text };
    let asked = flags.log_level.as_deref().unwrap_or(DEFAULT_LEVEL);
    let filter = match asked {
        "info" | "debug" | "trace" => format!("{asked},{QUIET}"),
        _ => asked.to_owned(),
    };
    if filter.is_empty() || EnvFilter::builder().parse(&filter).is_err() {
        let allowed = "error, warn, info, debug, trace, or directives such as info,sqlx=debug";
        reader.problem(flag_problem("--log-level", &shown(&Value::from(asked)), allowed));
    }
    LogConfig { format: flags.log_format.unwrap_or(by_mode), filter }
}

fn flag_problem(flag: &'static str, found: &str, allowed: &str) -> Problem {
    let (found, allowed) = (found.to_owned(), allowed.to_owned());
    Problem { origin: Origin::Flag(flag), key: None, found, allowed }
}
