//! Rule files: where they are, and what is wrong with them.

use std::path::{Path, PathBuf};

use pressmark_extract::{RuleIssue, Rules};

use crate::output::{harmless, hinted};

/// The folder of rule files in the data folder.
const FOLDER: &str = "rules";

/// Reads the rule files of a folder, or one file. Without a place, those of the data folder, if
/// there are any.
pub(crate) fn load(data: &Path, place: Option<&Path>) -> anyhow::Result<(Rules, Vec<RuleIssue>)> {
    let own = data.join(FOLDER);
    let files = match place {
        Some(place) => files(place)?,
        None if own.is_dir() => files(&own)?,
        None => Vec::new(),
    };
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read(&file).map_err(|error| unreadable(&file, &error))?;
        texts.push((
            name.into_owned(),
            String::from_utf8_lossy(&text).into_owned(),
        ));
    }
    let pairs = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(Rules::read(pairs))
}

/// Writes a rule file for a host into the data folder; false if there is another one.
pub(crate) fn keep(data: &Path, host: &str, text: &str) -> anyhow::Result<bool> {
    let folder = data.join(FOLDER);
    // A host of an address has no characters that lead elsewhere, but for those of IPv6.
    let file = folder.join(format!("{}.txt", host.replace([':', '[', ']'], "_")));
    if file.exists() {
        return Ok(std::fs::read(&file).is_ok_and(|known| known == text.as_bytes()));
    }
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text));
    written.map_err(|error| {
        hinted(
            format!("the rules `{}` cannot be written: {error}", file.display()),
            "the data folder must be writable; the import may then be repeated",
        )
    })?;
    Ok(true)
}

/// An issue, with what to do about it.
pub(crate) fn told(issue: &RuleIssue) -> String {
    let hint = issue.hint.as_ref().map(|hint| format!("\nhint: {hint}"));
    harmless(&issue.to_string()) + &hint.unwrap_or_default()
}

/// The rule files at a place, in the order of their names.
fn files(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let entries = std::fs::read_dir(place).map_err(|error| unreadable(place, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(place, &error))?.path();
        if path.extension().is_some_and(|end| end == "txt") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(place: &Path, error: &std::io::Error) -> anyhow::Error {
    hinted(
        format!("the rules in `{}` cannot be read: {error}", place.display()),
        "name a folder of files such as `news.example.txt`, or one of them",
    )
}
