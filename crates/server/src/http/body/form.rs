//! Form bodies in the extended syntax: `a=1&b[c]=2&d[]=3` (`spec` http 1.1).

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::super::error::HttpError;

/// Most parameters of a form, as in v12.
const MOST: usize = 1000;
/// Deepest nesting; what is deeper stays part of the last name.
const DEEPEST: usize = 32;
/// Largest index of a list; with larger ones it is an object, as in v12.
const LARGEST_INDEX: usize = 100;

/// The form as a value; every leaf is a string.
pub(super) fn parse(text: &str) -> Result<Value, HttpError> {
    if text.split('&').count() > MOST {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(HttpError::envelope(status, "parameters.too.many", "too many parameters"));
    }
    let mut root = Value::Object(Map::new());
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if !name.is_empty() {
            insert(&mut root, &segments(&name), value);
        }
    }
    if let Value::Object(fields) = &mut root {
        fields.values_mut().for_each(lists);
    }
    Ok(root)
}

/// `a[b][]` → `a`, `b`, and an empty one for the end of a list.
fn segments(name: &str) -> Vec<&str> {
    let start = name.find('[').filter(|at| *at > 0);
    let Some((first, mut rest)) = start.and_then(|at| name.split_at_checked(at)) else {
        return vec![name];
    };
    let mut segments = vec![first];
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((segment, after)) = inner.split_once(']').filter(|_| segments.len() < DEEPEST)
        else {
            segments.push(rest);
            break;
        };
        segments.push(segment);
        rest = after;
    }
    segments
}

/// Puts a value where the segments lead. Lists are objects with their indexes for now; a value that
/// stands where others are to go becomes the first of them.
fn insert(slot: &mut Value, segments: &[&str], value: Cow<'_, str>) {
    if segments.is_empty() && slot.is_null() {
        *slot = Value::String(value.into_owned());
        return;
    }
    let mut fields = match slot.take() {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        first => Map::from_iter([("0".to_owned(), first)]),
    };
    let (segment, deeper) = segments.split_first().unwrap_or((&"", &[]));
    let key = if segment.is_empty() { fields.len().to_string() } else { (*segment).to_owned() };
    insert(fields.entry(key).or_insert(Value::Null), deeper, value);
    *slot = Value::Object(fields);
}

/// Turns objects whose keys are all small indexes into lists.
fn lists(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    fields.values_mut().for_each(lists);
    let index = |key: &String| {
        let index = key.parse::<usize>().ok()?;
        (index <= LARGEST_INDEX && *key == index.to_string()).then_some(index)
    };
    let Some(mut order) = fields
        .iter()
        .map(|(key, _)| index(key))
        .collect::<Option<Vec<_>>>()
        .filter(|order| !order.is_empty())
    else {
        return;
    };
    order.sort_unstable();
    let items =
        order.iter().filter_map(|index| fields.get_mut(&index.to_string()).map(Value::take));
    *value = Value::Array(items.collect());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_follow_the_extended_syntax() {
        for (text, expected) in [
            ("", json!({})),
            ("type=text&text=hello", json!({"type": "text", "text": "hello"})),
            ("text=a%20b+c%3D&x", json!({"text": "a b c=", "x": ""})),
            ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
            ("c[]=x&c[]=y", json!({"c": ["x", "y"]})),
            ("c[1]=y&c[0]=x", json!({"c": ["x", "y"]})),
            ("c[7]=y", json!({"c": ["y"]})),
            ("c[101]=y", json!({"c": {"101": "y"}})),
            ("m[a]=1&m[b][c]=2", json!({"m": {"a": "1", "b": {"c": "2"}}})),
            ("m%5Ba%5D=1", json!({"m": {"a": "1"}})),
            ("a=1&a[b]=2", json!({"a": {"0": "1", "b": "2"}})),
            ("[a]=1&b]=2&c[=3", json!({"[a]": "1", "b]": "2", "c": {"[": "3"}})),
            ("=1&&&", json!({})),
        ] {
            assert_eq!(parse(text).ok(), Some(expected), "{text}");
        }
    }

    #[test]
    fn nesting_and_number_of_parameters_are_bounded() {
        let deep = parse(&format!("a{}=1", "[b]".repeat(100_000))).unwrap();
        let mut depth = 0;
        let mut inner = &deep;
        while let Some(next) = inner.as_object().and_then(|fields| fields.values().next()) {
            inner = next;
            depth += 1;
        }
        assert_eq!(depth, DEEPEST + 1);
        assert!(parse(&"a&".repeat(999)).is_ok());
        let body = parse(&"a&".repeat(1000)).unwrap_err().body();
        assert!(body.contains("parameters.too.many"), "{body}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_form(text in r"([a-c\[\]0-9&=%+]|[^a]){0,60}") {
            let value = parse(&text).unwrap();
            prop_assert!(value.is_object());
        }
    }
}
