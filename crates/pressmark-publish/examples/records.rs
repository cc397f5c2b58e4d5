//! Reads every Markdown file below the folders and files that are named, writes it again from its
//! fields, and compares the bytes.
//!
//! `cargo run -p pressmark-publish --example records -- DIR…`

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pressmark_publish::{Body, List, Post, Record};

#[derive(Debug, Default)]
struct Tally {
    same: u64,
    all: u64,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "an example is a program of its own"
    )]
    let roots = std::env::args().skip(1);
    let mut files = Vec::new();
    for root in roots {
        collect(Path::new(&root), &mut files)?;
    }
    let mut tallies = [
        ("records", Tally::default()),
        ("posts that hold a record", Tally::default()),
        ("posts of HTML", Tally::default()),
        ("lists", Tally::default()),
        ("others", Tally::default()),
    ];
    let mut out = std::io::stdout().lock();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let (kind, written) = written_again(&text);
        let same = written.is_some_and(|written| written == text);
        if let Some((_, tally)) = tallies.get_mut(kind) {
            tally.all += 1;
            tally.same += u64::from(same);
        }
        if !same {
            writeln!(out, "differs: {}", file.display())?;
        }
    }
    let mut good = true;
    for (kind, Tally { same, all }) in tallies.iter().filter(|(_, tally)| tally.all > 0) {
        writeln!(out, "{kind}: {same} of {all} the same to the byte")?;
        good &= same == all;
    }
    Ok(ExitCode::from(u8::from(!good)))
}

fn written_again(text: &str) -> (usize, Option<String>) {
    if let Ok(record) = text.parse::<Record>() {
        return (0, Some(record.to_string()));
    }
    match text.parse::<Post>() {
        Ok(post) => {
            let kind = if matches!(post.body, Body::Record(_)) {
                1
            } else {
                2
            };
            (kind, Some(post.to_string()))
        }
        Err(_) => match List::parse(text) {
            Some(list) => (3, Some(list.to_string())),
            None => (4, None),
        },
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut below = Vec::new();
    for entry in fs::read_dir(path)? {
        below.push(entry?.path());
    }
    below.sort();
    for path in below {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "md") {
            collect(&path, files)?;
        }
    }
    Ok(())
}
