//! The rules for single sites, as a user tries them.

use pressmark_testkit::{Internet, Item, Page};

use crate::program::Program;

const STORY: &str = "https://news.test/story";

async fn internet() -> Internet {
    let net = Internet::start().await;
    let site = net.site("news.test");
    let item = Item {
        title: "story",
        link: STORY,
        ..Item::default()
    };
    site.page(
        "/feed.xml",
        Page::rss("News", "https://news.test/", &[item]),
    );
    site.page("/story", crate::pages::story("story", 0));
    net
}

fn write(program: &Program, text: &str) {
    let folder = program.data().join("rules");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("news.test.txt"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_listed_checked_and_tried() {
    let net = internet().await;
    let program = Program::on(&net);
    let listed = program.run(&["rules", "list"]).await;
    assert!(listed.stderr.contains("there are no rules"), "{listed:?}");

    write(
        &program,
        "title: concat('A tale: ', //title)\ntest_url: https://news.test/story\n\
         test_contains: told in these words\ntest_url: https://news.test/gone\n",
    );
    let listed = program.ok(&["rules", "list"]).await;
    assert!(
        listed.contains("news.test") && listed.contains("2 tests"),
        "{listed}"
    );
    let checked = program.ok(&["rules", "check"]).await;
    assert!(checked.contains("all of it can be used"), "{checked}");
    let tried = program.run(&["rules", "test"]).await;
    assert_eq!(tried.code, 1, "{tried:?}");
    assert!(
        tried
            .stdout
            .contains("https://news.test/gone (news.test.txt line 4): "),
        "{tried:?}"
    );
    assert!(tried.stdout.contains("2 pages read"), "{tried:?}");

    let title = program.ok(&["extract", STORY]).await;
    assert!(title.starts_with("A tale: "), "{title}");
}

fn part(name: &str, next: &str) -> Page {
    let sentence =
        format!("<p>The part about {name} is told in words, which nobody else uses.</p>");
    Page::html(format!(
        "<html lang=en><head><title>Parts</title></head><body><article><h1>Parts</h1>{}</article>\
         <a class=further href='{next}'>on</a></body></html>",
        sentence.repeat(5)
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_tried_on_all_pages_of_an_article() {
    let net = internet().await;
    let site = net.site("news.test");
    site.page("/ferries", part("ferries", "/trams"));
    site.page("/trams", part("trams", "/buses"));
    site.page("/buses", part("buses", "/ferries"));
    site.page("/planes", part("planes", "https://other.test/rockets"));
    net.site("other.test").page("/rockets", part("rockets", ""));
    for n in 1..=12 {
        let on = format!("/chapter/{}", n + 1);
        site.page(&format!("/chapter/{n}"), part(&format!("chapter {n}"), &on));
    }
    let program = Program::on(&net);
    write(
        &program,
        "next_page_link: //a[@class='further']/@href\n\
         test_url: https://news.test/ferries\ntest_contains: part about ferries\n\
         test_contains: part about buses\n\
         test_url: https://news.test/planes\ntest_contains: part about rockets\n\
         test_url: https://news.test/chapter/1\ntest_contains: part about chapter 10\n\
         test_contains: part about chapter 11\n",
    );
    let told = program.run(&["rules", "test"]).await;
    assert!(
        told.stdout.contains("passed  https://news.test/ferries\n"),
        "{told:?}"
    );
    assert!(
        told.stdout
            .contains("`part about rockets` is not in the article"),
        "{told:?}"
    );
    assert!(net.requests_to("other.test").is_empty(), "another site");
    assert!(
        told.stdout
            .contains("`part about chapter 11` is not in the article"),
        "{told:?}"
    );
    let asked = |path: &str| net.paths("news.test").iter().filter(|p| *p == path).count();
    assert_eq!(asked("/ferries"), 1, "a ring of pages ends");
    assert_eq!((asked("/chapter/10"), asked("/chapter/11")), (1, 0));

    // An address is extracted as it would be archived; a file is read alone.
    let whole = program.ok(&["extract", "https://news.test/ferries"]).await;
    for name in ["ferries", "trams", "buses"] {
        assert!(whole.contains(&format!("part about {name}")), "{whole}");
    }
    site.page("/trams", Page::status(503));
    let ran = program.run(&["extract", "https://news.test/ferries"]).await;
    ran.assert_refused("a further page of `https://news.test/ferries`");
    let explained = [
        "extract",
        "https://news.test/ferries",
        "--explain-html",
        "x.html",
    ];
    let first = program.ok(&explained).await;
    assert!(first.contains("part about ferries") && !first.contains("trams"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_extracted_from_the_page_to_print_where_it_lacks_text() {
    let net = internet().await;
    let site = net.site("news.test");
    let page = |text: &str| {
        Page::html(format!(
            "<html lang=en><head><title>Bridge closed</title></head><body><article>\
             <h1>Bridge closed</h1>{text}</article></body></html>"
        ))
    };
    let line = "<p>The bridge was closed at noon, and it stays closed until the spring.</p>";
    site.page(
        "/bridge",
        page(&format!("{line}<a href='/bridge?print=1'>Print</a>")),
    );
    let more = "<p>The council says that the old piers have to be looked at one by one.</p>";
    site.page(
        "/bridge?print=1",
        page(&format!("{line}{}", more.repeat(6))),
    );
    let program = Program::on(&net);
    let found = program.ok(&["extract", "https://news.test/bridge"]).await;
    assert!(found.contains("old piers"), "{found}");
    let ran = program
        .run(&["extract", "https://news.test/bridge", "--render"])
        .await;
    ran.assert_refused("rendering is off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_is_told_and_does_no_harm() {
    let net = internet().await;
    let program = Program::on(&net);
    write(&program, "title: //h1[\nbdy: //article\nauthor: 'Jo Doe'\n");
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    let polled = program.run(&["poll"]).await;
    assert_eq!(polled.code, 0, "{polled:?}");
    assert!(
        polled.stderr.contains("warning: news.test.txt:1: "),
        "{polled:?}"
    );
    assert!(
        polled.stderr.contains("warning: news.test.txt:2: "),
        "{polled:?}"
    );
    let shown = program.ok(&["show", STORY]).await;
    assert!(shown.contains("Jo Doe"), "{shown}");
    let checked = program.run(&["rules", "check"]).await;
    assert_eq!(checked.code, 1, "{checked:?}");
    assert!(
        checked.stdout.contains("hint: is `body` meant?"),
        "{checked:?}"
    );
}
