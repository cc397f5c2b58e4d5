//! What sites teach: the first capture of each article adds to its site's profile, and from time to
//! time later pages begin to be read with what has come together.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pressmark_extract::{Knowledge, Lesson};
use pressmark_model::{Timestamp, WebUrl};

pub use pressmark_extract::Profile;

use crate::archive::{Archive, ArchiveError};
use crate::knowledge::SiteKnowledge;
use crate::visit::Visit;

/// A site's pages are read with a profile once so many have taught.
const FIRST: u64 = 8;
/// And with a new one when so many times more have.
const TIMES: u64 = 4;
/// Or when the one in use is so old, and a sample's worth of pages has come since.
const OLD: Duration = Duration::from_hours(90 * 24);
const SAMPLE: u64 = 24;
/// What was learned is stored anew so often when others learn of the same site meanwhile.
const TRIES: u32 = 5;
/// So many profiles, of 13 kB at most, are kept in memory.
const MOST_AT_HAND: usize = 512;

/// What the pages of a host taught, in one access scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Whose credentials they were fetched with, if any: see [`crate::identity::PUBLIC`].
    pub scope: String,
    /// The host.
    pub host: String,
    /// How many articles have taught, each with its first capture.
    pub taught: u64,
    /// What they taught.
    pub learning: Profile,
    /// What pages are read with.
    pub in_use: Option<InUse>,
}

/// A profile that a site's pages are read with. It stays as it is: another one makes another key of
/// what is derived, and each page's last version is then read again for the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The profile.
    pub profile: Profile,
    /// How many articles had taught when it came into use.
    pub taught: u64,
    /// When that was.
    pub since: Timestamp,
}

impl Site {
    /// A site that has taught nothing.
    pub fn new(scope: &str, host: &str) -> Self {
        Self {
            scope: scope.to_owned(),
            host: host.to_owned(),
            taught: 0,
            learning: Profile::default(),
            in_use: None,
        }
    }

    /// Takes in what first captures teach, and puts it to use when it is time.
    pub fn teach(&mut self, lessons: &[Lesson], now: Timestamp) {
        for lesson in lessons {
            self.learning.learn(lesson);
            self.taught += 1;
        }
        let is_due = match &self.in_use {
            None => self.taught >= FIRST,
            Some(used) => {
                self.taught >= used.taught * TIMES
                    || self.taught >= used.taught + SAMPLE && now.since(used.since) >= OLD
            }
        };
        if is_due && !self.learning.is_void() {
            self.in_use = Some(InUse {
                profile: self.learning.clone(),
                taught: self.taught,
                since: now,
            });
        }
    }
}

/// The user's rules, and the profile that a page's site has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) rules: SiteKnowledge,
    pub(crate) profile: Option<Arc<Profile>>,
}

impl Known {
    /// What is known of the site of this page.
    pub(crate) fn of(&self, url: &WebUrl) -> Knowledge<'_> {
        Knowledge {
            profile: self.profile.as_deref(),
            ..self.rules.of(url)
        }
    }
}

/// Profiles in memory, by name. They never change.
pub(crate) type AtHand = Arc<Mutex<HashMap<String, Arc<Profile>>>>;

impl Archive {
    /// The profile that a host's pages are read with in this scope.
    pub(crate) async fn profile_of(
        &self,
        scope: &str,
        host: &str,
    ) -> Result<Option<Arc<Profile>>, ArchiveError> {
        match self.catalog.profile_in_use(scope, host).await? {
            Some(name) => self.profile_named(&name).await,
            None => Ok(None),
        }
    }

    /// The profile that a key of a derivation names, if it names one that is known.
    pub(crate) async fn profile_in(
        &self,
        derivation: &str,
    ) -> Result<Option<Arc<Profile>>, ArchiveError> {
        match derivation.split_once("+profile:") {
            Some((_, name)) => self.profile_named(name).await,
            None => Ok(None),
        }
    }

    async fn profile_named(&self, name: &str) -> Result<Option<Arc<Profile>>, ArchiveError> {
        let at_hand = || self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = at_hand().get(name) {
            return Ok(Some(Arc::clone(profile)));
        }
        let Some(profile) = self.catalog.profile(name).await?.map(Arc::new) else {
            return Ok(None);
        };
        let mut at_hand = at_hand();
        if at_hand.len() >= MOST_AT_HAND {
            at_hand.clear();
        }
        at_hand.insert(name.to_owned(), Arc::clone(&profile));
        Ok(Some(profile))
    }

    /// The user's rules, with this profile.
    pub(crate) fn known(&self, profile: Option<Arc<Profile>>) -> Known {
        let rules = self.knowledge.clone();
        Known { rules, profile }
    }

    /// Stores what first captures of a host taught.
    async fn learn(&self, scope: &str, host: &str, lessons: &[Lesson]) -> Result<(), ArchiveError> {
        for _ in 0..TRIES {
            let known = self.catalog.site(scope, host).await?;
            let mut site = known.unwrap_or_else(|| Site::new(scope, host));
            let taught_before = site.taught;
            site.teach(lessons, self.clock.now());
            if self.catalog.store_site(&site, taught_before).await? {
                return Ok(());
            }
        }
        tracing::debug!(
            host,
            "what its pages taught was not stored: others were faster"
        );
        Ok(())
    }
}

/// What a turn uses of the sites whose pages it reads, and what these teach it.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    /// By host. A turn reads all pages of a host alike.
    profiles: HashMap<String, Option<Arc<Profile>>>,
    lessons: BTreeMap<String, Vec<Lesson>>,
}

impl Visit<'_> {
    fn sites(&self) -> std::sync::MutexGuard<'_, Sites> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the site of a page.
    pub(crate) async fn known(&self, url: &WebUrl) -> Result<Known, ArchiveError> {
        let known = self.sites().profiles.get(url.host()).cloned();
        if let Some(profile) = known {
            return Ok(self.archive.known(profile));
        }
        let found = self.archive.profile_of(&self.scope, url.host()).await?;
        let mut sites = self.sites();
        let profile = sites.profiles.entry(url.host().to_owned());
        Ok(self.archive.known(profile.or_insert(found).clone()))
    }

    /// Keeps what the first capture of an article taught, until the turn ends.
    pub(crate) fn taught(&self, url: &WebUrl, lesson: Lesson) {
        let mut sites = self.sites();
        sites
            .lessons
            .entry(url.host().to_owned())
            .or_default()
            .push(lesson);
    }

    /// Stores what the turn's first captures taught.
    pub(crate) async fn learn(&self) -> Result<(), ArchiveError> {
        let lessons = std::mem::take(&mut self.sites().lessons);
        for (host, lessons) in lessons {
            self.archive.learn(&self.scope, &host, &lessons).await?;
        }
        Ok(())
    }
}
