//! `parlance.outbound`: what may be called besides the public internet (`spec` reliability 5.4).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::outbound::normal_host;

use super::OutboundConfig;
use super::reader::Reader;

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>) -> OutboundConfig {
    let hosts = reader.list(
        "parlance.outbound.allowHosts",
        "a list of host names or addresses, without scheme, port and path",
        normal_host,
    );
    let networks = reader.list(
        "parlance.outbound.allowNetworks",
        "a list of addresses or networks, such as \"10.1.0.0/16\"",
        |text| text.parse().ok().or_else(|| text.parse().ok().map(|one: IpAddr| IpNet::from(one))),
    );
    let ports = reader.list(
        "parlance.outbound.allowPorts",
        "a list of port numbers from 1 to 65535",
        |text| text.parse().ok().filter(|port| *port != 0),
    );
    OutboundConfig {
        allow_hosts: hosts.unwrap_or_default(),
        allow_networks: networks.unwrap_or_default(),
        allow_ports: ports.unwrap_or_default(),
    }
}
