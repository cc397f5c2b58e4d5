//! What other archives saw, and what this one sees after them.

use pressmark_archive::version::VersionKind;
use pressmark_archive::{ImportSummary, ImportedRecord};

use crate::world::{World, feed, story};

fn record(text: &str) -> ImportedRecord {
    ImportedRecord {
        url: "https://news.test/one".parse().unwrap(),
        title: "one".to_owned(),
        published: None,
        authors: Vec::new(),
        tags: Vec::new(),
        html: format!("<p>{text}</p><div>分享 :</div>"),
        file: text.to_owned().into(),
    }
}

#[tokio::test]
async fn further_texts_are_versions_and_what_is_seen_afterwards_is_no_edit() {
    let world = World::new().await;
    let source = world.watch("news.test").await;
    let records = [
        "The first text of it.",
        "A second text of it.",
        "The first text of it.",
    ];
    let imported = world
        .archive
        .import(source.id, records.map(record), &|| {})
        .await
        .unwrap();
    let expected = ImportSummary {
        articles: 1,
        versions: 1,
        known: 1,
        ..ImportSummary::default()
    };
    assert_eq!(imported, expected);

    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 6));
    world.poll().await;
    let kinds: Vec<VersionKind> = world.versions().await.iter().map(|v| v.kind).collect();
    assert_eq!(
        kinds,
        [
            VersionKind::Imported,
            VersionKind::Imported,
            VersionKind::Observed
        ]
    );

    let late = world
        .archive
        .import(source.id, [record("A third text of it.")], &|| {})
        .await;
    assert_eq!(
        late.unwrap().known,
        1,
        "what was seen here is not followed by what was seen before"
    );
    world.assert_sound().await;
}
