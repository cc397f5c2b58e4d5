//! What was found is watched.

use pressmark_model::{Slug, WebUrl};

use crate::archive::Archive;
use crate::origin::{Origin, Reader};
use crate::ports::catalog::CatalogError;
use crate::source::{NewSource, Source, SourceChange, SourceState};

/// How something is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The name to show.
    pub name: Option<String>,
    /// The slug; else one is made from [`Wish::named_after`].
    pub slug: Option<Slug>,
    /// The address that the user knows the source by.
    pub named_after: WebUrl,
    /// How many entries the first visit takes.
    pub backfill: Option<u64>,
}

impl Archive {
    /// Watches the first of these addresses, and joins the entries of the others to it; the flag
    /// says whether the source is new. One that is watched already stays as it is.
    ///
    /// # Errors
    ///
    /// [`CatalogError::SlugTaken`] if the wished slug is another source's.
    pub async fn add(
        &self,
        first: &Origin,
        also: &[Origin],
        wish: Wish,
    ) -> Result<(Source, bool), CatalogError> {
        let new = NewSource {
            url: first.url.clone(),
            name: wish.name,
            slug: wish.slug,
            named_after: wish.named_after,
            state: SourceState::Active,
            now: self.clock.now(),
        };
        let (mut source, is_new) = self.catalog.add_source(&new).await?;
        let mut settings = source.settings.clone();
        settings.read = Some(first.reader.clone()).filter(|reader| *reader != Reader::Feed);
        settings.also = also.to_vec();
        settings.backfill = wish.backfill;
        if is_new && settings != source.settings {
            let change = SourceChange {
                settings: Some(settings.clone()),
                ..SourceChange::default()
            };
            self.catalog.change_source(source.id, &change).await?;
            source.settings = settings;
        }
        Ok((source, is_new))
    }
}
