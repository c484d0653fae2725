//! The forms of real conditions (`spec` runtime 2.6, 14.3) and the corners of coercion.

use serde_json::{Map, json};

use super::super::{Condition, ConditionError, names};
use super::oracle::Oracle;
use super::world::World;
use crate::dialog::{Position, State};
use crate::scope::Scope;
use crate::untrusted;

fn holds(source: &str, world: &World) -> Result<bool, ConditionError> {
    Condition::parse(source).evaluate(world.scope())
}

fn conversation() -> World {
    let mut event = json!({
        "type": "text",
        "preview": "Hello {{there}} 😀",
        "payload": {"text": "Hello {{there}} 😀", "payload": "UOA"},
        "nlu": {"intent": {"name": "booking", "confidence": 0.9}, "entities": []}
    });
    untrusted::mark(&mut event);
    let temp = json!({
        "skill-choice-ret-1": "1", "skill-choice-invalid-count": 2, "count": 3, "flag": true,
        "text": "true", "reports": [], "none": null
    });
    let mut world = World::new(event, temp);
    world.state.user = json!({"nickname": "Ana", "age": "30"});
    world.state.session = json!({"slots": {"city": {"value": "Oslo"}, "notFound": 1}});
    world
}

/// Conditions as bots have them, in [`conversation`].
const REAL: &[(&str, bool)] = &[
    ("true", true),
    (" true ", true),
    ("event.nlu.intent.name === 'booking'", true),
    ("!event.nlu || !event.nlu.intent || event.nlu.intent.name === 'none'", false),
    ("temp['skill-choice-ret-1'] == \"1\"", true),
    ("temp['skill-choice-ret-1'] === 1", false),
    ("temp['skill-choice-invalid-count'] <= undefined", false),
    ("Number(temp['skill-choice-invalid-count']) > Number(3)", false),
    ("temp['skill-choice-invalid-count'] == NaN", false),
    ("session.slots['city'] && (temp.valid === undefined || temp.valid == \"true\")", true),
    ("session.slots.notFound > 0", true),
    ("session.slots.city.value.toLowerCase() === 'oslo';", true),
    ("event.preview.toLowerCase().includes('hello')", true),
    ("event.payload.text.includes('{{there}}')", true),
    ("event.payload.payload==='UOA'", true),
    ("temp.flag == true", true),
    ("temp.text == true", false),
    ("temp.reports == null || temp.reports.length == 0", true),
    ("temp.count>=3 // enough", true),
    ("user.age > 18 && user.nickname !== undefined", true),
    ("['Ana', 'Ben'].indexOf(user.nickname) >= 0", true),
    ("event.state.temp === temp && event.state.context === event.state.context", true),
    ("event.state.__stacktrace[0].node == 'entry'", true),
    ("bot.x === undefined && workflow.x === undefined && event.state.bot === undefined", true),
    // A TypeError is false.
    ("temp.missing.name === 'x'", false),
    ("!temp.missing.name", false),
    ("event.nlu.intent.is('booking')", false),
    ("temp.none.length == 0", false),
    ("event.preview()", false),
    // The line break ends the `return`.
    ("\ntrue", false),
    ("/* a\n */ true", false),
    ("temp.count; false", true),
    ("", false),
    ("   ", false),
    ("// nothing", false),
];

#[test]
fn conditions_of_real_bots_hold_as_in_javascript() {
    let world = conversation();
    let oracle = Oracle::new();
    for &(source, expected) in REAL {
        assert_eq!(holds(source, &world), Ok(expected), "{source}");
        let judge = oracle.run(source, &world);
        assert_eq!(Ok(judge), world.run(source), "{source}");
    }
}

/// Corners of the language.
const COERCIONS: &[(&str, bool)] = &[
    ("'3' > 2", true),
    ("'10' < '9'", true),
    ("'b' > 'a'", true),
    ("null == undefined", true),
    ("null == 0", false),
    ("null >= 0", true),
    ("undefined == 0", false),
    ("NaN == NaN", false),
    ("[NaN].includes(NaN)", true),
    ("[NaN].indexOf(NaN) < 0", true),
    ("[] == ''", true),
    ("[] == 0", true),
    ("[0] == false", true),
    ("[1,[2,null]] == '1,2,'", true),
    ("({}) == '[object Object]'", true),
    ("[] == []", false),
    ("true == '1'", true),
    ("'' == 0", true),
    ("' \\n' == 0", true),
    ("'0x1F' == 31", true),
    ("'1_000' == 1000", false),
    ("-0 === 0", true),
    ("1 / -0 < 0", true),
    ("0.1 + 0.2 === 0.3", false),
    ("1 + '2' === '12'", true),
    ("'3' * '4' === 12", true),
    ("[] + {} === '[object Object]'", true),
    ("typeof unknown === 'undefined'", true),
    ("typeof null === 'object'", true),
    ("'😀'.length === 2", true),
    ("'😀'.charAt(0) + '😀'.charAt(1) === '😀'", true),
    ("'\u{e000}' > '😀'", true),
    ("1e21 + '' === '1e+21'", true),
    ("-1 >>> 0 === 4294967295", true),
    ("010 === 8", true),
    ("false && unknown", false),
    ("({a: {b: 1}})?.a?.b === 1", true),
    ("undefined?.a.b.c === undefined", true),
];

#[test]
fn coercions_are_javascripts() {
    let world = World::empty();
    let oracle = Oracle::new();
    for &(source, expected) in COERCIONS {
        assert_eq!(holds(source, &world), Ok(expected), "{source}");
        let judge = oracle.run(source, &world);
        assert_eq!(Ok(judge), world.run(source), "{source}");
    }
}

#[test]
fn only_a_type_error_is_false() {
    let world = World::empty();
    for (source, error) in [
        ("always", "ReferenceError: always is not defined"),
        ("state.x", "ReferenceError: state is not defined"),
        ("intent.is('x')", "ReferenceError: intent is not defined"),
        ("temp.x(unknown)", "ReferenceError: unknown is not defined"),
        ("'a'.repeat(-1)", "RangeError: the count of repeat is out of range"),
    ] {
        assert_eq!(
            holds(source, &world),
            Err(ConditionError::Throws(error.to_owned())),
            "{source}"
        );
    }
    let error = holds("temp.x ==", &world).unwrap_err();
    assert!(matches!(error, ConditionError::Throws(text) if text.starts_with("SyntaxError: ")));
}

#[test]
fn an_argument_is_a_variable() {
    let world = World::empty();
    let args = Map::from_iter([("skill".to_owned(), json!("choice"))]);
    let scope = Scope { args: Some(&args), ..world.scope() };
    let condition = Condition::parse("skill === 'choice' && typeof skill === 'string'");
    assert_eq!(condition.evaluate(scope), Ok(true));
    assert!(condition.evaluate(world.scope()).is_err());
}

#[test]
fn last_node_is_the_second_to_last_or_the_only_entry_of_the_stack_trace() {
    let event = json!({});
    let holds = |source: &str, nodes: &[&str]| {
        let position = |node: &&str| Position { flow: "f".to_owned(), node: (*node).to_owned() };
        let state = State { stacktrace: nodes.iter().map(position).collect(), ..State::new() };
        let scope = Scope { event: &event, state: &state, args: None };
        Condition::parse(source).evaluate(scope)
    };
    assert_eq!(holds("lastNode=a", &["x", "a", "b"]), Ok(true));
    assert_eq!(holds("lastNode=b", &["x", "a", "b"]), Ok(false));
    assert_eq!(holds("lastNode=a", &["a"]), Ok(true));
    assert_eq!(holds("lastNode=a", &[]), Ok(false));
    assert_eq!(holds("lastNode=", &[]), Ok(false));
    assert_eq!(holds("lastNode = a", &["a", "b"]), Ok(false));
    assert_eq!(holds("lastNode=a ", &["a", "b"]), Ok(false));
}

#[test]
fn what_needs_javascript_says_why_and_runs_as_far_as_it_can() {
    let world = conversation();
    for (source, reason) in [
        ("event.nlu.entities.some(e => e.name === 'x')", "the method `some`"),
        ("temp.x(y => y.z)", "a function"),
        ("temp.flag && /^h/i.test(event.preview)", "a regular expression"),
        ("new Date().getHours() > 8", "`new`"),
        ("temp.count = 4", "an assignment (a comparison is written `==` or `===`)"),
        ("temp.count++", "`++` or `--`"),
        ("event.preview.match('x')", "the method `match`"),
        ("event.hasFlag(1)", "the method `hasFlag`"),
        ("event.createdOn > 0", "the builtin member `createdOn`"),
        ("Math.random() < 2", "the JavaScript global `Math`"),
        ("temp.constructor", "the builtin member `constructor`"),
        ("temp instanceof Object", "the JavaScript global `Object`"),
        ("'\\ud800' == 1", "half a surrogate pair in a text"),
        ("temp.count == 1; var x", "several statements"),
    ] {
        let condition = Condition::parse(source);
        assert_eq!(condition.needs_javascript(), Some(reason), "{source}");
        assert_eq!(condition.syntax_error(), None, "{source}");
        let error = condition.evaluate(world.scope()).unwrap_err();
        assert!(matches!(error, ConditionError::NeedsJavaScript(_)), "{source}: {error}");
    }
    assert_eq!(holds("temp.flag || new Date() > 1", &world), Ok(true));
    assert_eq!(holds("temp.missing.some(x => x)", &world), Ok(false));
    assert!(Condition::parse("temp.flag").needs_javascript().is_none());
}

#[test]
fn what_cannot_work_is_found_out_without_running_it() {
    let condition = Condition::parse("state.x == always || event.nlu.intent.is('x') || state.y");
    assert_eq!(condition.unknown_names(), ["state", "always"]);
    assert_eq!(condition.unknown_methods(), ["is"]);
    assert!(Condition::parse("typeof state").unknown_names().is_empty());
    let condition = Condition::parse("temp.x == == 1");
    assert!(condition.syntax_error().is_some_and(|text| text.ends_with("at character 11")));
}

#[test]
fn builtin_names_are_all_known() {
    let oracle = Oracle::new();
    let world = World::empty();
    for value in ["''", "[]", "0", "true", "({})"] {
        for name in oracle.text(&format!("members({value})")).split(' ') {
            if name != "length" {
                assert!(names::is_inherited_by_any(name), "{value} has {name}");
                assert!(world.run(&format!("({value}).{name}")).is_err(), "{value}.{name}");
            }
        }
    }
    for name in oracle.text("variables()").split(' ') {
        let ours = ["describe", "members", "run", "unit", "variables"].contains(&name);
        assert!(ours || names::is_global(name), "{name}");
    }
}
