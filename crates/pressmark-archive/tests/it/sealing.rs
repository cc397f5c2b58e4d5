//! The ledger becomes a signed log, whatever happens in between.

use std::time::Duration;

use pressmark_archive::log::Log;
use pressmark_archive::{SealError, prove};
use pressmark_model::LeafIndex;
use pressmark_proof::{
    Checkpoint, ContinuationRecord, LeafKind, Note, Plan, Tile, Tiles, verify_consistency,
};
use pressmark_testkit::Raising;

use crate::world::{World, feed, story};

/// Publishes so many stories more, and archives them.
async fn publish(world: &World, from: usize, to: usize) {
    let site = world.net.site("news.test");
    let names: Vec<String> = (0..to).map(|n| format!("s{n}")).collect();
    let titles: Vec<&str> = names.iter().map(String::as_str).collect();
    site.page("/feed.xml", feed("news.test", &titles));
    for name in titles.iter().skip(from) {
        site.page(&format!("/{name}"), story(name, name, 4));
    }
    world.watch("news.test").await;
    let summary = world.poll().await;
    assert_eq!(summary.articles, (to - from) as u64);
}

/// The checkpoint that is published.
fn opened(log: &Log) -> Checkpoint {
    let note: Note = log.head.as_ref().unwrap().checkpoint.parse().unwrap();
    Checkpoint::open(&note, &log.public_keys()).unwrap()
}

/// Every sealed leaf of the ledger has a proof that verifies.
async fn assert_proven(world: &World, leaves: i64) {
    let logs = world.archive.catalog().logs().await.unwrap();
    let keys: Vec<_> = logs.iter().flat_map(Log::public_keys).collect();
    for leaf in 0..leaves {
        let proof = prove::prove(&**world.archive.catalog(), LeafIndex(leaf)).await;
        let proof = proof.unwrap().unwrap();
        let proven = proof.verify(&keys).unwrap();
        assert_eq!(proven.leaf.index, LeafIndex(leaf));
        assert!(proven.record.is_some());
    }
}

#[tokio::test]
async fn what_is_committed_is_sealed_once() {
    let world = World::new().await;
    let empty = world.archive.seal().await.unwrap();
    assert_eq!((empty.added, empty.log.size()), (0, 0));
    assert!(empty.log.origin.starts_with("pressmark/"));
    publish(&world, 0, 2).await;
    let first = world.archive.seal().await.unwrap();
    assert_eq!((first.added, opened(&first.log).size), (2, 2));
    let again = world.archive.seal().await.unwrap();
    assert_eq!((again.added, &again.log), (0, &first.log));

    // The clock goes back, the log does not.
    let now = world.archive.now();
    world
        .clock
        .set(pressmark_model::Timestamp::from_seconds(1_000_000_000));
    publish(&world, 2, 5).await;
    let second = world.archive.seal().await.unwrap();
    assert_eq!(second.added, 3);
    assert_eq!(second.log.head.as_ref().unwrap().sealed_at, now);
    assert_proven(&world, 5).await;
    assert_eq!(
        prove::prove(&**world.archive.catalog(), LeafIndex(5))
            .await
            .unwrap(),
        None
    );

    let mut tiles = Tiles::default();
    let tile = Tile::parse("0/000.p/5").unwrap().0;
    let catalog = &**world.archive.catalog();
    let bytes = prove::tile(catalog, &second.log, tile)
        .await
        .unwrap()
        .unwrap();
    tiles.insert(0, 0, &bytes);
    let proof = Plan::consistency(2, 5).unwrap().hashes(&tiles).unwrap();
    let (old, new) = (opened(&first.log), opened(&second.log));
    verify_consistency(2, 5, &proof, &old.root, &new.root).unwrap();
    let bundle = prove::entries(catalog, &second.log, tile)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bundle.len(), 5 * 60);
    let wider = Tile::parse("0/000.p/6").unwrap().0;
    assert_eq!(
        prove::tile(catalog, &second.log, wider).await.unwrap(),
        None
    );
    assert_eq!(
        prove::entries(catalog, &second.log, wider).await.unwrap(),
        None
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_mark_that_was_lost_or_denied_is_made_good() {
    let world = World::new().await;
    for (raising, more) in [(Raising::Fails, 2), (Raising::IsDenied, 4)] {
        publish(&world, more - 2, more - 1).await;
        world.keys.let_raising(raising);
        let error = world.archive.seal().await.unwrap_err();
        assert!(matches!(error, SealError::Keys(_)), "{error}");
        world.assert_sound().await;
        world.keys.let_raising(Raising::Works);
        publish(&world, more - 1, more).await;
        let sealed = world.archive.seal().await.unwrap();
        assert!(!sealed.is_continued);
        assert_eq!(opened(&sealed.log).size, more as u64);
        world.assert_sound().await;
    }
    assert_eq!(world.archive.catalog().logs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_older_backup_opens_a_new_log() {
    let world = World::new().await;
    publish(&world, 0, 2).await;
    let old = world.archive.seal().await.unwrap().log;
    publish(&world, 2, 3).await;
    world.back_up().await;
    publish(&world, 3, 5).await;
    let lost = world.archive.seal().await.unwrap().log;
    assert_eq!(opened(&lost).size, 5);

    // The backup has two sealed leaves and one that was not; the key has signed five.
    let world = world.restored().await;
    let report = world.archive.check(&|_, _| {}).await.unwrap();
    assert!(
        report
            .findings
            .iter()
            .any(|found| found.problem.contains("has signed 5 leaves"))
    );
    publish(&world, 3, 4).await;
    let new = world.archive.seal().await.unwrap();
    assert!(new.is_continued);
    assert_ne!(new.log.origin, old.origin);
    assert_eq!(
        (new.log.begins_at, opened(&new.log).size),
        (LeafIndex(2), 3)
    );
    let front = new.log.front.as_ref().unwrap();
    let record = ContinuationRecord::from_bytes(&front.record).unwrap();
    assert_eq!(record.checkpoint, Some(old.head.unwrap().checkpoint));
    assert_eq!(record.signed.unwrap().size, 5);
    assert_proven(&world, 4).await;
    world.assert_sound().await;

    publish(&world, 4, 6).await;
    let grown = world.archive.seal().await.unwrap();
    assert!(!grown.is_continued);
    assert_eq!((grown.added, grown.log.number), (2, 2));
    assert_proven(&world, 6).await;
    world.assert_sound().await;
}

#[tokio::test]
async fn keys_are_rotated_and_replaced() {
    let world = World::new().await;
    publish(&world, 0, 1).await;
    let first = world.archive.seal().await.unwrap().log;
    let rotated = world.archive.rotate_key().await.unwrap();
    assert_eq!((rotated.added, rotated.log.keys.len()), (1, 2));
    let row = world
        .archive
        .catalog()
        .ledger(LeafIndex(1), 1)
        .await
        .unwrap()
        .remove(0);
    let leaf = pressmark_proof::Leaf::from_bytes(&row.leaf).unwrap();
    assert_eq!(leaf.kind, LeafKind::Key);

    // Whoever knows either key believes the checkpoint.
    let note: Note = rotated
        .log
        .head
        .as_ref()
        .unwrap()
        .checkpoint
        .parse()
        .unwrap();
    for key in rotated.log.public_keys() {
        assert_eq!(Checkpoint::open(&note, &[key]).unwrap().size, 2);
    }
    assert_eq!(rotated.log.keys[0], first.keys[0]);
    world.assert_sound().await;

    world.keys.lose_keys();
    publish(&world, 1, 2).await;
    let error = world.archive.seal().await.unwrap_err();
    assert!(matches!(error, SealError::KeyMissing(_)), "{error}");
    assert!(world.archive.rotate_key().await.is_err());
    world.clock.advance(Duration::from_secs(1));
    let replaced = world.archive.replace_log().await.unwrap();
    assert_eq!((replaced.log.number, opened(&replaced.log).size), (2, 2));
    assert_proven(&world, 3).await;
    world.assert_sound().await;

    world.keys.lose_marks();
    publish(&world, 2, 3).await;
    let unmarked = world.archive.seal().await.unwrap();
    assert_eq!(
        unmarked.log.number, 3,
        "what was signed is not known any more"
    );
    world.assert_sound().await;
}
