//! Masks what looks like a secret in a text that is shown to others than the operator.
//!
//! Nothing secret should be logged in the first place; this is for the day when something is, such as
//! an error of a library that quotes the address with its password.

/// What stands for a secret.
const MASK: &str = "***";

/// Fields whose whole value is a secret, wherever the word stands in their name.
const NAMES: [&str; 5] = ["password", "secret", "token", "authorization", "cookie"];

/// The shown part of an API key's text: `bpk_` and eight more characters.
const KEY_PREFIX: usize = 12;

/// The value of a field without what looks like a secret.
pub(super) fn masked(name: &str, text: &str) -> String {
    if NAMES.iter().any(|word| name.contains(word)) {
        return MASK.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut announced = false;
    for piece in text.split_inclusive(is_delimiter) {
        let word = piece.strip_suffix(is_delimiter).unwrap_or(piece);
        let rest = piece.get(word.len()..).unwrap_or_default();
        if announced && !word.is_empty() {
            shown.push_str(MASK);
        } else {
            push_word(&mut shown, word);
        }
        shown.push_str(rest);
        if !word.is_empty() {
            announced = ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        }
    }
    shown
}

fn push_word(shown: &mut String, word: &str) {
    if let Some((scheme, rest)) = word.split_once("://")
        && let Some((user, place)) = rest.rsplit_once('@')
        && user.contains(':')
    {
        shown.extend([scheme, "://", MASK, "@", place]);
    } else if word.starts_with("bpk_") && word.len() > KEY_PREFIX {
        shown.push_str(word.get(..KEY_PREFIX).unwrap_or("bpk_"));
        shown.push_str(MASK);
    } else if word.starts_with("eyJ") && word.split('.').count() >= 3 {
        shown.push_str(MASK);
    } else {
        shown.push_str(word);
    }
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '<' | '>' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_masked_and_nothing_else_is() {
        for (text, shown) in [
            ("", ""),
            ("bot loaded: 3 nodes, \"a\" 'b'", "bot loaded: 3 nodes, \"a\" 'b'"),
            (
                "cannot open postgres://bob:s3cr@et@db:5432/x?y=1, later",
                "cannot open postgres://***@db:5432/x?y=1, later",
            ),
            ("see https://example.org/a@b", "see https://example.org/a@b"),
            ("key=bpk_0123456789abcdef.", "key=bpk_01234567***"),
            ("key bpk_01234567", "key bpk_01234567"),
            ("(eyJhbGciOi.eyJzdWIi.c2ln)", "(***)"),
            (
                "Authorization: Bearer  abc, basic dXNlcg==",
                "Authorization: Bearer  ***, basic ***==",
            ),
            ("eyJ is no token", "eyJ is no token"),
        ] {
            assert_eq!(masked("error", text), shown, "{text}");
        }
    }

    #[test]
    fn fields_with_telling_names_are_masked_as_a_whole() {
        assert_eq!(masked("new_password", "hunter2"), "***");
        assert_eq!(masked("csrf_token", "abc"), "***");
        assert_eq!(masked("bot", "abc"), "abc");
    }
}
