//! After a turn the source's alarms are judged.

use crate::alarm::{AlarmCause, AlarmKind, OUTCOMES, Standing, judge};
use crate::archive::{Archive, ArchiveError};
use crate::events::Event;
use crate::source::Source;
use crate::watch::{Observer, Reading};

impl Archive {
    /// Raises and clears the alarms of a source that was read. Nothing is stored while the kinds
    /// that stand are the same.
    pub(crate) async fn judge_turn(
        &self,
        source: &Source,
        reading: &Reading,
        captured: bool,
        observer: &Observer,
    ) -> Result<(), ArchiveError> {
        let outcomes = if captured {
            Some(self.catalog.outcomes(source.id, OUTCOMES).await?)
        } else {
            None
        };
        let now = self.clock.now();
        let (causes, kept) = judge(&Standing {
            source,
            failure: reading.failure.as_ref(),
            rhythm: reading.rhythm.as_ref().unwrap_or(&source.status.rhythm),
            outcomes: outcomes.as_deref(),
            now,
        });
        let mut kinds: Vec<AlarmKind> = causes.iter().map(AlarmCause::kind).collect();
        kinds.extend(&kept);
        kinds.sort_unstable();
        let mut standing = source.status.alarms.clone();
        standing.sort_unstable();
        if kinds == standing {
            return Ok(());
        }
        let change = self
            .catalog
            .set_alarms(source.id, &causes, &kept, now)
            .await?;
        for cause in change.raised {
            observer(Event::AlarmRaised {
                source: source.slug.clone(),
                cause,
            });
        }
        for kind in change.cleared {
            observer(Event::AlarmCleared {
                source: source.slug.clone(),
                kind,
            });
        }
        Ok(())
    }
}
