//! The page with its blocks coloured by what became of them, as one HTML file.

use std::fmt::Write as _;

use pressmark_html::{Attr, NodeId, Tag, Tree, escape};

use crate::{Decision, Extraction};

/// Elements nested deeper than this are shown as if they stood at this depth.
const DEEPEST: usize = 120;

const STYLE: &str = "\
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#1c2024;background:#fff}\
header{padding:1rem 1.5rem;border-bottom:1px solid #d5d9de;background:#f7f8f9}\
h1{margin:0 0 .4rem;font-size:1.3rem}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.4rem 0}dt{color:#5b6570}dd{margin:0}\
.both{display:grid;grid-template-columns:minmax(0,1.7fr) minmax(0,1fr)}\
main{padding:1rem 1.5rem;overflow-wrap:anywhere}\
aside{padding:1rem 1.5rem;border-left:1px solid #d5d9de;font-size:13px;position:sticky;top:0;max-height:100vh;overflow:auto;box-sizing:border-box}\
ol{margin:0;padding-left:3.2em}li{margin:0 0 .35rem}li b{font-weight:600}li i{font-style:normal;color:#5b6570}\
.kept,.gone{border-left:4px solid;padding:1px 6px;margin:2px 0}\
.kept{border-color:#1a7f37;background:#e6f6ea}.gone{border-color:#c62828;background:#fdecec;color:#57262a}\
span.kept,span.gone{border-left-width:3px;margin:0}\
.root{outline:3px solid #2458d3;outline-offset:3px;margin:10px 0;padding:4px}\
li.kept,li.gone{padding:2px 6px;margin-left:0}\
.why{font-size:11px;text-decoration:none;color:#9b1c1c;border:1px solid;border-radius:3px;padding:0 3px;margin-right:5px;background:#fff}\
.pic{color:#5b6570;border:1px dashed #9aa3ad;padding:0 4px;font-size:13px}\
.h{font-weight:600;font-size:1.1em}.item::before{content:'\u{2022} '}\
:target{box-shadow:0 0 0 3px #f0b400}\
@media(max-width:800px){.both{display:block}aside{position:static;max-height:none;border:0}}";

/// Writes the page. It has no scripts and loads nothing.
pub(crate) fn page(tree: &Tree<'_>, extraction: &Extraction, nodes: &[Option<NodeId>]) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let title = escape(&extraction.article.title);
    out.push_str("<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
    add(
        &mut out,
        format_args!("<title>{title}</title><style>{STYLE}</style></head><body>"),
    );
    facts(&mut out, extraction);
    out.push_str("<div class=\"both\"><main>");
    let mut shown = Shown {
        tree,
        trace: placed(extraction, nodes),
        out: &mut out,
        open: Vec::new(),
        next: 0,
    };
    shown.all();
    out.push_str("</main><aside><ol>");
    for (number, decision) in extraction.trace.iter().enumerate() {
        let text = escape(&decision.text);
        add(
            &mut out,
            format_args!(
                "<li class=\"{}\" id=\"r{number}\"><a href=\"#d{number}\">{}</a> <b>{}</b> {} <i>{text}</i></li>",
                class(decision),
                escape(&decision.element),
                decision.step,
                escape(&decision.reason),
            ),
        );
    }
    out.push_str("</ol></aside></div></body></html>\n");
    out
}

/// The decisions that are on nodes, with their numbers.
fn placed<'t>(
    extraction: &'t Extraction,
    nodes: &[Option<NodeId>],
) -> Vec<(NodeId, usize, &'t Decision)> {
    let numbered = nodes.iter().zip(&extraction.trace).enumerate();
    numbered
        .filter_map(|(number, (node, decision))| Some(((*node)?, number, decision)))
        .collect()
}

fn facts(out: &mut String, extraction: &Extraction) {
    let article = &extraction.article;
    let kept = extraction.trace.iter().filter(|d| d.kept).count();
    let date = article.published.map(|at| at.to_string());
    let counted = format!(
        "{kept} kept (green), {} removed (red); the element that holds the body has a blue frame",
        extraction.trace.len() - kept
    );
    let confidence = format!("{:.2}", extraction.confidence);
    add(
        out,
        format_args!("<header><h1>{}</h1><dl>", escape(&article.title)),
    );
    for (name, value) in [
        ("authors", article.authors.join(", ")),
        ("published", date.unwrap_or_default()),
        ("lead", article.lead.clone().unwrap_or_default()),
        ("confidence", confidence),
        (
            "article",
            if extraction.is_article { "yes" } else { "no" }.to_owned(),
        ),
        ("encoding", extraction.encoding.to_owned()),
        ("blocks", counted),
    ] {
        if !value.is_empty() {
            add(
                out,
                format_args!("<dt>{name}</dt><dd>{}</dd>", escape(&value)),
            );
        }
    }
    out.push_str("</dl></header>");
}

fn class(decision: &Decision) -> &'static str {
    if decision.kept { "kept" } else { "gone" }
}

fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    out.write_fmt(text).ok();
}

struct Shown<'t, 's> {
    tree: &'t Tree<'s>,
    trace: Vec<(NodeId, usize, &'t Decision)>,
    out: &'t mut String,
    /// The open elements: where each ends, and its end tag.
    open: Vec<(NodeId, &'static str)>,
    /// The next decision.
    next: usize,
}

impl Shown<'_, '_> {
    fn all(&mut self) {
        let end = self.tree.end(NodeId::ROOT);
        let mut at = NodeId::ROOT;
        while at < end {
            self.close_until(at);
            at = if self.node(at) {
                NodeId::from_index(at.index() + 1)
            } else {
                self.tree.end(at)
            };
        }
        self.close_until(end);
    }

    fn close_until(&mut self, at: NodeId) {
        while let Some((_, tag)) = self.open.pop_if(|(end, _)| *end <= at) {
            self.out.push_str(tag);
        }
    }

    fn open(&mut self, id: NodeId, start: &str, end: &'static str) {
        if self.open.len() < DEEPEST {
            self.out.push_str(start);
            self.open.push((self.tree.end(id), end));
        }
    }

    /// Shows a node; gives back whether what is below it is shown, too.
    fn node(&mut self, id: NodeId) -> bool {
        while let Some((at, number, decision)) = self.trace.get(self.next).copied()
            && at <= id
        {
            self.decision(id, number, decision);
            self.next += 1;
        }
        let (tree, tag) = (self.tree, self.tree.tag(id));
        match tag {
            Tag::Text => self.out.push_str(&escape(tree.text(id))),
            Tag::Br => self.out.push_str("<br>"),
            Tag::Hr => self.out.push_str("<hr>"),
            Tag::Img => self.media(id, "\u{25A3}"),
            Tag::Iframe | Tag::Video | Tag::Audio | Tag::Embed => {
                self.media(id, "\u{25B6}");
                return false;
            }
            _ if tag.is_hidden() => return false,
            Tag::A => self.open(id, "<u>", "</u>"),
            Tag::B | Tag::Strong => self.open(id, "<strong>", "</strong>"),
            Tag::Em | Tag::I => self.open(id, "<em>", "</em>"),
            Tag::Pre => self.open(id, "<pre>", "</pre>"),
            Tag::Li => self.open(id, "<div class=\"item\">", "</div>"),
            _ if tag.is_heading() => self.open(id, "<div class=\"h\">", "</div>"),
            _ if tag.is_block() => self.open(id, "<div>", "</div>"),
            _ => {}
        }
        true
    }

    fn decision(&mut self, id: NodeId, number: usize, decision: &Decision) {
        let title = format!("{}: {}", decision.step, decision.reason).replace('"', "'");
        let (title, class) = (escape(&title), class(decision));
        let is_root = decision.kept && decision.step == "candidate";
        let class = if is_root { "root" } else { class };
        let block = self.tree.tag(id).is_block();
        let (tag, end) = if block {
            ("div", "</div>")
        } else {
            ("span", "</span>")
        };
        let start = format!("<{tag} class=\"{class}\" id=\"d{number}\" title=\"{title}\">");
        self.open(id, &start, end);
        if !decision.kept {
            let why = format!("<a class=\"why\" href=\"#r{number}\">{}</a>", decision.step);
            self.out.push_str(&why);
        }
    }

    fn media(&mut self, id: NodeId, sign: &str) {
        let named = [Attr::Alt, Attr::Title, Attr::Src, Attr::DataSrc];
        let name = named
            .into_iter()
            .filter_map(|attr| self.tree.attr(id, attr))
            .find(|name| !name.trim().is_empty())
            .unwrap_or_default();
        let name: String = name.chars().take(100).collect();
        add(
            self.out,
            format_args!("<span class=\"pic\">{sign} {}</span>", escape(&name)),
        );
    }
}
