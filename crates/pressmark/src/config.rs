//! The configuration: a file, overridden by the environment, overridden by flags.

mod git;
mod keys;
mod media;
mod proof;
mod render;
mod revisit;
mod storage;
mod web;
mod websub;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use pressmark_archive::filter::Filters;
use pressmark_archive::setting::SettingError;
use pressmark_archive::source::SourceSettings;
use pressmark_archive::span;
use pressmark_model::{Slug, WebUrl};
use serde::Deserialize;
use toml::{Table, Value};

use crate::output::hinted;

use self::keys::{KEYS, Kind};

pub(crate) use self::git::{FileNames, GitSection, RecordImages};
pub(crate) use self::media::MediaSection;
pub(crate) use self::proof::ProofSection;
pub(crate) use self::render::RenderSection;
pub(crate) use self::revisit::RevisitSection;
pub(crate) use self::storage::StorageSection;
pub(crate) use self::web::WebSection;
pub(crate) use self::websub::WebsubSection;

/// The name of the file, in the data folder or the current one.
pub(crate) const FILE: &str = "pressmark.toml";
const DEFAULT_LISTEN: &str = "127.0.0.1:7777";

/// Everything that can be configured; what is unset has its default where it is used.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where the reader is served.
    pub(crate) listen: Option<SocketAddr>,
    /// The address under which others reach the reader.
    pub(crate) base_url: Option<WebUrl>,
    /// How pages are fetched.
    pub(crate) fetch: FetchSection,
    /// Where the catalog is.
    pub(crate) catalog: CatalogSection,
    /// The Markdown archive.
    pub(crate) git: GitSection,
    /// What is kept beside texts.
    pub(crate) media: MediaSection,
    /// How archived pages are looked at again.
    pub(crate) revisit: RevisitSection,
    /// What may be changed through the pages.
    pub(crate) web: WebSection,
    /// Whether hubs are asked to push.
    pub(crate) websub: WebsubSection,
    /// The signed ledger.
    pub(crate) proof: ProofSection,
    /// The browser for pages that are made by scripts.
    pub(crate) render: RenderSection,
    /// How much room is to be left on the disk.
    pub(crate) storage: StorageSection,
    /// What rules for sites may do.
    pub(crate) rules: RulesSection,
    /// Settings of single sources, by slug.
    pub(crate) source: BTreeMap<Slug, SourceSettings>,
}

/// `[fetch]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FetchSection {
    pub(crate) proxy: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) user_agent: Option<String>,
    #[serde(with = "span::option")]
    pub(crate) per_host_gap: Option<Duration>,
    #[serde(with = "span::option")]
    pub(crate) timeout: Option<Duration>,
    #[serde(with = "span::option")]
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) max_page_bytes: Option<u64>,
    pub(crate) max_feed_bytes: Option<u64>,
    pub(crate) allow_networks: Vec<String>,
}

/// `[catalog]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CatalogSection {
    /// `postgres://…`; without it, SQLite in the data folder.
    pub(crate) url: Option<String>,
}

/// `[rules]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesSection {
    /// Whether a rule's `http_header(user-agent)` may name a crawler of somebody else.
    pub(crate) impersonate: bool,
}

/// Variables that are no configuration: where to look for it, and what tests need.
const OTHER_VARIABLES: [&str; 4] = [
    "PRESSMARK_DATA",
    "PRESSMARK_CONFIG",
    "PRESSMARK_TEST_",
    "PRESSMARK_REQUIRE_",
];

/// A configuration with where each value came from.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The values.
    pub(crate) config: Config,
    /// The same as a tree of text, for showing.
    table: Table,
    /// Where each set key came from.
    origins: BTreeMap<String, String>,
}

/// One line of `pressmark config`.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Shown {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: String,
}

/// Reads the file, then the environment, then the flags.
pub(crate) fn load(
    file: Option<&Path>,
    environment: &[(String, String)],
    listen: Option<SocketAddr>,
) -> anyhow::Result<Loaded> {
    let mut table = Table::new();
    let mut origins = BTreeMap::new();
    if let Some(file) = file {
        table = read_file(file)?;
        let mut keys = Vec::new();
        flatten("", &table, &mut keys);
        for (key, _) in keys {
            origins.insert(key, format!("file {}", file.display()));
        }
    }
    for (name, text) in environment {
        let Some((key, kind)) = key_of_variable(name)? else {
            continue;
        };
        let value = value_of(kind, text).with_context(|| format!("the variable `{name}`"))?;
        set(&mut table, key, value);
        origins.insert(key.to_owned(), format!("environment {name}"));
    }
    if let Some(listen) = listen {
        set(&mut table, "listen", Value::String(listen.to_string()));
        origins.insert("listen".to_owned(), "flag --listen".to_owned());
    }
    let config = Config::deserialize(table.clone()).map_err(|error| {
        hinted(
            format!("the configuration cannot be read: {}", error.message()),
            "`pressmark config` shows where each value comes from",
        )
    })?;
    for (slug, settings) in &config.source {
        Filters::of(settings).map_err(|error| {
            let hint = SettingError::from(error.clone()).hint();
            hinted(format!("`[source.{slug}]`: {error}"), hint)
        })?;
    }
    Ok(Loaded {
        config,
        table,
        origins,
    })
}

impl Loaded {
    /// Every key with its value in force, secrets hidden.
    pub(crate) fn show(&self) -> Vec<Shown> {
        let mut set = Vec::new();
        flatten("", &self.table, &mut set);
        let mut set: BTreeMap<String, String> = set.into_iter().collect();
        let mut lines: Vec<Shown> = KEYS
            .iter()
            .map(|(key, _, default)| Shown {
                key: (*key).to_owned(),
                value: set
                    .remove(*key)
                    .map_or((*default).to_owned(), |value| hide(key, &value)),
                origin: self.origin(key),
            })
            .collect();
        lines.extend(set.into_iter().map(|(key, value)| Shown {
            value: hide(&key, &value),
            origin: self.origin(&key),
            key,
        }));
        lines
    }

    fn origin(&self, key: &str) -> String {
        self.origins
            .get(key)
            .cloned()
            .unwrap_or_else(|| "default".to_owned())
    }
}

fn read_file(file: &Path) -> anyhow::Result<Table> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        hinted(
            format!(
                "the configuration `{}` cannot be read: {error}",
                file.display()
            ),
            "name another file with `--config`, or make one with `pressmark init`",
        )
    })?;
    // Read as a whole configuration first: these errors know their line.
    toml::from_str::<Config>(&text).map_err(|error| {
        hinted(
            format!(
                "the configuration `{}` is wrong:\n{}",
                file.display(),
                error.to_string().trim()
            ),
            "correct or remove that line; `pressmark config` lists the keys there are",
        )
    })?;
    Ok(toml::from_str(&text)?)
}

fn key_of_variable(name: &str) -> anyhow::Result<Option<(&'static str, Kind)>> {
    let Some(rest) = name.strip_prefix("PRESSMARK_") else {
        return Ok(None);
    };
    if OTHER_VARIABLES.iter().any(|other| name.starts_with(other)) {
        return Ok(None);
    }
    let matches = |key: &str| key.replace('.', "_").eq_ignore_ascii_case(rest);
    match KEYS.iter().find(|(key, _, _)| matches(key)) {
        Some((key, kind, _)) => Ok(Some((key, *kind))),
        None => Err(hinted(
            format!("the variable `{name}` names no key of the configuration"),
            "unset it, or correct its name: `pressmark config` lists the keys, `fetch.proxy` is `PRESSMARK_FETCH_PROXY`",
        )),
    }
}

fn value_of(kind: Kind, text: &str) -> anyhow::Result<Value> {
    Ok(match kind {
        Kind::Text => Value::String(text.to_owned()),
        Kind::Number => Value::Integer(text.trim().parse().context("not a whole number")?),
        Kind::Flag => Value::Boolean(text.trim().parse().context("neither true nor false")?),
        Kind::List => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        ),
    })
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                set(section, rest, value);
            }
        }
    }
}

fn flatten(prefix: &str, table: &Table, into: &mut Vec<(String, String)>) {
    for (key, value) in table {
        // A slug may have dots of its own.
        let name = if key.contains('.') {
            format!("{prefix}\"{key}\"")
        } else {
            format!("{prefix}{key}")
        };
        match value {
            Value::Table(inner) => flatten(&format!("{name}."), inner, into),
            Value::String(text) => into.push((name, text.clone())),
            Value::Array(items) => {
                let items = items.iter().map(|item| item.as_str().unwrap_or_default());
                into.push((name, items.collect::<Vec<_>>().join(", ")));
            }
            other => into.push((name, other.to_string())),
        }
    }
}

/// A value without its secrets.
fn hide(key: &str, value: &str) -> String {
    let last = key.rsplit('.').next().unwrap_or(key);
    if matches!(last, "cookie" | "headers" | "admin_token") && !value.is_empty() {
        return "***".to_owned();
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    // Any address may carry credentials before its host, that of a database also in its query.
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (hidden, host) = match authority.rsplit_once('@') {
        Some((_, host)) => ("***@", host),
        None => ("", authority),
    };
    let pairs = rest
        .split('&')
        .map(|pair| match pair.rsplit_once("password=") {
            Some((before, _)) => format!("{before}password=***"),
            None => pair.to_owned(),
        });
    let rest = pairs.collect::<Vec<_>>().join("&");
    format!("{scheme}://{hidden}{host}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn value<'a>(shown: &'a [Shown], key: &str) -> (&'a str, &'a str) {
        let line = shown.iter().find(|line| line.key == key).unwrap();
        (&line.value, &line.origin)
    }

    #[test]
    fn flags_override_the_environment_and_that_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:1\"\n[fetch]\nproxy = \"http://me:secret@proxy:3128\"\nper_host_gap = \"10ms\"\n\
             [source.\"news.example\"]\ncookie = \"session=1\"\ninterval = \"5m\"\n",
        )
        .unwrap();
        let loaded = load(
            Some(&file),
            &environment(&[
                ("PRESSMARK_LISTEN", "127.0.0.1:2"),
                ("PRESSMARK_FETCH_ALLOW_NETWORKS", "10.0.0.0/8, ::1/128"),
                ("HOME", "/"),
            ]),
            Some(SocketAddr::from(([127, 0, 0, 1], 3))),
        )
        .unwrap();
        assert_eq!(loaded.config.listen().port(), 3);
        assert_eq!(
            loaded.config.fetch.per_host_gap,
            Some(Duration::from_millis(10))
        );
        assert_eq!(
            loaded.config.fetch.allow_networks,
            ["10.0.0.0/8", "::1/128"]
        );

        let shown = loaded.show();
        assert_eq!(value(&shown, "listen"), ("127.0.0.1:3", "flag --listen"));
        assert_eq!(value(&shown, "fetch.proxy").0, "http://***@proxy:3128");
        assert_eq!(value(&shown, "fetch.timeout").1, "default");
        assert_eq!(value(&shown, "source.\"news.example\".cookie").0, "***");
        let origin = value(&shown, "fetch.allow_networks").1;
        assert_eq!(origin, "environment PRESSMARK_FETCH_ALLOW_NETWORKS");
    }

    #[test]
    fn secrets_of_addresses_are_hidden_and_nothing_else() {
        for (key, value, shown) in [
            (
                "fetch.proxy",
                "http://me:p@ss@proxy:1/",
                "http://***@proxy:1/",
            ),
            (
                "git.push",
                "https://token@a.example",
                "https://***@a.example",
            ),
            (
                "base_url",
                "https://a.example/feed/@ann",
                "https://a.example/feed/@ann",
            ),
            (
                "base_url",
                "https://a.example?at=@x",
                "https://a.example?at=@x",
            ),
            (
                "catalog.url",
                "postgres://a/news?password=hush#x&user=me",
                "postgres://a/news?password=***&user=me",
            ),
            ("git.push", "git@a.example:b/c.git", "git@a.example:b/c.git"),
            ("source.a.cookie", "sid=hush", "***"),
        ] {
            assert_eq!(hide(key, value), shown);
        }
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        for (text, sign) in [
            ("[fetch]\nproxxy = \"x\"\n", "proxxy"),
            ("[fetch]\ntimeout = \"soon\"\n", "soon"),
            ("listen = 7\n", "line 1"),
            ("[source.\"All Caps\"]\n", "All Caps"),
            ("[source.news]\nblock = [\"advert\"]\n", "no filter rule"),
            ("x", "line 1"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = load(Some(&file), &[], None).unwrap_err();
            assert!(error.to_string().contains(sign), "{error}");
        }
        for (name, text) in [
            ("PRESSMARK_FETCH_PROXXY", "x"),
            ("PRESSMARK_FETCH_MAX_PAGE_BYTES", "many"),
            ("PRESSMARK_LISTEN", "here"),
        ] {
            assert!(
                load(None, &environment(&[(name, text)]), None).is_err(),
                "{name}"
            );
        }
        assert!(load(None, &environment(&[("PRESSMARK_REQUIRE_PG", "1")]), None).is_ok());
    }
}
