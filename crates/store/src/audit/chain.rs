//! How rows hang together, and whether they still do.

use std::fmt;
use std::str::FromStr;

use super::entry::{AuditEntry, AuditRow, audit_hash};

/// The number and the hash of a row: whoever knows those of the newest row will notice any change to
/// the trail up to it. As text: `12:9f86d0…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// The row's number; 0 where there is no row yet.
    pub number: i64,
    /// Its hash; empty where there is no row yet.
    pub hash: String,
}

impl AuditHead {
    /// That of a row.
    pub fn of(row: &AuditRow) -> Self {
        Self { number: row.number, hash: row.hash.clone() }
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// A text that names no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row's number, a colon and its hash (64 hexadecimal digits) are expected")]
pub struct MalformedHead;

impl FromStr for AuditHead {
    type Err = MalformedHead;

    fn from_str(text: &str) -> Result<Self, MalformedHead> {
        let (number, hash) = text.split_once(':').ok_or(MalformedHead)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(MalformedHead)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(MalformedHead);
        }
        Ok(Self { number, hash: hash.to_ascii_lowercase() })
    }
}

/// Puts entries behind a row.
pub(crate) fn chained(head: &AuditHead, entries: &[AuditEntry]) -> Vec<AuditRow> {
    let mut head = head.clone();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let (number, previous_hash) = (head.number.saturating_add(1), head.hash);
        let hash = audit_hash(&previous_hash, number, entry);
        let row = AuditRow { number, entry: entry.clone(), previous_hash, hash };
        head = AuditHead::of(&row);
        rows.push(row);
    }
    rows
}

/// Where the trail is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditBreak {
    /// Rows were removed.
    #[error("rows {from} to {to} are missing")]
    Missing {
        /// The first of them.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A row that does not follow from the one before it: one of the two was replaced, or this one
    /// was put in.
    #[error("row {0} does not follow from the row before it")]
    Foreign(i64),
    /// A row was changed.
    #[error("row {0} was changed after it was written")]
    Changed(i64),
    /// What was kept apart from the rows to know them by is not readable.
    #[error("the record of the newest row was changed")]
    Record,
    /// The row is not the one whose hash is known from elsewhere: the trail was written anew.
    #[error("row {0} is not the row that was written: its hash is another one")]
    Rewritten(i64),
}

impl AuditBreak {
    /// The number of the first row that is in doubt, where it is known.
    pub fn row(&self) -> Option<i64> {
        match *self {
            Self::Missing { from, .. } => Some(from),
            Self::Foreign(row) | Self::Changed(row) | Self::Rewritten(row) => Some(row),
            Self::Record => None,
        }
    }
}

/// Follows the trail from its first row to its last.
#[derive(Debug, Clone, Default)]
pub struct AuditVerifier {
    head: AuditHead,
    known: Vec<AuditHead>,
}

impl AuditVerifier {
    /// The trail must hold these rows, besides being whole. Each is compared with every row, so there
    /// should be few.
    pub fn new(known: Vec<AuditHead>) -> Self {
        Self { head: AuditHead::default(), known }
    }

    /// Goes on with the rows behind those that it has seen, in their order.
    pub fn follow(&mut self, rows: &[AuditRow]) -> Result<(), AuditBreak> {
        for row in rows {
            let expected = self.head.number.saturating_add(1);
            if row.number > expected {
                return Err(AuditBreak::Missing { from: expected, to: row.number - 1 });
            }
            if row.number < expected || row.previous_hash != self.head.hash {
                return Err(AuditBreak::Foreign(row.number));
            }
            if row.hash != audit_hash(&row.previous_hash, row.number, &row.entry) {
                return Err(AuditBreak::Changed(row.number));
            }
            let is_other = |known: &AuditHead| known.number == row.number && known.hash != row.hash;
            if self.known.iter().any(is_other) {
                return Err(AuditBreak::Rewritten(row.number));
            }
            self.head = AuditHead::of(row);
        }
        Ok(())
    }

    /// The newest row of a trail that is whole.
    pub fn end(&self) -> Result<AuditHead, AuditBreak> {
        let last = self.known.iter().map(|known| known.number).max().unwrap_or_default();
        if last > self.head.number {
            return Err(AuditBreak::Missing { from: self.head.number.saturating_add(1), to: last });
        }
        Ok(self.head.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> impl Strategy<Value = AuditEntry> {
        let text = || "[ab]{0,2}";
        let hash = || proptest::option::of("[ab]{0,1}");
        let texts = (text(), text(), text(), text(), text(), text());
        (0..2_i64, 0..2_i64, texts, hash(), hash()).prop_map(
            |(on, result, (actor, action, target, from, request_id, note), before, after)| {
                AuditEntry {
                    on,
                    actor,
                    action,
                    target,
                    before,
                    after,
                    from,
                    result,
                    request_id,
                    note,
                }
            },
        )
    }

    fn entries(least: usize) -> impl Strategy<Value = Vec<AuditEntry>> {
        proptest::collection::vec(entry(), least..10)
    }

    fn trail(entries: &[AuditEntry]) -> Vec<AuditRow> {
        chained(&AuditHead::default(), entries)
    }

    /// The finding on a trail whose newest row was `newest`.
    fn verify(rows: &[AuditRow], newest: &AuditRow) -> Result<AuditHead, AuditBreak> {
        let mut verifier = AuditVerifier::new(vec![AuditHead::of(newest)]);
        verifier.follow(rows)?;
        verifier.end()
    }

    /// Gives every row from `first` on the hash that fits.
    fn mend(rows: &mut [AuditRow], first: usize) {
        for index in first..rows.len() {
            if index > 0 {
                rows[index].previous_hash = rows[index - 1].hash.clone();
            }
            let row = &mut rows[index];
            row.hash = audit_hash(&row.previous_hash, row.number, &row.entry);
        }
    }

    proptest! {
        #[test]
        fn different_entries_have_different_hashes(
            a in (entry(), 0..2_i64, "[ab]{0,2}"),
            b in (entry(), 0..2_i64, "[ab]{0,2}"),
        ) {
            let same = audit_hash(&a.2, a.1, &a.0) == audit_hash(&b.2, b.1, &b.0);
            prop_assert_eq!(a == b, same);
        }

        #[test]
        fn a_trail_that_nobody_touched_is_whole(entries in entries(1), cut in 0..10_usize) {
            let rows = trail(&entries);
            let newest = AuditHead::of(&rows[rows.len() - 1]);
            // In two pieces, as it is read.
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let mut verifier = AuditVerifier::new(rows.iter().map(AuditHead::of).collect());
            prop_assert_eq!(verifier.follow(first), Ok(()));
            prop_assert_eq!(verifier.follow(second), Ok(()));
            prop_assert_eq!(verifier.end(), Ok(newest));
        }

        #[test]
        fn a_row_that_was_changed_is_found(
            entries in entries(1),
            which in 0..10_usize,
            other in entry(),
        ) {
            let mut rows = trail(&entries);
            let newest = rows[rows.len() - 1].clone();
            let which = which % rows.len();
            prop_assume!(rows[which].entry != other);
            rows[which].entry = other;
            let number = rows[which].number;
            prop_assert_eq!(verify(&rows, &newest), Err(AuditBreak::Changed(number)));
            // Also when its own hash was made to fit, and when all later ones were.
            let row = &mut rows[which];
            row.hash = audit_hash(&row.previous_hash, row.number, &row.entry);
            let found = if which + 1 < rows.len() {
                AuditBreak::Foreign(number + 1)
            } else {
                AuditBreak::Rewritten(number)
            };
            prop_assert_eq!(verify(&rows, &newest), Err(found));
            mend(&mut rows, which);
            prop_assert_eq!(verify(&rows, &newest), Err(AuditBreak::Rewritten(newest.number)));
        }

        #[test]
        fn rows_that_are_missing_are_found(
            entries in entries(1),
            first in 0..10_usize,
            count in 1..10_usize,
        ) {
            let mut rows = trail(&entries);
            let newest = rows[rows.len() - 1].clone();
            let first = first % rows.len();
            let end = rows.len().min(first + count);
            let gone = AuditBreak::Missing { from: rows[first].number, to: rows[end - 1].number };
            rows.drain(first..end);
            prop_assert_eq!(verify(&rows, &newest), Err(gone));
        }

        #[test]
        fn a_row_that_was_put_in_is_found(entries in entries(1), which in 0..10_usize) {
            let mut rows = trail(&entries);
            let newest = rows[rows.len() - 1].clone();
            let which = which % rows.len();
            let row = rows[which].clone();
            rows.insert(which, row);
            let found = verify(&rows, &newest).map_err(|found| found.row());
            prop_assert_eq!(found, Err(Some(rows[which].number)));
        }
    }

    #[test]
    fn a_head_is_read_as_it_is_written_and_nothing_else_is() {
        let head = AuditHead { number: 12, hash: "0f".repeat(32) };
        assert_eq!(head.to_string().parse(), Ok(head.clone()));
        assert_eq!(head.to_string().to_uppercase().parse(), Ok(head));
        let hash = "0".repeat(64);
        for text in ["", "12", ":", "12:", "12:0f", &hash] {
            assert_eq!(text.parse::<AuditHead>(), Err(MalformedHead), "{text}");
        }
        for number in ["0", "-1", "x", "99999999999999999999"] {
            assert_eq!(format!("{number}:{hash}").parse::<AuditHead>(), Err(MalformedHead));
        }
    }
}
