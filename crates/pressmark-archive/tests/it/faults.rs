//! Every write of raw bytes is broken twice: lost, and stored but reported lost.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use crate::world::{World, feed, story};

pub(crate) const WORKS: u8 = 0;
const LOSES: u8 = 1;
const STORES_AND_DENIES_IT: u8 = 2;
pub(crate) const CANNOT_READ: u8 = 3;

/// A store whose `put` and `get` can be told to fail, and which counts what is got.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) inner: Arc<dyn ObjectStore>,
    pub(crate) mode: Arc<AtomicU8>,
    pub(crate) gets: Arc<AtomicU64>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

fn fault(kind: std::io::ErrorKind) -> object_store::Error {
    object_store::Error::Generic {
        store: "faulty",
        source: Box::new(std::io::Error::from(kind)),
    }
}

#[async_trait::async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let mode = self.mode.load(Ordering::SeqCst);
        if mode != LOSES {
            let done = self.inner.put_opts(location, payload, options).await?;
            if mode == WORKS {
                return Ok(done);
            }
        }
        Err(fault(std::io::ErrorKind::StorageFull))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        if self.mode.load(Ordering::SeqCst) == CANNOT_READ {
            return Err(fault(std::io::ErrorKind::ConnectionReset));
        }
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_without_its_raw_bytes_and_the_next_poll_mends_it() {
    for fault in [LOSES, STORES_AND_DENIES_IT] {
        let mode = Arc::new(AtomicU8::new(WORKS));
        let inner_mode = Arc::clone(&mode);
        let world = World::with_store(|inner| {
            Arc::new(Faulty {
                inner,
                mode: inner_mode,
                gets: Arc::default(),
            })
        })
        .await;
        let site = world.net.site("news.test");
        site.page("/feed.xml", feed("news.test", &["one", "two"]));
        site.page("/one", story("one", "one", 5))
            .page("/two", story("two", "two", 5));
        world.watch("news.test").await;

        mode.store(fault, Ordering::SeqCst);
        let error = world.try_poll(false).await.unwrap_err();
        assert!(error.to_string().contains("could not be stored"), "{error}");
        assert_eq!(world.versions().await.len(), 0);
        world.assert_sound().await;

        mode.store(WORKS, Ordering::SeqCst);
        assert_eq!(world.poll().await.articles, 2, "fault {fault}");
        world.assert_sound().await;

        // The same in the middle of a source that is known already.
        site.page("/feed.xml", feed("news.test", &["one", "two", "three"]));
        site.page("/three", story("three", "three", 5));
        mode.store(fault, Ordering::SeqCst);
        world.try_poll(false).await.unwrap_err();
        mode.store(WORKS, Ordering::SeqCst);
        assert_eq!(world.poll().await.articles, 1);
        assert_eq!(world.versions().await.len(), 3);
        world.assert_sound().await;
    }
}
