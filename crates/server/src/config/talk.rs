//! What concerns conversations: `converse`, `dialog`, `noRepeatPolicy`, `parlance.turns` (`spec`
//! runtime 1.4, 7.1, http 1.7).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use parlance_core::bot::{AllowedOrigins, ConverseConfig, DialogConfig, parse_origin};
use parlance_core::content::PayloadFormat;
use parlance_core::duration::parse_ms;
use serde_json::Value;

use super::defaults::{CONTEXT_EXPIRY, MAX_MESSAGE_LENGTH, SESSION_EXPIRY, TIMEOUT};
use super::reader::Reader;
use super::{DecisionConfig, TurnLimits, limits};

const MAX_TIMEOUT: Duration = Duration::from_mins(2);
const JANITOR_INTERVAL: Duration = Duration::from_secs(10);
const MIN_CONFIDENCE: f64 = 0.5;
const NO_REPEAT_WINDOW: Duration = Duration::from_secs(20);
const MAX_IN_FLIGHT: usize = 1_024;
const MAX_WAITING: usize = 100;

/// How long a caller may wait for an answer.
const WAITS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(24);
/// How often something may be looked at: more often would only burn power.
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_hours(24);
/// How long a silence may be.
const EXPIRIES: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_hours(10 * 365 * 24);
const LENGTHS: RangeInclusive<u64> = 1..=10_000_000;
const COUNTS: RangeInclusive<u64> = 1..=100_000;

/// Reads `converse`. Falsy values count as absent, as in v12.
pub(super) fn converse(reader: &mut Reader<'_>) -> ConverseConfig {
    let timeout = duration_or(reader, "converse.timeout", WAITS, TIMEOUT);
    let length = if reader.is_falsy("converse.maxMessageLength") {
        None
    } else {
        let length = reader.whole("converse.maxMessageLength", LENGTHS);
        length.and_then(|length| usize::try_from(length).ok())
    };
    let payload_format = reader.text(
        "converse.payloadFormat",
        "\"auto\", \"typing-element\" or \"inline\"",
        |name| name.parse().ok(),
    );
    let unsecured = reader.switch("converse.enableUnsecuredEndpoint").unwrap_or(true);
    let (per_user, per_bot) = limits::of_converse(reader);
    ConverseConfig {
        timeout: Some(milliseconds(timeout)),
        max_message_length: Some(length.unwrap_or(MAX_MESSAGE_LENGTH)),
        enable_unsecured_endpoint: Some(unsecured),
        payload_format: Some(payload_format.unwrap_or(PayloadFormat::Auto)),
        per_user,
        per_bot,
        allowed_origins: allowed_origins(reader),
        require_key: Some(reader.switch("converse.requireKey").unwrap_or(false)),
    }
}

/// The origins whose pages may talk to bots; without any of them everybody may.
fn allowed_origins(reader: &mut Reader<'_>) -> Option<AllowedOrigins> {
    const KEY: &str = "converse.allowedOrigins";
    let entries = match reader.value(KEY)? {
        Value::Array(entries) => entries.iter().map(Value::as_str).collect(),
        Value::String(entry) => Some(vec![entry.as_str()]),
        _ => None,
    };
    let named = |entries: Vec<&str>| {
        let origins = entries.into_iter().filter(|entry| *entry != "*").map(parse_origin);
        origins.collect::<Option<BTreeSet<String>>>()
    };
    let everybody = entries.as_ref().is_some_and(|entries: &Vec<&str>| entries.contains(&"*"));
    match entries.and_then(named) {
        None => {
            let allowed = "a list of origins such as \"https://shop.example\", or [\"*\"] for all";
            reader.refuse(KEY, allowed);
            None
        }
        Some(_) if everybody => Some(AllowedOrigins::Everybody),
        Some(origins) => (!origins.is_empty()).then_some(AllowedOrigins::Only(origins)),
    }
}

/// Reads `converse.maxTimeout`.
pub(super) fn max_timeout(reader: &mut Reader<'_>) -> Duration {
    reader.duration("converse.maxTimeout", WAITS).unwrap_or(MAX_TIMEOUT)
}

/// Reads `dialog`: the expiries, and how often they are looked at.
pub(super) fn dialog(reader: &mut Reader<'_>) -> (DialogConfig, Duration) {
    const CONTEXT: &str = "dialog.timeoutInterval";
    let context = duration_or(reader, CONTEXT, EXPIRIES, CONTEXT_EXPIRY);
    let session = duration_or(reader, "dialog.sessionTimeoutInterval", EXPIRIES, SESSION_EXPIRY);
    if context > session {
        reader.warn(
            reader.origin(CONTEXT),
            "dialog.timeoutInterval is longer than dialog.sessionTimeoutInterval: sessions are \
             deleted before their timeout flow can run",
        );
    }
    let dialog = DialogConfig {
        timeout_interval: Some(milliseconds(context)),
        session_timeout_interval: Some(milliseconds(session)),
    };
    (dialog, duration_or(reader, "dialog.janitorInterval", INTERVALS, JANITOR_INTERVAL))
}

/// Reads what decides between suggestions.
pub(super) fn decision(reader: &mut Reader<'_>) -> DecisionConfig {
    let confidence =
        |text: &str| text.trim().parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    let window = |text: &str| parse_ms(text).map(Duration::from_millis);
    DecisionConfig {
        min_confidence: reader
            .variable("BP_DECISION_MIN_CONFIENCE", "a number from 0 to 1", confidence)
            .unwrap_or(MIN_CONFIDENCE),
        no_repeat_policy: reader.switch("noRepeatPolicy").unwrap_or(false),
        no_repeat_window: reader
            .variable("BP_DECISION_MIN_NO_REPEAT", "a duration such as 20s", window)
            .unwrap_or(NO_REPEAT_WINDOW),
    }
}

/// Reads `parlance.turns`.
pub(super) fn turns(reader: &mut Reader<'_>) -> TurnLimits {
    let mut count = |key, default| {
        let count = reader.whole(key, COUNTS).and_then(|count| usize::try_from(count).ok());
        count.unwrap_or(default)
    };
    TurnLimits {
        max_in_flight: count("parlance.turns.maxInFlight", MAX_IN_FLIGHT),
        max_waiting_per_conversation: count(
            "parlance.turns.maxWaitingPerConversation",
            MAX_WAITING,
        ),
    }
}

fn duration_or(
    reader: &mut Reader<'_>,
    key: &str,
    range: RangeInclusive<Duration>,
    default: Duration,
) -> Duration {
    if reader.is_falsy(key) { default } else { reader.duration(key, range).unwrap_or(default) }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
