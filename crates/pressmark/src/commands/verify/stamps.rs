//! The time stamps over the checkpoint of a proof.

use std::path::{Path, PathBuf};

use pressmark_proof::{Proof, Stamp};

use crate::output::{self, harmless, hinted};

/// The files `<proof file>.….tsr`, as `prove --anchor` writes them.
pub(super) fn beside(proof: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (proof.parent(), proof.file_name()) else {
        return Vec::new();
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let start = format!("{}.", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let rest = name.strip_prefix(&start);
            rest.is_some_and(|rest| Path::new(rest).extension().is_some_and(|is| is == "tsr"))
        })
        .collect();
    found.sort();
    found
}

/// Tells of each time stamp what it says; false if one is not over this checkpoint, or is signed
/// wrongly.
pub(super) fn verify(proof: &Proof, files: &[PathBuf]) -> anyhow::Result<bool> {
    let checkpoint = proof.checkpoint.to_string();
    let mut is_sound = true;
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| {
            hinted(
                format!("`{}` cannot be read: {error}", file.display()),
                "name an answer of a time stamping authority, as `pressmark prove --anchor` writes it",
            )
        })?;
        let problem = match Stamp::from_bytes(&bytes) {
            Ok(stamp) if stamp.covers(checkpoint.as_bytes()) => {
                output::line(harmless(&said(&stamp)))?;
                output::note(format_args!(
                    "whether its certificate is to be believed, its authority's tells:\n  \
                     openssl ts -verify -data FILE.checkpoint -in {} -CAfile AUTHORITY.pem",
                    file.display()
                ));
                continue;
            }
            Ok(_) => "it is over something else than the checkpoint of this proof".to_owned(),
            Err(error) => error.to_string(),
        };
        is_sound = false;
        output::line(format_args!(
            "not proven: the time stamp `{}`: {problem}",
            file.display()
        ))?;
    }
    Ok(is_sound)
}

fn said(stamp: &Stamp) -> String {
    let signature = if stamp.signer.is_verified {
        "its signature is by the certificate in it"
    } else {
        "its signature is made in a way that is not known here, and was not verified"
    };
    format!(
        "time-stamped: the checkpoint was there at {}, says `{}` ({signature})",
        stamp.at, stamp.signer.name
    )
}
