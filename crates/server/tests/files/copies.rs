//! What becomes of a file that a user sends.

use serde_json::json;

use crate::stage::{BOT, Elsewhere, HERE, PNG, Stage};

#[tokio::test]
async fn a_file_is_copied_and_the_reply_names_the_copy() {
    let elsewhere = Elsewhere::start().await;
    let stage = Stage::new(elsewhere.allowed()).await;
    for (path, end) in [
        ("/a/photo%20one.png", "-photo-one.png"),
        ("/attachment?token=s3cret", "-attachment.png"),
        ("/moved.png", "-attachment.png"),
    ] {
        let place = stage.send(&elsewhere.url(path)).await;
        let below = format!("{HERE}/api/v1/bots/{BOT}/media/");
        let name = place.strip_prefix(&below).unwrap_or_else(|| panic!("{path}: {place}"));
        assert!(name.ends_with(end), "{name}");
        assert_eq!(stage.copy(name), PNG, "{path}");
    }
    assert_eq!(stage.kept().len(), 3);
}

#[tokio::test]
async fn a_file_that_cannot_be_copied_stays_where_it_is() {
    let elsewhere = Elsewhere::start().await;
    let stage = Stage::new(elsewhere.allowed()).await;
    for path in ["/page.html", "/fake.png", "/large.png", "/missing.png", "/inward.png"] {
        let url = elsewhere.url(path);
        assert_eq!(stage.send(&url).await, url);
    }
    assert_eq!(elsewhere.asked(), 5);
    for url in ["file:///etc/passwd", "relative.png", "http://127.0.0.2:1/a", "{{event.botId}}"] {
        assert_eq!(stage.send(url).await, url);
    }
    assert_eq!(stage.kept(), [""; 0]);
}

#[tokio::test]
async fn what_the_operator_does_not_allow_is_not_called() {
    let elsewhere = Elsewhere::start().await;
    let port = elsewhere.port;
    for allowed in [
        json!({ "allowPorts": [port] }),
        json!({ "allowHosts": ["127.0.0.1", "localhost"] }),
        json!({ "allowPorts": [port], "allowHosts": ["files.example"] }),
        json!({ "allowPorts": [port], "allowNetworks": ["10.0.0.0/8"] }),
    ] {
        let stage = Stage::new(allowed).await;
        for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
            let url = format!("http://{host}:{port}/attachment");
            assert_eq!(stage.send(&url).await, url);
        }
        assert_eq!(stage.kept(), [""; 0]);
    }
    assert_eq!(elsewhere.asked(), 0);
    let stage = Stage::new(json!({ "allowPorts": [port], "allowNetworks": ["127.0.0.0/8"] })).await;
    stage.send(&elsewhere.url("/attachment")).await;
    assert_eq!((stage.kept().len(), elsewhere.asked()), (1, 1));
}
