//! Bots that go out and come in.

use serde_json::{Value, json};

use super::{
    ARCHIVE, BOTS, DEFAULT, bot, config_in, export, get, import, packed, post, said, site,
};

#[tokio::test]
async fn a_bot_comes_back_as_it_went_and_is_served_when_the_answer_is_there() {
    let (_data, _server, admin) = site(&[bot("shop", "hello")]).await;
    let first = export(&admin, "shop").await;
    assert_eq!(first, export(&admin, "shop").await, "the same bot, the same bytes");
    let reply = import(&admin, "copy", "", &first).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "OK"));
    assert_eq!(said(&admin, "copy").await, ["hello"]);
    let config = config_in(&export(&admin, "copy").await);
    assert_eq!((&config["id"], &config["name"]), (&json!("copy"), &json!("shop (copy)")));
    assert_eq!(import(&admin, "shop", "?overwrite=true", &first).await.status, 200);
    assert_eq!(export(&admin, "shop").await, first);
    let reply = admin.get(&format!("{BOTS}/shop/export")).await;
    let name = reply.headers["content-disposition"].to_str().unwrap();
    assert!(
        name.starts_with("attachment; filename=bot_shop_") && name.strip_suffix(".tgz").is_some(),
        "{name}"
    );
}

#[tokio::test]
async fn a_bot_that_is_there_is_replaced_only_if_that_is_asked_for() {
    let (_data, _server, admin) = site(&[bot("shop", "old"), bot("other", "new")]).await;
    let archive = export(&admin, "other").await;
    for query in ["", "?overwrite=false", "?overwrite="] {
        let reply = import(&admin, "shop", query, &archive).await;
        assert_eq!(reply.status, 409, "{query}: {}", reply.text);
        assert_eq!(reply.json()["errorCode"], "BP_0049");
        assert_eq!(said(&admin, "shop").await, ["old"]);
    }
    assert_eq!(import(&admin, "shop", "?overwrite=maybe", &archive).await.status, 400);
    assert_eq!(import(&admin, "shop", "?overwrite=true", &archive).await.status, 200);
    assert_eq!(said(&admin, "shop").await, ["new"]);
}

#[tokio::test]
async fn a_dry_run_reports_and_changes_nothing() {
    let (data, _server, admin) = site(&[bot("shop", "hello")]).await;
    let archive = export(&admin, "shop").await;
    let reply = import(&admin, "copy", "?dryRun=true", &archive).await;
    let looked = &reply.json()["payload"];
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(
        (&looked["botId"], &looked["ownId"], &looked["workspace"]),
        (&json!("copy"), &json!("shop"), &json!("default"))
    );
    assert_eq!((&looked["exists"], &looked["canRun"]), (&json!(false), &json!(true)));
    assert_eq!((&looked["files"], looked["report"].is_object()), (&json!(4), true));
    assert!(!data.path().join("bots/copy").exists());
    assert_eq!(get(&admin, "/copy/exists").await.json(), json!(false));
    let looked = import(&admin, "shop", "?dryRun=true", &archive).await.json();
    assert_eq!(looked["payload"]["exists"], true);
    let left = std::fs::read_dir(data.path().join("bots/.parlance/staging")).unwrap().count();
    assert_eq!(left, 0, "what came in is gone");
}

#[tokio::test]
async fn what_is_no_bot_is_refused_with_its_reason_and_leaves_nothing() {
    let (data, _server, admin) = site(&[bot("shop", "hello")]).await;
    let config = br#"{"id":"x","name":"x","defaultLanguage":"en","languages":["en"]}"#.as_slice();
    let two = packed(&[("a/bot.config.json", config), ("b/bot.config.json", config)]);
    let out = packed(&[("bot.config.json", config), ("evil/../../../x", b"x")]);
    for (name, archive, why) in [
        ("nothing", Vec::new(), "archive"),
        ("no archive", b"{}".to_vec(), "archive"),
        ("cut off", packed(&[("bot.config.json", config)])[..30].to_vec(), "archive"),
        ("no bot", packed(&[("flows/main.flow.json", b"{}")]), "bot.config.json"),
        ("two bots", two, "several bots"),
        ("no config", packed(&[("bot.config.json", b"{ this is no json")]), "cannot"),
        ("a way out", out, "name"),
    ] {
        let reply = import(&admin, "fresh", "", &archive).await;
        assert_eq!(reply.status, 400, "{name}: {}", reply.text);
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(why), "{name}: {message}");
        assert!(!message.contains(&*data.path().to_string_lossy()), "{message}");
        assert!(!data.path().join("bots/fresh").exists());
    }
    for kind in ["application/json", "application/gzip", "application/tar+gzip-x", ""] {
        let path = format!("{BOTS}/fresh/import");
        let headers = [DEFAULT, ("Content-Type", kind)];
        let reply = admin.post_bytes(&path, &headers, vec![1; 3_000_000]).await.unwrap();
        let expected = (400, "Bot should be imported from archive");
        assert_eq!((reply.status, reply.text.as_str()), expected, "{kind}");
    }
    for id in ["a", "-ab", "a.b.c", &"x".repeat(51)] {
        let reply = import(&admin, id, "", &export(&admin, "shop").await).await;
        assert_eq!(reply.status, 400, "{id}: {}", reply.text);
    }
    let staged = std::fs::read_dir(data.path().join("bots/.parlance/staging")).unwrap().count();
    assert_eq!(staged, 0);
}

#[tokio::test]
async fn an_archive_that_is_said_to_be_huge_is_refused_before_it_comes() {
    let (_data, server, admin) = site(&[bot("shop", "hello")]).await;
    let length = (600_u64 << 20).to_string();
    let path = format!("{BOTS}/fresh/import");
    let headers = [DEFAULT, ("Content-Type", ARCHIVE), ("Content-Length", length.as_str())];
    let pieces = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 1 << 16]));
    let request = admin.request(reqwest::Method::POST, &path, &headers);
    let body = reqwest::Body::wrap_stream(futures_util::StreamExt::take(pieces, 9600));
    let answered = request.header("Expect", "100-continue").body(body).send().await;
    // Who goes on sending may be cut off before the answer is read.
    if let Ok(answer) = answered {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(said(&server.client(), "shop").await, ["hello"]);
}

#[tokio::test]
async fn a_bot_can_be_what_it_was() {
    let (_data, _server, admin) = site(&[bot("shop", "old"), bot("other", "new")]).await;
    let before = export(&admin, "shop").await;
    let made = post(&admin, "/shop/revisions", &json!({})).await.json();
    let name = made["payload"]["revision"].as_str().unwrap().to_owned();
    assert!(name.starts_with("shop++"), "{name}");
    let archive = export(&admin, "other").await;
    import(&admin, "shop", "?overwrite=true", &archive).await;
    assert_eq!(said(&admin, "shop").await, ["new"]);
    let listed = get(&admin, "/shop/revisions").await.json();
    assert_eq!(listed["payload"]["revisions"], json!([name]));
    for wrong in ["none", "../../x", ""] {
        let reply = post(&admin, "/shop/rollback", &json!({ "revision": wrong })).await;
        assert_eq!(reply.status, 404, "{wrong}: {}", reply.text);
    }
    assert_eq!(post(&admin, "/shop/rollback", &json!({})).await.status, 400);
    assert_eq!(post(&admin, "/shop/rollback", &json!({ "revision": name })).await.status, 200);
    assert_eq!(
        (said(&admin, "shop").await, export(&admin, "shop").await),
        (vec!["old".into()], before)
    );
    for _ in 0..11 {
        assert_eq!(post(&admin, "/shop/revisions", &json!({})).await.status, 200);
    }
    let listed: Value = get(&admin, "/shop/revisions").await.json();
    assert_eq!(listed["payload"]["revisions"].as_array().unwrap().len(), 10);
}
