//! Operation: logs, metrics, probes, start-up and shutdown.
