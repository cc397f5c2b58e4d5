//! What an address is that somebody wants watched.

use std::time::Duration;

use pressmark_extract::FeedLink;
use pressmark_model::WebUrl;

use crate::archive::Archive;
use crate::derive::is_page;
use crate::failure::Failure;
use crate::ports::fetch::{FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators};
use crate::read;
use crate::source::SourceSettings;

/// What was found at an address.
#[derive(Debug, Clone)]
pub enum Discovery {
    /// A feed.
    Feed {
        /// Its title.
        title: String,
        /// How many entries it lists.
        entries: usize,
    },
    /// A page that names feeds, in its order.
    Page {
        /// The feeds.
        feeds: Vec<FeedLink>,
    },
    /// Nothing that can be watched.
    Nothing {
        /// Why not.
        failure: Failure,
    },
}

impl Archive {
    /// Looks at an address once.
    pub async fn discover(
        &self,
        url: &WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Discovery {
        let page = match self.glance(url, settings, patience).await {
            Ok(page) => page,
            Err(failure) => return Discovery::Nothing { failure },
        };
        match read::parse(&page) {
            Ok(parsed) => Discovery::Feed {
                title: parsed.value.title,
                entries: parsed.value.entries.len(),
            },
            Err(failure) if is_page(page.content_type(), &page.body).is_err() => {
                Discovery::Nothing { failure }
            }
            Err(_) => {
                let feeds = pressmark_extract::feeds_in(&read::as_page(&page));
                if feeds.is_empty() {
                    let found = "a page that names no feed".to_owned();
                    Discovery::Nothing {
                        failure: Failure::NotAFeed { found },
                    }
                } else {
                    Discovery::Page { feeds }
                }
            }
        }
    }

    /// Fetches a page without keeping it.
    pub async fn glance(
        &self,
        url: &WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Result<FetchedPage, Failure> {
        let request = FetchRequest {
            url: url.clone(),
            purpose: Purpose::Feed,
            validators: Validators::default(),
            policy: settings.fetch_policy(),
            patience,
        };
        match self.fetch.fetch(request).await {
            FetchOutcome::Page(page) => Ok(page),
            FetchOutcome::Failed(failed) => Err(failed.failure.into()),
            FetchOutcome::NotModified(_) => Err(Failure::NotAPage {
                found: "304 to a request without validators".to_owned(),
            }),
        }
    }
}
