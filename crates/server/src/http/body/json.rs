//! JSON bodies: an array or an object, as v12's strict parser wants it (`spec` http 1.5).

use serde_json::Value;

use super::super::error::HttpError;
use super::syntax::{complaint, unexpected_token};

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// The value. A malformed text, or one that is neither array nor object, is v12's
/// `entity.parse.failed`.
pub(super) fn parse(text: &str) -> Result<Value, HttpError> {
    match text.trim_start_matches(BLANK).chars().next() {
        Some('{' | '[') => {}
        Some(first) => {
            let blank = text.len() - text.trim_start_matches(BLANK).len();
            return Err(failed(unexpected_token(first, blank)));
        }
        None => return Err(failed("Unexpected end of JSON input".to_owned())),
    }
    serde_json::from_str(text).or_else(|error| explain(text, &error))
}

/// What JavaScript would do with a text that the parser refused.
fn explain(text: &str, error: &serde_json::Error) -> Result<Value, HttpError> {
    if let Some(message) = complaint(text) {
        return Err(failed(message));
    }
    // It is JSON all the same: JavaScript takes halves of surrogate pairs, which clients make when
    // they cut a text. What remains is too deep, or a number that is too large: our own bounds.
    let mended = mend(text);
    serde_json::from_str(&mended).map_err(|_| failed(error.to_string()))
}

fn failed(message: String) -> HttpError {
    HttpError::bad("entity.parse.failed", message)
}

/// The text with U+FFFD for each half of a surrogate pair that stands alone, which is of the same
/// length in UTF-16.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let taken = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended.push_str("\\uFFFD");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // A backslash and the character that it escapes: in JSON there is one, of one byte.
            (None, _) => 2,
        };
        let (kept, after) = escape.split_at_checked(taken).unwrap_or((escape, ""));
        mended.push_str(kept);
        rest = after;
    }
    mended.push_str(rest);
    mended
}

/// The code unit of the `\uXXXX` at the beginning of the text.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(text: &str) -> String {
        let body = parse(text).unwrap_err().body();
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["type"], "entity.parse.failed");
        assert_eq!(value["statusCode"], 400);
        value["message"].as_str().unwrap().to_owned()
    }

    #[test]
    fn scalars_are_refused_at_their_first_character() {
        for (text, expected) in [
            ("\"just a string\"", "Unexpected token \" in JSON at position 0"),
            ("12", "Unexpected token 1 in JSON at position 0"),
            (" \n null", "Unexpected token n in JSON at position 3"),
            ("<a>", "Unexpected token &lt; in JSON at position 0"),
            ("  ", "Unexpected end of JSON input"),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
    }

    #[test]
    fn malformed_json_gets_the_engines_message() {
        assert_eq!(message("{\"type\":\"text\",\"text\":"), "Unexpected end of JSON input");
        assert_eq!(message("{\"text\":\"a\",}"), "Unexpected token } in JSON at position 12");
    }

    #[test]
    fn halves_of_surrogate_pairs_are_taken() {
        for (text, expected) in [
            (r#"["\ud83d"]"#, "\u{FFFD}"),
            (r#"["\ude00\ud83d"]"#, "\u{FFFD}\u{FFFD}"),
            (r#"["\ud83d\ude00\ud83d"]"#, "😀\u{FFFD}"),
            (r#"["\\ud83d\ud83dx\n\u0041"]"#, "\\ud83d\u{FFFD}x\nA"),
            (r#"["\ud83dé\"\ud83d"]"#, "\u{FFFD}é\"\u{FFFD}"),
        ] {
            assert_eq!(parse(text).ok(), Some(json!([expected])), "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(message(&deep).contains("recursion limit"), "{}", message(&deep));
        assert!(message("[1e999]").contains("out of range"));
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(parse(r#"{"a":1,"b":2,"a":3}"#).ok(), Some(json!({"a": 3, "b": 2})));
    }
}
