//! JSON Merge Patch (RFC 7396) with a patch from outside: what it brings carries the marks of
//! [`untrusted`], so that no template is ever made of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::untrusted;

/// Patches `target`: `null` removes a field, an object goes into the field's object, and anything else
/// takes the field's place.
///
/// Goes as deep as the patch does; a parser that bounds depth has made it.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(fields) = patch else {
        *target = patch;
        untrusted::mark(target);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        merge_fields(target, fields);
    }
}

/// The same for the fields of two objects.
pub fn merge_fields(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        let name = stored_name(target, &name).into_owned();
        if value.is_null() {
            target.shift_remove(&name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// What a field that people see under `name` is called inside: a name may have come from outside
/// before.
fn stored_name<'n>(fields: &Map<String, Value>, name: &'n str) -> Cow<'n, str> {
    if fields.contains_key(name) && untrusted::plain(name) == name {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(untrusted::mark_text(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::untrusted::{mark_text, unmark};

    fn patched(target: &Value, patch: &Value) -> Value {
        let mut target = target.clone();
        merge(&mut target, patch.clone());
        target
    }

    #[test]
    fn a_patch_does_what_the_rfc_says() {
        for (target, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": 1}}), json!({"a": {"b": 2, "c": null}}), json!({"a": {"b": 2}})),
            (json!({"a": [{"b": 1}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!([1, 2]), json!({"a": 1, "c": null}), json!({"a": 1})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"b": {"c": null}}}), json!({"a": {"b": {}}})),
            (json!({"a": 1}), json!({}), json!({"a": 1})),
        ] {
            assert_eq!(patched(&target, &patch), expected, "{target} {patch}");
        }
    }

    #[test]
    fn what_comes_in_is_no_template_and_what_was_there_stays_one() {
        let patch = json!({"name": "{{event.botId}}", "{{a}}": ["{{b}}"]});
        let mut target = patched(&json!({"text": "{{user.name}}"}), &patch);
        let text = target.to_string();
        assert_eq!(text.matches("{{").count(), 1, "{text}");
        unmark(&mut target);
        assert_eq!(target["{{a}}"], json!(["{{b}}"]));
    }

    #[test]
    fn a_field_is_found_by_the_name_that_people_see() {
        for name in ["{x", "{{x}}", "x"] {
            for stored in [name.to_owned(), mark_text(name)] {
                let target = json!({ stored.as_str(): 1 });
                assert_eq!(patched(&target, &json!({ name: null })), json!({}), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_patch_twice_is_a_patch_once(
            target in "[a-c{]{1,2}", name in "[a-c{]{1,2}", value in proptest::option::of(".{0,4}")
        ) {
            let target = json!({ target: {"a": 1} });
            let patch = json!({ name: {"a": value} });
            let once = patched(&target, &patch);
            prop_assert_eq!(patched(&once, &patch), once);
        }
    }
}
