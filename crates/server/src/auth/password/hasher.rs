//! Where passwords are hashed: on blocking threads, few at the same time, with a bounded queue, so
//! that a flood of logins takes neither the memory nor the cores that conversations need.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::hash::{HashError, Verdict, hash, verify, wrap_v12};
use super::{Password, PasswordPolicy, Weakness};
use crate::clock::secret_bytes;

/// So many hashes at the same time at most, of 19 MiB each.
const MAX_AT_ONCE: usize = 4;

/// So many wait at most: about a second's worth.
const MAX_WAITING: usize = 32;

/// When somebody who found the queue full should come back, in seconds.
const RETRY_AFTER_SECS: u32 = 2;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    /// Those that wait and those that run.
    places: Arc<Semaphore>,
    /// Those that run.
    running: Arc<Semaphore>,
}

impl Default for Hasher {
    /// Takes at most half of the cores.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new((cores / 2).clamp(1, MAX_AT_ONCE), MAX_WAITING)
    }
}

impl Hasher {
    /// Hashes `at_once` passwords at the same time, while at most `waiting` wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
            running: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Waits for a place. Who must decide something right before the costly check does it then.
    pub async fn enter(&self) -> Result<Place, HashError> {
        let busy = |_| HashError::Busy { retry_after_secs: RETRY_AFTER_SECS };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await;
        Ok(Place { _place: place, _turn: turn.map_err(|_| HashError::CutShort)? })
    }

    /// The form in which a new password is stored.
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        let salt = secret_bytes()?;
        self.run(move || hash(&password, salt)).await?
    }

    /// The form in which a password hash of v12 is stored: its `salt` and `password` fields.
    pub async fn take_over_v12(&self, salt: String, hash: String) -> Result<String, HashError> {
        let own = secret_bytes()?;
        self.run(move || wrap_v12(&salt, &hash, own)).await?
    }

    /// Whether a new password is good enough. Judging a long one takes milliseconds, so it queues
    /// with the others.
    pub async fn judge(
        &self,
        policy: PasswordPolicy,
        password: Password,
        email: String,
    ) -> Result<Result<(), Weakness>, HashError> {
        self.run(move || policy.check(&password, &email)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        self.enter().await?.run(work).await
    }
}

/// A place among those that hash now.
#[derive(Debug)]
pub struct Place {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Place {
    /// Checks a password against the stored form of an account, or of none: that takes as long.
    pub async fn check(
        self,
        stored: Option<String>,
        password: Password,
    ) -> Result<Verdict, HashError> {
        self.run(move || verify(stored.as_deref(), &password)).await?
    }

    /// The place goes along: a caller that leaves makes no room while its hash still runs.
    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let done = spawn_blocking(move || {
            let result = work();
            drop(self);
            result
        });
        done.await.map_err(|_| HashError::CutShort)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_password_hashed_here_is_right_here() {
        let hasher = Hasher::default();
        let stored = hasher.hash(Password::new("secret")).await.unwrap();
        let again = hasher.hash(Password::new("secret")).await.unwrap();
        assert_ne!(stored, again, "every hash has a salt of its own");
        let place = hasher.enter().await.unwrap();
        let right = place.check(Some(stored), Password::new("secret")).await;
        assert_eq!(right, Ok(Verdict::Right { outdated: false }));
    }

    #[tokio::test]
    async fn what_finds_the_queue_full_is_told_to_come_back() {
        let hasher = Hasher::new(1, 1);
        let (release, released) = mpsc::channel::<()>();
        let running = hasher.run(move || released.recv());
        let waiting = hasher.run(|| ());
        let late = async {
            let late = hasher.run(|| ()).await;
            release.send(()).unwrap();
            late
        };
        let (running, waiting, late) = tokio::join!(running, waiting, late);
        assert_eq!(late, Err(HashError::Busy { retry_after_secs: RETRY_AFTER_SECS }));
        assert!(running.is_ok() && waiting.is_ok());
        assert!(hasher.run(|| ()).await.is_ok(), "there is room again");
    }

    #[tokio::test]
    async fn callers_that_leave_make_no_room_for_more_at_once() {
        let hasher = Hasher::new(1, 0);
        let (release, released) = mpsc::channel::<()>();
        let gone =
            tokio::time::timeout(Duration::from_millis(20), hasher.run(move || released.recv()));
        assert!(gone.await.is_err());
        assert!(matches!(hasher.run(|| ()).await, Err(HashError::Busy { .. })));
        release.send(()).unwrap();
    }
}
