//! The names of all metrics, and what they mean.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

pub(super) const HTTP_REQUESTS: &str = "parlance_http_requests_total";
pub(super) const HTTP_SECONDS: &str = "parlance_http_request_duration_seconds";
pub(super) const TURNS: &str = "parlance_turns_total";
pub(super) const TURN_SECONDS: &str = "parlance_turn_duration_seconds";
pub(super) const TURNS_IN_FLIGHT: &str = "parlance_turns_in_flight";
pub(super) const TURNS_WAITING: &str = "parlance_turns_waiting";
pub(super) const COMMIT_SECONDS: &str = "parlance_commit_duration_seconds";
pub(super) const BOTS: &str = "parlance_bots";
pub(super) const EXPIRED: &str = "parlance_sessions_expired_total";
pub(super) const RATE_LIMITED: &str = "parlance_rate_limited_total";
pub(super) const CALLS: &str = "parlance_outbound_calls_total";
pub(super) const CALL_SECONDS: &str = "parlance_outbound_call_duration_seconds";
pub(super) const AUDIT_LEFT_OUT: &str = "parlance_audit_left_out_total";
pub(super) const PANICS: &str = "parlance_task_panics_total";
pub(super) const MEMORY: &str = "process_resident_memory_bytes";
pub(super) const CPU: &str = "process_cpu_seconds";

/// Upper bounds of the buckets of all durations, in seconds.
pub(super) const SECONDS: [f64; 14] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

/// Tells the recorder what the metrics mean.
pub(super) fn describe() {
    describe_counter!(HTTP_REQUESTS, "Requests, by method, route and status");
    describe_histogram!(HTTP_SECONDS, Unit::Seconds, "Time of a request, by method and route");
    describe_counter!(TURNS, "Turns, by outcome");
    describe_histogram!(TURN_SECONDS, Unit::Seconds, "Time of a turn from its arrival, by outcome");
    describe_gauge!(TURNS_IN_FLIGHT, "Turns that run now");
    describe_gauge!(TURNS_WAITING, "Turns that wait for an earlier one of their conversation");
    describe_histogram!(COMMIT_SECONDS, Unit::Seconds, "Time until a turn was on disk");
    describe_gauge!(BOTS, "Bots, by state");
    describe_counter!(
        EXPIRED,
        "Conversations timed out, sessions deleted, dates of attributes come due, by kind"
    );
    describe_counter!(RATE_LIMITED, "Requests refused for coming too often, by limit");
    describe_counter!(CALLS, "Calls to other servers, by outcome");
    describe_histogram!(
        CALL_SECONDS,
        Unit::Seconds,
        "Time of a call to another server, by outcome"
    );
    describe_counter!(AUDIT_LEFT_OUT, "Failures that the audit log leaves out: a flood");
    describe_counter!(PANICS, "Tasks that panicked, by task: bugs");
    describe_gauge!(MEMORY, Unit::Bytes, "Memory that the process holds");
    describe_gauge!(CPU, Unit::Seconds, "CPU time that the process has used");
}
