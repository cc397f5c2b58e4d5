//! A body that stands only in the data of the page: in JSON-LD, or in the state from which a
//! framework's scripts would write it. It is used where the elements hold no body, or clearly less
//! of the same one.

mod blocks;
mod search;
mod state;

use pressmark_html::{NodeId, Tree, fold, plain_text};

use crate::blocks::{Mode, Setting};
use crate::body::{self, Found};
use crate::lines::Lines;
use crate::measure::{Measures, weigh};
use crate::trace::Decision;
use crate::words::{Words, beginning, key_of};

use search::{Candidate, Search};

/// A body of more weight than this is not looked for again in the page's state, if it is an
/// article's or fits this well.
const AMPLE: u32 = 2_000;
const FITS: f32 = 0.6;
/// The least weight of an embedded body.
const LEAST: u32 = 500;
/// Below this confidence what the elements hold is no sign of what the article is.
const POOR: f32 = 0.4;
/// How well an embedded body that agrees with the page is expected to fit.
const FIT: f32 = 0.85;
/// How many candidates are compared with the page.
const COMPARED: usize = 4;
/// The part of a text that is compared, in letters and digits.
const OPENING: usize = 40;

/// What was found in the page's elements, or the body of its data where that has more of it.
pub(crate) fn or_better(setting: &Setting<'_, '_>, found: Found) -> Found {
    let shown = Shown::of(&found);
    let told = setting.facts.json_ld.body.as_deref();
    let told = told.filter(|body| body.len() > found.text.len() && shown.is_less(weigh(body).0));
    let fits = !shown.poor || found.confidence >= FITS;
    if told.is_none() && fits && shown.weight >= AMPLE {
        return found;
    }
    let mut search = Search::new(setting.title_key.to_owned());
    let clues = clues(setting, &found, &shown);
    let is_of_page = |script: &str| clues.iter().any(|clue| clue.is_in(script));
    for state in state::of(setting.tree, &is_of_page) {
        search.look_through(&state);
    }
    let mut candidates = search.found;
    candidates.extend(told.map(|body| Candidate {
        html: blocks::paragraphs(body),
        weight: weigh(body).0,
        score: weigh(body).0,
        titled: is_titled(setting),
        source: "JSON-LD".to_owned(),
    }));
    candidates.retain(|candidate| shown.is_less(candidate.weight));
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    let read = candidates
        .iter()
        .take(COMPARED)
        .find_map(|candidate| read(setting, &found, &shown, candidate));
    read.unwrap_or(found)
}

/// The weight of what the elements hold, and what it is worth.
struct Shown {
    weight: u32,
    poor: bool,
}

impl Shown {
    fn of(found: &Found) -> Self {
        Self {
            weight: weigh(&found.text).0,
            poor: !found.is_article || found.confidence < POOR,
        }
    }

    /// Whether it is clearly less than an embedded body of this weight.
    fn is_less(&self, embedded: u32) -> bool {
        embedded >= LEAST && self.weight * 10 < embedded * 6
    }
}

/// What data has to say some of, or no body in it would be taken for the page's.
fn clues(setting: &Setting<'_, '_>, found: &Found, shown: &Shown) -> Vec<Clue> {
    if !shown.poor {
        let lines = found.text.lines().filter(|line| opening(line).is_some());
        return lines.take(6).filter_map(Clue::of).collect();
    }
    let teaser = setting.hints.summary.as_deref().map(plain_text);
    std::iter::once(setting.title)
        .chain(setting.facts.descriptions())
        .chain(teaser.as_deref())
        .filter_map(Clue::of)
        .collect()
}

/// The first words of a text, as they are found in data without reading it: what is not of ASCII may
/// be written in escapes there.
struct Clue {
    words: Vec<String>,
    /// What to look for where there are no such words.
    other: String,
}

impl Clue {
    fn of(text: &str) -> Option<Self> {
        let start = beginning(text, OPENING);
        let words = start.split(|c: char| !c.is_ascii_alphanumeric());
        let words = words.filter(|word| word.len() > 2).take(4);
        let mut runs = start.split(|c: char| c.is_ascii() || !c.is_alphanumeric());
        let other = runs.find(|run| !run.is_empty()).unwrap_or_default();
        let clue = Self {
            words: words.map(str::to_owned).collect(),
            other: beginning(other, 4).to_owned(),
        };
        (!clue.words.is_empty() || !clue.other.is_empty()).then_some(clue)
    }

    fn is_in(&self, data: &str) -> bool {
        if self.words.is_empty() {
            return data.contains(&self.other) || data.contains("\\u");
        }
        self.words.iter().all(|word| data.contains(word))
    }
}

/// Whether the title of the article that JSON-LD describes is the page's.
fn is_titled(setting: &Setting<'_, '_>) -> bool {
    let headline = setting.facts.json_ld.headline.as_deref();
    headline.is_some_and(|headline| Words::of(headline).similar(&Words::of(setting.title)) > 0.5)
}

/// The body of a candidate, if it is the one of this page.
fn read(
    setting: &Setting<'_, '_>,
    found: &Found,
    shown: &Shown,
    candidate: &Candidate,
) -> Option<Found> {
    let tree = Tree::parse(&candidate.html);
    let measures = Measures::of(&tree);
    let lines = Lines::of(&tree, &measures);
    let mut given = body::given(&Setting {
        tree: &tree,
        measures: &measures,
        lines: &lines,
        heading: None,
        root: NodeId::ROOT,
        mode: Mode::Given,
        ..*setting
    });
    if !shown.is_less(weigh(&given.text).0) {
        return None;
    }
    let key = key_of(&given.text);
    let agrees = if shown.poor {
        candidate.titled || is_described(setting, &key)
    } else {
        holds_shown(found, &key)
    };
    if !agrees {
        return None;
    }
    let mut trace = found.trace.clone();
    for (_, decision) in trace.iter_mut().filter(|(_, decision)| decision.kept) {
        decision.kept = false;
        decision.step = "embedded";
        decision.reason = format!("is less than the body in {}", candidate.source);
    }
    trace.push((
        None,
        Decision {
            kept: true,
            step: "embedded",
            reason: format!("is the body that stands in {}", candidate.source),
            element: candidate.source.clone(),
            text: fold(&given.text).chars().take(80).collect(),
        },
    ));
    trace.extend(given.trace.drain(..).map(|(_, decision)| (None, decision)));
    Some(Found {
        title: found.title.clone(),
        heading: found.heading,
        confidence: FIT,
        trace,
        ..given
    })
}

/// Whether a body has what the page says of its article elsewhere.
fn is_described(setting: &Setting<'_, '_>, key: &str) -> bool {
    let teaser = setting.hints.summary.as_deref().map(plain_text);
    let told = setting.facts.descriptions().map(opening);
    told.chain(teaser.as_deref().map(opening))
        .flatten()
        .any(|opening| key.contains(&opening))
}

/// Whether a body has at least half of the lines that the elements hold.
fn holds_shown(found: &Found, key: &str) -> bool {
    let lines: Vec<String> = found.text.lines().filter_map(opening).collect();
    let held = lines.iter().filter(|line| key.contains(*line)).count();
    !lines.is_empty() && held * 2 >= lines.len()
}

/// How a text begins, unless it is too short to tell it from others.
fn opening(text: &str) -> Option<String> {
    let key: String = key_of(text).chars().take(OPENING).collect();
    let (weight, _) = weigh(&key);
    (weight >= 24).then_some(key)
}
