//! Who asks: the address of the client, behind no proxy but the trusted ones.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{Extensions, HeaderMap};

/// The connection's other end; an extension of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The client's address.
///
/// Each trusted proxy adds the address it heard from at the end of `X-Forwarded-For`; with `hops`
/// of them, the entry that the outermost one added is the client. What stands before it was written
/// by the client and is believed by nobody. With fewer entries than proxies the first entry counts,
/// and without a usable one the connection's other end.
pub(super) fn client_ip(extensions: &Extensions, headers: &HeaderMap, hops: usize) -> IpAddr {
    let peer = extensions.get::<Peer>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0);
    let forwarded = (hops > 0).then(|| forwarded(headers, hops)).flatten();
    forwarded.unwrap_or(peer).to_canonical()
}

fn forwarded(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let entries = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.rsplit(','));
    let entry = entries.take(hops).last()?.trim();
    let address = entry.parse::<SocketAddr>().map(|address| address.ip());
    address.or_else(|_| entry.trim_matches(['[', ']']).parse()).ok()
}

/// One number for each client that is counted as one: an IPv4 address, or an IPv6 network of 64
/// bits, which is what a single customer of a network gets.
pub(super) fn client_number(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => u64::from(u32::from(address)),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d].into_iter().fold(0, |number, part| number << 16 | u64::from(part))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(lines: &[&str], hops: usize) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer("10.0.0.9".parse().unwrap()));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_ip(&extensions, &headers, hops).to_string()
    }

    #[test]
    fn only_entries_of_trusted_proxies_count() {
        for (lines, hops, expected) in [
            (&[][..], 0, "10.0.0.9"),
            (&["1.1.1.1"], 0, "10.0.0.9"),
            (&["1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1, 2.2.2.2"], 2, "1.1.1.1"),
            (&["6.6.6.6", "1.1.1.1", "2.2.2.2"], 2, "1.1.1.1"),
            (&["1.1.1.1"], 3, "1.1.1.1"),
            (&["1.1.1.1:4711"], 1, "1.1.1.1"),
            (&["[2001:db8::1]:4711"], 1, "2001:db8::1"),
            (&["[2001:db8::1]"], 1, "2001:db8::1"),
            (&["::ffff:1.2.3.4"], 1, "1.2.3.4"),
            (&["unknown"], 1, "10.0.0.9"),
            (&[""], 1, "10.0.0.9"),
        ] {
            assert_eq!(seen(lines, hops), expected, "{lines:?} {hops}");
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_client() {
        let number = |text: &str| client_number(text.parse().unwrap());
        assert_eq!(number("2001:db8:1:2::1"), number("2001:db8:1:2:ffff::9"));
        assert_ne!(number("2001:db8:1:2::1"), number("2001:db8:1:3::1"));
        assert_ne!(number("1.2.3.4"), number("1.2.3.5"));
    }
}
