//! What the law demands is gone, everywhere, and that it was here stays.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pressmark_archive::failure::Failure;
use pressmark_archive::version::ArticleQuery;
use pressmark_model::{ArticleId, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, RedactionRecord, commitment};
use pressmark_testkit::{Faulty, Item, Mode, Page};

use crate::world::{World, story_html};

/// Stands in the text, the teaser, the title and the address of the article, and nowhere else.
pub(crate) const CANARY: &str = "zanzibarquark";

fn story(title: &str, word: &str, image: &str) -> Page {
    let html = story_html(title, word, 6);
    Page::html(html.replacen("</p>", &format!("</p><img src={image}>"), 1))
}

fn image(own: &str) -> Page {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x20\x08\x02\0\0\0".to_vec();
    bytes.extend(own.as_bytes());
    Page::bytes("image/png", bytes)
}

fn feed() -> Page {
    let link = format!("https://news.test/{CANARY}");
    let summary = format!("All about {CANARY}, in short.");
    let items = [
        Item {
            title: "On zanzibarquark",
            link: &link,
            guid: "guid-of-zanzibarquark",
            summary: &summary,
            ..Item::default()
        },
        Item {
            title: "other",
            link: "https://news.test/other",
            ..Item::default()
        },
    ];
    Page::rss("News", "https://news.test/", &items)
}

pub(crate) async fn world(
    wrap: impl FnOnce(Arc<dyn object_store::ObjectStore>) -> Arc<dyn object_store::ObjectStore>,
) -> World {
    let world = World::with_store(wrap).await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed())
        .page(
            &format!("/{CANARY}"),
            story("On zanzibarquark", CANARY, "/own.png"),
        )
        .page("/other", story("other", "other", "/shared.png"))
        .page("/own.png", image(CANARY))
        .page("/shared.png", image("shared"));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    // An edit, and a visit that finds it as it was.
    world.clock.advance(Duration::from_hours(2));
    let edited = format!("{CANARY}, corrected");
    site.page(
        &format!("/{CANARY}"),
        story("On zanzibarquark", &edited, "/own.png"),
    );
    world.revisit().await;
    world.clock.advance(Duration::from_hours(2));
    world.revisit().await;
    world.archive.seal().await.unwrap();
    world.assert_sound().await;
    world
}

/// The files below a folder that hold the canary as it is or in a gzip member.
pub(crate) fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let is_in = |bytes: &[u8]| {
            bytes
                .windows(CANARY.len())
                .any(|part| part == CANARY.as_bytes())
        };
        let mut holds = is_in(&bytes);
        if path.extension().is_some_and(|end| end == "gz") {
            for stored in pressmark_warc::Reader::new(bytes.as_slice()).flatten() {
                let target = stored.record.target.unwrap_or_default();
                holds |= is_in(&stored.record.block) || target.contains(CANARY);
            }
        }
        if holds {
            found.push(path.display().to_string());
        }
    }
    found
}

pub(crate) async fn canary(world: &World) -> ArticleId {
    let query = ArticleQuery {
        limit: 10,
        ..ArticleQuery::default()
    };
    let found = world.archive.catalog().articles(&query).await.unwrap();
    let article = found.iter().find(|article| article.title.contains(CANARY));
    article.unwrap().id
}

#[tokio::test]
async fn nothing_of_it_is_left_but_that_it_was() {
    let world = world(|store| store).await;
    let article = canary(&world).await;
    assert!(!holding(world.folder.path()).is_empty());
    let before = world.archive.catalog().counts().await.unwrap();

    let redacted = world.archive.redact(article, "order 7").await.unwrap();
    assert!(
        redacted.unwrap().captures >= 5,
        "pages, image, feed: {redacted:?}"
    );
    world.archive.end_redaction(article).await.unwrap();
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());

    // The other article is whole, and so are its image and the log.
    world.assert_sound().await;
    let deep = world.archive.check_deep(&|_, _| {}).await.unwrap();
    assert_eq!(deep.findings, []);
    assert_eq!(world.versions().await.len(), 1);
    let catalog = world.archive.catalog();
    assert_eq!(catalog.kept_media(None, 9).await.unwrap().len(), 1);
    world.archive.seal().await.unwrap();
    world.assert_sound().await;

    // A leaf says what happened, and to which leaves.
    let redaction = catalog.redaction(article).await.unwrap().unwrap();
    assert!(redaction.done_at.is_some() && redaction.work.is_none());
    let row = catalog.ledger(redaction.leaf, 1).await.unwrap().remove(0);
    assert_eq!(row.index.0, i64::try_from(before.leaves).unwrap());
    let leaf = Leaf::from_bytes(&row.leaf).unwrap();
    let record = row.record.unwrap();
    assert_eq!(leaf.kind, LeafKind::Redaction);
    assert_eq!(leaf.commitment, commitment(&row.nonce.unwrap(), &record));
    let record = RedactionRecord::from_bytes(&record).unwrap();
    assert_eq!(
        (record.article, record.reason.as_str()),
        (article, "order 7")
    );
    assert!(record.leaves.len() >= 3, "two versions, and images");
    assert_eq!(catalog.article(article).await.unwrap(), None);

    // It does not come back, neither by the feed nor by another one.
    world.clock.advance(Duration::from_hours(2));
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed().header("X-New", "1"));
    world.poll().await;
    world.revisit().await;
    let redirect = Page::status(302).header("Location", &format!("/{CANARY}"));
    site.page("/feed2.xml", crate::world::feed("news.test", &["again"]));
    site.page("/again", redirect);
    world.watch_at("news.test", "/feed2.xml").await;
    world.poll().await;
    assert_eq!(world.versions().await.len(), 1);
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    let kinds: Vec<_> = world
        .events
        .lock()
        .unwrap()
        .iter()
        .filter_map(|event| match event {
            pressmark_archive::events::Event::EntryFailed { failure, .. } => Some(failure.clone()),
            _ => None,
        })
        .collect();
    assert!(kinds.contains(&Failure::Redacted), "{kinds:?}");
    // What came in until it was known for what it is, is taken out by whoever comes next.
    let open = catalog.redactions(true).await.unwrap();
    world.archive.take_out(&open[0]).await.unwrap();
    world.archive.end_redaction(article).await.unwrap();
    world.assert_sound().await;
}

#[tokio::test]
async fn it_goes_on_where_it_was_cut_off() {
    let mut store = None;
    let world = world(|inner| {
        let faulty = Faulty::over(inner);
        store = Some(faulty.clone());
        Arc::new(faulty)
    })
    .await;
    let store = store.unwrap();
    let article = canary(&world).await;
    store.set(Mode::Loses);
    assert!(world.archive.redact(article, "order 7").await.is_err());
    store.set(Mode::Works);
    // The text is not shown any more, and the check says that something is left to do.
    let catalog = world.archive.catalog();
    assert_eq!(
        catalog.version(article, VersionNumber(1)).await.unwrap(),
        None
    );
    let report = world.archive.check(&|_, _| {}).await.unwrap();
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.what.starts_with("redaction"))
    );

    let open = catalog.redactions(true).await.unwrap();
    assert_eq!(open.len(), 1);
    world.archive.take_out(&open[0]).await.unwrap();
    world.archive.end_redaction(article).await.unwrap();
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    world.assert_sound().await;
    assert_eq!(catalog.redactions(true).await.unwrap(), []);
    // Once more is nothing more.
    world.archive.redact(article, "order 8").await.unwrap();
    assert_eq!(
        catalog.redaction(article).await.unwrap().unwrap().reason,
        "order 7"
    );
}

#[tokio::test]
async fn what_is_missing_without_a_redaction_is_damage() {
    let world = world(|store| store).await;
    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::query("UPDATE leaf SET record = NULL, nonce = NULL WHERE idx = 0")
        .execute(&mut conn)
        .await
        .unwrap();
    let report = world.archive.check(&|_, _| {}).await.unwrap();
    let named = report
        .findings
        .iter()
        .filter(|finding| finding.what == "leaf 0");
    assert_eq!(named.count(), 2, "{:?}", report.findings);
    assert_eq!(
        world.archive.redact(ArticleId(99), "none").await.unwrap(),
        None
    );
}
