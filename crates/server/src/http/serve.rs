//! The listener and its connections: limits against slow, large and endless clients, and a stop
//! that lets requests in flight finish.
//!
//! HTTP/1.1 only, with hyper: the limits of a connection are hyper's, those of a request's body are
//! in `body`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::client_ip::Peer;
use super::stall::Stall;
use crate::ops::lifecycle::Lifecycle;

/// Pause after a connection could not be taken, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Smallest buffer that hyper allows.
const SMALLEST_BUFFER: usize = 8192;

/// Limits of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Most connections at a time; further ones wait in the kernel's queue. Each takes some 20 KB,
    /// mostly buffers.
    pub most: usize,
    /// Time for the head of a request, from the end of the one before: it ends slow clients and
    /// idle connections alike. Behind a proxy that keeps connections, longer than the proxy's own.
    pub head_timeout: Duration,
    /// Time without any progress of a write, after which a client that reads nothing is left.
    pub write_timeout: Duration,
    /// Largest head of a request, in bytes (431).
    pub head_bytes: usize,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 2048,
            head_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            head_bytes: 32 * 1024,
        }
    }
}

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error(
        "port {port} on {host} is already in use: stop the program that listens there (`ss -ltnp \
         'sport = :{port}'` names it), or choose another port with --port N, PORT=N or \
         httpServer.port"
    )]
    InUse {
        /// Configured host.
        host: String,
        /// Configured port.
        port: u16,
    },
    /// Low ports belong to the system.
    #[error(
        "port {port} on {host} may not be opened by this user: choose one above 1023 with --port \
         N, PORT=N or httpServer.port, and let a reverse proxy listen on {port}"
    )]
    Forbidden {
        /// Configured host.
        host: String,
        /// Configured port.
        port: u16,
    },
    /// The host is not one of this machine, or has no address.
    #[error(
        "cannot listen on {host}:{port}: {source}; --host, BP_HOST or httpServer.host must be an \
         address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all of them"
    )]
    Other {
        /// Configured host.
        host: String,
        /// Configured port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
}

/// Opens the port; 0 takes any free one. A port that is taken is an error, never another port.
pub async fn bind(host: &str, port: u16) -> Result<TcpListener, BindError> {
    // An address in brackets is how URLs write IPv6.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    TcpListener::bind((bare, port)).await.map_err(|source| {
        let host = host.to_owned();
        match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { host, port },
            io::ErrorKind::PermissionDenied => BindError::Forbidden { host, port },
            _ => BindError::Other { host, port, source },
        }
    })
}

/// Takes connections until the lifecycle stops. Each is work of the lifecycle, whose drain waits
/// for the requests in flight; idle connections end at once.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Connections,
    lifecycle: Lifecycle,
) {
    let room = Arc::new(Semaphore::new(limits.most));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = lifecycle.stopping().cancelled() => break,
        };
        let Some((stream, address, permit)) = accepted else { break };
        let stop = lifecycle.stopping().clone();
        let peer = Peer(address.ip());
        let connection = Connection { router: router.clone(), peer, limits, stop };
        // In a box, or every layer around it would keep a copy of its size.
        let task = Box::pin(async move {
            connection.run(stream).await;
            drop(permit);
        });
        lifecycle.spawn_work("connection", task);
    }
}

/// The next connection, once there is room for it; `None` when the room is closed for good.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return Some((stream, address, permit)),
            // The client has left again.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Connection {
    router: Router,
    peer: Peer,
    limits: Connections,
    stop: CancellationToken,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
        let Self { router, peer, limits, stop } = self;
        let io = TokioIo::new(Stall::new(stream, limits.write_timeout));
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.clone().call(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // A client may end its side after the request, as Node's server lets it.
            .half_close(true)
            .header_read_timeout(limits.head_timeout)
            .max_header_size(limits.head_bytes)
            .max_buf_size(limits.head_bytes.saturating_mul(2).max(SMALLEST_BUFFER))
            .serve_connection(io, service);
        let mut connection = std::pin::pin!(connection);
        let done = tokio::select! {
            done = connection.as_mut() => done,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = done {
            tracing::debug!(%error, peer = %peer.0, "a connection ended early");
        }
    }
}
