//! What comes first of the things that can be watched at an address: a page's feeds, or its links.

use std::collections::HashSet;
use std::time::Duration;

use pressmark_extract::FeedLink;
use pressmark_model::{Entry, OffsetTimestamp, Timestamp, WebUrl};

use crate::discover::{Found, FoundBy};

/// A feed whose newest entry is older may have been forgotten.
const LONG_AGO: Duration = Duration::from_hours(365 * 24);
/// A list with fewer links is no evidence against a feed that has entries.
const LEAST_AGAINST_A_FEED: usize = 5;

/// Puts a page's own links before those of its feeds that are empty or of comments, and before
/// those that have other articles than the page lists: feeds that were forgotten, and, where the
/// page is a part of its site, feeds of the whole site.
pub(crate) fn order(
    found: &mut Vec<Found>,
    of_comments: &HashSet<WebUrl>,
    page: &WebUrl,
    now: Timestamp,
) {
    let is_list = |found: &Found| found.by == FoundBy::Links;
    let Some(place) = found.iter().position(is_list) else {
        return;
    };
    let list = found.remove(place);
    let is_front = page.as_url().path() == "/";
    let (worse, mut better): (Vec<Found>, Vec<Found>) = found.drain(..).partition(|feed| {
        feed.entries.is_empty()
            || of_comments.contains(&feed.origin.url)
            || list.entries.len() >= LEAST_AGAINST_A_FEED
                && (!is_front || is_forgotten(&feed.entries, now))
                && !are_alike(&feed.entries, &list.entries)
    });
    better.push(list);
    better.extend(worse);
    *found = better;
}

/// Whether the newest of the entries is old.
fn is_forgotten(entries: &[Entry], now: Timestamp) -> bool {
    let newest = entries.iter().filter_map(|e| e.updated.max(e.published));
    newest
        .map(OffsetTimestamp::at)
        .max()
        .is_some_and(|newest| newest < now.minus(LONG_AGO))
}

/// Whether at least half of the shorter list is in the other one, by address or title.
fn are_alike(one: &[Entry], other: &[Entry]) -> bool {
    let path = |entry: &Entry| {
        let link = entry.link.as_ref()?;
        Some(link.as_url().path().trim_end_matches('/').to_owned())
    };
    let title = |entry: &Entry| entry.title.trim().to_lowercase();
    let paths: HashSet<String> = one.iter().filter_map(path).collect();
    let titles: HashSet<String> = one.iter().map(title).filter(|t| !t.is_empty()).collect();
    let is_shared = |entry: &&Entry| {
        path(entry).is_some_and(|path| paths.contains(&path)) || titles.contains(&title(entry))
    };
    let shared = other.iter().filter(is_shared).count();
    shared * 2 >= one.len().min(other.len())
}

/// Whether the entries of a feed are comments: they stand on pages of others.
pub(crate) fn leads_to_comments(entries: &[Entry]) -> bool {
    let is_comment = |entry: &Entry| {
        let fragment = entry
            .link
            .as_ref()
            .and_then(|link| link.as_url().fragment());
        fragment.is_some_and(|part| part.starts_with("comment"))
    };
    !entries.is_empty() && entries.iter().all(is_comment)
}

/// Whether a page names a feed as one of comments.
pub(crate) fn is_of_comments(feed: &FeedLink) -> bool {
    let title = feed.title.as_deref().unwrap_or_default().to_lowercase();
    let path = feed.url.as_url().path();
    path.contains("/comments/")
        || path.ends_with("/comments")
        || [
            "comment",
            "kommentar",
            "commentaire",
            "comentario",
            "评论",
            "留言",
            "コメント",
        ]
        .iter()
        .any(|word| title.contains(word))
}
