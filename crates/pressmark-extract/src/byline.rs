//! The authors: what JSON-LD and `meta` say, and what the page shows where they name nobody.

use pressmark_html::{Attr, NodeId, Tag, Tree, fold};

use crate::Hints;
use crate::facts::Facts;
use crate::marks::Marks;
use crate::measure::Measures;
use crate::words::{is_ideograph, key_of};

/// How a byline begins, in lower case.
const BEGINNINGS: [&str; 38] = [
    "by ",
    "written by ",
    "von ",
    "text: ",
    "text:",
    "autor: ",
    "autor:",
    "author: ",
    "author:",
    "par ",
    "por ",
    "di ",
    "door ",
    "av ",
    "af ",
    "tekst: ",
    "текст: ",
    "автор: ",
    "автор:",
    "yazar: ",
    "作者：",
    "作者:",
    "作者 ",
    "文/",
    "文／",
    "文|",
    "文｜",
    "记者：",
    "记者:",
    "本报记者 ",
    "記者",
    "记者 ",
    "撰文：",
    "撰稿：",
    "执笔：",
    "文：",
    "来源：",
    "来源:",
];

pub(crate) fn authors(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    hints: &Hints,
    heading: Option<NodeId>,
) -> Vec<String> {
    let told = split(facts.json_ld.authors.iter().map(String::as_str));
    let meta = facts.meta_of(&[
        "author",
        "article:author",
        "dc.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
        "cxenseparse:author",
    ]);
    let meta = split(meta.into_iter());
    let is_site = |name: &String| is_outlet(facts, name);
    for names in [&told, &meta] {
        if !names.is_empty() && !names.iter().all(|name| is_site(name) || !is_name(name)) {
            return names
                .iter()
                .filter(|name| !name.contains('@'))
                .cloned()
                .collect();
        }
    }
    let shown = shown(tree, measures, facts, heading);
    if !shown.is_empty() {
        return shown;
    }
    let hinted = split(hints.authors.iter().map(String::as_str));
    [hinted, told, meta]
        .into_iter()
        .map(|names| {
            names
                .into_iter()
                .filter(|name| is_sound(name))
                .collect::<Vec<_>>()
        })
        .find(|names| !names.is_empty())
        .unwrap_or_default()
}

/// Single names from texts that may hold several.
pub(crate) fn split<'n>(texts: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts {
        let text = fold(text);
        let text = without_beginning(&text);
        let cut = |text: &str, words: &[&str]| -> Vec<String> {
            let mut parts = vec![text.to_owned()];
            for word in words {
                parts = parts
                    .iter()
                    .flat_map(|part| part.split(word).map(str::to_owned).collect::<Vec<_>>())
                    .collect();
            }
            parts
        };
        for name in cut(
            text,
            &[
                ", ", ";", " | ", " / ", "、", "，", " & ", " and ", " und ", " et ", " og ",
                " y ", " och ",
            ],
        ) {
            // `Name (abc)`
            let name = name
                .split(" (")
                .next()
                .unwrap_or_default()
                .trim()
                .trim_end_matches([',', '.']);
            let name = name.trim();
            let new = |out: &[String]| out.len() < 100 && !out.iter().any(|n| n == name);
            if !name.is_empty() && !name.contains("://") && new(&out) {
                out.push(name.to_owned());
            }
        }
    }
    out
}

/// What follows the word for an author inside of a Chinese line of source and date.
fn within(text: &str) -> Option<&str> {
    let rest = ["作者：", "作者:", "记者：", "记者:", "記者："]
        .iter()
        .find_map(|mark| text.split_once(mark))?
        .1;
    rest.trim_start()
        .split(|c: char| c.is_whitespace() || matches!(c, '）' | ')' | '】' | '|'))
        .next()
}

fn without_beginning(text: &str) -> &str {
    let lower = text.to_lowercase();
    for beginning in BEGINNINGS {
        if lower.starts_with(beginning)
            && let Some(rest) = text.get(beginning.len()..)
        {
            return rest.trim();
        }
    }
    text
}

/// Whether a name can stand as an author's at all.
fn is_sound(name: &str) -> bool {
    !name.contains(['@', '<', '{'])
        && name.chars().any(char::is_alphabetic)
        && name.chars().count() < 60
}

/// Whether a text looks like the name of a person.
fn is_name(text: &str) -> bool {
    const PARTICLES: [&str; 16] = [
        "von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le",
        "bin", "al", "zu",
    ];
    if !is_sound(text) || text.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    if text.chars().all(is_ideograph) {
        return (2..=5).contains(&text.chars().count());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=5).contains(&words.len())
        && words.iter().all(|word| {
            PARTICLES.contains(word) || !word.chars().next().is_some_and(char::is_lowercase)
        })
}

/// Whether a name is the outlet's own.
fn is_outlet(facts: &Facts, name: &str) -> bool {
    let key = key_of(name);
    let site = facts
        .meta_of(&["og:site_name", "application-name"])
        .map(key_of)
        .unwrap_or_default();
    let publisher = facts
        .json_ld
        .publisher
        .as_deref()
        .map(key_of)
        .unwrap_or_default();
    let host = facts
        .base
        .as_ref()
        .map(|url| key_of(url.host()))
        .unwrap_or_default();
    key.is_empty()
        || key == site
        || key == publisher
        || name.contains("www.")
        || (!publisher.is_empty() && (key.contains(&publisher) || publisher.contains(&key)))
        || (!site.is_empty() && key.contains(&site))
        || (key.chars().count() > 2 && host.contains(&key))
        || [
            "redaktion",
            "redaction",
            "editor",
            "admin",
            "staff",
            "newsroom",
            "nachrichten",
        ]
        .iter()
        .any(|w| key.contains(w))
}

/// The names that the page shows near its title.
fn shown(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    heading: Option<NodeId>,
) -> Vec<String> {
    let from = heading.map_or(0, |h| h.index().saturating_sub(80));
    let mut best: Vec<String> = Vec::new();
    for id in tree.subtree(NodeId::ROOT).skip(from).take(1_500) {
        let tag = tree.tag(id);
        let measure = measures.get(id);
        if tag == Tag::Text || measure.hidden || measure.all == 0 || measure.all > 160 {
            continue;
        }
        let link = tree.attr(id, Attr::Rel) == Some("author")
            || tree.attr(id, Attr::Href).is_some_and(|href| {
                [
                    "/author/",
                    "/autor/",
                    "/authors/",
                    "/profile/",
                    "/autoren/",
                    "/people/",
                    "/list/doc/",
                ]
                .iter()
                .any(|w| href.contains(w))
            });
        let named = measure.marks.has(Marks::BYLINE);
        let begins = tag.is_block() && measure.own > 0;
        if !(link || named || begins)
            || measure
                .around
                .has(Marks(Marks::RELATED.0 | Marks::COMMENT.0 | Marks::TEASER.0))
        {
            continue;
        }
        let text = tree.text_of(id);
        let rest = within(&text).unwrap_or_else(|| without_beginning(&text));
        let marked = rest.len() < text.len();
        if !(link || named || marked) {
            continue;
        }
        let rest = rest
            .split([';', '|', '·', '•', '\u{2022}', '（', '(', '【'])
            .next()
            .unwrap_or_default();
        let found: Vec<String> = split(std::iter::once(rest))
            .into_iter()
            .filter(|name| is_name(name) && !is_outlet(facts, name))
            .collect();
        if found.is_empty() {
            continue;
        }
        if best.is_empty() {
            best = found;
        } else if !found.iter().all(|name| best.contains(name)) && (link || named) && best.len() < 8
        {
            best.extend(
                found
                    .into_iter()
                    .filter(|name| !best.contains(name))
                    .collect::<Vec<_>>(),
            );
        } else {
            continue;
        }
        if !link && !named {
            break;
        }
    }
    best
}
