//! The guard in a network namespace where every address is local: whatever is connected to is
//! noticed by one listener.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, FetchOutcome, Purpose};
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_testkit::ManualClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{NOW, request};

/// First, some and last address of every range of the IANA special-purpose registries that is not
/// globally reachable, and of the other IPv6 space that never is.
const ROWS: &[(&str, &[&str])] = &[
    ("0.0.0.0/8", &["0.0.0.0", "0.0.0.1", "0.255.255.255"]),
    ("10.0.0.0/8", &["10.0.0.0", "10.1.2.3", "10.255.255.255"]),
    (
        "100.64.0.0/10",
        &["100.64.0.0", "100.100.100.200", "100.127.255.255"],
    ),
    (
        "127.0.0.0/8",
        &["127.0.0.0", "127.0.0.1", "127.255.255.254"],
    ),
    (
        "169.254.0.0/16",
        &["169.254.0.0", "169.254.169.254", "169.254.255.255"],
    ),
    (
        "172.16.0.0/12",
        &["172.16.0.0", "172.17.0.1", "172.31.255.255"],
    ),
    (
        "192.0.0.0/24",
        &["192.0.0.0", "192.0.0.8", "192.0.0.170", "192.0.0.255"],
    ),
    ("192.0.2.0/24", &["192.0.2.0", "192.0.2.255"]),
    (
        "192.88.99.0/24",
        &["192.88.99.1", "192.88.99.2", "192.88.99.255"],
    ),
    (
        "192.168.0.0/16",
        &["192.168.0.0", "192.168.1.1", "192.168.255.255"],
    ),
    ("198.18.0.0/15", &["198.18.0.0", "198.19.255.255"]),
    ("198.51.100.0/24", &["198.51.100.0", "198.51.100.255"]),
    ("203.0.113.0/24", &["203.0.113.0", "203.0.113.255"]),
    ("224.0.0.0/4", &["224.0.0.1", "239.255.255.250"]),
    ("240.0.0.0/4", &["240.0.0.1", "255.255.255.254"]),
    ("255.255.255.255/32", &["255.255.255.255"]),
    ("::/128", &["::"]),
    ("::1/128", &["::1"]),
    ("::/96", &["::7f00:1", "::8.8.8.8"]),
    (
        "64:ff9b::/96",
        &[
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
        ],
    ),
    (
        "64:ff9b:1::/48",
        &["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
    ),
    ("100::/64", &["100::1", "100::ffff:ffff:ffff:ffff"]),
    ("100:0:0:1::/64", &["100:0:0:1::1"]),
    ("2001::/23", &["2001:1ff:ffff::1"]),
    ("2001::/32", &["2001::1", "2001:0:ffff::1"]),
    ("2001:2::/48", &["2001:2::1"]),
    ("2001:10::/28", &["2001:10::1", "2001:1f:ffff::1"]),
    ("2001:20::/28", &["2001:20::1", "2001:2f:ffff::1"]),
    ("2001:db8::/32", &["2001:db8::1", "2001:db8:ffff::1"]),
    (
        "2002::/16",
        &["2002:7f00:1::1", "2002:a00:1::1", "2002:808:808::1"],
    ),
    ("3fff::/20", &["3fff::1", "3fff:fff::1"]),
    ("5f00::/16", &["5f00::1"]),
    ("fc00::/7", &["fc00::1", "fd00:ec2::254", "fdff:ffff::1"]),
    ("fe80::/10", &["fe80::1", "febf::1"]),
    ("fec0::/10", &["fec0::1"]),
    ("ff00::/8", &["ff02::1", "ff0e::1"]),
];
/// On the public internet, though local in the namespace.
const PUBLIC: Ipv4Addr = Ipv4Addr::new(93, 184, 216, 34);

/// Runs [`inside_the_namespace`] in one of its own.
#[test]
fn no_special_purpose_address_is_ever_connected_to() {
    let works = |flags: &&str| {
        Command::new("unshare")
            .args([flags, "ip", "link"])
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let Some(flags) = ["-n", "-rn"].into_iter().find(works) else {
        println!("SKIP: the guard's table needs `unshare` and `ip`, and the right to use them");
        assert!(
            std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_none(),
            "the tools are required"
        );
        return;
    };
    let script = "ip link set lo up && ip route add local 0.0.0.0/0 dev lo \
                  && ip -6 route add local ::/0 dev lo \
                  && exec \"$0\" --ignored --exact --nocapture guard::inside_the_namespace";
    let output = Command::new("unshare")
        .args([flags, "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert!(said.contains("1 passed"), "nothing was run");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Literal,
    Decimal,
    Octal,
    Hex,
    MappedV6,
    Name,
    Redirect,
    SecondOfTwo,
}

const V4_COLUMNS: &[Column] = &[
    Column::Literal,
    Column::Decimal,
    Column::Octal,
    Column::Hex,
    Column::MappedV6,
    Column::Name,
    Column::Redirect,
    Column::SecondOfTwo,
];
/// IPv6 has no decimal, octal or mapped forms; `Hex` is the address in full, in capitals.
const V6_COLUMNS: &[Column] = &[
    Column::Literal,
    Column::Hex,
    Column::Name,
    Column::Redirect,
    Column::SecondOfTwo,
];

impl Column {
    fn url(self, address: IpAddr) -> String {
        let host = match (self, address) {
            (Self::Decimal, IpAddr::V4(v4)) => v4.to_bits().to_string(),
            (Self::Octal, IpAddr::V4(v4)) => v4.octets().map(|byte| format!("0{byte:o}")).join("."),
            (Self::Hex, IpAddr::V4(v4)) => format!("0x{:X}", v4.to_bits()),
            (Self::MappedV6, IpAddr::V4(v4)) => format!("[::ffff:{v4}]"),
            (Self::Hex, IpAddr::V6(v6)) => {
                format!(
                    "[{}]",
                    v6.segments()
                        .map(|segment| format!("{segment:04X}"))
                        .join(":")
                )
            }
            (Self::Name, _) => "name.example".to_owned(),
            (Self::SecondOfTwo, _) => "two.example".to_owned(),
            (Self::Redirect, _) => {
                return format!("http://start.example/?{}", Self::Literal.url(address));
            }
            (_, IpAddr::V4(v4)) => v4.to_string(),
            (_, IpAddr::V6(v6)) => format!("[{v6}]"),
        };
        format!("http://{host}/")
    }
}

/// `name.example` is the address, `two.example` a closed port first and then the address.
#[derive(Debug)]
struct Names(Mutex<IpAddr>);

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let address = match *self.0.lock().unwrap() {
            IpAddr::V4(v4) => SocketAddr::from((v4, port)),
            // A link-local address needs its interface; that of `lo` is 1.
            IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, u32::from(is_link_local(v6))).into(),
        };
        Ok(match host {
            "name.example" => vec![address],
            "two.example" => vec![(PUBLIC, 81).into(), address],
            _ => vec![(PUBLIC, port).into()],
        })
    }
}

fn is_link_local(v6: Ipv6Addr) -> bool {
    v6.segments()[0] & 0xffc0 == 0xfe80
}

/// Where connections went to.
type Reached = Arc<Mutex<Vec<IpAddr>>>;

/// Notes the address that each connection was for, and answers: `/?X` redirects to `X`.
async fn listen(listener: TcpListener, reached: Reached) {
    while let Ok((stream, _)) = listener.accept().await {
        reached
            .lock()
            .unwrap()
            .push(stream.local_addr().unwrap().ip().to_canonical());
        tokio::spawn(answer(stream));
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default();
    let location = target
        .strip_prefix("/?")
        .map(|to| format!("Location: {to}\r\n"));
    let status = if location.is_some() { 302 } else { 200 };
    let location = location.unwrap_or_default();
    let answer =
        format!("HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await
}

/// What the kernel says to a connection that it will not even try, guard or no guard: TCP has no
/// multicast and no broadcast, and an address of one link needs the link, which a URL cannot name.
fn impossible(address: IpAddr, column: Column) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) if v4.is_multicast() => Some("multicast"),
        IpAddr::V4(v4) if v4.is_broadcast() => Some("broadcast"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("multicast"),
        IpAddr::V6(v6) if is_link_local(v6) => match column {
            Column::Name | Column::SecondOfTwo => None,
            _ => Some("no link named"),
        },
        _ => None,
    }
}

/// Whether the kernel refused at once, without a packet: `EINVAL`, `ENETUNREACH` or `EACCES`.
fn is_kernels_word(failure: &FetchFailure) -> bool {
    let FetchFailure::Connect { detail } = failure else {
        return false;
    };
    [
        "Invalid argument",
        "network unreachable",
        "Permission denied",
    ]
    .iter()
    .any(|word| detail.starts_with(word))
}

/// The two clients, and what came of the cells so far.
struct Table {
    guarded: Fetcher,
    open: Fetcher,
    names: Arc<Names>,
    reached: Reached,
    cells: usize,
    connected: usize,
    impossible: BTreeMap<String, usize>,
}

impl Table {
    fn new(reached: Reached) -> Self {
        let names = Arc::new(Names(Mutex::new(PUBLIC.into())));
        let fetcher = |allow: &[&str]| {
            let config = FetchConfig {
                per_host_gap: Duration::ZERO,
                connect_timeout: Duration::from_secs(2),
                allow_networks: allow.iter().map(|net| net.parse().unwrap()).collect(),
                ..FetchConfig::default()
            };
            let clock = Arc::new(ManualClock::at(NOW));
            Fetcher::new(config, clock, Arc::<Names>::clone(&names)).unwrap()
        };
        Self {
            guarded: fetcher(&[]),
            open: fetcher(&["0.0.0.0/0", "::/0"]),
            names,
            reached,
            cells: 0,
            connected: 0,
            impossible: BTreeMap::new(),
        }
    }

    fn take_reached(&self) -> Vec<IpAddr> {
        std::mem::take(&mut *self.reached.lock().unwrap())
    }

    /// With the guard nothing is connected to, for a feed as for a page and its robots.txt.
    async fn is_refused(&self, url: &str, column: Column, cell: &str) {
        for purpose in [Purpose::Feed, Purpose::Article] {
            let outcome = self.guarded.fetch(request(url, purpose)).await;
            let refused = matches!(&outcome, FetchOutcome::Failed(failed)
                if matches!(failed.failure, FetchFailure::PrivateNetwork { .. }));
            assert!(refused, "{cell}: {outcome:?}");
            let mut reached = self.take_reached();
            if column == Column::Redirect {
                reached.retain(|address| *address != PUBLIC);
            }
            assert_eq!(reached, Vec::<IpAddr>::new(), "{cell}");
        }
    }

    /// Without the guard the address itself is connected to, unless the kernel will not.
    async fn is_reached(&mut self, url: &str, address: IpAddr, column: Column, cell: &str) {
        let outcome = self.open.fetch(request(url, Purpose::Feed)).await;
        let reached = self.take_reached();
        match (outcome, impossible(address, column)) {
            (FetchOutcome::Page(_), None) => {
                // The unspecified addresses stand for the loopback ones.
                let end = match address {
                    IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
                    IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
                    other => other,
                };
                assert_eq!(reached.last(), Some(&end), "{cell}: {reached:?}");
                self.connected += 1;
            }
            (FetchOutcome::Failed(failed), Some(why)) => {
                assert!(is_kernels_word(&failed.failure), "{cell}: {failed:?}");
                let said = failed.failure.to_string();
                let range = cell.split(' ').next().unwrap();
                let key = format!("{range}, {why}: {}", said.split(" (").next().unwrap());
                *self.impossible.entry(key).or_default() += 1;
            }
            (outcome, expected) => panic!("{cell}: {outcome:?}, not {expected:?}"),
        }
    }
}

#[ignore = "run by `no_special_purpose_address_is_ever_connected_to`"]
#[tokio::test]
async fn inside_the_namespace() {
    let devices = std::fs::read_to_string("/proc/net/dev").unwrap();
    let others = devices
        .lines()
        .skip(2)
        .filter(|line| !line.trim_start().starts_with("lo:"));
    assert_eq!(others.count(), 0, "this is no namespace of its own");

    let reached = Reached::default();
    let listener = TcpListener::bind("[::]:80").await.unwrap();
    tokio::spawn(listen(listener, Arc::clone(&reached)));
    let mut table = Table::new(reached);
    for (range, addresses) in ROWS {
        for address in *addresses {
            let address: IpAddr = address.parse().unwrap();
            *table.names.0.lock().unwrap() = address;
            let columns = if address.is_ipv4() {
                V4_COLUMNS
            } else {
                V6_COLUMNS
            };
            for &column in columns {
                let (url, cell) = (column.url(address), format!("{range} {address} {column:?}"));
                table.is_refused(&url, column, &cell).await;
                table.is_reached(&url, address, column, &cell).await;
                table.cells += 1;
            }
        }
    }
    let addresses: usize = ROWS.iter().map(|(_, addresses)| addresses.len()).sum();
    println!(
        "{} ranges, {addresses} addresses, {} cells (8 columns for IPv4, 5 for IPv6): \
         0 connections with the guard, {} cells connected without it",
        ROWS.len(),
        table.cells,
        table.connected
    );
    for (range, cells) in &table.impossible {
        println!("the kernel refuses {range}: {cells} cells");
    }
    assert_eq!(
        table.connected + table.impossible.values().sum::<usize>(),
        table.cells
    );
}
