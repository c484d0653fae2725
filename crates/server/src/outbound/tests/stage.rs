//! Listeners that must not be reached, servers that may, and a resolver that says what it is told.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;

use crate::config::OutboundConfig;

use super::super::client::Outbound;
use super::super::gate::GateLimits;
use super::super::resolve::Lookup;

/// Counts connections and answers none.
pub(super) struct Canary {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Canary {
    /// On every address of this machine: loopback, link-local, whatever its network is.
    pub(super) async fn everywhere() -> Self {
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(both) => both,
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        Self::on(listener)
    }

    pub(super) fn on(listener: TcpListener) -> Self {
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, connections }
    }

    /// Connections so far, those included that are on their way.
    pub(super) async fn connections(&self) -> usize {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        self.connections.load(Ordering::SeqCst)
    }
}

/// Serves `router` on a free port of `address`.
pub(super) async fn serve(address: &str, router: Router) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let bound = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    bound
}

/// Says for each look-up what a function says, and counts them.
pub(super) struct Told<F> {
    say: F,
    asked: AtomicUsize,
}

impl<F: Fn(&str, usize) -> Vec<IpAddr> + Send + Sync + 'static> Told<F> {
    /// `say` gets the name and how often was asked before.
    pub(super) fn new(say: F) -> Arc<Self> {
        Arc::new(Self { say, asked: AtomicUsize::new(0) })
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl<F: Fn(&str, usize) -> Vec<IpAddr> + Send + Sync + 'static> Lookup for Told<F> {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        let said = (self.say)(&host, before);
        Box::pin(async move { Ok(said) })
    }
}

/// Every name is this machine.
pub(super) fn all_is_here() -> Arc<impl Lookup> {
    Told::new(|_, _| vec![Ipv4Addr::LOCALHOST.into()])
}

/// A client with these allowances.
pub(super) fn client(lookup: Arc<impl Lookup>, networks: &[&str], ports: &[u16]) -> Outbound {
    client_with(lookup, networks, ports, GateLimits::default())
}

/// The same, and so many calls at once.
pub(super) fn client_with(
    lookup: Arc<impl Lookup>,
    networks: &[&str],
    ports: &[u16],
    limits: GateLimits,
) -> Outbound {
    let config = OutboundConfig {
        allow_hosts: Vec::new(),
        allow_networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
        allow_ports: ports.to_vec(),
    };
    Outbound::with(&config, lookup, limits)
}

/// The address under which this machine's network knows it, if it has any. Nothing is sent.
pub(super) fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
