//! How long and how deeply nested a condition may be, found out before it is parsed.
//!
//! The parser and the tree recurse, so a hostile file could exhaust the stack. This scan knows just
//! enough of the language to count, for every place of the source, all that may be open there. It
//! may count too much, never too little: where a `/` may begin a regular expression, or anything
//! else is unclear, nothing counts as closed any more.

/// Longest source in bytes. The longest real condition has a few hundred.
const MAX_LENGTH: usize = 8 * 1024;

/// Most brackets, prefix operators, `?`, `=` and keywords open at one place.
pub(super) const MAX_NESTING: usize = 100;

/// Words that open something, or that what follows is nested in.
#[rustfmt::skip]
const NESTING_WORDS: &[&str] = &[
    "async", "await", "case", "catch", "class", "const", "default", "delete", "do", "else",
    "extends", "finally", "for", "function", "get", "if", "import", "let", "new", "of", "return",
    "set", "static", "switch", "throw", "try", "typeof", "using", "var", "void", "while", "with",
    "yield",
];

/// Runs of operator characters after which nothing is nested: the parser loops over them.
#[rustfmt::skip]
const FLAT_OPERATORS: &[&str] = &[
    "==", "===", "!=", "!==", "<", "<=", ">", ">=", "&&", "||", "??", "?.",
];

/// Refuses a source that is too long or too deeply nested, saying why.
pub(super) fn check(source: &str) -> Result<(), String> {
    if source.len() > MAX_LENGTH {
        return Err(format!("it is {} bytes long; at most {MAX_LENGTH} are read", source.len()));
    }
    // These end lines only in some places of the grammar.
    let lost = source.contains(['\u{2028}', '\u{2029}']);
    let mut scan = Scan { rest: source, open: Vec::new(), count: 0, lost };
    while !scan.rest.is_empty() {
        scan.step();
        if scan.count > MAX_NESTING {
            return Err(format!("it is nested too deeply; at most {MAX_NESTING} levels are read"));
        }
    }
    Ok(())
}

struct Scan<'s> {
    rest: &'s str,
    /// The character that closes each open bracket, and what was counted before it.
    open: Vec<(char, usize)>,
    count: usize,
    /// Whether it is no longer clear what the characters mean.
    lost: bool,
}

/// The mark of a `${` in [`Scan::open`]: its `}` goes back into the template.
const SUBSTITUTION: char = '$';

fn is_operator(character: char) -> bool {
    "=!<>+-*?~:&|.^%@".contains(character)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$' || !character.is_ascii()
}

impl Scan<'_> {
    fn step(&mut self) {
        let Some(first) = self.rest.chars().next() else {
            return;
        };
        match first {
            '(' => self.open_bracket(')'),
            '[' => self.open_bracket(']'),
            '{' => self.open_bracket('}'),
            ')' | ']' | '}' => self.close_bracket(first),
            '\'' | '"' if !self.lost => self.string(first),
            '`' => {
                self.count += 1;
                self.skip(1);
                if !self.lost {
                    self.template();
                }
            }
            '/' => self.slash(),
            _ if is_operator(first) => self.operator(),
            _ if is_word(first) => self.word(),
            _ => self.skip(first.len_utf8()),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Skips past `end`, or to the source's end.
    fn skip_past(&mut self, end: &str) {
        let length = self.rest.find(end).map_or(self.rest.len(), |start| start + end.len());
        self.skip(length);
    }

    fn open_bracket(&mut self, close: char) {
        self.skip(1);
        if !self.lost {
            self.open.push((close, self.count));
        }
        self.count += 1;
    }

    fn close_bracket(&mut self, close: char) {
        self.skip(1);
        if self.lost {
            return;
        }
        match self.open.pop() {
            Some((expected, before)) if expected == close => self.count = before,
            Some((SUBSTITUTION, before)) if close == '}' => {
                self.count = before;
                self.template();
            }
            _ => self.lost = true,
        }
    }

    fn string(&mut self, quote: char) {
        self.skip(1);
        while let Some(character) = self.rest.chars().next() {
            self.skip(character.len_utf8());
            match character {
                '\\' => self.skip(self.rest.chars().next().map_or(0, char::len_utf8)),
                '\n' | '\r' => {
                    self.lost = true;
                    return;
                }
                _ if character == quote => return,
                _ => {}
            }
        }
    }

    /// The text of a template up to its end or its next `${`.
    fn template(&mut self) {
        while let Some(character) = self.rest.chars().next() {
            self.skip(character.len_utf8());
            match character {
                '\\' => self.skip(self.rest.chars().next().map_or(0, char::len_utf8)),
                '`' => {
                    self.count = self.count.saturating_sub(1);
                    return;
                }
                '$' if self.rest.starts_with('{') => {
                    self.skip(1);
                    self.open.push((SUBSTITUTION, self.count));
                    self.count += 1;
                    return;
                }
                _ => {}
            }
        }
    }

    fn slash(&mut self) {
        if self.lost {
            self.skip(1);
        } else if self.rest.starts_with("//") {
            let length = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            self.skip(length);
        } else if self.rest.starts_with("/*") {
            self.skip(2);
            self.skip_past("*/");
        } else {
            self.lost = true;
        }
    }

    fn operator(&mut self) {
        let length = self.rest.find(|c| !is_operator(c)).unwrap_or(self.rest.len());
        let run = self.rest.get(..length).unwrap_or_default();
        if run.contains("<!--") || run.contains("-->") {
            // Perhaps a comment to the end of the line.
            self.lost = true;
        }
        if !FLAT_OPERATORS.contains(&run) {
            self.count += run.chars().filter(|c| "=!+-*?~:@".contains(*c)).count();
        }
        self.skip(length);
    }

    fn word(&mut self) {
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        if self.rest.get(..length).is_some_and(|word| NESTING_WORDS.contains(&word)) {
            self.count += 1;
        }
        self.skip(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_no_longer_counts() {
        let wide = vec!["!(temp['a(('] == `x${[user.y]}`) /* (( */"; 90].join(" || ");
        assert_eq!(check(&wide), Ok(()));
    }

    #[test]
    fn deep_nesting_is_refused() {
        for piece in [
            "(",
            "[",
            "{",
            "!",
            "- ",
            "~",
            "`${",
            "a?",
            "a?b:",
            "a=",
            "a=>",
            "a**",
            "typeof ",
            "new ",
            "if(1)",
            "a:",
            "x=>{",
            "(a)+(",
            "f(",
            "a[",
            "async x=>",
            "class extends ",
            "do ",
            "!!!(a)?",
            "\"\n\"(",
            "/\"/,(",
            "<!-- ' \n (",
            ")(",
            "for(;;)",
        ] {
            let source = piece.repeat(MAX_NESTING + 1);
            assert!(check(&source).is_err(), "{piece:?}");
        }
    }

    #[test]
    fn a_slash_that_may_begin_a_regular_expression_hides_nothing() {
        let source = format!("/'/.test(a) || {}", "(".repeat(MAX_NESTING + 1));
        assert!(check(&source).is_err());
    }

    #[test]
    fn long_sources_are_refused() {
        assert!(check(&"a".repeat(MAX_LENGTH + 1)).is_err());
    }
}
