//! JavaScript's view of JSON values, as far as conditions, templates and builtin actions share it.
//!
//! Does not live here: operators and method calls (see [`crate::expr`]).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// `String(number)` of JavaScript: `1`, `0.5`, `1e+21`, `NaN`.
pub fn number_to_string(number: f64) -> String {
    ryu_js::Buffer::new().format(number).to_owned()
}

/// A JSON number as JavaScript holds it.
pub fn as_f64(number: &serde_json::Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// The JSON number that JavaScript would write: integral values without a fraction, `null` for
/// what JSON cannot hold.
pub fn number_to_json(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "integral and within 2^53")]
        return Value::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// Whether JavaScript takes the value for true.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => {
            let number = as_f64(number);
            number != 0.0 && !number.is_nan()
        }
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// `String(value)` of JavaScript. Elements of arrays that are `null` become empty.
pub fn to_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed("null"),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Number(number) => Cow::Owned(number_to_string(as_f64(number))),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) => {
            let texts = items.iter().map(|item| match item {
                Value::Null => Cow::Borrowed(""),
                other => to_text(other),
            });
            Cow::Owned(texts.collect::<Vec<_>>().join(","))
        }
        Value::Object(_) => Cow::Borrowed("[object Object]"),
    }
}

/// Keys in the order in which JavaScript lists an object's own keys: array indices ascending, then
/// the others as they were added.
pub fn ordered_keys(object: &Map<String, Value>) -> Vec<&str> {
    let index = |key: &str| {
        let number: u32 = key.parse().ok()?;
        (number != u32::MAX && number.to_string() == key).then_some(number)
    };
    let mut indices: Vec<(u32, &str)> =
        object.keys().filter_map(|key| index(key).map(|number| (number, key.as_str()))).collect();
    indices.sort_unstable();
    let others = object.keys().map(String::as_str).filter(|key| index(key).is_none());
    indices.into_iter().map(|(_, key)| key).chain(others).collect()
}

/// Length in UTF-16 code units, JavaScript's `length` of a string.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_javascripts() {
        for (value, text) in [
            (json!(1.0), "1"),
            (json!(0.1), "0.1"),
            (json!(1e21), "1e+21"),
            (json!(null), "null"),
            (json!([1, null, ["a", "b"]]), "1,,a,b"),
            (json!({"a": 1}), "[object Object]"),
        ] {
            assert_eq!(to_text(&value), text);
        }
    }

    #[test]
    fn integer_like_keys_come_first() {
        let object = json!({"b": 1, "10": 1, "2": 1, "a": 1, "01": 1});
        let keys = ordered_keys(object.as_object().unwrap());
        assert_eq!(keys, ["2", "10", "b", "a", "01"]);
    }

    #[test]
    fn lengths_count_utf16_units() {
        assert_eq!(utf16_len("aé😀"), 4);
    }
}
