//! The newest log entries, kept in memory for those who may not look at the server's output.
//!
//! Data flows: event → [`Keeper`] (a layer beside the one that writes lines, so that both get the same
//! events) → [`Recent`]. Only `info` and above come in: nothing of what users wrote, and what looks like
//! a secret is masked besides. They end with the process; the lines on standard error are what lasts.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::masked::masked;
use crate::clock::Clock;

/// Entries that are kept.
const MAX_ENTRIES: usize = 5_000;
/// Bytes of text that are kept.
const MAX_BYTES: usize = 4 << 20;
/// Bytes of one text of an entry; the rest is cut off.
const MAX_TEXT: usize = 2_048;

/// A log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Greater than that of any older entry.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub on: i64,
    /// Never below `info`.
    pub level: Level,
    /// The part of the server that it comes from.
    pub scope: &'static str,
    /// The bot that it is about.
    pub bot: Option<String>,
    /// What happened.
    pub message: String,
    /// The particulars, by name.
    pub fields: Vec<(&'static str, String)>,
}

impl LogEntry {
    fn bytes(&self) -> usize {
        let fields: usize = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.message.len() + self.bot.as_ref().map_or(0, String::len) + fields
    }
}

/// The newest entries. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Recent(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Arc<LogEntry>>,
    bytes: usize,
    last_number: u64,
}

impl Recent {
    /// The newest of those that are `wanted`, newest first.
    pub fn newest(&self, limit: usize, wanted: impl Fn(&LogEntry) -> bool) -> Vec<Arc<LogEntry>> {
        // What is looked for is looked for without the lock: whoever logs must not wait for it.
        let entries: Vec<Arc<LogEntry>> = {
            let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            ring.entries.iter().cloned().collect()
        };
        entries.into_iter().rev().filter(|entry| wanted(entry)).take(limit).collect()
    }

    fn push(&self, mut entry: LogEntry) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ring.last_number += 1;
        entry.number = ring.last_number;
        ring.bytes += entry.bytes();
        ring.entries.push_back(Arc::new(entry));
        while ring.entries.len() > MAX_ENTRIES || ring.bytes > MAX_BYTES {
            let Some(oldest) = ring.entries.pop_front() else {
                break;
            };
            ring.bytes -= oldest.bytes();
        }
    }
}

/// Puts events into [`Recent`].
pub(super) struct Keeper {
    recent: Recent,
    clock: Clock,
}

impl Keeper {
    pub(super) fn new(recent: Recent) -> Self {
        Self { recent, clock: Clock::default() }
    }
}

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() > Level::INFO {
            return;
        }
        let mut entry = LogEntry {
            number: 0,
            on: self.clock.millis(),
            level: *metadata.level(),
            scope: metadata.target(),
            bot: None,
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut Texts(&mut entry));
        self.recent.push(entry);
    }
}

/// Fills an entry with the fields of an event.
struct Texts<'e>(&'e mut LogEntry);

impl Texts<'_> {
    fn take(&mut self, field: &Field, text: &str) {
        let text = masked(field.name(), text);
        match field.name() {
            "message" => self.0.message = text,
            "bot" => self.0.bot = Some(text),
            name => self.0.fields.push((name, text)),
        }
    }
}

impl Visit for Texts<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, cut(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded(String::new());
        // An error says that there is no room left: what fits is enough.
        let _ = write!(text, "{value:?}");
        self.take(field, &text.0);
    }
}

/// The part of a text that is kept.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text)
}

/// Takes as much as is kept of a text, so that a large value is not written out.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_TEXT.saturating_sub(self.0.len());
        let fits = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
        self.0.push_str(fits);
        if fits.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use tracing::subscriber::with_default;
    use tracing::{debug, error, info, warn};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn kept(log: impl FnOnce()) -> Recent {
        let recent = Recent::default();
        let subscriber = tracing_subscriber::registry().with(Keeper::new(recent.clone()));
        with_default(subscriber, log);
        recent
    }

    #[test]
    fn an_entry_has_its_bot_its_message_and_the_rest() {
        let id = "welcome-bot";
        let recent = kept(|| warn!(bot = %id, count = 3, error = ?"bad", "bot {}", "loaded"));
        let [entry] = &recent.newest(10, |_| true)[..] else {
            panic!("one entry");
        };
        assert_eq!(entry.bot.as_deref(), Some("welcome-bot"));
        assert_eq!(entry.message, "bot loaded");
        assert_eq!(entry.fields, [("count", "3".to_owned()), ("error", "\"bad\"".to_owned())]);
        assert_eq!(entry.level, Level::WARN);
        assert!(entry.scope.starts_with("parlance_server::ops::logs"));
        assert!(entry.on > 1_700_000_000_000);
    }

    #[test]
    fn what_is_below_info_stays_out() {
        let recent = kept(|| {
            debug!(bot = "b", "what the user wrote");
            info!("started");
        });
        let messages: Vec<_> =
            recent.newest(10, |_| true).iter().map(|entry| entry.message.clone()).collect();
        assert_eq!(messages, ["started"]);
    }

    #[test]
    fn the_newest_that_are_wanted_come_first_and_no_more_than_asked_for() {
        let recent = kept(|| {
            for n in 0..10 {
                info!(bot = if n % 2 == 0 { "even" } else { "odd" }, "{n}");
            }
        });
        let of_even = recent.newest(3, |entry| entry.bot.as_deref() == Some("even"));
        let messages: Vec<_> = of_even.iter().map(|entry| &*entry.message).collect();
        assert_eq!(messages, ["8", "6", "4"]);
        assert!(of_even[0].number > of_even[1].number);
    }

    #[test]
    fn neither_many_entries_nor_large_ones_take_more_room() {
        let recent = kept(|| {
            for n in 0..MAX_ENTRIES + 10 {
                info!("{n}");
            }
        });
        let entries = recent.newest(usize::MAX, |_| true);
        assert_eq!(entries.len(), MAX_ENTRIES);
        assert_eq!(entries[MAX_ENTRIES - 1].message, "10");

        let large = "é".repeat(8 << 10);
        let recent = kept(|| {
            for _ in 0..3_000 {
                error!(why = large, other = ?large, "{large}");
            }
        });
        let entries = recent.newest(usize::MAX, |_| true);
        let bytes: usize = entries.iter().map(|entry| entry.bytes()).sum();
        assert!(entries.len() > 100 && bytes <= MAX_BYTES, "{} entries, {bytes}", entries.len());
        assert_eq!(recent.0.lock().unwrap().bytes, bytes);
    }
}
