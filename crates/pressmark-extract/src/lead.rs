//! The lead: the standfirst under the headline. It nearly always says what the page's description
//! says.

use pressmark_html::{NodeId, Tag, plain_text};

use crate::blocks::{Kept, Setting};
use crate::candidate::ELSEWHERE;
use crate::lines::Line;
use crate::marks::Marks;
use crate::phrases;
use crate::words::{key_of, similar};

/// Finds the lead among the lines of the body (their places are returned), or else in the page
/// before it, and then puts it first.
pub(crate) fn find(setting: &Setting<'_, '_>, lines: &[Line], kept: &mut Kept) -> Vec<usize> {
    if setting.given {
        return Vec::new();
    }
    let summary = setting.hints.summary.as_deref().map(plain_text);
    let told: Vec<&str> = setting
        .facts
        .descriptions()
        .chain(summary.as_deref())
        .filter(|text| text.chars().count() >= 20)
        .collect();
    for (index, line) in lines.iter().enumerate().take(12) {
        let below = setting.heading.is_none_or(|h| line.block > h || !setting.tree.contains(setting.root, h));
        if line.weight >= 25 && below && phrases::of(&line.text).is_none() && says_the_same(&line.text, &told) {
            kept.lead = Some(line.text.clone());
            return vec![index];
        }
    }
    let mut leads = Vec::new();
    for (index, line) in lines.iter().enumerate().take(6) {
        let measure = setting.measures.get(line.block);
        if line.weight >= 25 && measure.marks.and(measure.around).has(Marks::LEAD) && line.links < 0.5 {
            kept.lead.get_or_insert_with(|| line.text.clone());
            leads.push(index);
        }
    }
    if leads.is_empty() && let Some((id, text)) = before(setting, &told) {
        kept.lead = Some(text);
        kept.parts.insert(0, id);
    }
    leads
}

/// The lead where it stands outside of the body, between the title and it.
fn before(setting: &Setting<'_, '_>, told: &[&str]) -> Option<(NodeId, String)> {
    let tree = setting.tree;
    let from = setting.heading.map_or(0, |h| h.index().saturating_sub(20));
    let mut named = None;
    for id in tree.subtree(NodeId::ROOT).skip(from) {
        if id >= setting.root {
            break;
        }
        let measure = setting.measures.get(id);
        let marks = measure.marks.and(measure.around);
        let shape = tree.tag(id) == Tag::Text || !tree.tag(id).is_block() || measure.hidden || measure.veiled;
        if shape || measure.own < 25 || measure.own_link_share() > 0.5 || marks.has(ELSEWHERE) || tree.contains(id, setting.root) {
            continue;
        }
        let text = tree.text_of(id);
        if key_of(&text) == key_of(setting.title) || tree.tag(id) == Tag::Figcaption {
            continue;
        }
        if says_the_same(&text, told) {
            return Some((id, text));
        }
        // The first sentence right below the title is the lead, whatever it is called.
        let below = setting.heading.is_some_and(|h| id > h && !tree.contains(h, id));
        let apart = Marks(Marks::CAPTION.0 | Marks::BYLINE.0 | Marks::DATE.0 | Marks::MEDIA.0);
        let sentence = measure.own >= 60 && measure.own_link < 20 && !marks.has(apart) && phrases::of(&text).is_none()
            && !crate::candidate::is_outside(tree, id);
        let is_named = below && !marks.has(Marks::CAPTION) && (marks.has(Marks::LEAD) || sentence);
        if is_named && named.is_none() {
            named = Some((id, text));
        }
    }
    named
}

fn says_the_same(text: &str, told: &[&str]) -> bool {
    told.iter().any(|told| {
        let cut = told.trim_end_matches(['…', '.', ' ']);
        similar(text, told) > 0.8 || cut.chars().count() > 40 && key_of(text).starts_with(&key_of(cut))
    })
}
