//! Time, ids and chance: the one place of the server where they come from.
//!
//! Everything else gets moments and ids as arguments.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use parlance_core::dialog::Moment;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Tells the time and makes ids that sort by it.
#[derive(Debug, Default)]
pub struct Clock {
    /// Microseconds in the last id.
    last_id: AtomicU64,
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Moment {
        Moment::from_millis(self.millis())
    }

    /// Milliseconds since 1970.
    pub fn millis(&self) -> i64 {
        i64::try_from(micros() / 1000).unwrap_or(i64::MAX)
    }

    /// An id in v12's form for events: decimal digits that sort by time, never the same twice.
    pub fn event_id(&self) -> String {
        format!("{}{:03}", self.next_id(), fastrand::u16(..1000))
    }

    /// An id for a turn: a UUID of version 7, so that newer turns sort behind older ones. It names a
    /// turn and gives no right to it, so it need not be hard to guess.
    pub fn turn_id(&self) -> String {
        let micros = self.next_id();
        // Behind the milliseconds come their fraction, of twelve bits, and chance (RFC 9562 6.2).
        let fraction = u128::from((micros % 1000) * 4096 / 1000);
        let bits = fraction << 64 | u128::from(fastrand::u64(..));
        let [_, _, _, _, _, _, tail @ ..] = bits.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(micros / 1000, &tail).into_uuid().to_string()
    }

    /// Microseconds since 1970, never the same twice.
    fn next_id(&self) -> u64 {
        let now = micros();
        let next = |last: u64| Some(now.max(last + 1));
        let last = self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        now.max(last.unwrap_or(now) + 1)
    }
}

/// A moment for measuring how long something takes; it never goes back.
pub fn instant() -> Instant {
    Instant::now()
}

/// A number that tells requests apart in the log.
pub fn request_number() -> u64 {
    fastrand::u64(..)
}

/// A number below `bound`, for picking one of several texts. Zero for an empty choice.
pub fn pick(bound: usize) -> usize {
    if bound == 0 { 0 } else { fastrand::usize(..bound) }
}

/// So many letters and digits in lower case that nobody can guess; at most 20 of them.
pub fn unguessable(length: usize) -> Result<String, NoChance> {
    // 20 digits of base 36 take 103 of the 128 bits.
    let mut left = u128::from_be_bytes(secret_bytes()?);
    let mut text = String::new();
    for _ in 0..length.min(20) {
        let digit = u32::try_from(left % 36).unwrap_or_default();
        left /= 36;
        text.extend(char::from_digit(digit, 36));
    }
    Ok(text)
}

/// The operating system gives no random bytes: nothing secret can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoChance;

/// Bytes that nobody can guess, for salts, keys and secrets.
pub fn secret_bytes<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoChance)?;
    Ok(bytes)
}

fn micros() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unguessable_texts_have_their_length_and_differ() {
        let texts: std::collections::HashSet<String> =
            (0..1000).map(|_| unguessable(20).unwrap()).collect();
        assert_eq!(texts.len(), 1000);
        assert!(texts.iter().all(|text| text.len() == 20
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())));
    }

    #[test]
    fn event_ids_are_digits_that_grow() {
        let clock = Clock::default();
        let ids: Vec<String> = (0..1000).map(|_| clock.event_id()).collect();
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn turn_ids_are_uuids_of_version_7_that_sort_by_time() {
        let clock = Clock::default();
        let before = clock.millis();
        let ids: Vec<String> = (0..1000).map(|_| clock.turn_id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        let id = uuid::Uuid::parse_str(&ids[0]).unwrap();
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        let millis = i64::try_from(seconds).unwrap() * 1000 + i64::from(nanos / 1_000_000);
        assert!((before..=clock.millis() + 1000).contains(&millis));
    }
}
