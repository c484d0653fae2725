//! The restrictions in `converse`: `rateLimit`, `allowedOrigins`, `requireKey` (ours).
//!
//! What is malformed here closes instead of falling back: whoever wrote it meant to keep somebody
//! out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::super::findings::Place;
use super::super::quote::list;
use super::super::restriction::{AllowedOrigins, RateLimit, parse_origin};
use super::{FILE, Settings};
use crate::duration::{parse_ms, whole_ms};
use crate::js;

/// Keys of `converse` that v12 or Parlance knows.
const CONVERSE: [&str; 8] = [
    "timeout",
    "maxMessageLength",
    "enableUnsecuredEndpoint",
    "bufferDelayMs",
    "payloadFormat",
    "rateLimit",
    "allowedOrigins",
    "requireKey",
];

const STRICTEST: &str = "only one message in 24 hours passes, the strictest limit there is";

impl<'a> Settings<'a> {
    /// Names in `converse` that nobody knows: one of them may be a restriction, misspelt.
    pub(super) fn check_converse(&mut self) {
        let Some(value) = self.at(&["converse"]) else {
            return;
        };
        if let Value::Object(fields) = value {
            let strange = unknown(fields, &CONVERSE);
            if !strange.is_empty() {
                self.findings.warn(
                    Place::field(FILE, "converse"),
                    "unknown-setting",
                    format!("has keys that nobody knows: {}", list(strange, 6)),
                    "they have no effect; if a restriction was meant, it is not in force",
                );
            }
        } else if js::truthy(value) {
            let effect = "nothing in it has an effect; the server's settings hold";
            self.malformed(&["converse"], value, "an object", effect);
        }
    }

    /// The origins whose pages may talk to the bot. Falsy values and an empty list fall through to
    /// the server's; an entry that is no origin admits nobody.
    pub(super) fn allowed_origins(&mut self) -> Option<AllowedOrigins> {
        let path = ["converse", "allowedOrigins"];
        let value = self.at(&path).filter(|value| js::truthy(value))?;
        let wanted = "a list of origins such as \"https://shop.example\", or [\"*\"] for all";
        let entries = match value {
            Value::Array(entries) if entries.is_empty() => return None,
            Value::Array(entries) => entries.as_slice(),
            Value::String(_) => std::slice::from_ref(value),
            other => {
                let effect = "no site's page may talk to the bot, whichever it is";
                self.malformed(&path, other, wanted, effect);
                &[]
            }
        };
        let mut everybody = false;
        let mut origins = BTreeSet::new();
        for entry in entries {
            if entry == "*" {
                everybody = true;
            } else if let Some(origin) = entry.as_str().and_then(parse_origin) {
                origins.insert(origin);
            } else {
                self.malformed(&path, entry, wanted, "the entry admits nobody");
            }
        }
        Some(if everybody { AllowedOrigins::Everybody } else { AllowedOrigins::Only(origins) })
    }

    /// Whether the public route needs a key. Falsy values other than `false` fall through to the
    /// server's; truthy ones count as true.
    pub(super) fn require_key(&mut self) -> Option<bool> {
        let path = ["converse", "requireKey"];
        match self.at(&path)? {
            Value::Bool(on) => Some(*on),
            other if !js::truthy(other) => None,
            other => {
                self.malformed(&path, other, "true or false", "it is taken for true");
                Some(true)
            }
        }
    }

    /// The limits of each chat user and of the bot as a whole. Falsy values fall through to the
    /// server's.
    pub(super) fn rate_limits(&mut self) -> (Option<RateLimit>, Option<RateLimit>) {
        let path = ["converse", "rateLimit"];
        let Some(section) = self.at(&path).filter(|value| js::truthy(value)) else {
            return (None, None);
        };
        let Value::Object(fields) = section else {
            self.malformed(&path, section, "an object with perUser, perBot or both", STRICTEST);
            return (None, Some(RateLimit::STRICTEST));
        };
        self.check_names(&path, fields, &["perUser", "perBot"]);
        (self.rate_limit("perUser"), self.rate_limit("perBot"))
    }

    fn rate_limit(&mut self, whose: &str) -> Option<RateLimit> {
        let path = ["converse", "rateLimit", whose];
        let value = self.at(&path).filter(|value| js::truthy(value))?;
        let Value::Object(fields) = value else {
            let wanted = "an object such as {\"limit\": 20, \"limitWindow\": \"1m\"}";
            self.malformed(&path, value, wanted, STRICTEST);
            return Some(RateLimit::STRICTEST);
        };
        self.check_names(&path, fields, &["limit", "limitWindow"]);
        let [section, limits, whose] = path;
        let limit = self.required(
            &[section, limits, whose, "limit"],
            limit,
            "a whole number from 1 to 4294967295",
            "1 is taken, the strictest",
        );
        let window = self.required(
            &[section, limits, whose, "limitWindow"],
            window,
            "a duration from 1 second to 24 hours such as \"30s\" or \"1m\"",
            "24 hours are taken, the strictest",
        );
        Some(RateLimit {
            limit: limit.unwrap_or(RateLimit::STRICTEST.limit),
            window: window.unwrap_or(RateLimit::STRICTEST.window),
        })
    }

    /// A value that must be there and that `parse` must understand.
    fn required<T>(
        &mut self,
        path: &[&str],
        parse: impl FnOnce(&'a Value) -> Option<T>,
        wanted: &str,
        effect: &str,
    ) -> Option<T> {
        let Some(value) = self.at(path) else {
            let problem = format!("is missing; it must be {wanted}");
            self.findings.error(
                Place::field(FILE, &path.join(".")),
                "bad-setting",
                problem,
                effect,
            );
            return None;
        };
        let parsed = parse(value);
        if parsed.is_none() {
            self.malformed(path, value, wanted, effect);
        }
        parsed
    }

    /// Sections that v12 does not have know all their names.
    fn check_names(&mut self, path: &[&str], fields: &Map<String, Value>, known: &[&str]) {
        let strange = unknown(fields, known);
        if !strange.is_empty() {
            let problem = format!(
                "has keys that nobody knows: {}; only {} are",
                list(strange, 6),
                known.join(" and "),
            );
            let place = Place::field(FILE, &path.join("."));
            self.findings.error(place, "bad-setting", problem, "they limit nothing");
        }
    }
}

fn unknown<'f>(fields: &'f Map<String, Value>, known: &[&str]) -> Vec<&'f str> {
    fields.keys().map(String::as_str).filter(|key| !known.contains(key)).collect()
}

/// A whole number or its digits, which is what a variable of the environment leaves.
fn limit(value: &Value) -> Option<u32> {
    let number = match value {
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| *number > 0)
}

fn window(value: &Value) -> Option<Duration> {
    let millis = match value {
        Value::String(text) => parse_ms(text),
        Value::Number(number) => whole_ms(js::as_f64(number)),
        _ => None,
    };
    millis.map(Duration::from_millis).filter(|window| RateLimit::WINDOWS.contains(window))
}
