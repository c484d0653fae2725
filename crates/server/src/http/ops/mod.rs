//! Operation: probes, status, version, metrics.

mod live;
mod metrics;
mod ready;
mod status;
mod version;

pub(super) use live::{live, live_doc};
pub(super) use metrics::{metrics, metrics_doc};
pub(super) use ready::{ready, ready_doc};
pub(super) use status::{status, status_doc};
pub(super) use version::{version, version_doc};
