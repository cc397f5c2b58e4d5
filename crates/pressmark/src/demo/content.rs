//! What the demo sites say: one TOML file each.

use std::io;
use std::time::Duration;

use pressmark_model::{OffsetTimestamp, Timestamp};
use serde::Deserialize;

const FILES: [&str; 3] = [
    include_str!("../../demo/harbour-gazette.toml"),
    include_str!("../../demo/shancheng-wanbao.toml"),
    include_str!("../../demo/tidewater-wire.toml"),
];

/// A site's content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) motto: String,
    /// BCP 47.
    pub(super) language: String,
    /// East of UTC.
    pub(super) offset_hours: i32,
    pub(super) build: Build,
    pub(super) words: Words,
    #[serde(rename = "article")]
    pub(super) articles: Vec<Article>,
}

/// How a site's article pages are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Build {
    /// `article`, `header`, `time` and Open Graph.
    Semantic,
    /// Nothing but `div` and `span`.
    Blocks,
    /// `main` and a JSON-LD block.
    JsonLd,
}

/// The clutter around the articles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) sections: Vec<String>,
    pub(super) by: String,
    pub(super) share: Vec<String>,
    pub(super) related: String,
    pub(super) newsletter: String,
    pub(super) newsletter_text: String,
    pub(super) newsletter_button: String,
    pub(super) footer: String,
}

/// A story as it is written down. Paragraphs stand apart by an empty line; `*…*` is stressed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Article {
    pub(super) id: String,
    title: String,
    author: String,
    section: String,
    /// Its age at the start.
    hours_ago: f32,
    caption: String,
    body: String,
    /// What it says after its correction.
    edit: Option<Edit>,
    /// Whether the site takes it away later.
    #[serde(default)]
    pub(super) withdrawn: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    title: String,
    body: String,
}

/// A story as it stands at a moment.
#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) section: &'a str,
    pub(super) caption: &'a str,
    pub(super) paragraphs: Vec<&'a str>,
    pub(super) published: OffsetTimestamp,
    pub(super) modified: Option<OffsetTimestamp>,
}

/// The sites' content, parsed.
pub(super) fn papers() -> io::Result<Vec<Paper>> {
    let parse = |file| toml::from_str(file).map_err(io::Error::other);
    FILES.into_iter().map(parse).collect()
}

impl Paper {
    /// Whether one of its stories is corrected later.
    pub(super) fn is_corrected(&self) -> bool {
        self.articles.iter().any(|article| article.edit.is_some())
    }
}

impl Paper {
    /// Whether one of its stories is taken away later.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.articles.iter().any(|article| article.withdrawn)
    }
}

impl<'a> Story<'a> {
    pub(super) fn of(
        article: &'a Article,
        started: Timestamp,
        corrected: Option<Timestamp>,
        offset_seconds: i32,
    ) -> Self {
        let age = Duration::from_secs_f32(article.hours_ago * 3600.0);
        let edit = article.edit.as_ref().zip(corrected);
        let (title, body) = match edit {
            Some((edit, _)) => (&edit.title, &edit.body),
            None => (&article.title, &article.body),
        };
        Self {
            id: &article.id,
            title,
            author: &article.author,
            section: &article.section,
            caption: &article.caption,
            paragraphs: body.trim().split("\n\n").collect(),
            published: super::minute(started.minus(age)).with_offset(offset_seconds),
            modified: edit.map(|(_, at)| at.with_offset(offset_seconds)),
        }
    }

    /// The first sentence, all that the feed gives away.
    pub(super) fn teaser(&self) -> &'a str {
        let first = self.paragraphs.first().copied().unwrap_or_default();
        first
            .split_inclusive('。')
            .next()
            .and_then(|sentence| sentence.split_inclusive(". ").next())
            .unwrap_or_default()
            .trim_end()
    }
}
