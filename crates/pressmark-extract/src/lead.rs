//! The lead: the standfirst under the headline. It nearly always says what the page's description
//! says.

use pressmark_html::{NodeId, Tag, plain_text};

use crate::blocks::{Kept, Mode, Setting};
use crate::elements::STRONG;
use crate::lines::Line;
use crate::marks::Marks;
use crate::phrases;
use crate::words::{Words, is_key_of, key_of};

/// Finds the lead among the lines of the body (their places are returned), or else in the page
/// before it, and then puts it first.
pub(crate) fn find(setting: &Setting<'_, '_>, lines: &[&Line], kept: &mut Kept) -> Vec<usize> {
    if setting.mode == Mode::Given {
        return Vec::new();
    }
    let summary = setting.hints.summary.as_deref().map(plain_text);
    let told: Vec<Told> = setting
        .facts
        .descriptions()
        .chain(summary.as_deref())
        .filter(|text| text.chars().count() >= 20)
        .map(Told::of)
        .collect();
    let mut leads = Vec::new();
    for (index, line) in lines.iter().enumerate().take(12) {
        let below = setting
            .heading
            .is_none_or(|h| line.block > h || !setting.tree.contains(setting.root, h));
        if line.weight >= 25
            && below
            && phrases::of(&line.text).is_none()
            && says_the_same(&line.text, &told)
        {
            kept.lead = Some(line.text.clone());
            leads.push(index);
            break;
        }
    }
    if leads.is_empty() {
        for (index, line) in lines.iter().enumerate().take(6) {
            let measure = setting.measures.get(line.block);
            let named = measure.marks.and(measure.around).has(Marks::LEAD);
            if line.weight >= 25 && named && line.links < 0.5 && phrases::of(&line.text).is_none() {
                kept.lead.get_or_insert_with(|| line.text.clone());
                leads.push(index);
            }
        }
        if !leads.is_empty() {
            return leads;
        }
    }
    if let Some((id, text)) = before(setting, &told, lines) {
        kept.lead = Some(text);
        kept.parts.insert(0, id);
    }
    leads
}

/// The lead where it stands outside of the lines that are kept, between the title and them.
fn before(setting: &Setting<'_, '_>, told: &[Told], lines: &[&Line]) -> Option<(NodeId, String)> {
    let tree = setting.tree;
    let from = setting.heading.map_or(0, |h| h.index().saturating_sub(20));
    let first = lines
        .iter()
        .find(|line| line.weight >= 90)
        .map_or(setting.root, |line| line.block);
    let mut blocks: Vec<NodeId> = lines.iter().map(|line| line.block).collect();
    blocks.sort_unstable();
    // Blocks that hold each other are each read, but no more than this in all.
    let mut left = setting.measures.get(NodeId::ROOT).all.saturating_mul(4);
    let mut named = None;
    for id in tree.subtree(NodeId::ROOT).skip(from) {
        if id >= first {
            break;
        }
        let measure = setting.measures.get(id);
        let marks = measure.marks.and(measure.around);
        let shape = tree.tag(id) == Tag::Text
            || !tree.tag(id).is_block()
            || measure.hidden
            || measure.veiled;
        if shape
            || measure.own < 25
            || measure.own_link_share() > 0.5
            || marks.has(STRONG)
            || tree.contains(id, first)
        {
            continue;
        }
        if blocks.binary_search(&id).is_ok() || tree.tag(id) == Tag::Figcaption {
            continue;
        }
        let Some(rest) = left.checked_sub(measure.all) else {
            break;
        };
        left = rest;
        let text = tree.text_of(id);
        if is_key_of(setting.title_key, [text.as_str()]) {
            continue;
        }
        if says_the_same(&text, told) {
            return Some((id, text));
        }
        if named.is_some() {
            continue;
        }
        // The first sentence right below the title is the lead, whatever it is called.
        let below = setting
            .heading
            .is_some_and(|h| id > h && !tree.contains(h, id));
        let apart = Marks(Marks::CAPTION.0 | Marks::BYLINE.0 | Marks::DATE.0 | Marks::MEDIA.0);
        let ends = text.ends_with(['.', '!', '?', '。', '！', '？', '।', '"', '”', '»']);
        let sentence = (measure.own >= 80 || measure.own >= 45 && ends)
            && measure.own_link < 20
            && !marks.has(apart)
            && !marks.has(Marks::CHROME)
            && phrases::of(&text).is_none()
            && !crate::candidate::is_outside(tree, id)
            && !is_by_picture(setting, id);
        if below && !marks.has(apart) && (marks.has(Marks::LEAD) || sentence) {
            named = Some((whole_lead(setting, id), text));
        }
    }
    named
}

/// Whether a block stands with a picture in an element that holds little else.
fn is_by_picture(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    let tree = setting.tree;
    let own = setting.measures.get(id).all;
    tree.ancestors(id)
        .take(3)
        .take_while(|above| setting.measures.get(*above).all <= own + 120)
        .any(|above| {
            tree.subtree(above).take(200).any(|inner| {
                matches!(
                    tree.tag(inner),
                    Tag::Img | Tag::Picture | Tag::Video | Tag::Iframe
                )
            })
        })
}

/// The element named for the lead that a paragraph of it stands in.
fn whole_lead(setting: &Setting<'_, '_>, id: NodeId) -> NodeId {
    let tree = setting.tree;
    tree.ancestors(id)
        .take(3)
        .take_while(|above| setting.heading.is_none_or(|h| !tree.contains(*above, h)))
        .take_while(|above| {
            setting.measures.get(*above).all < 900 && !tree.contains(*above, setting.root)
        })
        .filter(|above| setting.measures.get(*above).marks.has(Marks::LEAD))
        .last()
        .unwrap_or(id)
}

/// A text that says in short what the article says.
struct Told {
    words: Words,
    /// The key of its beginning, if it may have been cut short.
    cut: Option<String>,
}

impl Told {
    fn of(text: &str) -> Self {
        let cut = text.trim_end_matches(['…', '.', ' ']);
        Self {
            words: Words::of(text),
            cut: (cut.chars().count() > 40).then(|| key_of(cut)),
        }
    }
}

fn says_the_same(text: &str, told: &[Told]) -> bool {
    if told.is_empty() {
        return false;
    }
    let (words, key) = (Words::of(text), key_of(text));
    told.iter().any(|told| {
        let cut = told.cut.as_ref();
        words.similar(&told.words) > 0.8 || cut.is_some_and(|cut| key.starts_with(cut))
    })
}
