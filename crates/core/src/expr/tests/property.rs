//! Native evaluation against the judge, on random conditions in random scopes.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::strategy::Strategy;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::super::globals::{self, Function};
use super::super::methods::catalogue;
use super::super::parse;
use super::generate::{BINARY, LOGICAL, Tape, UNARY};
use super::oracle::Oracle;
use super::walk::{all_operations, operations};
use super::world::World;

/// Fails when the native answer is not the judge's; says whether there was one.
fn agree(oracle: &Oracle, world: &World, source: &str) -> Result<bool, TestCaseError> {
    let Ok(native) = world.run(source) else {
        return Ok(false);
    };
    let judge = oracle.run(source, world);
    if native == judge || is_known_fault(source, &native, &judge) {
        return Ok(true);
    }
    let event = world.event_json();
    Err(TestCaseError::fail(format!("{source}\n native: {native}\n judge:  {judge}\n in {event}")))
}

/// Where the two may differ, in texts that no bot has.
///
/// The judge evaluates all values of a template before it makes text of the first, so of two errors
/// it meets the other one first. To it a line separator that ends a comment does not end a `return`,
/// a `}` in front may close the function, and `new a?.b` is allowed. The parser library refuses a
/// statement that begins with a variable called `let`.
fn is_known_fault(source: &str, native: &str, judge: &str) -> bool {
    let template = source.contains("${") && native == "TypeError" && judge.ends_with("Error");
    let separator = source.contains("//") && source.contains('\u{2028}');
    let closing =
        source.find('}').is_some_and(|close| source.find('{').is_none_or(|open| close < open));
    let chain = source.contains("new") && source.contains("?.");
    let refused = native == "SyntaxError" && (closing || chain || source.contains("let"));
    template || separator || refused
}

fn tape(longest: usize) -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 0..longest)
}

/// A runner with `factor` times the usual number of cases, the same ones in each run.
fn runner(factor: u32) -> TestRunner {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    config.cases = config.cases.saturating_mul(factor);
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
}

#[test]
fn random_conditions_mean_what_they_mean_in_javascript() {
    let oracle = Oracle::new();
    let reached = RefCell::new(BTreeSet::new());
    let native = RefCell::new((0_u32, 0_u32));
    runner(20)
        .run(&(tape(120), tape(60)), |(source, world)| {
            let source = Tape::new(&source).expr(4);
            let world = Tape::new(&world).world();
            let answered = agree(&oracle, &world, &source)?;
            let mut native = native.borrow_mut();
            native.1 += 1;
            if answered && let Ok(parse::Parsed { expr: Some(expr), .. }) = parse::parse(&source) {
                native.0 += 1;
                operations(&expr, &mut reached.borrow_mut());
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let missed: Vec<_> = all_operations().difference(&reached.borrow()).cloned().collect();
    assert!(missed.is_empty(), "never generated: {missed:?}");
    let (native, all) = *native.borrow();
    assert!(native * 10 > all * 8, "only {native} of {all} conditions ran natively");
}

/// Sources with `operation` at their root and random operands.
type Maker = Box<dyn Fn(&mut Tape<'_>) -> String>;

fn operator_makers() -> Vec<(String, Maker)> {
    let mut makers: Vec<(String, Maker)> = Vec::new();
    for op in BINARY.iter().chain(LOGICAL) {
        let make = move |tape: &mut Tape<'_>| format!("({}) {op} ({})", tape.expr(1), tape.expr(1));
        makers.push(((*op).to_owned(), Box::new(make)));
    }
    for op in UNARY {
        let make = move |tape: &mut Tape<'_>| format!("{op}({})", tape.expr(1));
        makers.push(((*op).to_owned(), Box::new(make)));
    }
    makers
}

fn function_makers() -> Vec<(String, Maker)> {
    let mut makers: Vec<(String, Maker)> = Vec::new();
    for name in Function::names() {
        let make = move |tape: &mut Tape<'_>| {
            let (first, second) = (tape.expr(1), tape.expr(1));
            match tape.below(6) {
                0 => format!("{name}()"),
                1 => format!("{name}({first}, {second})"),
                2 => format!("{name}({}, {})", tape.text(), tape.number()),
                3 => format!("{name}({})", tape.text()),
                4 => format!("{name}({})", tape.number()),
                _ => format!("{name}({first})"),
            }
        };
        makers.push((name.to_owned(), Box::new(make)));
    }
    for name in globals::constants() {
        makers.push((name.to_owned(), Box::new(move |_| name.to_owned())));
    }
    makers
}

fn method_makers() -> Vec<(String, Maker)> {
    let mut makers: Vec<(String, Maker)> = Vec::new();
    for name in catalogue::text() {
        let make = move |tape: &mut Tape<'_>| {
            let text = tape.text();
            match tape.below(3) {
                0 => tape.method(&text, name, 1),
                1 => format!("({text}).{name}({}, {})", tape.number(), tape.number()),
                _ => format!("({text}).{name}({}, {})", tape.text(), tape.text()),
            }
        };
        makers.push((format!("text {name}"), Box::new(make)));
    }
    for name in catalogue::array() {
        let make = move |tape: &mut Tape<'_>| {
            let list = tape.list(1);
            tape.method(&list, name, 1)
        };
        makers.push((format!("array {name}"), Box::new(make)));
    }
    for name in catalogue::number() {
        let make = move |tape: &mut Tape<'_>| {
            let (number, digits) = (tape.number(), tape.number());
            format!("({number}).{name}({digits})")
        };
        makers.push((format!("number {name}"), Box::new(make)));
    }
    for name in catalogue::any() {
        let make = move |tape: &mut Tape<'_>| {
            let receiver = tape.expr(1);
            tape.method(&receiver, name, 1)
        };
        makers.push((format!("any {name}"), Box::new(make)));
    }
    makers
}

#[test]
fn each_native_operation_gives_the_values_of_javascript() {
    let oracle = Oracle::new();
    let makers = [operator_makers(), function_makers(), method_makers()];
    for (name, make) in makers.into_iter().flatten() {
        let values = RefCell::new(0_u32);
        let mut runner = runner(1);
        let cases = runner.config().cases;
        runner
            .run(&(tape(40), tape(40)), |(source, world)| {
                let source = make(&mut Tape::new(&source));
                let world = Tape::new(&world).world();
                agree(&oracle, &world, &source)?;
                let has_value = world.run(&source).is_ok_and(|value| !value.ends_with("Error"));
                *values.borrow_mut() += u32::from(has_value);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let values = *values.borrow();
        assert!(values * 10 >= cases, "{name} gave a value in only {values} of {cases} cases");
    }
}

#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "temp", "user", "event", "unknown", "a", "list", "1", "0", "0.5", "'x'", "\"y\"", "`z`", "`${",
    "}`", "(", ")", "(", ")", "[", "]", "{", "}", ".", ",", ";", ":", "?", "?.", "??", "!", "~",
    "+", "-", "*", "**", "/", "%", "<", ">", "=", "==", "===", "!=", "!==", "<=", ">=", "=>", "&&",
    "||", "&", "|", "^", "<<", ">>", ">>>", "++", "--", "...", "typeof", "void", "in", "new",
    "delete", "instanceof", "this", "true", "false", "null", "undefined", "NaN", "includes",
    "length", "toString", "Number", "Math.max", "\n", "//", "/*", "*/", "#", "@", "\\", "010",
    "1n", "if", "return", "var", "let", "function", "async", "await", "yield", "of", "<!--", "-->",
    "\u{2028}", "\u{a0}", "é", "😀", "'\\ud800'", "'\\x41'", "/x/g", "0x", "1_0", "08", "'\\08'",
];

#[test]
fn whatever_the_text_the_answer_is_javascripts() {
    let oracle = Oracle::new();
    let world = Tape::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).world();
    let values = RefCell::new(0_u32);
    runner(40)
        .run(&vec((any::<u16>(), any::<bool>()), 0..12), |tokens| {
            let mut source = String::new();
            for (token, space) in tokens {
                source += TOKENS[usize::from(token) % TOKENS.len()];
                source += if space { " " } else { "" };
            }
            agree(&oracle, &world, &source)?;
            let has_value = world.run(&source).is_ok_and(|value| !value.ends_with("Error"));
            *values.borrow_mut() += u32::from(has_value);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(*values.borrow() > 100, "hardly any text was a condition: {values:?}");
}
