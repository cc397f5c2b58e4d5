//! RSS, RDF, Atom and sitemaps in one pass over their tokens.

use pressmark_model::{Feed, FeedFormat, Person};

use super::capture::{At, Capture};
use super::draft::{EntryDraft, FeedDraft, add_person};
use super::element::{Element, Field, Place, classify};
use crate::address::Base;
use crate::issues::Issues;
use crate::person;
use crate::text::{attribute, collapse, is_html, language_tag};
use crate::xml::{Entities, Names, Space, Tag, Token, Tokens};

/// More entries than this are left out: a sitemap may have no more.
pub(super) const MOST_ENTRIES: usize = 50_000;
/// How deep elements may stand in each other.
const DEEPEST: usize = 128;

/// An open element.
#[derive(Debug)]
struct Frame<'a> {
    /// The qualified name.
    name: &'a str,
    /// Where its children stand.
    place: Place,
    base: Base,
    /// The namespace declarations before it.
    names: usize,
    /// Whether the entry ends with it.
    is_entry: bool,
}

/// The state of reading one document.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) tokens: Tokens<'a>,
    names: Names<'a>,
    entities: Entities,
    frames: Vec<Frame<'a>>,
    /// Elements that are open deeper than is followed.
    deeper: usize,
    capture: Option<Capture<'a>>,
    document: Base,
    pub(super) feed: FeedDraft,
    pub(super) entry: Option<EntryDraft>,
    pub(super) person: Person,
    /// Text directly inside a group.
    loose: String,
    /// Where the token that is being read begins.
    pub(super) at: usize,
    finished: bool,
    too_many: bool,
}

/// Reads an XML document. The format is unknown where no feed is in it.
pub(crate) fn read(text: &str, document: Base, issues: Issues) -> (Feed, Issues) {
    let mut reader = Reader {
        tokens: Tokens::new(text, issues),
        names: Names::default(),
        entities: Entities::default(),
        frames: Vec::new(),
        deeper: 0,
        capture: None,
        document,
        feed: FeedDraft::default(),
        entry: None,
        person: Person::default(),
        loose: String::new(),
        at: 0,
        finished: false,
        too_many: false,
    };
    reader.run();
    (reader.feed.finish(), reader.tokens.issues)
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        while !self.finished {
            self.at = self.tokens.position();
            let open = match &self.capture {
                Some(capture) => capture.open_name(),
                None => self.frames.last().map_or("", |frame| frame.name),
            };
            let Some(token) = self.tokens.next(open) else {
                break;
            };
            match token {
                Token::Text(text) => self.text(text),
                Token::CData(text) => self.cdata(text),
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(name),
                Token::Doctype(text) => self.entities.declare(text),
            }
        }
        if !self.finished && !self.frames.is_empty() {
            self.note("the document ends before its elements do");
        }
        // Of a text a part is something; an address or a date would be another one.
        let kept = |field: Field| field.is_body() || matches!(field, Field::Title(_));
        if self.capture.as_ref().is_some_and(|cut| !kept(cut.field)) {
            self.capture = None;
        }
        self.finish_capture();
        self.leave_down_to(0);
        if self.entities.exhausted() {
            self.tokens
                .issues
                .note_whole("entities that grow too large are left out");
        }
    }

    pub(super) fn note(&mut self, message: impl Into<String>) {
        self.tokens.issues.note(self.at, message);
    }

    pub(super) fn place(&self) -> Place {
        self.frames
            .last()
            .map_or(Place::Outside, |frame| frame.place)
    }

    /// The base of addresses at this place.
    pub(super) fn base(&self) -> &Base {
        self.frames
            .last()
            .map_or(&self.document, |frame| &frame.base)
    }

    fn format(&self) -> FeedFormat {
        self.feed.feed.format
    }

    fn text(&mut self, text: &str) {
        if let Some(capture) = &mut self.capture {
            capture.push_text(text, &mut self.entities);
        } else if self.takes_loose(text) {
            self.entities.resolve(text, &mut self.loose);
        }
        if self.entities.take_stray() {
            self.note("`&` that begins no reference");
        }
    }

    fn cdata(&mut self, text: &str) {
        if let Some(capture) = &mut self.capture {
            capture.push_cdata(text);
        } else if self.takes_loose(text) {
            self.loose.push_str(text);
        }
    }

    fn takes_loose(&self, text: &str) -> bool {
        const MOST: usize = 4096;
        matches!(self.place(), Place::Person | Place::Image) && self.loose.len() + text.len() < MOST
    }

    fn start(&mut self, tag: Tag<'a>) {
        let mut mark = self.names.mark();
        self.names.declare(tag.attributes);
        let (space, local) = self.names.resolve(tag.name);
        let mut buffer = [0_u8; 20];
        let local = lower(local, &mut buffer);
        if self.capture.is_some() && self.ends_capture(space, local) {
            self.note("an element is not closed");
            self.finish_capture();
            mark = self.names.mark();
            self.names.declare(tag.attributes);
        }
        if let Some(capture) = &mut self.capture {
            if !capture.push_start(tag, is_html_space(space), mark) {
                self.names.leave(mark);
            }
            return;
        }
        self.open(tag, space, local, mark);
        if tag.empty {
            self.names.leave(mark);
        }
    }

    /// Whether this start tag cannot stand in the text that is being read, so that the end tag was
    /// forgotten.
    fn ends_capture(&self, space: Space, local: &str) -> bool {
        let Some(capture) = &self.capture else {
            return false;
        };
        if space == Space::Core && matches!(local, "item" | "entry") {
            return true;
        }
        let known = classify(space, local, self.place(), self.format());
        if known == Element::Unknown || capture.is_markup() || is_html(local) {
            return false;
        }
        let never_html = space != Space::Core
            || matches!(
                local,
                "pubdate" | "guid" | "published" | "updated" | "enclosure" | "author" | "comments"
            );
        !capture.field.is_body() || never_html && space != Space::Xhtml
    }

    fn open(&mut self, tag: Tag<'a>, space: Space, local: &str, mark: usize) {
        if self.frames.len() >= DEEPEST {
            if self.deeper == 0 {
                self.note("elements stand too deep in each other");
            }
            self.deeper += usize::from(!tag.empty);
            self.names.leave(mark);
            return;
        }
        let element = classify(space, local, self.place(), self.format());
        match element {
            Element::Root(format) => self.open_root(tag, format, mark),
            Element::Entry => self.open_entry(tag, mark),
            Element::Group(place) => self.push_frame(tag, place, mark),
            Element::Author => {
                self.person = Person::default();
                self.push_frame(tag, Place::Person, mark);
            }
            Element::Text(field) => self.open_field(tag, field, mark),
            Element::Enclosure => {
                self.enclosure(tag.attributes);
                self.push_frame(tag, Place::Ignored, mark);
            }
            Element::MediaContent => {
                self.media_content(tag.attributes);
                self.push_frame(tag, Place::Media, mark);
            }
            Element::Thumbnail => {
                self.thumbnail(tag.attributes);
                self.push_frame(tag, Place::Ignored, mark);
            }
            Element::ItunesCategory => {
                self.itunes_category(tag.attributes);
                let place = self.place();
                self.push_frame(tag, place, mark);
            }
            Element::Unknown if self.place() == Place::Outside => self.open_outside(local),
            Element::Unknown => self.push_frame(tag, Place::Ignored, mark),
        }
    }

    /// An element before the root: a message of the server, or a web page that is no feed.
    fn open_outside(&mut self, local: &str) {
        if local == "html" {
            self.finished = true;
            self.note("this is a web page");
        } else {
            self.note("an element before the feed");
        }
    }

    fn open_root(&mut self, tag: Tag<'a>, format: FeedFormat, mark: usize) {
        self.feed.feed.format = format;
        self.feed.feed.version = version(tag, format);
        self.feed.feed.language = language(tag.attributes);
        self.push_frame(tag, Place::Feed, mark);
    }

    fn open_entry(&mut self, tag: Tag<'a>, mark: usize) {
        if self.format() == FeedFormat::Unknown {
            self.feed.feed.format = FeedFormat::Atom;
            "1.0".clone_into(&mut self.feed.feed.version);
        }
        if self.entry.is_some() {
            if self.place() == Place::Ignored {
                // Part of something else that stands in the entry.
                self.push_frame(tag, Place::Ignored, mark);
                return;
            }
            self.note("an entry is not closed");
            let first = self
                .frames
                .iter()
                .position(|frame| frame.is_entry)
                .unwrap_or(0);
            // The declarations of this tag go with those that are left.
            self.leave_down_to(first);
            self.names.declare(tag.attributes);
        }
        let mut draft = EntryDraft::default();
        draft.entry.language = language(tag.attributes);
        if let Some(about) = attribute(tag.attributes, "rdf:about") {
            draft.permalink = crate::address::resolve(&None, &about);
            draft.entry.guid = Some(about);
        }
        self.entry = Some(draft);
        self.push_frame(tag, Place::Entry, self.names.mark().min(mark));
        if let Some(frame) = self.frames.last_mut() {
            frame.is_entry = true;
        }
        if tag.empty {
            self.leave_down_to(self.frames.len() - 1);
        }
    }

    /// Opens an element. An empty one is closed at once, unless something has to be done then.
    fn push_frame(&mut self, tag: Tag<'a>, place: Place, names: usize) {
        self.loose.clear();
        let is_entry = place == Place::Entry && self.place() != Place::Entry;
        if tag.empty && !is_entry {
            return;
        }
        let base = super::base_of(tag.attributes, self.base());
        self.frames.push(Frame {
            name: tag.name,
            place,
            base,
            names,
            is_entry: false,
        });
    }

    fn open_field(&mut self, tag: Tag<'a>, field: Field, names: usize) {
        if !self.before_field(tag, field) {
            // The attributes said it all.
            self.push_frame(tag, Place::Ignored, names);
            return;
        }
        let kind = self.kind_of(tag.attributes, field);
        let base = super::base_of(tag.attributes, self.base());
        let place = At {
            byte: self.at,
            names,
        };
        self.capture = Some(Capture::new(tag, field, kind, base, place));
        if tag.empty {
            self.finish_capture();
        }
    }

    fn end(&mut self, name: &str) {
        if self.deeper > 0 && self.capture.is_none() {
            self.deeper -= 1;
            return;
        }
        let is_open = |frame: &Frame<'_>| frame.name.eq_ignore_ascii_case(name);
        if let Some(capture) = &mut self.capture {
            let html = is_html_space(self.names.resolve(name).0);
            if let Some(names) = capture.push_end(name, html) {
                self.names.leave(names);
                return;
            }
            if capture.name.eq_ignore_ascii_case(name) {
                self.finish_capture();
                return;
            }
            if !self.frames.iter().any(is_open) {
                self.note("an end tag without a start tag");
                return;
            }
            let open = capture.name;
            self.note(format!("`{open}` is not closed"));
            self.finish_capture();
        }
        match self.frames.iter().rposition(is_open) {
            Some(found) => {
                if found + 1 < self.frames.len() {
                    self.note("elements are not closed");
                }
                self.leave_down_to(found);
                self.finished = self.frames.is_empty();
            }
            None => self.note("an end tag without a start tag"),
        }
    }

    /// Closes elements until so many are open.
    fn leave_down_to(&mut self, depth: usize) {
        while self.frames.len() > depth {
            let Some(frame) = self.frames.pop() else {
                break;
            };
            self.names.leave(frame.names);
            match frame.place {
                Place::Person => self.finish_person(),
                Place::Image => self.finish_image(),
                _ => {}
            }
            if frame.is_entry {
                self.finish_entry();
            }
        }
        self.deeper = 0;
    }

    fn finish_entry(&mut self) {
        let Some(draft) = self.entry.take() else {
            return;
        };
        let entries = &mut self.feed.feed.entries;
        if entries.len() < MOST_ENTRIES {
            entries.push(draft.finish());
        } else if !self.too_many {
            self.too_many = true;
            self.note(format!("only the first {MOST_ENTRIES} entries are read"));
        }
    }

    fn finish_person(&mut self) {
        let mut found = std::mem::take(&mut self.person);
        let loose = std::mem::take(&mut self.loose);
        if found.name.is_empty() && found.email.is_none() {
            let Some(read) = person::parse(&loose) else {
                return;
            };
            found = Person {
                uri: found.uri,
                ..read
            };
        } else if found.name.is_empty() {
            found.name = found.email.clone().unwrap_or_default();
        }
        self.add_author(found);
    }

    pub(super) fn add_author(&mut self, person: Person) {
        match &mut self.entry {
            Some(draft) => add_person(&mut draft.entry.authors, person),
            None => add_person(&mut self.feed.feed.authors, person),
        }
    }

    fn finish_image(&mut self) {
        let loose = std::mem::take(&mut self.loose);
        self.say_image(&loose, 2);
    }

    fn finish_capture(&mut self) {
        let Some(capture) = self.capture.take() else {
            return;
        };
        self.names.leave(capture.names);
        if capture.is_full() {
            self.tokens
                .issues
                .note(capture.at, format!("`{}` is too long", capture.name));
        }
        self.take_field(capture);
    }
}

/// Whether HTML has the elements of a namespace, without their prefixes.
fn is_html_space(space: Space) -> bool {
    matches!(space, Space::Xhtml | Space::Foreign)
}

/// `xml:lang`, where it says something.
fn language(attributes: &str) -> Option<String> {
    if !attributes.contains("xml:lang") {
        return None;
    }
    attribute(attributes, "xml:lang").and_then(|tag| language_tag(&tag))
}

/// A name in lower case; none that is known is longer than the buffer.
fn lower<'b>(name: &'b str, buffer: &'b mut [u8; 20]) -> &'b str {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return name;
    }
    let Some(space) = buffer.get_mut(..name.len()) else {
        return name;
    };
    space.copy_from_slice(name.as_bytes());
    space.make_ascii_lowercase();
    std::str::from_utf8(space).unwrap_or(name)
}

/// The version of a format as written, else by the namespaces.
fn version(tag: Tag<'_>, format: FeedFormat) -> String {
    if format == FeedFormat::Sitemap {
        let index = tag.name.len() > "urlset".len();
        return if index {
            "index".to_owned()
        } else {
            String::new()
        };
    }
    if let Some(written) = attribute(tag.attributes, "version") {
        return collapse(&written);
    }
    let old = match format {
        FeedFormat::Rdf => Some(("netscape.com/rdf/simple/0.9", "0.90")),
        FeedFormat::Atom => Some(("purl.org/atom", "0.3")),
        _ => None,
    };
    let version = match old {
        Some((namespace, version)) if tag.attributes.contains(namespace) => version,
        Some(_) => "1.0",
        None => "",
    };
    version.to_owned()
}
