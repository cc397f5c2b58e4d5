//! How much room there is on the disk, for the pages and the feed of alarms to tell.

use maud::{Markup, html};
use pressmark_archive::ports::catalog::DiskUse;
use pressmark_model::{Entry, Timestamp, WebUrl};

use crate::feeds::id_of;
use crate::i18n::{Language, fill};
use crate::site::Site;

/// How much room there is where the data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Room {
    /// Enough, or nobody knows.
    #[default]
    Enough,
    /// It runs low.
    Low {
        /// The bytes that are left.
        free: u64,
        /// Since when.
        since: Timestamp,
    },
    /// So little that nothing more is archived until there is more.
    Paused {
        /// The bytes that are left.
        free: u64,
        /// Since when.
        since: Timestamp,
    },
}

impl Room {
    /// What is wrong, in words.
    fn sentence(self, language: Language) -> Option<String> {
        let words = language.words();
        match self {
            Self::Enough => None,
            Self::Low { free, .. } => Some(fill(words.room_low, [&size(free)])),
            Self::Paused { free, .. } => Some(fill(words.room_paused, [&size(free)])),
        }
    }
}

/// What stands at the head of every page while room is short.
pub(crate) fn banner(site: &Site, language: Language) -> Markup {
    let sentence = site.room.borrow().sentence(language);
    html! {
        @if let Some(sentence) = sentence {
            div.note.bad role="alert" { p { (sentence) } }
        }
    }
}

/// The item of the feed of alarms while room is short. Low and paused are items of their own.
pub(crate) fn alarm(
    site: &Site,
    base: Option<&WebUrl>,
    language: Language,
) -> Option<(Timestamp, Entry)> {
    let room = *site.room.borrow();
    let (kind, since): (&[u8], _) = match room {
        Room::Enough => return None,
        Room::Low { since, .. } => (b"room-low", since),
        Room::Paused { since, .. } => (b"room-paused", since),
    };
    let sentence = room.sentence(language)?;
    let entry = Entry {
        guid: Some(id_of(site.archive, kind, since.seconds())),
        title: language.words().room.to_owned(),
        published: Some(since.into()),
        link: base.and_then(|base| base.join("sources").ok()),
        content: Some(html! { p { (sentence) } }.into_string()),
        ..Entry::default()
    };
    Some((since, entry))
}

/// What a source takes on the disk.
pub(crate) fn taken(language: Language, taken: DiskUse) -> Markup {
    let words = language.words();
    let (captures, texts, images) = (taken.captures, taken.texts, taken.images);
    let [captures, texts, images] = [captures, texts, images].map(size);
    let all = fill(words.disk_use_of, [&captures, &texts, &images]);
    html! { div { dt { (words.disk_use) } dd { (all) } } }
}

/// A number of bytes in decimal units.
fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_decimal_units() {
        for (bytes, told) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_590_000, "1.5 MB"),
            (2_147_483_648, "2.1 GB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
