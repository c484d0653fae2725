//! Changes of JSON text: what they change, and that they change nothing else.

use proptest::prelude::*;
use serde_json::json;

use super::Step::{Index, Key};
use super::*;

fn changed(text: &str, change: impl FnOnce(&mut JsonText) -> bool) -> String {
    let mut document = JsonText::parse(text.as_bytes()).unwrap();
    assert!(change(&mut document));
    assert!(JsonText::parse(document.as_bytes()).is_ok(), "{}", document.0);
    document.0
}

#[test]
fn only_the_value_changes() {
    let text =
        "{ \"n\" : 1.50e3,\n\t\"big\":12345678901234567890123,\"name\" :  \"a\",\n \"x\": {}}\n";
    let found = changed(text, |it| it.set(&[Key("name")], &json!("b\"c")));
    assert_eq!(found, text.replace("\"a\"", "\"b\\\"c\""));
}

#[test]
fn new_members_come_last_in_the_manner_of_the_others() {
    for (text, expected) in [
        ("{}", r#"{"k":[1]}"#),
        (r#"{"a":1}"#, r#"{"a":1,"k":[1]}"#),
        ("{\n    \"a\": 1\n}\n", "{\n    \"a\": 1,\n    \"k\": [\n        1\n    ]\n}\n"),
        ("{\r\n\t\"a\": 1\r\n}", "{\r\n\t\"a\": 1,\r\n\t\"k\": [\r\n\t\t1\r\n\t]\r\n}"),
        ("{ \"a\": 1,\n  \"b\": 2 }", "{ \"a\": 1,\n  \"b\": 2,\n  \"k\": [\n    1\n  ] }"),
    ] {
        assert_eq!(changed(text, |it| it.set(&[Key("k")], &json!([1]))), expected);
    }
}

#[test]
fn missing_objects_are_made() {
    let path = [Key("a"), Key("b"), Key("c")];
    for (text, expected) in [
        ("{}", r#"{"a":{"b":{"c":1}}}"#),
        (r#"{"a":null}"#, r#"{"a":{"b":{"c":1}}}"#),
        (r#"{"a":{"x":0}}"#, r#"{"a":{"x":0,"b":{"c":1}}}"#),
    ] {
        assert_eq!(changed(text, |it| it.set(&path, &json!(1))), expected);
    }
    for text in ["[]", r#"{"a":[1]}"#] {
        let mut document = JsonText::parse(text.as_bytes()).unwrap();
        assert!(!document.set(&path, &json!(1)));
        assert_eq!(document.0, text, "nothing is changed");
    }
}

#[test]
fn lists_grow_and_shrink() {
    let text = "[{\"bots\": [\"a\", \"b\"]}, {\n  \"bots\": [\n    \"c\"\n  ]\n}]";
    let found = changed(text, |it| it.push(&[Index(0), Key("bots")], &json!("x")));
    assert!(found.contains("[\"a\", \"b\", \"x\"]"), "{found}");
    let found = changed(text, |it| it.push(&[Index(1), Key("bots")], &json!("x")));
    assert!(found.contains("    \"c\",\n    \"x\"\n  ]"), "{found}");
    let found = changed(text, |it| it.remove(&[Index(0), Key("bots"), Index(0)]));
    assert!(found.contains("[\"b\"]"), "{found}");
    let found = changed(text, |it| it.remove(&[Index(0), Key("bots"), Index(1)]));
    assert!(found.contains("[\"a\"]"), "{found}");
    let found = changed(text, |it| it.remove(&[Index(1), Key("bots"), Index(0)]));
    assert!(found.contains("\"bots\": []"), "{found}");
    let found = changed(text, |it| it.remove(&[Index(1)]));
    assert_eq!(found, "[{\"bots\": [\"a\", \"b\"]}]");
}

#[test]
fn what_is_not_there_is_not_removed() {
    let mut document = JsonText::parse(br#"{"a": [1]}"#).unwrap();
    for path in [&[Key("b")][..], &[Key("a"), Index(1)], &[Key("a"), Key("x")], &[Index(0)], &[]] {
        assert!(!document.remove(path), "{path:?}");
    }
    assert!(!document.push(&[], &json!(1)) && !document.push(&[Key("b")], &json!(1)));
}

#[test]
fn of_twins_the_last_counts() {
    let text = r#"{"a":1,"a":2,"\u0061":3}"#;
    assert_eq!(changed(text, |it| it.set(&[Key("a")], &json!(4))), r#"{"a":1,"a":2,"\u0061":4}"#);
}

#[test]
fn what_is_no_json_is_refused() {
    let deep = "[".repeat(100_000);
    for bytes in [&b""[..], b"{", b"{} x", b"\xff\xfe", deep.as_bytes()] {
        assert!(JsonText::parse(bytes).is_err());
    }
    assert_eq!(JsonText::parse(b"\xEF\xBB\xBF{}").unwrap().as_bytes(), b"{}");
    // Halves of characters are valid JSON, and stay.
    let half = r#"{"a":"\ud83d","b":1}"#;
    assert_eq!(changed(half, |it| it.set(&[Key("b")], &json!(2))), half.replace('1', "2"));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c\"\\\\{}\\[\\],: é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn changes_are_those_of_the_value(
        mut tree in value(), new in value(), key in "[a-c]", pretty: bool, remove: bool,
    ) {
        let text = if pretty { format!("{tree:#}\n") } else { tree.to_string() };
        let mut document = JsonText::parse(text.as_bytes()).unwrap();
        match &mut tree {
            Value::Object(map) if remove => {
                prop_assert_eq!(document.remove(&[Key(&key)]), map.shift_remove(&key).is_some());
            }
            Value::Object(map) => {
                prop_assert!(document.set(&[Key(&key)], &new));
                map.insert(key, new);
            }
            Value::Array(list) if remove => {
                let had = !list.is_empty();
                prop_assert_eq!(document.remove(&[Index(0)]), had);
                if had { list.remove(0); }
            }
            Value::Array(list) => {
                prop_assert!(document.push(&[], &new));
                list.push(new);
            }
            plain => {
                prop_assert!(document.set(&[], &new));
                *plain = new;
            }
        }
        let found: Value = serde_json::from_slice(document.as_bytes()).unwrap();
        prop_assert_eq!(found, tree);
    }
}
