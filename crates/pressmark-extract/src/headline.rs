//! The headline: the `h1` that agrees with what the page says of itself elsewhere.

use pressmark_html::{NodeId, Tag, Tree, fold};

use crate::Hints;
use crate::facts::Facts;
use crate::marks::Marks;
use crate::measure::Measures;
use crate::words::{Words, beginning, key_of};

/// No title is longer, in characters. What claims to be one is cut, because it is compared with
/// every heading and line of the page.
const MAX_TITLE: usize = 1_000;

/// The title, and the heading in the page that shows it.
pub(crate) fn find(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    hints: &Hints,
) -> (String, Option<NodeId>) {
    let told: Vec<&str> = [
        facts.json_ld.headline.as_deref(),
        facts.meta_of(&["og:title"]),
        hints.title.as_deref(),
        facts.meta_of(&[
            "twitter:title",
            "dc.title",
            "title",
            "parsely-title",
            "sailthru.title",
        ]),
        facts.title_element.as_deref(),
    ]
    .into_iter()
    .flatten()
    .map(|text| beginning(text.trim(), MAX_TITLE))
    .filter(|text| !text.is_empty())
    .collect();
    let compared: Vec<_> = told
        .iter()
        .map(|text| (key_of(text), Words::of(text)))
        .collect();
    let mut best: Option<(f32, NodeId, String)> = None;
    for id in tree.subtree(NodeId::ROOT) {
        let tag = tree.tag(id);
        let measure = measures.get(id);
        let titled = measure.marks.has(Marks::TITLE) && measure.all < 300 && tag.is_block();
        if !(tag.is_heading() || titled)
            || measure.hidden && tag != Tag::H1
            || measure.all == 0 && tag != Tag::H1
        {
            continue;
        }
        let text = tree.text_start(id, 301);
        if text.is_empty() || text.chars().count() > 300 {
            continue;
        }
        let agreement = agreement(&text, &compared);
        let level = match tag {
            Tag::H1 => 0.5,
            Tag::H2 => 0.25,
            Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => 0.1,
            _ => 0.0,
        };
        let around = measure.around;
        let doubt = if around.has(Marks::RELATED) || around.has(Marks::CHROME) {
            0.2
        } else {
            0.0
        };
        if agreement < 0.4 && tag != Tag::H1 {
            continue;
        }
        let score = agreement + level - doubt;
        if best.as_ref().is_none_or(|(s, _, _)| score > *s) {
            best = Some((score, id, text));
        }
    }
    if let Some((score, id, text)) = best
        && (score > 0.75 || told.is_empty())
    {
        let title = without_kicker(tree, id, &told)
            .or_else(|| with_kicker(facts, &text))
            .unwrap_or(text);
        return (title, Some(id));
    }
    let site = facts
        .meta_of(&["og:site_name"])
        .or(facts.json_ld.publisher.as_deref());
    let title = told
        .first()
        .map_or_else(String::new, |text| without_site(text, site));
    (title, None)
}

/// The title as `og:title` has it, where that sets a kicker before the heading (or leaves one out)
/// and JSON-LD does not say otherwise.
fn with_kicker(facts: &Facts, heading: &str) -> Option<String> {
    let told = beginning(facts.meta_of(&["og:title"])?, MAX_TITLE);
    let (key, told_key) = (key_of(heading), key_of(told));
    let json = facts.json_ld.headline.as_deref().map(key_of);
    let longer = told_key.len() > key.len()
        && told_key.ends_with(&key)
        && told.contains([':', '|', '–', '/'])
        && json.is_none_or(|json| json == told_key);
    let shorter =
        key.len() > told_key.len() && told_key.chars().count() > 15 && key.ends_with(&told_key);
    (longer || shorter).then(|| fold(told))
}

/// The title in a heading that begins with a kicker in an element of its own, where the page
/// elsewhere tells the title alone, or the kicker set off from it.
fn without_kicker(tree: &Tree<'_>, heading: NodeId, told: &[&str]) -> Option<String> {
    let text = |id: NodeId| {
        if tree.tag(id) == Tag::Text {
            fold(tree.text(id))
        } else {
            tree.text_of(id)
        }
    };
    let mut at = heading;
    let parts = loop {
        let elements: Vec<NodeId> = tree
            .children(at)
            .filter(|id| !key_of(&text(*id)).is_empty())
            .collect();
        match elements.as_slice() {
            [only] if tree.tag(*only) != Tag::Text => at = *only,
            _ => break elements,
        }
    };
    let [kicker, title] = parts.as_slice() else {
        return None;
    };
    let (kicker, title) = (text(*kicker), text(*title));
    let title_key = key_of(&title);
    if title.chars().count() < 12 || kicker.chars().count() > title.chars().count() {
        return None;
    }
    told.iter()
        .any(|told| key_of(told) == title_key)
        .then_some(title)
}

/// How well a heading agrees with a title told elsewhere, which may have the site's name behind
/// it; the titles with their keys and words, the best of them counts.
fn agreement(heading: &str, told: &[(String, Words)]) -> f32 {
    let key = key_of(heading);
    if key.is_empty() || told.is_empty() {
        return 0.0;
    }
    if told.iter().any(|(other, _)| *other == key) {
        return 1.0;
    }
    if key.chars().count() >= 6 && told.iter().any(|(other, _)| other.starts_with(&key)) {
        return 0.9;
    }
    let words = Words::of(heading);
    let likeness = told.iter().map(|(_, other)| words.similar(other) * 0.85);
    likeness.fold(0.0, f32::max)
}

/// A title without the name of the site behind or before it.
pub(crate) fn without_site(title: &str, site: Option<&str>) -> String {
    const SEPARATORS: [&str; 9] = [" | ", " - ", " – ", " — ", " · ", " :: ", " » ", "_", "|"];
    let site_key = site.map(key_of).unwrap_or_default();
    let mut rest = title.trim();
    loop {
        let cut = SEPARATORS
            .iter()
            .filter_map(|sep| rest.rfind(sep).map(|at| (at, *sep)))
            .max();
        let Some((at, separator)) = cut else { break };
        let head = rest.get(..at).unwrap_or_default().trim();
        let tail = rest.get(at + separator.len()..).unwrap_or_default().trim();
        let tail_key = key_of(tail);
        let is_site = !site_key.is_empty()
            && (tail_key == site_key
                || site_key.contains(&tail_key)
                || tail_key.contains(&site_key));
        let short =
            head.chars().count() > 2 * tail.chars().count() && tail.split_whitespace().count() <= 4;
        if head.is_empty() || !(is_site || short) {
            break;
        }
        rest = head;
    }
    rest.to_owned()
}
