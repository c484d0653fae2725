//! `parlance bench`: measures how a server answers the Converse API, with the options of v12's
//! `bp bench` (`spec` http 1.13, 3.9).
//!
//! Data flows [`BenchArgs`] → [`target`] (one message and what it took) → [`round`] (all users at
//! once) → [`report`] (text or JSON). Only the URL given is ever asked: no redirects, no proxies.

mod report;
mod round;
mod target;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use report::{Report, Sla};
use target::Target;

/// The service level was missed in the first round.
const MISSED: u8 = 1;
/// Nothing could be measured.
const NOT_MEASURED: u8 = 2;
/// No more users than this at once, however often `--increments` adds some.
const MAX_USERS: u32 = 10_000;
/// Longest `--messageFile`, in bytes.
const MAX_MESSAGE_FILE: u64 = 16 * 1024 * 1024;

/// Measure how a server answers under load
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    /// Base URL of the server
    #[arg(long, default_value = "http://localhost:3000")]
    url: String,
    /// Bot to talk to
    #[arg(long = "botId", alias = "bot-id", default_value = "welcome-bot")]
    bot_id: String,
    /// Users who talk at the same time
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_USERS)))]
    users: u32,
    /// Messages that each user sends, one after the other
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    messages: u32,
    /// Longest time for an answer, in milliseconds
    #[arg(long = "slaLimit", alias = "sla-limit", default_value_t = 1500)]
    sla_limit: u64,
    /// Percentage of answers that must come within that time
    #[arg(long = "slaTarget", alias = "sla-target", default_value_t = 100.0, value_parser = percentage)]
    sla_target: f64,
    /// Repeat with so many users more until the target is missed
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_USERS)))]
    increments: u32,
    /// Text to send
    #[arg(long, default_value = "Hello", conflicts_with = "message_file")]
    text: String,
    /// File with texts to send, one a line, taken in turn
    #[arg(long = "messageFile", alias = "message-file")]
    message_file: Option<PathBuf>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error("--url {url}: {problem}")]
    Url { url: String, problem: String },
    #[error("--messageFile {}: {problem}", file.display())]
    MessageFile { file: PathBuf, problem: String },
    #[error("the HTTP client could not be set up: {0}")]
    Client(reqwest::Error),
    #[error("{url} does not answer: {problem}")]
    NoAnswer { url: String, problem: String },
    #[error("the times cannot be counted: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
}

/// Measures. Exits with 0 where the service level is met (with `--increments`: in the first round),
/// with 1 where it is missed, with 2 where nothing could be measured.
pub async fn run(args: BenchArgs) -> ExitCode {
    match measure(&args).await {
        Ok(report) => {
            let text = if args.json { report.to_json() } else { report.to_string() };
            println!("{text}");
            if report.is_met() { ExitCode::SUCCESS } else { ExitCode::from(MISSED) }
        }
        Err(error) => {
            eprintln!("parlance bench: {error}");
            ExitCode::from(NOT_MEASURED)
        }
    }
}

async fn measure(args: &BenchArgs) -> Result<Report, BenchError> {
    let texts = texts(args)?;
    let target = Target::new(&args.url, &args.bot_id)?;
    target.probe(texts.first().map_or("", String::as_str)).await?;
    let sla = Sla { limit_ms: args.sla_limit, target_percent: args.sla_target };
    let mut report = Report::new(target.shown(), sla);
    let mut users = args.users;
    loop {
        let round = round::run(&target, users, args.messages, &texts).await?;
        let met = report.add(round);
        let more = users.saturating_add(args.increments);
        if args.increments == 0 || !met || more > MAX_USERS {
            return Ok(report);
        }
        users = more;
    }
}

/// The texts to send: at least one.
fn texts(args: &BenchArgs) -> Result<Vec<String>, BenchError> {
    let Some(file) = &args.message_file else {
        return Ok(vec![args.text.clone()]);
    };
    let failure = |problem: String| BenchError::MessageFile { file: file.clone(), problem };
    let failed = |error: io::Error| failure(error.to_string());
    if std::fs::metadata(file).map_err(failed)?.len() > MAX_MESSAGE_FILE {
        return Err(failure(format!("is larger than {MAX_MESSAGE_FILE} bytes")));
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let texts: Vec<String> = lines.map(str::to_owned).collect();
    if texts.is_empty() { Err(failure("holds no text".to_owned())) } else { Ok(texts) }
}

fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text.trim_end_matches('%').parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("not between 0 and 100".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: BenchArgs,
    }

    fn parse(arguments: &[&str]) -> Result<BenchArgs, clap::Error> {
        Line::try_parse_from([&["bench"], arguments].concat()).map(|line| line.args)
    }

    #[test]
    fn v12s_options_and_their_usual_spelling_mean_the_same() {
        let v12 = parse(&["--botId", "a-b", "--slaLimit", "9", "--slaTarget", "95"]).unwrap();
        let usual = parse(&["--bot-id", "a-b", "--sla-limit", "9", "--sla-target", "95%"]).unwrap();
        for args in [v12, usual] {
            assert_eq!((args.bot_id.as_str(), args.sla_limit), ("a-b", 9));
            assert!((args.sla_target - 95.0).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn defaults_are_v12s() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.users, args.messages, args.sla_limit), (10, 5, 1500));
        assert_eq!((args.bot_id.as_str(), args.increments), ("welcome-bot", 0));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for arguments in [
            ["--users", "0"],
            ["--users", "10001"],
            ["--messages", "0"],
            ["--slaTarget", "101"],
            ["--slaTarget", "all"],
        ] {
            assert!(parse(&arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn texts_are_the_lines_of_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\n\n  two \n").unwrap();
        let path = file.path().to_string_lossy().into_owned();
        let args = parse(&["--messageFile", &path]).unwrap();
        assert_eq!(texts(&args).unwrap(), ["one", "two"]);
        std::fs::write(file.path(), "\n").unwrap();
        assert!(texts(&args).unwrap_err().to_string().contains("holds no text"));
    }
}
