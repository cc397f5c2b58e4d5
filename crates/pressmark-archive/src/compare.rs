//! Two versions side by side, read alike.

use pressmark_model::{Article, ArticleId, VersionNumber};

use crate::archive::{Archive, ArchiveError};
use crate::rendering;
use crate::reread::With;
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
        let profile = self.profile_in(&new.derivation).await?;
        let known = self.known(profile.clone());
        let today = match known.of(&new.url).derivation() {
            today if rendering::is_rendered(&new.derivation) => rendering::rendered(&today),
            today => today,
        };
        // What was read alike at the time was stored; today's extractor reads it once more.
        let with = (new.derivation == today).then_some(With::Profile(profile));
        if old.derivation != new.derivation
            && old.kind != VersionKind::Imported
            && let Some(article) = self.read_alike(&old, &new.derivation, with).await?
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

    /// What an extractor made of a version's capture: as it was stored by this key, or else read now,
    /// if `with` says with what.
    async fn read_alike(
        &self,
        version: &Version,
        key: &str,
        with: Option<With>,
    ) -> Result<Option<Article>, ArchiveError> {
        let (article, number) = (version.article_id, version.number);
        match self.catalog.derivation(article, number, key).await? {
            Some(stored) => Ok(Some(stored.article)),
            None => match with {
                Some(with) => self.derive_again(version, with).await,
                None => Ok(None),
            },
        }
    }
}
