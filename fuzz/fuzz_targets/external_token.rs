//! Any text as the header of an external token, and any text as its key: no header passes that the key
//! has not signed.
#![no_main]

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use parlance_server::auth::Algorithm;
use parlance_server::auth::external::{ExternalTokens, FetchJson};
use parlance_server::auth::jwt::VerifyingKey;
use parlance_server::config::ExternalAuthConfig;

struct Nothing;

impl FetchJson for Nothing {
    fn fetch_json<'f>(
        &'f self,
        _: &'f str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<serde_json::Value, String>> + Send + 'f>>
    {
        Box::pin(async { Err("there is none".to_owned()) })
    }
}

const SECRET: &str = "0123456789012345678901234567890123456789";

fuzz_target!(|texts: (&str, &str)| {
    let (header, key) = texts;
    drop(VerifyingKey::from_text(key));
    let config = ExternalAuthConfig {
        enabled: true,
        audience: Vec::new(),
        issuer: Vec::new(),
        algorithms: vec![Algorithm::Hs256],
        public_key: None,
        key_set_uri: None,
        key_id: None,
        user_claim: None,
    };
    let tokens = ExternalTokens::new(&config, Some(SECRET), Arc::new(Nothing)).unwrap().unwrap();
    let verdict = pin!(tokens.verify(header, "ada", 1_700_000_000_000));
    match verdict.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => assert!(verdict.is_err(), "a token was made up"),
        Poll::Pending => panic!("one key needs no waiting"),
    }
});
