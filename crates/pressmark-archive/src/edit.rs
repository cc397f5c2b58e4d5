//! What kind of edit stands between two texts: a pure function of both, that can be computed again.
//!
//! Rotating boxes, counters and time stamps are left out of the comparison, and it does not matter
//! where paragraphs end: where nothing else differs, there is no edit.

mod align;
mod classify;
mod lexicon;
mod lines;
mod noise;
mod numbers;
mod owning;

use std::time::Duration;

use pressmark_model::{Article, OffsetTimestamp};

use self::classify::Found;

/// The number of the comparison. It rises whenever two texts may be told to differ in another way:
/// what was computed before is not what is computed now, and `rebuild changes` computes it again.
pub const CLASSIFIER: u32 = 2;

/// One kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum EditClass {
    /// The headline.
    Headline = 1,
    /// A number: digits, or a number in words.
    Number = 1 << 1,
    /// A name.
    Name = 1 << 2,
    /// Something between quotation marks.
    Quote = 1 << 3,
    /// A paragraph that was not there.
    ParagraphAdded = 1 << 4,
    /// A paragraph that is gone.
    ParagraphRemoved = 1 << 5,
    /// Spelling, punctuation, capitals.
    Typo = 1 << 6,
    /// Other words.
    Wording = 1 << 7,
    /// Rotating boxes, counters, time stamps, and nothing else.
    Boilerplate = 1 << 8,
}

impl EditClass {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::Headline,
        Self::Number,
        Self::Name,
        Self::Quote,
        Self::ParagraphAdded,
        Self::ParagraphRemoved,
        Self::Typo,
        Self::Wording,
        Self::Boilerplate,
    ];

    /// The name in filters and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Number => "number",
            Self::Name => "name",
            Self::Quote => "quote",
            Self::ParagraphAdded => "paragraph-added",
            Self::ParagraphRemoved => "paragraph-removed",
            Self::Typo => "typo",
            Self::Wording => "wording",
            Self::Boilerplate => "boilerplate",
        }
    }

    /// The class with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EditClasses(u16);

impl EditClasses {
    /// The classes of a stored number; bits that no class has are left out.
    pub fn from_bits(bits: u16) -> Self {
        EditClass::ALL
            .into_iter()
            .filter(|class| bits & *class as u16 != 0)
            .collect()
    }

    /// The number that is stored.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether the class is among them.
    pub const fn contains(self, class: EditClass) -> bool {
        self.0 & class as u16 != 0
    }

    /// The classes, in the order of [`EditClass::ALL`].
    pub fn iter(self) -> impl Iterator<Item = EditClass> {
        EditClass::ALL
            .into_iter()
            .filter(move |class| self.contains(*class))
    }

    fn insert(&mut self, class: EditClass) {
        self.0 |= class as u16;
    }
}

impl FromIterator<EditClass> for EditClasses {
    fn from_iter<T: IntoIterator<Item = EditClass>>(classes: T) -> Self {
        let mut set = Self::default();
        classes.into_iter().for_each(|class| set.insert(class));
        set
    }
}

/// What stands between two texts of an article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edit {
    /// What kind of changes there are.
    pub classes: EditClasses,
    /// How many letters and digits were removed and added.
    pub size: u32,
    /// The text changed, and the time of change that the outlet gives did not move on, nor does the
    /// new text speak of a correction.
    pub silent: bool,
    /// What was removed, in lower case, a line a piece.
    pub removed: String,
}

impl Edit {
    /// What stands between two texts, the second of which was seen so long after the first: relative
    /// dates that grew by as much are the same.
    pub fn between(old: &Article, new: &Article, apart: Duration) -> Self {
        let mut found = Found::default();
        let titles = noise::titles(old, new);
        if titles.0 != titles.1 {
            found.headline(titles.0, titles.1);
        }
        found.body(&noise::settled(old), &noise::settled(new), apart);
        let Found {
            mut classes,
            size,
            removed,
            owned,
        } = found;
        let differs = old.title != new.title || old.text != new.text;
        if differs && classes == EditClasses::default() {
            classes.insert(EditClass::Boilerplate);
        }
        Self {
            silent: size > 0 && !owned && !is_dated(old, new),
            classes,
            size,
            removed: removed.to_lowercase(),
        }
    }

    /// Whether nothing differs but what changes by itself.
    pub fn is_noise(&self) -> bool {
        self.classes.bits() & !(EditClass::Boilerplate as u16) == 0
    }
}

/// Whether the outlet says that it changed the text since. Of an outlet that never says so, nothing
/// can be told.
fn is_dated(old: &Article, new: &Article) -> bool {
    let stated = |article: &Article| article.updated.map(OffsetTimestamp::at);
    stated(old).is_none_or(|was| stated(new).is_some_and(|is| is > was))
}

/// Whether more differs than counters, time stamps, white space and the ends of paragraphs.
pub(crate) fn is_more_than_counters(old: &Article, new: &Article) -> bool {
    let said = |article| align::squashed(&noise::settled(article).with_boxes);
    said(old) != said(new)
}

#[cfg(test)]
mod tests;
