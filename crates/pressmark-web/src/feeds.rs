//! Full-text feeds: one a source, and one of everything.

pub(crate) mod changes;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HOST, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::html;
use pressmark_archive::media::MediumRow;
use pressmark_archive::source::Source;
use pressmark_archive::version::{ArticleQuery, ArticleSummary, Version};
use pressmark_model::{
    ArticleId, Category, Digest, Entry, Feed, Person, Slug, Timestamp, VersionNumber, WebUrl,
};
use pressmark_proof::ArchiveId;

use crate::media::Copies;
use crate::pages::source_name;
use crate::respond::{Fault, aside};
use crate::site::{Site, is_nobodys_name};
use crate::ui::Ui;

/// Items in a feed.
const LENGTH: u32 = 50;
/// Raised with every change of what a feed says of the same versions.
const PROFILE: &str = "rss 1";
/// How long a feed may be used without asking again; asking costs one light read.
const CACHED: &str = "public, max-age=60";

/// Answers `/feeds/{slug}.xml` and `/feeds/all.xml`.
pub(crate) async fn feed(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    ui: Ui,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let name = file.strip_suffix(".xml").ok_or(Fault::Missing)?;
    let base = base(&site, &headers);
    let base_for_copies = base.clone();
    if name == "alarms" {
        return crate::alarms::feed(&site, &ui, base).await;
    }
    let (id, channel) = if name == "all" {
        (None, everything(&site, base))
    } else {
        let slug: Slug = name.parse().map_err(|_| Fault::Missing)?;
        let source = site.catalog.source(&slug).await?.ok_or(Fault::Missing)?;
        (Some(source.id), channel(&source, base))
    };
    let query = ArticleQuery {
        source: id,
        after: None,
        limit: LENGTH,
    };
    let articles = site.catalog.articles(&query).await?;
    let newest: Vec<(ArticleId, VersionNumber)> = articles.iter().map(newest_version).collect();
    let place = base_for_copies.filter(|_| site.media.in_feeds);
    let copies = match &place {
        Some(_) => site.catalog.media_of(&newest).await?,
        None => Vec::new(),
    };
    let stamp = Stamp::of(&channel, &articles, &copies, site.clock.now());
    if stamp.is_held(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, stamp.headers()).into_response());
    }
    let versions = site.catalog.versions_of(&newest).await?;
    let archive = site.archive;
    let copies = Copies::of(copies);
    let xml = aside(move || {
        let item = |version: Version| {
            let summary = articles
                .iter()
                .find(|article| article.id == version.article_id)?;
            let mut item = item(archive, summary, version);
            if let Some(base) = &place {
                show_copies(&mut item, &copies, base);
            }
            Some(item)
        };
        let entries = versions.into_iter().filter_map(item).collect();
        pressmark_feed::write_rss(&Feed { entries, ..channel })
    })
    .await?;
    let kind = [(CONTENT_TYPE, "application/rss+xml; charset=utf-8")];
    Ok((stamp.headers(), kind, xml).into_response())
}

/// Where this server is, for whoever asks. A name in `Host` may be anybody's: a feed does not
/// repeat it.
fn base(site: &Site, headers: &HeaderMap) -> Option<WebUrl> {
    site.base_url.clone().or_else(|| {
        let host = headers.get(HOST)?.to_str().ok()?;
        let address = is_nobodys_name(host).then(|| format!("http://{host}/"));
        address?.parse().ok()
    })
}

fn everything(site: &Site, base: Option<WebUrl>) -> Feed {
    Feed {
        title: site.title.clone(),
        self_url: base
            .as_ref()
            .and_then(|base| base.join("feeds/all.xml").ok()),
        home: base,
        ..Feed::default()
    }
}

fn channel(source: &Source, base: Option<WebUrl>) -> Feed {
    // The address that is polled may hold credentials; its origin does not.
    let home = source
        .status
        .home
        .clone()
        .or_else(|| source.url.origin().parse().ok());
    Feed {
        title: source_name(source).to_owned(),
        home,
        self_url: base.and_then(|base| base.join(&format!("feeds/{}.xml", source.slug)).ok()),
        language: source.status.language.clone(),
        ..Feed::default()
    }
}

/// Versions are numbered without a gap.
fn newest_version(article: &ArticleSummary) -> (ArticleId, VersionNumber) {
    (article.id, VersionNumber(article.versions))
}

/// The id of an article in feeds: the same in every feed, for every version, for good.
fn item_id(archive: ArchiveId, article: ArticleId) -> String {
    id_of(archive, b"article", article.0)
}

/// A UUID of version 8 (RFC 9562, 5.8) made from the archive's name and the number of something.
pub(crate) fn id_of(archive: ArchiveId, kind: &[u8], number: i64) -> String {
    let digest = Digest::of_pieces([archive.0.as_slice(), kind, &number.to_be_bytes()]);
    let mut id = String::from("urn:uuid:");
    for (at, byte) in digest.as_bytes().iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        let byte = match at {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        // Writing to a string does not fail.
        let _written = write!(id, "{byte:02x}");
    }
    id
}

/// One article as its newest version has it.
fn item(archive: ArchiveId, summary: &ArticleSummary, version: Version) -> Entry {
    let article = version.article;
    let edited = (version.number > VersionNumber(1)).then(|| version.captured_at.into());
    let person = |name| Person {
        name,
        ..Person::default()
    };
    let category = |term| Category {
        term,
        ..Category::default()
    };
    Entry {
        guid: Some(item_id(archive, version.article_id)),
        content: Some(pressmark_html::sanitise(&article.html, Some(&version.url))),
        link: Some(version.url),
        title: article.title,
        summary: article.lead.map(|lead| html! { (lead) }.into_string()),
        authors: article.authors.into_iter().map(person).collect(),
        published: Some(
            article
                .published
                .unwrap_or(summary.first_captured_at.into()),
        ),
        updated: article.updated.or(edited),
        categories: article
            .section
            .into_iter()
            .chain(article.tags)
            .map(category)
            .collect(),
        image: article.image,
        language: article.language,
        ..Entry::default()
    }
}

/// Shows the copies of an item's images in their place.
fn show_copies(item: &mut Entry, copies: &Copies, base: &WebUrl) {
    if let Some(content) = &mut item.content {
        *content = copies.placed(content, base);
    }
    let copy = item.image.as_ref().and_then(|image| copies.path(image));
    if let Some((path, _)) = copy {
        item.image = base.join(&path).ok();
    }
}

/// The validators of a feed (RFC 9110, 8.8).
#[derive(Debug)]
struct Stamp {
    etag: String,
    modified: Option<Timestamp>,
}

impl Stamp {
    /// An article and the number of its newest version name the last leaf that touched it, so
    /// that what a feed says is a function of these, its head and the profile.
    fn of(
        channel: &Feed,
        articles: &[ArticleSummary],
        copies: &[MediumRow],
        now: Timestamp,
    ) -> Self {
        let mut said = format!("{PROFILE}\n{channel:?}\n");
        for article in articles {
            let _written = writeln!(said, "{} {}", article.id, article.versions);
        }
        for (digest, _) in copies.iter().filter_map(|row| row.kept) {
            let _written = writeln!(said, "{digest}");
        }
        let modified = articles
            .iter()
            .map(|article| article.last_captured_at)
            .max();
        // Within the second of the last change another may follow with the same date.
        let settled = |at: &Timestamp| now.seconds() > at.seconds();
        Self {
            etag: format!("\"{}\"", Digest::of(said.as_bytes()).hex()),
            modified: modified.filter(settled),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHED));
        let date = self
            .modified
            .and_then(|at| u64::try_from(at.seconds()).ok());
        let date = date.map(|at| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(at)));
        let told = [(ETAG, Some(self.etag.clone())), (LAST_MODIFIED, date)];
        for (name, value) in told {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// Whether the client has this very feed. A date counts only where there is no tag
    /// (RFC 9110, 13.2.2), and only the exact one.
    fn is_held(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if headers.contains_key(IF_NONE_MATCH) {
            let mut tags = headers
                .get_all(IF_NONE_MATCH)
                .iter()
                .filter_map(|v| v.to_str().ok());
            return tags.any(|tags| {
                let mut tags = tags.split(',').map(str::trim);
                tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
            });
        }
        let since = text(IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
        let since = since.and_then(|since| since.duration_since(UNIX_EPOCH).ok());
        since.zip(self.modified).is_some_and(|(since, modified)| {
            i64::try_from(since.as_secs()) == Ok(modified.seconds())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_id_is_a_uuid_that_never_changes() {
        let id = item_id(ArchiveId([7; 16]), ArticleId(1));
        assert_eq!(id, "urn:uuid:62aefc54-9b21-8957-aaf8-55d0f7bfd395");
        assert_ne!(id, item_id(ArchiveId([8; 16]), ArticleId(1)));
        assert_ne!(id, item_id(ArchiveId([7; 16]), ArticleId(2)));
    }
}
