//! OPML 2.0 (<https://opml.org/spec2.opml>): lists of subscriptions.

use std::borrow::Cow;

use pressmark_model::Parsed;

use crate::charset;
use crate::control;
use crate::issues::Issues;
use crate::text::{MOST_ATTRIBUTES, collapse};
use crate::write::xml::Xml;
use crate::xml::{Attributes, Tag, Token, Tokens, decode_html};

/// A list of subscriptions in folders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opml {
    /// What the list is called.
    pub title: String,
    /// Prefixes and namespaces that attributes of the outlines use, such as `frss`.
    pub namespaces: Vec<(String, String)>,
    /// Subscriptions and folders.
    pub outlines: Vec<Outline>,
}

/// A subscription, or a folder of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// What it is called: `text`, else `title`.
    pub text: String,
    /// The address of the feed as written; a folder has none.
    pub xml_url: Option<String>,
    /// The address of the site as written.
    pub html_url: Option<String>,
    /// All other attributes, in their order: names as written, values plain text.
    pub attributes: Vec<(String, String)>,
    /// What stands in the folder.
    pub outlines: Vec<Outline>,
}

/// How deep folders may stand in each other; what is deeper goes into the last.
const DEEPEST: usize = 32;
/// More outlines than this are left out.
const MOST: usize = 100_000;

/// Reads a list of subscriptions. Reading never fails: the issues say what was wrong.
pub fn parse_opml(bytes: &[u8]) -> Parsed<Opml> {
    let mut issues = Issues::default();
    let text = control::without(charset::decode(bytes, None, &mut issues), &mut issues);
    let mut reader = Reader {
        tokens: Tokens::new(&text, issues),
        opml: Opml::default(),
        open: Vec::new(),
        deeper: 0,
        count: 0,
        is_opml: false,
    };
    reader.run();
    let Reader { opml, tokens, .. } = reader;
    Parsed {
        value: opml,
        issues: tokens.issues.finish(&text),
    }
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    opml: Opml,
    /// The folders that are open.
    open: Vec<Outline>,
    deeper: usize,
    count: usize,
    is_opml: bool,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        let mut element: &'a str = "";
        while let Some(token) = self.tokens.next(element) {
            match token {
                Token::Start(tag) => {
                    element = tag.name;
                    self.start(tag);
                }
                Token::End(name) => {
                    element = "";
                    if name.eq_ignore_ascii_case("outline") {
                        self.end();
                    }
                }
                Token::Text(text) if is_title(element) => {
                    let mut title = String::new();
                    decode_html(text, &mut title);
                    self.opml.title.push_str(&title);
                }
                Token::CData(text) if is_title(element) => self.opml.title.push_str(text),
                Token::Text(_) | Token::CData(_) | Token::Doctype(_) => {}
            }
        }
        if !self.open.is_empty() {
            self.tokens
                .issues
                .note(self.tokens.position(), "the document ends inside a folder");
        }
        while !self.open.is_empty() {
            self.end();
        }
        self.opml.title = collapse(&self.opml.title);
        if !self.is_opml {
            self.tokens.issues.note_whole("this is no OPML");
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        if tag.name.eq_ignore_ascii_case("opml") {
            self.is_opml = true;
            let declared = attributes(tag)
                .filter_map(|(name, value)| Some((name.strip_prefix("xmlns:")?.to_owned(), value)));
            self.opml.namespaces.extend(declared);
        }
        if !tag.name.eq_ignore_ascii_case("outline") {
            return;
        }
        self.count += 1;
        if self.count > MOST {
            if self.count == MOST + 1 {
                self.tokens.issues.note(
                    self.tokens.position(),
                    format!("only the first {MOST} outlines are read"),
                );
            }
            self.deeper += usize::from(!tag.empty);
            return;
        }
        let outline = outline(tag);
        if tag.empty {
            self.add(outline);
        } else if self.open.len() < DEEPEST {
            self.open.push(outline);
        } else {
            self.deeper += 1;
            self.add(outline);
        }
    }

    fn end(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(outline) = self.open.pop() {
            self.add(outline);
        }
    }

    fn add(&mut self, outline: Outline) {
        let folder = self
            .open
            .last_mut()
            .map_or(&mut self.opml.outlines, |open| &mut open.outlines);
        folder.push(outline);
    }
}

fn is_title(element: &str) -> bool {
    element.eq_ignore_ascii_case("title")
}

fn attributes(tag: Tag<'_>) -> impl Iterator<Item = (&str, String)> {
    Attributes::new(tag.attributes)
        .take(MOST_ATTRIBUTES)
        .map(|attribute| {
            let mut value = String::with_capacity(attribute.value.len());
            decode_html(attribute.value, &mut value);
            (attribute.name, value)
        })
}

fn outline(tag: Tag<'_>) -> Outline {
    let mut outline = Outline::default();
    for (name, value) in attributes(tag) {
        match &*name.to_ascii_lowercase() {
            "text" => outline.text = collapse(&value),
            "xmlurl" => outline.xml_url = Some(value.trim().to_owned()),
            "htmlurl" => outline.html_url = Some(value.trim().to_owned()),
            _ => outline.attributes.push((name.to_owned(), value)),
        }
    }
    if outline.text.is_empty() {
        let title = outline.attributes.iter().find(|(name, _)| is_title(name));
        outline.text = title.map(|(_, title)| collapse(title)).unwrap_or_default();
    }
    outline
}

/// Writes a list of subscriptions.
pub fn write_opml(opml: &Opml) -> String {
    let mut xml = Xml::new();
    let declared: Vec<(Cow<'_, str>, &str)> = opml
        .namespaces
        .iter()
        .map(|(prefix, namespace)| (format!("xmlns:{prefix}").into(), namespace.as_str()))
        .collect();
    let mut attributes = vec![("version", "2.0")];
    attributes.extend(
        declared
            .iter()
            .map(|(name, namespace)| (&**name, *namespace)),
    );
    xml.open("opml", &attributes);
    xml.open("head", &[]);
    xml.text("title", &[], &opml.title);
    xml.close("head");
    xml.open("body", &[]);
    opml.outlines
        .iter()
        .for_each(|outline| write_outline(&mut xml, outline));
    xml.close("body");
    xml.close("opml");
    xml.finish()
}

fn write_outline(xml: &mut Xml, outline: &Outline) {
    let mut attributes = vec![("text", outline.text.as_str())];
    attributes.extend(
        outline
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    if let Some(url) = &outline.xml_url {
        if !outline.attributes.iter().any(|(name, _)| name == "type") {
            attributes.push(("type", "rss"));
        }
        attributes.push(("xmlUrl", url));
    }
    attributes.extend(outline.html_url.as_deref().map(|url| ("htmlUrl", url)));
    if outline.outlines.is_empty() {
        xml.empty("outline", &attributes);
        return;
    }
    xml.open("outline", &attributes);
    outline
        .outlines
        .iter()
        .for_each(|inner| write_outline(xml, inner));
    xml.close("outline");
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<?xml version='1.0'?><opml version='2.0' xmlns:frss='https://freshrss.org/opml'>
        <head><title>My &amp; your feeds</title></head><body>
        <outline text='News'><outline text='Café &lt;1>' title='Long' type='rss' xmlUrl='https://a.example/feed?a=1&amp;b=2'
          htmlUrl='https://a.example/' frss:cssFullContent='div > p, \"x\"' miniflux:crawler='true'/>
        <outline title='Deeper'><outline text='B' xmlUrl='https://b.example/'></outline></outline></outline>
        <outline text='C' xmlUrl='https://c.example/'/></body></opml>";

    #[test]
    fn folders_and_unknown_attributes_survive() {
        let read = parse_opml(LIST.as_bytes());
        assert_eq!(read.issues, []);
        let list = read.value;
        assert_eq!(list.title, "My & your feeds");
        let [news, c] = list.outlines.as_slice() else {
            panic!("{list:?}")
        };
        assert_eq!(
            (&*news.outlines[0].text, &*news.outlines[1].text),
            ("Café <1>", "Deeper")
        );
        assert_eq!(
            news.outlines[1].outlines[0].xml_url.as_deref(),
            Some("https://b.example/")
        );
        assert_eq!(c.text, "C");
        let known = (
            "frss:cssFullContent".to_owned(),
            "div > p, \"x\"".to_owned(),
        );
        assert!(news.outlines[0].attributes.contains(&known));
        let written = write_opml(&list);
        let again = parse_opml(written.as_bytes());
        assert_eq!(write_opml(&again.value), written);
        assert_eq!(again.value.namespaces, list.namespaces);
        assert_eq!(
            again.value.outlines[0].outlines[0],
            list.outlines[0].outlines[0]
        );
    }

    #[test]
    fn broken_lists_are_read_as_far_as_they_go() {
        let cut = parse_opml(
            b"<opml><body><outline text=A & B xmlUrl=http://a/><outline text='F'><outline text='x",
        );
        assert_eq!(cut.value.outlines.len(), 2);
        assert!(cut.issues.len() > 1);
        let deep = format!("<opml><body>{}", "<outline text='x'>".repeat(10_000));
        assert_eq!(parse_opml(deep.as_bytes()).value.outlines.len(), 1);
        assert!(!parse_opml(b"<html>no</html>").issues.is_empty());
    }
}
