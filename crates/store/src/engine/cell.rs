//! Parameters and columns: text and 64-bit integers, or NULL.

use std::sync::Arc;

use crate::error::Fault;

/// A parameter. NULL has a type too, because PostgreSQL asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Param<'p> {
    Int(Option<i64>),
    Text(Option<&'p str>),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Param<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl<'p> From<&'p str> for Param<'p> {
    fn from(value: &'p str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'p> From<&'p String> for Param<'p> {
    fn from(value: &'p String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'p> From<&'p Arc<str>> for Param<'p> {
    fn from(value: &'p Arc<str>) -> Self {
        Self::Text(Some(value))
    }
}

impl<'p> From<Option<&'p str>> for Param<'p> {
    fn from(value: Option<&'p str>) -> Self {
        Self::Text(value)
    }
}

/// The parameters of a statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::engine::Param::from($value)),*]
    };
}
pub(crate) use params;

/// A column of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(Arc<str>),
}

/// A row, read from its first column to its last.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// The next column, a number.
    pub(crate) fn int(&mut self) -> Result<i64, Fault> {
        self.maybe_int()?.ok_or_else(|| unexpected("NULL", "a number"))
    }

    /// The next column, a number or NULL.
    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.0.next() {
            Some(Cell::Int(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(_)) => Err(unexpected("text", "a number")),
            None => Err(unexpected("nothing", "a number")),
        }
    }

    /// The next column, a text.
    pub(crate) fn text(&mut self) -> Result<Arc<str>, Fault> {
        self.maybe_text()?.ok_or_else(|| unexpected("NULL", "text"))
    }

    /// The next column, a text or NULL.
    pub(crate) fn maybe_text(&mut self) -> Result<Option<Arc<str>>, Fault> {
        match self.0.next() {
            Some(Cell::Text(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(_)) => Err(unexpected("a number", "text")),
            None => Err(unexpected("nothing", "text")),
        }
    }
}

fn unexpected(found: &str, expected: &str) -> Fault {
    Fault::Refused(format!("a column holds {found} instead of {expected}").into())
}
