//! Which addresses are on the public internet.
//!
//! The question is not "is it in a list of private ranges" but "is it globally reachable": for
//! IPv4 everything outside the special-purpose registry, for IPv6 only what lies inside `2000::/3`
//! and outside the registry. Forms that carry an IPv4 address which the network or the kernel
//! unpacks (IPv4-mapped, NAT64) are judged by the address inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Not globally reachable: IANA IPv4 Special-Purpose Address Registry, and multicast.
/// 192.0.0.0/24 and 192.88.99.0/24 are refused whole, their few public addresses serve no web.
const SPECIAL_V4: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),       // "this network", RFC 791
    ([10, 0, 0, 0], 8),      // private, RFC 1918
    ([100, 64, 0, 0], 10),   // shared, RFC 6598
    ([127, 0, 0, 0], 8),     // loopback, RFC 1122
    ([169, 254, 0, 0], 16),  // link-local, RFC 3927
    ([172, 16, 0, 0], 12),   // private, RFC 1918
    ([192, 0, 0, 0], 24),    // protocol assignments, RFC 6890
    ([192, 0, 2, 0], 24),    // documentation, RFC 5737
    ([192, 88, 99, 0], 24),  // 6to4 relays, RFC 7526
    ([192, 168, 0, 0], 16),  // private, RFC 1918
    ([198, 18, 0, 0], 15),   // benchmarking, RFC 2544
    ([198, 51, 100, 0], 24), // documentation, RFC 5737
    ([203, 0, 113, 0], 24),  // documentation, RFC 5737
    ([224, 0, 0, 0], 4),     // multicast, RFC 1112
    ([240, 0, 0, 0], 4),     // reserved and broadcast, RFC 1112, RFC 919
];

/// Not globally reachable within `2000::/3`: IANA IPv6 Special-Purpose Address Registry. `2001::/23`
/// and `2002::/16` (Teredo, 6to4) are refused whole: whatever they carry, nothing public is there.
const SPECIAL_V6: &[([u16; 8], u8)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments, RFC 2928
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation, RFC 3849
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4, RFC 3056
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation, RFC 9637
];

/// Names that mean something on the own network or machine only (RFC 6761, RFC 6762, RFC 8375,
/// RFC 9476 and custom).
const LOCAL_SUFFIXES: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
];

/// Ports of other services, which a request could be made to speak to: the "bad ports" of the Fetch
/// standard, 2.9.
#[rustfmt::skip]
const OTHER_SERVICES: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

/// Whether the port is one where no web server is.
pub(crate) fn is_of_another_service(port: u16) -> bool {
    OTHER_SERVICES.contains(&port)
}

/// Whether the IANA registries have this address as reachable from everywhere.
///
/// ```
/// use pressmark_fetch::is_globally_reachable;
///
/// assert!(is_globally_reachable("93.184.216.34".parse().unwrap()));
/// assert!(is_globally_reachable("64:ff9b::5db8:d822".parse().unwrap()));
/// assert!(!is_globally_reachable("::ffff:169.254.169.254".parse().unwrap()));
/// ```
pub fn is_globally_reachable(address: IpAddr) -> bool {
    match unwrapped(address) {
        IpAddr::V4(v4) => !SPECIAL_V4
            .iter()
            .any(|&(net, len)| v4_in(v4, net.into(), len)),
        IpAddr::V6(v6) => {
            v6_in(v6, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
                && !SPECIAL_V6
                    .iter()
                    .any(|&(net, len)| v6_in(v6, net.into(), len))
        }
    }
}

/// The IPv4 address that packets to this one reach, where there is one: of IPv4-mapped addresses
/// (RFC 4291, 2.5.5.2) by the kernel, of the well-known NAT64 prefix (RFC 6052) by the network.
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)).into()
        }
        _ => address,
    }
}

fn v4_in(address: Ipv4Addr, net: Ipv4Addr, len: u8) -> bool {
    Ipv4Net::new(net, len).is_ok_and(|net| net.contains(&address))
}

fn v6_in(address: Ipv6Addr, net: Ipv6Addr, len: u8) -> bool {
    Ipv6Net::new(net, len).is_ok_and(|net| net.contains(&address))
}

/// What may be connected to: the public internet, and the networks that the user named.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    pub(crate) fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether a connection to this address may be opened.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let inside = unwrapped(address);
        is_globally_reachable(address)
            || self
                .allowed
                .iter()
                .any(|net| net.contains(&address) || net.contains(&inside))
    }

    /// Whether a proxy may be asked for this name, which is resolved over there, out of sight.
    pub(crate) fn permits_name(&self, name: &str) -> bool {
        let everything = |net: &IpNet| net.prefix_len() == 0;
        !is_local_name(name) || self.allowed.iter().any(everything)
    }
}

/// Names of the own network, names of one label, and names that some resolvers read as numbers.
pub fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let local = |suffix: &&str| {
        name.strip_suffix(*suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let Some((_, last)) = name.rsplit_once('.') else {
        return true;
    };
    let number = last.starts_with(|c: char| c.is_ascii_digit());
    number || LOCAL_SUFFIXES.iter().any(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reachable(address: &str) -> bool {
        is_globally_reachable(address.parse().unwrap())
    }

    #[test]
    fn the_first_and_last_address_of_every_special_range_is_refused() {
        for &(net, len) in SPECIAL_V4 {
            let net = Ipv4Net::new(net.into(), len).unwrap();
            for inside in [net.network(), net.broadcast()] {
                assert!(!is_globally_reachable(inside.into()), "{inside}");
                assert!(
                    !is_globally_reachable(inside.to_ipv6_mapped().into()),
                    "{inside}"
                );
                let [a, b, c, d] = inside.octets().map(u16::from);
                let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
                assert!(!is_globally_reachable(nat64.into()), "{nat64}");
            }
        }
        for &(net, len) in SPECIAL_V6 {
            let net = Ipv6Net::new(net.into(), len).unwrap();
            for inside in [net.network(), net.broadcast()] {
                assert!(!is_globally_reachable(inside.into()), "{inside}");
            }
        }
    }

    #[test]
    fn what_leads_inside_is_refused() {
        for refused in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!reachable(refused), "{refused}");
        }
    }

    #[test]
    fn the_neighbours_of_the_ranges_are_public() {
        for public in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2001:4860:4860::8888",
            "2003::",
            "2606:4700::1111",
            "3ffe:ffff::",
            "3fff:1000::",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(reachable(public), "{public}");
        }
    }

    #[test]
    fn outside_2000_3_nothing_is_public() {
        for refused in [
            "::",
            "::1",
            "::8.8.8.8",
            "64:ff9b:1::808:808",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1::1",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "::ffff:0:8.8.8.8",
        ] {
            assert!(!reachable(refused), "{refused}");
        }
    }

    #[test]
    fn the_user_may_name_networks() {
        let guard = Guard::new(vec![
            "10.0.0.0/8".parse().unwrap(),
            "::1/128".parse().unwrap(),
        ]);
        for (address, permitted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("::1", true),
            ("192.168.0.1", false),
        ] {
            assert_eq!(
                guard.permits(address.parse().unwrap()),
                permitted,
                "{address}"
            );
        }
        assert!(!guard.permits_name("printer.local"));
        assert!(Guard::new(vec!["0.0.0.0/0".parse().unwrap()]).permits_name("printer.local"));
    }

    #[test]
    fn local_names_are_known() {
        for local in [
            "localhost",
            "a.localhost",
            "LOCALHOST.",
            "router",
            "nas.local",
            "db.internal.",
            "x.home.arpa",
            "a.lan",
            "a.0x7f",
            "a.1",
        ] {
            assert!(is_local_name(local), "{local}");
        }
        for public in [
            "news.example",
            "notlocal.example",
            "mylan.org",
            "local.news",
            "x.onion",
        ] {
            assert!(!is_local_name(public), "{public}");
        }
    }
}
