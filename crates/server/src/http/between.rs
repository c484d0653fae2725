//! A number of a query that has bounds.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// An integer from `LEAST` to `MOST`; both of them are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Between<const LEAST: i64, const MOST: i64>(i64);

impl<const LEAST: i64, const MOST: i64> Between<LEAST, MOST> {
    /// The number.
    pub(super) fn get(self) -> i64 {
        self.0
    }
}

impl<'de, const LEAST: i64, const MOST: i64> Deserialize<'de> for Between<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        if (LEAST..=MOST).contains(&number) {
            return Ok(Self(number));
        }
        Err(D::Error::custom(format_args!("{number} is not between {LEAST} and {MOST}")))
    }
}

impl<const LEAST: i64, const MOST: i64> JsonSchema for Between<LEAST, MOST> {
    fn schema_name() -> Cow<'static, str> {
        format!("Between{LEAST}And{MOST}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": LEAST, "maximum": MOST})
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Page {
        limit: Option<Between<1, 10>>,
    }

    #[test]
    fn numbers_out_of_bounds_are_refused_with_the_bounds() {
        let read = |query: &str| {
            let uri = format!("/?{query}").parse().unwrap();
            Query::<Page>::try_from_uri(&uri).map_err(|error| error.body_text())
        };
        for (query, limit) in [("", None), ("limit=1", Some(1)), ("limit=10", Some(10))] {
            assert_eq!(read(query).unwrap().0.limit.map(Between::get), limit);
        }
        for query in ["limit=0", "limit=11", "limit=-1", "limit=", "limit=x", "limit=1.5"] {
            assert!(read(query).is_err(), "{query}");
        }
        assert!(read("limit=11").unwrap_err().contains("between 1 and 10"));
    }
}
