//! Bodies: whole or not at all, decoded once, within their limit; and what is recorded of them.

use std::time::{Duration, Instant};

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose, Validators};
use pressmark_testkit::{Coding, Page};

use crate::support::{failed, not_modified, page, request, world, world_with};

const CODINGS: [Coding; 5] = [
    Coding::Gzip,
    Coding::Deflate,
    Coding::RawDeflate,
    Coding::Brotli,
    Coding::Zstd,
];

fn text() -> String {
    let lines: Vec<_> = (0..2_000).map(|n| format!("line {n}")).collect();
    lines.join("\n")
}

#[tokio::test]
async fn one_coding_is_taken_off_and_the_wire_is_recorded() {
    let world = world().await;
    let site = world.net.site("a.test");
    for (n, coding) in CODINGS.into_iter().enumerate() {
        let path = format!("/{n}");
        site.page(&path, Page::html(text()).coded(coding).chunked(700));
        let page = world.page(&format!("http://a.test{path}")).await;
        assert_eq!(page.body, text(), "{coding:?}");
        assert!(page.header("content-encoding").is_some());
        let [exchange] = page.exchanges.as_slice() else {
            panic!("{:?}", page.exchanges)
        };
        let wire = pressmark_warc::HttpResponse::parse(&exchange.response).unwrap();
        assert_eq!(wire.decoded_body(1 << 20).unwrap().bytes, text().as_bytes());
        assert!(exchange.response.starts_with(b"HTTP/1.1 200 Scripted\r\n"));
        assert!(exchange.response.ends_with(b"\r\n0\r\n\r\n"));
        assert!(!exchange.truncated);
        assert_eq!(exchange.remote, Some(world.net.address()));
        let sent = String::from_utf8(exchange.request.to_vec()).unwrap();
        assert!(
            sent.starts_with(&format!("GET {path} HTTP/1.1\r\nHost: a.test\r\n")),
            "{sent}"
        );
        assert!(
            sent.contains("Accept-Encoding: gzip, deflate, br, zstd\r\n"),
            "{sent}"
        );
        assert!(sent.ends_with("\r\n\r\n"));
    }
    assert_eq!(world.net.connections(), 1, "the connection is kept");
}

#[tokio::test]
async fn unknown_and_nested_codings_are_refused() {
    let world = world().await;
    let site = world.net.site("a.test");
    site.page("/twice", Page::html(text()).gzip().gzip())
        .page(
            "/list",
            Page::html(text()).header("Content-Encoding", "gzip, br"),
        )
        .page(
            "/unknown",
            Page::html(text()).header("Content-Encoding", "compress"),
        )
        .page(
            "/untrue",
            Page::html(text()).header("Content-Encoding", "gzip"),
        );
    for path in ["/twice", "/list", "/unknown", "/untrue"] {
        let failure = world.failure(&format!("http://a.test{path}")).await;
        assert!(
            matches!(failure, FetchFailure::Coding { .. }),
            "{path}: {failure}"
        );
    }
}

#[tokio::test]
async fn bombs_end_at_the_limit_in_little_time_and_memory() {
    let world = world_with(|config, _| config.max_feed_bytes = 1 << 20).await;
    let site = world.net.site("a.test");
    let sizes = [48 << 20, 16 << 20, 16 << 20, 16 << 20, 256_u64 << 20];
    let before = memory();
    for (n, (coding, size)) in CODINGS.into_iter().zip(sizes).enumerate() {
        let path = format!("/{n}");
        site.page(&path, Page::bomb(coding, size));
        let begun = Instant::now();
        let failure = world.failure(&format!("http://a.test{path}")).await;
        assert_eq!(
            failure,
            FetchFailure::TooLarge { limit: 1 << 20 },
            "{coding:?}"
        );
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{coding:?} {took:?}");
    }
    let grown = memory().saturating_sub(before);
    assert!(grown < 40 << 20, "{grown} bytes more");
}

/// The most memory that this process has had, in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        << 10
}

#[tokio::test]
async fn limits_are_those_of_the_purpose_or_the_source() {
    let world = world_with(|config, _| {
        config.max_feed_bytes = 1_000;
        config.max_page_bytes = 3_000;
    })
    .await;
    world
        .net
        .site("a.test")
        .page("/2000", Page::html("x".repeat(2_000)))
        .page("/3000", Page::html("x".repeat(3_000)).chunked(1))
        .page("/3001", Page::html("x".repeat(3_001)).until_close());
    let too_large = |limit| FetchFailure::TooLarge { limit };
    assert_eq!(world.failure("http://a.test/2000").await, too_large(1_000));
    assert_eq!(
        page(world.article("http://a.test/3000").await).body.len(),
        3_000
    );
    let outcome = world.article("http://a.test/3001").await;
    assert_eq!(failed(outcome).failure, too_large(3_000));
    let mut own = request("http://a.test/3001", Purpose::Article);
    own.policy.max_bytes = Some(3_001);
    assert_eq!(page(world.fetcher.fetch(own).await).body.len(), 3_001);
}

#[tokio::test]
async fn an_answer_that_was_cut_is_no_page() {
    let world = world().await;
    let site = world.net.site("a.test");
    let half = Page::html(text()).gzip();
    let short = |page: Page| page.close_after(300);
    let cases = [
        ("/reset", Page::html(text()).reset_after(5_000)),
        ("/close", Page::html(text()).close_after(5_000)),
        ("/close-at-once", Page::html(text()).close_after(0)),
        ("/chunk", Page::html(text()).chunked(900).close_after(5_000)),
        (
            "/no-last-chunk",
            Page::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        ),
        ("/length", Page::html(text()).declared_length(1_000_000)),
        ("/gzip", short(half.clone().until_close())),
        ("/gzip-length", short(half)),
        (
            "/zstd",
            Page::html(text())
                .coded(Coding::Zstd)
                .until_close()
                .close_after(300),
        ),
        (
            "/br",
            Page::html(text())
                .coded(Coding::Brotli)
                .until_close()
                .close_after(300),
        ),
        (
            "/reset-unframed",
            Page::html(text()).until_close().reset_after(5_000),
        ),
        ("/head", Page::raw("HTTP/1.1 200 OK\r\nContent-Ty")),
        ("/nothing", Page::raw("")),
    ];
    for scheme in ["http", "https"] {
        for (path, answer) in &cases {
            site.page(path, answer.clone());
            let failed = failed(world.get(&format!("{scheme}://a.test{path}")).await);
            assert_eq!(failed.failure, FetchFailure::Cut, "{scheme} {path}");
            assert!(failed.exchanges.is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn the_end_of_the_connection_may_be_the_end_of_the_body() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/1.1", Page::html("whole").until_close())
        .page("/1.0", Page::raw("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nwhole"))
        .page("/early", Page::raw("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"))
        .page("/folded", Page::raw("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nX : c\r\nContent-Length: 5\r\n\r\nwhole"));
    let urls = ["/1.1", "/1.0", "/early", "/folded"]
        .into_iter()
        .flat_map(|path| ["http", "https"].map(|scheme| format!("{scheme}://a.test{path}")));
    for url in urls {
        let page = world.page(&url).await;
        assert_eq!(page.body, "whole", "{url}");
        let record = &page.exchanges[0].response;
        assert!(record.starts_with(b"HTTP/1.") && record.windows(4).any(|w| w == b" 200"));
    }
}

#[tokio::test]
async fn no_http_is_a_protocol_failure() {
    let world = world().await;
    let site = world.net.site("a.test");
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(60_000));
    for (path, wire) in [
        ("/ssh", "SSH-2.0-OpenSSH_9.9\r\n".to_owned()),
        ("/0.9", "<html>no status line</html>".to_owned()),
        (
            "/length",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_owned(),
        ),
        (
            "/lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned(),
        ),
        (
            "/chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        ),
        ("/many", many),
    ] {
        site.page(path, Page::raw(wire));
        let failure = world.failure(&format!("http://a.test{path}")).await;
        assert!(
            matches!(failure, FetchFailure::Protocol { .. }),
            "{path}: {failure}"
        );
    }
    site.page("/206", Page::html("a part").with_status(206));
    let failure = world.failure("http://a.test/206").await;
    assert!(
        matches!(failure, FetchFailure::Protocol { .. }),
        "{failure}"
    );
}

#[tokio::test]
async fn every_phase_has_its_time() {
    let short = Duration::from_millis(200);
    let world = world_with(|config, _| {
        config.headers_timeout = short;
        config.body_timeout = short;
    })
    .await;
    world
        .net
        .site("a.test")
        .page("/stall", Page::html(text()).stall())
        .page("/stall-body", Page::html(text()).stall_after(10))
        .page(
            "/drip",
            Page::html(text()).drip(1, Duration::from_millis(20)),
        )
        .page(
            "/slow",
            Page::html("slow").delay(Duration::from_millis(300)),
        );
    for (path, phase) in [
        ("/stall", "headers"),
        ("/stall-body", "body"),
        ("/drip", "body"),
    ] {
        let begun = Instant::now();
        let failure = world.failure(&format!("http://a.test{path}")).await;
        assert_eq!(
            failure,
            FetchFailure::Timeout {
                phase: phase.to_owned()
            },
            "{path}"
        );
        assert!(begun.elapsed() < Duration::from_secs(2), "{path}");
    }
    let mut patient = request("http://a.test/slow", Purpose::Feed);
    patient.policy.timeout = Some(Duration::MAX);
    assert_eq!(page(world.fetcher.fetch(patient).await).body, "slow");
    let mut hasty = request("http://a.test/slow", Purpose::Feed);
    hasty.policy.timeout = Some(Duration::from_millis(100));
    let failure = failed(world.fetcher.fetch(hasty).await).failure;
    assert_eq!(
        failure,
        FetchFailure::Timeout {
            phase: "headers".to_owned()
        }
    );
}

#[tokio::test]
async fn validators_are_sent_back() {
    let world = world().await;
    let date = "Wed, 13 Jan 2027 08:00:00 GMT";
    world
        .net
        .site("a.test")
        .page(
            "/both",
            Page::xml("<rss/>")
                .etag("W/\"1\"")
                .last_modified(date)
                .header("Cache-Control", "max-age=60"),
        )
        .page("/date", Page::xml("<rss/>").last_modified(date))
        .page("/always", Page::status(304));
    let first = world.page("http://a.test/both").await;
    assert_eq!(first.validators.etag.as_deref(), Some("W/\"1\""));
    assert_eq!(first.validators.last_modified.as_deref(), Some(date));
    assert_eq!(first.max_age, Some(Duration::from_mins(1)));

    for path in ["/both", "/date"] {
        let mut again = request(&format!("http://a.test{path}"), Purpose::Feed);
        again.validators = first.validators.clone();
        again.validators.etag = again.validators.etag.filter(|_| path == "/both");
        let same = not_modified(world.fetcher.fetch(again.clone()).await);
        assert_eq!(same.validators, again.validators);
    }
    let sent = world.net.requests().pop().unwrap();
    assert_eq!(sent.header("if-modified-since"), Some(date));
    assert_eq!(sent.header("if-none-match"), None);

    let mut stale = request("http://a.test/both", Purpose::Feed);
    stale.validators = Validators {
        etag: Some("\"0\"".to_owned()),
        last_modified: None,
    };
    assert_eq!(page(world.fetcher.fetch(stale).await).status, 200);
    let unasked = world.failure("http://a.test/always").await;
    assert_eq!(
        unasked,
        FetchFailure::Status {
            status: 304,
            retry_after: None
        }
    );
}

#[tokio::test]
async fn refusals_and_challenges_are_told_apart() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/gone", Page::html("gone").with_status(410))
        .page("/large", Page::html("x".repeat(1 << 20)).with_status(404))
        .page("/challenge", Page::challenge());
    let gone = failed(world.get("http://a.test/gone").await);
    assert_eq!(
        gone.failure,
        FetchFailure::Status {
            status: 410,
            retry_after: None
        }
    );
    assert!(gone.exchanges[0].response.ends_with(b"\r\n\r\ngone"));
    let large = failed(world.get("http://a.test/large").await);
    assert_eq!(
        large.failure,
        FetchFailure::Status {
            status: 404,
            retry_after: None
        }
    );
    assert!(large.exchanges[0].truncated && large.exchanges[0].response.len() < 1 << 20);
    let failure = world.failure("http://a.test/challenge").await;
    assert_eq!(
        failure,
        FetchFailure::BotChallenge {
            by: "Cloudflare".to_owned()
        }
    );
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_no_failure() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", Page::html("x"))
        .page("/bye", Page::html("y").declared_length(1));
    for path in ["/", "/", "/bye", "/"] {
        world.page(&format!("http://a.test{path}")).await;
    }
    assert_eq!(world.net.connections(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_closes_under_the_next_request_is_no_failure() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = world().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    world.net.site("a.test").resolves_to(vec![address]);
    let server = tokio::spawn(async move {
        let mut head = [0; 4096];
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut head).await.unwrap() > 0);
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
            stream.write_all(answer).await.unwrap();
            // The next request is read and not answered.
            assert!(stream.read(&mut head).await.unwrap() > 0);
        }
    });
    for _ in 0..2 {
        assert_eq!(world.page("http://a.test/").await.body, "x");
    }
    server.abort();
}

#[tokio::test]
async fn what_is_no_content_has_a_limit_too() {
    let world = world().await;
    let hint = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: <{}>\r\n\r\n",
        "x".repeat(8_000)
    );
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole";
    world
        .net
        .site("a.test")
        .page("/", Page::raw(hint.repeat(500) + answer));
    let mut small = request("http://a.test/", Purpose::Feed);
    assert_eq!(page(world.fetcher.fetch(small.clone()).await).body, "whole");
    small.policy.max_bytes = Some(1_000);
    let failure = failed(world.fetcher.fetch(small).await).failure;
    assert_eq!(failure, FetchFailure::TooLarge { limit: 1_000 });
}
