//! Images are kept with the articles that show them.

use std::collections::BTreeMap;
use std::time::Duration;

use pressmark_archive::media::{MediaRules, MediaType, MediumRow};
use pressmark_archive::source::{SourceChange, SourceSettings};
use pressmark_model::{ArticleId, Digest, LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, MediaRecord, commitment};
use pressmark_testkit::{Mode, Page};

use crate::world::{World, feed, story_html};

/// The beginning of a PNG of this size, and some bytes of its own.
fn png(width: u32, height: u32, own: &str) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(own.as_bytes());
    bytes
}

fn image(bytes: Vec<u8>) -> Page {
    Page::bytes("image/png", bytes)
}

/// A story that shows this in its middle.
fn showing(title: &str, markup: &str) -> Page {
    let html = story_html(title, title, 5);
    Page::html(html.replacen("</p>", &format!("</p><figure>{markup}</figure>"), 2))
}

async fn world_with(stories: &[(&str, &str)]) -> World {
    filled(World::new().await, stories).await
}

async fn filled(world: World, stories: &[(&str, &str)]) -> World {
    let site = world.net.site("news.test");
    let titles: Vec<&str> = stories.iter().map(|(title, _)| *title).collect();
    site.page("/feed.xml", feed("news.test", &titles));
    for (title, markup) in stories {
        site.page(&format!("/{title}"), showing(title, markup));
    }
    world.watch("news.test").await;
    world
}

async fn images(world: &World, article: i64) -> Vec<MediumRow> {
    let version = (ArticleId(article), VersionNumber(1));
    world.archive.catalog().media_of(&[version]).await.unwrap()
}

/// The manifests in the ledger, each bound to its leaf.
async fn manifests(world: &World) -> Vec<MediaRecord> {
    let ledger = world
        .archive
        .catalog()
        .ledger(LeafIndex(0), 1000)
        .await
        .unwrap();
    let manifest = |row: pressmark_archive::version::LedgerRow| {
        let leaf = Leaf::from_bytes(&row.leaf).unwrap();
        let record = row.record.unwrap();
        (leaf.kind == LeafKind::Media).then(|| {
            assert_eq!(leaf.commitment, commitment(&row.nonce.unwrap(), &record));
            MediaRecord::from_bytes(&record).unwrap()
        })
    };
    ledger.into_iter().filter_map(manifest).collect()
}

#[tokio::test]
async fn the_best_size_is_kept_and_its_manifest_is_a_leaf() {
    let set =
        "<img src=\"/small.png\" srcset=\"/small.png 320w, /best.png 1600w, /huge.png 6000w\">";
    let world = world_with(&[("one", set)]).await;
    let site = world.net.site("news.test");
    let best = png(1600, 900, "best");
    site.page("/best.png", image(best.clone()));
    assert_eq!(world.poll().await.articles, 1);

    let found = images(&world, 1).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let (digest, picture) = found[0].kept.unwrap();
    assert_eq!(found[0].url.as_str(), "https://news.test/huge.png");
    assert_eq!(digest, Digest::of(&best));
    assert_eq!(picture.media_type, MediaType::Png);
    assert_eq!((picture.width, picture.height), (1600, 900));
    let (_, bytes) = world
        .archive
        .media_files()
        .read(&digest)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bytes, best);
    for other in ["/small.png", "/huge.png"] {
        assert!(
            world
                .net
                .requests_to("news.test")
                .iter()
                .all(|r| r.path != other)
        );
    }

    let manifests = manifests(&world).await;
    assert_eq!(manifests.len(), 1);
    assert_eq!(manifests[0].items.len(), 1);
    assert_eq!(manifests[0].items[0].digest, Some(digest));
    world.archive.seal().await.unwrap();
    let catalog = world.archive.catalog();
    let proof = pressmark_archive::prove::prove(&**catalog, LeafIndex(1)).await;
    assert!(proof.unwrap().is_some(), "the manifest's leaf is proven");
    world.assert_sound().await;
    let deep = world.archive.check_deep(&|_, _| {}).await.unwrap();
    assert_eq!((deep.findings.as_slice(), deep.media), (&[][..], 1));
}

#[tokio::test]
async fn the_same_bytes_are_kept_once() {
    let world = world_with(&[
        ("one", "<img src=/a.png>"),
        ("two", "<img src=/a.png>"),
        ("three", "<img src=https://cdn.test/copy.png>"),
    ])
    .await;
    let bytes = png(640, 480, "the same");
    world
        .net
        .site("news.test")
        .page("/a.png", image(bytes.clone()));
    world
        .net
        .site("cdn.test")
        .page("/copy.png", image(bytes.clone()));
    world.poll().await;
    let kept = world.archive.catalog().kept_media(None, 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    for article in 1..=3 {
        let found = images(&world, article).await;
        assert_eq!(found[0].kept.unwrap().0, Digest::of(&bytes));
    }
    let asked = |host: &str| {
        let requests = world.net.requests_to(host);
        requests.iter().filter(|r| r.path.contains(".png")).count()
    };
    assert_eq!((asked("news.test"), asked("cdn.test")), (1, 1));
    let captures = world
        .archive
        .catalog()
        .captures(pressmark_model::CaptureId(1), 100)
        .await;
    let full = captures.unwrap();
    let full = full.iter().filter(|capture| {
        capture.capture.content_type.as_deref() == Some("image/png")
            && capture.capture.page_record().unwrap().kind
                == pressmark_archive::capture::RecordKind::Response
    });
    assert_eq!(full.count(), 1, "the other is a revisit");
    world.assert_sound().await;
}

#[tokio::test]
async fn the_page_is_told_to_who_asks_for_it() {
    let world = world_with(&[(
        "one",
        "<img src=/own.png><img src=https://cdn.test/far.png><img src=/moved.png>\
         <img src=https://cdn.test/back.png>",
    )])
    .await;
    let guarded = |wanted: &'static str, own: &'static str| {
        move |request: &pressmark_testkit::Request| match request.header("referer") {
            Some(from) if from == wanted => image(png(9, 9, own)),
            _ => Page::status(403),
        }
    };
    let site = world.net.site("news.test");
    site.answer("/own.png", guarded("https://news.test/one", "own"));
    let cdn = world.net.site("cdn.test");
    cdn.answer("/far.png", guarded("https://news.test/", "far"));
    // What leads elsewhere is judged there.
    site.answer("/moved.png", |request| match request.header("referer") {
        Some("https://news.test/one") => Page::redirect(302, "https://cdn.test/last.png"),
        _ => Page::status(403),
    });
    cdn.answer("/last.png", guarded("https://news.test/", "last"));
    cdn.answer("/back.png", |request| match request.header("referer") {
        Some("https://news.test/") => Page::redirect(302, "https://news.test/home.png"),
        _ => Page::status(403),
    });
    site.answer("/home.png", guarded("https://news.test/one", "home"));
    world.poll().await;
    let found = images(&world, 1).await;
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|image| image.kept.is_some()), "{found:?}");
}

#[tokio::test]
async fn a_page_may_let_nothing_be_told_of_itself() {
    let meta = "<meta name=referrer content=no-referrer><img src=https://cdn.test/far.png>";
    let world = world_with(&[("one", meta)]).await;
    let cdn = world.net.site("cdn.test");
    cdn.answer("/far.png", |request| match request.header("referer") {
        Some(_) => Page::status(403),
        None => image(png(9, 9, "far")),
    });
    world.poll().await;
    let found = images(&world, 1).await;
    assert!(found.iter().all(|image| image.kept.is_some()), "{found:?}");
}

#[tokio::test]
async fn what_is_no_image_or_too_much_is_left_with_its_reason() {
    let markup = "<img src=/script.svg><img src=/page.png><img src=/large.png><img src=/dot.png>\
                  <img src=/inside.png><img src=/fine.jpg>";
    let world = World::with(|_, parts| {
        parts.media.max_bytes = 1 << 20;
    })
    .await;
    let world = filled(world, &[("one", markup)]).await;
    let site = world.net.site("news.test");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    site.page("/script.svg", Page::bytes("image/svg+xml", svg))
        .page(
            "/page.png",
            Page::bytes("image/png", "<html><p>no</p></html>"),
        )
        .page("/large.png", image(png(9, 9, &"x".repeat(30 << 20))))
        .page("/dot.png", image(png(1, 1, "")))
        .page(
            "/inside.png",
            Page::status(302).header("Location", "http://10.0.0.1/x.png"),
        )
        // The bytes count, not what the server says.
        .page("/fine.jpg", Page::bytes("text/plain", png(7, 7, "fine")));
    world.poll().await;
    let found = images(&world, 1).await;
    let reasons: BTreeMap<&str, Option<&str>> = found
        .iter()
        .map(|image| (image.url.as_url().path(), image.reason.as_deref()))
        .collect();
    let reason = |path: &str| reasons[path].unwrap_or_default();
    assert!(reason("/script.svg").contains("no image"), "{reasons:?}");
    assert!(reason("/page.png").contains("no image"), "{reasons:?}");
    assert!(
        reason("/large.png").contains("larger than 1048576"),
        "{reasons:?}"
    );
    assert!(reason("/dot.png").contains("pixel"), "{reasons:?}");
    assert!(
        reason("/inside.png").contains("public internet"),
        "{reasons:?}"
    );
    assert_eq!(reasons["/fine.jpg"], None);
    assert!(found.iter().all(|image| !image.waits), "all have settled");
    let manifests = manifests(&world).await;
    assert_eq!(manifests.len(), 1);
    let missing = manifests[0]
        .items
        .iter()
        .filter(|item| item.reason.is_some());
    assert_eq!(missing.count(), 5);
    world.assert_sound().await;
}

#[tokio::test]
async fn a_failing_image_is_tried_again_and_the_leaf_waits_for_it() {
    let world = world_with(&[("one", "<img src=/late.png>")]).await;
    let site = world.net.site("news.test");
    site.page("/late.png", Page::status(503))
        .visit("/late.png", 3, image(png(3, 3, "late")));
    for _ in 0..2 {
        world.poll().await;
        assert_eq!(manifests(&world).await, []);
        // Not before its time.
        let asked = world.net.requests_to("news.test").len();
        world.poll().await;
        let since = &world.net.requests_to("news.test")[asked..];
        assert!(since.iter().all(|request| request.path != "/late.png"));
        world.clock.advance(Duration::from_mins(25));
    }
    world.poll().await;
    assert!(images(&world, 1).await[0].kept.is_some());
    assert_eq!(manifests(&world).await.len(), 1);
}

#[tokio::test]
async fn an_image_that_never_comes_is_missing_in_the_end() {
    let world = world_with(&[("one", "<img src=/gone.png>")]).await;
    for _ in 0..8 {
        world.poll().await;
        world.clock.advance(Duration::from_hours(30));
    }
    let found = images(&world, 1).await;
    assert!(!found[0].waits && found[0].kept.is_none());
    let manifests = manifests(&world).await;
    assert_eq!(
        manifests[0].items[0].reason.as_deref(),
        Some("the server answered 404")
    );
    let tries = world.net.requests_to("news.test");
    let tries = tries.iter().filter(|r| r.path == "/gone.png").count();
    assert_eq!(tries, 3);
}

#[tokio::test]
async fn what_could_not_be_stored_is_fetched_again() {
    // The second is a crash between the bytes and their row.
    for fault in [Mode::Loses, Mode::StoresAndDeniesIt] {
        let (world, store) = World::with_faulty_store().await;
        let world = filled(world, &[("one", "<img src=/a.png>")]).await;
        let breaks = store.clone();
        world
            .net
            .site("news.test")
            .answer("/a.png", move |request| {
                if request.visit == 1 {
                    breaks.set(fault);
                }
                image(png(4, 4, "a"))
            });
        assert!(world.try_poll(false).await.is_err());
        assert_eq!(world.versions().await.len(), 1, "the text does not wait");
        assert!(images(&world, 1).await[0].waits);
        store.set(Mode::Works);
        world.clock.advance(Duration::from_mins(1));
        world.poll().await;
        assert!(images(&world, 1).await[0].kept.is_some());
        assert_eq!(manifests(&world).await.len(), 1);
        world.assert_sound().await;
    }
}

#[tokio::test]
async fn images_are_off_where_they_are_switched_off() {
    let off = MediaRules {
        images: false,
        ..MediaRules::default()
    };
    let world = World::with(|_, parts| parts.media = off).await;
    let world = filled(world, &[("one", "<img src=/a.png>")]).await;
    let site = world.net.site("news.test");
    site.page("/a.png", image(png(4, 4, "a")));
    world.poll().await;
    assert_eq!(images(&world, 1).await, []);
    // A source may say otherwise, and what was passed over is looked for when that is asked for.
    let settings = SourceSettings {
        images: Some(true),
        ..SourceSettings::default()
    };
    let change = SourceChange {
        settings: Some(settings),
        ..SourceChange::default()
    };
    let source = world.source("news.test").await;
    let catalog = world.archive.catalog();
    catalog.change_source(source.id, &change).await.unwrap();
    world.archive.look_for_media_again().await.unwrap();
    world.poll().await;
    assert!(images(&world, 1).await[0].kept.is_some());
}

#[tokio::test]
async fn another_address_of_an_image_makes_no_version() {
    let world = world_with(&[("one", "<img src=/a.png?v=1>")]).await;
    let site = world.net.site("news.test");
    site.page("/a.png", image(png(4, 4, "a")));
    world.poll().await;
    site.page("/one", showing("one", "<img src=/a.png?v=2>"));
    world.clock.advance(Duration::from_hours(1));
    world.revisit().await;
    assert_eq!(world.versions().await.len(), 1);
}

#[tokio::test]
async fn an_image_counts_where_it_was_shown_first() {
    let world = world_with(&[("one", "<img src=https://cdn.test/a.png>")]).await;
    world
        .net
        .site("cdn.test")
        .page("/a.png", image(png(640, 480, "a")))
        .page("/b.png", image(png(640, 480, "b")));
    world.poll().await;
    let both = "<img src=https://cdn.test/a.png><img src=https://cdn.test/b.png>";
    let other = world.net.site("other.test");
    other.page("/feed.xml", feed("other.test", &["two"]));
    other.page("/two", showing("two", both));
    let source = world.watch("other.test").await;
    world.poll().await;

    let catalog = world.archive.catalog();
    let taken = async |id| catalog.disk_use(id).await.unwrap().images;
    let first = taken(world.source("news.test").await.id).await;
    let second = taken(source.id).await;
    let captures = catalog
        .captures(pressmark_model::CaptureId(1), 100)
        .await
        .unwrap();
    let bytes = |path: &str| -> u64 {
        let of = |capture: &&pressmark_archive::capture::CaptureRecord| {
            capture.capture.url.as_str().ends_with(path)
        };
        let records = captures
            .iter()
            .filter(of)
            .flat_map(|found| &found.capture.records);
        records.map(|record| record.length).sum()
    };
    assert_eq!((first, second), (bytes("/a.png"), bytes("/b.png")));
    assert!(first > 0 && second > 0);
}
