//! The state of tree construction and its operations: HTML standard, 13.2.4 and 13.2.6.1.

use super::MAX_DEPTH;
use super::tokenizer::{Name, Span, Token, Tokenizer};
use crate::tag::Tag;

pub(crate) const NONE: u32 = u32::MAX;

/// A node while the tree is built, linked to its neighbours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) tag: Tag,
    pub(crate) foreign: bool,
    /// On the stack of open elements.
    pub(super) open: bool,
    pub(crate) parent: u32,
    pub(crate) previous: u32,
    pub(crate) next: u32,
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// A text's content; of an element, its name as it is written.
    pub(crate) text: Span,
    /// The attributes: the first, and how many.
    pub(crate) attrs: (u32, u32),
}

/// An entry of the stack of open elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) name: Name,
    pub(super) foreign: bool,
    /// Of `MathML`, if it is foreign; of SVG otherwise.
    pub(super) math: bool,
    /// In foreign content: HTML may stand inside.
    pub(super) integration: bool,
}

/// An entry of the list of active formatting elements; `None` is a marker.
pub(super) type Formatting = Option<Open>;

impl Open {
    /// Whether it is "special" (13.2.4.2): of foreign elements, those that HTML may stand in.
    pub(super) fn is_special(&self) -> bool {
        if self.foreign {
            self.integration
        } else {
            self.name.tag.is_special()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
}

/// What stops a search of the stack for an element "in scope".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Default,
    List,
    Button,
    Table,
}

#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(crate) tokens: Tokenizer<'a>,
    pub(crate) nodes: Vec<Link>,
    pub(super) stack: Vec<Open>,
    pub(super) formatting: Vec<Formatting>,
    pub(super) mode: Mode,
    pub(super) template_modes: Vec<Mode>,
    pub(super) head: u32,
    pub(super) form: u32,
    pub(super) foster: bool,
    pub(super) quirks: bool,
    /// Open elements beyond the greatest depth, which are not on the stack.
    overflow: u32,
    /// Open `p` elements, so that the common search for one can be left out.
    pub(super) open_p: u32,
    pub(super) current: Current,
}

/// The start tag that is being handled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) name_span: Span,
    pub(super) attrs: (u32, u32),
}

impl<'a> Builder<'a> {
    /// Builds the tree of a document.
    pub(crate) fn build(source: &'a str) -> Self {
        let nothing = Current {
            name_span: Span::default(),
            attrs: (0, 0),
        };
        let mut builder = Self {
            tokens: Tokenizer::new(source),
            nodes: Vec::with_capacity(source.len() / 24 + 8),
            stack: Vec::with_capacity(64),
            formatting: Vec::new(),
            mode: Mode::Initial,
            template_modes: Vec::new(),
            head: NONE,
            form: NONE,
            foster: false,
            quirks: false,
            overflow: 0,
            open_p: 0,
            current: nothing,
        };
        builder.nodes.push(Link {
            tag: Tag::Document,
            foreign: false,
            open: false,
            parent: NONE,
            previous: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            text: Span::default(),
            attrs: (0, 0),
        });
        builder.run();
        builder
    }

    fn run(&mut self) {
        loop {
            let in_foreign = self.stack.last().is_some_and(|open| open.foreign);
            let token = self.tokens.next(in_foreign);
            if let Token::Start { .. } = token {
                let from = self.tokens.attrs_from;
                let count = self.tokens.attrs.len() - from;
                self.current = Current {
                    name_span: self.tokens.name_span,
                    attrs: (to_u32(from), to_u32(count)),
                };
            }
            if let Token::End(_) = token
                && self.overflow > 0
            {
                self.overflow -= 1;
                continue;
            }
            let mut pending = Some(token);
            while let Some(token) = pending {
                pending = self.dispatch(token);
            }
            if token == Token::Eof {
                break;
            }
        }
    }

    /// One step of the dispatcher; a token that it returns is to be handled again.
    fn dispatch(&mut self, token: Token) -> Option<Token> {
        if self.is_foreign(token) {
            return self.in_foreign(token);
        }
        self.by_mode(token)
    }

    /// Handles a token by the rules of the current insertion mode.
    pub(super) fn by_mode(&mut self, token: Token) -> Option<Token> {
        match self.mode {
            Mode::Initial => self.initial(token),
            Mode::BeforeHtml => self.before_html(token),
            Mode::BeforeHead => self.before_head(token),
            Mode::InHead => self.in_head(token),
            Mode::AfterHead => self.after_head(token),
            Mode::InBody => self.in_body(token),
            Mode::InTable => self.in_table(token),
            Mode::InCaption => self.in_caption(token),
            Mode::InColumnGroup => self.in_column_group(token),
            Mode::InTableBody => self.in_table_body(token),
            Mode::InRow => self.in_row(token),
            Mode::InCell => self.in_cell(token),
            Mode::InTemplate => self.in_template(token),
            Mode::AfterBody => self.after_body(token),
        }
    }

    pub(super) fn link(&self, node: u32) -> Option<&Link> {
        self.nodes.get(node as usize)
    }

    pub(super) fn link_mut(&mut self, node: u32) -> Option<&mut Link> {
        self.nodes.get_mut(node as usize)
    }

    pub(super) fn parent_of(&self, node: u32) -> u32 {
        self.link(node).map_or(NONE, |link| link.parent)
    }

    fn create(&mut self, tag: Tag, text: Span, attrs: (u32, u32)) -> u32 {
        let id = to_u32(self.nodes.len());
        self.nodes.push(Link {
            tag,
            foreign: false,
            open: false,
            parent: NONE,
            previous: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            text,
            attrs,
        });
        id
    }

    pub(super) fn current_node(&self) -> u32 {
        self.stack.last().map_or(0, |open| open.node)
    }

    pub(super) fn current_tag(&self) -> Tag {
        self.stack.last().map_or(Tag::Document, |open| {
            if open.foreign {
                Tag::Other
            } else {
                open.name.tag
            }
        })
    }

    /// Inserts an element for the current start tag and pushes it on the stack.
    pub(super) fn insert(&mut self, name: Name) -> u32 {
        self.insert_with(name, self.current)
    }

    /// Inserts an element that no tag in the source stands for.
    pub(super) fn insert_implied(&mut self, tag: Tag) -> u32 {
        self.insert_with(
            Name::of(tag),
            Current {
                name_span: Span::default(),
                attrs: (0, 0),
            },
        )
    }

    pub(super) fn insert_with(&mut self, name: Name, of: Current) -> u32 {
        let node = self.create(name.tag, of.name_span, of.attrs);
        self.place(self.current_node(), node);
        self.push(Open {
            node,
            name,
            foreign: false,
            math: false,
            integration: false,
        });
        node
    }

    /// Inserts an element that has no content.
    pub(super) fn insert_void(&mut self, name: Name) {
        let node = self.create(name.tag, self.current.name_span, self.current.attrs);
        self.place(self.current_node(), node);
    }

    pub(super) fn insert_foreign(
        &mut self,
        name: Name,
        math: bool,
        integration: bool,
        self_closing: bool,
    ) {
        let node = self.create(name.tag, self.current.name_span, self.current.attrs);
        if let Some(link) = self.link_mut(node) {
            link.foreign = true;
        }
        self.place(self.current_node(), node);
        if !self_closing {
            self.push(Open {
                node,
                name,
                foreign: true,
                math,
                integration,
            });
        }
    }

    /// Creates an element like an open one, without children.
    pub(super) fn clone_of(&mut self, open: Open) -> u32 {
        let (text, attrs) = self
            .link(open.node)
            .map_or((Span::default(), (0, 0)), |link| (link.text, link.attrs));
        self.create(open.name.tag, text, attrs)
    }

    pub(super) fn push(&mut self, open: Open) {
        if self.is_full() {
            self.overflow += 1;
            return;
        }
        self.open_p += u32::from(open.name.tag == Tag::P);
        self.set_open(open.node, true);
        self.stack.push(open);
    }

    pub(super) fn set_open(&mut self, node: u32, is_open: bool) {
        if let Some(link) = self.link_mut(node) {
            link.open = is_open;
        }
    }

    /// Whether elements are open beyond the greatest depth, or the next one would be.
    pub(super) fn is_full(&self) -> bool {
        self.stack.len() >= MAX_DEPTH
    }

    /// Parts the active formatting elements from those of the element just inserted; one that is
    /// not on the stack has no end at which the marker would go.
    pub(super) fn push_marker(&mut self) {
        if self.overflow == 0 {
            self.formatting.push(None);
        }
    }

    pub(super) fn pop(&mut self) {
        if let Some(open) = self.stack.pop() {
            self.set_open(open.node, false);
            self.open_p = self
                .open_p
                .saturating_sub(u32::from(open.name.tag == Tag::P));
        }
    }

    /// Inserts a raw text element with its content; it is not left open.
    pub(super) fn insert_raw(&mut self, name: Name) {
        let node = self.create(name.tag, self.current.name_span, self.current.attrs);
        self.place(self.current_node(), node);
        if name.tag == Tag::Textarea {
            self.tokens.skip_line_feed();
        }
        let (from, to) = self.tokens.raw_text(name.tag);
        if to > from {
            let references = matches!(name.tag, Tag::Title | Tag::Textarea);
            let text = self.tokens.content(from, to, !references);
            let child = self.create(Tag::Text, text, (0, 0));
            self.append(node, child);
        }
    }

    pub(super) fn insert_text(&mut self, from: usize, to: usize) {
        if to <= from {
            return;
        }
        let cdata = self.stack.last().is_some_and(|open| open.foreign)
            && self
                .tokens
                .pool
                .source
                .get(..from)
                .is_some_and(|before| before.ends_with("<![CDATA["));
        let text = self.tokens.content(from, to, cdata);
        if text.len == 0 {
            return;
        }
        let node = self.create(Tag::Text, text, (0, 0));
        self.place(self.current_node(), node);
    }

    /// How many bytes of white space the text begins with.
    pub(super) fn leading_space(&self, from: usize, to: usize) -> usize {
        let text = self
            .tokens
            .pool
            .source
            .as_bytes()
            .get(from..to)
            .unwrap_or_default();
        text.iter()
            .take_while(|b| matches!(b, b'\t' | b'\n' | b'\x0C' | b'\r' | b' '))
            .count()
    }

    pub(super) fn has_in_scope(&self, scope: Scope, wanted: impl Fn(Tag) -> bool) -> bool {
        for open in self.stack.iter().rev() {
            if !open.foreign && wanted(open.name.tag) {
                return true;
            }
            if stops(scope, open) {
                return false;
            }
        }
        false
    }

    pub(super) fn pop_until(&mut self, wanted: impl Fn(Tag) -> bool) {
        while let Some(open) = self.stack.last().copied() {
            self.pop();
            if !open.foreign && wanted(open.name.tag) {
                break;
            }
        }
    }

    pub(super) fn generate_implied_end_tags(&mut self, except: Tag) {
        while let Some(open) = self.stack.last() {
            let implied = matches!(
                open.name.tag,
                Tag::Dd
                    | Tag::Dt
                    | Tag::Li
                    | Tag::Optgroup
                    | Tag::Option
                    | Tag::P
                    | Tag::Rb
                    | Tag::Rp
                    | Tag::Rt
                    | Tag::Rtc
            );
            if !implied || open.name.tag == except || open.foreign {
                break;
            }
            self.pop();
        }
    }

    pub(super) fn close_p(&mut self) {
        if self.open_p > 0 && self.has_in_scope(Scope::Button, |tag| tag == Tag::P) {
            self.generate_implied_end_tags(Tag::P);
            self.pop_until(|tag| tag == Tag::P);
        }
    }
}

fn stops(scope: Scope, open: &Open) -> bool {
    if open.foreign {
        return scope != Scope::Table && open.integration;
    }
    let tag = open.name.tag;
    match scope {
        Scope::Table => matches!(tag, Tag::Html | Tag::Table | Tag::Template),
        _ => {
            matches!(
                tag,
                Tag::Applet
                    | Tag::Caption
                    | Tag::Html
                    | Tag::Table
                    | Tag::Td
                    | Tag::Th
                    | Tag::Marquee
                    | Tag::Object
                    | Tag::Select
                    | Tag::Template
            ) || (scope == Scope::Button && tag == Tag::Button)
                || (scope == Scope::List && matches!(tag, Tag::Ol | Tag::Ul))
        }
    }
}

pub(crate) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
