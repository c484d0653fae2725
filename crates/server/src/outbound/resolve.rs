//! Names to addresses, once for each connection: what is looked up here is checked here, and nothing
//! else is connected to.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::policy::Policy;

/// Look-ups at the same time. The system's resolver blocks a thread, and cannot be interrupted.
const LOOKUPS: usize = 16;
/// Addresses of one name that are tried; all of them are checked.
const TRIED: usize = 8;

/// Finds the addresses of a name.
pub(super) trait Lookup: Send + Sync + 'static {
    /// All addresses of `host`.
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver: `/etc/hosts`, DNS, whatever it is set up for.
#[derive(Debug)]
pub(super) struct System {
    free: Arc<Semaphore>,
}

impl Default for System {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Lookup for System {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let free = Arc::clone(&self.free);
        Box::pin(async move {
            let place = free.acquire_owned().await.map_err(io::Error::other)?;
            let work = move || {
                // Given back when the look-up ends, also when nobody waits for it any longer.
                let _place = place;
                let found = (host.as_str(), 0).to_socket_addrs()?;
                Ok(found.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
        })
    }
}

/// The resolver of the client: gives out checked addresses only.
pub(super) struct Guarded {
    pub(super) policy: Arc<Policy>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let policy = Arc::clone(&self.policy);
        let found = self.lookup.lookup(host.clone());
        Box::pin(async move {
            let addresses = found.await?;
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no address").into());
            }
            policy.check_addresses(&host, &addresses)?;
            let tried = addresses.into_iter().take(TRIED);
            // The connector puts in the URL's port.
            let tried: Addrs = Box::new(tried.map(|address| SocketAddr::new(address, 0)));
            Ok(tried)
        })
    }
}
