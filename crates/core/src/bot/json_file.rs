//! Bytes of a file → JSON, as lenient as it can be without guessing.
//!
//! A byte order mark, stray bytes that are no UTF-8 and halves of emojis are mended and reported;
//! a syntax error is an error with its line and column.

use std::borrow::Cow;

use serde_json::Value;

use super::findings::{Findings, Place};

/// Reads `bytes` as JSON. `None` after a finding that says why, with `effect` as what follows.
pub(crate) fn read(
    file: &str,
    bytes: &[u8],
    findings: &mut Findings,
    effect: &str,
) -> Option<Value> {
    let text = text(file, bytes, findings, effect)?;
    match parse(&text) {
        Ok((value, mended)) => {
            if mended {
                findings.info(
                    Place::file(file),
                    "half-character",
                    "holds one half of a character that takes two, as when a text was cut in the \
                     middle of an emoji",
                    "the half is read as U+FFFD",
                );
            }
            Some(value)
        }
        Err(error) => {
            let problem = format!("is no valid JSON: {error}");
            findings.error(Place::file(file), "invalid-json", problem, effect);
            None
        }
    }
}

/// The file's text, without its byte order mark.
pub(crate) fn text<'b>(
    file: &str,
    bytes: &'b [u8],
    findings: &mut Findings,
    effect: &str,
) -> Option<Cow<'b, str>> {
    let bytes = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            findings.info(
                Place::file(file),
                "byte-order-mark",
                "begins with a byte order mark, with which v12 cannot read it",
                "it is read without the mark",
            );
            rest
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            let problem = "is written in UTF-16; save it as UTF-8";
            findings.error(Place::file(file), "invalid-json", problem, effect);
            return None;
        }
        _ => bytes,
    };
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, Cow::Owned(_)) {
        findings.warn(
            Place::file(file),
            "not-utf8",
            "holds bytes that are no UTF-8",
            "each of them is read as U+FFFD; texts that hold them look broken",
        );
    }
    Some(text)
}

/// Parses JSON; says whether halves of characters had to be replaced.
fn parse(text: &str) -> Result<(Value, bool), serde_json::Error> {
    serde_json::from_str(text).map(|value| (value, false)).or_else(|error| {
        match mend_surrogates(text) {
            Some(mended) => serde_json::from_str(&mended).map(|value| (value, true)),
            None => Err(error),
        }
    })
}

/// Replaces every `\uD8xx` escape that has no partner; `None` when there is none.
///
/// JavaScript allows them, and the Studio writes them when it cuts a caption.
fn mend_surrogates(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut mended = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let len = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended = true;
                out.push('\u{FFFD}');
                rest = escape.get(6..).unwrap_or("");
                continue;
            }
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at_checked(len).unwrap_or((escape, ""));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    mended.then_some(out)
}

/// The code unit of a `\uXXXX` escape at the start of `text`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

/// What kind of JSON value this is, with its article, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The line, counted from 1, of the key at `path` in valid JSON made of objects.
pub(crate) fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let mut line = 1;
    let mut keys: Vec<&str> = Vec::new();
    let mut rest = text;
    loop {
        let mut chars = rest.chars();
        match chars.next()? {
            '\n' => line += 1,
            '{' | '[' => keys.push(""),
            '}' | ']' => {
                keys.pop();
            }
            '"' => {
                let body = chars.as_str();
                let end = string_end(body)?;
                let (inside, after) = body.split_at_checked(end)?;
                chars = after.get(1..)?.chars();
                if chars.as_str().trim_start().starts_with(':')
                    && let Some(key) = keys.last_mut()
                {
                    *key = inside;
                    if keys == path {
                        return Some(line);
                    }
                }
            }
            _ => {}
        }
        rest = chars.as_str();
    }
}

/// Where the string that starts before `body` ends: the position of its closing quote.
fn string_end(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(bytes: &[u8]) -> (Option<Value>, Vec<(&'static str, String)>) {
        let mut findings = Findings::default();
        let value = read("f.json", bytes, &mut findings, "left out");
        let found = findings.finish().0.into_iter().map(|f| (f.code, f.problem)).collect();
        (value, found)
    }

    #[test]
    fn untidy_files_are_read_and_reported() {
        for (bytes, code) in [
            (&b"\xEF\xBB\xBF{\"a\":1}"[..], "byte-order-mark"),
            (&b"{\"a\":1,\"b\":\"\xE9t\xE9\"}"[..], "not-utf8"),
            (&br#"{"a":1,"b":"x\ud83d"}"#[..], "half-character"),
            (&br#"{"a":1,"b":"\udc4b\\ud83d \ud83d\ude00"}"#[..], "half-character"),
        ] {
            let (value, found) = read_all(bytes);
            assert_eq!(value.unwrap()["a"], 1);
            assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code]);
        }
    }

    #[test]
    fn whole_characters_are_kept() {
        let text = r#"["\ud83d\ude00", "\\ud83d", "\ud83d", "\"é\\"]"#;
        let (value, _) = parse(text).unwrap();
        assert_eq!(value, json!(["😀", "\\ud83d", "\u{FFFD}", "\"é\\"]));
    }

    #[test]
    fn syntax_errors_name_line_and_column() {
        let (value, found) = read_all(b"{\n  \"a\": 1,,\n}");
        assert_eq!(value, None);
        assert!(found[0].1.contains("line 2 column 10"), "{found:?}");
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let (value, found) = read_all("[".repeat(100_000).as_bytes());
        assert_eq!(value, None);
        assert!(found[0].1.contains("recursion limit"), "{found:?}");
    }

    #[test]
    fn utf16_is_named() {
        let (_, found) = read_all(b"\xFF\xFE{\0}\0");
        assert!(found[0].1.contains("UTF-16"));
    }

    #[test]
    fn keys_have_lines() {
        let text = "{ \"b\": [{\n\"a\": 1}],\n \"t\": \"\\\"a\\\": {\",\n\n\"a\" :\n {\"b\": 2}}";
        for (path, line) in
            [(&["b"][..], Some(1)), (&["a"], Some(5)), (&["a", "b"], Some(6)), (&["c"], None)]
        {
            assert_eq!(line_of(text, path), line, "{path:?}");
        }
    }
}
