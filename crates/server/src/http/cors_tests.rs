//! Which sites' pages may read which answers.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use parlance_core::bot::{AllowedOrigins, BotConfig};

use super::testing::{Fake, Got, only, send};
use crate::config::CorsConfig;

const SHOP: &str = "https://shop.example";
const OTHER: &str = "https://other.example";
const CONVERSE: &str = "/api/v1/bots/welcome-bot/converse/u1";

/// Paths of the operator, whether or not there is such a route.
const OPERATOR: [(&str, &str); 8] = [
    ("GET", "/api/v2/admin/workspace/bots"),
    ("GET", "/api/v1/admin/workspace/bots"),
    ("POST", "/api/v1/auth/login/basic/default"),
    ("DELETE", "/api/v1/bots/welcome-bot/media/cat.png"),
    ("GET", "/api/v1/bots/welcome-bot"),
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/nothing"),
];

fn cors(origins: &[&str], credentials: bool) -> CorsConfig {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    CorsConfig { origins, credentials }
}

fn with_cors(fake: &Fake, origins: &[&str], credentials: bool) -> Router {
    fake.router(|settings| settings.cors = Some(cors(origins, credentials)))
}

async fn ask(router: &Router, method: &str, path: &str, origin: &str) -> Got {
    let body = "{\"text\":\"hi\"}";
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("origin", origin)
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(Body::from(body))
        .unwrap();
    send(router, request).await
}

async fn preflight(router: &Router, method: &str, path: &str, origin: &str) -> Got {
    let request = Request::options(path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "content-type")
        .body(Body::empty())
        .unwrap();
    send(router, request).await
}

/// The site that may read the answer, and whether it may send credentials.
fn permission(got: &Got) -> Option<(String, bool)> {
    let origin = got.headers.get("access-control-allow-origin")?.to_str().unwrap().to_owned();
    let credentials = got.headers.contains_key("access-control-allow-credentials");
    assert!(!(credentials && origin == "*"), "credentials for everybody");
    Some((origin, credentials))
}

/// The permission of a request, which its preflight must get as well.
async fn permitted(
    router: &Router,
    method: &str,
    path: &str,
    origin: &str,
) -> Option<(String, bool)> {
    let asked = permission(&ask(router, method, path, origin).await);
    let before = preflight(router, method, path, origin).await;
    assert_eq!(permission(&before), asked, "{method} {path} {origin}");
    if asked.is_some() {
        assert!(before.status.is_success());
        assert_eq!(before.headers["access-control-allow-headers"], "content-type");
        let methods = before.headers["access-control-allow-methods"].to_str().unwrap();
        assert!(methods.contains(method), "{methods}");
    }
    asked
}

fn granted(origin: &str, credentials: bool) -> (String, bool) {
    (origin.to_owned(), credentials)
}

#[tokio::test]
async fn by_default_every_site_may_talk_to_bots_and_none_may_operate() {
    for credentials in [false, true] {
        let router = with_cors(&Fake::new(), &[], credentials);
        for (method, path) in [
            ("POST", CONVERSE),
            ("GET", "/api/v1/bots/welcome-bot/media/cat.png"),
            ("GET", "/api/v1/media/cat.png"),
            ("GET", "/status"),
            ("GET", "/version"),
            ("GET", "/health/ready"),
        ] {
            assert_eq!(
                permitted(&router, method, path, SHOP).await,
                Some(granted("*", false)),
                "{path}"
            );
        }
        for (method, path) in OPERATOR {
            assert_eq!(permitted(&router, method, path, SHOP).await, None, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn sites_that_are_named_may_operate_too_and_no_others_may_anything() {
    for credentials in [false, true] {
        let router = with_cors(&Fake::new(), &[SHOP], credentials);
        for (method, path) in OPERATOR.into_iter().chain([("POST", CONVERSE), ("GET", "/status")]) {
            let mine = permitted(&router, method, path, SHOP).await;
            assert_eq!(mine, Some(granted(SHOP, credentials)), "{method} {path}");
            for other in [OTHER, "null", "https://shop.example.evil", "http://shop.example"] {
                assert_eq!(permitted(&router, method, path, other).await, None, "{path} {other}");
            }
        }
    }
}

#[tokio::test]
async fn without_cors_nobody_gets_a_permission() {
    let fake = Fake::new().with("open-bot", |config| {
        config.converse.allowed_origins = Some(AllowedOrigins::Everybody);
    });
    let router = fake.router(|_| {});
    for path in [CONVERSE, "/api/v1/bots/open-bot/converse/u1"] {
        assert_eq!(permission(&ask(&router, "POST", path, SHOP).await), None);
        assert_eq!(permission(&preflight(&router, "POST", path, SHOP).await), None);
    }
}

#[tokio::test]
async fn a_bots_origins_decide_who_may_talk_to_it_and_nothing_else() {
    let list = |config: &mut BotConfig| config.converse.allowed_origins = Some(only(&[SHOP]));
    let fake = Fake::new()
        .with("shop-bot", list)
        .with("open-bot", |config| {
            config.converse.allowed_origins = Some(AllowedOrigins::Everybody);
        })
        .with("shut-bot", |config| config.converse.allowed_origins = Some(only(&[])));
    let to = |bot: &str| format!("/api/v1/bots/{bot}/converse/u1");
    let router = with_cors(&fake, &[], false);
    assert_eq!(permitted(&router, "POST", &to("shop-bot"), SHOP).await, Some(granted(SHOP, false)));
    let secured = to("shop-bot") + "/secured";
    assert_eq!(permitted(&router, "POST", &secured, SHOP).await, Some(granted(SHOP, false)));
    for (bot, origin) in [("shop-bot", OTHER), ("shop-bot", "null"), ("shut-bot", SHOP)] {
        assert_eq!(permitted(&router, "POST", &to(bot), origin).await, None, "{bot} {origin}");
    }
    assert_eq!(
        permitted(&router, "POST", &to("welcome-bot"), OTHER).await,
        Some(granted("*", false))
    );
    // Who may talk to a bot may not operate, and who may operate need not be one to talk to it.
    let router = with_cors(&fake, &[OTHER], true);
    assert_eq!(permitted(&router, "POST", &to("shop-bot"), SHOP).await, Some(granted(SHOP, false)));
    assert_eq!(permitted(&router, "POST", &to("shop-bot"), OTHER).await, None);
    assert_eq!(permitted(&router, "POST", &to("open-bot"), SHOP).await, Some(granted("*", false)));
    assert_eq!(
        permitted(&router, "POST", &to("open-bot"), OTHER).await,
        Some(granted(OTHER, true))
    );
    assert_eq!(permitted(&router, "POST", &to("welcome-bot"), SHOP).await, None);
    for (method, path) in OPERATOR {
        assert_eq!(permitted(&router, method, path, SHOP).await, None, "{method} {path}");
    }
}

#[tokio::test]
async fn the_servers_origins_hold_for_bots_without_their_own() {
    let fake = Fake::new()
        .with("own-bot", |config| config.converse.allowed_origins = Some(only(&[OTHER])));
    let router = fake.router(|settings| {
        settings.cors = Some(cors(&[], false));
        settings.converse.allowed_origins = Some(only(&[SHOP]));
        settings.root_path = "/chat".to_owned();
    });
    let to = |bot: &str| format!("/chat/api/v1/bots/{bot}/converse/u1");
    for (bot, origin, expected) in [
        ("welcome-bot", SHOP, Some(granted(SHOP, false))),
        ("welcome-bot", OTHER, None),
        ("own-bot", OTHER, Some(granted(OTHER, false))),
        ("own-bot", SHOP, None),
    ] {
        let found = permitted(&router, "POST", &to(bot), origin).await;
        assert_eq!(found, expected, "{bot} {origin}");
    }
}

#[tokio::test]
async fn caches_are_told_that_answers_differ_by_origin() {
    let router = with_cors(&Fake::new(), &[SHOP], false);
    for origin in [SHOP, OTHER] {
        let got = ask(&router, "GET", "/status", origin).await;
        assert!(got.headers["vary"].to_str().unwrap().contains("origin"), "{origin}");
    }
}
