//! Whether the page of an article is still its own: it is compared with a page of the same site
//! that cannot be there, and with the site's front page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pressmark_model::{Digest, Timestamp, WebUrl};
use pressmark_warc::{HttpResponse, final_response};
use tokio::sync::OnceCell;

use crate::absence::Absence;
use crate::archive::ArchiveError;
use crate::entry::PendingEntry;
use crate::identity;
use crate::pages::Captured;
use crate::ports::fetch::{Failed, FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators};
use crate::stand_in::{self, Face, Told};
use crate::version::{ArticleHead, SuspectReason};
use crate::visit::Visit;

/// So long is believed what a site showed.
const FRESH: Duration = Duration::from_hours(1);
/// What so many sites showed is kept in memory.
const MOST_SITES: usize = 256;
/// The largest answer beside a page that is looked at, in bytes after decoding.
const LARGEST_ANSWER: usize = 4 << 20;

/// What sites show that were looked at lately, by access scope and host.
#[derive(Debug, Default)]
pub(crate) struct SiteFaces(Mutex<HashMap<(String, String), Seen>>);

/// Since when it is known, and what.
type Seen = (Timestamp, Arc<Faces>);

/// What a site shows at an address of nothing, and on its front page. `None`: it could not be
/// seen.
#[derive(Debug, Default)]
struct Faces {
    nothing: OnceCell<Option<Face>>,
    front: OnceCell<Option<Face>>,
}

/// What the page of a known article shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The article, as far as can be told.
    Article,
    /// Next to nothing of what was there: another visit has to show it, too.
    Replaced,
    /// Something that stands before it for a while.
    Fault,
    /// That it is gone.
    Gone(Absence),
}

impl SiteFaces {
    fn of(&self, scope: &str, host: &str, now: Timestamp) -> Arc<Faces> {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MOST_SITES {
            sites.clear();
        }
        let site = sites.entry((scope.to_owned(), host.to_owned()));
        let (since, faces) = site.or_insert_with(|| (now, Arc::default()));
        if now.since(*since) > FRESH {
            (*since, *faces) = (now, Arc::default());
        }
        Arc::clone(faces)
    }
}

impl Visit<'_> {
    /// What a page shows in the place of the last version of its article.
    pub(crate) async fn sight(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Captured,
        head: &ArticleHead,
    ) -> Result<Sight, ArchiveError> {
        let (derived, last) = (&found.derived, &head.last);
        if let Some(marker) = derived.error_marker() {
            let is_gone = stand_in::means_the_page(marker);
            let gone = Sight::Gone(Absence::SoftNotFound);
            return Ok(if is_gone { gone } else { Sight::Fault });
        }
        if derived.front_page {
            return Ok(Sight::Gone(Absence::FrontPage));
        }
        let moved = identity::key(&found.raw.final_url) != identity::key(&last.url);
        let (new, old) = (&derived.article, &last.article);
        let led_away = moved && !identity::agree((&old.title, &old.text), (&new.title, &new.text));
        if !led_away && !stand_in::is_another(&new.text, &old.text) {
            return Ok(Sight::Article);
        }
        let face = Face::of(found.raw.status, derived, &found.sheet);
        if !led_away && !face.replaces(old) {
            return Ok(Sight::Article);
        }
        match face.told(&last.article.title) {
            Some(Told::NotFound) => return Ok(Sight::Gone(Absence::SoftNotFound)),
            Some(Told::Removed) => return Ok(Sight::Gone(Absence::Removed)),
            Some(Told::ForNow) => return Ok(Sight::Fault),
            None if derived.wall.is_some() => return Ok(Sight::Article),
            None => {}
        }
        let titles = [last.article.title.as_str(), pending.entry.title.as_str()];
        let site = self.faces(link);
        let nothing = self.nothing(&site, pending, link, head).await;
        let is_nothing = nothing.is_some_and(|nothing| {
            face.says_the_same(nothing) || face.has_the_title_of(nothing, titles)
        });
        let front = self.front(&site, pending, link, head).await;
        let is_front = front.is_some_and(|front| face.says_the_same(front));
        Ok(match (is_nothing, is_front) {
            // Every page of the site shows this now.
            (true, true) if face.is_brief() => Sight::Fault,
            (_, true) => Sight::Gone(Absence::FrontPage),
            (true, false) => Sight::Gone(Absence::SoftNotFound),
            (false, false) if led_away && identity::is_detour(&found.raw.final_url) => Sight::Fault,
            (false, false) if led_away && !face.text.trim().is_empty() => {
                Sight::Gone(Absence::Elsewhere)
            }
            (false, false) if front.is_some() && self.is_shared(head, &face).await? => {
                Sight::Gone(Absence::SoftNotFound)
            }
            (false, false) => Sight::Replaced,
        })
    }

    /// Whether a text that was seen in the place of an article before stands in the place of
    /// others of its site, too.
    async fn is_shared(&self, head: &ArticleHead, face: &Face) -> Result<bool, ArchiveError> {
        let replaced = |reason| reason == SuspectReason::Replaced;
        if face.text.trim().is_empty() || !head.suspects.iter().any(|s| replaced(s.reason)) {
            return Ok(false);
        }
        let digest = Digest::of(face.text.as_bytes());
        let others = self.archive.catalog.others_with_text(head.id, &digest);
        Ok(others.await? > 0)
    }

    /// Whether the site of a page answers others with pages.
    pub(crate) async fn answers_otherwise(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        head: &ArticleHead,
    ) -> bool {
        let site = self.faces(link);
        let front = self.front(&site, pending, link, head).await;
        front.is_some_and(|front| (200..300).contains(&front.status))
    }

    fn faces(&self, link: &WebUrl) -> Arc<Faces> {
        let now = self.archive.clock.now();
        self.archive.faces.of(&self.scope, link.host(), now)
    }

    async fn nothing<'f>(
        &self,
        site: &'f Faces,
        pending: &PendingEntry,
        link: &WebUrl,
        head: &ArticleHead,
    ) -> Option<&'f Face> {
        let name = Digest::of(&self.archive.entropy.bytes::<16>()).hex();
        let made_up = name.get(..12).and_then(|name| sibling(link, name));
        let look = || self.look(pending, made_up, head);
        site.nothing.get_or_init(look).await.as_ref()
    }

    async fn front<'f>(
        &self,
        site: &'f Faces,
        pending: &PendingEntry,
        link: &WebUrl,
        head: &ArticleHead,
    ) -> Option<&'f Face> {
        let look = || self.look(pending, link.join("/").ok(), head);
        site.front.get_or_init(look).await.as_ref()
    }

    /// What a page of the site shows, read as the article's is.
    async fn look(
        &self,
        pending: &PendingEntry,
        url: Option<WebUrl>,
        head: &ArticleHead,
    ) -> Option<Face> {
        let url = url?;
        let request = FetchRequest {
            url: url.clone(),
            purpose: Purpose::Revisit,
            validators: Validators::default(),
            policy: self.policy_of(&url, Some(head)),
            patience: self.patience,
        };
        let page = match self.archive.fetch.fetch(request).await {
            FetchOutcome::Page(page) => page,
            FetchOutcome::Failed(failed) => page_of_failed(&url, &failed)?,
            FetchOutcome::NotModified(_) => return None,
        };
        let status = page.status;
        let way = self.way(Some(head));
        let read = self.read(pending, &url, page, way).await.ok()?;
        Some(Face::of(status, &read.derived, &read.sheet))
    }
}

/// The page that a refusal shows.
fn page_of_failed(url: &WebUrl, failed: &Failed) -> Option<FetchedPage> {
    let last = failed.exchanges.last()?;
    let answer = HttpResponse::parse(final_response(&last.response)).ok()?;
    let body = answer.decoded_body(LARGEST_ANSWER).ok()?.bytes;
    let content_type = answer.header("content-type");
    let content_type = content_type.map(|value| ("Content-Type".to_owned(), value.to_owned()));
    Some(FetchedPage {
        url: url.clone(),
        final_url: last.url.clone(),
        at: failed.at,
        status: answer.status,
        headers: content_type.into_iter().collect(),
        body: body.into(),
        exchanges: Vec::new(),
        validators: Validators::default(),
        max_age: None,
        moved_to: None,
    })
}

/// An address beside this one that nothing is at: its last part has another name, and ends as
/// before.
fn sibling(link: &WebUrl, name: &str) -> Option<WebUrl> {
    let path = link.as_url().path();
    let (bare, slash) = match path.strip_suffix('/') {
        Some(bare) => (bare, "/"),
        None => (path, ""),
    };
    let (folder, last) = bare.rsplit_once('/').unwrap_or(("", bare));
    let ending = last.rsplit_once('.').map_or("", |(_, ending)| ending);
    let dot = if ending.is_empty() { "" } else { "." };
    link.join(&format!("{folder}/{name}{dot}{ending}{slash}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_address_is_like_its_neighbours() {
        for (link, expected) in [
            ("https://a.example/2026/one", "https://a.example/2026/x9"),
            ("https://a.example/2026/one/", "https://a.example/2026/x9/"),
            (
                "https://a.example/one.html?a=1#b",
                "https://a.example/x9.html",
            ),
            ("https://a.example/?p=12", "https://a.example/x9/"),
        ] {
            let made_up = sibling(&link.parse().unwrap(), "x9").unwrap();
            assert_eq!(made_up.as_str(), expected);
        }
    }
}
