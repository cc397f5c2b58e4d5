//! Pages, visits, validators, codings, and what is kept of the requests.

use std::io::Read;
use std::time::Duration;

use pressmark_testkit::{Coding, Internet, Item, Page};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{ask, exchange};

#[tokio::test]
async fn sites_are_told_apart_by_name() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::html("<p>one"))
        .page("/q?x=1", Page::text("query"));
    net.site("b.test")
        .page("/", Page::status(503).header("Retry-After", "3"));
    let (head, body) = ask(&net, "A.test:80", "/", "").await;
    assert_eq!(body, b"<p>one");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.contains("\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n"));
    let (head, _) = ask(&net, "b.test", "/", "").await;
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nRetry-After: 3\r\n"));
    assert_eq!(ask(&net, "a.test", "/q?x=1", "").await.1, b"query");
    assert_eq!(ask(&net, "a.test", "/?x=1", "").await.1, b"<p>one");
    assert!(
        ask(&net, "a.test", "/none", "")
            .await
            .0
            .starts_with("HTTP/1.1 404 ")
    );
    assert!(
        ask(&net, "none.test", "/", "")
            .await
            .0
            .starts_with("HTTP/1.1 404 ")
    );
    assert_eq!(net.paths("a.test"), ["/", "/q?x=1", "/?x=1", "/none"]);
    assert_eq!(net.connections(), 6);
}

#[tokio::test]
async fn a_page_changes_on_a_later_visit() {
    let net = Internet::start().await;
    let site = net.site("a.test");
    site.page("/", Page::text("1"))
        .visit("/", 2, Page::text("2"))
        .visit("/", 4, Page::text("4"));
    site.answer("/told", |request| {
        Page::text(format!("{} {:?}", request.visit, request.header("x-word")))
    });
    for expected in ["1", "2", "2", "4", "4"] {
        assert_eq!(ask(&net, "a.test", "/", "").await.1, expected.as_bytes());
    }
    site.page("/", Page::text("for good"));
    assert_eq!(ask(&net, "a.test", "/", "").await.1, b"for good");
    assert_eq!(
        ask(&net, "a.test", "/told", "X-Word: hi\r\n").await.1,
        b"1 Some(\"hi\")"
    );
}

#[tokio::test]
async fn validators_are_honoured() {
    let net = Internet::start().await;
    let date = "Mon, 02 Feb 2026 10:00:00 GMT";
    let page = Page::html("x").etag("\"v1\"").last_modified(date);
    net.site("a.test")
        .page("/", page)
        .visit("/", 6, Page::html("y").etag("\"v2\""));
    let since = format!("If-Modified-Since: {date}\r\n");
    for (headers, status) in [
        ("", "200"),
        ("If-None-Match: \"v0\", W/\"v1\"\r\n", "304"),
        ("If-None-Match: \"v0\"\r\n", "200"),
        (since.as_str(), "304"),
        (&format!("{since}If-None-Match: \"v0\"\r\n"), "200"),
        ("If-None-Match: \"v1\"\r\n", "200"),
    ] {
        let (head, body) = ask(&net, "a.test", "/", headers).await;
        assert_eq!(head.get(9..12), Some(status), "{headers}: {head}");
        assert!(head.contains("\r\nETag: \"v"), "{head}");
        assert_eq!(body.is_empty(), status == "304");
        assert_eq!(head.contains("Content-"), status == "200");
    }
    let statuses: Vec<_> = net
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [200, 304, 200, 304, 200, 200].map(Some));
}

#[tokio::test]
async fn bodies_are_coded_as_they_say() {
    let net = Internet::start().await;
    let site = net.site("a.test");
    let text = "the same words again and ".repeat(99);
    for (coding, name) in [
        (Coding::Gzip, "gzip"),
        (Coding::Deflate, "deflate"),
        (Coding::RawDeflate, "deflate"),
        (Coding::Brotli, "br"),
        (Coding::Zstd, "zstd"),
    ] {
        site.page("/", Page::html(text.as_str()).coded(coding));
        let (head, body) = ask(&net, "a.test", "/", "").await;
        assert!(
            head.contains(&format!("\r\nContent-Encoding: {name}\r\n")),
            "{head}"
        );
        assert!(body.len() < text.len() / 5);
        let mut content = String::new();
        let mut decoder: Box<dyn Read> = match coding {
            Coding::Gzip => Box::new(flate2::read::GzDecoder::new(body.as_slice())),
            Coding::Deflate => Box::new(flate2::read::ZlibDecoder::new(body.as_slice())),
            Coding::RawDeflate => Box::new(flate2::read::DeflateDecoder::new(body.as_slice())),
            Coding::Brotli => Box::new(brotli::Decompressor::new(body.as_slice(), 4096)),
            Coding::Zstd => Box::new(zstd::stream::read::Decoder::new(body.as_slice()).unwrap()),
        };
        decoder.read_to_string(&mut content).unwrap();
        assert_eq!(content, text, "{coding:?}");
    }
    site.page("/", Page::bomb(Coding::Gzip, 4 << 20));
    let (_, body) = ask(&net, "a.test", "/", "").await;
    assert!(body.len() < 10_000, "{}", body.len());
    let mut bomb = flate2::read::GzDecoder::new(body.as_slice());
    assert_eq!(
        std::io::copy(&mut bomb, &mut std::io::sink()).unwrap(),
        4 << 20
    );
}

#[tokio::test]
async fn a_feed_is_escaped() {
    let net = Internet::start().await;
    let item = Item {
        link: "https://a.test/?a=1&b",
        title: "<One>",
        guid: "1",
        ..Item::default()
    };
    net.site("a.test")
        .page("/feed", Page::rss("A & B", "https://a.test/", &[item]));
    let (head, body) = ask(&net, "a.test", "/feed", "").await;
    assert!(head.contains("application/rss+xml"));
    let xml = String::from_utf8(body).unwrap();
    assert!(xml.contains(
        "<item><title>&lt;One&gt;</title><link>https://a.test/?a=1&amp;b</link><guid>1</guid></item>"
    ));
    assert!(xml.contains("<title>A &amp; B</title>"));
}

#[tokio::test]
async fn one_connection_carries_many_requests_and_bodies() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::html("hello").chunked(2))
        .answer("/echo", |request| {
            Page::bytes("text/plain", request.body.clone())
        });
    let mut stream = TcpStream::connect(net.address()).await.unwrap();
    let requests = "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n\
        POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody\
        GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 3);
    assert!(answers.contains("\r\n\r\nbodyHTTP/1.1 "), "{answers}");
    assert!(
        answers.ends_with("\r\n\r\n2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n"),
        "{answers}"
    );
    let requests = net.requests_to("a.test");
    assert!(
        requests
            .iter()
            .all(|request| request.connection == 1 && !request.tls)
    );
    assert_eq!(requests[1].body, b"body");
    assert_eq!(requests[2].number, 3);
}

#[tokio::test]
async fn what_runs_at_once_is_counted() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::text("x").delay(Duration::from_millis(40)));
    ask(&net, "a.test", "/", "").await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    ask(&net, "a.test", "/", "").await;
    assert_eq!(net.most_at_once("a.test"), 1);
    assert!(
        net.gaps("a.test")[0] >= Duration::from_millis(20),
        "{:?}",
        net.gaps("a.test")
    );
    tokio::join!(ask(&net, "a.test", "/", ""), ask(&net, "a.test", "/", ""));
    assert_eq!(net.most_at_once("a.test"), 2);
    assert_eq!(net.gaps("a.test")[2], Duration::ZERO);
    net.forget_requests();
    assert_eq!(net.requests().len(), 0);
}

#[tokio::test]
async fn names_lead_where_the_test_says() {
    let net = Internet::start().await;
    let site = net.site("a.test");
    assert_eq!(net.resolve("A.test.", 80).unwrap(), [net.address()]);
    assert_eq!(
        net.resolve("b.test", 80).unwrap_err().kind(),
        std::io::ErrorKind::NotFound
    );
    site.down();
    let down = net.resolve("a.test", 80).unwrap()[0];
    let refused = TcpStream::connect(down).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    let private = "10.0.0.1:80".parse().unwrap();
    site.resolves_to(vec![net.address(), private]);
    assert_eq!(net.resolve("a.test", 80).unwrap(), [net.address(), private]);
    site.up();
    assert_eq!(net.resolve("a.test", 443).unwrap(), [net.address()]);
}

#[tokio::test]
async fn nothing_listens_after_it_is_dropped() {
    let net = Internet::start().await;
    net.site("a.test").page("/", Page::text("x").stall());
    let address = net.address();
    let stream = TcpStream::connect(address).await.unwrap();
    let waiting = tokio::spawn(exchange(stream, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));
    while net.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(net);
    assert!(waiting.await.unwrap().is_ok_and(|answer| answer.is_empty()));
    assert!(TcpStream::connect(address).await.is_err());
}
