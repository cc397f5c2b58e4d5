//! Every write of raw bytes is broken twice: lost, and stored but reported lost.

use pressmark_testkit::Mode;

use crate::world::{World, feed, story};

#[tokio::test]
async fn nothing_is_acknowledged_without_its_raw_bytes_and_the_next_poll_mends_it() {
    for fault in [Mode::Loses, Mode::StoresAndDeniesIt] {
        let (world, store) = World::with_faulty_store().await;
        let site = world.net.site("news.test");
        site.page("/feed.xml", feed("news.test", &["one", "two"]));
        site.page("/one", story("one", "one", 5))
            .page("/two", story("two", "two", 5));
        world.watch("news.test").await;

        store.set(fault);
        let error = world.try_poll(false).await.unwrap_err();
        assert!(error.to_string().contains("could not be stored"), "{error}");
        assert_eq!(world.versions().await.len(), 0);
        world.assert_sound().await;

        store.set(Mode::Works);
        assert_eq!(world.poll().await.articles, 2, "{fault:?}");
        world.assert_sound().await;

        // The same in the middle of a source that is known already.
        site.page("/feed.xml", feed("news.test", &["one", "two", "three"]));
        site.page("/three", story("three", "three", 5));
        store.set(fault);
        world.try_poll(false).await.unwrap_err();
        store.set(Mode::Works);
        assert_eq!(world.poll().await.articles, 1);
        assert_eq!(world.versions().await.len(), 3);
        world.assert_sound().await;
    }
}
