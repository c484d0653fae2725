//! Operation: probes, status, version, metrics.

mod live;
mod metrics;
mod ready;
mod status;
mod version;

pub(super) use live::live;
pub(super) use metrics::metrics;
pub(super) use ready::ready;
pub(super) use status::status;
pub(super) use version::version;
