//! The invariants of the house, held by reading its files. Each rule is a function from the
//! repository to its findings; `cargo test` runs them too.

mod documents;
mod edges;
mod files;
mod purity;
mod repository;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

pub(crate) use repository::Repository;

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    /// From 1.
    line: usize,
    sentence: String,
}

impl Finding {
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

type Rule = fn(&Repository) -> Vec<Finding>;

const RULES: [Rule; 12] = [
    edges::dependencies_run_downward,
    edges::the_workspace_lints_hold_everywhere,
    purity::pure_crates_touch_nothing,
    purity::only_the_binary_reads_its_surroundings,
    purity::only_the_catalog_contains_sql,
    files::source_files_are_short,
    files::crates_open_with_an_example,
    files::nothing_is_left_for_later,
    files::fixtures_are_used,
    files::migrations_come_in_pairs,
    documents::links_lead_somewhere,
    documents::readmes_say_the_same,
];

/// Prints what is found.
pub(crate) fn tidy(root: &Path) -> anyhow::Result<ExitCode> {
    let findings = findings(&Repository::read(root)?);
    for finding in &findings {
        println!("{finding}");
    }
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn findings(repository: &Repository) -> Vec<Finding> {
    let mut all: Vec<Finding> = RULES.iter().flat_map(|rule| rule(repository)).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found: Vec<String> = findings(&Repository::read(root).unwrap())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}
