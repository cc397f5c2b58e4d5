//! `articles`: what there is, newest first.

use std::process::ExitCode;

use pressmark_archive::version::{ArticleQuery, ArticleSummary};
use serde_json::{Value, json};

use crate::cli::Articles;
use crate::data::Data;
use crate::output;

const PAGE: u32 = 200;

/// Lists articles, a page of the catalog at a time.
pub(super) async fn run(data: Data, articles: &Articles) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let catalog = open.archive.catalog();
    let source = match &articles.source {
        Some(slug) => Some(super::sources::find(&open.archive, slug).await?.id),
        None => None,
    };
    let (mut left, mut after) = (articles.limit, None);
    while left > 0 {
        let query = ArticleQuery {
            source,
            after,
            limit: left.min(PAGE),
        };
        let page = catalog.articles(&query).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.cursor);
        left -= u32::try_from(page.len()).unwrap_or(left).min(left);
        if articles.json {
            for article in &page {
                output::json_line(&as_json(article))?;
            }
        } else {
            output::table(&page.iter().map(row).collect::<Vec<_>>())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(article: &ArticleSummary) -> Vec<String> {
    let at = article
        .published
        .map_or(article.first_captured_at.into(), |at| at);
    let day: String = at.to_string().chars().take(10).collect();
    let mut marks = Vec::new();
    if article.versions > 1 {
        marks.push(format!("{} versions", article.versions));
    }
    if article.deleted.is_some() {
        marks.push("gone".to_owned());
    }
    vec![
        article.id.to_string(),
        output::faint(&day),
        format!("{}/{}", article.slug, article.number_in_source),
        marks.join(", "),
        output::harmless(&article.title),
    ]
}

fn as_json(article: &ArticleSummary) -> Value {
    json!({
        "id": article.id, "source": article.slug, "number": article.number_in_source,
        "url": article.url, "title": article.title, "authors": article.authors,
        "language": article.language, "published": article.published,
        "first_captured_at": article.first_captured_at.to_string(),
        "last_captured_at": article.last_captured_at.to_string(),
        "versions": article.versions, "partial": article.partial,
        "deleted": super::show::deletion_json(article),
    })
}
