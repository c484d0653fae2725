//! What is counted and timed, one function for each event.
//!
//! Labels come from bounded sets only: never a bot, a user, or anything else from outside.

mod http;
mod names;
mod process;

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use tokio::time::sleep;

use super::lifecycle::Lifecycle;
use crate::bots::Census;
pub use http::Endpoint;

/// How often recorded durations are folded into their buckets when nobody asks for the metrics.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Gives out the metrics in Prometheus' text format.
#[derive(Debug, Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
}

/// Starts recording, for the whole process. Without it nothing is recorded, and nothing fails.
pub fn install(lifecycle: &Lifecycle) -> Result<Exporter, BuildError> {
    let recorder = recorder()?;
    let exporter = Exporter { handle: recorder.handle() };
    metrics::set_global_recorder(recorder)?;
    names::describe();
    let handle = exporter.handle.clone();
    lifecycle.spawn("metrics upkeep", async move {
        // Ends with the process.
        loop {
            sleep(UPKEEP_INTERVAL).await;
            handle.run_upkeep();
        }
    });
    Ok(exporter)
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let suffix = Matcher::Suffix("_seconds".to_owned());
    Ok(PrometheusBuilder::new().set_buckets_for_metric(suffix, &names::SECONDS)?.build_recorder())
}

impl Exporter {
    /// All metrics as they are now.
    pub fn render(&self) -> String {
        if let Some(bytes) = process::resident_bytes() {
            gauge!(names::MEMORY).set(bytes);
        }
        if let Some(seconds) = process::cpu_seconds() {
            gauge!(names::CPU).set(seconds);
        }
        self.handle.render()
    }
}

/// How a turn ended, for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnOutcome {
    /// With an answer.
    Answered,
    /// The caller was told that it took too long.
    TimedOut,
    /// Too many turns were waiting.
    Overloaded,
    /// Its idempotency key belonged to another request.
    KeyReused,
    /// It can never be stored.
    Refused,
    /// It could not be stored.
    NotStored,
    /// It panicked, or the process ended first.
    Failed,
}

/// A turn is over; `duration` counts from its arrival.
pub fn turn_finished(outcome: TurnOutcome, duration: Duration) {
    let outcome = match outcome {
        TurnOutcome::Answered => "answered",
        TurnOutcome::TimedOut => "timed-out",
        TurnOutcome::Overloaded => "overloaded",
        TurnOutcome::KeyReused => "key-reused",
        TurnOutcome::Refused => "refused",
        TurnOutcome::NotStored => "not-stored",
        TurnOutcome::Failed => "failed",
    };
    counter!(names::TURNS, "outcome" => outcome).increment(1);
    histogram!(names::TURN_SECONDS, "outcome" => outcome).record(duration);
}

/// How many turns run, and how many wait for an earlier one of their conversation.
pub fn turns_under_way(running: usize, waiting: usize) {
    let set = |name: &'static str, count: usize| {
        gauge!(name).set(u32::try_from(count).unwrap_or(u32::MAX));
    };
    set(names::TURNS_IN_FLIGHT, running);
    set(names::TURNS_WAITING, waiting);
}

/// A turn is on disk; `duration` counts from when the store got it.
pub fn committed(duration: Duration) {
    histogram!(names::COMMIT_SECONDS).record(duration);
}

/// How many bots there are.
pub fn bots(census: Census) {
    let Census { ready, disabled, failed } = census;
    for (state, count) in [("ready", ready), ("disabled", disabled), ("failed", failed)] {
        gauge!(names::BOTS, "state" => state).set(u32::try_from(count).unwrap_or(u32::MAX));
    }
}

/// What ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// A conversation's context: its timeout flow runs.
    Conversation,
    /// A session: it is deleted.
    Session,
    /// The date of a chat user's attribute: it is forgotten.
    Attribute,
}

/// So many ran out at once.
pub fn expired(kind: Expired, count: u64) {
    let kind = match kind {
        Expired::Conversation => "conversation",
        Expired::Session => "session",
        Expired::Attribute => "attribute",
    };
    counter!(names::EXPIRED, "kind" => kind).increment(count);
}

/// Which limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// That of a client address.
    Ip,
    /// That of an account or an API key.
    Token,
    /// That of a chat user.
    User,
    /// That of a bot.
    Bot,
}

/// A request was refused for coming too often.
pub fn rate_limited(limit: Limit) {
    let limit = match limit {
        Limit::Ip => "ip",
        Limit::Token => "token",
        Limit::User => "user",
        Limit::Bot => "bot",
    };
    counter!(names::RATE_LIMITED, "limit" => limit).increment(1);
}

/// How a call to another server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// With an answer, of whatever status.
    Answered,
    /// A rule forbade it.
    Refused,
    /// Too many calls were waiting.
    Busy,
    /// There was no connection.
    Unreachable,
    /// There was no whole answer in time.
    TimedOut,
    /// The answer was too large or could not be read.
    BadAnswer,
}

/// A call to another server is over; `duration` counts from when it was asked for.
pub fn called(outcome: CallOutcome, duration: Duration) {
    let outcome = match outcome {
        CallOutcome::Answered => "answered",
        CallOutcome::Refused => "refused",
        CallOutcome::Busy => "busy",
        CallOutcome::Unreachable => "unreachable",
        CallOutcome::TimedOut => "timed-out",
        CallOutcome::BadAnswer => "bad-answer",
    };
    counter!(names::CALLS, "outcome" => outcome).increment(1);
    histogram!(names::CALL_SECONDS, "outcome" => outcome).record(duration);
}

/// A failure was not recorded in the audit log, as there were too many of that address.
pub fn audit_left_out() {
    counter!(names::AUDIT_LEFT_OUT).increment(1);
}

/// A task panicked.
pub(super) fn task_panicked(task: &'static str) {
    counter!(names::PANICS, "task" => task).increment(1);
}

#[cfg(test)]
mod tests {
    use metrics::with_local_recorder;

    use super::*;

    /// What `/metrics` shows after `events`.
    fn after(events: impl FnOnce()) -> String {
        let recorder = recorder().unwrap();
        let exporter = Exporter { handle: recorder.handle() };
        with_local_recorder(&recorder, || {
            names::describe();
            events();
            exporter.render()
        })
    }

    fn assert_shows(text: &str, lines: &[&str]) {
        for line in lines {
            assert!(text.lines().any(|shown| shown == *line), "{text}\nlacks\n{line}");
        }
    }

    #[test]
    fn requests_are_counted_by_route_and_timed_in_buckets() {
        let text = after(|| {
            let endpoint = Endpoint::new("POST", "/api/v1/bots/{bot}");
            endpoint.answered(200, Duration::from_millis(3));
            endpoint.answered(200, Duration::from_millis(30));
            endpoint.answered(418, Duration::from_millis(30));
            Endpoint::other().answered(404, Duration::ZERO);
        });
        let labels = r#"method="POST",route="/api/v1/bots/{bot}""#;
        assert_shows(
            &text,
            &[
                &format!(r#"parlance_http_requests_total{{{labels},status="200"}} 2"#),
                r#"parlance_http_requests_total{method="other",route="other",status="404"} 1"#,
                &format!(
                    r#"parlance_http_request_duration_seconds_bucket{{{labels},le="0.005"}} 1"#
                ),
                &format!("parlance_http_request_duration_seconds_count{{{labels}}} 3"),
                &format!(r#"parlance_http_requests_total{{{labels},status="other"}} 1"#),
                "# HELP parlance_http_requests_total Requests, by method, route and status",
            ],
        );
    }

    #[test]
    fn turns_are_counted_while_they_run_and_when_they_end() {
        let text = after(|| {
            turns_under_way(1, 0);
            turn_finished(TurnOutcome::Answered, Duration::from_millis(1));
            turn_finished(TurnOutcome::TimedOut, Duration::from_secs(5));
            committed(Duration::from_millis(4));
        });
        assert_shows(
            &text,
            &[
                "parlance_turns_in_flight 1",
                "parlance_turns_waiting 0",
                r#"parlance_turns_total{outcome="answered"} 1"#,
                r#"parlance_turns_total{outcome="timed-out"} 1"#,
                r#"parlance_commit_duration_seconds_bucket{le="0.005"} 1"#,
            ],
        );
    }

    #[test]
    fn everything_else_has_its_line() {
        let text = after(|| {
            bots(Census { ready: 2, disabled: 1, failed: 0 });
            expired(Expired::Session, 4);
            expired(Expired::Conversation, 1);
            expired(Expired::Attribute, 2);
            rate_limited(Limit::Ip);
            rate_limited(Limit::Token);
            rate_limited(Limit::User);
            rate_limited(Limit::Bot);
            called(CallOutcome::Refused, Duration::ZERO);
            called(CallOutcome::BadAnswer, Duration::from_secs(1));
            task_panicked("janitor");
        });
        assert_shows(
            &text,
            &[
                r#"parlance_bots{state="ready"} 2"#,
                r#"parlance_bots{state="failed"} 0"#,
                r#"parlance_sessions_expired_total{kind="session"} 4"#,
                r#"parlance_sessions_expired_total{kind="attribute"} 2"#,
                r#"parlance_rate_limited_total{limit="token"} 1"#,
                r#"parlance_rate_limited_total{limit="user"} 1"#,
                r#"parlance_outbound_calls_total{outcome="refused"} 1"#,
                r#"parlance_outbound_call_duration_seconds_count{outcome="bad-answer"} 1"#,
                r#"parlance_task_panics_total{task="janitor"} 1"#,
            ],
        );
        assert_eq!(text.contains("\nprocess_resident_memory_bytes "), cfg!(target_os = "linux"));
    }
}
