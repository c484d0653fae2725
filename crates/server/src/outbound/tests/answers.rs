//! What honest callers get, and what servers cannot do to them.

use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{any, get};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt as _, stream};

use super::super::client::Outbound;
use super::super::gate::GateLimits;
use super::super::{Limits, OutboundAnswer, OutboundError, OutboundRequest};
use super::stage::{Told, all_is_here, client, client_with, serve};

const LONG: Duration = Duration::from_mins(1);

fn packed(bytes: &[u8]) -> Response {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    ([(header::CONTENT_ENCODING, "gzip")], packer.finish().unwrap()).into_response()
}

fn to(status: u16, place: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, place)]).into_response()
}

/// Pieces of 1 KiB, so long apart; never an end.
fn endless(pause: Duration) -> Response {
    let pieces = stream::repeat(Bytes::from_static(&[b'x'; 1024])).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(piece)
    });
    Body::from_stream(pieces).into_response()
}

fn router() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/json", get(async || r#"{"a":1}"#))
        .route("/status/404", get(async || (StatusCode::NOT_FOUND, "gone")))
        .route("/status/500", get(async || (StatusCode::INTERNAL_SERVER_ERROR, "broken")))
        .route("/status/204", get(async || StatusCode::NO_CONTENT))
        .route("/packed", get(async || packed(b"hello hello hello")))
        .route("/bomb", get(async || packed(&vec![0; 30 << 20])))
        .route("/odd", get(async || ([(header::CONTENT_ENCODING, "br")], "x")))
        .route("/large", get(async || vec![b'x'; 1 << 20]))
        .route("/too-large", get(async || vec![b'x'; (1 << 20) + 1]))
        .route("/endless", get(async || endless(Duration::ZERO)))
        .route("/dribble", get(async || endless(Duration::from_millis(20))))
        .route("/silent", get(async || tokio::time::sleep(LONG).await))
        .route("/once", any(async || to(307, "/echo")))
        .route("/twice", get(async || to(301, "once")))
        .route("/thrice", get(async || to(302, "/twice")))
        .route("/round", get(async || to(302, "/round")))
        .route("/see", any(async || to(303, "/echo")))
        .route(
            "/named",
            get(async |headers: HeaderMap| headers["host"].to_str().unwrap().to_owned()),
        )
        .route(
            "/echo",
            any(async |method: Method, headers: HeaderMap, body: String| {
                let text = |name| headers.get(name).map_or("-", |value| value.to_str().unwrap());
                let (key, agent) = (text("x-key"), text("user-agent"));
                let agent = agent.split('/').next().unwrap().to_owned();
                format!("{method} {key} {agent} {} {body}", text("accept-encoding"))
            }),
        )
}

/// A client that may call a server, and that server's base URL.
async fn pair() -> (Outbound, String) {
    let address = serve("127.0.0.1", router()).await;
    let client = client(all_is_here(), &["127.0.0.0/8"], &[address.port()]);
    (client, format!("http://service.example:{}", address.port()))
}

async fn ask(client: &Outbound, url: &str, redirects: u8) -> Result<OutboundAnswer, OutboundError> {
    let limits = Limits { redirects, ..Limits::default() };
    client.request(OutboundRequest { limits, ..OutboundRequest::get(url) }).await
}

#[tokio::test]
async fn whatever_is_allowed_is_answered() {
    let (client, base) = pair().await;
    let port = base.rsplit(':').next().unwrap();
    let local = |host: &str| format!("http://{host}:{port}/");
    let sent = "GET - Parlance gzip ";
    for (url, redirects, status, body) in [
        (format!("{base}/"), 0, 200, "hello"),
        (base.clone(), 0, 200, "hello"),
        (format!("{base}/json"), 0, 200, r#"{"a":1}"#),
        (format!("{base}/json?q=a%20b&r=%2e"), 0, 200, r#"{"a":1}"#),
        (format!("{base}/json#part"), 0, 200, r#"{"a":1}"#),
        (format!("{base}/x/../json"), 0, 200, r#"{"a":1}"#),
        (format!("{base}/status/404"), 0, 404, "gone"),
        (format!("{base}/status/500"), 0, 500, "broken"),
        (format!("{base}/status/204"), 0, 204, ""),
        (format!("{base}/packed"), 0, 200, "hello hello hello"),
        (format!("{base}/echo"), 0, 200, sent),
        (format!("{base}/once"), 0, 307, ""),
        (format!("{base}/once"), 1, 200, sent),
        (format!("{base}/twice"), 2, 200, sent),
        (format!("{base}/thrice"), 3, 200, sent),
        (local("SERVICE.example."), 0, 200, "hello"),
        (local("bücher.example"), 0, 200, "hello"),
        (local("127.0.0.1"), 0, 200, "hello"),
        (local("[::ffff:127.0.0.1]"), 0, 200, "hello"),
        (local("2130706433"), 0, 200, "hello"),
    ] {
        let answer = ask(&client, &url, redirects).await.expect(&url);
        assert_eq!((answer.status, answer.body), (status, Bytes::from(body)), "{url}");
        assert!(!answer.headers.contains_key("content-encoding"), "{url}");
    }
    let named = ask(&client, &format!("{base}/named"), 0).await.unwrap();
    assert_eq!(named.body, format!("service.example:{port}"));
    let moved = ask(&client, &format!("{base}/twice"), 2).await.unwrap();
    assert_eq!(moved.url.as_str(), format!("{base}/echo"));
    let largest = ask(&client, &format!("{base}/large"), 0).await.unwrap();
    assert_eq!(largest.body.len(), 1 << 20);
}

#[tokio::test]
async fn methods_headers_and_bodies_arrive() {
    let (client, base) = pair().await;
    let limits = Limits { redirects: 1, ..Limits::default() };
    for (path, method, expected) in [
        ("/echo", Method::POST, "POST s3cret Parlance gzip data"),
        ("/echo", Method::DELETE, "DELETE s3cret Parlance gzip data"),
        ("/echo", Method::HEAD, ""),
        ("/once", Method::PUT, "PUT s3cret Parlance gzip data"),
        ("/see", Method::POST, "GET s3cret Parlance gzip "),
    ] {
        let request = OutboundRequest {
            method,
            url: format!("{base}{path}"),
            headers: vec![("X-Key".to_owned(), "s3cret".to_owned())],
            body: Bytes::from_static(b"data"),
            limits,
        };
        assert_eq!(client.request(request).await.unwrap().body, expected, "{path}");
    }
}

#[tokio::test]
async fn a_key_does_not_go_along_to_another_host() {
    let second = serve("127.0.0.1", router()).await.port();
    let away = format!("http://other.example:{second}/echo");
    let sends_on = get(async move || Redirect::temporary(&away));
    let first = serve("127.0.0.1", Router::new().route("/", sends_on)).await.port();
    let client = client(all_is_here(), &["127.0.0.0/8"], &[first, second]);
    let request = OutboundRequest {
        headers: vec![("X-Key".to_owned(), "s3cret".to_owned())],
        limits: Limits { redirects: 1, ..Limits::default() },
        ..OutboundRequest::get(format!("http://service.example:{first}/"))
    };
    assert_eq!(client.request(request).await.unwrap().body, "GET - Parlance gzip ");
}

#[tokio::test]
async fn answers_have_a_size() {
    let (client, base) = pair().await;
    for path in ["/too-large", "/endless", "/bomb"] {
        let refused = ask(&client, &format!("{base}{path}"), 0).await;
        let expected =
            OutboundError::TooLarge { host: "service.example".to_owned(), max_bytes: 1 << 20 };
        assert_eq!(refused.unwrap_err(), expected, "{path}");
    }
    let odd = ask(&client, &format!("{base}/odd"), 0).await;
    assert!(matches!(odd, Err(OutboundError::Broken { .. })), "{odd:?}");
}

#[tokio::test]
async fn a_slow_server_is_not_waited_for() {
    let (client, base) = pair().await;
    let total = Duration::from_millis(300);
    for path in ["/silent", "/dribble"] {
        let limits = Limits { total, ..Limits::default() };
        let request = OutboundRequest { limits, ..OutboundRequest::get(format!("{base}{path}")) };
        let started = std::time::Instant::now();
        let late = client.request(request).await.unwrap_err();
        assert_eq!(late.to_string(), "service.example did not answer within 300 ms", "{path}");
        assert!(started.elapsed() < total * 10, "{path}");
    }
}

#[tokio::test]
async fn a_call_is_not_sent_round_for_ever() {
    let (client, base) = pair().await;
    for (path, limit) in [("/round", 3), ("/thrice", 2)] {
        let refused = ask(&client, &format!("{base}{path}"), limit).await;
        let host = "service.example".to_owned();
        assert_eq!(refused.unwrap_err(), OutboundError::TooManyRedirects { host, limit });
    }
}

#[tokio::test]
async fn what_cannot_be_reached_or_read_is_told_without_its_url() {
    let secret = "k=s3cret";
    let port = serve("127.0.0.1", router()).await.port();
    let caller = client(all_is_here(), &["127.0.0.0/8"], &[port, 1]);
    for url in [
        format!("http://service.example:1/?{secret}"),
        format!("https://service.example:{port}/?{secret}"),
        format!("http://service.example:{port}/odd?{secret}"),
        format!("http://service.example:{port}/bomb?{secret}"),
    ] {
        let error = caller.request(OutboundRequest::get(&url)).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains("service.example") && !told.contains(secret), "{told}");
    }
    let shown = format!("{:?}", OutboundRequest::get(format!("http://a.example/?{secret}")));
    assert!(!shown.contains(secret), "{shown}");
    let unknown = client(Told::new(|_, _| Vec::new()), &[], &[]);
    let error = unknown.request(OutboundRequest::get("http://nowhere.example/")).await.unwrap_err();
    assert_eq!(error.to_string(), "nowhere.example cannot be reached: no address");
}

#[tokio::test]
async fn callers_beyond_the_queue_are_turned_away() {
    let address = serve("127.0.0.1", router()).await;
    let limits = GateLimits { running: 1, running_per_host: 1, waiting: 1, waiting_per_host: 1 };
    let client = client_with(all_is_here(), &["127.0.0.0/8"], &[address.port()], limits);
    let slow = OutboundRequest {
        limits: Limits { total: Duration::from_millis(500), ..Limits::default() },
        ..OutboundRequest::get(format!("http://service.example:{}/silent", address.port()))
    };
    let calls = (0..3).map(|_| client.request(slow.clone()));
    let ended = futures_util::future::join_all(calls).await;
    let busy = |result: &Result<_, _>| matches!(result, Err(OutboundError::Busy { .. }));
    assert_eq!(ended.iter().filter(|result| busy(result)).count(), 1, "{ended:?}");
    let again = OutboundRequest::get(format!("http://service.example:{}/", address.port()));
    assert!(client.request(again).await.is_ok());
}
