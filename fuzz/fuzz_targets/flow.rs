//! Any bytes as a bot's main flow: loading never panics, and a talk with what was loaded ends.
#![no_main]

use libfuzzer_sys::fuzz_target;

const TEXTS: &[u8] =
    br#"[{"id":"builtin_text-a","formData":{"text$en":"{{event.payload.text}}"}}]"#;

fuzz_target!(|flow: &[u8]| {
    if let Some(bot) = parlance_fuzz::bot(flow, TEXTS) {
        parlance_fuzz::talk(&bot, &["hello", "{{user.name}}", "1"]);
    }
});
