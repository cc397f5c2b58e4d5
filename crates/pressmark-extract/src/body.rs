//! The body: which element holds it, and which of its blocks belong to it.

use pressmark_html::{NodeId, Tree, clean};
use pressmark_model::{Timestamp, WebUrl};

use crate::blocks::{self, Kept, Mode, Setting};
use crate::candidate;
use crate::date;
use crate::embedded;
use crate::facts::Facts;
use crate::features::Reading;
use crate::headline;
use crate::lines::Lines;
use crate::measure::{Measures, share};
use crate::page;
use crate::profile::{self, Lesson, Profile, Site};
use crate::trace::{self, Decision};
use crate::words::key_of;
use crate::{Body, Hints, Page};

/// What was found of the body, and of the title, which is looked for beside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) title: String,
    /// The heading in the page that shows the title.
    pub(crate) heading: Option<NodeId>,
    pub(crate) lead: Option<String>,
    pub(crate) html: String,
    pub(crate) text: String,
    pub(crate) confidence: f32,
    /// Whether the page is about one article.
    pub(crate) is_article: bool,
    /// What the page teaches of its site.
    pub(crate) lesson: Option<Lesson>,
    /// What became of the blocks of the page, each with the node that was decided on.
    pub(crate) trace: Vec<(Option<NodeId>, Decision)>,
}

pub(crate) fn find(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    hints: &Hints,
    page: &Page<'_>,
    profile: Option<&Profile>,
) -> Found {
    let (title, heading) = headline::find(tree, measures, facts, hints);
    let lines = Lines::of(tree, measures);
    let title_key = key_of(&title);
    let mut attempt = Attempt::of(Setting {
        tree,
        measures,
        lines: &lines,
        facts,
        hints,
        title: &title,
        title_key: &title_key,
        heading,
        root: candidate::choose(tree, measures, facts, heading, None),
        mode: Mode::Article,
        captured_at: page.captured_at,
    });
    let mut lesson = None;
    if attempt.is_article && attempt.by_rules {
        // What a profile brings about, it does not learn.
        lesson = Some(profile::lesson(&attempt.setting, &attempt.kept, page));
        if let Some(site) = Site::of(profile, &lines, page.url) {
            attempt = attempt.with(&site);
        }
    }
    let Attempt {
        setting,
        mut kept,
        confidence,
        is_article,
        by_rules: _,
    } = attempt;
    let written = clean(tree, &kept.parts, facts.base.as_ref(), &|id| kept.treat(id));
    let removed = std::mem::take(&mut kept.trace);
    let found = Found {
        trace: trace::of(&setting, &kept, removed),
        title: title.clone(),
        heading,
        lead: kept.lead,
        html: written.html,
        text: written.text,
        confidence,
        is_article,
        lesson,
    };
    embedded::or_better(&setting, found)
}

/// A reading of a page whose body is looked for in one of its elements.
struct Attempt<'t, 's> {
    setting: Setting<'t, 's>,
    kept: Kept,
    confidence: f32,
    is_article: bool,
    /// Whether the rules for articles decided, rather than the learned table.
    by_rules: bool,
}

impl<'t, 's> Attempt<'t, 's> {
    fn of(mut setting: Setting<'t, 's>) -> Self {
        let mut kept = blocks::keep(&setting);
        let mut is_article = is_article(&setting, &kept);
        if is_article && kept.weights.1 * 10 > kept.weights.0 * 6 {
            // What looked like teasers is most of the text: a list of things is the article.
            setting.mode = Mode::Parts;
            let parts = blocks::keep(&setting);
            if parts.weights.0 * 10 > kept.weights.0 * 14 {
                kept = parts;
            }
        }
        let reading = Reading {
            chosen: setting.root,
            kept: &kept.blocks,
        };
        let whole = Setting {
            root: NodeId::ROOT,
            ..setting
        };
        let judged = page::judge(&whole, &reading);
        let mut confidence = judged.fit_of_article;
        // The rules know what an article's page is made of; what they read is given up for what is
        // clearly better only.
        let by_rules = judged.fit <= confidence + if is_article { 0.2 } else { 0.05 };
        if !by_rules {
            confidence = judged.fit;
            kept = judged.keep(&whole);
            is_article = is_article && setting.facts.json_ld.is_article;
            setting = whole;
        }
        Self {
            setting,
            kept,
            confidence,
            is_article,
            by_rules,
        }
    }

    /// The same with what other pages of the site taught.
    fn with(mut self, site: &Site<'_>) -> Self {
        let Setting {
            tree,
            measures,
            facts,
            heading,
            ..
        } = self.setting;
        let root = candidate::choose(tree, measures, facts, heading, Some(site));
        if root != self.setting.root {
            let mode = Mode::Article;
            let other = Self::of(Setting {
                root,
                mode,
                ..self.setting
            });
            if other.is_article && other.by_rules {
                self = other;
            }
        }
        site.leave_out(&self.setting, &mut self.kept);
        self
    }
}

/// The body of a tree that holds nothing else.
pub(crate) fn given(setting: &Setting<'_, '_>) -> Found {
    let mut kept = blocks::keep(setting);
    let base = setting.facts.base.as_ref();
    let written = clean(setting.tree, &kept.parts, base, &|id| kept.treat(id));
    let removed = std::mem::take(&mut kept.trace);
    Found {
        trace: trace::of(setting, &kept, removed),
        lead: kept.lead,
        html: written.html,
        text: written.text,
        confidence: 1.0,
        is_article: true,
        ..Found::default()
    }
}

/// Whether the page is about one article: it says so, or what was kept of it is prose, and most of
/// what the page has beside its links.
fn is_article(setting: &Setting<'_, '_>, found: &Kept) -> bool {
    let kept = found.weights.0;
    let facts = setting.facts;
    let told = facts.json_ld.is_article
        || facts
            .meta_of(&["og:type"])
            .is_some_and(|kind| kind.eq_ignore_ascii_case("article"))
        || facts.meta_of(&["article:published_time"]).is_some();
    if told {
        return kept >= 90;
    }
    let page = setting.measures.get(NodeId::ROOT);
    let root = setting.measures.get(setting.root);
    let dense = found.prose * 10 >= kept * 6 && kept >= 90;
    let part = share(kept, page.all - page.link);
    let long = root.prose >= 3_000 && root.link_share() < 0.35;
    dense && (part > 0.35 || is_dated(setting)) || part > 0.45 && (long || root.prose >= 600)
}

/// Whether a date and time stand close to the title.
fn is_dated(setting: &Setting<'_, '_>) -> bool {
    let Some(heading) = setting.heading else {
        return false;
    };
    let reading = date::Reading {
        captured_at: setting.captured_at,
        offset: 0,
        month_first: false,
        year: None,
    };
    let from = heading.index().saturating_sub(15);
    setting
        .tree
        .subtree(NodeId::ROOT)
        .skip(from)
        .take(120)
        .any(|id| {
            let measure = setting.measures.get(id);
            setting.tree.tag(id).is_block()
                && (8..150).contains(&measure.own)
                && reading
                    .read(&setting.tree.text_start(id, date::LONGEST))
                    .is_some_and(|found| found.has_time || measure.own < 80)
        })
}

/// The lines of a page with their numbers, as the table is learned from.
pub(crate) fn rows(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    captured_at: Timestamp,
) -> Vec<(String, Vec<f32>)> {
    let hints = Hints::default();
    let (title, heading) = headline::find(tree, measures, facts, &hints);
    let root = candidate::choose(tree, measures, facts, heading, None);
    let setting = Setting {
        tree,
        measures,
        lines: &Lines::of(tree, measures),
        facts,
        hints: &hints,
        title: &title,
        title_key: &key_of(&title),
        heading,
        root,
        mode: Mode::Article,
        captured_at,
    };
    let kept = blocks::keep(&setting);
    let reading = Reading {
        chosen: root,
        kept: &kept.blocks,
    };
    let whole = Setting {
        root: NodeId::ROOT,
        ..setting
    };
    page::rows(&whole, &reading)
}

/// Cleans a body that is given as a whole.
pub(crate) fn whole(
    tree: &Tree<'_>,
    measures: &Measures,
    base: Option<&WebUrl>,
    title: &str,
) -> Body {
    let facts = Facts {
        base: base.cloned(),
        ..Facts::default()
    };
    let hints = Hints::default();
    let setting = Setting {
        tree,
        measures,
        lines: &Lines::of(tree, measures),
        facts: &facts,
        hints: &hints,
        title,
        title_key: &key_of(title),
        heading: None,
        root: NodeId::ROOT,
        mode: Mode::Given,
        captured_at: Timestamp::from_micros(0),
    };
    let found = given(&setting);
    Body {
        html: found.html,
        text: found.text,
        trace: found
            .trace
            .into_iter()
            .map(|(_, decision)| decision)
            .collect(),
    }
}
