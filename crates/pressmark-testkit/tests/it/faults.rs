//! Answers that go wrong on the way.

use std::io::ErrorKind;
use std::time::Duration;

use pressmark_testkit::{Internet, Page};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::client::{ask, exchange, get};

async fn raw(net: &Internet, path: &str) -> std::io::Result<String> {
    let stream = TcpStream::connect(net.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n");
    exchange(stream, &request)
        .await
        .map(|answer| String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn lengths_lie() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/long", Page::text("body").declared_length(9))
        .page("/short", Page::text("body").declared_length(2))
        .page("/none", Page::text("body").until_close())
        .page("/cut", Page::text("body").close_after(3))
        .page("/cut-chunk", Page::text("body").chunked(9).close_after(5));
    for (path, expected, end) in [
        ("/long", "Content-Length: 9\r\n", "\r\n\r\nbody"),
        ("/short", "Content-Length: 2\r\n", "\r\n\r\nbody"),
        ("/none", "Connection: close\r\n", "\r\n\r\nbody"),
        ("/cut", "Content-Length: 4\r\n", "\r\n\r\nbod"),
        (
            "/cut-chunk",
            "Transfer-Encoding: chunked\r\n",
            "\r\n\r\n4\r\nbo",
        ),
    ] {
        let answer = raw(&net, path).await.unwrap();
        assert!(
            answer.contains(expected) && answer.ends_with(end),
            "{path}: {answer}"
        );
    }
    assert!(!raw(&net, "/none").await.unwrap().contains("Content-Length"));
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::text("body").reset_after(2));
    let mut stream = TcpStream::connect(net.address()).await.unwrap();
    stream
        .write_all(get("a.test", "/", "").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    let error = stream.read_to_end(&mut answer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(
        answer.ends_with(b"\r\n\r\nbo"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let requests = net.requests();
    assert_eq!(requests[0].status, Some(200));
}

#[tokio::test]
async fn a_stall_lasts_until_the_client_leaves() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/head", Page::text("body").stall())
        .page("/body", Page::text("body").stall_after(1));
    for (path, expected) in [("/head", ""), ("/body", "\r\n\r\nb")] {
        let mut stream = TcpStream::connect(net.address()).await.unwrap();
        stream
            .write_all(get("a.test", path, "").as_bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        assert!(timeout(Duration::from_millis(60), reading).await.is_err());
        assert!(answer.ends_with(expected.as_bytes()));
        assert_eq!(answer.is_empty(), expected.is_empty());
        assert!(net.requests().last().unwrap().ended.is_none());
        drop(stream);
        while net.requests().last().unwrap().ended.is_none() {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(net.requests()[0].status, None);
}

#[tokio::test]
async fn a_drip_takes_its_time() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::text("abcde").drip(2, Duration::from_millis(20)));
    let begun = Instant::now();
    assert_eq!(ask(&net, "a.test", "/", "").await.1, b"abcde");
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn bytes_that_are_no_response_are_sent_as_they_are() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::raw("SSH-2.0-OpenSSH_9.9\r\n"))
        .page("/wall", Page::challenge())
        .page("/loop", Page::redirect(302, "/loop"));
    assert_eq!(raw(&net, "/").await.unwrap(), "SSH-2.0-OpenSSH_9.9\r\n");
    let (head, body) = ask(&net, "a.test", "/wall", "").await;
    assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("\r\ncf-mitigated: challenge\r\n"));
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("<title>Just a moment...</title>")
    );
    let (head, _) = ask(&net, "a.test", "/loop", "").await;
    assert!(head.starts_with("HTTP/1.1 302 ") && head.contains("\r\nLocation: /loop\r\n"));
}
