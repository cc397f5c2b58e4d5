//! What a profile comes to: which texts and places repeat on pages that are not the same article.

use std::collections::HashMap;

use super::{Lesson, Text};

/// Pages that hold mostly the same text are one page here: an article at two addresses, the
/// weather of every day. Sets of pages are the bits of a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    texts: HashMap<u64, Pages>,
    places: HashMap<u16, Place>,
    /// Which page an address is.
    addresses: HashMap<u64, u32>,
    /// The least weight of the body of each page.
    weights: Vec<u32>,
    /// All pages.
    all: u32,
    /// The names of the element that holds the body on most pages.
    pub(super) root: Option<u32>,
}

/// The pages that a text is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pages {
    pub(super) all: u32,
    /// Those of which it is body text.
    pub(super) body: u32,
}

/// A place in the site's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) pages: u32,
    /// Whether it holds a text that is on one page only.
    pub(super) is_varied: bool,
}

impl Template {
    pub(super) fn of(lessons: &[Lesson]) -> Self {
        let mut template = Self::default();
        let pages = distinct(lessons);
        for (lesson, page) in lessons.iter().zip(&pages) {
            let bit = 1 << page;
            template.all |= bit;
            template.addresses.insert(lesson.page, bit);
            for text in &lesson.texts {
                let on = template.texts.entry(text.key).or_default();
                on.all |= bit;
                on.body |= if text.in_body { bit } else { 0 };
            }
        }
        for text in lessons.iter().flat_map(|lesson| &lesson.texts) {
            let on = template.pages_of(text.key).all;
            let place = template.places.entry(text.place).or_default();
            place.pages |= on;
            place.is_varied |= on.count_ones() < 2;
        }
        template.weights = vec![u32::MAX; lessons.len()];
        for (lesson, page) in lessons.iter().zip(&pages) {
            if let Some(least) = template.weights.get_mut(*page) {
                *least = lesson.weight().min(*least);
            }
        }
        template.root = usual_root(lessons, &pages, template.all.count_ones());
        template
    }

    /// Whether nothing repeats.
    pub(super) fn is_void(&self) -> bool {
        self.root.is_none() && self.texts.values().all(|on| on.all.count_ones() < 2)
    }

    pub(super) fn pages_of(&self, text: u64) -> Pages {
        self.texts.get(&text).copied().unwrap_or_default()
    }

    pub(super) fn place(&self, place: u16) -> Place {
        self.places.get(&place).copied().unwrap_or_default()
    }

    /// The page at this address, if it is known.
    pub(super) fn page_at(&self, address: Option<u64>) -> u32 {
        let page = address.and_then(|address| self.addresses.get(&address));
        page.copied().unwrap_or_default()
    }

    /// The pages that are the same article as one that has these texts, each with its weight and
    /// the pages of which it is body text; `total` is the weight of all of its texts.
    pub(super) fn same_as(&self, texts: &[(u32, u32)], total: u32) -> u32 {
        let mut common = vec![0; self.weights.len()];
        for (weight, pages) in texts {
            for (page, sum) in common.iter_mut().enumerate() {
                *sum += if pages >> page & 1 == 1 { *weight } else { 0 };
            }
        }
        let mut same = 0;
        for (page, (common, own)) in common.iter().zip(&self.weights).enumerate() {
            let is_same = *common > 0 && common * 2 >= total.min(*own);
            same |= if is_same { 1 << page } else { 0 };
        }
        same
    }

    /// All pages but these.
    pub(super) const fn without(&self, pages: u32) -> u32 {
        self.all & !pages
    }
}

/// For each lesson the number of its page: the same for lessons that are the same article.
fn distinct(lessons: &[Lesson]) -> Vec<usize> {
    let mut pages: Vec<usize> = (0..lessons.len()).collect();
    for (at, one) in lessons.iter().enumerate() {
        for (before, other) in lessons.iter().enumerate().take(at) {
            let (Some(&mine), Some(&theirs)) = (pages.get(at), pages.get(before)) else {
                continue;
            };
            if mine != theirs && is_same(one, other) {
                for page in &mut pages {
                    *page = if *page == mine { theirs } else { *page };
                }
            }
        }
    }
    pages
}

/// Whether half of the lighter body is in the other as well.
fn is_same(one: &Lesson, other: &Lesson) -> bool {
    let body = |lesson: &Lesson| -> Vec<Text> {
        lesson
            .texts
            .iter()
            .filter(|text| text.in_body)
            .copied()
            .collect()
    };
    let (a, b) = (body(one), body(other));
    let common: u32 = a
        .iter()
        .filter(|text| b.binary_search_by_key(&text.key, |other| other.key).is_ok())
        .map(|text| u32::from(text.weight))
        .sum();
    common > 0 && common * 2 >= one.weight().min(other.weight())
}

/// The names of the element that held the body on three pages at least, and on three of four.
fn usual_root(lessons: &[Lesson], pages: &[usize], all: u32) -> Option<u32> {
    let mut on: HashMap<u32, u32> = HashMap::new();
    for (lesson, page) in lessons.iter().zip(pages) {
        *on.entry(lesson.root).or_default() |= 1 << page;
    }
    on.into_iter()
        .find(|(root, on)| {
            let on = on.count_ones();
            *root != 0 && on >= 3 && on * 4 >= all * 3
        })
        .map(|(root, _)| root)
}
