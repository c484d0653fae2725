//! What may be called: the rules of `spec` reliability 5.4, and what the operator allows besides
//! them. A refusal is told to the log in full, with the setting that would allow the call.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use url::Url;

use crate::config::OutboundConfig;

use super::address;
use super::error::{OutboundError, Rule};

/// Ports that may be called wherever they are.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// Longest URL, in bytes.
const LONGEST_URL: usize = 8 << 10;

/// The rules of this server.
#[derive(Debug)]
pub(super) struct Policy {
    hosts: HashSet<String>,
    networks: Vec<IpNet>,
    ports: BTreeSet<u16>,
}

/// An address that may not be called, with what only the operator may know of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} has the address {address}: {what}")]
pub(super) struct ForbiddenAddress {
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) what: &'static str,
}

impl ForbiddenAddress {
    /// Tells the operator, and gives what others may know.
    pub(super) fn tell(&self) -> OutboundError {
        tracing::warn!(
            host = self.host,
            address = %self.address,
            "a call was refused: the address is {}; parlance.outbound.allowHosts or \
             parlance.outbound.allowNetworks would allow it",
            self.what
        );
        OutboundError::Refused { host: self.host.clone(), rule: Rule::Address }
    }
}

impl Policy {
    pub(super) fn new(config: &OutboundConfig) -> Self {
        Self {
            hosts: config.allow_hosts.iter().cloned().collect(),
            networks: config.allow_networks.clone(),
            ports: PORTS.iter().chain(&config.allow_ports).copied().collect(),
        }
    }

    /// Reads a URL that somebody wants called.
    pub(super) fn read(&self, text: &str) -> Result<Target, OutboundError> {
        if text.len() > LONGEST_URL {
            return Err(OutboundError::BadUrl(format!("longer than {LONGEST_URL} bytes")));
        }
        let url = Url::parse(text).map_err(|error| OutboundError::BadUrl(error.to_string()))?;
        self.check(url)
    }

    /// Checks all of a URL that can be checked before its name is resolved.
    pub(super) fn check(&self, mut url: Url) -> Result<Target, OutboundError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let refused = |rule| {
            let host = if host.is_empty() { "the URL".to_owned() } else { host.clone() };
            OutboundError::Refused { host, rule }
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(Rule::Scheme));
        }
        if host.is_empty() {
            return Err(OutboundError::BadUrl("without a host".to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(Rule::Credentials));
        }
        // Both schemes have a port of their own.
        let port = url.port_or_known_default().unwrap_or_default();
        if !self.ports.contains(&port) {
            tracing::warn!(
                host,
                port,
                "a call was refused: the port is not allowed; parlance.outbound.allowPorts would \
                 allow it"
            );
            return Err(refused(Rule::Port(port)));
        }
        // No resolver is asked for what is an address already.
        if let Some(address) = literal(&host) {
            self.check_addresses(&host, &[address]).map_err(|refusal| refusal.tell())?;
        }
        url.set_fragment(None);
        Ok(Target { url, host })
    }

    /// Checks what a host stands for: one forbidden address among its addresses is one too many.
    pub(super) fn check_addresses(
        &self,
        host: &str,
        addresses: &[IpAddr],
    ) -> Result<(), ForbiddenAddress> {
        if normal_host(host).is_some_and(|host| self.hosts.contains(&host)) {
            return Ok(());
        }
        for address in addresses {
            if self.is_allowed_network(*address) {
                continue;
            }
            if let Some(what) = address::special(*address) {
                let (host, address) = (host.to_owned(), *address);
                return Err(ForbiddenAddress { host, address, what });
            }
        }
        Ok(())
    }

    fn is_allowed_network(&self, address: IpAddr) -> bool {
        let meant = address::canonical(address);
        self.networks.iter().any(|net| net.contains(&meant) || net.contains(&address))
    }
}

/// A URL that may be called as far as its text tells.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    /// As the URL has it: in lower case, international names in their ASCII form, addresses of
    /// IPv6 in brackets.
    pub(super) host: String,
}

/// The address that a URL's host is.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// A host in the one form in which hosts are compared: as in a URL, and without a dot at its end.
/// `None` for what is no host.
pub fn normal_host(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Some(format!("[{address}]"));
    }
    let of_urls = |c: char| ":/\\?#@[]".contains(c) || c.is_whitespace() || c.is_control();
    let url = Url::parse(&format!("http://{text}/")).ok().filter(|_| !text.contains(of_urls))?;
    let host = url.host_str()?.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(hosts: &[&str], networks: &[&str]) -> Policy {
        Policy::new(&OutboundConfig {
            allow_hosts: hosts.iter().map(|host| normal_host(host).unwrap()).collect(),
            allow_networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
            allow_ports: vec![9000],
        })
    }

    #[test]
    fn hosts_have_one_form() {
        for (text, normal) in [
            ("Example.COM", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("::1", Some("[::1]")),
            ("[::1]", Some("[::1]")),
            ("", None),
            (".", None),
            ("a b", None),
            ("a/b", None),
            ("a:80", None),
            ("[::1]:80", None),
            ("u@a", None),
            ("http://a", None),
            ("a?b", None),
            ("a#b", None),
        ] {
            assert_eq!(normal_host(text).as_deref(), normal, "{text:?}");
        }
    }

    #[test]
    fn an_allowed_host_may_have_any_address() {
        let policy = policy(&["crm.internal", "10.0.0.1"], &[]);
        let inner = ["10.1.1.1".parse().unwrap()];
        for host in ["crm.internal", "CRM.internal", "crm.internal."] {
            assert!(policy.check_addresses(host, &inner).is_ok(), "{host}");
        }
        assert!(policy.read("http://10.0.0.1/").is_ok());
        for host in ["internal", "a.crm.internal", "crm.internal.example"] {
            assert!(policy.check_addresses(host, &inner).is_err(), "{host}");
        }
        assert!(policy.read("http://10.0.0.2/").is_err());
    }

    #[test]
    fn an_allowed_network_may_be_called_under_any_name_and_in_any_disguise() {
        let policy = policy(&[], &["10.1.0.0/16", "fd00:1::/32"]);
        for url in
            ["http://10.1.2.3/", "http://[::ffff:10.1.2.3]/", "http://[fd00:1::5]/", "http://h/"]
        {
            assert!(policy.read(url).is_ok(), "{url}");
        }
        for url in ["http://10.2.0.1/", "http://[fd00:2::5]/", "http://[::ffff:10.2.0.1]/"] {
            assert!(policy.read(url).is_err(), "{url}");
        }
    }

    #[test]
    fn one_inner_address_among_public_ones_is_too_many() {
        let addresses = ["1.1.1.1".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        let refusal = policy(&[], &[]).check_addresses("h", &addresses).unwrap_err();
        assert_eq!(refusal.address, addresses[1]);
    }

    #[test]
    fn the_log_names_the_address_and_the_settings_that_would_allow_the_call() {
        let policy = policy(&[], &[]);
        let log = logged(|| {
            let forbidden = policy.check_addresses("h", &["10.9.8.7".parse().unwrap()]);
            forbidden.unwrap_err().tell();
            policy.read("http://127.1/secret?k=s3cret").unwrap_err();
            policy.read("http://h:22/?k=s3cret").unwrap_err();
        });
        for told in [
            "10.9.8.7",
            "a private network",
            "127.0.0.1",
            "parlance.outbound.allowHosts",
            "parlance.outbound.allowNetworks",
            "port=22",
            "parlance.outbound.allowPorts",
        ] {
            assert!(log.contains(told), "{log}\nlacks\n{told}");
        }
        assert!(!log.contains("secret") && !log.contains("s3cret"), "{log}");
    }

    /// What `events` write to the log.
    fn logged(events: impl FnOnce()) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        let writer = std::sync::Mutex::new(file.reopen().unwrap());
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        tracing::subscriber::with_default(log, events);
        std::fs::read_to_string(file.path()).unwrap()
    }

    #[test]
    fn whoever_asked_learns_the_host_and_the_rule_and_no_address() {
        let policy = policy(&[], &[]);
        let forbidden = policy.check_addresses("h", &["10.9.8.7".parse().unwrap()]).unwrap_err();
        assert_eq!(
            forbidden.tell().to_string(),
            "h is not called: its address is not a public one"
        );
        for (url, message) in [
            ("ftp://h/", "h is not called: only http and https are allowed"),
            ("http://u:p@h/", "h is not called: a URL must not hold a user or password"),
            ("http://h:22/", "h is not called: port 22 is not allowed"),
            ("/relative", "the URL cannot be called: relative URL without a base"),
        ] {
            assert_eq!(policy.read(url).unwrap_err().to_string(), message);
        }
        for port in [80, 443, 8080, 8443, 9000] {
            assert!(policy.read(&format!("https://h:{port}/")).is_ok(), "{port}");
        }
        assert!(policy.read(&format!("http://h/{}", "x".repeat(LONGEST_URL))).is_err());
    }
}
