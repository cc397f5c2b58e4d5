//! How files are kept.

use super::{Finding, Repository};

const MOST_LINES: usize = 500;

/// Written apart, so that this file does not find itself.
const LEFTOVERS: [&str; 8] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("db", "g!("),
    concat!("#[ig", "nore"),
    concat!("todo", "!("),
    concat!("/wo", "rk/main"),
    concat!("../sha", "red"),
];

pub(super) fn source_files_are_short(repository: &Repository) -> Vec<Finding> {
    repository
        .with_extension("rs")
        .filter(|file| !file.path.contains("/tests/"))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let sentence = format!("{lines} lines; fewer than {MOST_LINES} fit in a head");
            (lines >= MOST_LINES).then(|| Finding::new(&file.path, lines, sentence))
        })
        .collect()
}

pub(super) fn crates_open_with_an_example(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, manifest) in repository.manifests() {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let library = repository.get(&format!("{folder}src/lib.rs"));
        let Some(root) = library.or_else(|| repository.get(&format!("{folder}src/main.rs"))) else {
            findings.push(Finding::new(
                &manifest.path,
                1,
                format!("`{krate}` has no content"),
            ));
            continue;
        };
        let intro: Vec<&str> = root
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        if intro.is_empty() {
            let sentence = "a crate opens with a `//!` comment that says what it is for";
            findings.push(Finding::new(&root.path, 1, sentence));
        } else if library.is_some() && !intro.iter().any(|line| line.contains("```")) {
            let sentence = "a crate's first comment has an example that runs";
            findings.push(Finding::new(&root.path, 1, sentence));
        }
    }
    findings
}

pub(super) fn nothing_is_left_for_later(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repository.files {
        let (_, extension) = file.path.rsplit_once('.').unwrap_or_default();
        let ours = ["rs", "toml", "md", "sql"].contains(&extension) || file.path == ".ci/run";
        if !ours || is_fixture(&file.path) {
            continue;
        }
        for (place, line) in file.text.lines().enumerate() {
            // A test may be left to another one that runs it in its own way.
            let is_run = line.contains("= \"run by `");
            if let Some(word) = LEFTOVERS
                .iter()
                .find(|word| line.contains(**word) && !is_run)
            {
                let sentence = format!("`{word}` has no place here");
                findings.push(Finding::new(&file.path, place + 1, sentence));
            }
        }
    }
    findings
}

/// A fixture is used when its crate's sources name it, a folder it is in, or all of `testdata`.
pub(super) fn fixtures_are_used(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository
        .files
        .iter()
        .filter(|file| is_fixture(&file.path))
    {
        let Some((owner, inside)) = file.path.split_once("/testdata/") else {
            continue;
        };
        let folder = format!("{owner}/");
        let names = || {
            inside
                .split('/')
                .flat_map(|part| [Some(part), stem(part)])
                .flatten()
        };
        let used = repository
            .with_extension("rs")
            .filter(|source| source.path.starts_with(&folder))
            .any(|source| {
                let all = ["testdata\"", "testdata/\"", "testdata/*"];
                all.iter().any(|all| source.text.contains(all))
                    || names().any(|name| source.text.contains(name))
            });
        if !used {
            findings.push(Finding::new(
                &file.path,
                1,
                "no test of its crate uses this fixture",
            ));
        }
    }
    findings
}

pub(super) fn migrations_come_in_pairs(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository.with_extension("sql") {
        for (own, other) in [("/sqlite/", "/postgres/"), ("/postgres/", "/sqlite/")] {
            let twin = file.path.replace(own, other);
            if file.path.contains("/migrations/")
                && file.path.contains(own)
                && !repository.has(&twin)
            {
                let sentence = format!("the other database lacks `{twin}`");
                findings.push(Finding::new(&file.path, 1, sentence));
            }
        }
    }
    findings
}

fn is_fixture(path: &str) -> bool {
    path.contains("/testdata/") || path.starts_with("eval/pages/")
}

fn stem(name: &str) -> Option<&str> {
    name.split_once('.')
        .map(|(stem, _)| stem)
        .filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_found_outside_of_tests() {
        let long = "\n".repeat(MOST_LINES);
        let short = "\n".repeat(MOST_LINES - 1);
        let files = [
            ("crates/a/src/long.rs", long.as_str()),
            ("crates/a/src/short.rs", short.as_str()),
            ("crates/a/tests/it/long.rs", long.as_str()),
        ];
        let found = source_files_are_short(&Repository::of(&files));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/a/src/long.rs");
    }

    #[test]
    fn a_library_needs_an_example_and_a_binary_a_word() {
        for (root, text, findings) in [
            ("crates/a/src/lib.rs", "//! A.\n//! ```\n//! ```\n", 0),
            ("crates/a/src/lib.rs", "//! A.\n", 1),
            ("crates/a/src/main.rs", "//! A.\n", 0),
            ("crates/a/src/main.rs", "fn main() {}\n", 1),
            ("crates/a/src/other.rs", "", 1),
        ] {
            let repository = Repository::of(&[("crates/a/Cargo.toml", ""), (root, text)]);
            let found = crates_open_with_an_example(&repository);
            assert_eq!(found.len(), findings, "{root}: {text}");
        }
    }

    #[test]
    fn leftovers_are_found_with_their_line() {
        let text = format!("fine\n// {}: later\n", LEFTOVERS[0]);
        let files = [
            ("crates/a/src/a.rs", text.as_str()),
            ("crates/a/testdata/a.md", &text),
        ];
        let found = nothing_is_left_for_later(&Repository::of(&files));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn a_fixture_that_nobody_names_is_found() {
        let files = [
            ("crates/a/testdata/feeds/one.xml", ""),
            ("crates/a/testdata/lost/two.xml", ""),
            (
                "crates/a/tests/it/main.rs",
                "glob(\"../testdata/feeds/*.xml\")",
            ),
        ];
        let found = fixtures_are_used(&Repository::of(&files));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/a/testdata/lost/two.xml");
    }

    #[test]
    fn a_migration_without_its_twin_is_found() {
        let files = [
            ("crates/c/migrations/sqlite/0001_a.sql", ""),
            ("crates/c/migrations/postgres/0001_a.sql", ""),
            ("crates/c/migrations/sqlite/0002_b.sql", ""),
        ];
        assert_eq!(migrations_come_in_pairs(&Repository::of(&files)).len(), 1);
    }
}
