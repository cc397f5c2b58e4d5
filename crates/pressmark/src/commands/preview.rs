//! What was found at an address, as it is shown before anything is saved.

use pressmark_archive::origin::Reader;
use pressmark_archive::{Discovery, Found, FoundBy, Listed, Subscribed};
use pressmark_model::{Entry, FeedFormat, WebUrl};
use serde_json::{Value, json};

use crate::output::{self, count};

/// So many entries of each thing are shown.
const SHOWN: usize = 8;

/// What was found, with its first entries, a line each.
pub(super) fn lines(seen: &Discovery) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, found) in (1..).zip(&seen.found) {
        lines.push(format!(
            "{number}. {} — {} ({}): {}",
            output::bold(&output::harmless(name(found))),
            kind(found),
            how(found.by),
            found.origin.url
        ));
        let entries = count(found.entries.len() as u64, "entry", "entries");
        lines.push(match found.unread.len() {
            0 => format!("   {entries}"),
            more => format!(
                "   {entries} in the first {}, {more} more not read",
                count(found.sitemaps as u64, "sitemap", "sitemaps")
            ),
        });
        for entry in found.entries.iter().take(SHOWN) {
            lines.push(format!("   - {}", entry_line(entry)));
        }
    }
    for feed in &seen.unread {
        let title = feed.title.as_deref().unwrap_or("a feed");
        lines.push(format!(
            "named besides, not looked at: {} ({})",
            feed.url,
            output::harmless(title)
        ));
    }
    lines
}

fn entry_line(entry: &Entry) -> String {
    let day = entry
        .published
        .or(entry.updated)
        .map_or(String::new(), |at| {
            at.to_string().chars().take(10).collect::<String>() + "  "
        });
    let link = entry
        .link
        .as_ref()
        .map(|link| format!("  {link}"))
        .unwrap_or_default();
    let teaser = entry
        .summary
        .as_deref()
        .map(pressmark_html::plain_text)
        .map(|text| {
            text.chars()
                .take(100)
                .collect::<String>()
                .replace('\n', " ")
        })
        .filter(|text| !text.is_empty())
        .map(|text| format!("\n     {text}"))
        .unwrap_or_default();
    format!(
        "{day}{}{}",
        output::harmless(&[entry.title.as_str(), link.as_str()].concat()).trim_start(),
        output::harmless(&teaser)
    )
}

/// What it calls itself, else the host.
fn name(found: &Found) -> &str {
    match found.title.as_str() {
        "" => found.origin.url.host(),
        title => title,
    }
}

/// What it is.
pub(super) fn kind(found: &Found) -> &'static str {
    match (&found.origin.reader, found.format) {
        (Reader::Listing, _) => "links of a page",
        (Reader::Css(_) | Reader::XPath(_), _) => "links by a rule",
        (Reader::Json(_), _) => "JSON",
        (_, FeedFormat::Sitemap) => "sitemap",
        _ => "feed",
    }
}

fn how(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Address => "at the address",
        FoundBy::Service => "of the service",
        FoundBy::Name => "named by the site",
        FoundBy::Custom => "where sites have it",
        FoundBy::Links => "found by structure",
    }
}

/// The same for programs.
pub(super) fn as_json(url: &WebUrl, seen: &Discovery) -> Value {
    let entry = |entry: &Entry| {
        json!({
            "title": entry.title, "link": entry.link, "summary": entry.summary,
            "published": entry.published.or(entry.updated),
        })
    };
    let found: Vec<Value> = seen
        .found
        .iter()
        .map(|found| {
            json!({
                "url": found.origin.url.to_string(), "read": found.origin.reader,
                "title": found.title, "kind": kind(found), "found": how(found.by),
                "entries": found.entries.iter().map(entry).collect::<Vec<_>>(),
                "sitemaps": found.sitemaps, "sitemaps_not_read": found.unread.len(),
            })
        })
        .collect();
    json!({
        "url": url.to_string(), "article": seen.is_article, "found": found,
        "named_besides": seen.unread.iter().map(|feed| feed.url.to_string()).collect::<Vec<_>>(),
        "subscriptions": seen.subscriptions.is_some(), "requests": seen.asked.len(),
        "failure": seen.failure.as_ref().map(|failure| json!({
            "kind": failure.kind(), "message": failure.to_string(), "hint": failure.hint(),
        })),
    })
}

/// What a list of subscriptions names, and what of it cannot be used.
pub(super) fn show_list(listed: &[Listed], done: &Subscribed, json: bool) -> anyhow::Result<()> {
    if json {
        let listed = listed
            .iter()
            .map(|found| json!({ "url": found.url, "name": found.name, "folder": found.folder }));
        return output::json_line(&json!({
            "listed": listed.collect::<Vec<_>>(),
            "refused": done.refused, "issues": done.issues,
        }));
    }
    for found in listed {
        let name = found.name.as_deref().unwrap_or(found.url.host());
        let folder = found.folder.join(" / ");
        let folder = if folder.is_empty() {
            folder
        } else {
            folder + " / "
        };
        output::line(format_args!(
            "{}{}  {}",
            output::harmless(&folder),
            output::bold(&output::harmless(name)),
            found.url
        ))?;
    }
    super::transfer::note_flaws(done);
    let listed = count(listed.len() as u64, "subscription", "subscriptions");
    output::note(format_args!("{listed}; nothing was saved"));
    Ok(())
}
