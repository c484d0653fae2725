//! A template's text → tokens that borrow it.
//!
//! One scan from left to right. Lines that hold nothing but tags without output (sections,
//! comments, partials, delimiters) lose their whitespace, line end included.

use std::borrow::Cow;

use crate::untrusted;

/// Sections inside sections.
const MAX_DEPTH: usize = 64;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Whether `{{=<% %>=}}` has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiters {
    /// It changes the delimiters, as in Mustache.
    Settable,
    /// It renders to nothing. For text that may hold text from outside.
    Fixed,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Goes out as it stands.
    Text(&'t str),
    /// Goes out with every `{` marked: it stood between changed delimiters, where braces are text.
    Literal(&'t str),
    /// A variable.
    Variable { path: &'t str, escape: bool },
    /// A section; the tokens up to `end` (exclusive) are its content.
    Section { path: &'t str, inverted: bool, end: usize },
}

/// Whether a pass over `text` would do anything: `{{` before a `}}`.
pub(super) fn has_tag(text: &str) -> bool {
    split_at_opening(text, OPEN).is_some_and(|(_, rest)| rest.contains(CLOSE))
}

/// Parses `source`; the error says what is wrong and where.
pub(super) fn parse(source: &str, delimiters: Delimiters) -> Result<Vec<Token<'_>>, String> {
    let mut parser = Parser {
        source,
        delimiters,
        open: OPEN,
        close: CLOSE,
        tokens: Vec::new(),
        sections: Vec::new(),
        line: Line::default(),
    };
    let mut rest = source;
    while let Some((text, tag)) = split_at_opening(rest, parser.open) {
        parser.text(text);
        rest = parser.tag(tag)?;
    }
    parser.text(rest);
    parser.end_line();
    match parser.sections.last() {
        Some((_, path)) => Err(format!("section {path:?} is not closed")),
        None => Ok(parser.tokens),
    }
}

/// `text` before and after the first `open` that opens a tag. One that a mark follows, be it after
/// the third brace of `{{{`, is text from outside or meets it.
fn split_at_opening<'t>(text: &'t str, open: &str) -> Option<(&'t str, &'t str)> {
    text.match_indices(open).find_map(|(index, _)| {
        let (before, from) = text.split_at_checked(index)?;
        let rest = from.strip_prefix(open)?;
        let marked = rest.strip_prefix('{').unwrap_or(rest).starts_with(untrusted::MARK);
        (!marked).then_some((before, rest))
    })
}

/// A tag's kind, its content, and what follows it; `None` where it is not closed. `tag` begins
/// behind the opening delimiter.
fn split_tag<'t>(tag: &'t str, close: &str) -> Option<(Option<char>, &'t str, &'t str)> {
    let tag = tag.trim_start_matches(is_space);
    let kind = tag.chars().next().filter(|kind| "#^/>{&=!".contains(*kind));
    let content = match kind {
        Some(kind) => tag.strip_prefix(kind)?.trim_start_matches(is_space),
        None => tag,
    };
    let (value, rest) = match kind {
        Some('{') => content.match_indices('}').find_map(|(index, _)| {
            let (value, rest) = content.split_at_checked(index)?;
            Some((value, rest.strip_prefix('}')?.strip_prefix(close)?))
        })?,
        Some('=') => {
            let (value, rest) = content.split_once('=')?;
            (value, rest.split_once(close)?.1)
        }
        _ => content.split_once(close)?,
    };
    Some((kind, value.trim_end_matches(is_space), rest))
}

/// `value` ready to stand in a result that a later pass may read: every tag in it is whole.
///
/// A tag that is not closed within the value, and a brace at its end, are marked. Otherwise two
/// values could make a tag together, with text from outside between their halves.
pub(super) fn seal(value: Cow<'_, str>) -> Cow<'_, str> {
    let mut rest = value.as_ref();
    while let Some((_, tag)) = split_at_opening(rest, OPEN) {
        let Some((_, _, after)) = split_tag(tag, CLOSE) else {
            let (finished, unfinished) = value.split_at(value.len() - tag.len() - OPEN.len());
            return Cow::Owned(format!("{finished}{}", untrusted::mark_text(unfinished)));
        };
        rest = after;
    }
    if rest.ends_with('{') {
        return Cow::Owned(format!("{value}{}", untrusted::MARK));
    }
    value
}

/// JavaScript's `\s`.
fn is_space(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// What is known of the line being read.
#[derive(Default)]
struct Line {
    /// Index of its first token.
    start: usize,
    has_tag: bool,
    /// It has text other than whitespace, or a variable.
    has_output: bool,
}

struct Parser<'t> {
    source: &'t str,
    delimiters: Delimiters,
    open: &'t str,
    close: &'t str,
    tokens: Vec<Token<'t>>,
    /// Open sections: index of the token, and path.
    sections: Vec<(usize, &'t str)>,
    line: Line,
}

impl<'t> Parser<'t> {
    /// Takes text between tags, line by line where a line shares its tokens with tags.
    fn text(&mut self, text: &'t str) {
        let Some(line_end) = text.find('\n') else {
            self.piece(text);
            return;
        };
        let (first, rest) = text.split_at(line_end + 1);
        self.piece(first);
        self.end_line();
        let (whole_lines, last) = rest.split_at(rest.rfind('\n').map_or(0, |index| index + 1));
        self.push_text(whole_lines);
        self.line.start = self.tokens.len();
        self.piece(last);
    }

    fn piece(&mut self, text: &'t str) {
        self.line.has_output |= !text.chars().all(is_space);
        self.push_text(text);
    }

    fn push_text(&mut self, text: &'t str) {
        if text.is_empty() {
            return;
        }
        let changed = self.open != OPEN || self.close != CLOSE;
        self.tokens.push(if changed { Token::Literal(text) } else { Token::Text(text) });
    }

    /// Whitespace of a line that holds only tags without output goes.
    fn end_line(&mut self) {
        if self.line.has_tag && !self.line.has_output {
            for token in self.tokens.iter_mut().skip(self.line.start) {
                if matches!(token, Token::Text(_) | Token::Literal(_)) {
                    *token = Token::Text("");
                }
            }
        }
        self.line = Line { start: self.tokens.len(), ..Line::default() };
    }

    /// Takes the tag that begins at `tag`, behind its opening delimiter; returns what follows it.
    fn tag(&mut self, tag: &'t str) -> Result<&'t str, String> {
        self.line.has_tag = true;
        let Some((kind, value, rest)) = split_tag(tag, self.close) else {
            return Err(format!("the tag at character {} is not closed", self.position(tag)));
        };
        match kind {
            None => self.variable(value, true),
            Some('{' | '&') => self.variable(value, false),
            Some('#') => self.open_section(value, false)?,
            Some('^') => self.open_section(value, true)?,
            Some('/') => self.close_section(value)?,
            Some('=') => self.set_delimiters(value)?,
            // Comments, and partials, of which there are none.
            Some(_) => {}
        }
        Ok(rest)
    }

    fn variable(&mut self, path: &'t str, escape: bool) {
        self.line.has_output = true;
        self.tokens.push(Token::Variable { path, escape });
    }

    fn open_section(&mut self, path: &'t str, inverted: bool) -> Result<(), String> {
        if self.sections.len() >= MAX_DEPTH {
            return Err(format!("sections are nested more than {MAX_DEPTH} deep"));
        }
        self.sections.push((self.tokens.len(), path));
        self.tokens.push(Token::Section { path, inverted, end: 0 });
        Ok(())
    }

    fn close_section(&mut self, closed: &str) -> Result<(), String> {
        let (index, opened) = self
            .sections
            .pop()
            .ok_or_else(|| format!("section {closed:?} is closed but never opened"))?;
        if opened != closed {
            return Err(format!("section {opened:?} is not closed before {closed:?} is"));
        }
        let length = self.tokens.len();
        if let Some(Token::Section { end, .. }) = self.tokens.get_mut(index) {
            *end = length;
        }
        Ok(())
    }

    fn set_delimiters(&mut self, value: &'t str) -> Result<(), String> {
        let mut parts = value.split(is_space).filter(|part| !part.is_empty());
        let (Some(open), Some(close)) = (parts.next(), parts.next()) else {
            return Err(format!("{value:?} is not a pair of delimiters"));
        };
        if self.delimiters == Delimiters::Settable {
            (self.open, self.close) = (open, close);
        }
        Ok(())
    }

    /// Where `rest`, an end of the source, begins; counted in characters from 1.
    fn position(&self, rest: &str) -> usize {
        self.source.chars().count() - rest.chars().count() + 1
    }
}
