//! Pages that are not articles: products, listings, threads, services. A learned table judges each
//! line of the whole page, and so how well either reading of it fits.

use std::collections::HashMap;
use std::sync::LazyLock;

use pressmark_html::{NodeId, Tag, Treat};

use crate::blocks::{Kept, Setting};
use crate::features::{self, Reading};
use crate::forest::{Forest, Rows};
use crate::lines::Line;
use crate::trace::Removal;

/// Whether a line belongs to what its page is about.
static LINES: LazyLock<Forest> = LazyLock::new(|| Forest::read(include_str!("../data/lines.txt")));

/// The probabilities between which a page's own best threshold is taken.
const THRESHOLDS: (f32, f32) = (0.3, 0.45);

/// A page's lines, and how probable it is of each that it belongs to the page's content.
pub(crate) struct Judged<'t> {
    lines: Vec<&'t Line>,
    chances: Vec<f32>,
    treats: Vec<(NodeId, Treat)>,
    threshold: f32,
    /// How well keeping the likely lines is expected to fit, from 0 to 1, as F1 by weight.
    pub(crate) fit: f32,
    /// How well the reading as an article is expected to.
    pub(crate) fit_of_article: f32,
}

/// Judges the lines of the whole page. `reading` is what it is as an article.
pub(crate) fn judge<'t>(setting: &Setting<'t, '_>, reading: &Reading<'_>) -> Judged<'t> {
    let (lines, treats) = lines_of(setting);
    let mut rows = Rows::new(&LINES, lines.len());
    features::of_lines(setting, &lines, reading, |row| rows.add(row));
    let chances = rows.finish();
    let all: f32 = expected(&lines, &chances, |_| true).1;
    let fit = |keep: &dyn Fn(usize) -> bool| {
        let (weight, hits) = expected(&lines, &chances, keep);
        2.0 * hits / (weight + all).max(1.0)
    };
    let threshold = best_threshold(&lines, &chances, all);
    let fits = (
        fit(&|at| chances.get(at).is_some_and(|chance| *chance >= threshold)),
        fit(&|at| {
            let block = lines.get(at).map(|line| line.block);
            block.is_some_and(|block| reading.kept.binary_search(&block).is_ok())
        }),
    );
    Judged {
        lines,
        chances,
        treats,
        threshold,
        fit: fits.0,
        fit_of_article: fits.1,
    }
}

/// The weight of some lines, and how much of it is expected to be content.
#[expect(clippy::cast_precision_loss, reason = "weights are far below 2^24")]
fn expected(lines: &[&Line], chances: &[f32], keep: impl Fn(usize) -> bool) -> (f32, f32) {
    let mut sums = (0.0, 0.0);
    for (at, (line, chance)) in lines.iter().zip(chances).enumerate() {
        if keep(at) {
            sums.0 += line.weight as f32;
            sums.1 += line.weight as f32 * chance;
        }
    }
    sums
}

/// The probability from which on lines are kept, for the best fit that can be expected.
#[expect(clippy::cast_precision_loss, reason = "weights are far below 2^24")]
fn best_threshold(lines: &[&Line], chances: &[f32], all: f32) -> f32 {
    let mut ranked: Vec<(f32, u32)> = chances
        .iter()
        .copied()
        .zip(lines.iter().map(|line| line.weight))
        .collect();
    ranked.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let (mut hits, mut weight) = (0.0, 0.0);
    let mut best = (0.0, 1.0);
    for (chance, line) in ranked {
        hits += chance * line as f32;
        weight += line as f32;
        let fit = 2.0 * hits / (weight + all).max(1.0);
        if fit > best.0 {
            best = (fit, chance);
        }
    }
    best.1.clamp(THRESHOLDS.0, THRESHOLDS.1)
}

impl Judged<'_> {
    /// Which lines are likely enough, by themselves or because most of those are that have the same
    /// part in things that repeat.
    fn likely(&self, setting: &Setting<'_, '_>) -> Vec<bool> {
        const LEAST: f32 = 0.15;
        let roles: Vec<u64> = self
            .lines
            .iter()
            .map(|line| features::role_of(setting.tree, line))
            .collect();
        let mut counts: HashMap<u64, (u32, u32)> = HashMap::new();
        for (role, chance) in roles.iter().zip(&self.chances) {
            let (all, likely) = counts.entry(*role).or_default();
            *all += 1;
            *likely += u32::from(*chance >= self.threshold);
        }
        let is_usual = |role| {
            counts
                .get(role)
                .is_some_and(|(all, likely)| *all >= 4 && likely * 4 >= all * 3)
        };
        roles
            .iter()
            .zip(&self.chances)
            .map(|(role, chance)| *chance >= self.threshold || *chance > LEAST && is_usual(role))
            .collect()
    }

    /// Keeps the likely lines; what holds none of them is left out as a whole.
    pub(crate) fn keep(self, setting: &Setting<'_, '_>) -> Kept {
        let tree = setting.tree;
        let likely = self.likely(setting);
        let mut kept = Kept::whole(setting.root, self.treats);
        let mut holds = vec![false; tree.len()];
        let lines = || self.lines.iter().zip(&self.chances).zip(&likely);
        for ((line, _), _) in lines().filter(|(_, likely)| **likely) {
            kept.count(line);
            for id in [line.block].into_iter().chain(tree.ancestors(line.block)) {
                match holds.get_mut(id.index()) {
                    Some(holds) if !*holds => *holds = true,
                    _ => break,
                }
            }
        }
        let is_empty = |id: NodeId| !holds.get(id.index()).copied().unwrap_or(true);
        let mut left = NodeId::ROOT;
        for ((line, chance), _) in lines().filter(|(_, likely)| !**likely) {
            if left != NodeId::ROOT && tree.contains(left, line.block) {
                continue;
            }
            let reason = format!("is content with a probability of {:.0} %", chance * 100.0);
            let text = line.text.chars().take(80).collect();
            let removal = Removal {
                step: "learned",
                reason,
                text,
            };
            if is_empty(line.block) {
                let outer = tree.ancestors(line.block).take_while(|id| is_empty(*id));
                left = outer.last().unwrap_or(line.block);
                kept.leave_out(&[left], removal);
            } else {
                kept.leave_out(&line.nodes, removal);
            }
        }
        kept.sort();
        kept
    }
}

/// The lines of the whole page, but for those that are never shown, and what is done to the
/// elements around them.
fn lines_of<'t>(setting: &Setting<'t, '_>) -> (Vec<&'t Line>, Vec<(NodeId, Treat)>) {
    let tree = setting.tree;
    let mut leaves = Vec::new();
    let mut treats = Vec::new();
    let (mut at, end) = (setting.root, tree.end(setting.root));
    while at < end {
        let tag = tree.tag(at);
        let measure = setting.measures.get(at);
        let control = matches!(tag, Tag::Button | Tag::Label | Tag::Legend);
        if tag != Tag::Text && (measure.hidden || control || Some(at) == setting.heading) {
            if !tag.is_hidden() || tag == Tag::Noscript {
                treats.push((at, Treat::Skip));
            }
            at = tree.end(at);
            continue;
        }
        if tag == Tag::Figure {
            if is_picture(setting, at) {
                treats.push((at, Treat::As(Tag::Figure)));
                at = tree.end(at);
                continue;
            }
            treats.push((at, Treat::As(Tag::Div)));
        }
        if tag.is_block() && measure.own > 0 {
            leaves.push(at);
        }
        at = NodeId::from_index(at.index() + 1);
    }
    (setting.lines.of_leaves(&leaves), treats)
}

/// Whether a `figure` is a picture and a caption, rather than a card.
fn is_picture(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    let texts = setting
        .tree
        .subtree(id)
        .filter(|inner| setting.tree.tag(*inner).is_block() && setting.measures.get(*inner).own > 0)
        .count();
    texts <= 2
}

/// The lines of a page with their numbers, as the table is learned from.
pub(crate) fn rows(setting: &Setting<'_, '_>, reading: &Reading<'_>) -> Vec<(String, Vec<f32>)> {
    let (lines, _) = lines_of(setting);
    let mut rows = Vec::with_capacity(lines.len());
    features::of_lines(setting, &lines, reading, |row| rows.push(row.to_vec()));
    lines
        .iter()
        .map(|line| line.text.clone())
        .zip(rows)
        .collect()
}
