//! The surface as raw connections see it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::testing::Fake;
use super::{BindError, Connections, Settings, bind, serve};
use crate::ops::lifecycle::{Drained, Lifecycle};

const PATH: &str = "/api/v1/bots/welcome-bot/converse/u1";

struct Running {
    address: SocketAddr,
    lifecycle: Lifecycle,
}

async fn run(limits: Connections, change: impl FnOnce(&mut Settings)) -> Running {
    let listener = bind("127.0.0.1", 0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let lifecycle = Lifecycle::default();
    let router = Fake::new().router(change);
    lifecycle.spawn("listener", serve(listener, router, limits, lifecycle.clone()));
    Running { address, lifecycle }
}

impl Running {
    /// Sends bytes and reads until the server closes; what was read until then or for 5 s.
    async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // The server may close before it has read everything.
        let _ = stream.write_all(bytes.as_ref()).await;
        until_closed(stream).await
    }
}

async fn until_closed(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut all)).await;
    match read {
        Ok(Ok(_)) | Err(_) => {}
        Ok(Err(error)) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn request(extra: &str, body: &str) -> String {
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{extra}\r\n{body}"
    )
}

fn whole(text: &str, extra: &str) -> String {
    let body = json!({ "text": text }).to_string();
    request(&format!("content-length: {}\r\n{extra}", body.len()), &body)
}

#[tokio::test]
async fn slow_and_idle_clients_are_left() {
    let limits = Connections { head_timeout: Duration::from_millis(300), ..Connections::default() };
    let server = run(limits, |_| {}).await;
    for head in ["", "POST ", "POST / HTTP/1.1\r\nhost: x\r\nx-a: "] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        until_closed(stream).await;
        assert!(began.elapsed() < Duration::from_secs(3), "{head:?}");
    }
    // A byte now and then does not help.
    let began = Instant::now();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    while stream.write_all(b"G").await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(3));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A connection that asked once is left when it stays idle.
    let began = Instant::now();
    let answer = server.raw(whole("hi", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn large_heads_are_refused() {
    let server = run(Connections::default(), |_| {}).await;
    let large = format!("x-large: {}\r\nconnection: close\r\n", "a".repeat(40_000));
    let answer = server.raw(whole("hi", &large)).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many = "x: y\r\n".repeat(150);
    let answer = server.raw(whole("hi", &many)).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000));
    let answer = server.raw(long).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(server.raw(whole("hi", "connection: close\r\n")).await.contains("\"user\":\"u1\""));
}

#[tokio::test]
async fn chunked_bodies_are_read_and_their_connection_closed() {
    let server = run(Connections::default(), |_| {}).await;
    let chunks = "5;ext=1\r\n{\"tex\r\n9\r\nt\":\"hi\"}\n\r\n0\r\n\r\n";
    let answer = server.raw(request("transfer-encoding: chunked\r\n", chunks)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.contains("\"text\":\"hi\""), "{answer}");
}

#[tokio::test]
async fn smuggled_requests_are_never_answered() {
    let server = run(Connections::default(), |_| {}).await;
    let inner = whole("smuggled", "");
    let body = "{\"text\":\"hi\"}";
    let chunked = format!("d\r\n{body}\r\n0\r\n\r\n");
    for (extra, body) in [
        // A length that covers more, or less, than the chunks.
        (format!("content-length: {}\r\ntransfer-encoding: chunked\r\n", 200), &chunked),
        ("transfer-encoding: chunked\r\ncontent-length: 5\r\n".to_owned(), &chunked),
        ("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n".to_owned(), &chunked),
        ("transfer-encoding: xchunked\r\n".to_owned(), &chunked),
        ("transfer-encoding : chunked\r\n".to_owned(), &chunked),
        ("content-length: 13\r\ncontent-length: 0\r\n".to_owned(), &body.to_owned()),
        ("content-length: +13\r\n".to_owned(), &body.to_owned()),
        ("content-length: 13, 0\r\n".to_owned(), &body.to_owned()),
    ] {
        let answer = server.raw(format!("{}{inner}", request(&extra, body))).await;
        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(answers <= 1, "{extra:?}: {answer}");
        assert!(!answer.contains("smuggled"), "{extra:?}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_gets_its_answer() {
    let server = run(Connections::default(), |settings| settings.body_limit = 10_000).await;
    let large = "x".repeat(500_000);
    let sized = whole(&large, "connection: close\r\n");
    let chunks = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    for bytes in [sized, request("transfer-encoding: chunked\r\n", &chunks)] {
        let answer = server.raw(bytes).await;
        assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
        assert!(answer.contains("entity.too.large"), "{answer}");
    }
    let waits = request("content-length: 500000\r\nexpect: 100-continue\r\n", "");
    let began = Instant::now();
    let answer = server.raw(waits).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "no 100 comes first: {answer}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_repeated_include_is_v12s_type_error() {
    let server = run(Connections::default(), |_| {}).await;
    let bytes = whole("hi", "connection: close\r\n")
        .replace("/u1 HTTP", "/u1?include=nlu&include=state HTTP");
    let answer = server.raw(bytes).await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("\"params.toLowerCase is not a function\""), "{answer}");
}

#[tokio::test]
async fn odd_requests_are_answered_or_left_and_the_server_goes_on() {
    let server = run(Connections::default(), |_| {}).await;
    for (request, status) in [
        ("OPTIONS * HTTP/1.1\r\nhost: x", "404"),
        ("CONNECT x:443 HTTP/1.1\r\nhost: x", "404"),
        ("GET http://x/version HTTP/1.1\r\nhost: x", "200"),
        ("GET //version HTTP/1.1\r\nhost: x", "404"),
        ("GET /%00 HTTP/1.1\r\nhost: x", "404"),
        ("HEAD /version HTTP/1.0", "200"),
        ("BREW /version HTTP/1.1\r\nhost: x", "405"),
        ("GET /version HTTP/3.0\r\nhost: x", "400"),
        ("GET /a b HTTP/1.1\r\nhost: x", "400"),
        ("nonsense", "400"),
        ("PRI * HTTP/2.0", "400"),
    ] {
        let answer = server.raw(format!("{request}\r\nconnection: close\r\n\r\n")).await;
        let got = answer.split(' ').nth(1).unwrap_or_default();
        assert!(got == status || (got.is_empty() && status == "400"), "{request}: {answer}");
    }
    assert!(server.raw(whole("hi", "connection: close\r\n")).await.contains("\"user\":\"u1\""));
}

#[tokio::test]
async fn a_client_may_end_its_side_after_the_request() {
    let server = run(Connections::default(), |_| {}).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(whole("!slow", "").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let began = Instant::now();
    let answer = until_closed(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(4), "and the connection ends");
}

#[tokio::test]
async fn a_body_that_is_cut_off_starts_no_turn() {
    let listener = bind("127.0.0.1", 0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (fake, lifecycle) = (Fake::new(), Lifecycle::default());
    let limits = Connections::default();
    lifecycle.spawn("listener", serve(listener, fake.router(|_| {}), limits, lifecycle.clone()));
    let cut = request("content-length: 30\r\n", "{\"text\":\"hi\"}");
    let chunk = request("transfer-encoding: chunked\r\n", "zz\r\n{\"text\":\"hi\"}\r\n");
    for bytes in [cut, chunk] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = until_closed(stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert!(fake.turns.lock().unwrap().is_empty());
}

#[tokio::test]
async fn connections_are_bounded_and_the_next_one_waits() {
    let limits = Connections { most: 2, ..Connections::default() };
    let server = run(limits, |_| {}).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let second = TcpStream::connect(server.address).await.unwrap();
    let third = server.raw(whole("hi", "connection: close\r\n"));
    let mut third = std::pin::pin!(third);
    let waits = tokio::time::timeout(Duration::from_millis(300), third.as_mut()).await;
    assert!(waits.is_err(), "there is no room yet");
    drop(first);
    assert!(third.await.starts_with("HTTP/1.1 200 "));
    drop(second);
}

#[tokio::test]
async fn requests_in_flight_are_answered_before_the_end() {
    let server = run(Connections::default(), |_| {}).await;
    let idle = TcpStream::connect(server.address).await.unwrap();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(whole("!slow", "").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.lifecycle.stop();
    let answer = until_closed(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let drained = server.lifecycle.drain(Duration::from_secs(2)).await;
    assert_eq!(drained, Drained { dropped: 0, stuck: 0 }, "an idle connection holds nothing up");
    assert!(TcpStream::connect(server.address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn a_taken_port_is_named_with_what_to_do() {
    let listener = bind("127.0.0.1", 0).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = bind("127.0.0.1", port).await.unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }));
    assert!(error.to_string().contains(&format!("port {port} on 127.0.0.1 is already in use")));
    assert!(error.to_string().contains("--port"));
    let error = bind("192.0.2.1", 0).await.unwrap_err();
    assert!(error.to_string().contains("cannot listen on 192.0.2.1:0"), "{error}");
    assert!(bind("[::1]", 0).await.is_ok() || bind("::1", 0).await.is_err());
}
