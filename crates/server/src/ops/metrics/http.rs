//! Requests. Their handles are kept, so that counting one looks nothing up.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use super::names::{HTTP_REQUESTS, HTTP_SECONDS};

/// Label of requests that no route matched, and of statuses that are not in [`STATUSES`].
const OTHER: &str = "other";

/// Statuses that are counted by themselves.
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

/// The metrics of one row of the route table.
#[derive(Debug)]
pub struct Endpoint {
    method: String,
    route: String,
    /// One for each status, made when it first occurs, and one for all others.
    counters: [OnceLock<Counter>; STATUSES.len() + 1],
    seconds: OnceLock<Histogram>,
}

impl Endpoint {
    /// The metrics of this method and route template.
    pub fn new(method: &str, route: &str) -> Self {
        let counters = std::array::from_fn(|_| OnceLock::new());
        let (method, route) = (method.to_owned(), route.to_owned());
        Self { method, route, counters, seconds: OnceLock::new() }
    }

    /// The metrics of all requests that no route matched.
    pub fn other() -> Self {
        Self::new(OTHER, OTHER)
    }

    /// A request was answered, so long after it came.
    pub fn answered(&self, status: u16, took: Duration) {
        let known = STATUSES.iter().position(|(known, _)| *known == status);
        let label = known.and_then(|at| STATUSES.get(at)).map_or(OTHER, |(_, label)| *label);
        if let Some(counter) = self.counters.get(known.unwrap_or(STATUSES.len())) {
            counter.get_or_init(|| self.counter(label)).increment(1);
        }
        self.seconds.get_or_init(|| self.histogram()).record(took);
    }

    fn counter(&self, status: &'static str) -> Counter {
        let (method, route) = (self.method.clone(), self.route.clone());
        counter!(HTTP_REQUESTS, "method" => method, "route" => route, "status" => status)
    }

    fn histogram(&self) -> Histogram {
        let (method, route) = (self.method.clone(), self.route.clone());
        histogram!(HTTP_SECONDS, "method" => method, "route" => route)
    }
}
