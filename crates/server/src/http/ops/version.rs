//! `GET /version`: the server's version as plain text (`spec` http 3.4).

/// 200, e.g. `0.1.0`.
pub(in super::super) async fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
