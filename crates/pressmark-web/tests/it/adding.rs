//! The page on which sources are added, from request to source.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use pressmark_archive::Archive;
use pressmark_model::Timestamp;
use pressmark_testkit::{Internet, Item, ManualClock, Page};
use pressmark_web::{Site, Token, Writer, router};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::fake::Fake;
use crate::hubs::archive;
use crate::{Answer, state};

const TOKEN: &str = "0123456789abcdef";
const HERE: (&str, &str) = ("host", "127.0.0.1:7777");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A reader of an archive that is empty, and a site with a feed.
struct Reader {
    router: Router,
    archive: Archive,
    _net: Arc<Internet>,
    _folder: tempfile::TempDir,
}

impl Reader {
    async fn new(token: Option<&str>, local: bool) -> Self {
        let net = Arc::new(Internet::start().await);
        let items = [
            "Harbour reopens after the storm",
            "Council puts off the vote",
        ];
        let items = items.map(|title| Item {
            title,
            link: "https://news.test/story",
            guid: title,
            ..Item::default()
        });
        let feed = Page::rss("Harbour <News>", "https://news.test/", &items);
        net.site("news.test").page("/feed.xml", feed);
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_760_000_000)));
        let folder = tempfile::tempdir().unwrap();
        let archive = archive(&net, &clock, &folder, None).await;
        let router = router(Site {
            catalog: Arc::clone(archive.catalog()),
            clock,
            local,
            writer: Some(Writer {
                archive: archive.clone(),
                token: token.map(Token::new),
                wake: Arc::new(Notify::new()),
            }),
            ..state(Fake::default())
        });
        Self {
            router,
            archive,
            _net: net,
            _folder: folder,
        }
    }

    async fn send(&self, method: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri("/add");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn sources(&self) -> usize {
        self.archive.catalog().sources().await.unwrap().len()
    }
}

const LOOK: &str = "url=https%3A%2F%2Fnews.test%2Ffeed.xml";
const SAVE: &str = "url=https%3A%2F%2Fnews.test%2Ffeed.xml&step=save&name=Mine\
                    &pick=feed+https%3A%2F%2Fnews.test%2Ffeed.xml";

#[tokio::test]
async fn what_is_found_is_shown_before_it_is_saved() {
    let reader = Reader::new(None, true).await;
    let form = reader.send("GET", "", &[HERE]).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("name=\"url\"") && !form.body.contains("name=\"token\""));
    let seen = reader.send("POST", LOOK, &[HERE, SAME]).await;
    assert_eq!(seen.status, StatusCode::OK);
    for part in [
        "Harbour &lt;News&gt;",
        "Council puts off",
        "2 entries now",
        "value=\"save\"",
    ] {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
    assert_eq!(reader.sources().await, 0, "nothing is saved yet");
    let saved = reader.send("POST", SAVE, &[HERE, SAME]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(saved.header("location"), "/s/news.test");
    let source = reader.archive.catalog().sources().await.unwrap().remove(0);
    assert_eq!(source.name.as_deref(), Some("Mine"));
    assert!(saved.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn what_comes_from_elsewhere_changes_nothing() {
    let reader = Reader::new(None, true).await;
    for foreign in [
        &[HERE][..],
        &[HERE, ("sec-fetch-site", "cross-site")],
        &[HERE, ("origin", "http://evil.example")],
        &[HERE, SAME, ("x-forwarded-for", "192.0.2.1")],
        &[("host", "rebound.example"), SAME],
    ] {
        let refused = reader.send("POST", SAVE, foreign).await;
        let status = refused.status.as_u16();
        assert!(status == 403 || status == 421, "{foreign:?}: {status}");
    }
    let open = Reader::new(None, false).await;
    let refused = open.send("POST", SAVE, &[HERE, SAME]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("admin_token"));
    assert_eq!(reader.sources().await + open.sources().await, 0);
}

#[tokio::test]
async fn the_token_is_said_once_and_stands_in_no_page() {
    let reader = Reader::new(Some(TOKEN), false).await;
    let form = reader.send("GET", "", &[HERE]).await;
    assert!(form.body.contains("type=\"password\" name=\"token\""));
    for wrong in [LOOK.to_owned(), format!("{LOOK}&token=0123456789abcdeF")] {
        let refused = reader.send("POST", &wrong, &[HERE, SAME]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.headers.get("set-cookie").is_none());
    }
    let seen = reader
        .send("POST", &format!("{LOOK}&token={TOKEN}"), &[HERE, SAME])
        .await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(!seen.body.contains(TOKEN) && !seen.body.contains("name=\"token\""));
    let cookie = seen.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/add", "Max-Age=1800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(TOKEN));
    let ticket = cookie.split(';').next().unwrap().to_owned();
    let cross = [HERE, ("sec-fetch-site", "cross-site"), ("cookie", &ticket)];
    let refused = reader.send("POST", SAVE, &cross).await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "a ticket is not enough"
    );
    let saved = reader
        .send("POST", SAVE, &[HERE, SAME, ("cookie", &ticket)])
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    assert_eq!(reader.sources().await, 1);
}

#[tokio::test]
async fn bad_input_gets_a_sentence() {
    let reader = Reader::new(None, true).await;
    for (body, sign) in [
        ("", "no web address"),
        ("url=", "no web address"),
        ("url=ftp%3A%2F%2Fnews.test%2F", "no web address"),
        ("url=news.test&step=save", "Nothing was ticked"),
        ("url=news.test&step=save&pick=rubbish", "Nothing was ticked"),
        ("%ff%00=&url=%00", "no web address"),
    ] {
        let told = reader.send("POST", body, &[HERE, SAME]).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(told.body.contains(sign), "{body}: {}", told.body);
    }
    let missing = reader
        .send("POST", "url=https%3A%2F%2Fnowhere.test%2F", &[HERE, SAME])
        .await;
    assert_eq!(missing.status, StatusCode::OK);
    assert!(
        missing.body.contains("No address found for the host"),
        "{}",
        missing.body
    );
    let large = reader
        .send("POST", &"x".repeat(3 << 20), &[HERE, SAME])
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reader.sources().await, 0);
}
