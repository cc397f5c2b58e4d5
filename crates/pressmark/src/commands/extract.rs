//! `extract`: the article of a page, without an archive.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use pressmark_archive::is_page;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::ports::fetch::{
    Fetch as _, FetchOutcome, FetchPolicy, FetchRequest, Purpose, Validators,
};
use pressmark_extract::{Decision, Extraction, Hints, Knowledge, Page, extract_with};
use pressmark_fetch::SystemResolver;
use pressmark_model::{Clock, Timestamp, WebUrl};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::site_profile::ProfileFile;
use super::{explain, form};
use crate::cli::Extract;
use crate::data::{Data, fetcher};
use crate::machine::SystemClock;
use crate::output::{self, hinted};

/// A question of the adapter protocol.
#[derive(Debug, Deserialize)]
struct Question {
    id: serde_json::Value,
    #[serde(default)]
    url: Option<String>,
    html_path: String,
    #[serde(default)]
    content_type: Option<String>,
}

/// An answer of the adapter protocol.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    text: String,
    title: String,
    author: Vec<String>,
    date: Option<String>,
    html: String,
    confidence: f32,
    ms: f64,
    error: Option<String>,
}

/// Extracts from a file, an address, or as an adapter.
pub(super) async fn run(data: &Data, options: Extract) -> anyhow::Result<ExitCode> {
    let knowledge = data.knowledge(options.rules.as_deref())?;
    let mut site = ProfileFile::open(options.site)?;
    if options.jsonl {
        return adapter(&knowledge, site);
    }
    let url = options.url.as_deref().map(address).transpose()?;
    let page = options.page.unwrap_or_default();
    let (bytes, content_type, url) = if page.contains("://") {
        let (bytes, content_type, url) = fetch(data, &address(&page)?, &knowledge).await?;
        (bytes, options.content_type.or(content_type), Some(url))
    } else {
        let bytes = std::fs::read(&page).map_err(|error| {
            hinted(
                format!("`{page}` cannot be read: {error}"),
                "give a file, or an address that begins with `https://`",
            )
        })?;
        (bytes, options.content_type, url)
    };
    is_page(content_type.as_deref(), &bytes)
        .map_err(|failure| hinted(failure.to_string(), "give a page of HTML"))?;
    let page = Page {
        bytes: &bytes,
        content_type: content_type.as_deref(),
        url: url.as_ref(),
        captured_at: SystemClock.now(),
    };
    let found = match &options.explain_html {
        Some(path) => explain_to(path, &page, &known(&page, &knowledge, &site))?,
        None => extract_with(&page, &Hints::default(), &known(&page, &knowledge, &site)),
    };
    site.learn(found.lesson.as_ref());
    site.save()?;
    if options.explain && !options.json {
        explain::print(&found.trace)?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.article.text.trim().is_empty() {
        return Err(hinted(
            "no article found in this page",
            "look at the page in a browser; it may be a listing, or made by scripts",
        ));
    }
    if options.json {
        output::json_pretty(&as_json(&found))?;
    } else if !form::markup(&found.article, options.format)? {
        print(&found)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn explain_to(
    path: &Path,
    page: &Page<'_>,
    knowledge: &Knowledge<'_>,
) -> anyhow::Result<Extraction> {
    let explained = pressmark_extract::explain(page, &Hints::default(), knowledge);
    std::fs::write(path, explained.html).map_err(|error| {
        hinted(
            format!("`{}` cannot be written: {error}", path.display()),
            "name a file in a folder that you may write to",
        )
    })?;
    output::note(format_args!("the coloured page is in `{}`", path.display()));
    Ok(explained.extraction)
}

fn address(text: &str) -> anyhow::Result<WebUrl> {
    text.parse()
        .map_err(|error: pressmark_model::ParseUrlError| {
            hinted(
                error.to_string(),
                "give an address such as `https://news.example/story`",
            )
        })
}

async fn fetch(
    data: &Data,
    url: &WebUrl,
    knowledge: &SiteKnowledge,
) -> anyhow::Result<(Vec<u8>, Option<String>, WebUrl)> {
    let fetcher = fetcher(
        data.config(),
        Arc::new(SystemClock),
        Arc::new(SystemResolver),
    )?;
    let request = FetchRequest {
        url: url.clone(),
        purpose: Purpose::Article,
        validators: Validators::default(),
        policy: knowledge.policy(url, FetchPolicy::default()),
        patience: super::add::PATIENCE,
    };
    match fetcher.fetch(request).await {
        FetchOutcome::Page(page) => {
            let content_type = page.content_type().map(str::to_owned);
            Ok((page.body.to_vec(), content_type, page.final_url))
        }
        FetchOutcome::Failed(failed) => Err(hinted(
            format!("`{url}`: {}", failed.failure),
            failed.failure.hint(),
        )),
        FetchOutcome::NotModified(_) => Err(hinted(
            format!("`{url}`: the server sent no page"),
            "try again",
        )),
    }
}

fn known<'k>(
    page: &Page<'_>,
    knowledge: &'k SiteKnowledge,
    site: &'k ProfileFile,
) -> Knowledge<'k> {
    Knowledge {
        rules: page.url.and_then(|url| knowledge.rules.of(url)),
        profile: site.profile(),
    }
}

fn print(found: &Extraction) -> anyhow::Result<()> {
    let article = &found.article;
    let mut facts = Vec::new();
    if !article.authors.is_empty() {
        facts.push(output::harmless(&article.authors.join(", ")));
    }
    facts.extend(article.published.map(|at| at.to_string()));
    facts.push(format!("confidence {:.2}", found.confidence));
    form::text(article, &[facts.join(" · ")])
}

fn as_json(found: &Extraction) -> serde_json::Value {
    let trace: Vec<_> = found.trace.iter().map(decision).collect();
    json!({
        "article": found.article, "confidence": found.confidence,
        "is_article": found.is_article, "encoding": found.encoding,
        "canonical": found.canonical, "amp": found.amp, "next": found.next,
        "single_page": found.single_page, "advertisement": found.advertisement,
        "wall": found.wall.as_ref().map(|wall| &wall.marker), "trace": trace,
    })
}

fn decision(decision: &Decision) -> serde_json::Value {
    json!({
        "kept": decision.kept, "step": decision.step, "reason": decision.reason,
        "element": decision.element, "text": decision.text,
    })
}

/// Answers questions until there are no more, then writes what was learned. A question that cannot be read or answered gets an
/// answer with `error`; the loop goes on.
fn adapter(knowledge: &SiteKnowledge, mut site: ProfileFile) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let now = SystemClock.now();
        let answer = match serde_json::from_str::<Question>(&line) {
            Ok(question) => serde_json::to_vec(&answer(&question, now, knowledge, &mut site))?,
            Err(error) => serde_json::to_vec(&json!({
                "id": null, "text": "", "error": format!("the question cannot be read: {error}"),
            }))?,
        };
        out.write_all(&answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    site.save()?;
    Ok(ExitCode::SUCCESS)
}

fn answer<'q>(
    question: &'q Question,
    started: Timestamp,
    knowledge: &SiteKnowledge,
    site: &mut ProfileFile,
) -> Answer<'q> {
    let bytes = std::fs::read(Path::new(&question.html_path))
        .with_context(|| format!("`{}` cannot be read", question.html_path));
    let url: Option<WebUrl> = question.url.as_deref().and_then(|url| url.parse().ok());
    let (article, confidence, error) = match bytes {
        Ok(bytes) => {
            let page = Page {
                bytes: &bytes,
                content_type: question.content_type.as_deref(),
                url: url.as_ref(),
                captured_at: started,
            };
            let known = known(&page, knowledge, site);
            let found = extract_with(&page, &Hints::default(), &known);
            site.learn(found.lesson.as_ref());
            (found.article, found.confidence, None)
        }
        Err(error) => (
            pressmark_model::Article::default(),
            0.0,
            Some(format!("{error:#}")),
        ),
    };
    Answer {
        id: &question.id,
        text: article.text,
        title: article.title,
        author: article.authors,
        date: article.published.map(|at| at.to_string()),
        html: article.html,
        confidence,
        ms: SystemClock.now().since(started).as_secs_f64() * 1000.0,
        error,
    }
}
