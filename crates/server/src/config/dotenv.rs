//! The syntax of `.env` files, as v12's library reads them: `NAME=value` lines, `#` comment lines,
//! quotes around a value; nothing is expanded inside a value but `\n` between double quotes.

/// One line of a `.env` file that says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A variable.
    Variable {
        /// Its name.
        name: String,
        /// Its value, without the quotes.
        value: String,
        /// Where it is set, from 1.
        line: usize,
    },
    /// A line that is neither empty, nor a comment, nor a variable.
    Malformed {
        /// Which line it is, from 1.
        line: usize,
    },
}

/// Reads the text of a `.env` file.
pub(super) fn parse(text: &str) -> Vec<Entry> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, content)| variable(content, line).unwrap_or(Entry::Malformed { line }))
        .collect()
}

fn variable(content: &str, line: usize) -> Option<Entry> {
    let content = content.strip_prefix("export ").unwrap_or(content);
    let (name, value) = content.split_once('=')?;
    let name = name.trim();
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(in_name) {
        return None;
    }
    Some(Entry::Variable { name: name.to_owned(), value: unquote(value.trim()), line })
}

fn unquote(value: &str) -> String {
    let between = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(inner) = between('"') {
        inner.replace("\\n", "\n")
    } else {
        between('\'').unwrap_or(value).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        match parse(text).into_iter().next()? {
            Entry::Variable { value, .. } => Some(value),
            Entry::Malformed { .. } => None,
        }
    }

    #[test]
    fn values_are_taken_as_written() {
        for (text, expected) in [
            ("A=1", "1"),
            (" A = spaced out ", "spaced out"),
            ("A=", ""),
            ("A='single'", "single"),
            ("A=\"two\\nlines\"", "two\nlines"),
            ("A=it's", "it's"),
            ("A=p$WORD # kept", "p$WORD # kept"),
            ("A=b=c", "b=c"),
            ("export A=1", "1"),
            ("\u{FEFF}A=1", "1"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn comments_and_empty_lines_say_nothing() {
        assert_eq!(parse("# a comment\n\n   \r\n"), []);
    }

    #[test]
    fn other_lines_are_named_by_their_number() {
        assert_eq!(parse("\nno equals sign\n").first(), Some(&Entry::Malformed { line: 2 }));
        assert_eq!(parse("a b=c"), [Entry::Malformed { line: 1 }]);
    }
}
