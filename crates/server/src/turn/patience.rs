//! How long a caller waits (`spec` http 1.7): the time runs while the turn is queued and between
//! instructions, stands still while an instruction works, and starts anew behind it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// What a turn tells its caller while it runs: the beginnings and ends of instructions that take
/// their time, counted. An odd count says that one works.
#[derive(Debug, Default)]
pub(super) struct Activity(AtomicU64);

impl Activity {
    /// An instruction begins to work.
    pub(super) fn begin(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// It has ended.
    pub(super) fn end(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Waits for a turn that tells of its `activity`; `None` when patience ends first.
///
/// The turn is polled here, and its activity changes at no other time.
pub(super) async fn wait<T>(
    turn: impl Future<Output = T>,
    activity: &Activity,
    timeout: Duration,
) -> Option<T> {
    let mut turn = pin!(turn);
    let mut end = pin!(sleep(timeout));
    let mut seen = activity.count();
    poll_fn(|context| {
        if let Poll::Ready(result) = turn.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        let count = activity.count();
        if count != seen {
            seen = count;
            end.as_mut().reset(Instant::now() + timeout);
        }
        if count % 2 == 1 {
            return Poll::Pending;
        }
        end.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_caller_waits_no_longer_than_its_timeout() {
        let started = Instant::now();
        let activity = Activity::default();
        assert_eq!(wait(pending::<()>(), &activity, 5 * SECOND).await, None);
        assert_eq!(started.elapsed(), 5 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_working_instruction_stops_the_clock_and_its_end_restarts_it() {
        let activity = Activity::default();
        let turn = async {
            sleep(4 * SECOND).await;
            activity.begin();
            sleep(8 * SECOND).await;
            activity.end();
            sleep(4 * SECOND).await;
        };
        assert_eq!(wait(turn, &activity, 5 * SECOND).await, Some(()));
        let turn = async {
            activity.begin();
            activity.end();
            sleep(6 * SECOND).await;
        };
        assert_eq!(wait(turn, &activity, 5 * SECOND).await, None);
    }
}
