//! Who may change something through a `serve` that others reach.

use std::net::{TcpListener, TcpStream};

use pressmark_testkit::{Internet, Item, Page};

use crate::program::{Program, lines};

const TOKEN: &str = "0123456789abcdef";
/// Loopback in a form that is not believed to be it: nobody else reaches the server of a test.
const ELSEWHERE: &str = "[::ffff:127.0.0.1]";
const SAVE: &str = "url=https%3A%2F%2Fnews.test%2Ffeed.xml&step=save&name=Mine\
                    &pick=feed+https%3A%2F%2Fnews.test%2Ffeed.xml";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_for_others_needs_a_token() {
    let net = Internet::start().await;
    let program = Program::on(&net);
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for address in [
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        format!("{ELSEWHERE}:{port}"),
    ] {
        let ran = program.run(&["serve", "--listen", &address]).await;
        ran.assert_refused("everybody who reaches it could add sources");
        assert!(ran.stderr.contains("web.admin_token"), "{ran:?}");
        assert_eq!(ran.stdout, "", "it never said that it listens");
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!program.data().exists(), "nothing was made");

    let short = program.with("PRESSMARK_WEB_ADMIN_TOKEN", "guess");
    let ran = short.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    ran.assert_refused("shorter than 16 characters");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_there_without_the_token_or_from_another_page() {
    let net = Internet::start().await;
    let item = Item {
        title: "Harbour reopens after the storm",
        link: "https://news.test/story",
        ..Item::default()
    };
    let feed = Page::rss("Harbour News", "https://news.test/", &[item]);
    net.site("news.test").page("/feed.xml", feed);
    let program = Program::on(&net).with("PRESSMARK_WEB_ADMIN_TOKEN", TOKEN);
    let serving = program.serve_on(&format!("{ELSEWHERE}:0"));

    let (head, page) = serving.get("/add", "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(page.contains("name=\"token\""), "{page}");
    let same = "Sec-Fetch-Site: same-origin\r\n";
    let with_token = format!("{SAVE}&token={TOKEN}");
    let wrong = format!("{SAVE}&token=0123456789abcdeF");
    for (header, form) in [
        (same, SAVE),
        (same, &wrong),
        ("", &with_token),
        ("Origin: https://evil.example\r\n", &with_token),
        ("Sec-Fetch-Site: cross-site\r\n", &with_token),
    ] {
        let (head, _) = serving.post("/add", header, form).await;
        assert!(head.starts_with("HTTP/1.1 403"), "{header}{form}: {head}");
    }
    assert_eq!(program.ok(&["sources", "--json"]).await, "");
    assert_eq!(net.requests_to("news.test").len(), 0);

    let (head, _) = serving.post("/add", same, &with_token).await;
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let sources = lines(&program.ok(&["sources", "--json"]).await);
    assert_eq!(sources[0]["slug"], "news.test");
}
