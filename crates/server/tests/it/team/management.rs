//! `/api/v2/admin/management`.

use super::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_configuration_shows_and_nothing_needs_a_licence() {
    let stage = Stage::new().await;
    let dev = stage.with(&stage.dev);
    let same = dev.get("/management/configHash").await.json();
    assert_eq!(same["initialHash"], same["currentHash"]);
    let file = stage.data.path().join("global/botpress.config.json");
    std::fs::write(file, r#"{"converse": {"timeout": "7s"}}"#).unwrap();
    let edited = dev.get("/management/configHash").await.json();
    assert_eq!(edited["initialHash"], same["initialHash"]);
    assert_ne!(edited["currentHash"], same["currentHash"]);
    let status = dev.get("/management/licensing/status").await.json();
    assert_eq!(status["payload"]["status"], "licensed");
    let older = format!("{}{}", stage.server.base(), "/api/v1/admin/license/status");
    assert_eq!(reqwest::get(older).await.unwrap().status(), 401);
}
