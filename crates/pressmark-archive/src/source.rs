//! Sources: what the user asked to watch, how, and how it goes.

use std::time::Duration;

use pressmark_model::{Digest, FeedFormat, Issue, Slug, SourceId, Timestamp, WebUrl};
use serde::{Deserialize, Serialize};

use crate::alarm::AlarmKind;
use crate::failure::Failure;
use crate::origin::{Origin, OriginState, Reader};
use crate::ports::fetch::{FetchPolicy, Validators};
use crate::rhythm::Rhythm;
use crate::websub::{HubOffer, Subscription};

/// A source as the catalog has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its row.
    pub id: SourceId,
    /// Its short name.
    pub slug: Slug,
    /// What is polled.
    pub url: WebUrl,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// Whether it is watched.
    pub state: SourceState,
    /// How it is watched, as `set` wrote it.
    pub settings: SourceSettings,
    /// When it was added.
    pub added_at: Timestamp,
    /// How it goes.
    pub status: SourceStatus,
}

/// Whether a source is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// Polled when due.
    Active,
    /// Not polled until the user resumes it.
    Paused,
    /// The publisher answered 410: not polled any more.
    Gone,
    /// Removed by the user; its articles stay.
    Removed,
    /// Made by an import: there is nothing to poll.
    Imported,
}

impl SourceState {
    /// The stored and shown name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Gone => "gone",
            Self::Removed => "removed",
            Self::Imported => "imported",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Active,
            Self::Paused,
            Self::Gone,
            Self::Removed,
            Self::Imported,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

/// How one source is watched; what is unset follows the configuration. These are the keys of
/// `pressmark set` and of `[source.<slug>]` in the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// A proxy for this source alone, or `direct`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The `User-Agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Further request headers, `Name: value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// The `Cookie` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Whether robots.txt is obeyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robots: Option<Robots>,
    /// The time between two polls, such as `30m`.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::span::option")]
    pub interval: Option<Duration>,
    /// The least time between two requests to one host, such as `2s`.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::span::option")]
    pub per_host_gap: Option<Duration>,
    /// The time limit of one request.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::span::option")]
    pub timeout: Option<Duration>,
    /// The largest page, in bytes after decoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_page_bytes: Option<u64>,
    /// How the source's address is read; unset: as a feed, or as what names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Reader>,
    /// Further addresses whose entries are the source's too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Origin>,
    /// How many entries the first visit takes, the newest; unset:
    /// [`FIRST_VISIT`](crate::sync::FIRST_VISIT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<u64>,
    /// Whether the entries' pages are fetched; `false`: what the feed itself gives is the article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_text: Option<bool>,
    /// Whether the images of its articles are kept; unset: as `[media]` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<bool>,
    /// Whether the entries' pages are shown to a browser first; unset:
    /// [`Rendering::Auto`], where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub render: Option<Rendering>,
    /// Entries that a rule such as `title=(?i)advert` matches are left out; see
    /// [`Filters`](crate::filter::Filters).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub block: Vec<String>,
    /// Only entries that one of these rules matches are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// The folder that the source stands in, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folder: Vec<String>,
    /// What the OPML outline that the source came from said beside this, in its order: written
    /// back as it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<(String, String)>,
}

/// Whether robots.txt is obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Robots {
    /// It is.
    Obey,
    /// It is not; shown wherever the source is.
    Ignore,
}

/// Whether pages are shown to a browser before they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rendering {
    /// They are not.
    Never,
    /// Those in which no article is found otherwise.
    Auto,
    /// All of them.
    Always,
}

impl SourceSettings {
    /// These settings, with those of `over` in the place of what they set.
    #[must_use]
    pub fn overridden_by(&self, over: &Self) -> Self {
        let mut settings = self.clone();
        macro_rules! take {
            ($($field:ident),*) => { $(if over.$field.is_some() {
                settings.$field.clone_from(&over.$field);
            })* };
        }
        take!(
            proxy,
            user_agent,
            cookie,
            robots,
            interval,
            per_host_gap,
            timeout,
            max_page_bytes,
            full_text,
            images,
            render,
            read,
            backfill
        );
        macro_rules! take_list {
            ($($field:ident),*) => { $(if !over.$field.is_empty() {
                settings.$field.clone_from(&over.$field);
            })* };
        }
        take_list!(headers, block, keep, folder, outline, also);
        settings
    }

    /// What the fetcher needs of them.
    pub fn fetch_policy(&self) -> FetchPolicy {
        let header = |line: &String| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        FetchPolicy {
            proxy: self.proxy.clone(),
            user_agent: self.user_agent.clone(),
            headers: self.headers.iter().filter_map(header).collect(),
            cookie: self.cookie.clone(),
            referrer: None,
            ignore_robots: self.robots == Some(Robots::Ignore),
            per_host_gap: self.per_host_gap,
            timeout: self.timeout,
            max_bytes: self.max_page_bytes,
        }
    }
}

/// How a source goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceStatus {
    /// The title that the publisher gives.
    pub title: Option<String>,
    /// The publisher's page for it.
    pub home: Option<WebUrl>,
    /// BCP 47 tag of the feed.
    pub language: Option<String>,
    /// The format it was last read from.
    pub format: FeedFormat,
    /// The flaws of the document that was last read.
    pub issues: Vec<Issue>,
    /// When it was last polled.
    pub polled_at: Option<Timestamp>,
    /// When a poll last went well.
    pub succeeded_at: Option<Timestamp>,
    /// Why the last poll failed.
    pub failure: Option<Failure>,
    /// How many polls have failed in a row.
    pub failures: u32,
    /// When it is due.
    pub next_poll_at: Timestamp,
    /// What to send back.
    pub validators: Validators,
    /// What is known of when it publishes.
    pub rhythm: Rhythm,
    /// The kinds of the alarms that stand.
    pub alarms: Vec<AlarmKind>,
    /// The payload digest of the body that was last read.
    pub body_digest: Option<Digest>,
    /// The address that permanent redirects have named lately, and how often in a row.
    pub moved_to: Option<(WebUrl, u32)>,
    /// How the further addresses of [`SourceSettings::also`] went.
    pub origins: Vec<OriginState>,
    /// The hub that its document offers.
    pub hub: Option<HubOffer>,
    /// The subscription at that hub.
    pub subscription: Option<Subscription>,
    /// When the first of its entries that wait is to be captured; only known of a claimed source.
    pub next_attempt_at: Option<Timestamp>,
    /// When the first of its articles is to be looked at again; only known of a claimed source.
    pub next_visit_at: Option<Timestamp>,
    /// Entries known.
    pub entries: u64,
    /// Entries that wait for a capture.
    pub pending: u64,
    /// Entries whose capture failed for good.
    pub failed: u64,
    /// Entries that the source's filters leave out.
    pub filtered: u64,
    /// Articles that it brought.
    pub articles: u64,
}

/// A source to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// What to poll.
    pub url: WebUrl,
    /// The user's name for it.
    pub name: Option<String>,
    /// The user's slug; else the first free of [`Slug::candidates`] for `named_after`.
    pub slug: Option<Slug>,
    /// The address that the user knows the source by: the page that named the feed, or the feed.
    pub named_after: WebUrl,
    /// Whether it is watched at once.
    pub state: SourceState,
    /// When.
    pub now: Timestamp,
}

/// A folder of a list of subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The names of the folders that it stands in, the outermost first, and its own.
    pub path: Vec<String>,
    /// What its OPML outline said beside its name, written back as it was.
    pub attributes: Vec<(String, String)>,
}

/// What the user may change; unset parts stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceChange {
    /// Another name; `Some(None)` removes it.
    pub name: Option<Option<String>>,
    /// Another state. Becoming active makes the source due at once and clears its failures.
    pub state: Option<SourceState>,
    /// Other settings, whole.
    pub settings: Option<SourceSettings>,
}
