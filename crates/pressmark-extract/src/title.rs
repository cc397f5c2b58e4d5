//! Title, authors, times and the rest of what an article is called by.

use std::collections::HashSet;

use pressmark_html::{Attr, NodeId, Tag, Tree, fold};
use pressmark_model::{Article, OffsetTimestamp, WebUrl};

use crate::body::Found;
use crate::byline;
use crate::date::{LONGEST, Reading};
use crate::facts::Facts;
use crate::marks::Marks;
use crate::measure::Measures;
use crate::{Hints, Page};

/// Puts the article together.
pub(crate) fn article(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    hints: &Hints,
    page: &Page<'_>,
    body: &Found,
) -> Article {
    let language = language(facts, hints).or_else(|| by_script(&body.text));
    let reading = reading(page, language.as_deref());
    let times = Times {
        tree,
        measures,
        facts,
        reading,
        heading: body.heading,
    };
    let published = times.published().or(hints.published);
    Article {
        title: body.title.clone(),
        authors: byline::authors(tree, measures, facts, hints, body.heading),
        published,
        updated: times.updated(),
        language,
        lead: body.lead.clone(),
        html: body.html.clone(),
        text: body.text.clone(),
        image: image(facts),
        site_name: site_name(facts),
        section: facts.json_ld.section.clone().or_else(|| {
            facts
                .meta_of(&["article:section", "section"])
                .map(str::to_owned)
        }),
        tags: tags(facts),
    }
}

/// The language of a text in a script that one language is written in.
fn by_script(text: &str) -> Option<String> {
    let (mut han, mut kana, mut hangul, mut all) = (0, 0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(2_000) {
        all += 1;
        match c {
            '\u{4E00}'..='\u{9FFF}' => han += 1,
            '\u{3041}'..='\u{30FE}' => kana += 1,
            '\u{AC00}'..='\u{D7A3}' => hangul += 1,
            _ => {}
        }
    }
    let tag = match () {
        () if all < 20 => return None,
        () if kana * 10 > all => "ja",
        () if hangul * 3 > all => "ko",
        () if han * 2 > all => "zh",
        () => return None,
    };
    Some(tag.to_owned())
}

pub(crate) fn language(facts: &Facts, hints: &Hints) -> Option<String> {
    let tag = facts
        .language
        .clone()
        .or_else(|| facts.json_ld.language.clone())
        .or_else(|| {
            facts
                .meta_of(&["og:locale", "content-language", "language"])
                .map(str::to_owned)
        })
        .or_else(|| hints.language.clone())?;
    let tag = tag
        .split([',', ';'])
        .next()
        .unwrap_or_default()
        .trim()
        .replace('_', "-");
    let sound = (2..=35).contains(&tag.len())
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    sound.then_some(tag)
}

pub(crate) fn reading(page: &Page<'_>, language: Option<&str>) -> Reading {
    let host = page.url.map(WebUrl::host).unwrap_or_default();
    let country = host.rsplit('.').next().unwrap_or_default();
    let language = language.unwrap_or_default().to_ascii_lowercase();
    let hours = match (country, language.split('-').next().unwrap_or_default()) {
        ("cn" | "tw" | "hk" | "mo" | "sg", _) | (_, "zh") => 8,
        ("jp" | "kr", _) | (_, "ja" | "ko") => 9,
        _ => 0,
    };
    Reading {
        captured_at: page.captured_at,
        offset: hours * 3_600,
        month_first: language == "en-us" || (language == "en" && country == "com"),
        year: None,
    }
}

struct Times<'t, 's> {
    tree: &'t Tree<'s>,
    measures: &'t Measures,
    facts: &'t Facts,
    reading: Reading,
    heading: Option<NodeId>,
}

impl Times<'_, '_> {
    fn read(&self, text: &str) -> Option<OffsetTimestamp> {
        self.reading.read(text).map(|found| found.at)
    }

    fn published(&self) -> Option<OffsetTimestamp> {
        const NAMES: [&str; 17] = [
            "article:published_time",
            "og:published_time",
            "og:article:published_time",
            "datepublished",
            "date",
            "pubdate",
            "publishdate",
            "dc.date",
            "dc.date.issued",
            "dcterms.created",
            "dc.date.created",
            "sailthru.date",
            "parsely-pub-date",
            "article.published",
            "publish-date",
            "publication_date",
            "cxenseparse:recs:publishtime",
        ];
        let json = self
            .facts
            .json_ld
            .published
            .as_deref()
            .and_then(|text| self.read(text));
        json.or_else(|| {
            NAMES
                .iter()
                .find_map(|name| self.facts.meta_of(&[name]).and_then(|text| self.read(text)))
        })
        .or_else(|| self.in_page())
        .or_else(|| self.in_address())
    }

    fn updated(&self) -> Option<OffsetTimestamp> {
        let json = self.facts.json_ld.modified.as_deref();
        json.or_else(|| {
            self.facts.meta_of(&[
                "article:modified_time",
                "og:updated_time",
                "datemodified",
                "lastmod",
            ])
        })
        .and_then(|text| self.read(text))
    }

    /// A date in the text of the page: a `time` element, or an element named for it.
    fn in_page(&self) -> Option<OffsetTimestamp> {
        let tree = self.tree;
        let mut best: Option<(u32, OffsetTimestamp)> = None;
        for id in tree.subtree(NodeId::ROOT) {
            let measure = self.measures.get(id);
            let tag = tree.tag(id);
            if tag == Tag::Text {
                continue;
            }
            let near = self
                .heading
                .is_some_and(|h| h.index().abs_diff(id.index()) < 80);
            let shown = !measure.hidden && measure.all > 0;
            let value = if tag == Tag::Time {
                tree.attr(id, Attr::Datetime)
                    .map(str::to_owned)
                    .or_else(|| (shown || measure.hidden).then(|| tree.text_start(id, LONGEST)))
            } else if measure.marks.has(Marks::DATE) && shown && measure.all < 120 {
                Some(tree.text_start(id, LONGEST))
            } else if shown && (8..400).contains(&measure.own) && measure.own_link < measure.own {
                // A line such as `2019-09-07 13:43:45 来源: …`
                let head = tree.text_start(id, 60);
                let found = self.reading.read(&head);
                found
                    .is_some_and(|found| found.has_time || near && measure.own < 150)
                    .then_some(head)
            } else {
                None
            };
            let Some(found) = value.and_then(|value| self.reading.read(&value)) else {
                continue;
            };
            let around = measure.around.and(measure.marks);
            let elsewhere = Marks(Marks::RELATED.0 | Marks::COMMENT.0 | Marks::CHROME.0);
            let rank = u32::from(found.has_time) * 2
                + u32::from(tag == Tag::Time)
                + u32::from(measure.marks.has(Marks::DATE)) * 2
                + u32::from(near) * 3
                + u32::from(!around.has(elsewhere)) * 6;
            if best.is_none_or(|(r, _)| rank > r) {
                best = Some((rank, found.at));
            }
        }
        best.map(|(_, at)| at)
    }

    /// `/2025/06/10/` or `/20250610/` in the address.
    fn in_address(&self) -> Option<OffsetTimestamp> {
        let url = self.facts.canonical.as_ref().or(self.facts.base.as_ref())?;
        day_in_path(url.as_url().path(), &self.reading)
    }
}

/// `/2025/06/10/`, `/2025/0610/` or `/20250610/` in a path.
pub(crate) fn day_in_path(path: &str, reading: &Reading) -> Option<OffsetTimestamp> {
    let path = path.replace('_', "/");
    let parts: Vec<&str> = path.split(['/', '-', '.']).collect();
    let plain = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let joined = parts.windows(3).find_map(|three| {
        let [y, m, d] = three else { return None };
        if plain(y, 4) && plain(m, 2) && plain(d, 2) {
            return Some(format!("{y}-{m}-{d}"));
        }
        (plain(y, 4) && plain(m, 4) && y.starts_with("20")).then(|| format!("{y}{m}"))
    });
    let compact = || {
        parts
            .iter()
            .map(|part| part.strip_prefix('t').unwrap_or(part))
            .find(|part| plain(part, 8) && part.starts_with("20"))
            .map(str::to_owned)
    };
    let text = joined.or_else(compact)?;
    reading.read(&text).map(|found| found.at)
}

fn image(facts: &Facts) -> Option<WebUrl> {
    let address = facts.meta_of(&[
        "og:image",
        "og:image:url",
        "twitter:image",
        "twitter:image:src",
    ]);
    let address = address.or(facts.json_ld.image.as_deref())?;
    match &facts.base {
        Some(base) => base.join(address).ok(),
        None => address.parse().ok(),
    }
}

fn site_name(facts: &Facts) -> Option<String> {
    let name = facts
        .meta_of(&["og:site_name", "application-name"])
        .map(str::to_owned);
    name.or_else(|| facts.json_ld.publisher.clone())
        .map(|n| fold(&n))
}

fn tags(facts: &Facts) -> Vec<String> {
    let mut tags: Vec<String> = facts
        .metas
        .iter()
        .filter(|(name, _)| name == "article:tag")
        .map(|(_, tag)| tag.clone())
        .collect();
    if tags.is_empty() {
        tags.clone_from(&facts.json_ld.keywords);
    }
    if tags.is_empty() {
        let list = facts
            .meta_of(&["news_keywords", "keywords"])
            .unwrap_or_default();
        tags = list
            .split([',', ';', '，'])
            .map(fold)
            .filter(|t| !t.is_empty())
            .collect();
    }
    let mut seen = HashSet::new();
    tags.retain(|tag| seen.insert(tag.to_lowercase()));
    tags.truncate(40);
    tags
}
