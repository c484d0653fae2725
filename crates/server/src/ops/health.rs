//! Whether the server can answer: what the probes show.
//!
//! Written by start-up, shutdown and whoever watches the database; read by the probes, without
//! waiting for anything.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Shared by all who tell and all who ask.
#[derive(Debug, Clone, Default)]
pub struct Health {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    phase: AtomicU8,
    bots_mounted: AtomicUsize,
    bots_found: AtomicUsize,
    /// Why the database does not answer; `None` while it does.
    database_trouble: RwLock<Option<String>>,
}

/// Where the process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Bots are being mounted.
    Starting,
    /// All bots that can be are mounted.
    Ready,
    /// Turns in flight are being finished; it will not be ready again.
    Stopping,
}

/// Why the server is not ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It is still starting.
    #[error("starting: {mounted} of {found} bots are mounted")]
    Starting {
        /// Bots that were looked at already.
        mounted: usize,
        /// Bots that were found.
        found: usize,
    },
    /// The database does not answer. The reason is for the log, not for strangers.
    #[error("the database does not answer")]
    Database {
        /// What the driver said.
        reason: String,
    },
    /// It is shutting down.
    #[error("stopping")]
    Stopping,
}

impl Health {
    /// Where the process is in its life.
    pub fn phase(&self) -> Phase {
        match self.state.phase.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Stopping,
        }
    }

    /// Goes on to `phase`. There is no way back: an earlier phase changes nothing.
    pub fn set_phase(&self, phase: Phase) {
        self.state.phase.fetch_max(phase as u8, Ordering::AcqRel);
    }

    /// Tells how far mounting is.
    pub fn set_mounted(&self, mounted: usize, found: usize) {
        self.state.bots_mounted.store(mounted, Ordering::Relaxed);
        self.state.bots_found.store(found, Ordering::Relaxed);
    }

    /// Tells whether the database answers; `reason` is why it does not.
    pub fn set_database_ok(&self, ok: bool, reason: &str) {
        let trouble = (!ok).then(|| reason.to_owned());
        *self.state.database_trouble.write().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Whether turns can be answered now, or why not. A server that is not ready is still alive.
    pub fn ready(&self) -> Result<(), NotReady> {
        match self.phase() {
            Phase::Stopping => return Err(NotReady::Stopping),
            Phase::Starting => {
                return Err(NotReady::Starting {
                    mounted: self.state.bots_mounted.load(Ordering::Relaxed),
                    found: self.state.bots_found.load(Ordering::Relaxed),
                });
            }
            Phase::Ready => {}
        }
        let trouble = self.state.database_trouble.read().unwrap_or_else(PoisonError::into_inner);
        match &*trouble {
            Some(reason) => Err(NotReady::Database { reason: reason.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_when_bots_are_mounted_and_the_database_answers() {
        let health = Health::default();
        let shared = health.clone();
        health.set_mounted(2, 5);
        assert_eq!(shared.ready(), Err(NotReady::Starting { mounted: 2, found: 5 }));
        health.set_phase(Phase::Ready);
        assert_eq!(shared.ready(), Ok(()));
        health.set_database_ok(false, "connection refused");
        let reason = "connection refused".to_owned();
        assert_eq!(shared.ready(), Err(NotReady::Database { reason }));
        health.set_database_ok(true, "");
        assert_eq!(shared.ready(), Ok(()));
    }

    #[test]
    fn a_stopping_server_never_becomes_ready_again() {
        let health = Health::default();
        health.set_phase(Phase::Stopping);
        health.set_phase(Phase::Ready);
        assert_eq!((health.phase(), health.ready()), (Phase::Stopping, Err(NotReady::Stopping)));
    }

    #[test]
    fn the_drivers_words_are_not_in_the_message() {
        let trouble = NotReady::Database { reason: "host db.internal".to_owned() };
        assert_eq!(trouble.to_string(), "the database does not answer");
    }
}
