//! What a row of the audit trail says, and its hash.

use sha2::{Digest as _, Sha256};

/// Most bytes of one text of an entry; the rest is cut off.
const TEXT_BYTES: usize = 1024;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in milliseconds since 1970.
    pub on: i64,
    /// Who: `account:a@b.c/default`, `key:ID`, `anonymous`, `server`, `cli`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// Hex SHA-256 of the thing before.
    pub before: Option<String>,
    /// Hex SHA-256 of the thing after.
    pub after: Option<String>,
    /// The address from which it was asked.
    pub from: String,
    /// HTTP status.
    pub result: i64,
    /// Id of the request.
    pub request_id: String,
    /// For people.
    pub note: String,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// From 1, without gaps.
    pub number: i64,
    /// What was done.
    pub entry: AuditEntry,
    /// The hash of the row before; empty for the first.
    pub previous_hash: String,
    /// [`audit_hash`] of all that.
    pub hash: String,
}

/// The hash of a row: hex SHA-256 over the previous hash, the number and all fields, each text with its
/// length before it, so that no two rows are written alike.
pub fn audit_hash(previous: &str, number: i64, entry: &AuditEntry) -> String {
    let AuditEntry { on, actor, action, target, before, after, from, result, request_id, note } =
        entry;
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(b"parlance audit 1");
    put_text(&mut bytes, previous);
    for number in [number, *on, *result] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for text in [actor, action, target, from, request_id, note] {
        put_text(&mut bytes, text);
    }
    for hash in [before, after] {
        bytes.push(u8::from(hash.is_some()));
        put_text(&mut bytes, hash.as_deref().unwrap_or_default());
    }
    hex(&Sha256::digest(&bytes))
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl AuditEntry {
    /// What the tables take: a trail that refuses entries has gaps just where somebody wants them.
    pub(super) fn storable(mut self) -> Self {
        for text in [
            &mut self.actor,
            &mut self.action,
            &mut self.target,
            &mut self.from,
            &mut self.request_id,
            &mut self.note,
        ] {
            tidy(text);
        }
        for hash in [&mut self.before, &mut self.after].into_iter().flatten() {
            tidy(hash);
        }
        self
    }
}

/// Encodes what would make a line look like two, or like another one, and cuts what is too long.
fn tidy(text: &mut String) {
    if text.contains(is_deceptive) {
        let mut encoded = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            if is_deceptive(c) {
                encoded.extend(c.escape_unicode());
            } else {
                encoded.push(c);
            }
        }
        *text = encoded;
    }
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
}

/// Control characters, line and paragraph separators, and marks that turn the direction of text.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_stays_as_it_is() {
        let entry = AuditEntry {
            on: 1_700_000_000_000,
            actor: "account:a@b.c/default".to_owned(),
            action: "bot.create".to_owned(),
            target: "welcome-bot".to_owned(),
            before: None,
            after: Some("00ff".to_owned()),
            from: "127.0.0.1".to_owned(),
            result: 200,
            request_id: "r1".to_owned(),
            note: "é".to_owned(),
        };
        let hash = audit_hash("", 1, &entry);
        assert_eq!(hash, "170bd649a8fbc2ce3d7539d03a6c8c0288150169494af80bc90e94644d1ef390");
    }

    #[test]
    fn an_entry_that_no_table_takes_is_made_to_fit() {
        let entry = AuditEntry {
            on: 0,
            actor: "é".repeat(TEXT_BYTES),
            action: String::new(),
            target: "a\0b".to_owned(),
            before: None,
            after: Some("x".repeat(2 * TEXT_BYTES)),
            from: String::new(),
            result: 0,
            request_id: String::new(),
            note: String::new(),
        };
        let stored = entry.storable();
        assert_eq!(stored.actor, "é".repeat(TEXT_BYTES / 2));
        assert_eq!(stored.target, "a\\u{0}b");
        assert_eq!(stored.after.map(|hash| hash.len()), Some(TEXT_BYTES));
    }

    #[test]
    fn no_text_looks_like_another_line_or_runs_backwards() {
        for (text, stored) in [
            ("bot=a\r\nactor=b", "bot=a\\u{d}\\u{a}actor=b"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\u{202e}b\u{2028}c\u{85}", "a\\u{202e}b\\u{2028}c\\u{85}"),
            ("naïve \"text\" 你好 👋", "naïve \"text\" 你好 👋"),
        ] {
            let mut tidied = text.to_owned();
            tidy(&mut tidied);
            assert_eq!(tidied, stored);
        }
    }
}
