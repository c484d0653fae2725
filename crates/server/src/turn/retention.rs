//! Which changed attributes of a chat user are to be forgotten, and when (`spec` runtime 5.6).
//!
//! The dates are stored with the turn that changed the attributes; the janitor acts on them.

use std::time::Duration;

use parlance_store::Retention;
use serde_json::Value;

/// How long chat users' attributes are kept after they were set or changed.
#[derive(Debug, Clone, Default)]
pub struct RetentionPolicies(Vec<Policy>);

#[derive(Debug, Clone)]
struct Policy {
    /// Dotted path inside the attributes.
    path: String,
    /// In milliseconds.
    kept: i64,
}

impl RetentionPolicies {
    /// A policy for each dotted path inside the attributes.
    pub fn new(policies: impl IntoIterator<Item = (String, Duration)>) -> Self {
        let policies = policies.into_iter().map(|(path, kept)| Policy {
            path,
            kept: i64::try_from(kept.as_millis()).unwrap_or(i64::MAX),
        });
        Self(policies.collect())
    }

    /// Whether everything is kept for good.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The dates that follow from attributes which were `before` and are `after` at the time `now`:
    /// one for each policy whose attribute is there and was not the same before.
    pub fn dates(&self, before: &Value, after: &Value, now: i64) -> Vec<Retention> {
        let changed = |policy: &&Policy| {
            let value = at(after, &policy.path);
            value.is_some() && value != at(before, &policy.path)
        };
        let date = |policy: &Policy| Retention {
            path: policy.path.clone(),
            expires_on: now.saturating_add(policy.kept),
        };
        self.0.iter().filter(changed).map(date).collect()
    }
}

/// What lies at a dotted path, other than `null`. Items of arrays have no path.
fn at<'v>(attributes: &'v Value, path: &str) -> Option<&'v Value> {
    let found = path.split('.').try_fold(attributes, |value, name| value.get(name))?;
    (!found.is_null()).then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn policies(paths: &[&str]) -> RetentionPolicies {
        let kept = (1..).map(Duration::from_millis);
        RetentionPolicies::new(paths.iter().map(|path| (*path).to_owned()).zip(kept))
    }

    /// Paths and dates at the time 1000, where the first policy keeps 1 ms, the second 2 ms, …
    fn dates(paths: &[&str], before: &Value, after: &Value) -> Vec<(String, i64)> {
        let dates = policies(paths).dates(before, after, 1000);
        dates.into_iter().map(|date| (date.path, date.expires_on)).collect()
    }

    #[test]
    fn an_attribute_that_is_new_or_changed_gets_a_date() {
        let all = ["email", "profile.phone", "profile"];
        let before = json!({"email": "a", "other": 1, "profile": {"phone": 1, "city": "x"}});
        for (after, expected) in [
            (json!({"email": "b"}), vec![("email", 1001)]),
            (json!({"email": ["a"], "other": 2}), vec![("email", 1001)]),
            (
                json!({"profile": {"phone": 2, "city": "x"}}),
                vec![("profile.phone", 1002), ("profile", 1003)],
            ),
            (json!({"profile": {"phone": 1, "city": "y"}}), vec![("profile", 1003)]),
            (json!({"profile": {"city": "x", "phone": 1}}), vec![]),
            (json!({"email": "a", "other": 2}), vec![]),
            (json!({"email": null, "profile": null}), vec![]),
            (json!({}), vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(path, on)| (path.to_owned(), on)).collect();
            assert_eq!(dates(&all, &before, &after), expected, "{after}");
        }
    }

    #[test]
    fn what_was_not_there_before_is_new() {
        let after = json!({"email": "a", "profile": {"phone": 1}});
        for before in [json!(null), json!({}), json!({"email": null, "profile": 5})] {
            let found = dates(&["email", "profile.phone"], &before, &after);
            assert_eq!(found.len(), 2, "{before}");
        }
    }

    #[test]
    fn items_of_arrays_have_no_path() {
        assert!(dates(&["list.0"], &json!({}), &json!({"list": [1]})).is_empty());
    }

    #[test]
    fn a_date_beyond_all_time_is_its_end() {
        let forever = RetentionPolicies::new([("email".to_owned(), Duration::MAX)]);
        let dates = forever.dates(&json!({}), &json!({"email": 1}), 1000);
        assert_eq!(dates.first().map(|date| date.expires_on), Some(i64::MAX));
    }

    proptest! {
        #[test]
        fn unchanged_attributes_get_no_date(name in "[a-z]{1,3}", value in any::<i64>()) {
            let attributes = json!({ name.as_str(): value, "a": { name.as_str(): value } });
            let nested = format!("a.{name}");
            let paths = [name.as_str(), nested.as_str()];
            prop_assert!(dates(&paths, &attributes, &attributes).is_empty());
        }
    }
}
