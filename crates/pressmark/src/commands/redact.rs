//! `redact`: what the law demands is taken out, everywhere.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use pressmark_archive::redact::{Redacted, Redaction};
use pressmark_model::ArticleId;
use serde_json::json;

use crate::cli::Redact;
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// What this program cannot reach.
const BEYOND: [&str; 5] = [
    "backups that were made before: the next one into the same folder takes it out there",
    "clones and remotes of the Markdown archive: they keep its history, until somebody pushes the \
     new one over it",
    "feeds and pages that others have read, and exports",
    "proof files that were handed out: each holds its record",
    "the write-ahead log and backups of a PostgreSQL server, and blocks that a disk has freed",
];

/// Takes an article out.
pub(super) async fn run(data: Data, redact: &Redact) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    resume(&open).await?;
    let missing = || {
        hinted(
            format!("there is no article `{}`", redact.article),
            "give an id, an address, or slug/number; `pressmark articles` lists them",
        )
    };
    let article = super::show::resolve(&open.archive, &redact.article)
        .await?
        .ok_or_else(missing)?;
    let catalog = open.archive.catalog();
    let before = catalog.redaction(article).await?;
    if before
        .as_ref()
        .is_some_and(|before| before.done_at.is_some())
    {
        output::line(format_args!("article {article} was redacted before"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if before.is_none() {
        let view = catalog.article(article).await?.ok_or_else(missing)?;
        if !redact.yes && !confirmed(article, &view.summary.title)? {
            return Err(hinted(
                "nothing was redacted",
                "it cannot be undone: `--yes` says that it is meant",
            ));
        }
    }
    let reason = redact.reason.trim();
    let redacted = open.archive.redact(article, reason).await?;
    let redacted = redacted.ok_or_else(missing)?;
    let redaction = finish(&open, article).await?.ok_or_else(missing)?;
    tell(&open, &redaction, redacted, redact.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Goes on with redactions that were cut off.
pub(super) async fn resume(open: &Open) -> anyhow::Result<()> {
    for redaction in open.archive.catalog().redactions(true).await? {
        let article = redaction.article;
        open.archive.take_out(&redaction).await?;
        finish(open, article).await?;
        output::note(format_args!(
            "the redaction of article {article}, which was open, is done now"
        ));
    }
    Ok(())
}

/// Writes what was made from the ledger anew, and ends the redaction.
async fn finish(open: &Open, article: ArticleId) -> anyhow::Result<Option<Redaction>> {
    super::rebuild::without_a_trace(open).await?;
    super::sealing::Sealing::of(open).follow().await;
    open.archive.end_redaction(article).await?;
    Ok(open.archive.catalog().redaction(article).await?)
}

fn confirmed(article: ArticleId, title: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let title = output::harmless(title);
    eprint_prompt(&format!(
        "article {article}, {title}: everything of it will be gone for good. Its number: "
    ))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == article.to_string())
}

fn eprint_prompt(text: &str) -> io::Result<()> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{text}")?;
    terminal.flush()
}

fn tell(
    open: &Open,
    redaction: &Redaction,
    redacted: Redacted,
    as_json: bool,
) -> anyhow::Result<()> {
    let push = open.data.config().git.push.is_some();
    if as_json {
        return output::json_pretty(&json!({
            "article": redaction.article, "leaf": redaction.leaf,
            "captures": redacted.captures, "segments": redacted.segments,
            "done_at": redaction.done_at.map(|at| at.to_string()), "beyond": BEYOND,
        }));
    }
    output::line(format_args!(
        "article {} is redacted: leaf {} says so",
        redaction.article, redaction.leaf
    ))?;
    output::line("catalog: its records, texts, entries and addresses are gone")?;
    output::line(format_args!(
        "segments: {} taken out, {} written again",
        count(redacted.captures, "capture", "captures"),
        count(redacted.segments, "segment", "segments")
    ))?;
    output::line("Markdown archive, reader and feeds: they do not have it any more")?;
    output::note("what is beyond this program:");
    for beyond in BEYOND {
        output::note(format_args!("- {beyond}"));
    }
    if push {
        output::note(
            "hint: the Markdown archive has another history now: push it with `git push --force`",
        );
    }
    Ok(())
}
