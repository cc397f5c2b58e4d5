//! What stands in a line: text, emphasis, code, links and images.

use crate::attr::Attr;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Paragraph,
    /// In one line of source, behind `#`.
    Heading,
    /// In one line of source, between `|`.
    Cell,
}

/// Emphasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    Em,
    Strong,
    Both,
}

impl Wrap {
    fn of(tag: Tag) -> Option<Self> {
        match tag {
            Tag::B | Tag::Strong => Some(Self::Strong),
            Tag::Em | Tag::I => Some(Self::Em),
            _ => None,
        }
    }

    const fn mark(self) -> &'static str {
        match self {
            Self::Em => "*",
            Self::Strong => "**",
            Self::Both => "***",
        }
    }

    const fn tags(self) -> (&'static str, &'static str) {
        match self {
            Self::Em => ("<em>", "</em>"),
            Self::Strong => ("<strong>", "</strong>"),
            Self::Both => ("<strong><em>", "</em></strong>"),
        }
    }
}

#[derive(Debug)]
enum Piece {
    /// Text, not yet escaped.
    Text(String),
    /// Markdown; begins and ends with a mark of ASCII.
    Raw(String),
    Break,
    /// With the place of the other end.
    Open(Wrap, usize),
    Close(Wrap),
}

/// Writes nodes that stand in a line. In a paragraph, the lines of the answer are parted by hard
/// breaks; elsewhere the answer is one line.
pub(super) fn render(
    tree: &Tree<'_>,
    nodes: &[NodeId],
    wrap: Option<Wrap>,
    place: Place,
) -> String {
    let mut line = Line {
        tree,
        pieces: Vec::new(),
        place,
        em: false,
        strong: false,
    };
    match wrap {
        Some(wrap) => line.wrapped(wrap, |line| line.all(nodes)),
        None => line.all(nodes),
    }
    let mut out = write(&line.pieces, place);
    out.truncate(out.trim_end_matches([' ', '\t']).len());
    out
}

struct Line<'t, 's> {
    tree: &'t Tree<'s>,
    pieces: Vec<Piece>,
    place: Place,
    em: bool,
    strong: bool,
}

impl Line<'_, '_> {
    fn all(&mut self, nodes: &[NodeId]) {
        for &node in nodes {
            self.node(node);
        }
    }

    fn children(&mut self, id: NodeId) {
        let children: Vec<NodeId> = self.tree.children(id).collect();
        self.all(&children);
    }

    fn node(&mut self, id: NodeId) {
        let tree = self.tree;
        match tree.tag(id) {
            Tag::Text => self.text(tree.text(id)),
            Tag::Br => self.pieces.push(Piece::Break),
            Tag::Img => self.image(id),
            Tag::A => {
                let url = destination(tree.attr(id, Attr::Href).unwrap_or_default());
                self.around(id, "[".to_owned(), format!("]({url})"));
            }
            Tag::Code if !holds_more_than_text(tree, id) => {
                let text = text_below(tree, id).replace('\n', " ");
                if !text.is_empty() {
                    self.pieces.push(Piece::Raw(code_span(&text, self.place)));
                }
            }
            tag @ (Tag::Code
            | Tag::Del
            | Tag::Ins
            | Tag::Kbd
            | Tag::Mark
            | Tag::Q
            | Tag::S
            | Tag::Sub
            | Tag::Sup) => {
                let name = tag.name();
                self.around(id, format!("<{name}>"), format!("</{name}>"));
            }
            tag => match Wrap::of(tag) {
                Some(wrap) => self.emphasis(id, wrap),
                None => self.children(id),
            },
        }
    }

    fn around(&mut self, id: NodeId, before: String, after: String) {
        self.pieces.push(Piece::Raw(before));
        self.children(id);
        self.pieces.push(Piece::Raw(after));
    }

    fn text(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.pieces.push(Piece::Break);
            }
            if line.is_empty() {
                continue;
            }
            if let Some(Piece::Text(last)) = self.pieces.last_mut() {
                last.push_str(line);
            } else {
                self.pieces.push(Piece::Text(line.to_owned()));
            }
        }
    }

    fn image(&mut self, id: NodeId) {
        let alt = crate::text::fold(self.tree.attr(id, Attr::Alt).unwrap_or_default());
        let src = destination(self.tree.attr(id, Attr::Src).unwrap_or_default());
        let mut out = String::from("![");
        escape(&mut out, &alt, false);
        out.push_str("](");
        out.push_str(&src);
        out.push(')');
        self.pieces.push(Piece::Raw(out));
    }

    /// Emphasis that holds nothing but the other kind of it is both.
    fn emphasis(&mut self, id: NodeId, wrap: Wrap) {
        let mut only = self.tree.children(id);
        let (first, second) = (only.next(), only.next());
        let inner = first.filter(|_| second.is_none());
        match inner.and_then(|inner| Some((inner, Wrap::of(self.tree.tag(inner))?))) {
            Some((inner, other)) if other != wrap => {
                self.wrapped(Wrap::Both, |line| line.children(inner));
            }
            _ => self.wrapped(wrap, |line| line.children(id)),
        }
    }

    /// Writes emphasis; what of it holds already is not written once more.
    fn wrapped(&mut self, wrap: Wrap, write: impl FnOnce(&mut Self)) {
        let outer = (self.em, self.strong);
        let wrap = match (wrap, outer) {
            (Wrap::Em, (true, _)) | (Wrap::Strong, (_, true)) | (Wrap::Both, (true, true)) => {
                write(self);
                return;
            }
            (Wrap::Both, (true, false)) => Wrap::Strong,
            (Wrap::Both, (false, true)) => Wrap::Em,
            _ => wrap,
        };
        self.em |= wrap != Wrap::Strong;
        self.strong |= wrap != Wrap::Em;
        let open = self.pieces.len();
        self.pieces.push(Piece::Open(wrap, open));
        write(self);
        let close = self.pieces.len();
        if let Some(piece) = self.pieces.get_mut(open) {
            *piece = Piece::Open(wrap, close);
        }
        self.pieces.push(Piece::Close(wrap));
        (self.em, self.strong) = outer;
    }
}

/// The texts below a node as they are, a line feed for each `br`.
pub(super) fn text_below(tree: &Tree<'_>, id: NodeId) -> String {
    let text = |node| match tree.tag(node) {
        Tag::Br => "\n",
        _ => tree.text(node),
    };
    tree.subtree(id).map(text).collect()
}

fn holds_more_than_text(tree: &Tree<'_>, id: NodeId) -> bool {
    tree.subtree(id)
        .any(|inner| matches!(tree.tag(inner), Tag::A | Tag::Img | Tag::Br))
}

fn write(pieces: &[Piece], place: Place) -> String {
    let mut out = String::new();
    // Whether each piece is a mark of emphasis, rather than a tag for it.
    let mut marked = vec![false; pieces.len()];
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let starts = out.is_empty() || out.ends_with('\n');
                let text = if starts {
                    text.trim_start_matches(' ')
                } else {
                    text
                };
                escape(&mut out, text, starts && place == Place::Paragraph);
            }
            Piece::Raw(markdown) => out.push_str(markdown),
            Piece::Break => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push_str(if place == Place::Paragraph {
                    "\\\n"
                } else {
                    "<br>"
                });
            }
            Piece::Open(wrap, close) => {
                let is_marked = takes_marks(pieces, &marked, at, *close);
                for place in [at, *close] {
                    if let Some(slot) = marked.get_mut(place) {
                        *slot = is_marked;
                    }
                }
                out.push_str(if is_marked {
                    wrap.mark()
                } else {
                    wrap.tags().0
                });
            }
            Piece::Close(wrap) => {
                let is_marked = marked.get(at).copied().unwrap_or(false);
                out.push_str(if is_marked {
                    wrap.mark()
                } else {
                    wrap.tags().1
                });
            }
        }
    }
    if place == Place::Heading && out.ends_with('#') {
        // A number sign at the end would close the heading.
        out.truncate(out.len() - 1);
        out.push_str("\\#");
    }
    out
}

/// Whether marks of emphasis at these places are read as such: the rules of `CommonMark` for
/// delimiter runs, so strict that no two runs touch and no table of punctuation is asked.
fn takes_marks(pieces: &[Piece], marked: &[bool], open: usize, close: usize) -> bool {
    let before = open.checked_sub(1).and_then(|at| pieces.get(at));
    let touches = open
        .checked_sub(1)
        .is_some_and(|at| marked.get(at) == Some(&true));
    let edge = |piece: Option<&Piece>, last: bool| match piece {
        None | Some(Piece::Break) => ' ',
        Some(Piece::Text(text) | Piece::Raw(text)) => {
            let c = if last {
                text.chars().next_back()
            } else {
                text.chars().next()
            };
            c.unwrap_or(' ')
        }
        Some(Piece::Open(..) | Piece::Close(_)) => '<',
    };
    let sticks = |inner: Option<&Piece>, inner_last: bool, outer: char| {
        if matches!(
            inner,
            None | Some(Piece::Open(..) | Piece::Close(_) | Piece::Break)
        ) {
            return false;
        }
        let inner = edge(inner, inner_last);
        let parted = outer.is_whitespace() || outer.is_ascii_punctuation();
        inner.is_alphanumeric() || parted && !inner.is_whitespace()
    };
    !touches
        && close > open + 1
        && sticks(pieces.get(open + 1), false, edge(before, true))
        && sticks(
            pieces.get(close - 1),
            true,
            edge(pieces.get(close + 1), false),
        )
}

/// Appends text so that it is read as it stands. `starts` says that it begins a line.
fn escape(out: &mut String, text: &str, starts: bool) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let marks = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
            '_' => !is_word(before) || !is_word(next),
            '&' => next.is_none_or(|c| c == '#' || c.is_ascii_alphanumeric()),
            '!' => next.is_none(),
            '#' | '+' | '-' | '=' | '>' => starts && at == 0,
            ':' => starts && at == 0 && next == Some('-'),
            '.' | ')' => starts && at == digits && (1..=9).contains(&digits),
            _ => false,
        };
        if marks {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

/// Code in a line, between more backticks than it holds in a row.
fn code_span(text: &str, place: Place) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let text = match place {
        Place::Cell => text.replace('|', "\\|"),
        _ => text.to_owned(),
    };
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// How often a character stands in a row at most.
pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let runs = text.split(|c| c != wanted);
    runs.map(|run| run.chars().count()).max().unwrap_or(0)
}

/// An address as the destination of a link.
fn destination(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '\\' => out.push_str("%5C"),
            '`' => out.push_str("%60"),
            '|' => out.push_str("%7C"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            ' ' => out.push_str("%20"),
            '&' if url.contains(';') => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    if out.contains(['(', ')']) {
        out.insert(0, '<');
        out.push('>');
    }
    out
}
