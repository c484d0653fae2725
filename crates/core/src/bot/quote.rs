//! Outside text inside messages: short, on one line, without control characters.

/// Longest excerpt, in characters.
const MAX_CHARS: usize = 80;

/// `text` in double quotes, cut after 80 characters, with control characters made visible.
///
/// Names and conditions come from files that anybody may have written, and messages end up in
/// terminals and logs.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", plain_excerpt(text))
}

/// As [`quote`], without the quotes.
pub fn plain_excerpt(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_CHARS));
    for (count, character) in text.chars().enumerate() {
        if count == MAX_CHARS {
            out.push('…');
            break;
        }
        if character.is_control() || reorders(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether the character changes the direction of the text after it.
fn reorders(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// `"a", "b" and 3 more`: at most `limit` names.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let mut shown = Vec::new();
    let mut more = 0_usize;
    for name in names {
        if shown.len() < limit {
            shown.push(quote(name));
        } else {
            more += 1;
        }
    }
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_never_reach_the_terminal() {
        assert_eq!(quote("a\u{1b}[2Jb\nc\u{202e}"), "\"a\\u{1b}[2Jb\\nc\\u{202e}\"");
    }

    #[test]
    fn long_text_is_cut() {
        let quoted = quote(&"é".repeat(500));
        assert_eq!(quoted.chars().count(), 83);
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(list(["a", "b", "c"], 2), "\"a\", \"b\" and 1 more");
        assert_eq!(list(["a"], 2), "\"a\"");
    }
}
