//! `show`: one article in the terminal.

use std::process::ExitCode;

use pressmark_archive::Archive;
use pressmark_archive::identity;
use pressmark_archive::version::{ArticleSummary, ArticleView, Version};
use pressmark_model::{ArticleId, Slug, VersionNumber, WebUrl};
use serde_json::json;

use super::form;
use crate::cli::Show;
use crate::data::Data;
use crate::output::{self, hinted};

/// Shows a version of an article.
pub(super) async fn run(data: Data, show: &Show) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let missing = || {
        hinted(
            format!("there is no article `{}`", show.article),
            "give an id, an address, or slug/number; `pressmark articles` lists them",
        )
    };
    let id = resolve(&open.archive, &show.article)
        .await?
        .ok_or_else(missing)?;
    if let Some(redaction) = open.archive.catalog().redaction(id).await? {
        return Err(hinted(
            format!(
                "article {id} was redacted on {}: {}",
                redaction.begun_at,
                output::harmless(&redaction.reason)
            ),
            format!(
                "leaf {} of the ledger says so; `pressmark prove {id}` proves it",
                redaction.leaf
            ),
        ));
    }
    let view = open
        .archive
        .catalog()
        .article(id)
        .await?
        .ok_or_else(missing)?;
    let last = view.versions.last().map(|version| version.number);
    let number = show
        .number
        .map(VersionNumber)
        .or(last)
        .ok_or_else(missing)?;
    let version = open
        .archive
        .catalog()
        .version(id, number)
        .await?
        .ok_or_else(|| {
            hinted(
                format!("article {id} has no version {number}"),
                format!("it has versions 1 to {}", view.versions.len()),
            )
        })?;
    if show.json {
        output::json_pretty(&as_json(&view, &version))?;
    } else if !form::markup(&version.article, show.format)? {
        print(&view, &version)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The article that an id, an address or slug/number names.
pub(super) async fn resolve(archive: &Archive, text: &str) -> anyhow::Result<Option<ArticleId>> {
    let catalog = archive.catalog();
    if let Ok(id) = text.parse::<ArticleId>() {
        return Ok(Some(id));
    }
    if let Ok(url) = text.parse::<WebUrl>() {
        let keys = [identity::key(&url)];
        // What was fetched with credentials is known under its source alone.
        let sources = catalog.sources().await?;
        let own = sources.iter().map(|source| format!("source:{}", source.id));
        for scope in std::iter::once(identity::PUBLIC.to_owned()).chain(own) {
            let found = catalog.articles_by_alias(&scope, &keys).await?;
            if let Some((_, id)) = found.first() {
                return Ok(Some(*id));
            }
        }
        let [key] = &keys;
        return Ok(archive.redacted_as(key));
    }
    let Some((slug, number)) = text.rsplit_once('/') else {
        return Ok(None);
    };
    match (slug.parse::<Slug>(), number.parse::<i64>()) {
        (Ok(slug), Ok(number)) => Ok(catalog.article_by_number(&slug, number).await?),
        _ => Ok(None),
    }
}

fn print(view: &ArticleView, version: &Version) -> anyhow::Result<()> {
    let article = &version.article;
    let mut facts = Vec::new();
    if let Some(deletion) = view.summary.deleted {
        facts.push(format!(
            "gone since {} ({})",
            deletion.since,
            deletion.reason.as_str()
        ));
    }
    if !article.authors.is_empty() {
        facts.push(output::harmless(&article.authors.join(", ")));
    }
    if let Some(published) = article.published {
        facts.push(format!("published {published}"));
    }
    facts.push(format!("captured {}", version.captured_at));
    facts.push(format!(
        "version {} of {} ({})",
        version.number,
        view.versions.len(),
        version.kind.as_str()
    ));
    if version.partial {
        facts.push("partial: read behind a wall".to_owned());
    }
    form::text(article, &[facts.join(" · "), version.url.to_string()])
}

/// How and since when the page of an article is gone; null if it is there.
pub(super) fn deletion_json(summary: &ArticleSummary) -> serde_json::Value {
    let deletion = summary.deleted.map(|deletion| {
        json!({
            "since": deletion.since.to_string(), "reason": deletion.reason.as_str(),
            "leaf": deletion.leaf,
        })
    });
    json!(deletion)
}

fn as_json(view: &ArticleView, version: &Version) -> serde_json::Value {
    let versions: Vec<_> = view
        .versions
        .iter()
        .map(|head| {
            json!({
                "version": head.number, "kind": head.kind.as_str(), "title": head.title,
                "captured_at": head.captured_at.to_string(), "digest": head.digest,
                "leaf": head.leaf, "partial": head.partial,
                "clock": head.clock_doubtful.then_some("doubtful"),
            })
        })
        .collect();
    json!({
        "deleted": deletion_json(&view.summary),
        "id": version.article_id, "url": version.url, "source": version.slug,
        "number": version.number_in_source, "version": version.number,
        "kind": version.kind.as_str(), "partial": version.partial,
        "captured_at": version.captured_at.to_string(), "digest": version.digest,
        "leaf": version.leaf, "derivation": version.derivation, "article": version.article,
        "versions": versions, "last_seen_at": view.last_seen_at.to_string(),
    })
}
