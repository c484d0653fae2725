//! Why a call was not made or had no answer.
//!
//! Errors may be shown to whoever asked for the call, a bot's author or a chat user among them: they
//! name the host and the rule, never the addresses behind a name. Those go to the log alone.

use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL cannot be read.
    #[error("the URL cannot be called: {0}")]
    BadUrl(String),
    /// A header cannot be sent. Its value is not shown.
    #[error("the header {name:?} cannot be sent: {problem}")]
    BadHeader {
        /// Its name, cut to a length that fits into a message.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The method cannot be sent.
    #[error("the method {0:?} cannot be sent")]
    BadMethod(String),
    /// A rule forbids the call; nothing was sent.
    #[error("{host} is not called: {rule}")]
    Refused {
        /// The host, as the URL names it.
        host: String,
        /// The rule.
        rule: Rule,
    },
    /// Too many calls wait, here or for this host.
    #[error("{host} is not called: too many calls are waiting")]
    Busy {
        /// The host.
        host: String,
    },
    /// There was no connection.
    #[error("{host} cannot be reached: {problem}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system said.
        problem: String,
    },
    /// There was no whole answer in time.
    #[error("{host} did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// The host that was called first.
        host: String,
        /// The time for the whole call.
        after: Duration,
    },
    /// The answer was larger than allowed, as it came or unpacked.
    #[error("{host} answered with more than {max_bytes} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// How much was allowed.
        max_bytes: usize,
    },
    /// The call was sent on and on.
    #[error("{host} sent the call on more than {limit} times")]
    TooManyRedirects {
        /// The last host that was called.
        host: String,
        /// How often was allowed.
        limit: u8,
    },
    /// The answer was no proper one.
    #[error("{host} answered with what cannot be read: {problem}")]
    Broken {
        /// The host.
        host: String,
        /// What is wrong.
        problem: String,
    },
}

/// What calls must keep to (`spec` reliability 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Only `http` and `https`.
    #[error("only http and https are allowed")]
    Scheme,
    /// No user or password in the URL.
    #[error("a URL must not hold a user or password")]
    Credentials,
    /// Only some ports.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// Only public addresses.
    #[error("its address is not a public one")]
    Address,
    /// Never from `https` to `http`.
    #[error("an encrypted call is not sent on unencrypted")]
    Downgrade,
}
