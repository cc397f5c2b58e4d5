//! Images are shown from the archive, and a redacted article is gone from every file.

use std::path::Path;

use pressmark_testkit::{Internet, Item, Page};

use crate::program::Program;
use crate::traces::traces;

/// Stands in all that is redacted, and nowhere else.
pub(crate) const CANARY: &str = "zanzibarquark";

/// A GIF whose bytes are text, too.
fn gif(own: &str) -> Page {
    Page::bytes("image/gif", format!("GIF89a\x20\0\x20\0\0\0\0{own}"))
}

fn story(word: &str) -> Page {
    Page::html(story_html(word))
}

fn story_html(word: &str) -> String {
    let text = ["first", "second", "third", "fourth"].map(|part| {
        format!(
            "<p>The {part} paragraph of the story of {word} tells what was said about it in the \
             council, at some length, and who said it on that long evening.</p>"
        )
    });
    let text = text.concat();
    format!(
        "<html lang=en><head><title>On {word}</title></head><body><article><h1>On {word}</h1>\
         <p><img src=/{word}.gif alt=\"A picture\"></p>{text}</article></body></html>"
    )
}

pub(crate) async fn internet() -> Internet {
    let net = Internet::start().await;
    let site = net.site("news.test");
    let link = format!("https://news.test/{CANARY}");
    let summary = format!("A few words on {CANARY}.");
    let items = [
        Item {
            title: "On zanzibarquark",
            link: &link,
            summary: &summary,
            ..Item::default()
        },
        Item {
            title: "On rivers",
            link: "https://news.test/rivers",
            ..Item::default()
        },
    ];
    site.page("/feed.xml", Page::rss("News", "https://news.test/", &items));
    for word in [CANARY, "rivers"] {
        site.page(&format!("/{word}"), story(word))
            .page(&format!("/{word}.gif"), gif(word));
    }
    net
}

/// Whether something in this folder holds the canary.
fn holds(folder: &Path) -> bool {
    !traces(folder, CANARY).is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_asks_no_outlet_and_what_is_redacted_is_gone() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    let polled = program.ok(&["poll", "--json"]).await;
    assert_eq!(polled.matches("\"event\":\"media\"").count(), 2, "{polled}");
    assert!(program.git(&["log", "-p"]).contains(CANARY));

    let serving = program.serve();
    let list = serving.get("/", "").await.1;
    let at = list.find(&format!("On {CANARY}")).unwrap();
    let before = list.get(..at).unwrap();
    let id = before.rsplit("/a/").next().unwrap();
    let id: String = id.chars().take_while(char::is_ascii_digit).collect();
    let (head, page) = serving.get(&format!("/a/{id}"), "").await;
    assert!(head.contains("img-src 'self' data:;"), "{head}");
    let copy = page.split("src=\"/media/").nth(1).unwrap();
    let copy = format!("/media/{}", copy.split('"').next().unwrap());
    let (head, body) = serving.get(&copy, "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for sign in [
        "content-type: image/gif",
        "immutable",
        "default-src 'none'; sandbox",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(sign), "{sign}: {head}");
    }
    assert!(body.ends_with(CANARY));
    let wrong = copy.replace(".gif", ".svg");
    assert!(serving.get(&wrong, "").await.0.starts_with("HTTP/1.1 404"));
    drop(serving);

    let refused = program.run(&["redact", &id, "--reason", "order 7"]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(holds(&program.data()));
    let told = program
        .ok(&["redact", &id, "--reason", "order 7", "--yes"])
        .await;
    assert!(told.contains("is redacted: leaf"), "{told}");
    assert!(!holds(&program.data()), "nothing of it is in any file");
    assert!(!program.git(&["log", "--all", "-p"]).contains(CANARY));
    assert!(program.git(&["log", "-p"]).contains("On rivers"));
    program.ok(&["check", "--deep"]).await;

    // It is told that it was there, and it does not come back.
    let shown = program.run(&["show", &id]).await;
    assert!(
        shown.code == 2 && shown.stderr.contains("order 7"),
        "{shown:?}"
    );
    let proof = program.ok(&["prove", &id]).await;
    assert!(proof.contains("c2sp.org/tlog-proof"), "{proof}");
    program.ok(&["poll", "--revisit"]).await;
    assert!(!holds(&program.data()));
    let serving = program.serve();
    let (head, page) = serving.get(&format!("/a/{id}"), "").await;
    assert!(
        head.starts_with("HTTP/1.1 410") && page.contains("order 7"),
        "{head}"
    );
    assert!(serving.get(&copy, "").await.0.starts_with("HTTP/1.1 404"));
    let feed = serving.get("/feeds/all.xml", "").await.1;
    assert!(feed.contains("On rivers") && !feed.contains(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_markdown_archive_has_the_copies_if_it_is_to() {
    let net = internet().await;
    let site = net.site("news.test");
    let drawn = "<p><img src=/drawn.svg alt=Drawn></p><h1>";
    let page = story_html("rivers").replace("<h1>", drawn);
    let svg = Page::bytes(
        "image/svg+xml",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    );
    site.page("/rivers", Page::html(page))
        .page("/drawn.svg", svg);
    let program = Program::on(&net).with("PRESSMARK_GIT_MEDIA", "copy");
    program.ok(&["add", "https://news.test/feed.xml"]).await;

    // The texts come first.
    let later = program
        .beside(program.data())
        .with("PRESSMARK_MEDIA_IMAGES", "false");
    later.ok(&["poll"]).await;
    assert!(
        program
            .git(&["grep", "/rivers.gif", "HEAD"])
            .contains("https://news.test/rivers.gif")
    );
    program.ok(&["rebuild", "media"]).await;
    program.ok(&["poll"]).await;
    let told = program.git(&["log", "-1", "--format=%B"]);
    assert!(told.starts_with("news.test: 2 with images\n"), "{told}");
    let files = program.git(&["ls-tree", "-r", "--name-only", "HEAD", "media"]);
    assert_eq!(files.lines().count(), 2, "{files}");
    for name in ["rivers", CANARY] {
        let mut words = program.git(&[
            "grep",
            "-l",
            &format!("On {name}"),
            "HEAD",
            "--",
            "articles",
        ]);
        words = words.trim().to_owned();
        let record = program.git(&["show", &words]);
        let copy = record.split("src=\"../../media/").nth(1).unwrap();
        let copy = copy.split('"').next().unwrap();
        let bytes = program.git(&["show", &format!("HEAD:media/{copy}")]);
        assert!(bytes.starts_with("GIF89a") && bytes.ends_with(name));
        assert!(program.data().join("markdown/media").join(copy).is_file());
        let outlet = record.contains("src=\"https://news.test/drawn.svg");
        assert_eq!(outlet, name == "rivers", "{record}");
        assert!(!record.contains(&format!("/{name}.gif")), "{record}");
    }

    let tree = program.git(&["rev-parse", "HEAD^{tree}"]);
    program.ok(&["rebuild", "git"]).await;
    assert_eq!(program.git(&["rev-parse", "HEAD^{tree}"]), tree);
    let link = format!("https://news.test/{CANARY}");
    let redact = ["redact", &link, "--reason", "order 7", "--yes"];
    program.ok(&redact).await;
    assert!(!holds(&program.data()));
    let files = program.git(&["ls-tree", "-r", "--name-only", "HEAD", "media"]);
    assert_eq!(files.lines().count(), 1, "{files}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_kept_can_be_heard() {
    let net = internet().await;
    let link = "<a href=/talk.mp3>Hear it</a> or <a href=/talk.html>read it</a>. The third";
    let page = story_html("rivers").replace("The third", link);
    let talk = format!("ID3\u{4}\0\0\0\0\0\0{}", "la ".repeat(300));
    net.site("news.test")
        .page("/rivers", Page::html(page))
        .page("/talk.mp3", Page::bytes("audio/mpeg", talk.clone()));
    let program = Program::on(&net).with("PRESSMARK_MEDIA_MAX_AUDIO_BYTES", "100000");
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;

    let serving = program.serve();
    let mut player = String::new();
    for id in 1..=2 {
        let (head, page) = serving.get(&format!("/a/{id}"), "").await;
        assert!(head.contains("media-src 'self';"), "{head}");
        let audio = page.split("<audio controls preload=\"none\" src=\"").nth(1);
        if let Some(audio) = audio {
            assert!(page.contains(">Hear it</a> <audio "), "{page}");
            assert_eq!(page.matches("<audio").count(), 1);
            audio.split('"').next().unwrap().clone_into(&mut player);
        }
    }
    assert!(
        player.starts_with("/media/") && player.contains(".mp3"),
        "{player}"
    );
    let (head, body) = serving.get(&player, "").await;
    assert!(
        head.contains("content-type: audio/mpeg") && body == talk,
        "{head}"
    );
    let (head, body) = serving.get(&player, "Range: bytes=0-2\r\n").await;
    assert!(head.starts_with("HTTP/1.1 206") && body == "ID3", "{head}");
    let range = format!("content-range: bytes 0-2/{}", talk.len());
    assert!(head.contains(&range), "{head}");
    let (head, _) = serving.get(&player, "Range: bytes=5000-\r\n").await;
    assert!(head.starts_with("HTTP/1.1 416"), "{head}");
}
