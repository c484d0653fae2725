//! Strings as JavaScript has them: sequences of UTF-16 code units.
//!
//! Nearly all texts are valid Unicode and stay UTF-8; only one with half a surrogate pair, which
//! slicing can make, is kept as code units. So both forms of the same text never exist.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use super::number::count;

/// A JavaScript string.
#[derive(Debug, Clone)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Rc<str>),
    /// Holds at least one surrogate without its partner.
    Broken(Rc<[u16]>),
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &str) -> Self {
        Self::Owned(Rc::from(text))
    }

    pub(super) fn from_units(units: &[u16]) -> Self {
        match String::from_utf16(units) {
            Ok(text) => Self::Owned(text.into()),
            Err(_) => Self::Broken(Rc::from(units)),
        }
    }

    /// The text as UTF-8; `None` when it is no valid Unicode.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Borrowed(text) => Some(text),
            Self::Owned(text) => Some(text),
            Self::Broken(_) => None,
        }
    }

    /// The text when one byte is one code unit.
    fn as_ascii(&self) -> Option<&str> {
        self.as_str().filter(|text| text.is_ascii())
    }

    pub(super) fn units(&self) -> Cow<'_, [u16]> {
        match self {
            Self::Borrowed(text) => Cow::Owned(text.encode_utf16().collect()),
            Self::Owned(text) => Cow::Owned(text.encode_utf16().collect()),
            Self::Broken(units) => Cow::Borrowed(units),
        }
    }

    /// Length in code units.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Borrowed(text) => crate::js::utf16_len(text),
            Self::Owned(text) => crate::js::utf16_len(text),
            Self::Broken(units) => units.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Borrowed(text) => text.is_empty(),
            Self::Owned(text) => text.is_empty(),
            Self::Broken(_) => false,
        }
    }

    /// What the text costs to look at: its length in bytes or code units.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Borrowed(text) => text.len(),
            Self::Owned(text) => text.len(),
            Self::Broken(units) => units.len(),
        }
    }

    /// `length` as a number.
    pub(super) fn length(&self) -> f64 {
        count(self.len())
    }

    /// The code unit at `index`.
    pub(super) fn unit(&self, index: usize) -> Option<u16> {
        match self.as_ascii() {
            Some(text) => text.as_bytes().get(index).map(|byte| u16::from(*byte)),
            None => self.units().get(index).copied(),
        }
    }

    /// Code units from `start` up to but without `end`, both cut to the text's length.
    pub(super) fn slice(&self, start: usize, end: usize) -> Text<'a> {
        if let Self::Borrowed(text) = self
            && text.is_ascii()
        {
            let end = end.min(text.len());
            return Text::Borrowed(text.get(start..end).unwrap_or_default());
        }
        if let Some(text) = self.as_ascii() {
            let end = end.min(text.len());
            return Text::new(text.get(start..end).unwrap_or_default());
        }
        let units = self.units();
        let end = end.min(units.len());
        Text::from_units(units.get(start..end).unwrap_or_default())
    }

    pub(super) fn concat(&self, other: &Text<'_>) -> Text<'a> {
        if let (Some(left), Some(right)) = (self.as_str(), other.as_str()) {
            return Text::Owned([left, right].concat().into());
        }
        Text::from_units(&[self.units(), other.units()].concat())
    }

    pub(super) fn contains(&self, needle: &Text<'_>) -> bool {
        match (self.as_str(), needle.as_str()) {
            // A valid needle never starts or ends inside a pair, so bytes find what units find.
            (Some(text), Some(needle)) => text.contains(needle),
            _ => self.find(needle, 0).is_some(),
        }
    }

    pub(super) fn starts_with(&self, prefix: &Text<'_>) -> bool {
        match (self.as_str(), prefix.as_str()) {
            (Some(text), Some(prefix)) => text.starts_with(prefix),
            _ => self.units().starts_with(&prefix.units()),
        }
    }

    pub(super) fn ends_with(&self, suffix: &Text<'_>) -> bool {
        match (self.as_str(), suffix.as_str()) {
            (Some(text), Some(suffix)) => text.ends_with(suffix),
            _ => self.units().ends_with(&suffix.units()),
        }
    }

    /// Where `needle` occurs first, at or after code unit `from`.
    pub(super) fn find(&self, needle: &Text<'_>, from: usize) -> Option<usize> {
        if let (Some(text), Some(needle)) = (self.as_ascii(), needle.as_str()) {
            return text.get(from..)?.find(needle).map(|position| position + from);
        }
        let (text, needle) = (self.units(), needle.units());
        let text = text.get(from..)?;
        if needle.is_empty() {
            return Some(from);
        }
        text.windows(needle.len()).position(|part| part == &*needle).map(|index| index + from)
    }

    /// Where `needle` occurs last, starting at or before code unit `from`.
    pub(super) fn find_last(&self, needle: &Text<'_>, from: usize) -> Option<usize> {
        let (text, needle) = (self.units(), needle.units());
        let last = text.len().checked_sub(needle.len())?.min(from);
        (0..=last)
            .rev()
            .find(|start| text.get(*start..).is_some_and(|tail| tail.starts_with(&needle)))
    }

    /// Applies a change that leaves lone surrogates alone, such as a change of case.
    pub(super) fn map(&self, change: impl Fn(&str) -> String) -> Text<'a> {
        match self {
            Self::Borrowed(text) => Text::Owned(change(text).into()),
            Self::Owned(text) => Text::Owned(change(text).into()),
            Self::Broken(units) => {
                let mut changed = Vec::with_capacity(units.len());
                let mut valid = String::new();
                for unit in char::decode_utf16(units.iter().copied()) {
                    match unit {
                        Ok(character) => valid.push(character),
                        Err(lone) => {
                            changed.extend(change(&valid).encode_utf16());
                            valid.clear();
                            changed.push(lone.unpaired_surrogate());
                        }
                    }
                }
                changed.extend(change(&valid).encode_utf16());
                Text::from_units(&changed)
            }
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_str(), other.as_str()) {
            (Some(left), Some(right)) => left == right,
            (None, None) => self.units() == other.units(),
            _ => false,
        }
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    /// By code units, which is not the order of UTF-8 where surrogates are involved.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.as_str(), other.as_str()) {
            (Some(left), Some(right)) => left.encode_utf16().cmp(right.encode_utf16()),
            _ => self.units().cmp(&other.units()),
        }
    }
}
