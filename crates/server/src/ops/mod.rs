//! Operation: logs, metrics, probes, start-up and shutdown.
//!
//! Nothing here knows HTTP: `http` shows what [`health`] and [`metrics`] hold. User text and secrets
//! are never logged at `info` or above, whoever logs.

pub mod banner;
pub mod health;
pub mod lifecycle;
pub mod logs;
pub mod metrics;
pub mod trail;
