//! What must never be connected to (`spec` reliability 5.4, S-5).

use std::net::IpAddr;

use axum::Router;
use axum::http::header;
use axum::routing::get;

use super::super::address;
use super::super::error::{OutboundError, Rule};
use super::super::{Limits, OutboundRequest};
use super::stage::{Canary, Told, all_is_here, client, own_address, serve};

/// URLs that lead, or try to lead, into the inner network; `{p}` is the port of a listener there. Every
/// name in them resolves to this machine. None has the port of a real service: should the guard ever
/// fail, the test must not be what asks a cloud platform for its secrets.
const URLS: [&str; 148] = [
    // Plain.
    "http://127.0.0.1:{p}/",
    "http://127.0.0.2:{p}/",
    "http://127.255.255.254:{p}/",
    "http://0.0.0.0:{p}/",
    "http://0.1.2.3:{p}/",
    "http://10.0.0.1:{p}/",
    "http://172.16.0.1:{p}/",
    "http://172.31.255.255:{p}/",
    "http://192.168.0.1:{p}/",
    "http://169.254.169.254:{p}/latest/meta-data/",
    "http://169.254.170.2:{p}/v2/credentials",
    "http://100.64.0.1:{p}/",
    "http://100.100.100.200:{p}/latest/meta-data/",
    "http://168.63.129.16:{p}/machine",
    "http://192.0.0.192:{p}/opc/v2/",
    "http://198.18.0.1:{p}/",
    "http://192.0.2.1:{p}/",
    "http://198.51.100.1:{p}/",
    "http://203.0.113.1:{p}/",
    "http://192.88.99.1:{p}/",
    "http://224.0.0.1:{p}/",
    "http://240.0.0.1:{p}/",
    "http://255.255.255.255:{p}/",
    "https://127.0.0.1:{p}/",
    // Octal.
    "http://0177.0.0.1:{p}/",
    "http://00000177.0.0.1:{p}/",
    "http://0177.0.0.01:{p}/",
    "http://0177.1:{p}/",
    "http://017700000001:{p}/",
    "http://012.0.0.1:{p}/",
    "http://0251.0376.0251.0376:{p}/",
    // Hexadecimal.
    "http://0x7f.0.0.1:{p}/",
    "http://0x7F.1:{p}/",
    "http://0x7f.0x0.0x0.0x1:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x00000000007f000001:{p}/",
    "http://0x0:{p}/",
    "http://0x:{p}/",
    "http://0xa9fea9fe:{p}/",
    "http://0xA9.0xFE.0xA9.0xFE:{p}/",
    "http://0x7f.0377.1:{p}/",
    // Whole numbers.
    "http://2130706433:{p}/",
    "http://0:{p}/",
    "http://167772161:{p}/",
    "http://3232235521:{p}/",
    "http://2852039166:{p}/",
    "http://4294967295:{p}/",
    "http://4294967296:{p}/",
    "http://256.256.256.256:{p}/",
    // Short.
    "http://127.1:{p}/",
    "http://127.0.1:{p}/",
    "http://127.65535:{p}/",
    "http://10.1:{p}/",
    "http://169.254.43518:{p}/",
    // A dot at the end.
    "http://127.0.0.1.:{p}/",
    "http://0x7f.1.:{p}/",
    "http://2130706433.:{p}/",
    "http://localhost.:{p}/",
    "http://127.0.0.1..:{p}/",
    // Encoded, and other writing systems.
    "http://127.0.0.%31:{p}/",
    "http://%31%32%37.0.0.1:{p}/",
    "http://127%2e0%2e0%2e1:{p}/",
    "http://localhos%74:{p}/",
    "http://１２７.０.０.１:{p}/",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:{p}/",
    "http://127。0。0。1:{p}/",
    "http://127．0．0．1:{p}/",
    "http://ｌｏｃａｌｈｏｓｔ:{p}/",
    "http://loc\u{ad}alhost:{p}/",
    "http://xn--127-0:{p}/",
    "http://xn--n3h.example:{p}/",
    // IPv6.
    "http://[::]:{p}/",
    "http://[::1]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[0000::0001]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/",
    "http://[::FFFF:10.0.0.1]:{p}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/",
    "http://[::ffff:169.254.169.254]:{p}/",
    "http://[::ffff:a9fe:a9fe]:{p}/",
    "http://[::ffff:0:127.0.0.1]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[64:ff9b::127.0.0.1]:{p}/",
    "http://[64:ff9b::a9fe:a9fe]:{p}/",
    "http://[64:ff9b:1::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[2002:a9fe:a9fe::1]:{p}/",
    "http://[2001:0:7f00:1::1]:{p}/",
    "http://[2001:db8::1]:{p}/",
    "http://[2a00::5efe:127.0.0.1]:{p}/",
    "http://[100::1]:{p}/",
    "http://[fc00::1]:{p}/",
    "http://[fd00:ec2::254]:{p}/latest/",
    "http://[fe80::1]:{p}/",
    "http://[fe80::1%25lo]:{p}/",
    "http://[fe80::1%lo]:{p}/",
    "http://[::1%25lo]:{p}/",
    "http://[fec0::1]:{p}/",
    "http://[ff02::1]:{p}/",
    "http://[::1.]:{p}/",
    "http://::1:{p}/",
    // Users and passwords.
    "http://public.example@127.0.0.1:{p}/",
    "http://1.1.1.1:80@127.0.0.1:{p}/",
    "http://127.0.0.1:{p}@public.example/",
    "http://user:password@localhost:{p}/",
    "http://@127.0.0.1:{p}/",
    "http://:@127.0.0.1:{p}/",
    "http://public.example%40127.0.0.1:{p}/",
    "http://public.example%2f@127.0.0.1:{p}/",
    "http://a@b@127.0.0.1:{p}/",
    // Fragments, queries, slashes.
    "http://127.0.0.1:{p}#@public.example/",
    "http://127.0.0.1:{p}#.public.example/",
    "http://127.0.0.1:{p}?@public.example/",
    "http://localhost:{p}#1.1.1.1",
    "http://127.0.0.1:{p}\\@public.example/",
    "http://public.example:{p}\\@127.0.0.1/",
    "http:\\\\127.0.0.1:{p}\\",
    "http:/127.0.0.1:{p}/",
    "http:127.0.0.1:{p}/",
    "http:///127.0.0.1:{p}/",
    "http:/\\/127.0.0.1:{p}/",
    "HTTP://LOCALHOST:{p}/",
    " http://127.0.0.1:{p}/",
    "http://127.0.\n0.1:{p}/",
    "ht\ttp://127.0.0.1:{p}/",
    "http://127.0.0.1:{p}\r\nHost: public.example/",
    "http://127.0.0.1 :{p}/",
    // Other schemes, and none.
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:{p}/_GET",
    "ftp://127.0.0.1:{p}/",
    "dict://127.0.0.1:{p}/",
    "ws://127.0.0.1:{p}/",
    "unix:/run/docker.sock",
    "jar:http://127.0.0.1:{p}/!/",
    "data:text/plain,hello",
    "//127.0.0.1:{p}/",
    "127.0.0.1:{p}",
    "localhost:{p}/x",
    // Names: one without end of its kind, those that the inner network gives, those of services
    // that resolve to whatever the name says.
    "http://localhost:{p}/",
    "http://a.localhost:{p}/",
    "http://127.0.0.1.nip.io:{p}/",
    "http://metadata.google.internal:{p}/computeMetadata/v1/",
    "http://kubernetes.default.svc:{p}/",
    // Ports that nobody opened.
    "http://public.example:22/",
    "http://public.example:6379/",
];

#[tokio::test]
async fn no_url_reaches_the_inner_network() {
    let canary = Canary::everywhere().await;
    let client = client(all_is_here(), &[], &[canary.port]);
    let port = canary.port.to_string();
    let mut urls: Vec<String> = URLS.iter().map(|url| url.replace("{p}", &port)).collect();
    // A machine may well have a public address, which is nobody's secret.
    let own = own_address().filter(|own| address::special(*own).is_some());
    urls.extend(own.map(|own| format!("http://{own}:{port}/")));
    for url in urls {
        let refused = client.request(OutboundRequest::get(&url)).await;
        let refused = refused.expect_err(&url);
        let by_rule = matches!(refused, OutboundError::BadUrl(_) | OutboundError::Refused { .. });
        assert!(by_rule, "{url}: {refused:?}");
    }
    assert_eq!(canary.connections().await, 0);
}

#[tokio::test]
async fn the_listener_counts_what_is_allowed_to_reach_it() {
    let canary = Canary::everywhere().await;
    let client = client(all_is_here(), &["127.0.0.0/8"], &[canary.port]);
    for host in ["127.0.0.1", "localhost", "0x7f.1"] {
        let url = format!("http://{host}:{}/", canary.port);
        let unanswered = client.request(OutboundRequest::get(url)).await;
        assert!(matches!(unanswered, Err(OutboundError::Broken { .. })), "{host}: {unanswered:?}");
    }
    assert_eq!(canary.connections().await, 3);
}

#[tokio::test]
async fn names_with_an_inner_address_among_theirs_are_refused() {
    let canary = Canary::everywhere().await;
    for addresses in [
        &["::1"][..],
        &["fd00::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["1.1.1.1", "127.0.0.1"],
        &["127.0.0.1", "1.1.1.1"],
        &["2606:4700::1111", "fe80::1"],
    ] {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let client = client(Told::new(move |_, _| addresses.clone()), &[], &[canary.port]);
        let url = format!("http://name.example:{}/", canary.port);
        let refused = client.request(OutboundRequest::get(url)).await.unwrap_err();
        let host = "name.example".to_owned();
        assert_eq!(refused, OutboundError::Refused { host, rule: Rule::Address });
    }
    assert_eq!(canary.connections().await, 0);
}

/// One address of this machine stands for the public internet here, another for the inner network.
/// Only Linux has more than one without being told.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_changes_its_address_at_every_look_up_gains_nothing() {
    const TRIES: usize = 1000;
    let public = serve("127.0.0.2", Router::new().route("/", get(async || "public"))).await;
    let inner = tokio::net::TcpListener::bind(("127.0.0.1", public.port())).await.unwrap();
    let canary = Canary::on(inner);
    let turns: [IpAddr; 2] = ["127.0.0.2".parse().unwrap(), "127.0.0.1".parse().unwrap()];
    let names = Told::new(move |_, before| vec![turns[before % 2]]);
    let client = client(names.clone(), &["127.0.0.2/32"], &[canary.port]);
    let url = format!("http://rebinding.example:{}/", canary.port);
    for attempt in 0..TRIES {
        let result = client.request(OutboundRequest::get(&url)).await;
        if attempt % 2 == 0 {
            assert_eq!(result.unwrap().body, "public", "{attempt}");
        } else {
            assert!(matches!(result, Err(OutboundError::Refused { .. })), "{attempt}: {result:?}");
        }
    }
    assert_eq!(canary.connections().await, 0);
    assert_eq!(names.asked(), TRIES, "a name was looked up again after its check");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_is_sent_on_into_the_inner_network() {
    let to = |place: &str| {
        let place = place.to_owned();
        get(async move || (axum::http::StatusCode::FOUND, [(header::LOCATION, place)]))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let canary = Canary::on(tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap());
    let places = [
        format!("http://169.254.169.254:{port}/latest/meta-data/"),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:1/".to_owned(),
        format!("http://127.0.0.1:{port}/"),
        format!("//127.1:{port}/"),
        format!("http://inner.example:{port}/"),
        format!("http://[::ffff:7f00:1]:{port}/"),
        "/1".to_owned(),
    ];
    let mut router = Router::new();
    for (index, place) in places.iter().enumerate() {
        router = router.route(&format!("/{index}"), to(place));
    }
    tokio::spawn(async move { axum::serve(listener, router).await });
    let names = Told::new(|name, _| {
        vec![if name == "inner.example" { "127.0.0.1" } else { "127.0.0.2" }.parse().unwrap()]
    });
    let client = client(names, &["127.0.0.2/32"], &[port]);
    let limits = Limits { redirects: 3, ..Limits::default() };
    for (index, place) in places.iter().enumerate() {
        let url = format!("http://outer.example:{port}/{index}");
        let refused = client.request(OutboundRequest { limits, ..OutboundRequest::get(url) }).await;
        assert!(matches!(refused, Err(OutboundError::Refused { .. })), "{place}: {refused:?}");
    }
    assert_eq!(canary.connections().await, 0);
}

#[tokio::test]
async fn headers_that_smuggle_are_refused_before_anything_is_sent() {
    let canary = Canary::everywhere().await;
    let client = client(all_is_here(), &["127.0.0.0/8"], &[canary.port]);
    for (name, value) in [("x", "a\r\n\r\nGET /admin"), ("Host", "inner"), ("x\n", "a")] {
        let request = OutboundRequest {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..OutboundRequest::get(format!("http://h.example:{}/", canary.port))
        };
        let refused = client.request(request).await;
        assert!(matches!(refused, Err(OutboundError::BadHeader { .. })), "{name:?}");
    }
    for method in [axum::http::Method::CONNECT, axum::http::Method::TRACE] {
        let url = format!("http://h.example:{}/", canary.port);
        let refused = client.request(OutboundRequest { method, ..OutboundRequest::get(url) }).await;
        assert!(matches!(refused, Err(OutboundError::BadMethod(_))));
    }
    assert_eq!(canary.connections().await, 0);
}
