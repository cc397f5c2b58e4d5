//! The parser's trees beside html5ever's.

use std::cell::{Ref, RefCell};
use std::fmt::Write as _;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};
use pressmark_html::{NodeId, Tag, Tree};
use proptest::prelude::*;

/// A tree as html5ever builds it: kind, parent, children.
#[derive(Default)]
struct Reference {
    nodes: RefCell<Vec<Item>>,
}

struct Item {
    name: Option<QualName>,
    text: String,
    parent: Option<usize>,
    children: Vec<usize>,
    template: Option<usize>,
}

impl Reference {
    fn add(&self, name: Option<QualName>, text: &str) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Item {
            name,
            text: text.to_owned(),
            parent: None,
            children: Vec::new(),
            template: None,
        });
        nodes.len() - 1
    }

    fn detach(&self, node: usize) {
        let mut nodes = self.nodes.borrow_mut();
        if let Some(parent) = nodes[node].parent.take() {
            nodes[parent].children.retain(|child| *child != node);
        }
    }

    fn insert(&self, parent: usize, at: usize, child: NodeOrText<usize>) {
        match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                let mut nodes = self.nodes.borrow_mut();
                nodes[parent].children.insert(at, node);
                nodes[node].parent = Some(parent);
            }
            NodeOrText::AppendText(text) => {
                let node = self.add(None, &text);
                let mut nodes = self.nodes.borrow_mut();
                nodes[parent].children.insert(at, node);
                nodes[node].parent = Some(parent);
            }
        }
    }
}

impl TreeSink for Reference {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }
    fn parse_error(&self, _: std::borrow::Cow<'static, str>) {}
    fn get_document(&self) -> usize {
        0
    }
    fn elem_name<'a>(&'a self, target: &'a usize) -> Ref<'a, QualName> {
        Ref::map(self.nodes.borrow(), |nodes| {
            nodes[*target].name.as_ref().unwrap()
        })
    }
    fn create_element(&self, name: QualName, _: Vec<Attribute>, flags: ElementFlags) -> usize {
        let node = self.add(Some(name), "");
        if flags.template {
            let content = self.add(None, "");
            self.nodes.borrow_mut()[node].template = Some(content);
        }
        node
    }
    fn create_comment(&self, _: StrTendril) -> usize {
        self.add(None, "")
    }
    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.add(None, "")
    }
    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        let at = self.nodes.borrow()[*parent].children.len();
        self.insert(*parent, at, child);
    }
    fn append_based_on_parent_node(
        &self,
        element: &usize,
        above: &usize,
        child: NodeOrText<usize>,
    ) {
        if self.nodes.borrow()[*element].parent.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(above, child);
        }
    }
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn get_template_contents(&self, target: &usize) -> usize {
        self.nodes.borrow()[*target].template.unwrap_or(*target)
    }
    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(*node);
        }
        let (parent, at) = {
            let nodes = self.nodes.borrow();
            let parent = nodes[*sibling].parent.unwrap();
            (
                parent,
                nodes[parent]
                    .children
                    .iter()
                    .position(|c| c == sibling)
                    .unwrap(),
            )
        };
        self.insert(parent, at, child);
    }
    fn add_attrs_if_missing(&self, _: &usize, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }
    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let children = std::mem::take(&mut self.nodes.borrow_mut()[*node].children);
        for child in children {
            self.nodes.borrow_mut()[child].parent = None;
            self.append(new_parent, NodeOrText::AppendNode(child));
        }
    }
}

fn by_html5ever(html: &str) -> String {
    let sink = Reference::default();
    sink.add(None, "");
    let mut options = ParseOpts::default();
    options.tree_builder.scripting_enabled = false;
    let tree = parse_document(sink, options).one(html);
    let nodes = tree.nodes.borrow();
    let mut out = String::new();
    write_reference(&nodes, 0, &mut out);
    out
}

fn write_reference(nodes: &[Item], node: usize, out: &mut String) {
    let item = &nodes[node];
    match &item.name {
        Some(name) => {
            write!(out, "<{}>", name.local.to_ascii_lowercase()).unwrap();
        }
        None => out.push_str(&item.text),
    }
    for &child in item
        .children
        .iter()
        .chain(item.template.iter().flat_map(|t| &nodes[*t].children))
    {
        write_reference(nodes, child, out);
    }
    if item.name.is_some() {
        out.push_str("</>");
    }
}

fn by_ours(html: &str) -> String {
    let tree = Tree::parse(html);
    let mut out = String::new();
    let mut open = Vec::new();
    for id in tree.subtree(NodeId::ROOT) {
        while open.last().is_some_and(|end| *end <= id) {
            open.pop();
            out.push_str("</>");
        }
        match tree.tag(id) {
            Tag::Document => {}
            Tag::Text => out.push_str(tree.text(id)),
            _ => {
                write!(out, "<{}>", tree.name(id).to_ascii_lowercase()).unwrap();
                open.push(tree.end(id));
            }
        }
    }
    out.push_str(&"</>".repeat(open.len()));
    out
}

#[test]
fn trees_are_as_html5ever_builds_them() {
    for html in [
        "<p>One<p>Two <b>bold<i>both</b>italic</i> end",
        "<table><tr><td>a<td>b<tr><th>c</table>after",
        "<table>foster<tr><td>x</td></tr>ed</table>",
        "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
        "<a href=1>x<a href=2>y</a>z",
        "<!doctype html><html><head><title>T &amp; t</title><meta charset=utf-8><script>if(a<b){'</p>'}</script></head><body class=x>t</body></html> tail",
        "<b><p>x</b>y</p>z",
        "<svg><path/><title>t</title><p>out</svg>in",
        "<math><mi>x</mi><annotation-xml><b>y</annotation-xml></math>",
        "<select><option>a<option>b</select>",
        "<dl><dt>a<dd>b<dt>c</dl>",
        "<button><p>a<button>b</button>",
        "<h1>a<h2>b</h2>c",
        "<pre>\n\nx</pre><textarea>\n<b></textarea>",
        "<script><!--<script></script>--></script>x",
        "<template><tr><td>x</template>y",
        "<form><form>a</form>b</form>c",
        "</p>x</br>y",
        "<p><table><tr><td>q</table>",
        "<ruby>漢<rp>(<rt>かん<rp>)</ruby>",
        "<font><p>hello<b>cruel</font>world",
        "<b><em><foo><foo><aside></b></em>",
        "a<!-- c -->b<!-->d<!--->e",
        "<div><span></div></span>x",
        "<body><p>a</body><p>b</html>c",
        "<table><caption>c<col><tbody><td>x</table>",
        "<nobr>a<nobr>b</nobr>",
        "<image src=x><isindex>",
        "<p a=1 b='2' c=\"3\" d = 4/>x<br/>y",
        "x<0 & y>1 <3",
        "<svg><mtext><b>x",
        "<math><foreignObject><b>x",
        "<svg><font>a<font size=1>b",
        "<annotation-xml><math></annotation-xml>x",
    ] {
        assert_eq!(by_ours(html), by_html5ever(html), "{html}");
    }
}

/// Tags that make no foreign content and no head, where the parsers differ on purpose.
fn soup() -> impl Strategy<Value = String> {
    let tags = [
        "p",
        "div",
        "b",
        "i",
        "a",
        "em",
        "font",
        "ul",
        "li",
        "table",
        "tr",
        "td",
        "tbody",
        "h1",
        "h2",
        "span",
        "br",
        "img",
        "blockquote",
        "form",
        "dl",
        "dt",
        "dd",
        "pre",
        "section",
        "strong",
        "nobr",
        "button",
        "hr",
        "caption",
        "colgroup",
        "col",
        "th",
        "ol",
        "article",
        "u",
        "code",
        "center",
    ];
    let piece = (0..tags.len(), 0..8_u8).prop_map(move |(tag, kind)| match kind {
        0..=3 => format!("<{}>", tags[tag]),
        4..=5 => format!("</{}>", tags[tag]),
        _ => format!("t{tag} "),
    });
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_soup_gives_the_same_tree(soup in soup()) {
        let html = format!("<!doctype html><body>{soup}");
        prop_assert_eq!(by_ours(&html), by_html5ever(&html));
    }

    #[test]
    fn no_text_is_too_strange(html in ".{0,200}") {
        let tree = Tree::parse(&html);
        prop_assert!(!tree.is_empty());
    }
}

#[test]
fn end_tags_in_an_integration_point_come_to_an_end() {
    for html in [
        "<svg><foreignObject></p>x",
        "<svg><title></br>x",
        "<math><mi></p>x",
        "<svg></p>x",
    ] {
        let tree = Tree::parse(html);
        assert!(
            tree.subtree(NodeId::ROOT).any(|id| tree.text(id) == "x"),
            "{html}"
        );
    }
}

#[test]
fn depth_costs_no_more_than_length() {
    let nested = "<div>".repeat(100_000) + "deep" + &"</div>".repeat(100_000) + "<p>after";
    let tree = Tree::parse(&nested);
    assert!(tree.text_of(NodeId::ROOT).ends_with("deep after"));
    let formatting = "<b><i><font size=1>".repeat(4_000) + "<p>x";
    assert_eq!(Tree::parse(&formatting).text_of(NodeId::ROOT), "x");
    let open = "<a href=1><p>".repeat(3_000);
    assert!(Tree::parse(&open).len() > 6_000);
    let markers = "<object><b>".repeat(100_000);
    let nodes = Tree::parse(&markers).len();
    assert!((200_000..201_000).contains(&nodes), "{nodes}");
    // Formatting that is open beyond the greatest depth is not opened again for every text.
    let styled: String = (0..20_000)
        .map(|n: u32| ["<b class=c", &n.to_string(), ">x"].concat())
        .collect();
    let nodes = Tree::parse(&styled).len();
    assert!((40_000..80_000).contains(&nodes), "{nodes}");
}

#[test]
fn the_start_of_a_text_is_the_start_of_all_of_it() {
    let tree = Tree::parse("<div> Fog on <b>the</b><p>harbour, \u{4e2d}\u{6587} &amp;<p>more");
    let whole = tree.text_of(NodeId::ROOT);
    for count in 0..=whole.chars().count() + 1 {
        let start: String = whole.chars().take(count).collect();
        assert_eq!(tree.text_start(NodeId::ROOT, count), start);
    }
}
