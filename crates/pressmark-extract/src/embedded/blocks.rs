//! Lists of blocks, as editors and content systems store them, written as HTML.

use pressmark_html::{attribute, escape};
use serde_json::{Map, Value};

use super::state::State;

/// The members that tell what a block is.
const KINDS: [&str; 7] = [
    "type",
    "_type",
    "nodeType",
    "name",
    "__typename",
    "tag",
    "kind",
];
/// The members that hold what stands in a block.
const CONTENTS: [&str; 14] = [
    "html",
    "text",
    "content",
    "children",
    "value",
    "body",
    "blocks",
    "elements",
    "items",
    "model",
    "data",
    "attributes",
    "props",
    "__html",
];

/// What a block is.
enum Kind {
    /// Nothing of the article.
    Skip,
    Image,
    /// A player or a post: where it is.
    Embed,
    /// An element of this name, which holds a line, or blocks.
    Line(&'static str),
    Holder(&'static str),
    /// A part of a line.
    Part,
    /// Whatever it holds.
    Other,
}

pub(super) struct Blocks<'s> {
    state: &'s State,
    out: String,
}

impl<'s> Blocks<'s> {
    /// A list as HTML, if most of its items are blocks.
    pub(super) fn of(state: &'s State, list: &[Value]) -> Option<String> {
        let blocks = list.iter().filter(|item| is_block(state, item)).count();
        if blocks < 2 || blocks * 2 < list.len() {
            return None;
        }
        let mut html = Blocks {
            state,
            out: String::new(),
        };
        html.list(list, false);
        Some(html.out)
    }

    fn list(&mut self, list: &[Value], in_line: bool) {
        if let Some((tag, props)) = element(list) {
            self.element(tag, props, in_line);
            return;
        }
        for item in list {
            self.value(item, in_line);
        }
    }

    fn value(&mut self, value: &Value, in_line: bool) {
        match value {
            Value::String(text) => {
                let text = self.state.text(text);
                if has_markup(text) {
                    self.out.push_str(text);
                } else if in_line {
                    self.out.push_str(&escape(text));
                } else {
                    self.out.push_str(&paragraphs(text));
                }
            }
            Value::Array(list) => self.list(list, in_line),
            Value::Object(members) if !is_card(members) => self.object(members, in_line),
            _ => {}
        }
    }

    fn object(&mut self, members: &Map<String, Value>, in_line: bool) {
        let Some(content) = content(members) else {
            return self.media(members);
        };
        match kind(members) {
            Kind::Skip => {}
            Kind::Image | Kind::Embed => self.media(members),
            Kind::Line(_) if in_line => self.value(content, true),
            Kind::Line(tag) => self.within(tag, content, true),
            Kind::Holder(tag) => self.within(tag, content, false),
            Kind::Part => match address(members) {
                _ if !in_line => self.within("p", content, true),
                Some(address) => {
                    self.out.push_str("<a");
                    attribute(&mut self.out, "href", address);
                    self.out.push('>');
                    self.value(content, true);
                    self.out.push_str("</a>");
                }
                None => self.value(content, true),
            },
            Kind::Other => self.value(content, in_line),
        }
    }

    fn within(&mut self, tag: &str, content: &Value, in_line: bool) {
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push('>');
        self.value(content, in_line);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// A picture with its caption, or a player.
    fn media(&mut self, members: &Map<String, Value>) {
        let Some(address) = address(members) else {
            return;
        };
        match kind(members) {
            Kind::Image => {
                self.out.push_str("<figure><img");
                attribute(&mut self.out, "src", address);
                if let Some(alt) = members.get("alt").and_then(Value::as_str) {
                    attribute(&mut self.out, "alt", alt);
                }
                self.out.push('>');
                if let Some(caption) = members.get("caption").filter(|caption| caption.is_string())
                {
                    self.within("figcaption", caption, true);
                }
                self.out.push_str("</figure>");
            }
            Kind::Embed => {
                self.out.push_str("<iframe");
                attribute(&mut self.out, "src", address);
                self.out.push_str("></iframe>");
            }
            _ => {}
        }
    }

    /// An element of React: its name and its properties.
    fn element(&mut self, tag: &str, props: &Map<String, Value>, in_line: bool) {
        let known = [
            "a",
            "b",
            "blockquote",
            "br",
            "em",
            "figcaption",
            "figure",
            "h2",
            "h3",
            "h4",
            "i",
            "img",
            "li",
            "ol",
            "p",
            "strong",
            "ul",
        ];
        let known = known.contains(&tag);
        if known {
            self.out.push('<');
            self.out.push_str(tag);
            for name in ["href", "src", "alt"] {
                if let Some(value) = props.get(name).and_then(Value::as_str) {
                    attribute(&mut self.out, name, value);
                }
            }
            self.out.push('>');
        }
        let html = props.get("dangerouslySetInnerHTML");
        if let Some(inner) = html
            .and_then(|html| html.get("__html"))
            .or_else(|| props.get("children"))
        {
            self.value(inner, in_line || known);
        }
        if known && !matches!(tag, "br" | "img") {
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        }
    }
}

/// Whether an item of a list is a block with a text.
fn is_block(state: &State, item: &Value) -> bool {
    match item {
        Value::String(text) => state.text(text).len() >= 60,
        Value::Array(list) => element(list).is_some_and(|(tag, props)| {
            let texts = ["p", "h2", "h3", "h4", "ul", "ol", "blockquote", "figure"];
            texts.contains(&tag) && props.contains_key("children")
        }),
        Value::Object(members) => {
            let told = KINDS
                .iter()
                .any(|name| members.get(*name).is_some_and(Value::is_string));
            told && !is_card(members) && (content(members).is_some() || address(members).is_some())
        }
        _ => false,
    }
}

/// Whether an object is about another page: it has a title and an address.
fn is_card(members: &Map<String, Value>) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
    has(&["title", "headline"]) && has(&["url", "slug", "href", "link", "permalink", "path"])
}

fn content(members: &Map<String, Value>) -> Option<&Value> {
    CONTENTS.iter().find_map(|name| match members.get(*name)? {
        Value::String(text) if text.is_empty() => None,
        Value::Object(inner) => content(inner),
        value @ (Value::String(_) | Value::Array(_)) => Some(value),
        _ => None,
    })
}

fn address(members: &Map<String, Value>) -> Option<&str> {
    let inner = ["data", "attributes", "attrs", "model"];
    let inner = inner
        .iter()
        .filter_map(|name| members.get(*name)?.as_object());
    std::iter::once(members)
        .chain(inner)
        .flat_map(|members| ["src", "url", "href", "uri"].map(|name| members.get(name)))
        .find_map(|address| address?.as_str())
        .filter(|address| !address.is_empty())
}

/// `["$", "p", key, { "children": … }]`.
fn element(list: &[Value]) -> Option<(&str, &Map<String, Value>)> {
    match list {
        [
            Value::String(mark),
            Value::String(tag),
            _,
            Value::Object(props),
            ..,
        ] if mark == "$" => Some((tag, props)),
        _ => None,
    }
}

fn kind(members: &Map<String, Value>) -> Kind {
    let style = members.get("style").and_then(Value::as_str);
    let style = style.filter(|style| matches!(*style, "h1" | "h2" | "h3" | "h4" | "blockquote"));
    let told = || KINDS.iter().find_map(|name| members.get(*name)?.as_str());
    let name = style.or_else(told).unwrap_or_default();
    let name = name.rsplit(['/', '.', ':']).next().unwrap_or(name);
    let name = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match name.as_str() {
        "ad" | "ads" => Kind::Skip,
        "p" | "paragraph" | "unstyled" | "normal" | "block" => Kind::Line("p"),
        "a" | "span" | "text" | "link" | "hyperlink" | "leaf" | "strong" | "em" => Kind::Part,
        "li" => Kind::Holder("li"),
        "ul" => Kind::Holder("ul"),
        "ol" => Kind::Holder("ol"),
        _ if has(&[
            "advert",
            "related",
            "teaser",
            "newsletter",
            "promo",
            "interstitial",
        ]) =>
        {
            Kind::Skip
        }
        _ if has(&["image", "photo", "picture"]) => Kind::Image,
        _ if has(&["embed", "video", "audio", "tweet", "iframe"]) => Kind::Embed,
        _ if has(&["list-item", "list_item", "listitem"]) => Kind::Holder("li"),
        _ if has(&["heading", "header", "subhead", "crosshead"]) => Kind::Line("h2"),
        "h1" | "h2" | "h3" | "h4" => Kind::Line("h2"),
        _ if has(&["quote"]) => Kind::Holder("blockquote"),
        _ if has(&["ordered-list", "orderedlist"]) && !has(&["unordered"]) => Kind::Holder("ol"),
        _ if has(&["list"]) => Kind::Holder("ul"),
        _ => Kind::Other,
    }
}

/// Whether a text has a tag.
pub(super) fn has_markup(text: &str) -> bool {
    text.split('<').skip(1).any(|piece| {
        piece.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && piece.contains('>')
    })
}

/// A plain text with a paragraph for each line.
pub(super) fn paragraphs(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        html.push_str("<p>");
        html.push_str(&escape(line.trim()));
        html.push_str("</p>");
    }
    html
}
