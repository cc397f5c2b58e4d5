//! What crates must not know.

use super::edges::dependencies;
use super::repository::File;
use super::{Finding, Repository};

/// Bytes in, values out.
const PURE: [&str; 6] = [
    "pressmark-model",
    "pressmark-html",
    "pressmark-feed",
    "pressmark-extract",
    "pressmark-warc",
    "pressmark-proof",
];

/// Runtimes, databases, networks and stores.
const IMPURE_DEPENDENCIES: [&str; 12] = [
    "tokio",
    "sqlx",
    "reqwest",
    "hyper",
    "hyper-util",
    "axum",
    "object_store",
    "tantivy",
    "rustls",
    "getrandom",
    "rand",
    "tempfile",
];

/// Modules of the standard library that reach out, as in `std::fs`.
const IMPURE_MODULES: [&str; 4] = ["fs", "env", "process", "thread"];

/// Ambient clocks, and sockets: addresses from `std::net` are values.
const IMPURE_NAMES: [&str; 8] = [
    "SystemTime",
    "Instant::now",
    "now_utc",
    "now_local",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
];

/// How statements begin, as they stand in strings.
const STATEMENTS: [&str; 9] = [
    "INSERT INTO ",
    "INSERT OR ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "ALTER TABLE ",
    "\"SELECT ",
    "\"UPDATE ",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
];

pub(super) fn pure_crates_touch_nothing(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (krate, manifest) in repository
        .manifests()
        .filter(|(krate, _)| PURE.contains(krate))
    {
        for dependency in dependencies(&manifest.text) {
            if IMPURE_DEPENDENCIES.contains(&dependency.as_str()) {
                let sentence = format!("`{krate}` is pure and must not depend on `{dependency}`");
                findings.push(Finding::new(&manifest.path, 1, sentence));
            }
        }
    }
    for file in sources(repository).filter(|file| PURE.contains(&file.krate())) {
        for (line, code) in file.code() {
            let module = IMPURE_MODULES.iter().find(|module| uses_std(code, module));
            let name = IMPURE_NAMES.iter().find(|name| code.contains(**name));
            if let Some(word) = module.or(name) {
                let sentence = format!("`{}` is pure and must not use `{word}`", file.krate());
                findings.push(Finding::new(&file.path, line, sentence));
            }
        }
    }
    findings
}

pub(super) fn only_the_binary_reads_its_surroundings(repository: &Repository) -> Vec<Finding> {
    let exempt = ["pressmark", "pressmark-testkit", "xtask"];
    sources(repository)
        .filter(|file| !exempt.contains(&file.krate()))
        .flat_map(|file| {
            file.code()
                .filter(|(_, code)| uses_std(code, "env") || code.contains("env::var"))
                .map(|(line, _)| {
                    let sentence = "only the binary reads the environment and the arguments";
                    Finding::new(&file.path, line, sentence)
                })
        })
        .collect()
}

pub(super) fn only_the_catalog_contains_sql(repository: &Repository) -> Vec<Finding> {
    let exempt = ["pressmark-catalog", "xtask"];
    sources(repository)
        .filter(|file| !exempt.contains(&file.krate()))
        .flat_map(|file| {
            file.code()
                .filter(|(_, code)| STATEMENTS.iter().any(|statement| code.contains(statement)))
                .map(|(line, _)| Finding::new(&file.path, line, "only the catalog contains SQL"))
        })
        .collect()
}

fn sources(repository: &Repository) -> impl Iterator<Item = &File> {
    repository
        .with_extension("rs")
        .filter(|file| file.is_shipped())
}

/// Whether a line says `std::module`, or names the module in `use std::{…}`.
fn uses_std(code: &str, module: &str) -> bool {
    let is_word = |text: &str| {
        text.strip_prefix(module).is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    };
    let named = code.split("std::").skip(1).any(is_word);
    let listed = code
        .split_once("std::{")
        .is_some_and(|(_, list)| list.split([',', '{', '}']).any(|part| is_word(part.trim())));
    named || listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_crate_that_reaches_out_is_found() {
        let files = [
            (
                "crates/pressmark-feed/Cargo.toml",
                "[dependencies]\ntokio = \"1\"\n",
            ),
            (
                "crates/pressmark-feed/src/a.rs",
                "// std::fs in words\nuse std::{fmt, process};\nlet a = std::fs::read(\"a\");\n\
                 #[cfg(test)]\nmod tests { use std::fs; }\n",
            ),
            (
                "crates/pressmark-feed/src/b.rs",
                "use std::fsync; use std::net::IpAddr;\n",
            ),
            ("crates/pressmark-feed/tests/it/main.rs", "use std::fs;\n"),
        ];
        let found = pure_crates_touch_nothing(&Repository::of(&files));
        let places: Vec<(&str, usize)> = found
            .iter()
            .map(|finding| (finding.path.as_str(), finding.line))
            .collect();
        assert_eq!(
            places,
            [
                ("crates/pressmark-feed/Cargo.toml", 1),
                ("crates/pressmark-feed/src/a.rs", 2),
                ("crates/pressmark-feed/src/a.rs", 3),
            ]
        );
    }

    #[test]
    fn the_environment_and_sql_have_one_home_each() {
        let text = "let a = env::var(\"A\");\nlet b = \"SELECT 1\";\n";
        for (path, findings) in [
            ("crates/pressmark-web/src/a.rs", (1, 1)),
            ("crates/pressmark-catalog/src/a.rs", (1, 0)),
            ("crates/pressmark/src/a.rs", (0, 1)),
        ] {
            let repository = Repository::of(&[(path, text)]);
            let found = (
                only_the_binary_reads_its_surroundings(&repository).len(),
                only_the_catalog_contains_sql(&repository).len(),
            );
            assert_eq!(found, findings, "{path}");
        }
    }
}
