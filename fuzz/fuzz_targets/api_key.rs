//! Any text as an API key: what is taken for one is written the same way again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_server::auth::key::{KEY_PREFIX, KeyText};

fuzz_target!(|text: &str| {
    if let Ok(key) = KeyText::parse(text) {
        assert_eq!(key.expose(), text);
        assert!(text.starts_with(KEY_PREFIX) && text.is_ascii());
        assert_eq!(key.hash().len(), 64);
    }
});
