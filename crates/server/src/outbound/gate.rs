//! How many calls there may be at once, in all and to one host, and how many may wait for that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct GateLimits {
    /// Calls at once.
    pub(super) running: usize,
    /// Calls at once to one host.
    pub(super) running_per_host: usize,
    /// Calls that wait, besides those that run.
    pub(super) waiting: usize,
    /// The same for one host.
    pub(super) waiting_per_host: usize,
}

impl Default for GateLimits {
    fn default() -> Self {
        Self { running: 64, running_per_host: 16, waiting: 256, waiting_per_host: 64 }
    }
}

/// Gives out places for calls.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    limits: GateLimits,
    running: Arc<Semaphore>,
    /// One entry for each host that somebody calls or waits for.
    hosts: Arc<Mutex<Hosts>>,
}

#[derive(Debug, Default)]
struct Hosts {
    /// Places in all, of those who wait and those who run.
    taken: usize,
    by_name: HashMap<String, Host>,
}

#[derive(Debug)]
struct Host {
    taken: usize,
    running: Arc<Semaphore>,
}

/// Too many wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// A place: the call may go on while it is held.
#[derive(Debug)]
pub(super) struct Place {
    // Given back in this order: a host is forgotten when nobody has a permit of it.
    _permits: [OwnedSemaphorePermit; 2],
    _waiting: Waiting,
}

/// Being counted; ends with the place, or with whoever gave up waiting for one.
#[derive(Debug)]
struct Waiting {
    hosts: Arc<Mutex<Hosts>>,
    host: String,
}

impl Gate {
    pub(super) fn new(limits: GateLimits) -> Self {
        Self { limits, running: Arc::new(Semaphore::new(limits.running)), hosts: Arc::default() }
    }

    /// Waits for a place, unless too many do already.
    pub(super) async fn enter(&self, host: &str) -> Result<Place, Full> {
        let (waiting, of_host) = self.queue(host)?;
        // The host's first: whoever waits for a slow host must not keep others from theirs. No
        // semaphore is ever closed.
        let of_host = of_host.acquire_owned().await.map_err(|_| Full)?;
        let of_all = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Full)?;
        Ok(Place { _permits: [of_host, of_all], _waiting: waiting })
    }

    fn queue(&self, name: &str) -> Result<(Waiting, Arc<Semaphore>), Full> {
        let limits = self.limits;
        let mut hosts = lock(&self.hosts);
        let of_host = hosts.by_name.get(name).map_or(0, |host| host.taken);
        let full = hosts.taken >= limits.running + limits.waiting
            || of_host >= limits.running_per_host + limits.waiting_per_host;
        if full {
            return Err(Full);
        }
        hosts.taken += 1;
        let host = hosts.by_name.entry(name.to_owned()).or_insert_with(|| Host {
            taken: 0,
            running: Arc::new(Semaphore::new(limits.running_per_host)),
        });
        host.taken += 1;
        let waiting = Waiting { hosts: Arc::clone(&self.hosts), host: name.to_owned() };
        Ok((waiting, Arc::clone(&host.running)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut hosts = lock(&self.hosts);
        hosts.taken = hosts.taken.saturating_sub(1);
        if let Some(host) = hosts.by_name.get_mut(&self.host) {
            host.taken = host.taken.saturating_sub(1);
            if host.taken == 0 {
                hosts.by_name.remove(&self.host);
            }
        }
    }
}

fn lock(hosts: &Mutex<Hosts>) -> MutexGuard<'_, Hosts> {
    hosts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const LIMITS: GateLimits =
        GateLimits { running: 3, running_per_host: 2, waiting: 2, waiting_per_host: 1 };

    #[tokio::test]
    async fn a_host_takes_no_more_calls_than_its_own_and_others_still_have_theirs() {
        let gate = Gate::new(LIMITS);
        let first = gate.enter("a").await.unwrap();
        let _second = gate.enter("a").await.unwrap();
        let mut third = Box::pin(gate.enter("a"));
        assert!(third.as_mut().now_or_never().is_none());
        assert_eq!(gate.enter("a").await.unwrap_err(), Full);
        let _other = gate.enter("b").await.unwrap();
        drop(first);
        assert!(third.await.is_ok());
    }

    #[tokio::test]
    async fn all_calls_together_have_an_end() {
        let gate = Gate::new(LIMITS);
        let mut running = Vec::new();
        for host in ["a", "b", "c"] {
            running.push(gate.enter(host).await.unwrap());
        }
        let mut waiting: Vec<_> = ["d", "e"].map(|host| Box::pin(gate.enter(host))).into();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert_eq!(gate.enter("f").await.unwrap_err(), Full);
        running.pop();
        assert!(waiting.remove(0).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_leaves_or_gives_up_waiting_is_forgotten() {
        let gate = Gate::new(LIMITS);
        let places = [gate.enter("a").await.unwrap(), gate.enter("a").await.unwrap()];
        let mut third = Box::pin(gate.enter("a"));
        assert!(third.as_mut().now_or_never().is_none());
        drop(third);
        drop(places);
        let hosts = lock(&gate.hosts);
        assert!(hosts.taken == 0 && hosts.by_name.is_empty());
    }
}
