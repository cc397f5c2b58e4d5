//! What a site's own pages teach of its template.
//!
//! A [`Profile`] is a fair sample of a site's pages: of each, the digests of its lines, the places
//! they stand in and the element that held the body. What repeats on pages that are not the same
//! article is the site's, not the article's; what that means for a page is decided in `site`.

mod site;
mod template;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use pressmark_model::{Digest, WebUrl};

use crate::Page;

pub(crate) use site::{Site, lesson};
use template::Template;

/// How many pages a profile remembers.
const MOST_PAGES: usize = 24;
/// How many lines of a page it remembers: those with the least digests, the same on every page.
const MOST_TEXTS: usize = 64;
/// The bits of a text's digest.
const KEY_BITS: u32 = 40;
/// The form of [`Profile::to_bytes`].
const FORMAT: u8 = 1;
/// The bytes of a lesson beside its texts, and of each text.
const LESSON_BYTES: usize = 8 + 2 + 4 + 1;
const TEXT_BYTES: usize = 5 + 2 + 1;

/// What the pages of one site teach: a small value (at most 13 kB as bytes) that is handed in with
/// a page ([`Knowledge::profile`]) and grows with what the page teaches ([`Extraction::lesson`]).
///
/// It holds a sample of the pages, newer ones before those that are four weeks older. So the order
/// of learning does not matter, a page that is learned twice counts once, and merging is
/// commutative, associative and idempotent.
///
/// With it, lines and boxes are left out that repeat on other pages of the site *and* look like no
/// body text: they are links, or stand in a place that holds nothing but what repeats, or are
/// linked and on nearly every page. Headings, lists, tables, short labels, the lead and plain
/// paragraphs stay, however often they repeat; so does what repeats only on pages that are mostly
/// the same text.
///
/// ```
/// # use pressmark_extract::{Hints, Knowledge, Page, Profile, extract, extract_with};
/// # use pressmark_model::Timestamp;
/// let story = |day: &str| format!("<html lang=en><title>{day} | The Quay</title><article>
///     <h1>What {day} brought</h1>
///     <p>On {day} the ferries ran late, and the market on the quay opened an hour after that.</p>
///     <div class=kiosk><p>The Quay lives from what its readers give, and from nothing else.</p></div>
///     <p>Nobody in the harbour knew by the end of {day} whether the tide would turn in time.</p>
///     </article>");
/// let page = |html: &str, known: Option<&Profile>| {
///     let url = format!("https://quay.example/{}", html.len()).parse().ok();
///     let page = Page {
///         bytes: html.as_bytes(),
///         content_type: None,
///         url: url.as_ref(),
///         captured_at: Timestamp::from_micros(1_700_000_000_000_000),
///     };
///     extract_with(&page, &Hints::default(), &Knowledge { rules: None, profile: known })
/// };
/// let mut profile = Profile::default();
/// for day in ["Monday", "Tuesday", "Wednesday"] {
///     if let Some(lesson) = page(&story(day), None).lesson {
///         profile.learn(&lesson);
///     }
/// }
/// let next = story("Saturday night");
/// assert!(page(&next, None).article.text.contains("lives from"));
/// let found = page(&next, Some(&profile));
/// assert_eq!(found.article.text.lines().count(), 2);
/// let why = found.trace.iter().find(|decision| decision.step == "site");
/// assert_eq!(why.map(|why| why.reason.as_str()), Some("repeats on 3 of 3 other pages of its site"));
/// ```
///
/// [`Knowledge::profile`]: crate::Knowledge::profile
/// [`Extraction::lesson`]: crate::Extraction::lesson
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// In order, each of another page, and no more than [`MOST_PAGES`].
    lessons: Vec<Lesson>,
    compiled: OnceLock<Compiled>,
}

/// What a profile comes to.
#[derive(Debug, Clone)]
struct Compiled {
    template: Template,
    digest: Digest,
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.lessons == other.lessons
    }
}

impl Eq for Profile {}

/// What one page teaches of its site. It does not depend on the profile that the page was read with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lesson {
    /// When it was captured, in fours of weeks. Later ones come first.
    era: Reverse<u16>,
    /// The digest of its address, else of its text.
    page: u64,
    /// The names of the element that held the body; 0 if it has none.
    root: u32,
    /// Its lines, by key, no key twice.
    texts: Vec<Text>,
}

/// A line of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    /// The digest of its text: 40 bits.
    key: u64,
    /// The digest of the names of its element and of the one around it.
    place: u16,
    /// Its weight in sixteens: 1 to 127.
    weight: u8,
    /// Whether the general rules took it for body text.
    in_body: bool,
}

/// Bytes that are no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Of a form that this program does not know.
    #[error("the profile is of form {0}, known is form 1")]
    Form(u8),
    /// Cut short, or not as [`Profile::to_bytes`] writes it.
    #[error("the profile is damaged")]
    Damaged,
}

impl Profile {
    /// Takes in what a page teaches. A page that is known already counts once.
    pub fn learn(&mut self, lesson: &Lesson) {
        self.join(std::iter::once(lesson));
    }

    /// Takes in what another profile of the same site knows.
    pub fn merge(&mut self, other: &Self) {
        self.join(other.lessons.iter());
    }

    /// Keeps the first lessons of all in order. The better of two lessons of one page decides, so
    /// what falls out of a part never belongs to the whole.
    fn join<'l>(&mut self, more: impl Iterator<Item = &'l Lesson>) {
        self.lessons.extend(more.cloned());
        self.lessons.sort_unstable();
        let mut pages = BTreeSet::new();
        self.lessons.retain(|lesson| pages.insert(lesson.page));
        self.lessons.truncate(MOST_PAGES);
        self.compiled = OnceLock::new();
    }

    /// How many pages it remembers: at most 24.
    pub fn pages(&self) -> usize {
        self.lessons.len()
    }

    /// Whether it can decide anything on a page: not before two different pages have something in
    /// common.
    pub fn is_void(&self) -> bool {
        self.compiled().template.is_void()
    }

    /// The digest of [`Profile::to_bytes`].
    pub fn digest(&self) -> Digest {
        self.compiled().digest
    }

    /// The first 16 hexadecimal digits of its digest: how [`Knowledge::derivation`] names it.
    ///
    /// [`Knowledge::derivation`]: crate::Knowledge::derivation
    pub fn name(&self) -> String {
        self.digest().hex().chars().take(16).collect()
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled {
            template: Template::of(&self.lessons),
            digest: Digest::of(&self.to_bytes()),
        })
    }

    /// The profile as bytes: equal profiles give equal bytes. The first byte names the form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let texts: usize = self.lessons.iter().map(|lesson| lesson.texts.len()).sum();
        let length = 1 + self.lessons.len() * LESSON_BYTES + texts * TEXT_BYTES;
        let mut bytes = Vec::with_capacity(length);
        bytes.push(FORMAT);
        for lesson in &self.lessons {
            bytes.extend(lesson.page.to_be_bytes());
            bytes.extend(lesson.era.0.to_be_bytes());
            bytes.extend(lesson.root.to_be_bytes());
            bytes.push(u8::try_from(lesson.texts.len()).unwrap_or(u8::MAX));
            for text in &lesson.texts {
                bytes.extend(text.key.to_be_bytes().iter().skip(3));
                bytes.extend(text.place.to_be_bytes());
                bytes.push(text.weight << 1 | u8::from(text.in_body));
            }
        }
        bytes
    }

    /// Reads what [`Profile::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProfileError> {
        let (form, mut rest) = bytes.split_first().ok_or(ProfileError::Damaged)?;
        if *form != FORMAT {
            return Err(ProfileError::Form(*form));
        }
        let mut lessons = Vec::new();
        while !rest.is_empty() {
            lessons.push(Lesson::read(&mut rest).ok_or(ProfileError::Damaged)?);
        }
        let mut profile = Self::default();
        profile.join(lessons.iter());
        if profile.to_bytes() == bytes {
            Ok(profile)
        } else {
            Err(ProfileError::Damaged)
        }
    }
}

impl Lesson {
    /// A page's lesson; `texts` in any order.
    fn new(of: &Page<'_>, root: u32, mut texts: Vec<Text>) -> Self {
        const FOUR_WEEKS: i64 = 28 * 86_400 * 1_000_000;
        // Of lines with one text one of the body stays.
        texts.sort_unstable_by_key(|text| (text.key, Reverse(text.in_body), *text));
        texts.dedup_by_key(|text| text.key);
        let page = match of.url {
            Some(url) => page_key(url),
            None => texts.iter().fold(0, |page, text| mixed(page ^ text.key)),
        };
        texts.truncate(MOST_TEXTS);
        let era = (of.captured_at.micros() / FOUR_WEEKS).clamp(0, i64::from(u16::MAX));
        Self {
            era: Reverse(u16::try_from(era).unwrap_or(0)),
            page,
            root,
            texts,
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let page = u64::from_be_bytes(take(bytes)?);
        let era = Reverse(u16::from_be_bytes(take(bytes)?));
        let root = u32::from_be_bytes(take(bytes)?);
        let [count] = take(bytes)?;
        let mut texts = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let key: [u8; 5] = take(bytes)?;
            let place = u16::from_be_bytes(take(bytes)?);
            let [weight] = take(bytes)?;
            texts.push(Text {
                key: key.iter().fold(0, |key, byte| key << 8 | u64::from(*byte)),
                place,
                weight: weight >> 1,
                in_body: weight & 1 == 1,
            });
        }
        let in_order = texts.windows(2).all(|two| match two {
            [one, other] => one.key < other.key,
            _ => true,
        });
        (in_order && texts.len() <= MOST_TEXTS).then_some(Self {
            era,
            page,
            root,
            texts,
        })
    }

    /// The weight of its body.
    fn weight(&self) -> u32 {
        let body = self.texts.iter().filter(|text| text.in_body);
        body.map(|text| u32::from(text.weight)).sum()
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// The digest of a page's address, without what tracks readers.
fn page_key(url: &WebUrl) -> u64 {
    let url = url.without_fragment().without_tracking();
    let (_, address) = url.as_str().split_once("://").unwrap_or_default();
    mixed(
        address
            .bytes()
            .fold(BASIS, |hash, byte| fed(hash, u32::from(byte))),
    )
}

/// FNV-1a, 64 bit.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

const fn fed(hash: u64, next: u32) -> u64 {
    (hash ^ next as u64).wrapping_mul(0x0100_0000_01b3)
}

/// The finaliser, which every bit of the digest gets its share by, of `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014).
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
