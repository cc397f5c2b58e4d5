//! An article as it was read from a page: derived, and derivable again from the capture.

use serde::{Deserialize, Serialize};

use crate::{ContentDigest, OffsetTimestamp, WebUrl};

/// The parts of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Article {
    /// The headline, plain text.
    pub title: String,
    /// Names, in the order of the page.
    pub authors: Vec<String>,
    /// When the outlet says it published it, in the offset that it gave.
    pub published: Option<OffsetTimestamp>,
    /// When the outlet says it last changed it.
    pub updated: Option<OffsetTimestamp>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// The standfirst under the headline, plain text; it also stands first in `text` and `html`
    /// where the page shows it.
    pub lead: Option<String>,
    /// The body as sanitised semantic HTML, addresses absolute.
    pub html: String,
    /// The body as plain text, one line a block, captions left out.
    pub text: String,
    /// The lead image.
    pub image: Option<WebUrl>,
    /// The name of the site.
    pub site_name: Option<String>,
    /// The section of the site.
    pub section: Option<String>,
    /// Tags or keywords.
    pub tags: Vec<String>,
}

impl Article {
    /// Removes the NUL characters, which PostgreSQL cannot hold and no reader shows.
    pub fn remove_nul(&mut self) {
        let whole = [&mut self.title, &mut self.text, &mut self.html];
        let parts = [
            &mut self.language,
            &mut self.lead,
            &mut self.site_name,
            &mut self.section,
        ];
        let lists = self.authors.iter_mut().chain(&mut self.tags);
        let parts = parts.into_iter().flatten();
        for text in whole.into_iter().chain(parts).chain(lists) {
            text.retain(|c| c != '\0');
        }
    }

    /// What decides whether this is the same version as another.
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&self.title, &self.text)
    }
}
