//! Markdown of clean HTML: `CommonMark` 0.31 with the tables of GitHub Flavored Markdown.

mod inline;
mod table;

use pressmark_model::WebUrl;

use crate::sanitise::sanitise;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};
use inline::{Place, Wrap};

/// HTML as Markdown: `CommonMark` 0.31, tables as in GitHub Flavored Markdown. The HTML is sanitised
/// first, and addresses are made absolute with `base`. Text is escaped so that a parser reads the
/// same text again; what Markdown has no mark for (`sup`, `del` and the like, and emphasis beside
/// letters without a space, as in Chinese) stays as HTML tags.
///
/// ```
/// let html = "<h2>Tides</h2><p>High at <b>noon</b>, 3 * 2 m.<ul><li>one<li>two</ul>";
/// assert_eq!(
///     pressmark_html::to_markdown(html, None),
///     "## Tides\n\nHigh at **noon**, 3 \\* 2 m.\n\n- one\n- two\n"
/// );
/// ```
pub fn to_markdown(html: &str, base: Option<&WebUrl>) -> String {
    let clean = sanitise(html, base);
    let tree = Tree::parse(&clean);
    let mut blocks = Blocks {
        tree: &tree,
        out: String::with_capacity(clean.len()),
        prefix: String::new(),
        fresh: true,
        tight: false,
    };
    blocks.flow(NodeId::ROOT);
    if !blocks.out.is_empty() {
        blocks.out.push('\n');
    }
    blocks.out
}

struct Blocks<'t> {
    tree: &'t Tree<'t>,
    out: String,
    /// What every line begins with, inside of quotes and lists.
    prefix: String,
    /// The line has nothing yet but its prefix or marker.
    fresh: bool,
    /// The blocks of a list item follow each other without an empty line.
    tight: bool,
}

impl Blocks<'_> {
    /// Writes what an element holds: blocks, and runs of text between them.
    fn flow(&mut self, id: NodeId) {
        let mut run: Vec<NodeId> = Vec::new();
        let mut before = None;
        for child in self.tree.children(id) {
            let tag = self.tree.tag(child);
            if !is_block(tag) {
                run.push(child);
                continue;
            }
            self.line(&std::mem::take(&mut run), None);
            before = match tag {
                // Lists of one kind that follow each other would be read as one.
                Tag::Ul | Tag::Ol => {
                    let other = before == Some((tag, false));
                    self.list(child, other);
                    Some((tag, other))
                }
                _ => {
                    self.block(child);
                    None
                }
            };
        }
        self.line(&run, None);
    }

    fn block(&mut self, id: NodeId) {
        let children = || self.tree.children(id).collect::<Vec<_>>();
        match self.tree.tag(id) {
            Tag::H1 => self.heading(id, 1),
            Tag::H2 => self.heading(id, 2),
            Tag::H3 => self.heading(id, 3),
            Tag::H4 => self.heading(id, 4),
            Tag::H5 => self.heading(id, 5),
            Tag::H6 => self.heading(id, 6),
            Tag::Hr => {
                self.begin(true);
                // The other rules could be read as the marker of a list.
                self.out.push_str("___");
            }
            Tag::Pre => self.code(id),
            Tag::Table => self.table(id),
            Tag::Blockquote => {
                self.begin(true);
                self.inside("> ", "> ", |blocks| blocks.flow(id));
            }
            Tag::Figcaption if !self.holds_block(id) => self.line(&children(), Some(Wrap::Em)),
            Tag::Summary | Tag::Dt | Tag::Caption => self.line(&children(), Some(Wrap::Strong)),
            _ => self.flow(id),
        }
    }

    fn holds_block(&self, id: NodeId) -> bool {
        self.tree
            .children(id)
            .any(|child| is_block(self.tree.tag(child)))
    }

    /// Begins a block on a line of its own, or goes on behind a marker.
    fn begin(&mut self, apart: bool) {
        if std::mem::take(&mut self.fresh) {
            return;
        }
        if apart {
            self.out.push('\n');
            self.out.push_str(self.prefix.trim_end());
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&self.prefix);
    }

    /// Writes blocks behind a marker; their other lines begin with `indent`.
    fn inside(&mut self, marker: &str, indent: &str, write: impl FnOnce(&mut Self)) {
        let outer = self.prefix.len();
        self.out.push_str(marker);
        self.prefix.push_str(indent);
        self.fresh = true;
        write(self);
        self.fresh = false;
        self.prefix.truncate(outer);
    }

    /// A paragraph of what stands in a line.
    fn line(&mut self, nodes: &[NodeId], wrap: Option<Wrap>) {
        let text = inline::render(self.tree, nodes, wrap, Place::Paragraph);
        if text.is_empty() {
            return;
        }
        self.begin(true);
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.new_line();
            }
            self.out.push_str(line);
        }
    }

    fn heading(&mut self, id: NodeId, level: usize) {
        let nodes: Vec<NodeId> = self.tree.children(id).collect();
        let text = inline::render(self.tree, &nodes, None, Place::Heading);
        if !text.is_empty() {
            self.begin(true);
            self.out.extend(std::iter::repeat_n('#', level));
            self.out.push(' ');
            self.out.push_str(&text);
        }
    }

    fn code(&mut self, id: NodeId) {
        let text = inline::text_below(self.tree, id);
        let fence = "`".repeat(inline::longest_run(&text, '`').max(2) + 1);
        self.begin(true);
        self.out.push_str(&fence);
        for line in text.strip_suffix('\n').unwrap_or(&text).split('\n') {
            if line.is_empty() {
                self.out.push('\n');
                self.out.push_str(self.prefix.trim_end());
            } else {
                self.new_line();
                self.out.push_str(line);
            }
        }
        self.new_line();
        self.out.push_str(&fence);
    }

    /// A list; `other` asks for the other marker than the one that is usual.
    fn list(&mut self, id: NodeId, other: bool) {
        let ordered = self.tree.tag(id) == Tag::Ol;
        let start = self
            .tree
            .attr_named(id, "start")
            .and_then(|start| start.parse::<u32>().ok());
        let start = start.unwrap_or(1).min(999_000_000);
        let loose = self.tree.children(id).any(|item| {
            let is_loose = |child| !matches!(self.tree.tag(child), Tag::Ul | Tag::Ol);
            self.tree
                .children(item)
                .any(|child| is_block(self.tree.tag(child)) && is_loose(child))
        });
        // A numbered list that does not begin with 1 cannot follow a line of text at once.
        self.begin(!self.tight || ordered && start != 1);
        let outer = std::mem::replace(&mut self.tight, !loose);
        for (at, item) in self.tree.children(id).enumerate() {
            if at > 0 {
                self.begin(loose);
            }
            let marker = match (ordered, other) {
                (true, _) => {
                    let number = start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                    format!(
                        "{}{} ",
                        number.min(999_999_999),
                        if other { ')' } else { '.' }
                    )
                }
                (false, false) => "- ".to_owned(),
                (false, true) => "* ".to_owned(),
            };
            let indent = " ".repeat(marker.len());
            self.inside(&marker, &indent, |blocks| blocks.flow(item));
        }
        self.tight = outer;
    }

    fn table(&mut self, id: NodeId) {
        let caption = self
            .tree
            .children(id)
            .find(|child| self.tree.tag(*child) == Tag::Caption);
        if let Some(caption) = caption {
            self.block(caption);
        }
        let cells = table::cells(self.tree, id);
        if table::is_list(self.tree, &cells) {
            for cell in cells {
                self.flow(cell);
            }
            return;
        }
        let rows = table::rows(self.tree, id);
        if let Some(first) = rows.first() {
            self.begin(true);
            self.out.push_str(first);
        }
        for row in rows.iter().skip(1) {
            self.new_line();
            self.out.push_str(row);
        }
    }
}

/// Whether an element of clean HTML is a block.
fn is_block(tag: Tag) -> bool {
    tag.is_block()
}

#[cfg(test)]
mod tests;
