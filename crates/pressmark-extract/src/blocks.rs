//! Which blocks of the chosen element belong to the article.

use pressmark_html::{NodeId, Tag, Tree};

use crate::candidate::ELSEWHERE;
use crate::facts::Facts;
use crate::marks::Marks;
use crate::measure::{Measures, share};
use crate::words::{key_of, similar};
use crate::{Hints, Removal};

/// What the decisions are made from.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'t, 's> {
    pub(crate) tree: &'t Tree<'s>,
    pub(crate) measures: &'t Measures,
    pub(crate) facts: &'t Facts,
    pub(crate) hints: &'t Hints,
    pub(crate) title: &'t str,
    pub(crate) heading: Option<NodeId>,
    pub(crate) root: NodeId,
}

/// The parts that are kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The parts of the tree, in order.
    pub(crate) parts: Vec<NodeId>,
    /// What is left out of them, in order.
    skipped: Vec<NodeId>,
    pub(crate) lead: Option<String>,
    pub(crate) trace: Vec<Removal>,
}

impl Kept {
    pub(crate) fn skips(&self, id: NodeId) -> bool {
        self.skipped.binary_search(&id).is_ok()
    }
}

pub(crate) fn keep(setting: &Setting<'_, '_>) -> Kept {
    let mut kept = Kept::default();
    let tree = setting.tree;
    kept.parts.push(setting.root);
    let whole = setting.measures.get(setting.root).all;
    let (mut at, end) = (setting.root, tree.end(setting.root));
    while at < end {
        if at != setting.root
            && let Some((step, reason)) = unwanted(setting, at, whole)
        {
            kept.skipped.push(at);
            let text: String = tree.text_of(at).chars().take(80).collect();
            if !text.is_empty() {
                kept.trace.push(Removal { step, reason, text });
            }
            at = tree.end(at);
            continue;
        }
        at = NodeId::from_index(at.index() + 1);
    }
    lead(setting, &mut kept);
    kept
}

/// Why an element does not belong to the article, if it does not.
fn unwanted(setting: &Setting<'_, '_>, id: NodeId, whole: u32) -> Option<(&'static str, String)> {
    let tree = setting.tree;
    let tag = tree.tag(id);
    if tag == Tag::Text {
        return None;
    }
    let measure = setting.measures.get(id);
    if measure.hidden
        && !matches!(
            tag,
            Tag::Noscript | Tag::Iframe | Tag::Video | Tag::Audio | Tag::Embed
        )
    {
        return Some(("hidden", "is not shown".to_owned()));
    }
    if Some(id) == setting.heading
        || tag == Tag::H1 && key_of(&tree.text_of(id)) == key_of(setting.title)
    {
        return Some(("title", "is the title".to_owned()));
    }
    if matches!(
        tag,
        Tag::Nav | Tag::Form | Tag::Button | Tag::Footer | Tag::Dialog
    ) && measure.all * 2 < whole
    {
        return Some(("element", format!("is a `{}`", tag.name())));
    }
    if tag == Tag::Aside && measure.all * 3 < whole {
        return Some(("element", "stands aside".to_owned()));
    }
    if measure.all * 2 < whole && (tag.is_block() || measure.all < 200) {
        if measure.marks.has(ELSEWHERE) {
            return Some((
                "names",
                "its names say that it is not the article".to_owned(),
            ));
        }
        if measure
            .marks
            .has(Marks(Marks::BYLINE.0 | Marks::DATE.0 | Marks::TAGS.0))
            && measure.all < 250
        {
            return Some(("names", "is a byline, a date or a tag".to_owned()));
        }
        if measure.marks.has(Marks::CAPTION)
            && measure.all < 400
            && tag != Tag::Figcaption
            && tag.is_block()
        {
            return Some(("names", "is a caption".to_owned()));
        }
    }
    if matches!(
        tag,
        Tag::Ul | Tag::Ol | Tag::Div | Tag::Section | Tag::Table | Tag::P | Tag::Li
    ) && measure.all > 0
    {
        let links = measure.link_share();
        if links > 0.6 && measure.all > 20 && share(measure.all, whole) < 0.4 {
            return Some(("links", format!("{:.0} % of it is links", links * 100.0)));
        }
    }
    None
}

/// Finds the lead, and puts it first if it stands outside of the chosen element.
fn lead(setting: &Setting<'_, '_>, kept: &mut Kept) {
    let tree = setting.tree;
    let summary = setting
        .hints
        .summary
        .as_deref()
        .map(pressmark_html::plain_text);
    let told: Vec<&str> = setting
        .facts
        .descriptions()
        .chain(summary.as_deref())
        .collect();
    if told.is_empty() {
        return;
    }
    let from = setting.heading.map_or(0, NodeId::index);
    for id in tree
        .subtree(NodeId::ROOT)
        .filter(|id| id.index() >= from.saturating_sub(30))
    {
        if id >= setting.root {
            break;
        }
        let measure = setting.measures.get(id);
        if measure.hidden
            || measure.own < 30
            || measure.own_link_share() > 0.5
            || Some(id) == setting.heading
        {
            continue;
        }
        if measure.around.and(measure.marks).has(ELSEWHERE) {
            continue;
        }
        let text = tree.text_of(id);
        let agrees = told.iter().any(|told| similar(&text, told) > 0.8)
            || (measure.marks.and(measure.around).has(Marks::LEAD)
                && setting.heading.is_some_and(|h| id > h));
        if agrees && key_of(&text) != key_of(setting.title) && !tree.contains(id, setting.root) {
            kept.lead = Some(text);
            kept.parts.insert(0, id);
            break;
        }
    }
}
