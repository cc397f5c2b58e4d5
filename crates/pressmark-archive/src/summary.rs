//! What a round of polls came to.

use crate::events::Event;

/// What a round of polls came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PollSummary {
    /// Sources that were read, or had nothing new.
    pub sources: u64,
    /// Sources that could not be read.
    pub failed_sources: u64,
    /// Sources that another process is working on.
    pub busy_sources: u64,
    /// New entries.
    pub new: u64,
    /// Changed entries.
    pub changed: u64,
    /// New articles.
    pub articles: u64,
    /// Further versions of known articles.
    pub versions: u64,
    /// Pages that were looked at and gave no version.
    pub unchanged: u64,
    /// Articles whose pages are gone.
    pub deleted: u64,
    /// Articles that were gone and are back.
    pub returned: u64,
    /// Entries that could not be captured.
    pub failed_entries: u64,
    /// Entries that filters left out.
    pub filtered: u64,
}

impl PollSummary {
    pub(crate) fn add(&mut self, other: Self) {
        self.sources += other.sources;
        self.failed_sources += other.failed_sources;
        self.busy_sources += other.busy_sources;
        self.new += other.new;
        self.changed += other.changed;
        self.articles += other.articles;
        self.versions += other.versions;
        self.unchanged += other.unchanged;
        self.deleted += other.deleted;
        self.returned += other.returned;
        self.failed_entries += other.failed_entries;
        self.filtered += other.filtered;
    }

    pub(crate) fn busy() -> Self {
        Self {
            busy_sources: 1,
            ..Self::default()
        }
    }

    /// Pages that were looked at.
    pub(crate) fn pages(&self) -> u64 {
        self.articles + self.versions + self.unchanged + self.failed_entries
    }

    pub(crate) fn count(&mut self, event: &Event) {
        match event {
            Event::Archived { version, .. } if version.0 == 1 => self.articles += 1,
            Event::Archived { .. } => self.versions += 1,
            Event::Unchanged { .. } => self.unchanged += 1,
            Event::Deleted { .. } => self.deleted += 1,
            Event::Returned { .. } => self.returned += 1,
            Event::EntryFailed { .. } => self.failed_entries += 1,
            Event::Read { .. }
            | Event::Gap { .. }
            | Event::Media { .. }
            | Event::AlarmRaised { .. }
            | Event::AlarmCleared { .. }
            | Event::Finished { .. } => {}
        }
    }
}
