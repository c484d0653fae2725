//! `dataRetention`: which attributes of chat users are forgotten, and when (`spec` runtime 1.4,
//! 5.6).

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::RetentionConfig;
use super::problem::Problem;
use super::reader::{Reader, durations, parse_duration, shown};

const INTERVAL: Duration = Duration::from_mins(10);
/// How often may be looked: more often would only burn power.
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_hours(24);
/// How long an attribute may be kept.
const KEPT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_hours(100 * 365 * 24);
/// Every turn that changes attributes looks at each policy.
const MAX_POLICIES: usize = 100;
/// Longest path, in bytes; the store takes no longer keys than 512.
const MAX_PATH: usize = 256;

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>) -> RetentionConfig {
    const INTERVAL_KEY: &str = "dataRetention.janitorInterval";
    let interval =
        if reader.is_falsy(INTERVAL_KEY) { None } else { reader.duration(INTERVAL_KEY, INTERVALS) };
    RetentionConfig { janitor_interval: interval.unwrap_or(INTERVAL), policies: policies(reader) }
}

fn policies(reader: &mut Reader<'_>) -> Vec<(String, Duration)> {
    const KEY: &str = "dataRetention.policies";
    let Some(value) = reader.value(KEY) else {
        return Vec::new();
    };
    let fields = value.as_object().filter(|fields| fields.len() <= MAX_POLICIES);
    let Some(fields) = fields else {
        let allowed =
            format!("an object of at most {MAX_POLICIES} attribute paths and their durations");
        reader.refuse(KEY, allowed);
        return Vec::new();
    };
    let mut policies = Vec::new();
    for (path, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        match policy(path, value) {
            Ok(policy) => policies.push(policy),
            Err(allowed) => reader.problem(Problem {
                origin: reader.origin_of(&["dataRetention", "policies", path]),
                key: Some(format!("{KEY}.{path}")),
                found: shown(value),
                allowed,
            }),
        }
    }
    policies
}

fn policy(path: &str, value: &Value) -> Result<(String, Duration), String> {
    let is_name = |name: &str| !name.is_empty() && !name.chars().any(char::is_control);
    if path.len() > MAX_PATH || !path.split('.').all(is_name) {
        return Err(format!(
            "only paths of names with dots between them, such as email or profile.phone, of at \
             most {MAX_PATH} bytes"
        ));
    }
    let kept = parse_duration(value).filter(|kept| KEPT.contains(kept));
    kept.map(|kept| (path.to_owned(), kept)).ok_or_else(|| durations(&KEPT))
}
