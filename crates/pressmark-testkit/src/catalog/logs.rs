//! Cases on the logs.

use std::sync::Arc;

use pressmark_archive::anchor::{Anchor, AnchorAlarm, Anchored, Anchoring};
use pressmark_archive::log::{Front, Head, NewLog};
use pressmark_model::{Digest, LeafIndex};
use pressmark_proof::{KeyRecord, Leaf, LeafKind, NewTile, Tile, commitment};

use super::Pair;
use super::samples::{ARCHIVE, Samples, at};

fn new_log(number: i64) -> NewLog {
    let front = Front {
        leaf: vec![1; 58],
        record: b"{}".to_vec(),
        nonce: [4; 16],
    };
    NewLog {
        number,
        origin: format!("test/{number}"),
        key: format!("test/{number}+00000000+AQ=="),
        begins_at: LeafIndex(number * 10),
        opened_at: at(number),
        front: (number > 1).then_some(front),
    }
}

fn head(size: u64, text: &str) -> Head {
    Head {
        size,
        root: Digest::of(text.as_bytes()),
        sealed_at: at(7),
        checkpoint: text.to_owned(),
    }
}

fn tile(level: u8, index: u64, width: u16) -> NewTile {
    NewTile {
        tile: Tile {
            level,
            index,
            width,
        },
        bytes: vec![level + 1; usize::from(width) * 32],
    }
}

pub(super) async fn logs_are_opened_once(pair: Pair) {
    assert_eq!(pair.one.logs().await.unwrap(), []);
    let first = pair.one.open_log(&new_log(1)).await.unwrap();
    assert_eq!((first.number, first.size(), first.front), (1, 0, None));
    assert_eq!(first.keys[0].key, new_log(1).key);
    let other = NewLog {
        origin: "test/other".to_owned(),
        key: "other".to_owned(),
        ..new_log(1)
    };
    let kept = pair.other.open_log(&other).await.unwrap();
    assert_eq!((kept.origin.as_str(), kept.keys.len()), ("test/1", 1));
    let second = pair.other.open_log(&new_log(2)).await.unwrap();
    assert_eq!(second.front, new_log(2).front);
    assert_eq!((second.begins_at, second.opened_at), (LeafIndex(20), at(2)));
    assert_eq!(pair.one.logs().await.unwrap(), [kept, second]);
}

pub(super) async fn heads_are_swapped_with_their_tiles(pair: Pair) {
    let catalog = &pair.one;
    catalog.open_log(&new_log(1)).await.unwrap();
    catalog.open_log(&new_log(2)).await.unwrap();
    let (one, two, three) = (head(1, "one"), head(2, "two"), head(300, "three"));
    let tiles = [tile(0, 0, 1)];
    assert!(catalog.seal(1, None, &one, &tiles).await.unwrap());
    for stale in [None, Some(&two)] {
        let refused = catalog
            .seal(1, stale, &two, &[tile(0, 0, 2)])
            .await
            .unwrap();
        assert!(!refused);
    }
    assert!(!catalog.seal(9, None, &one, &tiles).await.unwrap());
    let stored = catalog.tiles(1, &[(0, 0), (0, 1)]).await.unwrap();
    assert_eq!((stored.len(), stored[0].hashes.len()), (1, 32));

    let grown = [tile(0, 0, 256), tile(0, 1, 44), tile(1, 0, 1)];
    assert!(
        pair.other
            .seal(1, Some(&one), &three, &grown)
            .await
            .unwrap()
    );
    let places = [(1, 0), (0, 1), (0, 0), (5, 5)];
    let mut stored = catalog.tiles(1, &places).await.unwrap();
    stored.sort_by_key(|tile| (tile.level, tile.index));
    let found: Vec<_> = stored.iter().map(|tile| (tile.level, tile.index)).collect();
    assert_eq!(found, [(0, 0), (0, 1), (1, 0)]);
    assert_eq!(stored[1].hashes, grown[1].bytes);
    assert_eq!(catalog.tiles(2, &places).await.unwrap(), []);
    assert_eq!(catalog.tiles(1, &[]).await.unwrap(), []);
    let logs = pair.other.logs().await.unwrap();
    assert_eq!((&logs[0].head, &logs[1].head), (&Some(three), &None));
}

pub(super) async fn a_head_is_swapped_by_one(pair: Pair) {
    pair.one.open_log(&new_log(1)).await.unwrap();
    let swap = |catalog: &Arc<dyn pressmark_archive::ports::catalog::Catalog>, text| {
        let catalog = Arc::clone(catalog);
        tokio::spawn(async move {
            catalog
                .seal(1, None, &head(1, text), &[tile(0, 0, 1)])
                .await
        })
    };
    let (one, other) = (swap(&pair.one, "one"), swap(&pair.other, "other"));
    let swapped = [one.await.unwrap(), other.await.unwrap()];
    let won = swapped.iter().filter(|swapped| matches!(swapped, Ok(true)));
    assert_eq!(won.count(), 1, "{swapped:?}");
}

pub(super) async fn a_key_is_a_leaf(pair: Pair) {
    let samples = Samples::new(Arc::clone(&pair.one)).await;
    samples.article("a", "a text", 10).await;
    let catalog = &samples.catalog;
    catalog.open_log(&new_log(1)).await.unwrap();
    let record = KeyRecord {
        at: at(20).into(),
        key: "test/1+11111111+AQ==".to_owned(),
        previous: vec![new_log(1).key],
    };
    let add = async || catalog.add_key(ARCHIVE, 1, &record, [5; 16]).await.unwrap();
    assert_eq!(add().await, Some(LeafIndex(1)));
    assert_eq!(add().await, Some(LeafIndex(1)), "once");
    let first = KeyRecord {
        key: new_log(1).key,
        ..record.clone()
    };
    let known = catalog.add_key(ARCHIVE, 1, &first, [6; 16]).await.unwrap();
    assert_eq!(known, None, "the log began with it");

    let row = catalog.ledger(LeafIndex(1), 9).await.unwrap().remove(0);
    let leaf = Leaf::from_bytes(&row.leaf).unwrap();
    let bytes = record.to_bytes().unwrap();
    assert_eq!((leaf.kind, leaf.index), (LeafKind::Key, LeafIndex(1)));
    assert_eq!(leaf.commitment, commitment(&[5; 16], &bytes));
    assert_eq!((row.record, row.about), (Some(bytes), None));
    let counts = catalog.counts().await.unwrap();
    assert_eq!((counts.leaves, counts.versions), (2, 1));
    let keys = catalog.logs().await.unwrap().remove(0).keys;
    assert_eq!((keys.len(), keys[1].leaf), (2, Some(LeafIndex(1))));

    // The next version stands after it.
    samples.article("b", "b text", 30).await;
    let last = catalog.versions(LeafIndex(1), 9).await.unwrap();
    assert_eq!(last[0].leaf, LeafIndex(2));
}

pub(super) async fn time_stamps_are_kept(pair: Pair) {
    let catalog = &pair.one;
    catalog.open_log(&new_log(1)).await.unwrap();
    let anchored = |size: u64, tsa: &str| {
        let mut made = Anchored {
            anchor: Anchor {
                log: 1,
                size,
                tsa: tsa.to_owned(),
                stamped_at: at(40),
            },
            checkpoint: format!("checkpoint {size}"),
            token: vec![0, 7, 255],
            sum: None,
        };
        made.sum = Some(made.digest());
        made
    };
    let state = |size: u64, tsa: &str, failure: Option<&str>| Anchoring {
        tsa: tsa.to_owned(),
        log: 1,
        size,
        next_at: at(50),
        failures: u32::from(failure.is_some()),
        failed_at: failure.map(|_| at(45)),
        failure: failure.map(str::to_owned),
        failing_since: failure.map(|_| at(44)),
        alarm: failure.map(|failure| AnchorAlarm {
            since: at(41),
            failure: failure.to_owned(),
            raised_at: at(42),
            mended_at: Some(at(43)),
        }),
    };
    let record = async |size: u64, tsa: &str, failure: Option<&str>| {
        let made = failure.is_none().then(|| anchored(size, tsa));
        let state = state(size, tsa, failure);
        let recorded = pair.other.record_anchoring(&state, made.as_ref()).await;
        recorded.unwrap();
    };
    for (size, tsa) in [(3, "b"), (3, "a"), (5, "a"), (9, "b")] {
        record(size, tsa, None).await;
    }
    record(9, "b", Some("it is closed")).await;
    let listed = async |from, limit| {
        let anchors = catalog.anchors(1, from, limit).await.unwrap();
        let tell = |anchor: &Anchor| format!("{}{}", anchor.size, anchor.tsa);
        anchors.iter().map(tell).collect::<Vec<_>>().concat()
    };
    assert_eq!(listed(0, 9).await, "3a3b5a9b");
    assert_eq!(listed(0, 2).await, "3a3b5a", "whole sizes");
    assert_eq!(listed(4, 1).await, "5a");
    assert_eq!(listed(10, 1).await, "");
    assert_eq!(catalog.anchors(2, 0, 9).await.unwrap(), []);
    let both = [anchored(3, "a"), anchored(3, "b")];
    assert_eq!(catalog.anchored(1, 3).await.unwrap(), both);
    let states = [state(5, "a", None), state(9, "b", Some("it is closed"))];
    assert_eq!(catalog.anchoring().await.unwrap(), states);

    // What was stamped stays as it was.
    let mut other = anchored(3, "a");
    other.token = vec![1];
    let kept = state(3, "a", None);
    let again = pair.one.record_anchoring(&kept, Some(&other)).await;
    again.unwrap();
    assert_eq!(catalog.anchored(1, 3).await.unwrap(), both);
}

pub(super) async fn deletions_are_held(pair: Pair) {
    let held = async |when| pair.one.are_deletions_held(at(when)).await.unwrap();
    assert!(!held(0).await);
    for owner in [-1, 7] {
        pair.other
            .hold_deletions(owner, at(10 * owner.abs()))
            .await
            .unwrap();
    }
    assert!(held(0).await && held(69).await && !held(70).await);
    let before = at(0).minus(std::time::Duration::from_hours(24 * 400));
    assert!(
        !pair.one.are_deletions_held(before).await.unwrap(),
        "by another clock"
    );
    pair.one.release_deletions(7).await.unwrap();
    assert!(held(9).await && !held(10).await);

    let samples = Samples::new(Arc::clone(&pair.one)).await;
    assert!(pair.other.segments_in_use().await.unwrap().is_empty());
    samples.article("a", "a text", 10).await;
    assert_eq!(pair.other.segments_in_use().await.unwrap().len(), 1);
}
