//! Hostile conditions and values: bounded stack, bounded work.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::super::bounds::MAX_NESTING;
use super::super::{Condition, ConditionError};
use super::world::World;

/// Half of the stack that a thread of the server has.
const STACK: usize = 1024 * 1024;

/// What can be put into itself: before and after.
#[rustfmt::skip]
const NESTED: &[(&str, &str)] = &[
    ("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("typeof ", ""), ("a?b:", ""), ("f(", ")"),
    ("a[", "]"), ("`${", "}`"), ("({a:", "})"), ("x=>", ""), ("(x=>{", "})"), ("a=", ""),
    ("a**", ""), ("new ", ""), ("function(){", "}"), ("1;{", "}"), ("1;if(1)", ""), ("a?.[", "]"),
    ("class extends ", "{}"), ("(a,", ")"), ("a+(", ")"), ("a||(", ")"),
];

/// What can follow itself.
#[rustfmt::skip]
const FLAT: &[&str] = &[
    "+1", "||1", "==1", ".a", ",1", "[0]", "()", "?.a", "&&1||1", ";1", "-1", "in a",
];

#[test]
fn nesting_never_exhausts_the_stack() {
    let nested = |open: &str, middle: &str, close: &str, times: usize| {
        format!("{}{middle}{}", open.repeat(times), close.repeat(times))
    };
    let mut sources = Vec::new();
    for (open, close) in NESTED {
        for times in [MAX_NESTING / 8, MAX_NESTING / 4, MAX_NESTING / 2, MAX_NESTING, 2000] {
            sources.push(nested(open, "1", close, times));
        }
    }
    for flat in FLAT {
        sources.push(format!("a{}", flat.repeat(1500)));
        sources.push(format!("a{}", flat.repeat(MAX_NESTING - 2)));
    }
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let world = World::empty();
        let mut refused = 0;
        for source in &sources {
            let condition = Condition::parse(source);
            refused += usize::from(condition.syntax_error().is_some());
            drop(condition.evaluate(world.scope()));
        }
        (refused, sources.len())
    });
    let (refused, all) = thread.unwrap().join().unwrap();
    assert!(refused > 0 && refused < all, "{refused} of {all} were refused");
}

#[test]
fn long_chains_of_one_operator_are_not_deep() {
    let source = vec!["temp.x == 'a'"; 400].join(" || ");
    let condition = Condition::parse(&source);
    assert_eq!(condition.syntax_error(), None);
    assert_eq!(condition.evaluate(World::empty().scope()), Ok(false));
}

#[test]
fn work_is_bounded() {
    let mut deep = json!("x");
    for _ in 0..1000 {
        deep = json!([deep]);
    }
    let mut world = World::new(json!({"preview": "é".repeat(50_000)}), json!({"deep": deep}));
    world.state.temp["list"] = (0..100_000).map(Json::from).collect();
    for source in [
        "'a'.repeat(1e9)",
        "'a'.padEnd(2147483648)",
        "event.preview.split('').join(event.preview)",
        "event.preview.lastIndexOf(event.preview + 'x') + event.preview.indexOf(event.preview + 1)",
        "'ab'.repeat(1e5).split('b').join('ab'.repeat(1e5)).length",
        "temp.list.concat(temp.list, temp.list, temp.list, temp.list).length",
        "temp.deep == 'x'",
    ] {
        let started = Instant::now();
        let outcome = Condition::parse(source).evaluate(world.scope());
        assert!(started.elapsed() < Duration::from_secs(5), "{source}");
        assert!(
            matches!(outcome, Err(ConditionError::NeedsJavaScript(_))),
            "{source}: {outcome:?}"
        );
    }
}
