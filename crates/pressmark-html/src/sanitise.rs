//! From a tree, or any HTML, to clean HTML: an allow-list of elements and attributes, addresses
//! absolute and of the web, nothing that acts.

use pressmark_model::WebUrl;

use crate::attr::Attr;
use crate::content::{Written, attribute, is_dropped};
use crate::embed;
use crate::picture::{image_address, is_pixel};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};
use crate::write::{Depth, Writer};

/// No address is longer, in bytes; few servers take one that is. What is longer is left out: an
/// address may be written many times, once for each paragraph that its link runs through.
const MAX_ADDRESS: usize = 8_192;

/// Reduces any HTML to elements that carry meaning: paragraphs, headings, lists, tables, figures,
/// quotes, code, and what stands in a line of text. Addresses are made absolute with `base`; those
/// that are not `http`, `https` or `mailto` go. Nothing of the output acts: no scripts, styles,
/// forms, frames or handlers; frames and players become links. Parameters that track readers are
/// taken out of links. The output is read back as it was
/// written, so sanitising it again changes nothing.
///
/// ```
/// let base = "https://news.example/a/".parse().ok();
/// let html = "<div onclick=x()>One<script>alert(1)</script> <a href=b>two</a></div>";
/// assert_eq!(
///     pressmark_html::sanitise(html, base.as_ref()),
///     "<p>One <a href=\"https://news.example/a/b\">two</a></p>"
/// );
/// ```
pub fn sanitise(html: &str, base: Option<&WebUrl>) -> String {
    let tree = Tree::parse(html);
    clean(&tree, &[NodeId::ROOT], base, &|_| Treat::Keep).html
}

/// What [`clean`] does with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treat {
    /// Writes it, and what is below it.
    Keep,
    /// Leaves it out, with all below it.
    Skip,
    /// Writes it as if it were this element.
    As(Tag),
    /// Writes it to the HTML, but not to the text.
    Quiet,
}

/// Writes these parts of a tree, in their order, as clean HTML and text. `treat` says what becomes
/// of each node. What is never shown (scripts, forms' controls, the head) is left out anyway.
pub fn clean(
    tree: &Tree<'_>,
    parts: &[NodeId],
    base: Option<&WebUrl>,
    treat: &dyn Fn(NodeId) -> Treat,
) -> Written {
    let mut cleaner = Cleaner {
        tree,
        base,
        writer: Writer::new(),
        last_image: String::new(),
        quiet_until: None,
    };
    for &part in parts {
        cleaner.part(part, treat);
    }
    cleaner.writer.finish()
}

struct Cleaner<'t, 's> {
    tree: &'t Tree<'s>,
    base: Option<&'t WebUrl>,
    writer: Writer,
    last_image: String,
    quiet_until: Option<NodeId>,
}

impl Cleaner<'_, '_> {
    fn part(&mut self, part: NodeId, treat: &dyn Fn(NodeId) -> Treat) {
        let mut open: Vec<(NodeId, Depth)> = Vec::new();
        let (mut at, end) = (part, self.tree.end(part));
        while at < end {
            while let Some((node_end, depth)) = open.last().copied()
                && node_end <= at
            {
                self.writer.close(depth);
                open.pop();
            }
            if self.quiet_until.is_some_and(|end| end <= at) {
                self.quiet_until = None;
                self.writer.set_quiet(false);
            }
            let treat = treat(at);
            if treat == Treat::Skip {
                at = self.tree.end(at);
                continue;
            }
            if treat == Treat::Quiet && self.quiet_until.is_none() {
                self.quiet_until = Some(self.tree.end(at));
                self.writer.set_quiet(true);
            }
            match self.enter(at, treat) {
                Enter::Into(depth) => {
                    open.push((self.tree.end(at), depth));
                    at = NodeId::from_index(at.index() + 1);
                }
                Enter::Past => at = self.tree.end(at),
                Enter::Inside => at = NodeId::from_index(at.index() + 1),
            }
        }
        if let Some((_, depth)) = open.first() {
            self.writer.close(*depth);
        }
        self.quiet_until = None;
        self.writer.set_quiet(false);
    }

    fn enter(&mut self, id: NodeId, treat: Treat) -> Enter {
        let tag = match treat {
            Treat::As(tag) => tag,
            _ => embed::meaning(self.tree, id).unwrap_or_else(|| self.tree.tag(id)),
        };
        match tag {
            Tag::Text => {
                self.writer.text(self.tree.text(id));
                Enter::Past
            }
            Tag::Br => {
                self.writer.line_break();
                Enter::Past
            }
            Tag::Hr => {
                self.writer.void(Tag::Hr, "");
                Enter::Past
            }
            Tag::Img => {
                self.image(id);
                Enter::Past
            }
            Tag::Iframe | Tag::Video | Tag::Audio | Tag::Embed => {
                self.player(id);
                Enter::Past
            }
            // Lazy images stand here once more, for readers without scripts.
            Tag::Noscript | Tag::Math | Tag::Document => Enter::Inside,
            _ if tag.is_hidden() => Enter::Past,
            _ => {
                if matches!(tag, Tag::Div | Tag::Blockquote)
                    && let Some(url) = self.post(id)
                {
                    self.embed(id, &url);
                    // A post may have its text beside.
                    if tag == Tag::Div {
                        return Enter::Past;
                    }
                }
                let attrs = self.attributes(id, tag);
                if tag == Tag::A && attrs.is_empty() {
                    return Enter::Inside;
                }
                Enter::Into(self.writer.open(same_meaning(tag), attrs))
            }
        }
    }

    fn attributes(&self, id: NodeId, tag: Tag) -> String {
        let mut out = String::new();
        match tag {
            Tag::A => {
                let href = self
                    .tree
                    .attr(id, Attr::Href)
                    .and_then(|href| self.link(href));
                let Some(href) = href else { return out };
                attribute(&mut out, "href", &href);
            }
            Tag::Td | Tag::Th => {
                for (attr, name) in [(Attr::Colspan, "colspan"), (Attr::Rowspan, "rowspan")] {
                    let span = self
                        .tree
                        .attr(id, attr)
                        .and_then(|v| v.trim().parse::<u16>().ok());
                    if let Some(span @ 2..=1000) = span {
                        attribute(&mut out, name, &span.to_string());
                    }
                }
            }
            Tag::Ol => {
                if let Some(start) = self
                    .tree
                    .attr(id, Attr::Start)
                    .and_then(|v| v.trim().parse::<i32>().ok())
                {
                    attribute(&mut out, "start", &start.to_string());
                }
            }
            Tag::Time => self.keep(&mut out, id, Attr::Datetime),
            Tag::Abbr => self.keep(&mut out, id, Attr::Title),
            _ => {}
        }
        if !out.is_empty() || !matches!(tag, Tag::A) {
            self.keep(&mut out, id, Attr::Lang);
            if let Some(dir @ ("rtl" | "ltr" | "auto")) = self.tree.attr(id, Attr::Dir) {
                attribute(&mut out, "dir", dir);
            }
        }
        out
    }

    fn keep(&self, out: &mut String, id: NodeId, attr: Attr) {
        if let Some(value) = self
            .tree
            .attr(id, attr)
            .map(|value| value.trim_matches(|c: char| c.is_whitespace() || is_dropped(c)))
            .filter(|v| !v.is_empty())
        {
            attribute(out, attr.name(), value);
        }
    }

    fn link(&self, href: &str) -> Option<String> {
        let href = href.trim();
        if href.len() > MAX_ADDRESS {
            return None;
        }
        if href
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        {
            let address = url::Url::parse(href).ok().map(String::from);
            return address.filter(|address| address.len() <= MAX_ADDRESS);
        }
        self.absolute(href)
            .map(|url| url.without_tracking().as_str().to_owned())
    }

    fn absolute(&self, address: &str) -> Option<WebUrl> {
        let address = address.trim();
        if address.is_empty() || address.len() > MAX_ADDRESS {
            return None;
        }
        let url: WebUrl = match self.base {
            Some(base) => base.join(address).ok()?,
            None => address.parse().ok()?,
        };
        (url.as_str().len() <= MAX_ADDRESS).then_some(url)
    }

    fn image(&mut self, id: NodeId) {
        if is_pixel(self.tree, id) {
            return;
        }
        let Some(src) = image_address(self.tree, id).and_then(|src| self.absolute(&src)) else {
            return;
        };
        if src.as_str() == self.last_image {
            return;
        }
        src.as_str().clone_into(&mut self.last_image);
        let mut attrs = String::new();
        attribute(&mut attrs, "src", src.as_str());
        self.keep(&mut attrs, id, Attr::Alt);
        for attr in [Attr::Width, Attr::Height] {
            let number = self
                .tree
                .attr(id, attr)
                .and_then(|v| v.trim().parse::<u16>().ok());
            if let Some(number) = number.filter(|n| *n > 0) {
                attribute(&mut attrs, attr.name(), &number.to_string());
            }
        }
        self.writer.void(Tag::Img, &attrs);
    }

    /// A frame or player: a link with its title.
    fn player(&mut self, id: NodeId) {
        let tree = self.tree;
        let sources = tree
            .subtree(id)
            .filter(|inner| *inner == id || tree.tag(*inner) == Tag::Source);
        let mut addresses = sources.flat_map(|id| embed::addresses(tree, id));
        if let Some(url) = addresses.find_map(|address| self.absolute(&address)) {
            let page = embed::page_of(url.as_str()).and_then(|page| page.parse().ok());
            self.embed(id, &page.unwrap_or(url));
        }
    }

    fn post(&self, id: NodeId) -> Option<WebUrl> {
        embed::post(self.tree, id).and_then(|address| self.absolute(&address))
    }

    /// A link to something that is shown in the page, with its title.
    fn embed(&mut self, id: NodeId, url: &WebUrl) {
        let tree = self.tree;
        let title = tree
            .attr(id, Attr::Title)
            .or_else(|| tree.attr(id, Attr::AriaLabel));
        let title = title
            .map(crate::text::fold)
            .filter(|title| !title.is_empty());
        let mut attrs = String::new();
        attribute(&mut attrs, "href", url.as_str());
        let loud = self.quiet_until.is_none();
        self.writer.set_quiet(true);
        let block = self.writer.open(Tag::P, String::new());
        let link = self.writer.open(Tag::A, attrs);
        self.writer.text(title.as_deref().unwrap_or(url.host()));
        self.writer.close(link);
        self.writer.close(block);
        self.writer.set_quiet(!loud);
    }
}

enum Enter {
    Into(Depth),
    Inside,
    Past,
}

/// The element that today's HTML has for an old one.
fn same_meaning(tag: Tag) -> Tag {
    match tag {
        Tag::Acronym => Tag::Abbr,
        Tag::Strike => Tag::S,
        Tag::Tt => Tag::Code,
        Tag::Dir | Tag::Menu => Tag::Ul,
        Tag::Listing | Tag::Xmp | Tag::Plaintext => Tag::Pre,
        other => other,
    }
}
