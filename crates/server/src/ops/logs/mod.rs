//! Log lines on standard error: text for people, JSON for machines; and the newest of them in memory
//! (`recent`).
//!
//! Whoever logs keeps user text and secrets out of `info` and above. That goes for panics too: their
//! messages may quote what a user wrote, so only the place is told, and the message at `debug`.

mod masked;
mod recent;

use std::io::{self, IsTerminal};
use std::panic;

use tracing::{Subscriber, debug, error};
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer};

use self::recent::Keeper;
use crate::config::{LogConfig, LogFormat};

pub use recent::{LogEntry, Recent};

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is malformed.
    #[error("malformed log filter: {0}")]
    Filter(#[from] ParseError),
    /// Somebody else logs in this process already.
    #[error(transparent)]
    Taken(#[from] TryInitError),
}

/// Starts logging, for the whole process. Returns what will hold the newest entries: of those that the
/// filter lets through, those at `info` and above.
pub fn init(config: &LogConfig) -> Result<Recent, LogError> {
    let recent = Recent::default();
    let lines = subscriber(config, io::stderr, io::stderr().is_terminal())?;
    lines.with(Keeper::new(recent.clone())).try_init()?;
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        error!(place, "panic: this is a bug, please report it");
        debug!(place, message = panic.payload_as_str().unwrap_or_default(), "panic");
    }));
    Ok(recent)
}

fn subscriber<W>(
    config: &LogConfig,
    writer: W,
    terminal: bool,
) -> Result<impl Subscriber + Send + Sync + 'static, LogError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(&config.filter)?;
    let layer = fmt::layer().with_writer(writer);
    let lines = match config.format {
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
        // On a terminal it is left to the library whether colours are wanted.
        LogFormat::Text if terminal => layer.boxed(),
        LogFormat::Text => layer.with_ansi(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(filter).with(lines))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::info;
    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
        let sink = Sink::default();
        let config = LogConfig { format, filter: filter.to_owned() };
        let writer = sink.clone();
        with_default(subscriber(&config, move || writer.clone(), false).unwrap(), log);
        String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn json_lines_hold_the_fields() {
        let text = logged(LogFormat::Json, "info", || {
            info!(bot = "welcome-bot", "loaded");
        });
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (line["level"].as_str(), line["bot"].as_str()),
            (Some("INFO"), Some("welcome-bot"))
        );
        assert_eq!(line["message"], "loaded");
    }

    #[test]
    fn text_lines_are_plain_when_nobody_watches() {
        let text = logged(LogFormat::Text, "info", || info!(bots = 3, "mounted"));
        assert!(text.ends_with("mounted bots=3\n") && !text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn the_filter_keeps_lower_levels_out() {
        let text = logged(LogFormat::Text, "info", || debug!("what the user wrote"));
        assert_eq!(text, "");
        let text = logged(LogFormat::Text, "debug", || debug!("details"));
        assert!(text.contains("details"));
    }
}
