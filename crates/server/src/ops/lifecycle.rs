//! Start, stop, and every task in between.
//!
//! All tasks are spawned here. *Work* (connections, turns) is finished before the process ends;
//! *background* tasks (loops) are not, they end when the work has. Shutdown goes: signal →
//! [`Lifecycle::stopping`] → no new work → [`Lifecycle::drain`] → the rest is dropped.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use super::metrics;

/// How long work in flight may take at shutdown, unless another time is given.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// How long dropped tasks may take to go.
const GRACE: Duration = Duration::from_secs(1);

/// Shared by all who spawn and all who must know when to stop. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stopping: CancellationToken,
    /// Nobody waits for work any longer.
    hurried: CancellationToken,
    /// Whatever still runs is dropped.
    aborted: CancellationToken,
    work: TaskTracker,
    background: TaskTracker,
}

/// Why a task has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// It panicked: a bug.
    #[error("the task panicked")]
    Panicked,
    /// The process ended first.
    #[error("the server stopped first")]
    Aborted,
}

/// A spawned task: a future of its result. Dropping it leaves the task running.
#[derive(Debug)]
pub struct Task<T>(JoinHandle<Result<T, Ended>>);

impl<T> Future for Task<T> {
    type Output = Result<T, Ended>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| joined.unwrap_or(Err(Ended::Aborted)))
    }
}

/// Work that somebody waits for: it runs in the task that polls it, which saves a task and the way
/// between two. Dropped before its end, it goes on in a task of its own.
pub struct Attended<T: Send + 'static> {
    name: &'static str,
    /// `None` once it has ended.
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    lifecycle: Lifecycle,
}

impl<T: Send + 'static> Future for Attended<T> {
    type Output = Result<T, Ended>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Taken out, so that what has panicked is not polled again.
        let Some(mut work) = self.work.take() else {
            return Poll::Ready(Err(Ended::Panicked));
        };
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
            Ok(Poll::Pending) => {
                self.work = Some(work);
                Poll::Pending
            }
            Err(_) => Poll::Ready(Err(panicked(self.name))),
        }
    }
}

impl<T: Send + 'static> Drop for Attended<T> {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the work with it.
        if let Some(work) = self.work.take()
            && Handle::try_current().is_ok()
        {
            self.lifecycle.spawn_work(self.name, work);
        }
    }
}

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Work that was dropped because it took too long.
    pub dropped: usize,
    /// Tasks that did not even go when they were dropped.
    pub stuck: usize,
}

impl Lifecycle {
    /// Spawns a background task, such as a loop. It may run until the work is done; one that should
    /// end earlier watches [`Self::stopping`].
    pub fn spawn<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        Task(self.0.background.spawn(guarded(name, task, self.0.aborted.clone())))
    }

    /// Spawns work: a connection, a turn. Shutdown waits for it.
    pub fn spawn_work<T: Send + 'static>(
        &self,
        name: &'static str,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        Task(self.0.work.spawn(guarded(name, task, self.0.aborted.clone())))
    }

    /// Work that the caller waits for and that is finished even if the caller goes away.
    pub fn attend<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Attended<T> {
        Attended { name, work: Some(Box::pin(work)), lifecycle: self.clone() }
    }

    /// Fires when the shutdown begins: take no new work.
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// Begins the shutdown.
    pub fn stop(&self) {
        self.0.stopping.cancel();
    }

    /// Stops at the first SIGTERM or SIGINT; the second ends the waiting for work. Call it within
    /// the runtime.
    pub fn stop_at_signals(&self) -> io::Result<()> {
        let mut signals = Signals::listen()?;
        let lifecycle = self.clone();
        self.spawn("signals", async move {
            let name = signals.next().await;
            info!(signal = name, "stopping: turns in flight are finished first");
            lifecycle.stop();
            let name = signals.next().await;
            warn!(signal = name, "stopping at once");
            lifecycle.0.hurried.cancel();
        });
        Ok(())
    }

    /// Waits for the work, up to `patience`, and then drops whatever is left. Begins the shutdown if
    /// nobody has.
    pub async fn drain(&self, patience: Duration) -> Drained {
        self.stop();
        self.0.work.close();
        tokio::select! {
            () = self.0.work.wait() => {}
            () = sleep(patience) => {}
            () = self.0.hurried.cancelled() => {}
        }
        let dropped = self.0.work.len();
        if dropped > 0 {
            warn!(dropped, "work was not finished in time and is dropped");
        }
        self.0.aborted.cancel();
        self.0.background.close();
        let gone = async {
            self.0.work.wait().await;
            self.0.background.wait().await;
        };
        let stuck = match timeout(GRACE, gone).await {
            Ok(()) => 0,
            Err(_) => self.0.work.len() + self.0.background.len(),
        };
        Drained { dropped, stuck }
    }
}

/// A panic is told and counted, and ends this task alone.
async fn guarded<T>(
    name: &'static str,
    task: impl Future<Output = T>,
    aborted: CancellationToken,
) -> Result<T, Ended> {
    tokio::select! {
        biased;
        () = aborted.cancelled() => Err(Ended::Aborted),
        result = AssertUnwindSafe(task).catch_unwind() => result.map_err(|_| panicked(name)),
    }
}

fn panicked(name: &'static str) -> Ended {
    error!(task = name, "a task panicked");
    metrics::task_panicked(name);
    Ended::Panicked
}

/// The signals that ask to stop.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// The signals that ask to stop.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> &'static str {
        self.0.recv().await;
        "Ctrl-C"
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot;

    use super::*;

    const SHORT: Duration = Duration::from_millis(30);
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn shutdown_waits_for_work_and_not_for_background_tasks() {
        let lifecycle = Lifecycle::default();
        let (release, released) = oneshot::channel::<()>();
        let work = lifecycle.spawn_work("turn", async move {
            released.await.unwrap();
            7
        });
        let loops = lifecycle.spawn("loop", pending::<()>());
        let stopping = lifecycle.stopping().clone();
        tokio::spawn(async move {
            stopping.cancelled().await;
            sleep(SHORT).await;
            release.send(()).unwrap();
        });
        assert_eq!(lifecycle.drain(LONG).await, Drained { dropped: 0, stuck: 0 });
        assert_eq!((work.await, loops.await), (Ok(7), Err(Ended::Aborted)));
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_dropped() {
        let lifecycle = Lifecycle::default();
        let work = lifecycle.spawn_work("turn", pending::<()>());
        assert_eq!(lifecycle.drain(SHORT).await, Drained { dropped: 1, stuck: 0 });
        assert_eq!(work.await, Err(Ended::Aborted));
    }

    #[tokio::test]
    async fn a_panic_ends_its_task_alone() {
        let lifecycle = Lifecycle::default();
        let bad = lifecycle.spawn_work("bad", async { panic!("on purpose") });
        let good = lifecycle.spawn_work("good", async { 1 });
        let bad: Result<(), Ended> = bad.await;
        assert_eq!((bad, good.await), (Err(Ended::Panicked), Ok(1)));
        assert_eq!(lifecycle.drain(LONG).await, Drained { dropped: 0, stuck: 0 });
    }

    #[tokio::test]
    async fn attended_work_goes_on_when_its_caller_goes_away() {
        let lifecycle = Lifecycle::default();
        let (release, released) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let work = lifecycle.attend("turn", async move {
            released.await.unwrap();
            done.send(7).unwrap();
        });
        assert!(timeout(SHORT, work).await.is_err());
        release.send(()).unwrap();
        assert_eq!(lifecycle.drain(LONG).await, Drained { dropped: 0, stuck: 0 });
        assert_eq!(is_done.await, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_of_attended_work_is_told_its_caller_once() {
        let lifecycle = Lifecycle::default();
        let mut bad = Box::pin(lifecycle.attend("bad", async { panic!("on purpose") }));
        let ended: Result<(), Ended> = bad.as_mut().await;
        assert_eq!(ended, Err(Ended::Panicked));
        drop(bad);
        assert_eq!(lifecycle.0.work.len(), 0);
        assert_eq!(lifecycle.attend("good", async { 1 }).await, Ok(1));
    }

    /// One test for both, since signals reach everyone in the process.
    #[cfg(unix)]
    #[tokio::test]
    async fn the_first_signal_stops_and_the_second_ends_the_waiting() {
        use rustix::process::{Signal, getpid, kill_process};

        let lifecycle = Lifecycle::default();
        lifecycle.stop_at_signals().unwrap();
        let _endless = lifecycle.spawn_work("turn", pending::<()>());
        kill_process(getpid(), Signal::TERM).unwrap();
        timeout(LONG, lifecycle.stopping().cancelled()).await.unwrap();
        assert!(!lifecycle.0.hurried.is_cancelled());
        kill_process(getpid(), Signal::INT).unwrap();
        let drained = timeout(LONG, lifecycle.drain(LONG * 10)).await.unwrap();
        assert_eq!(drained, Drained { dropped: 1, stuck: 0 });
    }
}
