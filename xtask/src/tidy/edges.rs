//! Which crate may know which. Tests, examples and benchmarks are exempt, and so is xtask.

use super::{Finding, Repository};

/// Each crate with those that it may depend on, from the bottom up.
const EDGES: [(&str, &[&str]); 14] = [
    ("pressmark-model", &[]),
    ("pressmark-html", &["model"]),
    ("pressmark-feed", &["model", "html"]),
    ("pressmark-extract", &["model", "html"]),
    ("pressmark-warc", &["model"]),
    ("pressmark-proof", &["model"]),
    (
        "pressmark-archive",
        &["model", "html", "feed", "extract", "warc", "proof"],
    ),
    // `warc` for the content codings, which both undo.
    ("pressmark-fetch", &["model", "warc", "archive"]),
    ("pressmark-catalog", &["model", "proof", "archive"]),
    (
        "pressmark-publish",
        &["model", "html", "feed", "proof", "archive"],
    ),
    (
        "pressmark-web",
        &["model", "html", "feed", "proof", "archive", "publish"],
    ),
    (
        "pressmark",
        &[
            "model", "html", "feed", "extract", "warc", "proof", "archive", "fetch", "catalog",
            "publish", "web",
        ],
    ),
    // Beside the archive; others know it in their tests only.
    ("pressmark-testkit", &["model", "proof", "archive"]),
    ("xtask", &[]),
];

pub(super) fn dependencies_run_downward(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, manifest) in repository.manifests() {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == krate) else {
            let sentence = format!("`{krate}` has no row in the table of edges");
            findings.push(Finding::new(&manifest.path, 1, sentence));
            continue;
        };
        for dependency in dependencies(&manifest.text) {
            let Some(short) = dependency.strip_prefix("pressmark-") else {
                continue;
            };
            if !allowed.contains(&short) {
                let line = manifest
                    .text
                    .lines()
                    .position(|line| line.starts_with(&dependency));
                let sentence = format!("`{krate}` must not depend on `{dependency}`");
                findings.push(Finding::new(
                    &manifest.path,
                    line.map_or(1, |line| line + 1),
                    sentence,
                ));
            }
        }
    }
    findings
}

pub(super) fn the_workspace_lints_hold_everywhere(repository: &Repository) -> Vec<Finding> {
    repository
        .manifests()
        .filter(|(_, manifest)| !manifest.text.contains("[lints]\nworkspace = true"))
        .map(|(krate, manifest)| {
            let sentence = format!("`{krate}` does not take the workspace's lints");
            Finding::new(&manifest.path, 1, sentence)
        })
        .collect()
}

/// The names of what a crate needs to be built and used.
pub(super) fn dependencies(manifest: &str) -> Vec<String> {
    let parsed: toml::Table = toml::from_str(manifest).unwrap_or_default();
    let mut tables = vec![&parsed];
    let targets = parsed.get("target").and_then(toml::Value::as_table);
    tables.extend(
        targets
            .into_iter()
            .flat_map(|all| all.values())
            .filter_map(toml::Value::as_table),
    );
    tables
        .into_iter()
        .flat_map(|table| [table.get("dependencies"), table.get("build-dependencies")])
        .flatten()
        .filter_map(toml::Value::as_table)
        .flat_map(|table| table.keys().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_upward_or_sideways_is_found() {
        let manifest = "[dependencies]\nserde = \"1\"\npressmark-catalog.workspace = true\n\
            [dev-dependencies]\npressmark-testkit.workspace = true\n";
        let files = [("crates/pressmark-fetch/Cargo.toml", manifest)];
        let found = dependencies_run_downward(&Repository::of(&files));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            found[0].to_string(),
            "crates/pressmark-fetch/Cargo.toml:3: `pressmark-fetch` must not depend on \
             `pressmark-catalog`"
        );
    }

    #[test]
    fn a_crate_without_a_row_and_without_lints_is_found() {
        let repository = Repository::of(&[("crates/pressmark-new/Cargo.toml", "")]);
        assert_eq!(dependencies_run_downward(&repository).len(), 1);
        assert_eq!(the_workspace_lints_hold_everywhere(&repository).len(), 1);
    }
}
