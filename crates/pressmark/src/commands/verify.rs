//! `verify`: a proof file, an article, or the whole log.

mod stamps;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pressmark_archive::log::Log;
use pressmark_proof::{LeafKind, Proof, Proven, VerifyingKey, VersionRecord};

use crate::cli::Verify;
use crate::data::{Data, Need};
use crate::output::{self, count, harmless, hinted};

/// What a proof does not say, said with every one of them.
const LIMITS: &str = "This shows what the archive recorded, and that the record was not altered \
since. It does not show that the outlet wrote it, and the time is the archive's own clock unless a \
time stamp confirms it.";

/// Verifies what is named; exit code 1 when it is not as it should be.
pub(super) async fn run(data: Data, verify: &Verify) -> anyhow::Result<ExitCode> {
    match verify.what.as_deref() {
        Some(what) if Path::new(what).is_file() => file(data, Path::new(what), verify).await,
        Some(article) => {
            let open = data.open(Need::Existing).await?;
            let proof = super::prove::of_article(&open.archive, article).await?;
            let logs = open.archive.catalog().logs().await?;
            let keys = match verify.keys.as_slice() {
                [] => logs.iter().flat_map(Log::public_keys).collect(),
                named => keys(named)?,
            };
            conclude(&proof, &keys, &verify.anchors)
        }
        None => ledger(data).await,
    }
}

async fn file(data: Data, path: &Path, verify: &Verify) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        hinted(
            format!("`{}` cannot be read: {error}", path.display()),
            "name a file that `pressmark prove` wrote",
        )
    })?;
    let keys = if verify.keys.is_empty() {
        let open = data.open(Need::Existing).await.map_err(|_| {
            hinted(
                "nobody's key is known here",
                "give the public key of the archive with `--key`: `pressmark key show` prints it there",
            )
        })?;
        let logs = open.archive.catalog().logs().await?;
        logs.iter().flat_map(Log::public_keys).collect()
    } else {
        keys(&verify.keys)?
    };
    let anchors = match verify.anchors.as_slice() {
        [] => stamps::beside(path),
        named => named.to_vec(),
    };
    match text.parse() {
        Ok(proof) => conclude(&proof, &keys, &anchors),
        Err(error) => refused(&error),
    }
}

/// Public keys, each as it is or as the name of a file with one a line.
fn keys(named: &[String]) -> anyhow::Result<Vec<VerifyingKey>> {
    let mut keys = Vec::new();
    for name in named {
        let text = match std::fs::read_to_string(name) {
            Ok(text) => text,
            Err(_) => name.clone(),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line.parse().map_err(|error| {
                hinted(
                    format!("`{}` is no public key: {error}", harmless(line)),
                    "a key looks like `pressmark/1f…+0a1b2c3d+AS…`, as `pressmark key show` prints it",
                )
            })?;
            keys.push(key);
        }
    }
    Ok(keys)
}

fn conclude(proof: &Proof, keys: &[VerifyingKey], anchors: &[PathBuf]) -> anyhow::Result<ExitCode> {
    match proof.verify(keys) {
        Ok(proven) => {
            for line in sentences(proof, &proven) {
                output::line(harmless(&line))?;
            }
            let is_stamped = stamps::verify(proof, anchors)?;
            output::note(LIMITS);
            Ok(if is_stamped {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(output::FOUND_WRONG)
            })
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &pressmark_proof::VerifyError) -> anyhow::Result<ExitCode> {
    output::line(format_args!("not proven: {error}"))?;
    Ok(ExitCode::from(output::FOUND_WRONG))
}

fn sentences(proof: &Proof, proven: &Proven) -> Vec<String> {
    let Proven {
        checkpoint, leaf, ..
    } = proven;
    let mut lines = vec![format!(
        "proven: entry {} ({}) is in the log `{}` of {}",
        proof.index,
        leaf.kind.as_str(),
        checkpoint.origin,
        count(checkpoint.size, "entry", "entries")
    )];
    let Some(record) = &proven.record else {
        lines.push("its record was erased: what it said cannot be told any more".to_owned());
        return lines;
    };
    match VersionRecord::from_bytes(record) {
        Ok(record) if leaf.kind == LeafKind::Version => {
            lines.push(format!("address: {}", record.url));
            lines.push(format!(
                "article {} version {}, captured {}",
                record.article, record.version, record.captured_at
            ));
            lines.push(format!("title and text: {}", record.digest));
            lines.push(format!(
                "read from WARC record {} ({}) by {}",
                record.warc_record, record.warc_digest, record.extractor
            ));
        }
        _ => lines.push(format!("record: {}", String::from_utf8_lossy(record))),
    }
    lines
}

/// Verifies the ledger and its logs, without the raw bytes.
async fn ledger(data: Data) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let report = open.archive.check_ledger(&|_, _| {}).await?;
    for finding in &report.findings {
        output::line(harmless(&finding.to_string()))?;
    }
    if !report.findings.is_empty() {
        return Ok(ExitCode::from(output::FOUND_WRONG));
    }
    let logs = open.archive.catalog().logs().await?;
    for log in &logs {
        output::line(format_args!(
            "proven: the log `{}` has {}, and its last checkpoint is signed over all of them",
            log.origin,
            count(log.size(), "entry", "entries")
        ))?;
    }
    let unsealed = report.leaves.saturating_sub(
        logs.last()
            .map_or(0, |log| u64::try_from(log.end().0).unwrap_or(0)),
    );
    if unsealed > 0 {
        let leaves = count(unsealed, "leaf is", "leaves are");
        output::note(format_args!("{leaves} not sealed yet"));
    }
    Ok(ExitCode::SUCCESS)
}
