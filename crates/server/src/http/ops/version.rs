//! `GET /version`: the server's version as plain text (`spec` http 3.4).

use super::super::openapi::{Doc, Tag};

/// What the endpoint gives.
pub(in super::super) fn version_doc() -> Doc {
    Doc::new(Tag::Operation, "The server's version").gives_other(200, "text/plain", "Such as 0.1.0")
}

/// 200, e.g. `0.1.0`.
pub(in super::super) async fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
