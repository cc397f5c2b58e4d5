//! Where a word stands in the files of a folder: as it is, in a gzip member, in a Zstandard frame
//! on a page of a database, or in an object of git, reachable or not.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a Zstandard frame begins (RFC 8878, 3.1.1).
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Each place that holds the word, below this folder: the file and how.
pub(crate) fn traces(folder: &Path, word: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    search(folder, folder, word, &mut found);
    found
}

fn search(root: &Path, folder: &Path, word: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display();
        if path.is_dir() {
            if path.ends_with(".git") && holds(&objects(&path), word) {
                found.insert(format!("{name}: object"));
            }
            search(root, &path, word, found);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if holds(&bytes, word) || name.to_string().contains(word) {
            found.insert(format!("{name}: bytes"));
        }
        let members = pressmark_warc::Reader::new(bytes.as_slice()).flatten();
        let mut blocks = members.map(|stored| stored.record);
        if blocks.any(|record| {
            holds(&record.block, word) || record.target.unwrap_or_default().contains(word)
        }) {
            found.insert(format!("{name}: gzip"));
        }
        if frames(&bytes).any(|text| holds(&text, word)) {
            found.insert(format!("{name}: zstd"));
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

/// What the frames in these bytes hold, as far as each can be read.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let starts = bytes.windows(ZSTD.len()).enumerate();
    starts.filter(|(_, part)| *part == ZSTD).map(|(at, _)| {
        let mut text = Vec::new();
        let decoder = zstd::Decoder::new(&bytes[at..]).unwrap().single_frame();
        // What follows the frame on its page ends the reading; what was read counts.
        let _ended = decoder.take(1 << 20).read_to_end(&mut text);
        text
    })
}

/// All objects of a repository, one after the other.
fn objects(git: &Path) -> Vec<u8> {
    let output = Command::new("git")
        .arg("--git-dir")
        .arg(git)
        .args(["cat-file", "--batch-all-objects", "--batch", "--unordered"])
        .stderr(Stdio::null())
        .output();
    output.unwrap().stdout
}

#[test]
fn it_is_found_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let text = "on a zanzibarquark and its kind ".repeat(9);
    let mut page = vec![7; 99];
    page.extend(zstd::encode_all(text.as_bytes(), 3).unwrap());
    page.extend([9; 99]);
    assert!(!holds(&page, "zanzibarquark and its kind on"));
    std::fs::write(path.join("page"), page).unwrap();
    std::fs::write(path.join("plain"), &text).unwrap();
    let git = |args: &[&str]| {
        let git = Command::new("git").arg("-C").arg(path).args(args).status();
        assert!(git.unwrap().success());
    };
    git(&["init", "-q", "."]);
    git(&["hash-object", "-w", "plain"]);
    assert_eq!(
        Vec::from_iter(traces(path, "kind on a zanzibarquark")),
        [".git: object", "page: zstd", "plain: bytes"]
    );
    assert!(traces(path, "zanzibarquirk").is_empty());
}
