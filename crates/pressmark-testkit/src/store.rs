//! A store of segments that fails as it is told, or that promises more than it keeps.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Extensions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// How long [`Mode::Hasty`] lets what it has promised wait.
const HASTE: Duration = Duration::from_millis(300);

/// What a [`Faulty`] store does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As the store beneath it.
    Works,
    /// It stores nothing and says that the disk is full.
    Loses,
    /// It stores and says that the disk is full.
    StoresAndDeniesIt,
    /// It stores, and cannot read.
    CannotRead,
    /// It says that it has stored, and does so a while later, whatever comes of it: the control of
    /// experiments, which must find that out.
    Hasty,
}

/// A store whose `put` and `get` can be told to fail, and which counts what is got. Clones are the
/// same store.
#[derive(Debug, Clone)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    mode: Arc<Mutex<Mode>>,
    gets: Arc<AtomicU64>,
}

impl Faulty {
    /// A store that works, over this one.
    pub fn over(inner: Arc<dyn ObjectStore>) -> Self {
        Self {
            inner,
            mode: Arc::new(Mutex::new(Mode::Works)),
            gets: Arc::default(),
        }
    }

    /// What it does from now on.
    pub fn set(&self, mode: Mode) {
        *self.lock() = mode;
    }

    /// How often something was got.
    pub fn gets(&self) -> u64 {
        self.gets.load(Ordering::SeqCst)
    }

    fn mode(&self) -> Mode {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Mode> {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        match self.mode() {
            Mode::Works | Mode::CannotRead => self.inner.put_opts(location, payload, options).await,
            Mode::Loses => Err(fault(std::io::ErrorKind::StorageFull)),
            Mode::StoresAndDeniesIt => {
                self.inner.put_opts(location, payload, options).await?;
                Err(fault(std::io::ErrorKind::StorageFull))
            }
            Mode::Hasty => {
                let (inner, location) = (Arc::clone(&self.inner), location.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(HASTE).await;
                    drop(inner.put_opts(&location, payload, options).await);
                });
                Ok(PutResult {
                    e_tag: None,
                    version: None,
                    extensions: Extensions::default(),
                })
            }
        }
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
        if self.mode() == Mode::CannotRead {
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
