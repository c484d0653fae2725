//! What a limit says of one request, and the headers that tell its sender.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::RateLimit;
use crate::ops::metrics::Limit;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// What a limit says of one request.
#[derive(Debug, Clone)]
pub(in super::super) struct Verdict {
    /// Whether the request may pass.
    pub(in super::super) allowed: bool,
    /// Absent where nothing limits the request.
    counted: Option<Counted>,
}

#[derive(Debug, Clone)]
struct Counted {
    whose: Limit,
    limit: RateLimit,
    remaining: u32,
    /// Beginning of the window that the request was counted in.
    began: Instant,
    reset_secs: u64,
}

impl Verdict {
    /// Of a request that nothing limits.
    pub(super) const UNLIMITED: Self = Self { allowed: true, counted: None };

    /// Of a request that was counted at `now` in a window that `began` before: `remaining` more may
    /// pass before it ends.
    pub(super) fn counted(
        whose: Limit,
        limit: RateLimit,
        (allowed, remaining): (bool, u32),
        (began, now): (Instant, Instant),
    ) -> Self {
        let left = limit.window.saturating_sub(now.saturating_duration_since(began));
        let counted = Counted { whose, limit, remaining, began, reset_secs: seconds(left) };
        Self { allowed, counted: Some(counted) }
    }

    /// Beginning of the window that the request was counted in, if it was.
    pub(super) fn window(&self) -> Option<Instant> {
        self.counted.as_ref().filter(|_| self.allowed).map(|counted| counted.began)
    }

    /// The same after the request was taken back: one more remains.
    pub(super) fn taken_back(mut self) -> Self {
        if let Some(counted) = &mut self.counted {
            counted.remaining = counted.remaining.saturating_add(1).min(counted.limit.limit);
        }
        self
    }

    /// Adds the headers: those of the IETF draft (structured fields), those of v12 unless another
    /// policy has set them, and on a refusal the time to come back.
    pub(in super::super) fn write(&self, headers: &mut HeaderMap) {
        self.write_standard(headers);
        if let Some(counted) = &self.counted {
            headers.entry(LIMIT).or_insert_with(|| HeaderValue::from(counted.limit.limit));
            headers.entry(REMAINING).or_insert_with(|| HeaderValue::from(counted.remaining));
        }
    }

    /// The same without v12's, which tell of the limit by address.
    pub(super) fn write_standard(&self, headers: &mut HeaderMap) {
        let Some(Counted { whose, limit, remaining, reset_secs, .. }) = &self.counted else {
            return;
        };
        let name = name(*whose);
        let window = seconds(limit.window);
        let state = format!("\"{name}\";r={remaining};t={reset_secs}");
        let policy = format!("\"{name}\";q={};w={window}", limit.limit);
        for (header, text) in [(RATE_LIMIT, state), (RATE_LIMIT_POLICY, policy)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.append(header, value);
            }
        }
        if !self.allowed {
            headers.insert(header::RETRY_AFTER, HeaderValue::from((*reset_secs).max(1)));
        }
    }
}

/// The policy's name in headers.
fn name(whose: Limit) -> &'static str {
    match whose {
        Limit::Ip => "ip",
        Limit::Token => "token",
        Limit::User => "user",
        Limit::Bot => "bot",
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(allowed: bool, remaining: u32, after: Duration) -> HeaderMap {
        let limit = RateLimit { limit: 2, window: Duration::from_secs(30) };
        let began = Instant::now();
        let times = (began, began + after);
        let mut headers = HeaderMap::new();
        Verdict::counted(Limit::Ip, limit, (allowed, remaining), times).write(&mut headers);
        headers
    }

    #[test]
    fn headers_say_what_is_left_and_when_to_come_back() {
        let first = headers(true, 1, Duration::ZERO);
        assert_eq!(first["ratelimit-policy"], "\"ip\";q=2;w=30");
        assert_eq!(first["ratelimit"], "\"ip\";r=1;t=30");
        assert_eq!(first["x-ratelimit-limit"], "2");
        assert_eq!(first["x-ratelimit-remaining"], "1");
        assert!(!first.contains_key("retry-after"));
        let refused = headers(false, 0, Duration::from_millis(10_500));
        assert_eq!(refused["ratelimit"], "\"ip\";r=0;t=20");
        assert_eq!(refused["retry-after"], "20");
    }

    #[test]
    fn what_is_not_limited_has_no_headers() {
        let mut headers = HeaderMap::new();
        Verdict::UNLIMITED.write(&mut headers);
        assert!(Verdict::UNLIMITED.allowed && headers.is_empty());
    }
}
