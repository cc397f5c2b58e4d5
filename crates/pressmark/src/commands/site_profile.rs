//! The profile of a site in a file: `extract --profile FILE`, and `--learn`.

use std::io::ErrorKind;
use std::path::PathBuf;

use pressmark_extract::{Lesson, Profile};

use crate::cli::SiteProfile;
use crate::output::hinted;

/// What a site taught, as a file holds it.
#[derive(Debug, Default)]
pub(super) struct ProfileFile {
    place: Option<PathBuf>,
    learns: bool,
    profile: Profile,
}

impl ProfileFile {
    /// Reads the file. One that is to be learned into need not be there.
    pub(super) fn open(asked: &SiteProfile) -> anyhow::Result<Self> {
        let (place, learns) = (asked.profile.clone(), asked.learn);
        let Some(path) = &place else {
            return Ok(Self::default());
        };
        let profile = match std::fs::read(path) {
            Ok(bytes) => Profile::from_bytes(&bytes).map_err(|error| {
                hinted(
                    format!("`{}` cannot be used: {error}", path.display()),
                    "give a file that `pressmark extract --learn` wrote",
                )
            })?,
            Err(error) if learns && error.kind() == ErrorKind::NotFound => Profile::default(),
            Err(error) => {
                return Err(hinted(
                    format!("`{}` cannot be read: {error}", path.display()),
                    "make one of other pages of the site with `--learn`",
                ));
            }
        };
        Ok(Self {
            place,
            learns,
            profile,
        })
    }

    /// The profile, if one was asked for.
    pub(super) fn profile(&self) -> Option<&Profile> {
        self.place.is_some().then_some(&self.profile)
    }

    /// Takes in what a page teaches, if that is wanted.
    pub(super) fn learn(&mut self, lesson: Option<&Lesson>) {
        if let Some(lesson) = lesson.filter(|_| self.learns) {
            self.profile.learn(lesson);
        }
    }

    /// Writes the file anew, if something was to be learned.
    pub(super) fn save(&self) -> anyhow::Result<()> {
        let Some(path) = self.place.as_ref().filter(|_| self.learns) else {
            return Ok(());
        };
        let half = path.with_extension("half-written");
        std::fs::write(&half, self.profile.to_bytes())
            .and_then(|()| std::fs::rename(&half, path))
            .map_err(|error| {
                hinted(
                    format!("`{}` cannot be written: {error}", path.display()),
                    "name a file in a folder that you may write to",
                )
            })
    }
}
