//! Media as browsers and others ask for them.

use std::path::Path;

use axum::Router;
use tempfile::TempDir;

use super::super::testing::{Fake, Got, get, send};

/// A data directory with media, and the surface over it.
fn surface() -> (TempDir, Router) {
    let data = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = data.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("secret.txt", "secret");
    write("bots/welcome-bot/bot.config.json", "{}");
    write("bots/welcome-bot/media/a b.png", "0123456789");
    write("bots/welcome-bot/media/evil.svg", "<svg/>");
    write("bots/welcome-bot/media/evil.HTML", "<script>");
    write("bots/welcome-bot/media/noextension", "?");
    write("bots/welcome-bot/media/note.txt", "é");
    write("bots/welcome-bot/media/.hidden.png", "x");
    write("bots/private-bot/media/a.png", "x");
    write("bots/off-bot/media/a.png", "x");
    write("global/media/g.mp3", "x");
    link(data.path());
    let folder = data.path().to_path_buf();
    let router = Fake::new().router(|settings| settings.data_dir = folder);
    (data, router)
}

#[cfg(unix)]
fn link(data: &Path) {
    let target = data.join("bots/welcome-bot/media/link.txt");
    std::os::unix::fs::symlink(data.join("secret.txt"), target).unwrap();
}

#[cfg(not(unix))]
fn link(_: &Path) {}

async fn ask(router: &Router, path: &str, headers: &[(&'static str, &str)]) -> Got {
    let mut request = get(path);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    send(router, request).await
}

const MEDIA: &str = "/api/v1/bots/welcome-bot/media";

#[tokio::test]
async fn files_are_served_with_their_type_and_kept_by_clients() {
    let (_data, router) = surface();
    let got = ask(&router, &format!("{MEDIA}/a%20b.png"), &[]).await;
    assert_eq!((got.status.as_u16(), got.text().as_str()), (200, "0123456789"));
    assert_eq!(got.headers["content-type"], "image/png");
    assert_eq!(got.headers["cache-control"], "max-age=31556926");
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    assert!(!got.headers.contains_key("content-disposition"));
    let got = ask(&router, "/api/v1/media/g.mp3", &[]).await;
    assert_eq!(got.headers["content-type"], "audio/mpeg");
    assert_eq!(got.headers["cache-control"], "max-age=31536000");
    let got = ask(&router, &format!("{MEDIA}/note.txt"), &[]).await;
    assert_eq!(got.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(ask(&router, "/api/v1/bots/private-bot/media/a.png", &[]).await.status, 200);
}

#[tokio::test]
async fn what_a_browser_would_run_is_downloaded() {
    let (_data, router) = surface();
    for name in ["evil.svg", "evil.HTML", "noextension"] {
        let got = ask(&router, &format!("{MEDIA}/{name}"), &[]).await;
        assert_eq!(got.status, 200, "{name}");
        assert_eq!(got.headers["content-disposition"], "attachment", "{name}");
        assert_eq!(got.headers["content-security-policy"], "default-src 'none'; sandbox");
    }
}

#[tokio::test]
async fn nothing_else_is_served() {
    let (_data, router) = surface();
    for path in [
        "/missing.png",
        "/.hidden.png",
        "/link.txt",
        "/..%2Fbot.config.json",
        "/%2e%2e%2fbot.config.json",
        "/..",
        "/%2e",
        "/..%5Cbot.config.json",
        "/a%20b.png%00.txt",
        "/../bot.config.json",
        "/..%2f..%2f..%2fsecret.txt",
    ] {
        let got = ask(&router, &format!("{MEDIA}{path}"), &[]).await;
        assert_eq!(got.status, 404, "{path}: {}", got.text());
        assert!(!got.headers.contains_key("cache-control"), "{path}");
    }
    for folder in ["", "/"] {
        // Files come in there, and none goes out.
        assert_eq!(ask(&router, &format!("{MEDIA}{folder}"), &[]).await.status, 405);
    }
    assert_eq!(ask(&router, &format!("{MEDIA}/%ff"), &[]).await.status, 400);
    assert_eq!(ask(&router, "/api/v1/media/..%2f..%2fsecret.txt", &[]).await.status, 404);
    for bot in ["off-bot", "unknown-bot", "..", "..%2fbots%2fwelcome-bot"] {
        let got = ask(&router, &format!("/api/v1/bots/{bot}/media/a.png"), &[]).await;
        assert_eq!(got.json()["errorCode"], "BP_0044", "{bot}");
    }
}

#[tokio::test]
async fn ranges_and_conditions_are_understood() {
    let (_data, router) = surface();
    let path = format!("{MEDIA}/a%20b.png");
    let part = ask(&router, &path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status.as_u16(), part.text().as_str()), (206, "234"));
    assert_eq!(part.headers["content-range"], "bytes 2-4/10");
    assert_eq!(ask(&router, &path, &[("range", "bytes=99-")]).await.status, 416);
    let whole = ask(&router, &path, &[]).await;
    let since = whole.headers["last-modified"].to_str().unwrap();
    assert_eq!(ask(&router, &path, &[("if-modified-since", since)]).await.status, 304);
}
