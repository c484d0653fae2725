//! Where in a JSON text a value stands, for messages that name line and column.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A place in a text; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The place of the value under `path`, a list of keys and indices. Of repeated keys the last
/// counts, as it does when JSON is read. `None` when there is no such value.
pub(super) fn locate(text: &str, path: &[&str]) -> Option<Position> {
    let mut current: &RawValue = serde_json::from_str(text).ok()?;
    for segment in path {
        current = if current.get().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(current.get()).ok()?;
            items.get(segment.parse::<usize>().ok()?).copied()?
        } else {
            let mut fields: BTreeMap<String, &RawValue> =
                serde_json::from_str(current.get()).ok()?;
            fields.remove(*segment)?
        };
    }
    // A `RawValue` borrows from the text that it was read from.
    let offset = current.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let before = text.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Some(Position {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..)?.chars().count() + 1,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "{\n  \"a\": {\"é\": [1,\n    {\"c\": true}]},\n  \"a.b\": 2, \"a.b\":   3\n}";

    #[test]
    fn values_are_found_by_keys_and_indices() {
        for (path, line, column) in [
            (&[][..], 1, 1),
            (&["a"], 2, 8),
            (&["a", "é"], 2, 14),
            (&["a", "é", "0"], 2, 15),
            (&["a", "é", "1", "c"], 3, 11),
        ] {
            assert_eq!(locate(TEXT, path), Some(Position { line, column }), "{path:?}");
        }
    }

    #[test]
    fn of_repeated_keys_the_last_counts() {
        assert_eq!(locate(TEXT, &["a.b"]), Some(Position { line: 4, column: 22 }));
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        for path in [&["b"][..], &["a", "b"], &["a", "é", "7"], &["a", "é", "x"], &["a.b", "c"]] {
            assert_eq!(locate(TEXT, path), None, "{path:?}");
        }
        assert_eq!(locate("not json", &[]), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,60}", segment in ".{0,4}") {
            if let Some(found) = locate(&text, &[&segment]) {
                prop_assert!(found.line >= 1 && found.column >= 1);
            }
        }
    }
}
