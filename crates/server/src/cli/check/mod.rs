//! `parlance check PATH`: what a bot holds, what will not work in it and what its code needs.
//!
//! Data flows: path → [`Source`] → [`Checked`] bots → [`text`] or JSON. Nothing is started and
//! nothing is written.

mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use parlance_core::bot::{BotConfig, Report, Severity};
use parlance_core::skills;
use serde::Serialize;

use crate::bot_admin::Inspection;
use crate::bots::{Source, SourceError, Surroundings};
use crate::config::{ConfigError, Environment, substitute};

/// Checks bots and reports every problem with its file, node, field and effect.
///
/// Exit code: 0 when nothing is wrong, 1 for warnings, 2 for errors in a bot, 3 when PATH cannot
/// be checked at all.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit code: 0 nothing wrong, 1 warnings, 2 errors in a bot, 3 PATH cannot be checked"
)]
pub struct CheckArgs {
    /// A data directory, a folder of bots, a bot's folder or a .tgz archive.
    pub path: PathBuf,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// Print every problem and every place, however many there are.
    #[arg(long)]
    pub all: bool,
}

/// A checked bot.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    id: String,
    path: String,
    /// Whether it can run at all.
    loads: bool,
    /// Whether a server on this data directory would serve it.
    mounted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Settings>,
    severity: Option<Severity>,
    #[serde(flatten)]
    report: Report,
}

/// What of a bot's configuration matters to whoever reads the report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: String,
    version: Option<String>,
    default_language: String,
    languages: Vec<String>,
    disabled: bool,
    private: bool,
}

/// All checked bots.
#[derive(Debug, Serialize)]
struct Checkup {
    bots: Vec<Checked>,
    /// What is wrong with the directory rather than with a bot.
    problems: Vec<String>,
    severity: Option<Severity>,
}

/// Checks what `args` name and prints the report to standard output.
pub fn run(args: &CheckArgs) -> ExitCode {
    let checked = given(&args.path)
        .map_err(|error| error.to_string())
        .and_then(|given| check(args, &given).map_err(|error| error.to_string()));
    let checkup = match checked {
        Ok(checkup) => checkup,
        Err(problem) => {
            report_failure(&problem);
            return ExitCode::from(3);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = if args.json {
        serde_json::to_writer_pretty(&mut out, &checkup).map_err(io::Error::from)
    } else {
        text::print(&mut out, &checkup, args.all)
    };
    match printed.and_then(|()| writeln!(out)).and_then(|()| out.flush()) {
        // Whoever reads may stop early, as `head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            report_failure(&format!("cannot print the report: {error}"));
            ExitCode::from(3)
        }
        _ => ExitCode::from(exit_code(checkup.severity)),
    }
}

/// What a server started here would give to the bots.
pub(super) fn given(path: &Path) -> Result<Surroundings, ConfigError> {
    let environment = Environment::of_process(path)?;
    Ok(Surroundings {
        native_action: skills::is_builtin,
        substitute: Box::new(move |text| substitute(text, &environment)),
    })
}

fn report_failure(problem: &str) {
    // Nothing is left to be done when even this cannot be written.
    let _ = writeln!(io::stderr(), "parlance check: {problem}");
}

fn exit_code(severity: Option<Severity>) -> u8 {
    match severity {
        None | Some(Severity::Info) => 0,
        Some(Severity::Warning) => 1,
        Some(Severity::Error) => 2,
    }
}

fn check(args: &CheckArgs, given: &Surroundings) -> Result<Checkup, SourceError> {
    let source = Source::detect(&args.path)?;
    let mut bots = Vec::new();
    let problems = source.load_all(given, |found, bot, report| {
        bots.push(Checked {
            id: found.id.to_string(),
            path: found.path.display().to_string(),
            loads: bot.is_some(),
            mounted: found.mounted,
            settings: bot.as_ref().map(|bot| settings(&bot.config)),
            severity: report.severity(),
            report,
        });
    })?;
    let of_directory = (!problems.is_empty()).then_some(Severity::Warning);
    let severity = bots.iter().map(|bot| bot.severity).max().flatten().max(of_directory);
    Ok(Checkup { bots, problems, severity })
}

/// Prints the report on a bot in an archive that is about to come in.
pub(super) fn print_incoming(
    out: &mut dyn Write,
    path: &Path,
    found: &Inspection,
) -> io::Result<()> {
    let severity = found.report.severity();
    let checked = Checked {
        id: found.id.to_string(),
        path: path.display().to_string(),
        loads: found.config.is_some(),
        mounted: true,
        settings: found.config.as_ref().map(settings),
        severity,
        report: found.report.clone(),
    };
    text::print(out, &Checkup { bots: vec![checked], problems: Vec::new(), severity }, false)
}

fn settings(config: &BotConfig) -> Settings {
    Settings {
        name: config.name.clone(),
        version: config.version.clone(),
        default_language: config.default_language.clone(),
        languages: config.languages.clone(),
        disabled: config.disabled,
        private: config.private,
    }
}

#[cfg(test)]
mod tests;
