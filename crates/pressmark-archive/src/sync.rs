//! What a feed lists, beside what is known of it.

use std::collections::{HashMap, HashSet};

use pressmark_model::{Entry, EntryKey, OffsetTimestamp, Timestamp};

use crate::entry::{EntryDelta, KnownEntry, ListedEntry};

/// The first visit of a source takes so many entries, the newest.
pub const FIRST_VISIT: usize = 100;

/// The entries of a document with their keys, each key once.
///
/// A guid that stands twice in the document identifies nothing: for its entries the links decide.
/// Of two entries with the same key the first counts.
pub fn keyed(entries: Vec<Entry>) -> Vec<(EntryKey, Entry)> {
    let mut once = HashSet::new();
    let repeated: HashSet<String> = entries
        .iter()
        .filter_map(|entry| entry.guid.as_deref().map(str::trim))
        .filter(|guid| !once.insert(*guid))
        .map(str::to_owned)
        .collect();
    let is_repeated = |entry: &Entry| {
        entry
            .guid
            .as_deref()
            .is_some_and(|guid| repeated.contains(guid.trim()))
    };
    let mut seen = HashSet::new();
    entries
        .into_iter()
        .map(|entry| (EntryKey::of(&entry, is_repeated(&entry)), entry))
        .filter(|(key, _)| seen.insert(key.clone()))
        .collect()
}

/// How the listed entries differ from what is known. With a limit, as at a first visit, all but so
/// many of the newest are listed without being wanted.
pub fn compare(
    listed: Vec<(EntryKey, Entry)>,
    known: &[KnownEntry],
    newest: Option<usize>,
) -> Vec<ListedEntry> {
    let known: HashMap<&EntryKey, &KnownEntry> =
        known.iter().map(|entry| (&entry.key, entry)).collect();
    let mut entries: Vec<ListedEntry> = listed
        .into_iter()
        .map(|(key, entry)| {
            let delta = match known.get(&key) {
                None => EntryDelta::New,
                Some(before) if before.digest != entry.digest() => EntryDelta::Changed,
                Some(_) => EntryDelta::Unchanged,
            };
            ListedEntry {
                key,
                entry,
                delta,
                wanted: true,
            }
        })
        .collect();
    if let Some(newest) = newest
        && entries.len() > newest
    {
        let mut by_age: Vec<&mut ListedEntry> = entries.iter_mut().collect();
        // The sort is stable: where dates are missing or equal, the document's order counts.
        by_age.sort_by_key(|listed| {
            std::cmp::Reverse(listed.entry.published.or(listed.entry.updated))
        });
        for listed in by_age.into_iter().skip(newest) {
            listed.wanted = false;
        }
    }
    entries
}

/// When the new entries of a document were published, as far as it says; those without a time
/// were published since the last poll, if there was one.
pub fn published(
    listed: &[ListedEntry],
    first_visit: bool,
    now: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let new = listed
        .iter()
        .filter(|listed| listed.delta == EntryDelta::New);
    new.filter_map(move |listed| {
        let said = listed.entry.published.or(listed.entry.updated);
        said.map(OffsetTimestamp::at)
            .or((!first_visit).then_some(now))
    })
}

#[cfg(test)]
mod tests {
    use pressmark_model::EntryId;

    use super::*;

    fn entry(guid: &str, link: &str) -> Entry {
        Entry {
            guid: Some(guid.to_owned()),
            link: Some(format!("https://a.example/{link}").parse().unwrap()),
            title: link.to_owned(),
            ..Entry::default()
        }
    }

    #[test]
    fn a_guid_that_stands_twice_identifies_nothing() {
        let keys = |entries| -> Vec<String> {
            keyed(entries)
                .into_iter()
                .map(|(key, _)| key.as_str().to_owned())
                .collect()
        };
        assert_eq!(
            keys(vec![entry("1", "a"), entry("2", "b")]),
            ["guid:1", "guid:2"]
        );
        assert_eq!(
            keys(vec![entry("1", "a"), entry("1", "b"), entry("1", "b")]),
            ["link:https://a.example/a", "link:https://a.example/b"]
        );
    }

    #[test]
    fn changed_and_new_entries_are_told_apart() {
        let same = entry("1", "a");
        let known: Vec<KnownEntry> = [&same, &entry("2", "old")]
            .iter()
            .map(|entry| KnownEntry {
                id: EntryId(1),
                key: EntryKey::of(entry, false),
                digest: entry.digest(),
            })
            .collect();
        let listed = keyed(vec![same.clone(), entry("2", "new"), entry("3", "c")]);
        let deltas: Vec<_> = compare(listed, &known, None)
            .into_iter()
            .map(|listed| listed.delta)
            .collect();
        assert_eq!(
            deltas,
            [EntryDelta::Unchanged, EntryDelta::Changed, EntryDelta::New]
        );
    }

    #[test]
    fn the_first_visit_wants_the_newest() {
        let entries: Vec<Entry> = (0..150_u32)
            .map(|n| Entry {
                published: Some(Timestamp::from_seconds(i64::from(n)).into()),
                ..entry(&n.to_string(), &n.to_string())
            })
            .collect();
        let listed = compare(keyed(entries.clone()), &[], Some(FIRST_VISIT));
        assert!(
            listed
                .iter()
                .all(|listed| listed.wanted == (listed.entry.title.parse::<u32>().unwrap() >= 50))
        );
        assert!(
            compare(keyed(entries), &[], None)
                .iter()
                .all(|listed| listed.wanted)
        );
    }
}
