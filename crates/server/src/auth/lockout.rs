//! Slows down guessing: by account, whether it exists or not, and by address (`spec` http 2.2, 2.4).
//!
//! After 5 wrong passwords for an account everybody has to wait before the next try, half a minute at
//! first and twice as long each time, up to a quarter of an hour; the same words and times hold for
//! accounts that do not exist. An address has 20 wrong passwords in a quarter of an hour. An address from
//! which an account has logged in before is counted by itself, for that account alone: so strangers
//! who guess keep nobody out who works from the usual place, and nobody is ever kept out for good.
//!
//! All of it is in memory and bounded; v12's lock, which stays in the database, comes on top where
//! it is configured.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Wrong passwords for an account before anybody waits.
const PER_ACCOUNT: u32 = 5;
/// Wrong passwords from an address in a window.
const PER_ADDRESS: u32 = 20;
/// Length of that window, and time after which failures are forgotten, in milliseconds.
const WINDOW: i64 = 15 * 60 * 1000;
/// The first wait, in milliseconds.
const FIRST_WAIT: i64 = 30 * 1000;
/// The longest wait, in milliseconds.
pub(super) const LONGEST_WAIT: i64 = 15 * 60 * 1000;
/// Entries of each table; the longest unused one is forgotten first.
const ENTRIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// Why a try is not even looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Too many wrong passwords for this account.
    Account {
        /// When to try again, in milliseconds from now.
        wait: i64,
    },
    /// Too many wrong passwords from this address.
    Address {
        /// When to try again, in milliseconds from now.
        wait: i64,
    },
}

/// Who tries to log in: the account that was named, and the address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Try {
    account: String,
    address: IpAddr,
}

impl Try {
    /// `account` is any text that names one. IPv6 addresses count by their network of 64 bits,
    /// since everybody has that many to choose from.
    pub fn new(account: &str, address: IpAddr) -> Self {
        let address = match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = v6.to_bits() >> 64 << 64;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            v4 @ IpAddr::V4(_) => v4,
        };
        Self { account: account.to_owned(), address }
    }
}

/// Counts wrong passwords.
pub struct Lockout(Mutex<Tables>);

struct Tables {
    accounts: LruCache<String, Failures>,
    addresses: LruCache<IpAddr, Window>,
    /// Pairs that have logged in, with failures of their own.
    familiar: LruCache<Try, Failures>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    count: u32,
    /// In milliseconds since 1970.
    last_on: i64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    /// In milliseconds since 1970.
    began_on: i64,
}

impl Failures {
    /// How long to wait after the last one.
    fn penalty(self) -> i64 {
        match self.count.checked_sub(PER_ACCOUNT) {
            None => 0,
            Some(doublings) => {
                let factor = 1_i64.checked_shl(doublings.min(32)).unwrap_or(i64::MAX);
                FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
            }
        }
    }

    fn wait(self, now: i64) -> i64 {
        (self.last_on.saturating_add(self.penalty()).saturating_sub(now)).clamp(0, LONGEST_WAIT)
    }

    fn add(&mut self, now: i64) {
        let forgotten = self.last_on.saturating_add(self.penalty()).saturating_add(WINDOW);
        if now >= forgotten {
            self.count = 0;
        }
        *self = Self { count: self.count.saturating_add(1), last_on: now };
    }
}

impl Window {
    fn is_over(self, now: i64) -> bool {
        now.saturating_sub(self.began_on) >= WINDOW
    }
}

impl Default for Lockout {
    fn default() -> Self {
        Self(Mutex::new(Tables {
            accounts: LruCache::new(ENTRIES),
            addresses: LruCache::new(ENTRIES),
            familiar: LruCache::new(ENTRIES),
        }))
    }
}

impl Lockout {
    /// Whether this try may be looked at, at `now` in milliseconds since 1970.
    pub fn admit(&self, attempt: &Try, now: i64) -> Result<(), Held> {
        let mut tables = self.tables();
        if let Some(failures) = tables.familiar.get(attempt) {
            return held(failures.wait(now), |wait| Held::Account { wait });
        }
        if let Some(window) = tables.addresses.get(&attempt.address)
            && window.count >= PER_ADDRESS
            && !window.is_over(now)
        {
            let wait = window.began_on.saturating_add(WINDOW).saturating_sub(now);
            return Err(Held::Address { wait: wait.clamp(0, WINDOW) });
        }
        let wait = tables.accounts.get(&attempt.account).map_or(0, |failures| failures.wait(now));
        held(wait, |wait| Held::Account { wait })
    }

    /// Counts a wrong password.
    pub fn failed(&self, attempt: &Try, now: i64) {
        let mut tables = self.tables();
        if let Some(failures) = tables.familiar.get_mut(attempt) {
            failures.add(now);
            return;
        }
        let window = Window { count: 0, began_on: now };
        let entry = tables.addresses.get_or_insert_mut(attempt.address, || window);
        if entry.is_over(now) {
            *entry = window;
        }
        entry.count = entry.count.saturating_add(1);
        tables.accounts.get_or_insert_mut_ref(&attempt.account, Failures::default).add(now);
    }

    /// Forgets the failures of this pair, and remembers that it is one. What strangers have tried
    /// stays counted for strangers.
    pub fn succeeded(&self, attempt: &Try) {
        self.tables().familiar.put(attempt.clone(), Failures::default());
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn held(wait: i64, why: impl FnOnce(i64) -> Held) -> Result<(), Held> {
    if wait > 0 { Err(why(wait)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn attempt(account: &str, address: [u8; 4]) -> Try {
        Try::new(account, IpAddr::from(address))
    }

    /// Guesses wrong as often as it may in `until` milliseconds, every second; how often it may.
    fn guesses(lockout: &Lockout, attempt: &Try, until: i64) -> usize {
        (0..until / 1000)
            .filter(|second| {
                let admitted = lockout.admit(attempt, second * 1000).is_ok();
                if admitted {
                    lockout.failed(attempt, second * 1000);
                }
                admitted
            })
            .count()
    }

    #[test]
    fn the_waits_for_an_account_grow_and_end() {
        let lockout = Lockout::default();
        let mut waits = Vec::new();
        let mut now = 0;
        for address in 1..=12 {
            let attempt = attempt("a@b.c", [10, 0, 0, address]);
            if let Err(Held::Account { wait }) = lockout.admit(&attempt, now) {
                waits.push(wait / 1000);
                now += wait;
            }
            assert_eq!(lockout.admit(&attempt, now), Ok(()));
            lockout.failed(&attempt, now);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn ten_thousand_guesses_reach_the_hash_a_few_times() {
        let lockout = Lockout::default();
        let found = guesses(&lockout, &attempt("a@b.c", [10, 0, 0, 1]), 10_000_000);
        assert!(found <= 25, "{found} of 10 000 in three hours");
    }

    #[test]
    fn an_address_has_twenty_failures_in_a_window() {
        let lockout = Lockout::default();
        let from = [10, 0, 0, 1];
        for number in 0..20 {
            let attempt = attempt(&format!("{number}@b.c"), from);
            assert_eq!(lockout.admit(&attempt, 1000), Ok(()), "{number}");
            lockout.failed(&attempt, 1000);
        }
        let next = attempt("next@b.c", from);
        assert_eq!(lockout.admit(&next, 1000 + MINUTE), Err(Held::Address { wait: 14 * MINUTE }));
        assert_eq!(lockout.admit(&attempt("next@b.c", [10, 0, 0, 2]), 1000), Ok(()));
        assert_eq!(lockout.admit(&next, 1000 + 15 * MINUTE), Ok(()), "a new window begins");
    }

    #[test]
    fn strangers_keep_nobody_out_who_works_from_the_usual_place() {
        let lockout = Lockout::default();
        let owner = attempt("a@b.c", [192, 0, 2, 1]);
        lockout.succeeded(&owner);
        for number in 0..200 {
            lockout.failed(&attempt("a@b.c", [10, 0, 0, number]), 0);
        }
        let new_place = attempt("a@b.c", [192, 0, 2, 2]);
        assert!(lockout.admit(&new_place, 1).is_err());
        assert_eq!(lockout.admit(&owner, 1), Ok(()));
        assert_eq!(lockout.admit(&new_place, LONGEST_WAIT), Ok(()), "not for good");
        // And from the usual place nobody guesses any faster.
        assert!(guesses(&lockout, &owner, 10_000_000) <= 25);
    }

    #[test]
    fn a_right_password_ends_the_waiting() {
        let lockout = Lockout::default();
        let owner = attempt("a@b.c", [192, 0, 2, 1]);
        for _ in 0..4 {
            lockout.failed(&owner, 0);
        }
        lockout.succeeded(&owner);
        for _ in 0..4 {
            lockout.failed(&owner, 0);
        }
        assert_eq!(lockout.admit(&owner, 1), Ok(()));
    }

    #[test]
    fn failures_are_forgotten_after_a_silence() {
        let lockout = Lockout::default();
        let owner = attempt("a@b.c", [192, 0, 2, 1]);
        for round in 0..10 {
            let now = round * WINDOW;
            for _ in 0..4 {
                assert_eq!(lockout.admit(&owner, now), Ok(()), "{round}");
                lockout.failed(&owner, now);
            }
        }
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let of = |text: &str| Try::new("a", text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let lockout = Lockout::default();
        for number in 0..40_000_u32 {
            let attempt = attempt(&number.to_string(), number.to_be_bytes());
            lockout.failed(&attempt, 0);
            lockout.succeeded(&attempt);
        }
        let tables = lockout.tables();
        let kept = [tables.accounts.len(), tables.addresses.len(), tables.familiar.len()];
        assert!(kept.iter().all(|kept| *kept <= ENTRIES.get()), "{kept:?}");
    }
}
