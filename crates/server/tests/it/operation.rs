//! `/status`, `/version`, `/metrics`, and what the server prints when it starts.

use crate::harness::{DataDir, Server};

#[tokio::test]
async fn the_banner_says_what_runs_and_where() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let banner = server.banner();
    assert!(banner.contains(env!("CARGO_PKG_VERSION")), "{banner}");
    assert!(server.base().starts_with("http://127.0.0.1:"), "{banner}");
}

#[tokio::test]
async fn status_version_and_metrics_answer() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    client.say("welcome-bot", "u1", "Hey!").await.responses();
    for path in ["/status", "/version", "/metrics", "/health/live", "/health/ready"] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        assert!(!reply.text.is_empty(), "{path}");
    }
}
