//! `prove`: the proof file of a version.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pressmark_archive::anchor::Anchored;
use pressmark_archive::{Archive, prove};
use pressmark_model::{ArticleId, LeafIndex, VersionNumber};
use pressmark_proof::Proof;

use crate::cli::Prove;
use crate::data::{Data, Need};
use crate::output::{self, count, hinted};

/// Writes a proof file.
pub(super) async fn run(data: Data, prove: &Prove) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let leaf = leaf(&open.archive, &prove.article).await?;
    let anchored = prove::prove_anchored(&**open.archive.catalog(), leaf).await?;
    let Some(path) = &prove.out else {
        let proof = sealed(&open.archive, leaf).await?;
        output::line(proof.to_string().trim_end())?;
        return Ok(ExitCode::SUCCESS);
    };
    match anchored {
        Some((proof, stamps)) if prove.anchor => {
            write(path, proof.to_string().as_bytes())?;
            write_stamps(path, &stamps)?;
        }
        None if prove.anchor => {
            return Err(hinted(
                "no time stamp is over this version yet",
                "`[proof] tsa` names authorities, `pressmark anchor` asks them now",
            ));
        }
        anchored => {
            let proof = sealed(&open.archive, leaf).await?;
            write(path, proof.to_string().as_bytes())?;
            for Anchored { anchor, .. } in anchored.into_iter().flat_map(|(_, stamps)| stamps) {
                output::note(format_args!(
                    "time-stamped {} by {} at {}: `--anchor` proves it with this",
                    anchor.stamped_at,
                    anchor.tsa,
                    count(anchor.size, "entry", "entries")
                ));
            }
        }
    }
    output::note(format_args!("proof: {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// Writes the checkpoint and the time stamps over it beside the proof file, so that other programs
/// can read them.
fn write_stamps(path: &Path, stamps: &[Anchored]) -> anyhow::Result<()> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    for stamp in stamps {
        write(&beside(".checkpoint"), stamp.checkpoint.as_bytes())?;
        let file = beside(&format!(".{}", stamp.anchor.file_name()));
        write(&file, &stamp.token)?;
        output::note(format_args!("time stamp: {}", file.display()));
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).map_err(|error| {
        hinted(
            format!("`{}` cannot be written: {error}", path.display()),
            "name another file with `-o`",
        )
    })
}

/// The proof of a version, `ARTICLE` or `ARTICLE@VERSION`.
pub(super) async fn of_article(archive: &Archive, text: &str) -> anyhow::Result<Proof> {
    sealed(archive, leaf(archive, text).await?).await
}

async fn sealed(archive: &Archive, leaf: LeafIndex) -> anyhow::Result<Proof> {
    let proof = prove::prove(&**archive.catalog(), leaf).await?;
    proof.ok_or_else(|| {
        hinted(
            format!("the version of leaf {leaf} is not sealed yet"),
            "`pressmark serve` seals by itself, `pressmark poll` at its end",
        )
    })
}

/// The leaf of a version.
async fn leaf(archive: &Archive, text: &str) -> anyhow::Result<LeafIndex> {
    let (id, number) = locate(archive, text).await?;
    let missing = || {
        hinted(
            format!("article {id} has no such version"),
            "`pressmark show ARTICLE --json` lists its versions",
        )
    };
    if let Some(redaction) = archive.catalog().redaction(id).await? {
        output::note(format_args!(
            "article {id} was redacted on {}: this proves the leaf that says so",
            redaction.begun_at
        ));
        return Ok(redaction.leaf);
    }
    let view = archive.catalog().article(id).await?.ok_or_else(missing)?;
    let head = match number {
        Some(number) => view.versions.iter().find(|head| head.number == number),
        None => view.versions.last(),
    };
    Ok(head.ok_or_else(missing)?.leaf)
}

async fn locate(
    archive: &Archive,
    text: &str,
) -> anyhow::Result<(ArticleId, Option<VersionNumber>)> {
    if let Some((article, number)) = text.rsplit_once('@')
        && let Ok(number) = number.parse()
        && let Some(id) = super::show::resolve(archive, article).await?
    {
        return Ok((id, Some(number)));
    }
    match super::show::resolve(archive, text).await? {
        Some(id) => Ok((id, None)),
        None => Err(hinted(
            format!("there is no article `{text}`"),
            "give an id, an address, or slug/number, and `@` with a number for one version",
        )),
    }
}
