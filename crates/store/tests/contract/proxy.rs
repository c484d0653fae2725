//! Sits between the store and PostgreSQL and breaks the connection in the middle of a COMMIT.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What happens to the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    /// Nothing.
    Never = 0,
    /// The server never sees it.
    Before = 1,
    /// The server does it, but its answer does not arrive.
    After = 2,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    cut: Arc<AtomicU8>,
}

impl Proxy {
    /// Forwards to the socket of a server.
    pub(crate) fn new(server: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(Cut::Never as u8));
        let shared = Arc::clone(&cut);
        // Ends with the test process.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                forward(client.unwrap(), &server, &shared);
            }
        });
        Self { port, cut }
    }

    pub(crate) fn cut_next(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }
}

fn forward(client: TcpStream, server: &Path, cut: &Arc<AtomicU8>) {
    let server = UnixStream::connect(server).unwrap();
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let copied = std::io::copy(&mut from_server, &mut to_client);
        let _ = (copied, to_client.shutdown(Shutdown::Both));
    });
    let (mut from_client, mut to_server, cut) = (client, server, Arc::clone(cut));
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut buffer) {
            let message = buffer.get(..length).unwrap_or_default();
            let commit = message.windows(7).any(|window| window == b"COMMIT\0");
            if commit && cut.load(Ordering::SeqCst) != Cut::Never as u8 {
                let cut = cut.swap(Cut::Never as u8, Ordering::SeqCst);
                // No answer gets through from here on.
                let _ = from_client.shutdown(Shutdown::Both);
                if cut == Cut::After as u8 {
                    to_server.write_all(message).unwrap();
                    // The server must not see the end of the connection before the COMMIT.
                    std::thread::sleep(std::time::Duration::from_millis(200));
                }
                break;
            }
            if to_server.write_all(message).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
}
