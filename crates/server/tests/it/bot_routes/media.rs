//! Files that come in over HTTP.

use super::{DEFAULT, bot, site};
use crate::harness::{Client, Reply};

const KIND: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=xyz");
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// A form with these fields: name, file name and type where it is a file, content.
fn form(fields: &[(&str, Option<(&str, &str)>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in fields {
        body.extend(format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
        if let Some((file, kind)) = file {
            body.extend(format!("; filename=\"{file}\"\r\nContent-Type: {kind}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xyz--\r\n");
    body
}

async fn send(client: &Client, path: &str, body: Vec<u8>) -> Reply {
    client.post_bytes(path, &[DEFAULT, KIND], body).await.unwrap()
}

#[tokio::test]
async fn a_file_that_came_in_is_given_out_under_a_name_that_nobody_guesses() {
    let (_data, server, admin) = site(&[bot("shop", "hello")]).await;
    let file = form(&[("note", None, b"x"), ("file", Some(("my cat.png", "image/png")), PNG)]);
    for (path, folder) in [
        ("/api/v1/bots/shop/media", "/api/v1/bots/shop/media/"),
        ("/api/v1/studio/shop/media", "/api/v1/bots/shop/media/"),
        ("/api/v1/media", "/api/v1/media/"),
    ] {
        let reply = send(&admin, path, file.clone()).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let url = reply.json()["url"].as_str().unwrap().to_owned();
        let name = url.strip_prefix(folder).unwrap();
        assert!(name.len() == 20 + "-my-cat.png".len() && name.ends_with("-my-cat.png"), "{url}");
        let got = server.client().request(reqwest::Method::GET, &url, &[]).send().await.unwrap();
        assert_eq!(
            (got.status().as_u16(), &got.headers()["content-type"]),
            (200, &"image/png".parse().unwrap())
        );
        assert_eq!(got.bytes().await.unwrap(), PNG);
    }
}

#[tokio::test]
async fn what_may_not_come_in_is_refused_and_leaves_nothing() {
    let (data, server, admin) = site(&[bot("shop", "hello")]).await;
    let path = "/api/v1/bots/shop/media";
    let png = Some(("a.png", "image/png"));
    let many: Vec<(&str, Option<(&str, &str)>, &[u8])> = vec![("x", None, b"x"); 40];
    let huge = [PNG, &vec![0; 26 << 20]].concat();
    for (name, body, status) in [
        ("no field", form(&[]), 400),
        ("other field", form(&[("image", png, PNG)]), 400),
        ("no file", form(&[("file", None, PNG)]), 400),
        ("two files", form(&[("file", png, PNG), ("file", png, PNG)]), 400),
        ("empty", form(&[("file", png, b"")]), 400),
        ("page", form(&[("file", Some(("a.html", "text/html")), b"<script>")]), 400),
        ("double ending", form(&[("file", Some(("a.png.html", "image/png")), PNG)]), 400),
        ("wrong type", form(&[("file", Some(("a.png", "text/html")), PNG)]), 400),
        ("polyglot", form(&[("file", png, b"<svg onload=alert(1)>")]), 400),
        ("drawing", form(&[("file", Some(("a.svg", "image/svg+xml")), b"<svg/>")]), 400),
        ("program", form(&[("file", Some(("a.exe", "application/octet-stream")), b"MZ")]), 400),
        ("many fields", form(&many), 400),
        ("cut off", form(&[("file", png, PNG)])[..90].to_vec(), 400),
        ("no form", PNG.to_vec(), 400),
    ] {
        let reply = send(&admin, path, body).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.text);
    }
    match admin.post_bytes(path, &[KIND], form(&[("file", png, &huge)])).await {
        Ok(reply) => assert!([400, 413].contains(&reply.status), "{}", reply.text),
        Err(error) => panic!("the answer was not seen: {error}"),
    }
    let reply = admin.post_bytes(path, &[("Content-Type", "image/png")], PNG.to_vec()).await;
    assert_eq!(reply.unwrap().status, 400);
    for odd in ["../../../x.png", "..\\x.png", "a\u{0}b.png", "/etc/x.png", "CON.png"] {
        let reply = send(&admin, path, form(&[("file", Some((odd, "image/png")), PNG)])).await;
        if reply.status == 200 {
            let url = reply.json()["url"].as_str().unwrap().to_owned();
            assert_eq!(server.client().get(&url).await.status, 200, "{odd}: {url}");
        }
    }
    let kept: Vec<_> = std::fs::read_dir(data.path().join("bots/shop/media")).unwrap().collect();
    assert!(kept.len() <= 5, "{kept:?}");
    for entry in kept {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with('.') && name.ends_with(".png"), "{name}");
    }
    assert!(!data.path().join("bots/x.png").exists() && !data.path().join("x.png").exists());
    assert_eq!(send(&admin, "/api/v1/bots/none/media", form(&[])).await.status, 404);
    assert_eq!(send(&server.client(), path, form(&[("file", png, PNG)])).await.status, 401);
}
