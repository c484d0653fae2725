//! Statements for many rows or keys at once.
//!
//! SQLite runs the text for one row again and again, which is its cheapest way. PostgreSQL gets 1, 2,
//! 4, … or [`CHUNK`] rows in one statement, which saves round trips; the powers of two keep the
//! number of prepared texts small.

use std::sync::OnceLock;

/// Most rows of one statement.
const CHUNK: usize = 64;

/// Number of different texts: for 1, 2, 4, … [`CHUNK`] rows.
const TEXTS: usize = CHUNK.ilog2() as usize + 1;

/// A statement for rows that are written, or for keys that are looked up.
#[derive(Debug)]
pub(crate) struct RowsSql {
    before: &'static str,
    columns: usize,
    after: &'static str,
    lookup: bool,
    one: OnceLock<Box<str>>,
    numbered: [OnceLock<Box<str>>; TEXTS],
}

impl RowsSql {
    /// `before`, then the rows with that many columns, then `after`.
    pub(crate) const fn write(before: &'static str, columns: usize, after: &'static str) -> Self {
        Self::new(before, columns, after, false)
    }

    /// `before`, which ends with the columns of the key in brackets, then what they must equal.
    pub(crate) const fn lookup(before: &'static str, columns: usize) -> Self {
        Self::new(before, columns, "", true)
    }

    const fn new(before: &'static str, columns: usize, after: &'static str, lookup: bool) -> Self {
        let numbered = [const { OnceLock::new() }; TEXTS];
        Self { before, columns, after, lookup, one: OnceLock::new(), numbered }
    }

    /// Columns of a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The text for one row, for SQLite.
    pub(crate) fn one(&self) -> &str {
        // Numbered parameters would be looked up by name, one by one.
        self.one.get_or_init(|| self.text(1, |_| "?".to_owned()))
    }

    /// The text for `rows` rows, a power of two up to [`CHUNK`], for PostgreSQL.
    pub(crate) fn many(&self, rows: usize) -> Option<&str> {
        let cell = self.numbered.get(usize::try_from(rows.checked_ilog2()?).ok()?)?;
        Some(cell.get_or_init(|| self.text(rows, |number| format!("${number}"))))
    }

    fn text(&self, rows: usize, placeholder: impl Fn(usize) -> String) -> Box<str> {
        let mut sql = String::from(self.before);
        sql.push_str(match (self.lookup, rows) {
            (false, _) => "",
            // For `IN` SQLite would fill a table first.
            (true, 1) => " = ",
            (true, _) => " IN (VALUES ",
        });
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=self.columns {
                sql.push_str(if column > 1 { ", " } else { "" });
                sql.push_str(&placeholder(row * self.columns + column));
            }
            sql.push(')');
        }
        sql.push_str(if self.lookup && rows > 1 { ")" } else { self.after });
        sql.into()
    }

    /// Cuts the values into rows for statements; each piece is a power of two of rows long.
    pub(crate) fn pieces<'v, T>(&self, mut values: &'v [T]) -> impl Iterator<Item = &'v [T]> {
        let columns = self.columns.max(1);
        std::iter::from_fn(move || {
            let rows = (values.len() / columns).min(CHUNK).checked_ilog2()?;
            let (piece, rest) = values.split_at_checked(columns << rows)?;
            values = rest;
            Some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_through_all_rows() {
        let sql = RowsSql::write("INSERT INTO t (a, b) VALUES ", 2, " END");
        assert_eq!(sql.many(2), Some("INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) END"));
        assert_eq!(sql.one(), "INSERT INTO t (a, b) VALUES (?, ?) END");
        assert_eq!(sql.many(CHUNK * 2), None);
        let sql = RowsSql::lookup("SELECT c FROM t WHERE (a, b)", 2);
        assert_eq!(sql.one(), "SELECT c FROM t WHERE (a, b) = (?, ?)");
        let two = "SELECT c FROM t WHERE (a, b) IN (VALUES ($1, $2), ($3, $4))";
        assert_eq!(sql.many(2), Some(two));
    }

    #[test]
    fn any_number_of_rows_needs_few_texts() {
        let sql = RowsSql::write("", 3, "");
        for rows in 0..300_usize {
            let values = vec![0_u8; rows * 3];
            let pieces: Vec<_> = sql.pieces(&values).map(|piece| piece.len() / 3).collect();
            assert_eq!(pieces.iter().sum::<usize>(), rows);
            assert!(pieces.iter().all(|rows| sql.many(*rows).is_some()), "{pieces:?}");
        }
    }
}
