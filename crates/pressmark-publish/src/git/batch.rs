//! What a batch of versions changes in the tree: a pure function of the versions and of what
//! stands in the tree before.

use std::collections::{BTreeMap, BTreeSet};

use pressmark_archive::version::Version;
use pressmark_model::{Digest, LeafIndex, Timestamp};
use pressmark_proof::ArchiveId;

use super::{Names, Step};
use crate::list::{List, ListEntry};
use crate::names::{FileId, file_name};
use crate::record::Record;

/// The trailer that names the last leaf of a commit.
pub(super) const LEAF: &str = "Pressmark-Leaf";
/// The trailer that names the archive.
pub(super) const ARCHIVE: &str = "Pressmark-Archive";

/// An article's place in the output.
pub(super) type Place = (String, FileId);

/// What stands in the tree before a batch, as far as the batch touches it.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The sources that have a list.
    pub(super) sources: BTreeSet<String>,
    /// The file names of the articles of the batch's sources.
    pub(super) names: BTreeMap<Place, String>,
    /// The lists of the batch's sources.
    pub(super) lists: BTreeMap<String, List>,
    /// When articles were published, in milliseconds, where a version does not say it.
    pub(super) published: BTreeMap<Place, i64>,
    /// `README.md`.
    pub(super) readme: Option<String>,
}

/// A commit to make.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// The files that it writes, whole.
    pub(super) files: BTreeMap<String, String>,
    /// The copies of images that it adds, by their paths.
    pub(super) media: BTreeMap<String, Digest>,
    /// Its message.
    pub(super) message: String,
    /// Its time.
    pub(super) at: Timestamp,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    new: u64,
    edited: u64,
    illustrated: u64,
}

pub(super) fn place(version: &Version) -> Place {
    (
        version.slug.to_string(),
        FileId::of_nth(version.number_in_source),
    )
}

pub(super) fn article_path(slug: &str, file: &str) -> String {
    format!("articles/{slug}/{file}")
}

pub(super) fn list_path(slug: &str) -> String {
    format!("lists/{slug}.md")
}

impl Batch {
    /// What these steps, in the ledger's order, make of the tree.
    pub(super) fn of(steps: &[Step], mut before: Before, names: Names, archive: ArchiveId) -> Self {
        let mut batch = Self::default();
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for step in steps {
            let place = place(&step.version);
            let tally = tallies.entry(place.0.clone()).or_default();
            if step.copies.is_some() {
                tally.illustrated += 1;
            } else if before.names.contains_key(&place) {
                tally.edited += 1;
            } else {
                tally.new += 1;
            }
            batch.put(step, place, &mut before, names);
            batch.at = batch.at.max(step.version.captured_at);
        }
        let (known, first) = (readme(&before.sources), before.sources.is_empty());
        for (slug, list) in &before.lists {
            batch.files.insert(list_path(slug), list.to_string());
            before.sources.insert(slug.clone());
        }
        // A README that someone else wrote, changed or took away stays as it is.
        let ours = match &before.readme {
            Some(readme) => *readme == known,
            None => first,
        };
        if ours {
            batch
                .files
                .insert("README.md".to_owned(), readme(&before.sources));
        }
        let last = steps.last().map_or(LeafIndex(-1), |step| step.leaf);
        batch.message = message(&tallies, last, archive);
        batch
    }

    fn put(&mut self, step: &Step, place: Place, before: &mut Before, names: Names) {
        let first = before.published.get(&place).copied();
        let published = first.map_or(step.version.captured_at, Timestamp::from_millis);
        let mut record = Record::of(&step.version, published);
        if let Some(copies) = &step.copies {
            record.point_to(copies);
            self.media.extend(copies.values().cloned());
        }
        let file = before.names.entry(place.clone()).or_insert_with(|| {
            let title = (names == Names::IdAndTitle).then_some(record.title.as_str());
            file_name(place.1, title)
        });
        let list = before.lists.entry(place.0.clone()).or_insert_with(|| List {
            name: place.0.clone(),
            entries: Vec::new(),
        });
        let line = ListEntry::new(record.published, &record.title, &place.0, file);
        list.put(line);
        self.files
            .insert(article_path(&place.0, file), record.to_string());
        if let Some(millis) = record.published {
            before.published.insert(place, millis);
        }
    }
}

fn message(tallies: &BTreeMap<String, Tally>, last: LeafIndex, archive: ArchiveId) -> String {
    let line = |name: &str, tally: Tally| {
        let counts = [
            (tally.new, "new"),
            (tally.edited, "edited"),
            (tally.illustrated, "with images"),
        ];
        let said: Vec<String> = counts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        format!("{name}: {}", said.join(", "))
    };
    let lines: Vec<String> = tallies
        .iter()
        .map(|(slug, tally)| line(slug, *tally))
        .collect();
    let about = if let [one] = lines.as_slice() {
        one.clone()
    } else {
        let all = tallies.values().fold(Tally::default(), |sum, tally| Tally {
            new: sum.new + tally.new,
            edited: sum.edited + tally.edited,
            illustrated: sum.illustrated + tally.illustrated,
        });
        let subject = line(&format!("{} sources", tallies.len()), all);
        format!("{subject}\n\n{}", lines.join("\n"))
    };
    format!("{about}\n\n{LEAF}: {last}\n{ARCHIVE}: {}\n", hex(archive))
}

pub(super) fn hex(archive: ArchiveId) -> String {
    format!("{:032x}", u128::from_be_bytes(archive.0))
}

fn readme(sources: &BTreeSet<String>) -> String {
    let lines = sources
        .iter()
        .map(|slug| format!("- [{slug}](lists/{slug}.md)\n"));
    format!(
        "# Articles\n\nWhole articles, the newest first in each list.\n\n{}",
        lines.collect::<Vec<_>>().concat()
    )
}
