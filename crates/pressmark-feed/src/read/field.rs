//! What the elements of a feed say, once their text is known.

use pressmark_model::{Category, Enclosure, FeedFormat, OffsetTimestamp, WebUrl};

use super::capture::{Capture, Kind};
use super::draft::Said;
use super::element::{Field, Place};
use super::reader::Reader;
use crate::address::{Base, resolve};
use crate::issues::brief;
use crate::text::{attribute, collapse, is_chinese, language_tag, plain};
use crate::xml::Tag;
use crate::{date, person};

/// The days of RSS `skipDays`.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
/// The periods of the syndication module of RSS 1.0, in minutes.
const PERIODS: [(&str, u32); 5] = [
    ("hourly", 60),
    ("daily", 1_440),
    ("weekly", 10_080),
    ("monthly", 43_200),
    ("yearly", 525_600),
];

impl<'a> Reader<'a> {
    /// What a text is, by the element's attributes and the format.
    pub(super) fn kind_of(&self, attributes: &str, field: Field) -> Kind {
        if !(field.is_body() || matches!(field, Field::Title(_))) {
            return Kind::Unknown;
        }
        let mode = attribute(attributes, "mode").map(|mode| mode.trim().to_ascii_lowercase());
        let declared = attribute(attributes, "type").map(|kind| kind.trim().to_ascii_lowercase());
        let atom = self.feed.feed.format == FeedFormat::Atom;
        match (mode.as_deref(), declared.as_deref()) {
            (Some("base64"), _) => Kind::Base64,
            (_, Some("xhtml" | "application/xhtml+xml")) if mode.as_deref() != Some("escaped") => {
                Kind::Xhtml
            }
            (_, Some("html" | "text/html" | "xhtml" | "application/xhtml+xml")) => Kind::Html,
            (_, Some("text" | "text/plain")) => Kind::Plain,
            (_, Some(other)) if other.ends_with("+xml") || other.ends_with("/xml") => Kind::Xhtml,
            (_, Some(other)) if other.contains('/') && !other.starts_with("text/") => Kind::Base64,
            (Some("xml"), _) => Kind::Xhtml,
            _ if atom && field != Field::Content(1) && self.is_atom_construct(field) => Kind::Plain,
            _ => Kind::Unknown,
        }
    }

    /// Whether the ranks say that the element is Atom's own.
    fn is_atom_construct(&self, field: Field) -> bool {
        matches!(
            field,
            Field::Title(0) | Field::Summary(0) | Field::Content(0)
        ) && self.place() != Place::Media
    }

    /// Takes what the start tag says already; whether the text counts besides.
    pub(super) fn before_field(&mut self, tag: Tag<'a>, field: Field) -> bool {
        match field {
            Field::Link => self.before_link(tag.attributes),
            Field::Category => {
                let term = attribute(tag.attributes, "term").unwrap_or_default();
                let label = attribute(tag.attributes, "label");
                let scheme = scheme(tag.attributes);
                if term.trim().is_empty() && label.is_none() {
                    return true;
                }
                self.add_category(Category {
                    term: collapse(&term),
                    scheme,
                    label: label.map(|label| collapse(&label)),
                });
                false
            }
            _ => true,
        }
    }

    /// A link with its address in an attribute; whether its text counts.
    fn before_link(&mut self, attributes: &str) -> bool {
        let address = first_of(&["href", "url", "uri"], attributes);
        let Some(address) = address else {
            return !attributes.contains("rdf:resource");
        };
        let base = super::base_of(attributes, self.base());
        let relation = attribute(attributes, "rel").unwrap_or_else(|| "alternate".to_owned());
        let relation = relation.trim().to_ascii_lowercase();
        let relation = relation.trim_start_matches("http://www.iana.org/assignments/relation/");
        let media_type = attribute(attributes, "type").map(|kind| kind.trim().to_owned());
        if relation == "enclosure" {
            let length = attribute(attributes, "length");
            let title = attribute(attributes, "title");
            self.add_enclosure(&base, &address, media_type, length.as_deref(), title);
            return false;
        }
        let Some(url) = self.address(&base, &address) else {
            return false;
        };
        let html = media_type
            .as_deref()
            .is_none_or(|kind| kind.contains("html"));
        match (relation, &mut self.entry) {
            ("" | "alternate", Some(draft)) => draft.say(Said::Link(url), u8::from(!html)),
            ("" | "alternate", None) => self.feed.say(Said::Link(url), u8::from(!html)),
            ("replies", Some(draft)) if html => draft.entry.comments = Some(url),
            ("hub", None) if self.feed.feed.hubs.len() < 8 => self.feed.feed.hubs.push(url),
            ("self", None) if self.feed.feed.self_url.is_none() => {
                self.feed.feed.self_url = Some(url);
            }
            ("prev-archive", None) => self.feed.feed.older = Some(url),
            ("next", None) if self.feed.feed.older.is_none() => self.feed.feed.older = Some(url),
            _ => {}
        }
        false
    }

    /// The web address that a text means, and an issue where it means none.
    fn address(&mut self, base: &Base, text: &str) -> Option<WebUrl> {
        let found = resolve(base, text);
        if found.is_none() && !text.trim().is_empty() {
            self.note(format!("no web address: `{}`", brief(text.trim())));
        }
        found
    }

    /// Takes the text of an element.
    pub(super) fn take_field(&mut self, capture: Capture<'a>) {
        match capture.field {
            Field::Title(rank) => {
                let (title, html) = capture.line();
                self.say(Said::Title(title, html), rank);
            }
            Field::Summary(rank) => self.take_summary(capture, rank),
            Field::Content(rank) => self.say(Said::Content(capture.html()), rank),
            Field::Link => self.take_link(&capture),
            Field::Id => self.take_id(&capture),
            Field::Published(rank) => {
                if let Some(at) = self.moment(&capture) {
                    self.say(Said::Published(at), rank);
                }
            }
            Field::Updated(rank) => {
                if let Some(at) = self.moment(&capture) {
                    self.say(Said::Updated(at), rank);
                }
            }
            Field::Date => {
                if let Some(at) = self.moment(&capture) {
                    self.say(Said::Published(at), 1);
                    self.say(Said::Updated(at), 1);
                }
            }
            Field::Creator => {
                if let Some(person) = person::parse(&plain(capture.word())) {
                    self.add_author(person);
                }
            }
            Field::OtherCreator => {
                let person = person::parse(&plain(capture.word()));
                match &mut self.entry {
                    Some(draft) => draft.other_author = person,
                    None => self.feed.other_author = person,
                }
            }
            Field::Name => self.person.name = plain(capture.word()),
            Field::Email => {
                self.person.email = some(collapse(capture.word().trim_start_matches("mailto:")));
            }
            Field::Uri => self.person.uri = some(collapse(capture.word())),
            Field::Category => self.take_category(&capture),
            Field::Keywords => {
                for word in capture
                    .word()
                    .split(',')
                    .map(collapse)
                    .filter(|word| !word.is_empty())
                {
                    self.add_category(Category {
                        term: word,
                        ..Category::default()
                    });
                }
            }
            Field::Picture => {
                if let Some(url) = resolve(&capture.base, capture.word()) {
                    self.say(Said::Image(url), 1);
                }
            }
            _ => self.take_small(&capture),
        }
    }

    /// The elements that only one of feed and entry has.
    fn take_small(&mut self, capture: &Capture<'a>) {
        let word = capture.word();
        match (capture.field, &mut self.entry) {
            (Field::Comments, Some(draft)) => draft.entry.comments = resolve(&capture.base, word),
            (Field::Duration, Some(draft)) => draft.duration_seconds = duration(word),
            (Field::Language, Some(draft)) => draft.entry.language = language_tag(word),
            (Field::Language, None) => {
                let known = self.feed.feed.language.take();
                self.feed.feed.language = language_tag(word).or(known);
            }
            (Field::Ttl, None) => self.feed.feed.ttl_minutes = word.parse().ok(),
            (Field::Hour, None) => {
                let hours = &mut self.feed.feed.skip_hours;
                // RSS 0.91 counts from 1 to 24.
                let hour = word.parse::<u8>().ok().filter(|hour| *hour <= 24);
                if let Some(hour) = hour
                    .map(|hour| hour % 24)
                    .filter(|hour| !hours.contains(hour))
                {
                    hours.push(hour);
                }
            }
            (Field::Day, None) => {
                let day = DAYS.iter().position(|day| word.eq_ignore_ascii_case(day));
                let day = day.and_then(|day| u8::try_from(day).ok());
                let days = &mut self.feed.feed.skip_days;
                days.extend(day.filter(|day| !days.contains(day)));
            }
            (Field::Period, None) => {
                let period = PERIODS
                    .iter()
                    .find(|(name, _)| word.eq_ignore_ascii_case(name));
                if let Some((_, minutes)) = period {
                    let times = self.feed.frequency.max(1);
                    self.feed.feed.update_minutes = Some((minutes / times).max(1));
                }
            }
            (Field::Frequency, None) => {
                let times = word.parse().unwrap_or(1_u32).max(1);
                self.feed.frequency = times;
                let period = &mut self.feed.feed.update_minutes;
                *period = period.map(|minutes| (minutes / times).max(1));
            }
            _ => {}
        }
    }

    fn take_summary(&mut self, capture: Capture<'a>, rank: u8) {
        if self.entry.is_some() {
            self.say(Said::Summary(capture.html()), rank);
        } else {
            let (subtitle, html) = capture.line();
            self.feed.say_subtitle(subtitle, html, rank);
        }
    }

    fn say(&mut self, said: Said, rank: u8) {
        match &mut self.entry {
            Some(draft) => draft.say(said, rank),
            None => self.feed.say(said, rank),
        }
    }

    fn take_link(&mut self, capture: &Capture<'a>) {
        if let Some(url) = self.address(&capture.base, capture.word()) {
            self.say(Said::Link(url), 0);
        }
    }

    fn take_id(&mut self, capture: &Capture<'a>) {
        let Some(id) = some(capture.word().to_owned()) else {
            return;
        };
        let Some(draft) = &mut self.entry else { return };
        let permalink = attribute(capture.attributes, "ispermalink");
        let permalink = permalink.map(|value| value.trim().eq_ignore_ascii_case("true"));
        if id.contains("://") && permalink != Some(false) {
            draft.permalink = resolve(&None, &id);
        } else if id.contains('/') && permalink == Some(true) {
            draft.permalink = resolve(&capture.base, &id);
        }
        draft.entry.guid = Some(id);
    }

    fn take_category(&mut self, capture: &Capture<'a>) {
        let term = plain(capture.word());
        if !term.is_empty() {
            let scheme = scheme(capture.attributes);
            self.add_category(Category {
                term,
                scheme,
                label: None,
            });
        }
    }

    fn add_category(&mut self, category: Category) {
        if let Some(draft) = &mut self.entry {
            draft.add_category(category);
        }
    }

    fn moment(&mut self, capture: &Capture<'a>) -> Option<OffsetTimestamp> {
        let feed = &self.feed.feed;
        let chinese = is_chinese(feed.language.as_deref(), &feed.title);
        let read = date::parse_in(capture.word(), chinese);
        if read.is_none() && !capture.word().is_empty() {
            let message = format!("no date: `{}`", brief(capture.word()));
            self.tokens.issues.note(capture.at, message);
        }
        read
    }

    pub(super) fn enclosure(&mut self, attributes: &str) {
        let base = super::base_of(attributes, self.base());
        let address = first_of(&["url", "href"], attributes);
        let length = attribute(attributes, "length");
        let media_type = attribute(attributes, "type");
        if let Some(address) = address {
            self.add_enclosure(&base, &address, media_type, length.as_deref(), None);
        }
    }

    pub(super) fn media_content(&mut self, attributes: &str) {
        let base = self.base().clone();
        let Some(address) = attribute(attributes, "url") else {
            return;
        };
        let length = attribute(attributes, "filesize");
        let media_type = attribute(attributes, "type");
        let medium = attribute(attributes, "medium").unwrap_or_default();
        let is_image = medium == "image"
            || media_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("image/"));
        if is_image {
            self.say_image(&address, 1);
        }
        self.add_enclosure(&base, &address, media_type, length.as_deref(), None);
    }

    pub(super) fn thumbnail(&mut self, attributes: &str) {
        let address = first_of(&["url", "href"], attributes);
        self.say_image(&address.unwrap_or_default(), 0);
    }

    pub(super) fn say_image(&mut self, address: &str, rank: u8) {
        if let Some(url) = resolve(self.base(), address) {
            self.say(Said::Image(url), rank);
        }
    }

    pub(super) fn itunes_category(&mut self, attributes: &str) {
        if let Some(term) = attribute(attributes, "text")
            .map(|text| collapse(&text))
            .and_then(some)
        {
            let scheme = Some("http://www.itunes.com/".to_owned());
            self.add_category(Category {
                term,
                scheme,
                label: None,
            });
        }
    }

    fn add_enclosure(
        &mut self,
        base: &Base,
        address: &str,
        media_type: Option<String>,
        length: Option<&str>,
        title: Option<String>,
    ) {
        let Some(url) = self.address(base, address) else {
            return;
        };
        let Some(draft) = &mut self.entry else { return };
        draft.add_enclosure(Enclosure {
            url,
            media_type: media_type.map(|kind| kind.trim().to_owned()).and_then(some),
            length: length.and_then(|length| length.trim().parse().ok()),
            duration_seconds: None,
            title,
        });
    }
}

/// The first of several attributes that is there.
fn first_of(names: &[&str], attributes: &str) -> Option<String> {
    names.iter().find_map(|name| attribute(attributes, name))
}

/// The scheme of a category: Atom's name for it, or RSS's.
fn scheme(attributes: &str) -> Option<String> {
    first_of(&["scheme", "domain"], attributes).and_then(|scheme| some(collapse(&scheme)))
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Seconds, `mm:ss` or `hh:mm:ss`.
fn duration(text: &str) -> Option<u64> {
    let mut seconds = 0_u64;
    for piece in text.split(':').take(3) {
        let whole = piece.split('.').next().unwrap_or_default();
        seconds = seconds
            .checked_mul(60)?
            .checked_add(whole.trim().parse().ok()?)?;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn the_publishers_rhythm_is_read() {
        let read = |channel: &str| {
            let document = format!(
                "<rss version='2.0' xmlns:s='http://purl.org/rss/1.0/modules/syndication/'>\
                 <channel><title>T</title>{channel}</channel></rss>"
            );
            parse(document.as_bytes(), None, None).value
        };
        let weekend = "<skipDays><day>Saturday</day><day>sunday</day><day>Noday</day></skipDays>";
        assert_eq!(read(weekend).skip_days, [5, 6]);
        let (hourly, twice) = (
            "<s:updatePeriod> hourly </s:updatePeriod>",
            "<s:updateFrequency>2</s:updateFrequency>",
        );
        assert_eq!(read(hourly).update_minutes, Some(60));
        assert_eq!(read(&format!("{hourly}{twice}")).update_minutes, Some(30));
        assert_eq!(read(&format!("{twice}{hourly}")).update_minutes, Some(30));
        assert_eq!(read(twice).update_minutes, None);
    }
}
