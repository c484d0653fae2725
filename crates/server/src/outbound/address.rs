//! Which addresses belong to the public internet, and which lead to this machine, the inner network
//! or nowhere (the special-purpose registries of IANA; RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Ranges of IPv4 that no public server lives in.
const IPV4: [(Ipv4Net, &str); 16] = [
    (v4([0, 0, 0, 0], 8), "this machine"),
    (v4([10, 0, 0, 0], 8), "a private network"),
    (v4([100, 64, 0, 0], 10), "a provider's inner network"),
    (v4([127, 0, 0, 0], 8), "this machine"),
    // Public by its number, but in one cloud every machine finds its platform there.
    (v4([168, 63, 129, 16], 32), "a cloud platform's own services"),
    (v4([169, 254, 0, 0], 16), "link-local, where cloud platforms keep secrets"),
    (v4([172, 16, 0, 0], 12), "a private network"),
    (v4([192, 0, 0, 0], 24), "set apart for protocols"),
    (v4([192, 0, 2, 0], 24), "set apart for documentation"),
    (v4([192, 88, 99, 0], 24), "a relay of 6to4"),
    (v4([192, 168, 0, 0], 16), "a private network"),
    (v4([198, 18, 0, 0], 15), "set apart for measurements"),
    (v4([198, 51, 100, 0], 24), "set apart for documentation"),
    (v4([203, 0, 113, 0], 24), "set apart for documentation"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
];

/// The part of IPv6 in which public servers live.
const IPV6_PUBLIC: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// Ranges of IPv6 that are told apart; whatever else is not in [`IPV6_PUBLIC`] is refused as well.
const IPV6: [(Ipv6Net, &str); 11] = [
    (v6([0, 0, 0, 0], 96), "this machine"),
    (v6([0x64, 0xff9b, 1, 0], 48), "translated to an inner network"),
    (v6([0x100, 0, 0, 0], 64), "discarded"),
    (v6([0x2001, 0, 0, 0], 32), "a tunnel (Teredo)"),
    (v6([0x2001, 0, 0, 0], 23), "set apart for protocols"),
    (v6([0x2001, 0xdb8, 0, 0], 32), "set apart for documentation"),
    (v6([0x2002, 0, 0, 0], 16), "a tunnel (6to4)"),
    (v6([0x3fff, 0, 0, 0], 20), "set apart for documentation"),
    (v6([0xfc00, 0, 0, 0], 7), "a private network"),
    (v6([0xfe80, 0, 0, 0], 10), "link-local"),
    (v6([0xff00, 0, 0, 0], 8), "multicast"),
];

/// Addresses of IPv4 seen through a translator (RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

const fn v4(address: [u8; 4], length: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(address: [u16; 4], length: u8) -> Ipv6Net {
    let [a, b, c, d] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), length)
}

/// The address that is really meant: an IPv4 address that is written as one of IPv6, or reached
/// through a translator, is that IPv4 address.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) if NAT64.contains(&v6) => IpAddr::V4(lowest(v6)),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
    }
}

/// What an address is that does not belong to the public internet; `None` for one that does.
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match canonical(address) {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => {
            let known = IPV6.iter().find(|(range, _)| range.contains(&v6));
            let known = known.map(|(_, what)| *what);
            let beyond = || (!IPV6_PUBLIC.contains(&v6)).then_some("not in use");
            known.or_else(beyond).or_else(|| tunnelled(v6))
        }
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    IPV4.iter().find(|(range, _)| range.contains(&address)).map(|(_, what)| *what)
}

/// An address below any prefix may name a machine of IPv4 behind a tunnel (ISATAP, RFC 5214).
fn tunnelled(address: Ipv6Addr) -> Option<&'static str> {
    let [_, _, _, _, kind, protocol, _, _] = address.segments();
    let isatap = matches!(kind, 0 | 0x200) && protocol == 0x5efe;
    if isatap { special_v4(lowest(address)) } else { None }
}

/// The last 32 bits.
fn lowest(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_the_public_internet_pass() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2a00::5efe:1.1.1.1",
        ] {
            assert_eq!(special(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn all_others_are_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::1.1.1.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "2001::1",
            "2001:0:1:1::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:101:101::",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2a00::5efe:127.0.0.1",
            "2a00::200:5efe:10.0.0.1",
        ] {
            assert!(special(address.parse().unwrap()).is_some(), "{address}");
        }
    }

    proptest! {
        #[test]
        fn an_address_of_ipv4_is_judged_the_same_in_every_disguise(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(bits);
            let plain = special(IpAddr::V4(v4));
            prop_assert_eq!(special(IpAddr::V6(v4.to_ipv6_mapped())), plain);
            let nat64 = NAT64.addr().to_bits() | u128::from(bits);
            prop_assert_eq!(special(IpAddr::V6(Ipv6Addr::from_bits(nat64))), plain);
        }

        #[test]
        fn what_the_standard_library_knows_as_special_is_special(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(bits);
            let known = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_unspecified();
            prop_assert!(!known || special(IpAddr::V4(v4)).is_some());
        }
    }
}
