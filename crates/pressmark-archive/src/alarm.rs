//! Alarms: a source that broke, fell silent, or is read worse than before. Each is raised once and
//! cleared when it is mended.

use std::fmt;
use std::time::Duration;

use pressmark_model::{Slug, Timestamp};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::rhythm::Rhythm;
use crate::source::{Source, SourceState};
use crate::span;

/// So many failures in a row raise an alarm …
const FAILURES: u32 = 10;
/// … and so does so long a time without a success, after a few of them.
const WITHOUT_SUCCESS: Duration = Duration::from_hours(72);
const FEW_FAILURES: u32 = 3;
/// A silence that is shorter is none.
const SHORTEST_SILENCE: Duration = Duration::from_hours(48);
/// So many times the usual time between articles is a silence, if it is twice the longest too.
const SILENT_GAPS: u32 = 6;
/// With fewer moments nothing is usual.
const USUAL: usize = 6;
/// So many of the latest articles are compared with those before them, of which there must be as
/// many at least.
const LATEST: usize = 10;
/// How many outcomes [`judge`] takes into account.
pub const OUTCOMES: u32 = 60;

/// What kind of alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// It cannot be read.
    Failing,
    /// It lists nothing new any more.
    Silent,
    /// Its articles are read worse than before.
    Quality,
}

impl AlarmKind {
    /// The stored and shown name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Silent => "silent",
            Self::Quality => "quality",
        }
    }
}

/// Why an alarm was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AlarmCause {
    /// It cannot be read.
    Failing {
        /// Why not.
        failure: Failure,
        /// How often in a row.
        times: u32,
    },
    /// It lists nothing new any more.
    Silent {
        /// When it last published.
        last: Timestamp,
        /// The usual time between its articles, in seconds.
        usual_seconds: u64,
    },
    /// Its articles are read worse than before.
    Quality {
        /// So many of the latest have no text, or a part of it …
        poor: u32,
        /// … of so many.
        of: u32,
        /// How long their texts are, in percent of those before.
        length_percent: u32,
        /// How surely those before were read, and these, in percent; `None` if that did not fall.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<(u8, u8)>,
    },
}

impl AlarmCause {
    /// Its kind.
    pub fn kind(&self) -> AlarmKind {
        match self {
            Self::Failing { .. } => AlarmKind::Failing,
            Self::Silent { .. } => AlarmKind::Silent,
            Self::Quality { .. } => AlarmKind::Quality,
        }
    }

    /// What the person can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Failing { failure, .. } => failure.hint(),
            Self::Silent { .. } => {
                "look at the site: its feed may have moved; `pressmark add` finds the new one"
            }
            Self::Quality { .. } => {
                "the site may have changed its pages or put up a wall: look at one of the latest articles"
            }
        }
    }
}

impl fmt::Display for AlarmCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failing { failure, times } => {
                write!(f, "cannot be read, {times} times in a row: {failure}")
            }
            Self::Silent {
                last,
                usual_seconds,
            } => {
                let usual = span::rough(Duration::from_secs(*usual_seconds));
                write!(f, "nothing new since {last}; it used to be every {usual}")
            }
            Self::Quality {
                poor,
                of,
                length_percent,
                confidence,
            } => {
                write!(
                    f,
                    "{poor} of the latest {of} articles have no text or a part of it, and their texts are {length_percent} % as long as before"
                )?;
                match confidence {
                    Some((before, now)) => write!(
                        f,
                        "; how surely they are the articles' fell from {before} % to {now} %"
                    ),
                    None => Ok(()),
                }
            }
        }
    }
}

/// An alarm as the catalog has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its row.
    pub id: i64,
    /// The source.
    pub source: Slug,
    /// The source's name: the user's, else the publisher's.
    pub name: Option<String>,
    /// Why.
    pub cause: AlarmCause,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When it was mended.
    pub cleared_at: Option<Timestamp>,
}

/// What changed when a source's alarms were set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlarmChange {
    /// Raised now.
    pub raised: Vec<AlarmCause>,
    /// Mended now.
    pub cleared: Vec<AlarmKind>,
}

/// What became of one entry, as the watch over quality sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// It has no text, or a part of it.
    pub poor: bool,
    /// The size of its text as stored, in bytes.
    pub size: u64,
    /// How surely it is the article's text, in percent, where that is known.
    pub confidence: Option<u8>,
}

/// How a source stands after a turn.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The source, as it was claimed.
    pub source: &'a Source,
    /// Why it could not be read, if it could not.
    pub failure: Option<&'a Failure>,
    /// Its rhythm now.
    pub rhythm: &'a Rhythm,
    /// What became of its latest entries, the newest first; `None` if nothing was captured.
    pub outcomes: Option<&'a [Outcome]>,
    /// When.
    pub now: Timestamp,
}

/// The alarms that are to stand, and the kinds that stay as they are because nothing was learned.
pub fn judge(standing: &Standing<'_>) -> (Vec<AlarmCause>, Vec<AlarmKind>) {
    let mut causes = Vec::new();
    let mut kept = Vec::new();
    let status = &standing.source.status;
    if let Some(failure) = standing.failure {
        causes.extend(failing(standing, failure));
        // What cannot be read says nothing of the rest.
        kept.extend([AlarmKind::Silent, AlarmKind::Quality]);
    } else {
        causes.extend(silent(standing));
        match standing.outcomes {
            Some(outcomes) => causes.extend(quality(outcomes)),
            None => kept.push(AlarmKind::Quality),
        }
    }
    kept.retain(|kind| status.alarms.contains(kind));
    (causes, kept)
}

fn failing(standing: &Standing<'_>, failure: &Failure) -> Option<AlarmCause> {
    let Standing { source, now, .. } = standing;
    let times = source.status.failures + 1;
    let well = source.status.succeeded_at.unwrap_or(source.added_at);
    let gone = matches!(failure, Failure::Fetch { failure } if failure.is_gone())
        || source.state == SourceState::Gone;
    let long = times >= FEW_FAILURES && now.since(well) >= WITHOUT_SUCCESS;
    (gone || long || times >= FAILURES).then(|| AlarmCause::Failing {
        failure: failure.clone(),
        times,
    })
}

fn silent(standing: &Standing<'_>) -> Option<AlarmCause> {
    let rhythm = standing.rhythm;
    if rhythm.moments.len() < USUAL {
        return None;
    }
    let (last, usual) = (rhythm.last()?, rhythm.usual_gap()?);
    let longest = rhythm.longest_gap()?;
    let limit = (usual * SILENT_GAPS).max(longest * 2).max(SHORTEST_SILENCE);
    (standing.now.since(last) > limit).then_some(AlarmCause::Silent {
        last,
        usual_seconds: usual.as_secs(),
    })
}

fn quality(outcomes: &[Outcome]) -> Option<AlarmCause> {
    let (latest, before) = outcomes.split_at_checked(LATEST)?;
    if before.len() < LATEST {
        return None;
    }
    let poor = |some: &[Outcome]| some.iter().filter(|outcome| outcome.poor).count();
    let (now, then) = (poor(latest), poor(before));
    let (size, size_before) = (median(latest), median(before));
    let worse = now * 2 >= latest.len() && now * before.len() >= then * latest.len() * 2;
    let shorter = size * 5 < size_before * 2;
    let confidence = confidence(before)
        .zip(confidence(latest))
        .filter(|(then, now)| u16::from(*now) * 3 < u16::from(*then) * 2);
    (worse || shorter || confidence.is_some()).then(|| AlarmCause::Quality {
        poor: u32::try_from(now).unwrap_or(u32::MAX),
        of: u32::try_from(latest.len()).unwrap_or(u32::MAX),
        length_percent: u32::try_from(size * 100 / size_before.max(1)).unwrap_or(u32::MAX),
        confidence,
    })
}

fn median(outcomes: &[Outcome]) -> u64 {
    let sizes = outcomes.iter().map(|outcome| outcome.size).collect();
    middle(sizes).unwrap_or_default()
}

/// How surely these were read, if that is known of most.
fn confidence(outcomes: &[Outcome]) -> Option<u8> {
    let known: Vec<u8> = outcomes.iter().filter_map(|o| o.confidence).collect();
    let most = known.len() * 2 > outcomes.len();
    middle(known).filter(|_| most)
}

fn middle<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(latest: Outcome, before: Outcome) -> Vec<Outcome> {
        let mut all = vec![latest; LATEST];
        all.extend(vec![before; 30]);
        all
    }

    #[test]
    fn quality_is_compared_with_the_sources_own_past() {
        let whole = Outcome {
            poor: false,
            size: 4000,
            confidence: Some(97),
        };
        let part = Outcome {
            poor: true,
            ..whole
        };
        let short = Outcome { size: 900, ..whole };
        assert_eq!(quality(&outcomes(whole, whole)), None);
        assert_eq!(quality(&outcomes(part, part)), None, "it always was so");
        assert_eq!(quality(&outcomes(whole, short)), None, "it became better");
        assert_eq!(quality(&[part; 15]), None, "too few to tell");
        let cause = quality(&outcomes(part, whole)).unwrap();
        assert!(cause.to_string().starts_with("10 of the latest 10"));
        let cause = quality(&outcomes(short, whole)).unwrap();
        assert!(cause.to_string().contains("22 % as long"), "{cause}");
        let sure = |confidence| Outcome {
            confidence,
            ..whole
        };
        let cause = quality(&outcomes(sure(Some(60)), whole)).unwrap();
        assert!(cause.to_string().ends_with("from 97 % to 60 %"), "{cause}");
        assert_eq!(quality(&outcomes(sure(Some(70)), whole)), None);
        assert_eq!(quality(&outcomes(sure(None), whole)), None, "not known");
        assert_eq!(quality(&outcomes(sure(Some(9)), sure(None))), None);
    }
}
