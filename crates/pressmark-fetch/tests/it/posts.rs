//! What is posted.

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, FetchOutcome, Message, Purpose};
use pressmark_testkit::Page;

use crate::support::{World, failed, page, request, world};

async fn post(world: &World, url: &str) -> FetchOutcome {
    let message = Message {
        content_type: "application/timestamp-query".to_owned(),
        body: b"\r\n\0secret".as_slice().into(),
    };
    world
        .fetcher
        .post(request(url, Purpose::Feed), message)
        .await
}

#[tokio::test]
async fn a_message_arrives_as_it_is() {
    let world = world().await;
    let site = world.net.site("a.test");
    site.page("/", Page::redirect(307, "/there"));
    site.answer("/there", |request| Page::bytes("x/y", request.body.clone()));
    let answer = page(post(&world, "https://a.test/").await);
    assert_eq!(&answer.body[..], b"\r\n\0secret");
    let asked = world.net.requests_to("a.test");
    assert_eq!(asked.len(), 2, "robots.txt is not asked: {asked:?}");
    for request in &asked {
        assert_eq!(request.method, "POST");
        assert_eq!(request.header("content-length"), Some("9"));
        let kind = request.header("content-type");
        assert_eq!(kind, Some("application/timestamp-query"));
        assert_eq!(request.body, b"\r\n\0secret");
    }
    let recorded = &answer.exchanges[1].request;
    assert!(recorded.starts_with(b"POST /there") && recorded.ends_with(b"\r\n\r\n"));
}

#[tokio::test]
async fn a_message_is_not_turned_into_a_question_nor_sent_twice() {
    let world = world().await;
    let site = world.net.site("a.test");
    site.page("/moved", Page::redirect(303, "/there"));
    let moved = failed(post(&world, "http://a.test/moved").await).failure;
    assert!(matches!(moved, FetchFailure::Status { status: 303, .. }));
    site.page("/broken", Page::raw(""));
    let broken = failed(post(&world, "http://a.test/broken").await).failure;
    assert_eq!(broken, FetchFailure::Cut);
    assert_eq!(world.net.paths("a.test"), ["/moved", "/broken"]);
}

#[tokio::test]
async fn nothing_is_posted_into_a_private_network() {
    let world = world().await;
    let failure = failed(post(&world, "http://10.0.0.1/").await).failure;
    assert!(matches!(failure, FetchFailure::PrivateNetwork { .. }));
}
