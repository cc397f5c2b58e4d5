//! The proxies, HTTP and SOCKS5.

use pressmark_testkit::{Asked, Internet, Page, ProxyKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{exchange, get};
use crate::tls::secure;

fn asked(proxy: ProxyKind, target: &str, tunnel: bool) -> Asked {
    Asked {
        proxy,
        target: target.to_owned(),
        tunnel,
        login: None,
    }
}

async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.split_once("://").unwrap().1)
        .await
        .unwrap()
}

async fn http(net: &Internet, request: &str) -> String {
    let answer = exchange(connect(&net.http_proxy()).await, request)
        .await
        .unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn an_http_proxy_fetches_and_tunnels() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/x?y", Page::text("page"))
        .page("/", Page::text("home"));
    let answer = http(&net, &get("ignored", "http://A.test:8080/x?y", "")).await;
    assert!(answer.ends_with("\r\n\r\npage"), "{answer}");
    assert!(
        http(&net, &get("a.test", "http://a.test", ""))
            .await
            .ends_with("\r\n\r\nhome")
    );
    assert!(
        http(&net, &get("b.test", "http://b.test/", ""))
            .await
            .starts_with("HTTP/1.1 502 ")
    );
    assert!(
        http(&net, &get("a.test", "/x", ""))
            .await
            .starts_with("HTTP/1.1 400 ")
    );

    let mut stream = connect(&net.http_proxy()).await;
    stream
        .write_all(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")
        .await
        .unwrap();
    let mut opened = [0; b"HTTP/1.1 200 Tunnel\r\n\r\n".len()];
    stream.read_exact(&mut opened).await.unwrap();
    assert_eq!(&opened, b"HTTP/1.1 200 Tunnel\r\n\r\n");
    let stream = secure(&net, stream, "a.test").await.unwrap();
    let answer = exchange(stream, &get("a.test", "/", "")).await.unwrap();
    assert!(answer.ends_with(b"home"));

    assert_eq!(
        net.asked(),
        [
            asked(ProxyKind::Http, "A.test:8080", false),
            asked(ProxyKind::Http, "a.test:80", false),
            asked(ProxyKind::Http, "b.test:80", false),
            asked(ProxyKind::Http, "a.test:443", true),
        ]
    );
    assert_eq!(net.paths("a.test"), ["/x?y", "/", "/"]);
}

#[tokio::test]
async fn an_http_proxy_wants_a_login() {
    let net = Internet::start().await;
    net.site("a.test").page("/", Page::text("home"));
    net.set_proxy_login("user", "pass");
    let refused = http(&net, &get("a.test", "http://a.test/", "")).await;
    assert!(refused.starts_with("HTTP/1.1 407 "), "{refused}");
    let login = "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n";
    let answer = http(&net, &get("a.test", "http://a.test/", login)).await;
    assert!(answer.ends_with("home"), "{answer}");
    assert_eq!(net.asked()[1].login, Some(("user".into(), "pass".into())));
    assert_eq!(net.requests().len(), 1);
}

async fn socks(net: &Internet, hello: &[u8], reply: usize) -> (TcpStream, Vec<u8>) {
    let mut stream = connect(&net.socks_proxy()).await;
    stream.write_all(hello).await.unwrap();
    let mut answer = vec![0; reply];
    stream.read_exact(&mut answer).await.unwrap();
    (stream, answer)
}

#[tokio::test]
async fn a_socks_proxy_finds_names() {
    let net = Internet::start().await;
    net.site("a.test").page("/", Page::text("home"));
    let (stream, reply) = socks(&net, b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x00\x50", 12).await;
    assert_eq!(reply, b"\x05\x00\x05\x00\x00\x01\0\0\0\0\0\0");
    let answer = exchange(stream, &get("a.test", "/", "")).await.unwrap();
    assert!(answer.ends_with(b"home"));

    let (_, reply) = socks(&net, b"\x05\x01\x00\x05\x01\x00\x03\x06b.test\x01\xbb", 12).await;
    assert_eq!(reply[2..4], [5, 4], "host unreachable");
    let (_, reply) = socks(&net, b"\x05\x01\x00\x05\x01\x00\x01\x0a\0\0\x01\0\x50", 12).await;
    assert_eq!(reply[2..4], [5, 4], "host unreachable");
    let (_, reply) = socks(&net, b"\x05\x01\x00\x05\x02\x00\x03\x06a.test\x00\x50", 12).await;
    assert_eq!(reply[2..4], [5, 7], "only CONNECT");
    let targets: Vec<String> = net.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(
        targets,
        ["a.test:80", "b.test:443", "10.0.0.1:80", "a.test:80"]
    );
}

#[tokio::test]
async fn a_socks_proxy_wants_a_login() {
    let net = Internet::start().await;
    net.site("a.test").page("/", Page::text("home"));
    net.set_proxy_login("user", "pass");
    assert_eq!(socks(&net, b"\x05\x01\x00", 2).await.1, [5, 0xff]);
    assert_eq!(
        socks(&net, b"\x05\x02\x00\x02\x01\x04user\x04word", 4)
            .await
            .1,
        [5, 2, 1, 1]
    );
    let hello = b"\x05\x02\x00\x02\x01\x04user\x04pass\x05\x01\x00\x03\x06a.test\x00\x50";
    let (stream, reply) = socks(&net, hello, 14).await;
    assert_eq!(reply[..6], [5, 2, 1, 0, 5, 0]);
    let answer = exchange(stream, &get("a.test", "/", "")).await.unwrap();
    assert!(answer.ends_with(b"home"));
    assert_eq!(net.asked()[0].login, Some(("user".into(), "pass".into())));
}

#[tokio::test]
async fn a_reset_goes_through_a_tunnel() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::text("body").reset_after(2));
    let (stream, _) = socks(&net, b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x00\x50", 12).await;
    let error = exchange(stream, &get("a.test", "/", "")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}
