//! Re-reading: what a later extractor makes of stored captures. It adds no version: a text that
//! was extracted better is not mistaken for an edit.

use futures::StreamExt as _;
use pressmark_model::{
    Article, ArticleId, ContentDigest, Digest, LeafIndex, SourceId, VersionNumber,
};

use crate::archive::{Archive, ArchiveError};
use crate::ports::derived::DerivationKey;
use crate::reread::With;
use crate::version::Version;

/// So many versions are read at a time; no more are computed than there are processors.
const AT_A_TIME: usize = 16;
/// So many are stored in one transaction.
const BATCH: u32 = 200;

/// What an extractor made of the capture of a version, beside the version itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation {
    /// The article.
    pub article_id: ArticleId,
    /// The version.
    pub number: VersionNumber,
    /// The key of the derivation.
    pub extractor: String,
    /// The text and what goes with it. Only title, text and HTML are stored.
    pub article: Article,
}

/// A derivation with what the catalog says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDerivation {
    /// The derivation.
    pub derivation: Derivation,
    /// The digest of title and text.
    pub digest: ContentDigest,
    /// The leaf of its run, once that has ended.
    pub leaf: Option<LeafIndex>,
    /// [`Derivation::sum`] from when it was stored.
    pub sum: Option<Digest>,
}

impl StoredDerivation {
    pub(crate) fn key(&self) -> DerivationKey {
        let read = &self.derivation;
        (read.article_id, read.number, read.extractor.clone())
    }
}

impl Derivation {
    /// The sum over all of it that is stored: SHA-256 of article and version and of the lengths of
    /// extractor, title, text and HTML (8 bytes each, big endian), then these four.
    pub fn sum(&self) -> Digest {
        let article = &self.article;
        let texts = [
            &self.extractor,
            &article.title,
            &article.text,
            &article.html,
        ];
        let numbers = [self.article_id.0, self.number.0].map(i64::to_be_bytes);
        let lengths = texts.map(|text| text.len().to_be_bytes());
        let pieces = numbers.iter().chain(&lengths).map(<[u8; 8]>::as_slice);
        Digest::of_pieces(pieces.chain(texts.map(String::as_bytes)))
    }
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reextraction {
    /// Versions that were read again in this run.
    pub read: u64,
    /// Those of them whose title or text is another now.
    pub different: u64,
    /// Versions whose capture gave nothing: no page over HTTP, or damaged.
    pub unreadable: u64,
    /// The leaf that commits to the manifest; `None` if there was nothing to commit to.
    pub leaf: Option<LeafIndex>,
}

impl Archive {
    /// Reads the stored captures of versions that an earlier extractor read, of one source or all.
    /// What was read stays when the run is interrupted, and the next run goes on after it; its end
    /// is one leaf. `progress` is called with how many versions were handled more.
    pub async fn reextract(
        &self,
        source: Option<SourceId>,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Reextraction, ArchiveError> {
        let mut run = Reextraction::default();
        let key = self.derivation().await?;
        let mut after = (ArticleId(0), VersionNumber(0));
        loop {
            let batch = self
                .catalog
                .unread_versions(&key, source, after, BATCH)
                .await?;
            let Some(last) = batch.last() else { break };
            after = (last.article_id, last.number);
            let handled = batch.len() as u64;
            let derived = self.read_again(batch, &key, &mut run).await?;
            self.catalog.store_derivations(&derived).await?;
            progress(handled);
        }
        let (now, nonce) = (self.clock.now(), self.entropy.bytes());
        run.leaf = self
            .catalog
            .end_reextraction(self.id, &key, now, nonce)
            .await?;
        Ok(run)
    }

    /// The key of a reading of all stored captures: of the extractor, all rules and all profiles.
    async fn derivation(&self) -> Result<String, ArchiveError> {
        let mut key = self.knowledge.derivation();
        let profiles = self.catalog.profiles_in_use().await?;
        if !profiles.is_empty() {
            let digest = Digest::of(profiles.join("\n").as_bytes());
            key.push_str("+all-profiles:");
            key.extend(digest.hex().chars().take(16));
        }
        Ok(key)
    }

    async fn read_again(
        &self,
        batch: Vec<Version>,
        key: &str,
        run: &mut Reextraction,
    ) -> Result<Vec<Derivation>, ArchiveError> {
        let mut derived = Vec::with_capacity(batch.len());
        let mut readings = futures::stream::iter(batch)
            .map(|version| async move {
                let article = self.derive_again(&version, With::Current).await?;
                Ok::<_, ArchiveError>((version, article))
            })
            .buffered(AT_A_TIME);
        while let Some(reading) = readings.next().await {
            let (version, article) = reading?;
            let Some(article) = article else {
                run.unreadable += 1;
                continue;
            };
            run.read += 1;
            run.different += u64::from(article.digest() != version.digest);
            derived.push(Derivation {
                article_id: version.article_id,
                number: version.number,
                extractor: key.to_owned(),
                article,
            });
        }
        Ok(derived)
    }
}
