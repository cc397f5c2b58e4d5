//! Cases on articles that are taken out.

use pressmark_archive::identity;
use pressmark_archive::redact::{MovedRecord, NewRedaction};
use pressmark_archive::version::ArticleQuery;
use pressmark_model::{CaptureId, Digest, LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, RedactionRecord};

use super::Pair;
use super::samples::{ARCHIVE, Samples, at, page};

pub(super) async fn take_all_but_the_leaf(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    let article = samples.article("one", "one", 10).await;
    let other = samples.article("two", "two", 20).await;
    let new = NewRedaction {
        article,
        reason: "order 7".to_owned(),
        at: at(30),
        salt: [9; 32],
    };
    let begun = catalog.begin_redaction(ARCHIVE, &new, [1; 16]).await;
    let begun = begun.unwrap().unwrap();
    assert_eq!((begun.article, begun.leaf), (article, LeafIndex(2)));
    let work = begun.work.clone().unwrap();
    assert!(work.keys.contains(&identity::key(&page("one"))));
    assert_eq!(work.captures.len(), 1);
    let again = pair.other.begin_redaction(ARCHIVE, &new, [2; 16]).await;
    assert_eq!(again.unwrap().as_ref(), Some(&begun), "begun once");
    let unknown = NewRedaction {
        article: pressmark_model::ArticleId(99),
        ..new
    };
    let unknown = catalog.begin_redaction(ARCHIVE, &unknown, [3; 16]).await;
    assert_eq!(unknown.unwrap(), None);

    let rows = catalog.ledger(LeafIndex(0), 9).await.unwrap();
    assert_eq!((&rows[0].record, rows[0].nonce), (&None, None));
    assert!(rows[1].record.is_some());
    let leaf = Leaf::from_bytes(&rows[2].leaf).unwrap();
    assert_eq!((leaf.kind, rows[2].about), (LeafKind::Redaction, None));
    let record = RedactionRecord::from_bytes(rows[2].record.as_ref().unwrap()).unwrap();
    assert_eq!(record.leaves, [LeafIndex(0)]);
    assert_eq!(catalog.article(article).await.unwrap(), None);
    assert_eq!(catalog.article_head(article).await.ok().flatten(), None);
    let gone = catalog.version(article, VersionNumber(1)).await.unwrap();
    assert_eq!(gone, None);
    let query = ArticleQuery {
        limit: 9,
        ..ArticleQuery::default()
    };
    let listed = catalog.articles(&query).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, other);
    let keys = pair.other.redacted_keys().await.unwrap();
    assert_eq!(keys.article(&identity::key(&page("one"))), Some(article));
    assert_eq!(keys.article(&identity::key(&page("two"))), None);

    let free = catalog.free_captures(&[CaptureId(1), CaptureId(2)]).await;
    assert_eq!(free.unwrap(), [CaptureId(1)]);
    let capture = catalog.capture(CaptureId(1)).await.unwrap().unwrap();
    let old = capture.capture.records[0].segment;
    let kept = catalog.capture(CaptureId(2)).await.unwrap().unwrap();
    let moved = MovedRecord {
        id: kept.capture.records[0].id.clone(),
        segment: Digest::of(b"new"),
        offset: 77,
    };
    let gone = [CaptureId(1)];
    let left = catalog.leave_segment(article, &old, &gone, &[moved]).await;
    left.unwrap();
    assert_eq!(catalog.capture(CaptureId(1)).await.unwrap(), None);
    assert_eq!(catalog.captures_in(&old).await.unwrap(), []);
    let found = catalog.captures_in(&Digest::of(b"new")).await.unwrap();
    assert_eq!(found, [CaptureId(2)]);
    assert_eq!(catalog.redacted_captures().await.unwrap(), [CaptureId(1)]);
    assert_eq!(catalog.old_segments().await.unwrap(), [old]);
    catalog.forget_segment(article, &old).await.unwrap();
    assert_eq!(catalog.old_segments().await.unwrap(), []);
    assert_eq!(catalog.removed_segments().await.unwrap(), [old]);
    assert!(catalog.scrub().await.unwrap());
    catalog.forget_redaction_work(article).await.unwrap();
    let open = catalog.redactions(true).await.unwrap().remove(0);
    assert_eq!((open.work, open.done_at), (None, None));
    catalog.end_redaction(article, at(40)).await.unwrap();
    assert_eq!(catalog.redactions(true).await.unwrap(), []);
    let done = catalog.redaction(article).await.unwrap().unwrap();
    assert_eq!((done.work, done.done_at), (None, Some(at(40))));
    assert_eq!(catalog.redactions(false).await.unwrap().len(), 1);
}
