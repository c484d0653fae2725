//! Any text as a condition: parsing and evaluation end, and agree with themselves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_core::expr::Condition;
use serde_json::json;

fuzz_target!(|source: &str| {
    let condition = Condition::parse(source);
    parlance_fuzz::with_scope(json!("Ada"), |scope| {
        let (first, second) = (condition.evaluate(scope), condition.evaluate(scope));
        assert_eq!(first, second, "the same condition over the same state");
    });
});
