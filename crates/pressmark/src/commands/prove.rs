//! `prove`: the proof file of a version.

use std::process::ExitCode;

use pressmark_archive::{Archive, prove};
use pressmark_model::{ArticleId, VersionNumber};
use pressmark_proof::Proof;

use crate::cli::Prove;
use crate::data::{Data, Need};
use crate::output::{self, hinted};

/// Writes a proof file.
pub(super) async fn run(data: Data, prove: &Prove) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let proof = of_article(&open.archive, &prove.article).await?;
    match &prove.out {
        Some(path) => {
            std::fs::write(path, proof.to_string()).map_err(|error| {
                hinted(
                    format!("`{}` cannot be written: {error}", path.display()),
                    "name another file with `-o`",
                )
            })?;
            output::note(format_args!("proof: {}", path.display()));
        }
        None => output::line(proof.to_string().trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The proof of a version, `ARTICLE` or `ARTICLE@VERSION`.
pub(super) async fn of_article(archive: &Archive, text: &str) -> anyhow::Result<Proof> {
    let (id, number) = locate(archive, text).await?;
    let missing = || {
        hinted(
            format!("article {id} has no such version"),
            "`pressmark show ARTICLE --json` lists its versions",
        )
    };
    let view = archive.catalog().article(id).await?.ok_or_else(missing)?;
    let head = match number {
        Some(number) => view.versions.iter().find(|head| head.number == number),
        None => view.versions.last(),
    };
    let head = head.ok_or_else(missing)?;
    let proof = prove::prove(&**archive.catalog(), head.leaf).await?;
    proof.ok_or_else(|| {
        hinted(
            format!("version {} of article {id} is not sealed yet", head.number),
            "`pressmark serve` seals by itself, `pressmark poll` at its end",
        )
    })
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
