//! What JavaScript's engine of v12's time says of text that is not JSON (`spec` http 1.5).
//!
//! Its parser stops at the first character that cannot go on, and the message follows from that
//! character alone. So does this scanner, which builds no value. Nesting is kept on a list, so that
//! deep text needs no deep stack.

/// The engine's message, `None` if the text is JSON.
pub(super) fn complaint(text: &str) -> Option<String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    match scanner.document() {
        Ok(()) => None,
        Err(Unexpected) => Some(message(text, scanner.at)),
    }
}

/// The message for the character at this byte offset.
fn message(text: &str, at: usize) -> String {
    let Some((before, rest)) = text.split_at_checked(at) else {
        return unexpected_end();
    };
    let Some(character) = rest.chars().next() else {
        return unexpected_end();
    };
    let position = before.encode_utf16().count();
    match character {
        '"' => format!("Unexpected string in JSON at position {position}"),
        '0'..='9' | '-' => format!("Unexpected number in JSON at position {position}"),
        other => unexpected_token(other, position),
    }
}

fn unexpected_end() -> String {
    "Unexpected end of JSON input".to_owned()
}

/// The message for one character at this position, counted in UTF-16 code units.
pub(super) fn unexpected_token(character: char, position: usize) -> String {
    format!("Unexpected token {character} in JSON at position {position}")
}

/// The character at the scanner's position cannot stand there.
struct Unexpected;

#[derive(Clone, Copy)]
enum Open {
    Array,
    Object,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Unexpected> {
        let mut open = Vec::new();
        loop {
            if !self.value(&mut open)? {
                continue;
            }
            loop {
                self.blank();
                let Some(last) = open.last().copied() else {
                    return if self.peek().is_none() { Ok(()) } else { Err(Unexpected) };
                };
                match (last, self.peek()) {
                    (Open::Array, Some(b',')) => {
                        self.at += 1;
                        break;
                    }
                    (Open::Object, Some(b',')) => {
                        self.at += 1;
                        self.key()?;
                        break;
                    }
                    (Open::Array, Some(b']')) | (Open::Object, Some(b'}')) => {
                        self.at += 1;
                        open.pop();
                    }
                    _ => return Err(Unexpected),
                }
            }
        }
    }

    /// Reads a value; `false` if it is an opened container whose first value follows.
    fn value(&mut self, open: &mut Vec<Open>) -> Result<bool, Unexpected> {
        self.blank();
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.blank();
                if self.eat(b'}') {
                    return Ok(true);
                }
                self.key()?;
                open.push(Open::Object);
                return Ok(false);
            }
            Some(b'[') => {
                self.at += 1;
                self.blank();
                if self.eat(b']') {
                    return Ok(true);
                }
                open.push(Open::Array);
                return Ok(false);
            }
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            _ => return Err(Unexpected),
        }
        Ok(true)
    }

    /// A property's name and its colon.
    fn key(&mut self) -> Result<(), Unexpected> {
        self.blank();
        if self.peek() != Some(b'"') {
            return Err(Unexpected);
        }
        self.string()?;
        self.blank();
        if self.eat(b':') { Ok(()) } else { Err(Unexpected) }
    }

    fn string(&mut self) -> Result<(), Unexpected> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                None | Some(0..=0x1F) => return Err(Unexpected),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Unexpected> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    self.one(u8::is_ascii_hexdigit)?;
                }
            }
            _ => return Err(Unexpected),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Unexpected> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        } else if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(Unexpected);
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'-') || self.eat(b'+');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Unexpected> {
        self.one(u8::is_ascii_digit)?;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Unexpected> {
        word.iter().try_for_each(|byte| self.one(|own| own == byte))
    }

    fn one(&mut self, fits: impl Fn(&u8) -> bool) -> Result<(), Unexpected> {
        if self.peek().is_some_and(|byte| fits(&byte)) {
            self.at += 1;
            return Ok(());
        }
        Err(Unexpected)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_are_those_of_the_engine() {
        for (text, message) in [
            ("{\"type\":\"text\",\"text\":", "Unexpected end of JSON input"),
            ("{", "Unexpected end of JSON input"),
            ("{\"a\":\"", "Unexpected end of JSON input"),
            ("{\"a\":\"\\", "Unexpected end of JSON input"),
            ("[-", "Unexpected end of JSON input"),
            ("[tr", "Unexpected end of JSON input"),
            ("{\"a\":1,}", "Unexpected token } in JSON at position 7"),
            ("{\"text\": ,}", "Unexpected token , in JSON at position 9"),
            ("[1,]", "Unexpected token ] in JSON at position 3"),
            ("{a:1}", "Unexpected token a in JSON at position 1"),
            ("{'a':1}", "Unexpected token ' in JSON at position 1"),
            ("{\"a\" \"b\"}", "Unexpected string in JSON at position 5"),
            ("{\"a\":1 \"b\":2}", "Unexpected string in JSON at position 7"),
            ("{\"a\" 1}", "Unexpected number in JSON at position 5"),
            ("[01]", "Unexpected number in JSON at position 2"),
            ("[1.]", "Unexpected token ] in JSON at position 3"),
            ("[1e+]", "Unexpected token ] in JSON at position 4"),
            ("[--1]", "Unexpected number in JSON at position 2"),
            ("[tru1]", "Unexpected number in JSON at position 4"),
            ("[nulL]", "Unexpected token L in JSON at position 4"),
            ("[undefined]", "Unexpected token u in JSON at position 1"),
            ("{\"a\":\"\n\"}", "Unexpected token \n in JSON at position 6"),
            ("[\"\\q\"]", "Unexpected token q in JSON at position 3"),
            ("[\"\\1\"]", "Unexpected number in JSON at position 3"),
            ("[\"\\u12\"]", "Unexpected string in JSON at position 6"),
            ("{} x", "Unexpected token x in JSON at position 3"),
            ("{}{}", "Unexpected token { in JSON at position 2"),
            ("[\"😀\" é]", "Unexpected token é in JSON at position 6"),
            ("\u{FEFF}{}", "Unexpected token \u{FEFF} in JSON at position 0"),
        ] {
            assert_eq!(complaint(text).as_deref(), Some(message), "{text}");
        }
    }

    #[test]
    fn depth_needs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(complaint(&deep).as_deref(), Some("Unexpected end of JSON input"));
        assert_eq!(complaint(&format!("{deep}{}", "]".repeat(1_000_000))), None);
    }

    /// Whether a strict parser takes the text. It refuses some JSON too: half surrogate pairs and
    /// numbers that are too large; `None` for those.
    fn strict(text: &str) -> Option<bool> {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => Some(true),
            Err(error) => {
                let reason = error.to_string();
                let other = ["surrogate", "hex escape", "out of range", "recursion"];
                (!other.iter().any(|word| reason.contains(word))).then_some(false)
            }
        }
    }

    proptest! {
        #[test]
        fn json_is_what_a_strict_parser_takes(
            text in r#"([\[\]{},: "\\0-9eE+.tfn-]|true|false|null|"[a-z\\é😀]*"|\\u[0-9a-f]{4}){0,12}"#
        ) {
            if let Some(valid) = strict(&text) {
                prop_assert_eq!(complaint(&text).is_none(), valid, "{}", text);
            }
        }

        #[test]
        fn whatever_is_written_as_json_is_json(text in any::<String>(), number in any::<f64>()) {
            let value = serde_json::json!({ &text: [number, &text, null, {"a": true}] });
            prop_assert_eq!(complaint(&value.to_string()), None);
        }

        #[test]
        fn a_text_that_is_cut_is_no_json(text in any::<String>(), at in any::<prop::sample::Index>()) {
            let whole = serde_json::json!([{ &text: text }]).to_string();
            let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
            let cut = &whole[..ends[at.index(ends.len())]];
            prop_assert_eq!(complaint(cut), Some("Unexpected end of JSON input".to_owned()));
        }

        #[test]
        fn any_text_gets_an_answer(text in any::<String>()) {
            if let Some(valid) = strict(&text) {
                prop_assert_eq!(complaint(&text).is_none(), valid);
            }
        }
    }
}
