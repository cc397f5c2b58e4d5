//! Two versions side by side, read alike.

use pressmark_model::{Article, ArticleId, VersionNumber};

use crate::archive::{Archive, ArchiveError};
use crate::version::{Version, VersionKind};

/// Two versions of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The earlier one.
    pub old: Version,
    /// The later one.
    pub new: Version,
    /// Whether the capture of the earlier one was read again by today's extractor, so that what is
    /// extracted better is not shown as the outlet's edit.
    pub read_again: bool,
}

impl Archive {
    /// Two versions of an article, read by the same extractor where their captures allow it;
    /// `None` if one of them is not there.
    pub async fn compare(
        &self,
        article: ArticleId,
        from: VersionNumber,
        to: VersionNumber,
    ) -> Result<Option<Comparison>, ArchiveError> {
        let versions = self
            .catalog
            .versions_of(&[(article, from), (article, to)])
            .await?;
        let Ok([mut old, new]) = <[Version; 2]>::try_from(versions) else {
            return Ok(None);
        };
        let mut read_again = false;
        let today = self.knowledge.of(&new.url).derivation();
        let alike = old.derivation == new.derivation || new.derivation != today;
        if !alike
            && old.kind != VersionKind::Imported
            && let Some(article) = self.read_alike(&old).await?
        {
            old.article.title = article.title;
            old.article.text = article.text;
            old.article.html = article.html;
            read_again = true;
        }
        Ok(Some(Comparison {
            old,
            new,
            read_again,
        }))
    }

    /// What today's extractor makes of a version's capture: as it was stored, or else read now.
    async fn read_alike(&self, version: &Version) -> Result<Option<Article>, ArchiveError> {
        let stored = self
            .catalog
            .derivation(
                version.article_id,
                version.number,
                &self.knowledge.derivation(),
            )
            .await?;
        match stored {
            Some(stored) => Ok(Some(stored.article)),
            None => self.derive_again(version).await,
        }
    }
}
