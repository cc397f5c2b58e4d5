//! Edits and deletions: the page, the feed, and the article's timeline.

use axum::http::StatusCode;
use pressmark_archive::absence::{Absence, Deletion};
use pressmark_archive::change::{Change, ChangeKind};
use pressmark_archive::edit::{Edit, EditClasses};
use pressmark_archive::version::Version;
use pressmark_model::LeafIndex;

use crate::fake::Fake;
use crate::sample::{at, edited, source, version};
use crate::{get, get_with, site};

const OLD: &[&str] = &[
    "The council met on Monday.",
    "It put the price at 4.2 million crowns.",
];
const NEW: &[&str] = &[
    "The council met on Monday.",
    "It put the price at <5.1> million crowns.",
];

fn change(kind: ChangeKind, of: &Version, leaf: i64) -> Change {
    Change {
        leaf: LeafIndex(leaf),
        kind,
        article: of.article_id,
        version: of.number,
        at: of.captured_at,
        classes: EditClasses::default(),
        size: 0,
        silent: false,
        reason: None,
        title: of.article.title.clone(),
        url: of.url.clone(),
        slug: of.slug.clone(),
    }
}

/// An outlet that edited one article silently and took another one away.
fn catalog() -> Fake {
    let outlet = source(1, "courier.example", "The Courier", "en");
    let first = version(1, &outlet, "Price agreed", "2026-11-20T08:00:00Z", OLD);
    let second = edited(&first, "Price agreed", "2026-11-21T08:00:00Z", NEW);
    let gone = version(2, &outlet, "A <story>", "2026-11-19T08:00:00Z", OLD);
    let apart = second.captured_at.since(first.captured_at);
    let edit = Edit::between(&first.article, &second.article, apart);
    let edit = Change {
        classes: edit.classes,
        size: edit.size,
        silent: true,
        ..change(ChangeKind::Edit, &second, second.leaf.0)
    };
    let deleted = Change {
        reason: Some(Absence::Gone),
        ..change(ChangeKind::Deleted, &gone, 200)
    };
    Fake {
        sources: vec![outlet],
        articles: vec![vec![first, second], vec![gone]],
        changes: vec![deleted, edit],
        deleted: vec![(
            pressmark_model::ArticleId(2),
            Deletion {
                since: at("2026-11-22T08:00:00Z").at(),
                reason: Absence::Gone,
                leaf: LeafIndex(200),
            },
        )],
        ..Fake::default()
    }
}

#[tokio::test]
async fn the_feed_has_an_item_for_each_change_with_what_was_changed() {
    let site = site(catalog());
    let feed = get(&site, "/feeds/changes.xml").await;
    assert_eq!(feed.status, StatusCode::OK);
    assert_eq!(feed.body.matches("<item>").count(), 2);
    assert!(
        feed.body
            .contains("Edited (number, silently): Price agreed")
    );
    assert!(feed.body.contains("Deleted (gone): A &lt;story&gt;"));
    assert!(feed.body.contains("<del>4.2</del>"));
    assert!(!feed.body.contains("<5.1>"));
    let ids: Vec<&str> = feed
        .body
        .split("urn:uuid:")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);

    let tag = feed.header("etag").to_owned();
    let again = get_with(&site, "/feeds/changes.xml", &[("if-none-match", &tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let some = get(&site, "/feeds/courier.example/changes.xml?class=deleted").await;
    assert_eq!(some.body.matches("<item>").count(), 1);
    let none = get(&site, "/feeds/changes.xml?class=headline").await;
    assert_eq!(none.body.matches("<item>").count(), 0);
    for missing in [
        "/feeds/nobody/changes.xml",
        "/feeds/changes.xml?class=nonsense",
    ] {
        assert_eq!(get(&site, missing).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_page_lists_changes_and_keeps_its_filters() {
    let site = site(catalog());
    let page = get(&site, "/changes?class=number,deleted&lang=en").await;
    assert!(page.body.contains("number · 4 letters"), "{}", page.body);
    assert!(page.body.contains("gone for good (410)"));
    assert!(page.body.contains("/a/1/diff?from=1&amp;to=2"));
    assert!(
        page.body
            .contains("/feeds/changes.xml?class=number%2Cdeleted")
    );
    assert_eq!(page.body.matches(" checked").count(), 2);
    assert!(!page.body.contains("A <story>"));
    let chinese = get(&site, "/changes?lang=zh").await;
    assert!(chinese.body.contains("修改与删除") && chinese.body.contains("悄悄修改"));
}

#[tokio::test]
async fn an_article_tells_its_edits_and_that_it_is_gone() {
    let site = site(catalog());
    let edited = get(&site, "/a/1?lang=en").await;
    assert!(edited.body.contains("number"));
    assert!(edited.body.contains(">silent</strong>"));
    let gone = get(&site, "/a/2?lang=en").await;
    assert!(gone.body.contains("The outlet has taken this article away"));
    assert!(
        gone.body
            .contains("It put the price at 4.2 million crowns."),
        "the text stays"
    );
}

#[tokio::test]
async fn two_versions_stand_side_by_side() {
    let site = site(catalog());
    let split = get(&site, "/a/1/diff?view=split&lang=en").await;
    assert!(split.body.contains("class=\"columns\""));
    assert!(split.body.contains("view=inline"));
    let inline = get(&site, "/a/1/diff?lang=en").await;
    assert!(!inline.body.contains("class=\"columns\""));
    assert!(inline.body.contains("view=split"));
}
