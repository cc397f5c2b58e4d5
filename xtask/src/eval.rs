//! Scores the extractor on labelled pages against floors that are pinned in git.

mod baseline;
mod score;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::run::cargo;
use baseline::Baseline;
use score::{Answer, Scores, score};

/// What the scores are for.
pub(crate) enum Mode {
    /// Fail below the floors.
    Judge,
    /// Make them the floors.
    Pin {
        /// Why a floor may be lowered.
        reason: Option<String>,
    },
}

/// What is right about a page: `eval/pages/<name>.toml` beside `<name>.html`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Truth {
    url: String,
    title: String,
    authors: Vec<String>,
    /// `YYYY-MM-DD`, or empty if the page bears none.
    date: String,
    /// What a reader calls the text, such as the lead and the paragraphs, a line each;
    /// captions, prices, votes and all clutter left out.
    text: String,
}

struct LabelledPage {
    name: String,
    path: String,
    truth: Truth,
}

/// Runs the extractor over all labelled pages, prints a table, and judges or pins the means.
pub(crate) fn eval(root: &Path, mode: Mode) -> anyhow::Result<ExitCode> {
    let (pages, corpus) = pages(&root.join("eval/pages"))?;
    let answers = ask(root, &pages)?;
    let scored: Vec<Scores> = pages
        .iter()
        .zip(&answers)
        .map(|(page, answer)| score(&page.truth, answer))
        .collect();
    let mean = Scores::mean(&scored).context("`eval/pages` holds no page")?;
    print!("{}", table(&pages, &scored, &mean));

    let file = root.join("eval/baseline.toml");
    let pinned = Baseline::read(&file)?;
    match mode {
        Mode::Judge => {
            let pinned =
                pinned.context("no floors are pinned; hint: `cargo xtask eval --update`")?;
            let faults = pinned.faults(&corpus, &mean);
            for fault in &faults {
                println!("{fault}");
            }
            Ok(if faults.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Mode::Pin { reason } => {
            let lower = pinned.is_some_and(|pinned| pinned.is_above(&mean));
            if lower && reason.is_none() {
                bail!(
                    "a floor would be lowered; hint: \
                     `cargo xtask eval --update --allow-regression \"why\"`"
                );
            }
            Baseline::new(corpus, &mean, reason.filter(|_| lower)).write(&file)?;
            println!("Pinned in eval/baseline.toml.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The pages in the order of their names, and a digest of all of them.
fn pages(folder: &Path) -> anyhow::Result<(Vec<LabelledPage>, String)> {
    let listing =
        std::fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let mut paths = Vec::new();
    for entry in listing {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut hash = Sha256::new();
    let mut pages = Vec::new();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "html"))
    {
        let labels = path.with_extension("toml");
        let reading = || format!("reading `{}`", labels.display());
        let text = std::fs::read_to_string(&labels).with_context(reading)?;
        hash.update(Sha256::digest(std::fs::read(path)?));
        hash.update(Sha256::digest(&text));
        pages.push(LabelledPage {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path: path
                .to_str()
                .context("a path that is not UTF-8")?
                .to_owned(),
            truth: toml::from_str(&text).with_context(reading)?,
        });
    }
    let mut corpus = String::from("sha256:");
    for byte in hash.finalize() {
        write!(corpus, "{byte:02x}")?;
    }
    Ok((pages, corpus))
}

/// One question a line in, one answer a line out.
fn ask(root: &Path, pages: &[LabelledPage]) -> anyhow::Result<Vec<Answer>> {
    let adapter = [
        "run",
        "--quiet",
        "--release",
        "-p",
        "pressmark-extract",
        "--example",
        "adapter",
    ];
    let mut child = cargo(root, &adapter)
        .into_command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting the extractor")?;
    let mut questions = child
        .stdin
        .take()
        .context("the extractor takes no questions")?;
    let answers = child
        .stdout
        .take()
        .context("the extractor gives no answers")?;
    let mut lines = BufReader::new(answers).lines();
    let mut all = Vec::new();
    for page in pages {
        let question = json!({ "id": page.name, "url": page.truth.url, "html_path": page.path });
        writeln!(questions, "{question}").context("asking the extractor")?;
        questions.flush().context("asking the extractor")?;
        let line = lines.next().context("the extractor ended early")??;
        let answer = serde_json::from_str(&line)
            .with_context(|| format!("the answer to `{}`", page.name))?;
        all.push(answer);
    }
    drop(questions);
    if !child.wait()?.success() {
        bail!("the extractor failed after its last answer");
    }
    Ok(all)
}

fn table(pages: &[LabelledPage], scored: &[Scores], mean: &Scores) -> String {
    let rows = pages.iter().map(|page| page.name.as_str()).zip(scored);
    rows.chain([("mean", mean)])
        .map(|(name, scores)| format!("{name:28}{scores}\n"))
        .fold(format!("{:28}{}\n", "", Scores::HEAD), |table, row| {
            table + &row
        })
}
