//! Any text as a login token: checking it ends, and nothing is believed that the secret has not signed.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use parlance_server::auth::token::{Audience, LoginTokens, Subject};

const NOW: i64 = 1_700_000_000_000;

fuzz_target!(|input: (&str, usize, u8)| {
    let (text, at, byte) = input;
    let tokens =
        LoginTokens::new(b"0123456789012345678901234567890123456789", Duration::from_secs(60));
    assert!(tokens.verify(text, Audience::Collaborators, NOW).is_err(), "a token was made up");
    let subject = Subject {
        email: "admin@example.com",
        strategy: "default",
        token_version: 1,
        super_admin: true,
        csrf: None,
    };
    let good = tokens.issue(&subject, Audience::Collaborators, NOW);
    let mut changed = good.clone().into_bytes();
    let at = at % changed.len();
    changed[at] = byte;
    if let Ok(changed) = String::from_utf8(changed) {
        let verdict = tokens.verify(&changed, Audience::Collaborators, NOW);
        assert_eq!(verdict.is_ok(), changed == good, "a changed token");
    }
});
