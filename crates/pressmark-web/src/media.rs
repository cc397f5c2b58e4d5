//! The copies of images: served by their digests, shown in the place of their originals.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::html;
use pressmark_archive::media::{MediaFiles, MediumRow, Picture};
use pressmark_html::{ShownImage, replace_images};
use pressmark_model::{Digest, WebUrl};

use crate::i18n::Words;
use crate::respond::Fault;
use crate::site::Site;

/// What is at such an address never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// How the copies of images are shown.
#[derive(Debug, Clone, Default)]
pub struct MediaUse {
    /// The copies; without them there are none.
    pub files: Option<MediaFiles>,
    /// Whether an image that there is no copy of is shown from its outlet, which then learns who
    /// reads it.
    pub hot_link: bool,
    /// Whether feeds show the copies too, where this server's address is known.
    pub in_feeds: bool,
}

/// Answers `/media/{digest}.{ending}`. The bytes were looked at when they were stored: they are an
/// image, or a recording.
pub(crate) async fn file(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let hex = name.split_once('.').map_or(&*name, |(hex, _)| hex);
    let digest: Digest = format!("sha256:{hex}")
        .parse()
        .map_err(|_| Fault::Missing)?;
    let files = site.media.files.as_ref().ok_or(Fault::Missing)?;
    let found = files.read(&digest).await.map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(%digest, %error, source, "an image cannot be read");
        Fault::Broken
    })?;
    let (picture, bytes) = found.ok_or(Fault::Missing)?;
    if name != picture.file_name(&digest) {
        return Err(Fault::Missing);
    }
    let tag = format!("\"{hex}\"");
    let held = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|held| held.as_bytes() == tag.as_bytes());
    let told = [(CACHE_CONTROL, FOR_GOOD.to_owned()), (ETAG, tag)];
    if held {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    let kind = [
        (CONTENT_TYPE, picture.media_type.as_str()),
        (ACCEPT_RANGES, "bytes"),
    ];
    let whole = bytes.len();
    let Some(range) = range(&headers, whole) else {
        return Ok((told, kind, bytes).into_response());
    };
    if range.is_empty() {
        let none = [(CONTENT_RANGE, format!("bytes */{whole}"))];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, none).into_response());
    }
    let last = range.end.saturating_sub(1);
    let part = [(
        CONTENT_RANGE,
        format!("bytes {}-{last}/{whole}", range.start),
    )];
    let bytes = bytes.slice(range);
    Ok((StatusCode::PARTIAL_CONTENT, told, kind, part, bytes).into_response())
}

/// The one range of bytes that a player asks for (RFC 9110, 14.1.2); empty if there is nothing in
/// it. What is asked for otherwise, or under a condition, is answered whole, as a server may.
fn range(headers: &HeaderMap, whole: usize) -> Option<Range<usize>> {
    let asked = headers
        .get(RANGE)
        .filter(|_| !headers.contains_key(IF_RANGE))?;
    let (first, last) = asked
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    let number = |text: &str| text.trim().parse::<usize>();
    let range = match (number(first), number(last)) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(whole),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..whole,
        (Err(_), Ok(last)) if first.trim().is_empty() => whole.saturating_sub(last)..whole,
        _ => return None,
    };
    Some(range)
}

/// What is kept of the images of some versions, by their addresses in the text.
#[derive(Debug, Default)]
pub(crate) struct Copies(HashMap<WebUrl, MediumRow>);

impl Copies {
    pub(crate) fn of(rows: Vec<MediumRow>) -> Self {
        Self(rows.into_iter().map(|row| (row.url.clone(), row)).collect())
    }

    /// Where the copy of an image is on this server, without the first slash.
    pub(crate) fn path(&self, url: &WebUrl) -> Option<(String, Picture)> {
        let (digest, picture) = self.0.get(url)?.kept?;
        Some((format!("media/{}", picture.file_name(&digest)), picture))
    }

    /// Clean HTML with the copies of its images at this server's address.
    pub(crate) fn placed(&self, clean: &str, base: &WebUrl) -> String {
        replace_images(clean, &mut |image| {
            let (path, _) = self.path(&image.src.parse().ok()?)?;
            let src = base.join(&path).ok()?;
            Some(html! { img src=(src) alt=(image.alt); }.into_string())
        })
    }

    /// A player for the copy of a recording that a text links to, if there is one. It loads nothing
    /// until somebody listens.
    pub(crate) fn player(&self, href: &str) -> Option<String> {
        let (path, picture) = self.path(&href.parse().ok()?)?;
        let player = html! { " " audio controls preload="none" src={ "/" (path) } {} };
        (!picture.media_type.is_image()).then(|| player.into_string())
    }

    /// An image on a page of the reader: the copy, or a word in its place.
    pub(crate) fn shown(&self, image: &ShownImage<'_>, hot_link: bool, words: &Words) -> String {
        let url: Option<WebUrl> = image.src.parse().ok();
        let copy = url.as_ref().and_then(|url| self.path(url));
        let markup = if let Some((path, picture)) = copy {
            html! {
                img loading="lazy" decoding="async" src={ "/" (path) } alt=(image.alt)
                    width=(picture.width) height=(picture.height);
            }
        } else if hot_link {
            html! { img loading="lazy" decoding="async" src=(image.src) alt=(image.alt); }
        } else {
            let row = url.as_ref().and_then(|url| self.0.get(url));
            let why = match row {
                Some(row) if row.waits => words.image_waits,
                Some(_) => words.image_missing,
                None => words.image_not_kept,
            };
            html! {
                @if image.in_link { span.absent { (why) @if !image.alt.is_empty() { ": " (image.alt) } } }
                @else {
                    a.absent href=(image.src) rel="external noreferrer" {
                        (why) @if !image.alt.is_empty() { ": " (image.alt) }
                    }
                }
            }
        };
        markup.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_answered() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, text.parse().unwrap());
            range(&headers, 100)
        };
        assert_eq!(asked("bytes=0-"), Some(0..100));
        assert_eq!(asked("bytes=10-19"), Some(10..20));
        assert_eq!(asked("bytes=90-500"), Some(90..100));
        assert_eq!(asked("bytes=-30"), Some(70..100));
        assert!(asked("bytes=100-").is_some_and(|range| range.is_empty()));
        assert!(asked("bytes=200-300").is_some_and(|range| range.is_empty()));
        for other in [
            "bytes=0-1,3-4",
            "bytes=5-2",
            "bytes=-",
            "items=0-1",
            "bytes=a-b",
        ] {
            assert_eq!(asked(other), None, "{other}");
        }
    }
}
