//! Writing clean HTML and its text: whatever is told to the [`Writer`], its output is well formed,
//! keeps to a small content model, and is read back as it was written.
//!
//! Blocks hold blocks, or a line of text; elements inside a line never hold a block. Text outside
//! of any block gets a `p`. Nothing is written before there is content for it, so that empty
//! elements vanish.

use crate::content::{
    Entry, Kind, Written, escape_into, fits_into, is_allowed_block, is_caption, is_dropped,
    is_flow, is_html_space, is_in_line, is_inline, is_of_table, is_part,
};
use crate::tag::Tag;
use crate::text::{end_line, fold_into, is_invisible, words_length};

/// Blocks nested deeper than this are written without their tags.
const MAX_BLOCKS: usize = 100;

/// Takes elements and text in document order, and writes what is allowed of them.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing owed to the output"
)]
pub struct Writer {
    out: Written,
    open: Vec<Entry>,
    /// White space is owed before the next word.
    space: bool,
    text_space: bool,
    breaks: u8,
    /// Nothing has been written since the last block began or ended.
    fresh: bool,
    /// How many open captions there are: their text is left out of the plain text.
    captions: u32,
    /// How many open table cells there are.
    cells: u32,
    /// How many of the open elements have been written, or never will be.
    flushed: usize,
    quiet: bool,
}

/// The open element that a call began; hand it back to [`Writer::close`].
#[derive(Debug, Clone, Copy)]
pub struct Depth(usize);

impl Writer {
    /// A writer with nothing written.
    pub fn new() -> Self {
        Self {
            fresh: true,
            ..Self::default()
        }
    }

    /// Begins an element. `attrs` is what stands behind the name, escaped, with a leading space for
    /// each attribute. Elements that are not allowed are left out, but not their content.
    pub fn open(&mut self, tag: Tag, attrs: String) -> Depth {
        match tag {
            _ if is_inline(tag) => self.open_inline(tag, attrs),
            Tag::P => self.open_paragraph(attrs),
            _ if is_allowed_block(tag) => self.open_block(tag, attrs),
            _ if tag.is_block() => self.open_soft(),
            _ => {
                self.push(Kind::Ignored, tag, String::new());
                Depth(self.open.len() - 1)
            }
        }
    }

    /// Whether what follows goes to the HTML only.
    pub fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    fn is_loud(&self) -> bool {
        self.captions == 0 && !self.quiet
    }

    fn push(&mut self, kind: Kind, tag: Tag, attrs: String) {
        let block = if matches!(kind, Kind::Block | Kind::Paragraph) {
            Some(tag)
        } else {
            self.inner_block()
        };
        let holder = if is_in_line(kind) {
            self.holder()
        } else {
            Some(self.open.len())
        };
        let entry = Entry {
            kind,
            tag,
            attrs,
            written: false,
            block,
            holder,
        };
        self.cells += u32::from(entry.is_cell());
        self.open.push(entry);
    }

    fn open_inline(&mut self, tag: Tag, attrs: String) -> Depth {
        self.ensure_line();
        let depth = Depth(self.open.len());
        if self
            .open
            .iter()
            .rev()
            .take_while(|e| is_in_line(e.kind))
            .any(|e| e.tag == tag)
        {
            self.push(Kind::Ignored, tag, String::new());
        } else {
            self.push(Kind::Inline, tag, attrs);
        }
        depth
    }

    fn open_paragraph(&mut self, attrs: String) -> Depth {
        let outer = self.open.len();
        if self.in_line_only() {
            return self.leave_out(Tag::P);
        }
        self.end_paragraph();
        // What stood in a caption that another block ended is not of the table.
        if self.inner_block().is_some_and(is_of_table) {
            self.ensure_flow();
        }
        let depth = Depth(outer.min(self.open.len()));
        // In a figure, what is not the picture is the caption.
        let kind = if self.inner_block() == Some(Tag::Figure) {
            Kind::Soft
        } else {
            Kind::Paragraph
        };
        self.push(kind, Tag::P, attrs);
        depth
    }

    /// Begins an element of which nothing but the content is written, in a line.
    fn leave_out(&mut self, tag: Tag) -> Depth {
        self.space = true;
        self.push(Kind::Ignored, tag, String::new());
        Depth(self.open.len() - 1)
    }

    fn open_soft(&mut self) -> Depth {
        let depth = Depth(self.open.len());
        if self.in_line_only() {
            return self.leave_out(Tag::Div);
        }
        self.end_paragraph();
        self.push(Kind::Soft, Tag::Div, String::new());
        depth
    }

    fn open_block(&mut self, tag: Tag, attrs: String) -> Depth {
        let outer = self.open.len();
        if self.in_line_only() && (tag.is_heading() || self.inner_block() == Some(Tag::Pre)) {
            return self.leave_out(tag);
        }
        self.end_paragraph();
        while self.in_line_only() {
            self.pop();
        }
        // An item ends the one before it, as it does when it is parsed.
        let ends = |inside| match tag {
            Tag::Li => inside == Some(Tag::Li),
            Tag::Dt | Tag::Dd => matches!(inside, Some(Tag::Dt | Tag::Dd)),
            _ => false,
        };
        while ends(self.inner_block()) {
            self.pop();
        }
        let inside = self.inner_block();
        if !fits_into(tag, inside) || self.open.len() >= MAX_BLOCKS {
            self.push(Kind::Soft, Tag::Div, String::new());
            return Depth(outer.min(self.open.len() - 1));
        }
        if !is_part(tag) {
            self.ensure_flow();
        }
        self.captions += u32::from(is_caption(tag));
        self.push(Kind::Block, tag, attrs);
        Depth(outer.min(self.open.len() - 1))
    }

    /// Ends an element and whatever is still open in it.
    pub fn close(&mut self, depth: Depth) {
        while self.open.len() > depth.0 {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(last) = self.open.last() else { return };
        if !last.written && last.is_cell() {
            self.flush();
        }
        let Some(entry) = self.open.pop() else { return };
        self.flushed = self.flushed.min(self.open.len());
        self.cells -= u32::from(entry.is_cell());
        if entry.kind == Kind::Block {
            self.captions -= u32::from(is_caption(entry.tag));
        }
        if entry.written && entry.kind != Kind::Soft {
            self.out.html.push_str("</");
            self.out.html.push_str(entry.tag.name());
            self.out.html.push('>');
        }
        if !is_in_line(entry.kind) {
            self.end_block_line(entry.tag);
        }
    }

    fn end_block_line(&mut self, tag: Tag) {
        self.breaks = 0;
        self.space = false;
        self.fresh = true;
        if matches!(tag, Tag::Td | Tag::Th) || self.in_cell() {
            self.text_space = true;
        } else if self.is_loud() {
            end_line(&mut self.out.text, &mut self.text_space);
        }
    }

    fn in_cell(&self) -> bool {
        self.cells > 0
    }

    /// The innermost block that is written with a tag of its own.
    fn inner_block(&self) -> Option<Tag> {
        self.open.last().and_then(|e| e.block)
    }

    /// Where the innermost element that is not of a line stands.
    fn holder(&self) -> Option<usize> {
        self.open.last().and_then(|e| e.holder)
    }

    fn holding(&self) -> Option<&Entry> {
        self.open.get(self.holder()?)
    }

    /// Whether only a line of text may stand here.
    fn in_line_only(&self) -> bool {
        self.holding().is_some_and(|e| {
            e.kind == Kind::Block
                && (e.tag.is_heading()
                    || matches!(e.tag, Tag::Pre | Tag::Summary | Tag::Dt | Tag::Caption))
        })
    }

    fn end_paragraph(&mut self) {
        let Some(index) = self.holder() else {
            self.close(Depth(0));
            return;
        };
        let is_paragraph = self
            .open
            .get(index)
            .is_some_and(|e| e.kind == Kind::Paragraph);
        self.close(Depth(if is_paragraph { index } else { index + 1 }));
        if self.is_loud() && !self.in_cell() {
            end_line(&mut self.out.text, &mut self.text_space);
        }
        self.space = false;
        self.breaks = 0;
        self.fresh = true;
    }

    /// Gives content a place in lists and tables, which do not hold it themselves.
    fn ensure_flow(&mut self) {
        loop {
            match self.inner_block() {
                Some(Tag::Ul | Tag::Ol) => {
                    self.push(Kind::Block, Tag::Li, String::new());
                    return;
                }
                Some(Tag::Dl) => {
                    self.push(Kind::Block, Tag::Dd, String::new());
                    return;
                }
                Some(tag) if is_of_table(tag) => self.pop(),
                _ => return,
            }
        }
    }

    /// Gives text a block to stand in.
    fn ensure_line(&mut self) {
        let (kind, tag) = self
            .holding()
            .map_or((Kind::Soft, Tag::Div), |e| (e.kind, e.tag));
        let flow = kind == Kind::Soft || (kind == Kind::Block && is_flow(tag));
        if flow && self.inner_block() == Some(Tag::Figure) {
            self.captions += 1;
            self.push(Kind::Block, Tag::Figcaption, String::new());
        } else if flow {
            self.ensure_flow();
            if self.open.last().is_none_or(|e| {
                !(e.kind == Kind::Block && matches!(e.tag, Tag::Li | Tag::Dd)) || e.written
            }) {
                self.push(Kind::Paragraph, Tag::P, String::new());
            }
        }
    }

    /// Writes the tags of the open elements that have not been written.
    fn flush(&mut self) {
        for entry in self.open.iter_mut().skip(self.flushed) {
            if entry.written || entry.kind == Kind::Ignored {
                continue;
            }
            entry.written = true;
            if entry.kind == Kind::Soft {
                continue;
            }
            if entry.kind == Kind::Inline {
                if self.space && !self.fresh {
                    self.out.html.push(' ');
                }
                self.space = false;
            } else {
                self.fresh = true;
                self.space = false;
            }
            self.out.html.push('<');
            self.out.html.push_str(entry.tag.name());
            self.out.html.push_str(&entry.attrs);
            self.out.html.push('>');
        }
        self.flushed = self.open.len();
    }

    /// Text, unescaped.
    pub fn text(&mut self, text: &str) {
        if self.inner_block() == Some(Tag::Pre) {
            self.preformatted(text);
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let body = rest.trim_start_matches(is_html_space);
            self.space |= body.len() < rest.len();
            let length = words_length(body);
            let (word, after) = body.split_at_checked(length).unwrap_or((body, ""));
            if !word.chars().all(is_invisible) {
                self.word(word);
            }
            rest = after;
        }
    }

    fn word(&mut self, word: &str) {
        // Indents made of ideographic or no-break spaces say nothing.
        let starts = self.fresh || self.starts_block();
        let indent = |c: char| is_dropped(c) || starts && matches!(c, '\u{3000}' | '\u{A0}');
        let word = word.trim_start_matches(indent);
        let is_blank = |c: char| is_dropped(c) || matches!(c, '\u{3000}' | '\u{A0}');
        if word.chars().all(is_blank) {
            self.space = true;
            return;
        }
        self.settle_breaks();
        self.ensure_line();
        self.text_space |= self.space && !self.fresh;
        self.flush();
        if self.space && !self.fresh {
            self.out.html.push(' ');
        }
        self.space = false;
        self.fresh = false;
        escape_into(&mut self.out.html, word, false);
        if self.is_loud() {
            fold_into(&mut self.out.text, word, &mut self.text_space);
        }
    }

    /// Whether text that comes now is the first of a block.
    fn starts_block(&self) -> bool {
        self.holding()
            .is_none_or(|e| !e.written || e.kind == Kind::Soft || is_flow(e.tag))
    }

    fn preformatted(&mut self, text: &str) {
        let text = text.trim_start_matches(is_dropped);
        if text.is_empty() {
            return;
        }
        let top = self.open.iter().rev().find(|e| e.kind != Kind::Ignored);
        let begins = top.is_some_and(|e| e.tag == Tag::Pre && !e.written);
        self.flush();
        if begins && text.starts_with('\n') {
            // The parser drops the first line feed of a `pre`.
            self.out.html.push('\n');
        }
        self.fresh = false;
        escape_into(&mut self.out.html, text, false);
        if !self.is_loud() {
            return;
        }
        let mut lines = text.split('\n');
        if let Some(first) = lines.next() {
            fold_into(&mut self.out.text, first, &mut self.text_space);
        }
        for line in lines {
            end_line(&mut self.out.text, &mut self.text_space);
            fold_into(&mut self.out.text, line, &mut self.text_space);
        }
    }

    /// A line break. Two of them end a paragraph.
    pub fn line_break(&mut self) {
        if self.inner_block() == Some(Tag::Pre) {
            self.preformatted("\n");
        } else if !self.fresh {
            self.breaks = self.breaks.saturating_add(1);
        }
        self.space = false;
    }

    fn settle_breaks(&mut self) {
        let breaks = std::mem::take(&mut self.breaks);
        if breaks == 0 || self.fresh {
            return;
        }
        self.space = false;
        let paragraph = self.holder().filter(|at| {
            self.open
                .get(*at)
                .is_some_and(|e| e.kind == Kind::Paragraph)
        });
        if let Some(at) = paragraph
            && breaks > 1
        {
            let again: Vec<Entry> = self.open.get(at..).unwrap_or_default().to_vec();
            self.close(Depth(at));
            self.open.extend(again.into_iter().map(|entry| Entry {
                written: false,
                ..entry
            }));
            return;
        }
        self.flush();
        self.out.html.push_str("<br>");
        self.fresh = true;
        if self.is_loud() && !self.in_cell() {
            end_line(&mut self.out.text, &mut self.text_space);
        }
    }

    /// An image or another element without content; `attrs` as for [`Writer::open`].
    pub fn void(&mut self, tag: Tag, attrs: &str) {
        if tag == Tag::Hr {
            if self.in_line_only() {
                return;
            }
            self.end_paragraph();
            self.ensure_flow();
            self.flush();
            self.out.html.push_str("<hr>");
            return;
        }
        self.settle_breaks();
        if self
            .open
            .last()
            .is_none_or(|e| !(e.kind == Kind::Block && e.tag == Tag::Figure))
        {
            self.ensure_line();
        }
        self.flush();
        if self.space && !self.fresh {
            self.out.html.push(' ');
        }
        self.space = false;
        self.fresh = false;
        self.out.html.push('<');
        self.out.html.push_str(tag.name());
        self.out.html.push_str(attrs);
        self.out.html.push('>');
    }

    /// Ends all that is open and gives what was written.
    pub fn finish(mut self) -> Written {
        self.close(Depth(0));
        self.out.text.truncate(self.out.text.trim_end().len());
        // A rule at the end parts the text from nothing.
        let html = self.out.html.trim_end_matches("<hr>").len();
        self.out.html.truncate(html);
        self.out
    }
}
