//! How long a caller waits (`spec` http 1.7): the time runs while the turn is queued and between
//! instructions, stands still while an instruction works, and starts anew behind it.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::{Answer, TurnError};

/// What a turn tells its caller while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    /// Between instructions.
    Idle,
    /// In an instruction that takes its time.
    Working,
}

/// Waits for the answer, or until patience ends.
pub(super) async fn wait(
    mut answer: oneshot::Receiver<Result<Answer, TurnError>>,
    mut activity: watch::Receiver<Activity>,
    timeout: Duration,
) -> Result<Answer, TurnError> {
    let mut deadline = Instant::now() + timeout;
    let mut told = true;
    loop {
        let working = *activity.borrow_and_update() == Activity::Working;
        tokio::select! {
            biased;
            result = &mut answer => return result.unwrap_or_else(|_| {
                Err(TurnError::NotStored("the turn ended without an answer".to_owned()))
            }),
            changed = activity.changed(), if told => {
                // The turn drops its end when all instructions are done.
                told = changed.is_ok();
                deadline = Instant::now() + timeout;
            }
            () = sleep_until(deadline), if !(working && told) => return Err(TurnError::TimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_caller_waits_no_longer_than_its_timeout() {
        let (_answer, receiver) = oneshot::channel();
        let (_activity, activity) = watch::channel(Activity::Idle);
        let started = Instant::now();
        assert_eq!(wait(receiver, activity, 5 * SECOND).await, Err(TurnError::TimedOut));
        assert_eq!(started.elapsed(), 5 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_working_instruction_stops_the_clock_and_its_end_restarts_it() {
        let (answer, receiver) = oneshot::channel();
        let (activity, watched) = watch::channel(Activity::Idle);
        let waiting = tokio::spawn(wait(receiver, watched, 5 * SECOND));
        tokio::time::sleep(4 * SECOND).await;
        activity.send_replace(Activity::Working);
        tokio::time::sleep(8 * SECOND).await;
        activity.send_replace(Activity::Idle);
        tokio::time::sleep(4 * SECOND).await;
        let said = Answer { responses: Vec::new(), inspection: None };
        answer.send(Ok(said.clone())).unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(said));
    }
}
