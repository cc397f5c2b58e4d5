//! Cases on the images of versions.

use pressmark_archive::capture::NewCapture;
use pressmark_archive::media::{
    Attempt, MediaType, MediumOutcome, MediumPlace, Picture, WantedMedia, WantedMedium,
};
use pressmark_archive::referrer::ReferrerPolicy;
use pressmark_model::{ArticleId, Digest, LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, MediaRecord, commitment};

use super::Pair;
use super::samples::{ARCHIVE, Samples, at, capture, page};

const PICTURE: Picture = Picture {
    media_type: MediaType::Png,
    width: 640,
    height: 480,
};

fn wanted(article: ArticleId, paths: &[&str]) -> WantedMedia {
    let item = |path: &&str| WantedMedium {
        url: page(path),
        fetch_url: page(&format!("{path}?small")),
    };
    WantedMedia {
        article,
        version: VersionNumber(1),
        referrer: ReferrerPolicy::SameOrigin,
        items: paths.iter().map(item).collect(),
    }
}

fn attempt(place: MediumPlace, when: i64, outcome: MediumOutcome) -> Attempt {
    Attempt {
        place,
        at: at(when),
        outcome,
    }
}

fn fetched(bytes: &[u8], capture: NewCapture) -> MediumOutcome {
    MediumOutcome::Fetched {
        digest: Digest::of(bytes),
        picture: PICTURE,
        bytes: bytes.len() as u64,
        capture: Box::new(capture),
    }
}

pub(super) async fn are_claimed_when_due(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    let article = samples.article("one", "one", 10).await;
    assert_eq!(catalog.media_cursor().await.unwrap(), LeafIndex(0));
    let all = [wanted(article, &["a.png", "b.png"])];
    let (from, next) = (LeafIndex(0), LeafIndex(1));
    catalog.want_media(&all, from, next, at(20)).await.unwrap();
    let late = [wanted(article, &["c.png"])];
    catalog.want_media(&late, from, next, at(21)).await.unwrap();
    assert_eq!(catalog.media_cursor().await.unwrap(), next);
    assert_eq!(catalog.next_medium_due().await.unwrap(), Some(at(20)));

    assert_eq!(catalog.claim_media(at(19), at(99), 9).await.unwrap(), []);
    let one = catalog.claim_media(at(20), at(99), 1).await.unwrap();
    let other = pair.other.claim_media(at(20), at(98), 9).await.unwrap();
    assert_eq!((one.len(), other.len()), (1, 1), "each is claimed once");
    assert_ne!(one[0].place, other[0].place);
    assert_eq!(one[0].source, samples.source.slug);
    assert_eq!(one[0].page.page, page("one"));
    assert_eq!(one[0].page.policy, ReferrerPolicy::SameOrigin);
    assert_eq!((one[0].attempts, one[0].kept_bytes), (0, 0));
    assert_eq!(catalog.next_medium_due().await.unwrap(), Some(at(98)));
    let lapsed = catalog.claim_media(at(98), at(200), 9).await.unwrap();
    assert_eq!(lapsed.len(), 1, "a claim lapses");
    catalog.break_leases().await.unwrap();
    assert_eq!(
        catalog.claim_media(at(98), at(200), 9).await.unwrap().len(),
        2
    );

    let again = MediumOutcome::Again {
        reason: "503".to_owned(),
        at: at(300),
        is_attempt: true,
    };
    let again = attempt(one[0].place, 99, again);
    let settled = catalog.settle_medium(ARCHIVE, &again, [1; 16]).await;
    assert_eq!(settled.unwrap(), None);
    let due = catalog.claim_media(at(300), at(400), 9).await.unwrap();
    let tried = due.iter().find(|due| due.place == one[0].place).unwrap();
    assert_eq!(tried.attempts, 1);
}

pub(super) async fn settle_with_a_leaf(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    let article = samples.article("one", "one", 10).await;
    let all = [wanted(article, &["a.png", "b.png", "c.png"])];
    let moved = catalog.want_media(&all, LeafIndex(0), LeafIndex(1), at(20));
    moved.await.unwrap();
    let due = catalog.claim_media(at(20), at(99), 9).await.unwrap();
    let bytes = b"a picture";
    let first = attempt(due[0].place, 30, fetched(bytes, capture("a.png", 30)));
    let known = MediumOutcome::Known {
        digest: Digest::of(bytes),
    };
    let second = attempt(due[1].place, 31, known);
    let reason = "the server answered 404".to_owned();
    let third = attempt(due[2].place, 32, MediumOutcome::Missing { reason });
    let settle = async |attempt: &Attempt| catalog.settle_medium(ARCHIVE, attempt, [7; 16]).await;
    let found = catalog.medium_at(&due[0].fetch_url, at(30)).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(settle(&first).await.unwrap(), None);
    assert_eq!(settle(&first).await.unwrap(), None, "the same again");
    let found = catalog.medium_at(&due[0].fetch_url, at(30)).await.unwrap();
    assert_eq!(found, Some(Digest::of(bytes)));
    let found = catalog.medium_at(&due[0].fetch_url, at(31)).await.unwrap();
    assert_eq!(found, None, "too long ago");
    assert_eq!(settle(&second).await.unwrap(), None);
    assert_eq!(settle(&third).await.unwrap(), Some(LeafIndex(1)));
    assert_eq!(settle(&third).await.unwrap(), None, "settled once");

    let counts = catalog.counts().await.unwrap();
    assert_eq!((counts.leaves, counts.versions, counts.captures), (2, 1, 2));
    let row = catalog.ledger(LeafIndex(1), 1).await.unwrap().remove(0);
    let (record, nonce) = (row.record.unwrap(), row.nonce.unwrap());
    let leaf = Leaf::from_bytes(&row.leaf).unwrap();
    assert_eq!((leaf.kind, row.about), (LeafKind::Media, None));
    assert_eq!(leaf.commitment, commitment(&nonce, &record));
    let record = MediaRecord::from_bytes(&record).unwrap();
    let items: Vec<_> = record.items.iter().map(|item| item.digest).collect();
    assert_eq!(
        items,
        [Some(Digest::of(bytes)), Some(Digest::of(bytes)), None]
    );

    let version = (article, VersionNumber(1));
    let rows = catalog.media_of(&[version]).await.unwrap();
    assert_eq!(rows[0].kept, Some((Digest::of(bytes), PICTURE)));
    assert_eq!(rows[0].url, page("a.png"));
    assert_eq!(rows[2].reason.as_deref(), Some("the server answered 404"));
    assert!(rows.iter().all(|row| !row.waits));
    let settled = catalog.settled_media(LeafIndex(0), 9).await.unwrap();
    assert_eq!(settled, [(LeafIndex(1), article, VersionNumber(1))]);
    let kept = catalog.kept_media(None, 9).await.unwrap();
    assert_eq!(kept.len(), 1);
    let found = catalog.medium(&kept[0].digest).await.unwrap().unwrap();
    assert_eq!(found.record.unwrap().url, page("a.png"));
    assert_eq!(
        catalog.kept_media(Some(&kept[0].digest), 9).await.unwrap(),
        []
    );
    catalog.rewind_media().await.unwrap();
    assert_eq!(catalog.media_cursor().await.unwrap(), LeafIndex(0));
}
