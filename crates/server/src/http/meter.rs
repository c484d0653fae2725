//! Metrics of the endpoints. The handles are made once, so that counting costs no look-up.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

/// Requests answered, by endpoint and status.
pub(super) const REQUESTS: &str = "parlance_http_requests_total";
/// Time from request to the head of the answer, in seconds, by endpoint.
pub(super) const SECONDS: &str = "parlance_http_request_duration_seconds";

/// Statuses that are counted by themselves; others are counted together as `other`.
const STATUSES: [(u16, &str); 16] = [
    (200, "200"),
    (204, "204"),
    (206, "206"),
    (304, "304"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (408, "408"),
    (413, "413"),
    (415, "415"),
    (416, "416"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
];

/// The metrics of one endpoint.
pub(super) struct Meter {
    by_status: [(u16, Counter); STATUSES.len()],
    other: Counter,
    seconds: Histogram,
}

impl Meter {
    /// The metrics of this endpoint, with the recorder that is installed now.
    pub(super) fn new(endpoint: &'static str) -> Self {
        let count = |status| counter!(REQUESTS, "endpoint" => endpoint, "status" => status);
        Self {
            by_status: STATUSES.map(|(status, label)| (status, count(label))),
            other: count("other"),
            seconds: histogram!(SECONDS, "endpoint" => endpoint),
        }
    }

    /// Counts one answer.
    pub(super) fn record(&self, status: u16, took: Duration) {
        let known = self.by_status.iter().find(|(known, _)| *known == status);
        known.map_or(&self.other, |(_, counter)| counter).increment(1);
        self.seconds.record(took);
    }
}
