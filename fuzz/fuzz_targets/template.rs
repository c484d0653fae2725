//! Any text as a template, and any text as what a user typed: rendering ends, and what the user
//! typed comes out as it went in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_core::content::template;
use parlance_core::untrusted;
use serde_json::json;

fuzz_target!(|texts: (&str, &str)| {
    let (template, typed) = texts;
    let mut marked = json!(typed);
    untrusted::mark(&mut marked);
    parlance_fuzz::with_scope(marked, |scope| {
        drop(template::render(template, scope));
        if let Ok(rendered) = template::render("{{{user.name}}}", scope) {
            assert_eq!(untrusted::plain(&rendered), untrusted::plain(typed));
        }
    });
});
