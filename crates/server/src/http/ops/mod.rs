//! Operation: probes, status, version, metrics.

mod license;
mod live;
mod metrics;
mod ping;
mod ready;
mod status;
mod version;

pub(super) use license::{license, license_doc};
pub(super) use live::{live, live_doc};
pub(super) use metrics::{metrics, metrics_doc};
pub(super) use ping::{ping, ping_doc};
pub(super) use ready::{ready, ready_doc};
pub(super) use status::{status, status_doc};
pub(super) use version::{version, version_doc};
