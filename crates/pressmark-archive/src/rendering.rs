//! Pages that are made by scripts: which of them are shown to a browser before they are read.
//!
//! An article is read on as it was read first. A text that a browser showed and one that the plain
//! page holds may differ though nobody edited anything.

use pressmark_model::WebUrl;

use crate::decide::length;
use crate::derive::Derived;
use crate::entry::PendingEntry;
use crate::failure::Failure;
use crate::gather::RawCapture;
use crate::origin::Reader;
use crate::pages::{Captured, sheet};
use crate::ports::fetch::{FetchPolicy, FetchedPage};
use crate::ports::render::{RenderFailure, Rendered};
use crate::source::{Rendering, SourceSettings};
use crate::version::ArticleHead;
use crate::visit::Visit;
use crate::{Archive, decide};

/// How the key of what was read from a rendered page begins.
const RENDERED: &str = "rendered:";

/// Whether this is the key of what was read from a rendered page.
pub(crate) fn is_rendered(key: &str) -> bool {
    key.starts_with(RENDERED)
}

/// The key of what is read from a rendered page in the place of this one.
pub(crate) fn rendered(key: &str) -> String {
    format!("{RENDERED}{key}")
}

/// How a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it was fetched.
    Plain,
    /// Rendered if it has no text otherwise.
    IfEmpty,
    /// Rendered if it may have no article, or not the whole of it, otherwise.
    IfDoubtful,
    /// Rendered.
    Rendered,
}

impl Way {
    /// Whether a page that was read plainly is to be rendered too. Walls are told, not climbed.
    fn goes_on(self, plain: &Derived) -> bool {
        let is_empty = plain.article.text.trim().is_empty();
        let is_doubtful = !plain.is_article || decide::is_short(&plain.article.text);
        let has_wall = plain
            .wall
            .as_ref()
            .is_some_and(|wall| wall.kind != pressmark_extract::WallKind::ErrorPage);
        match self {
            Self::Plain | Self::Rendered => false,
            Self::IfEmpty => is_empty && !has_wall,
            Self::IfDoubtful => is_doubtful && !has_wall,
        }
    }
}

impl Archive {
    /// How a source wants its pages read: by itself with a browser where there is one.
    pub(crate) fn rendering(&self, settings: &SourceSettings) -> Rendering {
        settings.render.unwrap_or(match self.render {
            Some(_) => Rendering::Auto,
            None => Rendering::Never,
        })
    }

    /// The page as a browser shows it, and what that is made of.
    pub(crate) async fn shown(
        &self,
        page: &FetchedPage,
        policy: &FetchPolicy,
    ) -> Result<(FetchedPage, Rendered), RenderFailure> {
        let browser = self.render.as_ref().ok_or(RenderFailure::Off)?;
        let rendered = browser.render(page, policy).await?;
        Ok((rendered.page(page), rendered))
    }

    /// The page that a source is read from. One that should list links, and does not, is rendered.
    pub(crate) async fn front(
        &self,
        reader: Option<&Reader>,
        settings: &SourceSettings,
        page: FetchedPage,
    ) -> Result<(FetchedPage, Option<Rendered>), RenderFailure> {
        let wanted = self.rendering(settings);
        let reader =
            reader.filter(|r| matches!(r, Reader::Listing | Reader::Css(_) | Reader::XPath(_)));
        let is_plain = match (wanted, reader) {
            (Rendering::Never, _) | (_, None) => true,
            (Rendering::Auto, Some(reader)) => reader.lists(&page),
            (Rendering::Always, Some(_)) => false,
        };
        if is_plain {
            return Ok((page, None));
        }
        match self.shown(&page, &settings.fetch_policy()).await {
            Ok((shown, rendered)) => Ok((shown, Some(rendered))),
            Err(failure) if wanted == Rendering::Always => Err(failure),
            Err(failure) => {
                tracing::debug!(url = %page.url, %failure, "read as it was fetched");
                Ok((page, None))
            }
        }
    }
}

impl Visit<'_> {
    /// How the page of this article is read, or of one that is not known yet.
    pub(crate) fn way(&self, head: Option<&ArticleHead>) -> Way {
        let wanted = self.archive.rendering(&self.settings);
        match head {
            Some(head) if is_rendered(&head.last.derivation) => Way::Rendered,
            Some(head) if !head.last.partial && wanted != Rendering::Never => Way::IfEmpty,
            _ => match wanted {
                Rendering::Never => Way::Plain,
                Rendering::Auto => Way::IfDoubtful,
                Rendering::Always => Way::Rendered,
            },
        }
    }

    /// Reads a page this way.
    pub(crate) async fn read(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        page: FetchedPage,
        way: Way,
    ) -> Result<Captured, Failure> {
        if way == Way::Rendered {
            return self.read_shown(pending, link, &page).await;
        }
        let plain = self.read_plain(pending, link, page.clone()).await?;
        if !way.goes_on(&plain.derived) {
            return Ok(plain);
        }
        let text = &plain.derived.article.text;
        match self.read_shown(pending, link, &page).await {
            Ok(shown)
                if shown.derived.is_article
                    && length(&shown.derived.article.text) > length(text) =>
            {
                Ok(shown)
            }
            Err(failure) if text.trim().is_empty() => Err(failure),
            Err(failure) => {
                tracing::debug!(url = %link, %failure, "read as it was fetched");
                Ok(plain)
            }
            Ok(_) => Ok(plain),
        }
    }

    async fn read_shown(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        page: &FetchedPage,
    ) -> Result<Captured, Failure> {
        let policy = self.policy(&page.final_url);
        let (shown, rendered) = self.archive.shown(page, &policy).await?;
        let mut derived = self.derive(pending, link, &shown, &[]).await?;
        derived.key = self::rendered(&derived.key);
        Ok(Captured {
            sheet: sheet(&shown),
            raw: RawCapture::of_page(page).shown(rendered),
            validators: shown.validators,
            derived,
        })
    }
}
