//! What the pages are made from.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::uri::Authority;
use pressmark_archive::ports::catalog::Catalog;
use pressmark_archive::source::{Robots, Source, SourceSettings};
use pressmark_model::{Clock, Slug, WebUrl};
use pressmark_proof::ArchiveId;
use tokio::sync::watch;

use crate::callback::Callbacks;
use crate::media::MediaUse;
use crate::room::Room;
use crate::writer::Writer;

/// What the pages are made from.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where everything is read from.
    pub catalog: Arc<dyn Catalog>,
    /// What "two hours ago" is counted from.
    pub clock: Arc<dyn Clock>,
    /// The archive's name, part of every item id in the feeds.
    pub archive: ArchiveId,
    /// The name at the head of every page.
    pub title: String,
    /// The public address of this server, with its final slash; feeds name themselves by it.
    /// Without one they go by the `Host` of the request, where it cannot have been made up.
    pub base_url: Option<WebUrl>,
    /// Whether the listener is on loopback. Then, without a public address, only requests to an
    /// IP address or to `localhost` are answered: a page from elsewhere whose name was pointed at
    /// this machine (DNS rebinding) reads nothing.
    pub local: bool,
    /// `[source.<slug>]` of the configuration, in the place of what the catalog has.
    pub overrides: BTreeMap<Slug, SourceSettings>,
    /// What sources are added with through the pages; `None`: they cannot be.
    pub writer: Option<Writer>,
    /// What hubs talk to; `None`: none is asked to push.
    pub callbacks: Option<Callbacks>,
    /// How much room there is on the disk.
    pub room: watch::Receiver<Room>,
    /// The offset from UTC, in seconds, in which lists show days and times.
    pub offset_seconds: i32,
    /// The copies of images, and where they are shown.
    pub media: MediaUse,
}

impl Site {
    /// The settings of a source that are in force.
    pub(crate) fn settings(&self, source: &Source) -> SourceSettings {
        match self.overrides.get(&source.slug) {
            Some(over) => source.settings.overridden_by(over),
            None => source.settings.clone(),
        }
    }

    /// Whether robots.txt is ignored for a source.
    pub(crate) fn ignores_robots(&self, source: &Source) -> bool {
        self.settings(source).robots == Some(Robots::Ignore)
    }

    /// Whether a request to this host is for this server.
    pub(crate) fn answers_to(&self, host: Option<&str>) -> bool {
        !self.local || self.base_url.is_some() || host.is_some_and(is_nobodys_name)
    }
}

/// Whether a `Host` is an IP address or `localhost`: what nobody can point elsewhere.
pub(crate) fn is_nobodys_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    bare.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_nobodys_name() {
        for host in [
            "127.0.0.1:7777",
            "10.1.2.3",
            "[::1]:80",
            "[::1]",
            "LocalHost:1",
        ] {
            assert!(is_nobodys_name(host), "{host}");
        }
        for host in [
            "",
            "a.example",
            "localhost.a.example",
            "127.0.0.1.a.example:7777",
            "[::1",
            "a b",
        ] {
            assert!(!is_nobodys_name(host), "{host}");
        }
    }
}
