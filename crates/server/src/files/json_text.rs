//! JSON as text, changed in one place at a time: every byte that a change does not concern stays,
//! spaces, order, odd numbers and unknown members among them.

use std::ops::Range;

use serde::Serialize as _;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// One step down into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A member of an object.
    Key(&'a str),
    /// An element of a list.
    Index(usize),
}

/// Valid JSON, without a byte order mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText(String);

/// A member or element.
struct Child {
    /// The member's name as it is written; nothing in lists.
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Child {
    fn start(&self) -> usize {
        self.key.as_ref().map_or(self.value.start, |key| key.start)
    }
}

impl JsonText {
    /// Takes a file's bytes, or says what is wrong with them.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            format!("holds bytes that are no UTF-8 (byte {})", error.valid_up_to())
        })?;
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Sets what is at `path`. Objects on the way are made where they are missing; `false`, and
    /// nothing is changed, where the path leads into a list that has no such element.
    pub(crate) fn set(&mut self, path: &[Step<'_>], value: &Value) -> bool {
        let mut place = self.whole();
        let mut rest = path;
        while let [step, below @ ..] = rest {
            match self.child(&place, *step) {
                Some(child) if below.is_empty() || self.is_container(&child.value) => {
                    place = child.value;
                    rest = below;
                }
                Some(child) => {
                    return wrapped(below, value)
                        .is_some_and(|value| self.put(child.value, &value));
                }
                None => {
                    let Step::Key(key) = step else { return false };
                    return self.0.as_bytes().get(place.start) == Some(&b'{')
                        && wrapped(below, value)
                            .is_some_and(|value| self.append(&place, Some(key), &value));
                }
            }
        }
        self.put(place, value)
    }

    /// Puts an element at the end of the list at `path`; `false` where there is none.
    pub(crate) fn push(&mut self, path: &[Step<'_>], value: &Value) -> bool {
        let list = self.find(path).filter(|list| self.0.as_bytes().get(list.start) == Some(&b'['));
        list.is_some_and(|list| self.append(&list, None, value))
    }

    /// Which element of the list at `path` is the first that `is_it` says.
    pub(crate) fn position(
        &self,
        path: &[Step<'_>],
        is_it: impl Fn(&Value) -> bool,
    ) -> Option<usize> {
        self.children(&self.find(path)?).into_iter().position(|child| {
            let text = self.0.get(child.value).unwrap_or_default();
            child.key.is_none() && serde_json::from_str(text).is_ok_and(|value| is_it(&value))
        })
    }

    /// Removes what is at `path`; `false` where there is nothing.
    pub(crate) fn remove(&mut self, path: &[Step<'_>]) -> bool {
        let Some((last, parents)) = path.split_last() else {
            return false;
        };
        let Some(place) = self.find(parents) else {
            return false;
        };
        let children = self.children(&place);
        let Some(at) = children.iter().rposition(|child| self.is(child, &children, *last)) else {
            return false;
        };
        let end = |child: &Child| child.value.end;
        let before = at.checked_sub(1).and_then(|at| children.get(at)).map(end);
        let (own, after) = (children.get(at).map(end), children.get(at + 1).map(Child::start));
        let range = match (before, own, after) {
            (Some(before), Some(own), _) => before..own,
            (None, _, Some(after)) => children.get(at).map_or(place.start + 1, Child::start)..after,
            _ => place.start + 1..place.end - 1,
        };
        self.0.replace_range(range, "");
        true
    }

    fn whole(&self) -> Range<usize> {
        let start = self.skip_space(0);
        start..self.value_end(start)
    }

    fn find(&self, path: &[Step<'_>]) -> Option<Range<usize>> {
        path.iter().try_fold(self.whole(), |place, step| {
            self.child(&place, *step).map(|child| child.value)
        })
    }

    /// Of members with the same name the last counts, as for every reader.
    fn child(&self, place: &Range<usize>, step: Step<'_>) -> Option<Child> {
        let mut children = self.children(place);
        let at = children.iter().rposition(|child| self.is(child, &children, step))?;
        Some(children.swap_remove(at))
    }

    fn is(&self, child: &Child, all: &[Child], step: Step<'_>) -> bool {
        match (step, &child.key) {
            (Step::Key(name), Some(key)) => {
                let own = self.0.get(key.clone()).unwrap_or_default();
                serde_json::from_str::<String>(own).is_ok_and(|own| own == name)
            }
            (Step::Index(index), None) => {
                all.get(index).is_some_and(|one| one.value.start == child.value.start)
            }
            _ => false,
        }
    }

    fn put(&mut self, place: Range<usize>, value: &Value) -> bool {
        let indent = self.indent_at(place.start);
        let text = self.rendered(value, &indent);
        self.0.replace_range(place, &text);
        true
    }

    /// Adds a member or an element at the end, in the manner of those that are there.
    fn append(&mut self, place: &Range<usize>, key: Option<&str>, value: &Value) -> bool {
        let children = self.children(place);
        let outer = self.indent_at(place.start);
        let own_line = match children.last() {
            None => self.is_pretty().then(|| outer.clone() + self.unit()),
            Some(last) => {
                let line = self.0.get(..last.start()).unwrap_or_default();
                let space = line.rsplit_once('\n').map_or("x", |(_, space)| space);
                space.trim().is_empty().then(|| space.to_owned())
            }
        };
        let name = key.map_or_else(String::new, |key| {
            format!("{}:{}", Value::from(key), if self.is_pretty() { " " } else { "" })
        });
        let text = self.rendered(value, own_line.as_deref().unwrap_or(&outer));
        let newline = self.newline();
        let (at, text) = match (children.last(), own_line) {
            (None, Some(indent)) => (
                place.start + 1..place.end - 1,
                format!("{newline}{indent}{name}{text}{newline}{outer}"),
            ),
            (None, None) => (place.start + 1..place.end - 1, format!("{name}{text}")),
            (Some(last), Some(indent)) => {
                (last.value.end..last.value.end, format!(",{newline}{indent}{name}{text}"))
            }
            (Some(last), None) => {
                let space = if self.is_pretty() { " " } else { "" };
                (last.value.end..last.value.end, format!(",{space}{name}{text}"))
            }
        };
        self.0.replace_range(at, &text);
        true
    }

    /// A value as text in the document's manner, its further lines behind `indent`.
    fn rendered(&self, value: &Value, indent: &str) -> String {
        if !self.is_pretty() {
            return value.to_string();
        }
        let mut bytes = Vec::new();
        let unit = self.unit().to_owned();
        let formatter = PrettyFormatter::with_indent(unit.as_bytes());
        // Writing JSON into memory cannot fail.
        let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
        let text = String::from_utf8(bytes).unwrap_or_default();
        text.replace('\n', &format!("{}{indent}", self.newline()))
    }

    fn is_pretty(&self) -> bool {
        self.0.trim().contains('\n')
    }

    fn newline(&self) -> &'static str {
        if self.0.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// What a level is indented by: as in the first line that is.
    fn unit(&self) -> &str {
        let space = |line: &'_ str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let mut lines = self.0.lines().filter(|line| !line.trim().is_empty() && space(line) > 0);
        lines.next().and_then(|line| line.get(..space(line))).unwrap_or("  ")
    }

    /// What the line that holds `at` is indented by.
    fn indent_at(&self, at: usize) -> String {
        let before = self.0.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.0.get(start..).unwrap_or_default();
        line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
    }

    fn is_container(&self, place: &Range<usize>) -> bool {
        matches!(self.0.as_bytes().get(place.start), Some(b'{' | b'['))
    }

    /// The members or elements of the container at `place`, none for other values.
    fn children(&self, place: &Range<usize>) -> Vec<Child> {
        let bytes = self.0.as_bytes();
        let mut children = Vec::new();
        if !self.is_container(place) {
            return children;
        }
        let is_object = bytes.get(place.start) == Some(&b'{');
        let mut at = self.skip_space(place.start + 1);
        while at < place.end - 1 {
            let mut key = None;
            if is_object {
                let end = self.value_end(at);
                key = Some(at..end);
                at = self.skip_space(self.skip_space(end) + 1);
            }
            let end = self.value_end(at);
            children.push(Child { key, value: at..end });
            at = self.skip_space(end);
            if bytes.get(at) == Some(&b',') {
                at = self.skip_space(at + 1);
            }
        }
        children
    }

    fn skip_space(&self, from: usize) -> usize {
        let rest = self.0.as_bytes().get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    /// Where the value ends that begins at `start`.
    fn value_end(&self, start: usize) -> usize {
        let bytes = self.0.as_bytes();
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            if in_text {
                in_text = escaped || *byte != b'"';
                escaped = !escaped && *byte == b'\\';
                if !in_text && depth == 0 {
                    return at + 1;
                }
                continue;
            }
            match byte {
                b'"' => in_text = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return at,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        bytes.len()
    }
}

/// `value` inside the objects that `path` names; `None` where it leads into a list.
fn wrapped(path: &[Step<'_>], value: &Value) -> Option<Value> {
    path.iter().rev().try_fold(value.clone(), |inner, step| match step {
        Step::Key(key) => Some(serde_json::json!({ *key: inner })),
        Step::Index(_) => None,
    })
}

#[cfg(test)]
#[path = "json_text_tests.rs"]
mod tests;
