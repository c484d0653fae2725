//! What surrounds the endpoints: root path, limits, cross-origin access, compression, probes.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::Peer;
use super::testing::{Fake, Got, get, post, send};
use crate::config::{CorsConfig, RateLimit, RateLimits};
use crate::ops::health::Phase;

const PATH: &str = "/api/v1/bots/welcome-bot/converse/u1";

#[tokio::test]
async fn nothing_answers_outside_the_root_path_but_probes() {
    let router = Fake::new().router(|settings| settings.root_path = "/chat/{x}".to_owned());
    let body = json!({"text": "hi"});
    let got = send(&router, post(&format!("/chat/%7Bx%7D{PATH}"), &body)).await;
    assert_eq!(got.status, 404, "the prefix is compared as it is written");
    let router = Fake::new().router(|settings| settings.root_path = "/chat/x".to_owned());
    let got = send(&router, post(&format!("/chat/x{PATH}"), &body)).await;
    assert_eq!(got.json()["responses"][1]["user"], "u1");
    for (path, inside, outside) in [
        (PATH, 404, 404),
        ("/openapi.json", 200, 404),
        ("/status", 200, 404),
        ("/version", 200, 404),
        ("/metrics", 200, 404),
        ("/health/live", 200, 200),
        ("/health/ready", 200, 200),
    ] {
        assert_eq!(send(&router, get(&format!("/chat/x{path}"))).await.status, inside, "{path}");
        assert_eq!(send(&router, get(path)).await.status, outside, "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_not_found_on_a_harmless_page() {
    let router = Fake::new().router(|_| {});
    for (method, path) in [
        ("GET", PATH),
        ("PUT", PATH),
        ("OPTIONS", PATH),
        ("POST", "/api/v1/bots/welcome-bot/converse/"),
        ("POST", "/api/v1/bots/welcome-bot/converse"),
        ("POST", "/api/v1/bots/welcome-bot/converse/u1/other"),
        ("POST", "/api/v1/nothing"),
        ("GET", "/"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let got = send(&router, request).await;
        assert_eq!(got.status, 404, "{method} {path}");
        assert_eq!(got.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        assert_eq!(got.headers["content-security-policy"], "default-src 'none'");
        assert!(got.text().contains(&format!("<pre>Cannot {method} {path}</pre>")));
    }
    let got = send(&router, get("/%3Cscript%3E'&a")).await;
    assert!(got.text().contains("Cannot GET /%3Cscript%3E&#39;&amp;a<"), "{}", got.text());
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_not_allowed() {
    let router = Fake::new().router(|_| {});
    for (method, path, allowed) in
        [("DELETE", "/status", "GET,HEAD"), ("PUT", "/version/", "GET,HEAD")]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let got = send(&router, request).await;
        assert_eq!(got.status, 405, "{method} {path}");
        assert_eq!(got.headers["allow"], allowed);
        assert_eq!(got.json()["type"], "MethodNotAllowedError");
    }
}

#[tokio::test]
async fn the_description_names_every_route_and_all_that_it_names_is_defined() {
    let router = Fake::new().router(|settings| settings.external_url = "https://a.b/c".to_owned());
    let document = send(&router, get("/openapi.json")).await.json();
    assert_eq!(document["servers"][0]["url"], "https://a.b/c");
    let paths = document["paths"].as_object().unwrap();
    let mut names = BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            assert!(!operation["responses"].as_object().unwrap().is_empty(), "{method} {path}");
            let changes = !["get", "head"].contains(&method.as_str());
            let audited = operation["x-parlance"]["audited"].as_bool().unwrap();
            let turn = path.contains("/converse/");
            assert!(audited || !changes || turn, "{method} {path} leaves no row in the audit log");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    let page = send(&router, get("/docs/api")).await;
    assert!(page.text().contains("<code>/api/v1/bots/{bot}/converse/{user}</code>"));
    assert!(!page.text().contains("<script"));
}

#[tokio::test]
async fn addresses_are_limited_over_all_routes_but_probes() {
    let router = Fake::new().router(|settings| {
        let window = Duration::from_secs(30);
        let ip = Some(RateLimit { limit: 3, window });
        settings.rate_limits = RateLimits { ip, ..RateLimits::default() };
        settings.trusted_hops = 1;
        settings.cors = Some(CorsConfig { origins: Vec::new(), credentials: false });
    });
    let ask = async |path: &str, forwarded: &str| -> Got {
        let mut request = get(path);
        request.extensions_mut().insert(Peer("10.0.0.1".parse().unwrap()));
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        send(&router, request).await
    };
    assert_eq!(ask("/status", "1.1.1.1").await.headers["x-ratelimit-remaining"], "2");
    assert_eq!(ask("/nothing", "6.6.6.6, 1.1.1.1").await.headers["x-ratelimit-remaining"], "1");
    assert_eq!(ask("/version", "7.7.7.7, 1.1.1.1").await.status, 200);
    let refused = ask("/version", "8.8.8.8, 1.1.1.1").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.text(), "Too many requests, please slow down.");
    assert_eq!(refused.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(refused.headers["retry-after"], "30");
    assert_eq!(refused.headers["ratelimit"], "\"ip\";r=0;t=30");
    assert_eq!(refused.headers["ratelimit-policy"], "\"ip\";q=3;w=30");
    assert_eq!(refused.headers["access-control-allow-origin"], "*");
    assert_eq!(ask("/health/ready", "1.1.1.1").await.status, 200);
    assert_eq!(ask("/version", "2.2.2.2").await.status, 200);
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_accepts_it() {
    let fake = Fake::new();
    let ask = async |text: &str, accept: &str, on: bool| -> Got {
        let mut request = post(PATH, &json!({ "text": text }));
        request.headers_mut().insert("accept-encoding", accept.parse().unwrap());
        send(&fake.router(|settings| settings.gzip = on), request).await
    };
    let large = ask("!long", "gzip, br", true).await;
    assert_eq!(large.headers["content-encoding"], "gzip");
    assert_eq!(large.headers["vary"], "accept-encoding");
    let mut plain = String::new();
    let mut decoder = flate2::read::GzDecoder::new(large.body.as_slice());
    io::Read::read_to_string(&mut decoder, &mut plain).unwrap();
    assert_eq!(plain, format!("{{\"responses\":[\"{}\"]}}", "x".repeat(5000)));
    for (text, accept, on) in
        [("hi", "gzip", true), ("!long", "br", true), ("!long", "gzip", false)]
    {
        assert!(!ask(text, accept, on).await.headers.contains_key("content-encoding"));
    }
}

#[tokio::test]
async fn probes_and_figures_say_how_the_server_does() {
    let fake = Fake::new();
    let router = fake.router(|_| {});
    let status = "{\"botpress\":\"up\",\"database\":\"up\",\"messaging\":\"n/a\",\"nlu\":\"n/a\"}";
    assert_eq!(send(&router, get("/status")).await.text(), status);
    assert_eq!(send(&router, get("/version")).await.text(), env!("CARGO_PKG_VERSION"));
    let metrics = send(&router, get("/metrics")).await;
    assert_eq!(metrics.text(), "parlance_up 1\n");
    assert_eq!(metrics.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(send(&router, get("/health/ready")).await.status, 200);
    fake.health.set_database_ok(false, "secret");
    let status = status.replace("\"database\":\"up\"", "\"database\":\"down\"");
    assert_eq!(send(&router, get("/status")).await.text(), status);
    let got = send(&router, get("/health/ready")).await;
    assert_eq!(got.status, 503);
    assert_eq!(got.headers["content-type"], "application/problem+json");
    assert_eq!(got.headers["retry-after"], "1");
    assert_eq!(got.json()["detail"], "the database does not answer");
    fake.health.set_phase(Phase::Stopping);
    let got = send(&router, get("/health/ready")).await;
    assert_eq!((got.status.as_u16(), &got.json()["detail"]), (503, &json!("stopping")));
    assert_eq!(send(&router, get("/health/live")).await.status, 200);
}
