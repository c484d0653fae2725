//! Threads that each own one connection.
//!
//! A session of SQLite blocks, so it must not run among the server's tasks; and without a thread
//! change per statement it is three times as fast.

use std::thread::JoinHandle;

use tokio::sync::oneshot;

/// A running thread.
#[derive(Debug)]
pub(crate) struct Thread {
    handle: JoinHandle<()>,
    ended: oneshot::Receiver<()>,
}

/// Runs `work` on a thread of its own. A `remote` session needs sockets to be watched.
pub(crate) fn start<F>(
    name: &str,
    remote: bool,
    work: impl FnOnce() -> F + Send + 'static,
) -> std::io::Result<Thread>
where
    F: Future<Output = ()>,
{
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time();
    if remote {
        runtime.enable_io();
    }
    let runtime = runtime.build()?;
    let (end, ended) = oneshot::channel();
    let handle = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        // Dropped at the end, also after a panic.
        let _end: oneshot::Sender<()> = end;
        runtime.block_on(work());
    })?;
    Ok(Thread { handle, ended })
}

impl Thread {
    /// Waits for the end.
    pub(crate) async fn join(self) {
        // An error says that the sender was dropped: that is the end.
        let _ = self.ended.await;
        let name = self.handle.thread().name().unwrap_or("store").to_owned();
        if self.handle.join().is_err() {
            tracing::error!(name, "a thread of the store panicked");
        }
    }
}
