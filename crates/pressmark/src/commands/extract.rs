//! `extract`: the article of a page, without an archive.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::ports::fetch::{
    Fetch as _, FetchOutcome, FetchPolicy, FetchRequest, FetchedPage, Purpose, Validators,
};
use pressmark_archive::ports::render::{Render as _, RenderFailure};
use pressmark_archive::{is_page, read_whole};
use pressmark_extract::{Decision, Extraction, Hints, Knowledge, Page, extract_with};
use pressmark_fetch::{Fetcher, Renderer, SystemResolver};
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
    let mut site = ProfileFile::open(&options.site)?;
    if options.jsonl {
        return adapter(&knowledge, site);
    }
    let name = options.page.as_deref().unwrap_or_default();
    let found = if name.contains("://") {
        read_address(data, &address(name)?, &options, &knowledge, &site).await?
    } else {
        read_file(name, &options, &knowledge, &site)?
    };
    site.learn(found.lesson.as_ref());
    site.save()?;
    if options.why.explain && !options.json {
        explain::print(&found.trace)?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.article.text.trim().is_empty() {
        return Err(hinted(
            "no article found in this page",
            "look at the page in a browser; it may be a listing, or made by scripts (`--render`)",
        ));
    }
    if options.json {
        output::json_pretty(&as_json(&found))?;
    } else if !form::markup(&found.article, options.format)? {
        print(&found)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The article of a file.
fn read_file(
    name: &str,
    options: &Extract,
    knowledge: &SiteKnowledge,
    site: &ProfileFile,
) -> anyhow::Result<Extraction> {
    if options.render {
        return Err(hinted(
            "a file cannot be shown to a browser: it does not say what its scripts may ask for",
            "give the address of the page",
        ));
    }
    let bytes = std::fs::read(name).map_err(|error| {
        hinted(
            format!("`{name}` cannot be read: {error}"),
            "give a file, or an address that begins with `https://`",
        )
    })?;
    let url = options.url.as_deref().map(address).transpose()?;
    let page = Page {
        bytes: &bytes,
        content_type: options.content_type.as_deref(),
        url: url.as_ref(),
        captured_at: SystemClock.now(),
    };
    read_alone(&page, options, &known(page.url, knowledge, site))
}

/// The article of a page by itself.
fn read_alone(
    page: &Page<'_>,
    options: &Extract,
    known: &Knowledge<'_>,
) -> anyhow::Result<Extraction> {
    expect_page(page.content_type, page.bytes)?;
    match &options.why.explain_html {
        Some(path) => explain_to(path, page, known),
        None => Ok(extract_with(page, &Hints::default(), known)),
    }
}

fn expect_page(content_type: Option<&str>, bytes: &[u8]) -> anyhow::Result<()> {
    is_page(content_type, bytes)
        .map_err(|failure| hinted(failure.to_string(), "give a page of HTML"))
}

/// The article of an address, read as an archive reads it: with its further pages or its other
/// form, or as a browser shows it.
async fn read_address(
    data: &Data,
    url: &WebUrl,
    options: &Extract,
    knowledge: &SiteKnowledge,
    site: &ProfileFile,
) -> anyhow::Result<Extraction> {
    let clock = Arc::new(SystemClock);
    let fetcher = Arc::new(fetcher(data.config(), clock, Arc::new(SystemResolver))?);
    let request = |url: &WebUrl| FetchRequest {
        url: url.clone(),
        purpose: Purpose::Article,
        validators: Validators::default(),
        policy: knowledge.policy(url, FetchPolicy::default()),
        patience: super::add::PATIENCE,
    };
    let mut page = fetch(&fetcher, request(url)).await?;
    if options.render {
        let policy = request(&page.final_url).policy;
        page = shown(data, &fetcher, &page, &policy).await?;
    } else if let Some(kind) = &options.content_type {
        page.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        page.headers.push(("Content-Type".to_owned(), kind.clone()));
    }
    let known = known(Some(&page.final_url), knowledge, site);
    if options.render || options.why.explain_html.is_some() {
        let page = Page {
            bytes: &page.body,
            content_type: page.content_type(),
            url: Some(&page.final_url),
            captured_at: page.at,
        };
        return read_alone(&page, options, &known);
    }
    expect_page(page.content_type(), &page.body)?;
    read_whole(&*fetcher, &page, known, request)
        .await
        .map_err(|failure| {
            let message = format!("a further page of `{url}`: {failure}");
            hinted(message, failure.hint())
        })
}

/// The page as a browser shows it, whose profile is thrown away.
async fn shown(
    data: &Data,
    fetcher: &Arc<Fetcher>,
    page: &FetchedPage,
    policy: &FetchPolicy,
) -> anyhow::Result<FetchedPage> {
    let told = |failure: RenderFailure| hinted(failure.to_string(), failure.hint());
    let profiles = tempfile::tempdir().context("a folder for the browser cannot be made")?;
    let config = data.config().render.config(profiles.path())?;
    let config = config.ok_or_else(|| told(RenderFailure::Off))?;
    let browser = Renderer::new(config, Arc::clone(fetcher));
    let rendered = browser.render(page, policy).await.map_err(told)?;
    Ok(rendered.page(page))
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

async fn fetch(fetcher: &Fetcher, request: FetchRequest) -> anyhow::Result<FetchedPage> {
    let url = request.url.clone();
    match fetcher.fetch(request).await {
        FetchOutcome::Page(page) => Ok(page),
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
    url: Option<&WebUrl>,
    knowledge: &'k SiteKnowledge,
    site: &'k ProfileFile,
) -> Knowledge<'k> {
    Knowledge {
        rules: url.and_then(|url| knowledge.rules.of(url)),
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

/// Answers questions until there are no more, then writes what was learned. A question that cannot
/// be read or answered gets an answer with `error`; the loop goes on.
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
            let known = known(page.url, knowledge, site);
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
