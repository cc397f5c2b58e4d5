//! What redacted articles must not come back by: digests of their addresses, and of pieces of their
//! texts.
//!
//! The pieces are chosen by winnowing (Schleimer, Wilkerson, Aiken: Local Algorithms for Document
//! Fingerprinting, SIGMOD 2003): of the letters and digits of a text, in lower case, each window of
//! [`PIECE`] bytes has a number, and in each run of [`RUN`] windows the smallest is taken. Two texts
//! that share so many bytes as both together share a piece, wherever it stands in them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use pressmark_html::plain_text;
use pressmark_model::{ArticleId, Digest, Entry, EntryKey};

use crate::{identity, sync};

/// The bytes of a piece.
const PIECE: usize = 36;
/// Of so many pieces in a row one is taken.
const RUN: usize = 24;
/// Titles with fewer bytes of letters and digits tell nothing.
const SHORTEST_TITLE: usize = 12;
/// The base of the rolling number of a window: any odd number will do.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// What redacted articles must not come back by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedactedKeys {
    /// What is hashed with them.
    pub salt: Vec<u8>,
    /// The digests of address keys and of entries' keys, and the articles that they name.
    pub hashes: HashMap<Digest, ArticleId>,
    /// The prints of texts and titles, see [`prints`] and [`title_print`].
    pub prints: HashMap<i64, ArticleId>,
}

impl RedactedKeys {
    /// The digest of a key.
    pub fn hash(salt: &[u8], key: &str) -> Digest {
        Digest::of_pieces([salt, key.as_bytes()])
    }

    /// The redacted article that this address key, or key of an entry, is one of.
    pub fn article(&self, key: &str) -> Option<ArticleId> {
        if self.hashes.is_empty() {
            return None;
        }
        self.hashes.get(&Self::hash(&self.salt, key)).copied()
    }

    /// The redacted article that an entry is of: by its key or its link, or because half of what it
    /// says stands in the text. With the title it is a quarter; without a text the title is enough.
    pub fn of_entry(&self, key: &EntryKey, entry: &Entry) -> Option<ArticleId> {
        let link = entry.link.as_ref().map(identity::key);
        let keys = std::iter::once(key.as_str()).chain(link.as_deref());
        if let Some(article) = keys.into_iter().find_map(|key| self.article(key)) {
            return Some(article);
        }
        if self.prints.is_empty() {
            return None;
        }
        let titled = title_print(&self.salt, &entry.title);
        let titled = titled.and_then(|print| self.prints.get(&print).copied());
        match (titled, self.share(&said_by(entry))) {
            (Some(article), Share { all: 0, .. }) => Some(article),
            (Some(article), share) if share.known * 4 >= share.all => Some(article),
            (_, share) => share.article.filter(|_| share.known * 2 >= share.all),
        }
    }

    /// The redacted article that at least half of a text is of.
    pub fn of_text(&self, text: &str) -> Option<ArticleId> {
        if self.prints.is_empty() {
            return None;
        }
        let share = self.share(text);
        share.article.filter(|_| share.known * 2 >= share.all)
    }

    /// Takes the entries of redacted articles out; whether there were any.
    pub(crate) fn strip(&self, entries: &mut Vec<Entry>) -> bool {
        if self.hashes.is_empty() {
            return false;
        }
        let before = entries.len();
        let keyed = sync::keyed(std::mem::take(entries)).into_iter();
        let kept = keyed.filter(|(key, entry)| self.of_entry(key, entry).is_none());
        *entries = kept.map(|(_, entry)| entry).collect();
        entries.len() < before
    }

    fn share(&self, text: &str) -> Share {
        let mut share = Share::default();
        for print in prints(&self.salt, &letters(text)) {
            share.all += 1;
            if let Some(article) = self.prints.get(&print) {
                share.known += 1;
                share.article = Some(*article);
            }
        }
        share
    }
}

/// How much of a text is known.
#[derive(Default)]
struct Share {
    all: usize,
    known: usize,
    article: Option<ArticleId>,
}

/// What an entry says beside its title, as plain text.
pub fn said_by(entry: &Entry) -> String {
    let said = [&entry.summary, &entry.content].into_iter().flatten();
    let said: Vec<String> = said.map(|html| plain_text(html)).collect();
    said.join("\n")
}

/// The prints of a text by its letters.
pub fn prints(salt: &[u8], letters: &[u8]) -> BTreeSet<i64> {
    let numbers = numbers(letters);
    let mut chosen = BTreeSet::new();
    let mut smallest = |run: &[u64], from: usize| {
        // Of equal ones the last: neighbouring runs then choose the same one more often.
        let least = run
            .iter()
            .enumerate()
            .rev()
            .min_by_key(|(_, number)| **number);
        chosen.extend(least.map(|(at, _)| from + at));
    };
    if numbers.len() < RUN {
        smallest(&numbers, 0);
    }
    for (from, run) in numbers.windows(RUN).enumerate() {
        smallest(run, from);
    }
    let piece = |at: usize| letters.get(at..at + PIECE);
    let pieces = chosen.into_iter().filter_map(piece);
    pieces.map(|piece| print(&[salt, b"text", piece])).collect()
}

/// The print of a title, if it is long enough to tell anything.
pub fn title_print(salt: &[u8], title: &str) -> Option<i64> {
    let letters = letters(title);
    (letters.len() >= SHORTEST_TITLE).then(|| print(&[salt, b"title", &letters]))
}

/// The letters and digits of a plain text, in lower case.
pub fn letters(text: &str) -> Vec<u8> {
    let mut letters = String::with_capacity(text.len());
    letters.extend(
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase),
    );
    letters.into_bytes()
}

/// The letters and digits of a document, be it HTML, XML or JSON: what is markup in any of them is
/// left out, also where it is written as text of another.
pub(crate) fn letters_of_document(bytes: &[u8], content_type: Option<&str>) -> Vec<u8> {
    let text = pressmark_html::decode(bytes, content_type).text;
    let text = without_escapes(&text);
    let text = plain_text(&without_tags(&text));
    letters(&plain_text(&without_tags(&text)))
}

/// The number of each window: what a polynomial of its bytes comes to, mixed.
fn numbers(letters: &[u8]) -> Vec<u64> {
    let top = (1..PIECE).fold(1u64, |top, _| top.wrapping_mul(BASE));
    let mut number = 0u64;
    let mut numbers = Vec::with_capacity(letters.len());
    for (at, byte) in letters.iter().enumerate() {
        if let Some(gone) = at.checked_sub(PIECE).and_then(|gone| letters.get(gone)) {
            number = number.wrapping_sub(top.wrapping_mul(u64::from(*gone)));
        }
        number = number.wrapping_mul(BASE).wrapping_add(u64::from(*byte));
        if at + 1 >= PIECE {
            let mixed = (number ^ (number >> 31)).wrapping_mul(BASE);
            numbers.push(mixed ^ (mixed >> 29));
        }
    }
    numbers
}

fn print(pieces: &[&[u8]]) -> i64 {
    let digest = Digest::of_pieces(pieces.iter().copied());
    let first = digest.as_bytes().first_chunk::<8>();
    first.map_or(0, |first| i64::from_be_bytes(*first))
}

/// A text without its tags, and without the marks of CDATA.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        rest = if let Some(inside) = after.strip_prefix("![CDATA[") {
            inside
        } else if after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            out.push(' ');
            after.split_once('>').map_or("", |(_, after)| after)
        } else {
            after
        };
    }
    out.push_str(rest);
    out
}

/// A text in which the escapes of JSON strings are resolved.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        units.extend(before.encode_utf16());
        let mut chars = after.chars();
        rest = match chars.next() {
            Some('u') => {
                let (hex, behind) = after.split_at_checked(5).unwrap_or((after, ""));
                let unit = hex
                    .get(1..)
                    .and_then(|hex| u16::from_str_radix(hex, 16).ok());
                units.push(unit.unwrap_or(u16::from(b' ')));
                behind
            }
            Some('n' | 'r' | 't' | 'b' | 'f') => {
                units.push(u16::from(b' '));
                chars.as_str()
            }
            _ => after,
        };
    }
    units.extend(rest.encode_utf16());
    Cow::Owned(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &[u8] = b"salt";
    const TEXT: &str = "The council decided on Monday that the old bridge is to be rebuilt, \
        against the votes of the villages on the other bank, which had hoped for a ferry. \
        Nobody asked the river, a fisherman said, and the river has always had its own way.";

    fn known() -> RedactedKeys {
        let mut prints: HashMap<i64, ArticleId> = prints(SALT, &letters(TEXT))
            .into_iter()
            .map(|print| (print, ArticleId(7)))
            .collect();
        let title = title_print(SALT, "A bridge for the villages").unwrap();
        prints.insert(title, ArticleId(7));
        RedactedKeys {
            salt: SALT.to_vec(),
            hashes: HashMap::new(),
            prints,
        }
    }

    fn of(title: &str, summary: &str) -> Option<ArticleId> {
        let entry = Entry {
            title: title.to_owned(),
            summary: Some(summary.to_owned()),
            link: "https://other.example/1".parse().ok(),
            ..Entry::default()
        };
        known().of_entry(&EntryKey::of(&entry, false), &entry)
    }

    #[test]
    fn what_is_shared_is_found_wherever_it_stands() {
        let all = letters(TEXT);
        for (at, shared) in all.windows(PIECE + RUN - 1).enumerate() {
            let other = [b"quite another beginning".as_slice(), shared, b"and end"].concat();
            let found = prints(SALT, &other);
            let own = prints(SALT, &all);
            assert!(!found.is_disjoint(&own), "{at}");
        }
        assert!(prints(SALT, b"short").is_empty());
        assert!(prints(b"other salt", &all).is_disjoint(&prints(SALT, &all)));
    }

    #[test]
    fn an_entry_is_known_by_what_it_says() {
        let teaser = "<p>The council decided on <b>Monday</b> that the old bridge is to be rebuilt, \
            against the votes of&nbsp;the villages &hellip;</p> <a href=x>Read on</a>";
        assert_eq!(of("Another title", teaser), Some(ArticleId(7)));
        assert_eq!(of("A bridge for the villages!", ""), Some(ArticleId(7)));
        assert_eq!(
            of("A Bridge for the Villages", "Read on."),
            Some(ArticleId(7))
        );
        // The title of a column that comes every week.
        let other = "This week the readers write about the price of bread, which is too high for \
            most, and about the price of books, which nobody wants to pay any more.";
        assert_eq!(of("A bridge for the villages", other), None);
        // A long text with one sentence of it.
        let quoting = format!(
            "{other} Nobody asked the river, a fisherman said, and the river has \
            always had its own way. {}",
            other.to_uppercase().replace('E', "I")
        );
        assert_eq!(of("On fishermen", &quoting), None);
        assert_eq!(known().of_text(&quoting), None);
        assert_eq!(known().of_text(TEXT), Some(ArticleId(7)));
    }

    #[test]
    fn a_document_is_read_whatever_it_is_written_in() {
        let words = letters("Süßes & mehr, für immer");
        for document in [
            "<p>Süßes &amp; m<b>e</b>hr, f&uuml;r <!-- nicht --> immer",
            "<d><![CDATA[<p>Süßes &amp; mehr, für&nbsp;immer]]></d>",
            "<d>&lt;p&gt;S&amp;uuml;&#223;es &amp;amp; mehr, für &lt;br/&gt; immer</d>",
            r#"{"":"S\u00fc\u00DFes &amp; mehr,\n\u003cp\u003e f\u00fcr \"immer\""}"#,
        ] {
            let found = letters_of_document(document.as_bytes(), Some("text/xml; charset=utf-8"));
            assert_eq!(found, words, "{document}");
        }
        let gb18030 = [0xd6, 0xd0, 0xce, 0xc4];
        let found = letters_of_document(&gb18030, Some("text/html; charset=gb18030"));
        assert_eq!(found, letters("中文"));
    }
}
