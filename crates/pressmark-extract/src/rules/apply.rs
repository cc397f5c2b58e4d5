//! Applying a site's rules to a page, in the order of work of Graby: replacements in the raw HTML,
//! links to further pages, what is told of the article, changes to the page, the body.

use std::borrow::Cow;

use pressmark_html::{Attr, Edits, Found, NodeId, Tag, Tree, Value, XPath, fold};
use pressmark_model::WebUrl;

use super::{Change, Link, Rule, SiteRules};
use crate::trace::Removal;

/// How much longer replacements may make a page, in bytes beyond eight times its length.
const MAX_GROWTH: usize = 1 << 20;

/// What the rules made of a page.
#[derive(Debug, Default)]
pub(crate) struct Applied<'s> {
    pub(crate) title: Option<String>,
    pub(crate) authors: Vec<String>,
    /// Texts that should hold the date, in order.
    pub(crate) dates: Vec<String>,
    pub(crate) advertisement: bool,
    pub(crate) single_page: Option<WebUrl>,
    pub(crate) next: Option<WebUrl>,
    /// The page with the changes made, if there were any.
    pub(crate) changed: Option<Tree<'s>>,
    /// The body alone.
    pub(crate) body: Option<Tree<'s>>,
    /// Where the rule for the body stands.
    pub(crate) body_by: Option<String>,
    pub(crate) trace: Vec<Removal>,
}

impl SiteRules {
    /// The HTML with replacements made; `None` if nothing was replaced.
    pub(crate) fn replace(&self, html: &str) -> Option<String> {
        let limit = html.len() * 8 + MAX_GROWTH;
        let mut replaced = Cow::Borrowed(html);
        for rule in &self.replacements {
            let (find, with) = &rule.value;
            let count = replaced.matches(find.as_str()).count();
            let grown = replaced.len() + count * with.len();
            if count > 0 && grown <= limit {
                replaced = Cow::Owned(replaced.replace(find.as_str(), with));
            }
        }
        match replaced {
            Cow::Borrowed(_) => None,
            Cow::Owned(html) => Some(html),
        }
    }

    /// Whether JSON-LD is not to be believed.
    pub(crate) fn skips_json_ld(&self) -> bool {
        self.skip_json_ld == Some(true)
    }

    /// Whether the body is searched for what does not belong to it, too.
    pub(crate) fn prunes(&self) -> bool {
        self.prune == Some(true)
    }

    /// Applies all but the replacements. `in_feed` is what the feed said of the entry, HTML.
    pub(crate) fn apply<'s>(
        &self,
        tree: &Tree<'s>,
        base: Option<&WebUrl>,
        url: Option<&WebUrl>,
        in_feed: Option<&str>,
    ) -> Applied<'s> {
        let mut trace = Vec::new();
        let told = in_feed.filter(|_| !self.single_page_in_feed.is_empty());
        let told = told.and_then(|html| {
            let entry = Tree::parse(html);
            link(&entry, &self.single_page_in_feed, base, url, &mut trace)
        });
        let mut applied = Applied {
            single_page: told.or_else(|| link(tree, &self.single_page, base, url, &mut trace)),
            next: link(tree, &self.next_page, base, url, &mut trace),
            advertisement: self
                .native_ad
                .iter()
                .any(|rule| rule.value.holds(tree, NodeId::ROOT) == Ok(true)),
            title: texts(tree, &self.title, &mut trace).into_iter().next(),
            authors: texts(tree, &self.author, &mut trace),
            dates: texts(tree, &self.date, &mut trace),
            ..Applied::default()
        };
        let edits = self.edits(tree, &mut trace);
        if !edits.is_empty() {
            applied.changed = Some(tree.edited(&edits));
        }
        let changed = applied.changed.as_ref().unwrap_or(tree);
        if let Some((parts, by)) = self.body(changed, &mut trace) {
            applied.body = Some(changed.of_parts(&parts));
            applied.body_by = Some(by);
        }
        applied.trace = trace;
        applied
    }

    fn edits(&self, tree: &Tree<'_>, trace: &mut Vec<Removal>) -> Edits {
        let mut edits = Edits::default();
        for rule in &self.changes {
            match &rule.value {
                Change::Wrap(tag, path) => {
                    for found in nodes(tree, rule, path, trace) {
                        edits.wrap(found.node, *tag);
                    }
                }
                Change::Strip(path) => {
                    for found in nodes(tree, rule, path, trace) {
                        match found.attribute {
                            Some(nth) => edits.remove_attribute(found.node, nth),
                            None => remove(tree, &mut edits, found.node, rule, "strip", trace),
                        }
                    }
                }
                Change::StripToken(token) => {
                    for node in tree.subtree(NodeId::ROOT) {
                        if has_token(tree, node, token) && !self.spares(tree, node) {
                            let what = "strip_id_or_class";
                            remove(tree, &mut edits, node, rule, what, trace);
                        }
                    }
                }
                Change::StripImage(part) => {
                    for node in tree.subtree(NodeId::ROOT) {
                        let source = tree.attr(node, Attr::Src).unwrap_or_default();
                        if tree.tag(node) == Tag::Img && source.contains(&**part) {
                            edits.remove(node);
                        }
                    }
                }
                Change::Dissolve(path) => {
                    for found in nodes(tree, rule, path, trace) {
                        edits.unwrap(found.node);
                    }
                }
                Change::Move(path, into) => {
                    let target = nodes(tree, rule, into, trace).first().copied();
                    let moved = nodes(tree, rule, path, trace);
                    for found in moved.iter().filter(|found| found.attribute.is_none()) {
                        if let Some(target) = target {
                            edits.move_into(tree, found.node, target.node);
                        }
                    }
                }
            }
        }
        self.read_lazy_images(tree, &mut edits);
        edits
    }

    /// Attributes that hold an image's address until a script puts it in place.
    fn read_lazy_images(&self, tree: &Tree<'_>, edits: &mut Edits) {
        if self.lazy.is_empty() {
            return;
        }
        let is_lazy = |name: &str| self.lazy.iter().any(|lazy| lazy.eq_ignore_ascii_case(name));
        for node in tree.subtree(NodeId::ROOT) {
            if tree.tag(node) == Tag::Img
                && let Some(nth) = tree.attrs(node).position(|(name, _)| is_lazy(name))
            {
                edits.rename_attribute(node, nth, Attr::DataSrc);
            }
        }
    }

    fn spares(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        self.spared.iter().any(|word| has_token(tree, node, word))
    }

    /// The nodes of the first pattern that finds something to read, and where it stands.
    fn body(&self, tree: &Tree<'_>, trace: &mut Vec<Removal>) -> Option<(Vec<NodeId>, String)> {
        for rule in &self.body {
            let mut parts: Vec<NodeId> = Vec::new();
            for found in nodes(tree, rule, &rule.value, trace) {
                let inside = parts
                    .last()
                    .is_some_and(|last| tree.contains(*last, found.node));
                if found.attribute.is_none() && !inside {
                    parts.push(found.node);
                }
            }
            if parts.iter().any(|part| !tree.text_of(*part).is_empty()) {
                return Some((parts, said(rule, "body", rule.value.source())));
            }
        }
        None
    }
}

fn has_token(tree: &Tree<'_>, node: NodeId, token: &str) -> bool {
    [Attr::Id, Attr::Class].into_iter().any(|attr| {
        let list = tree.attr(node, attr).unwrap_or_default();
        list.split_ascii_whitespace().any(|word| word == token)
    })
}

/// How a rule is named in the trace.
fn said<T>(rule: &Rule<T>, directive: &str, value: &str) -> String {
    let place = &rule.place;
    format!("{} line {}: `{directive}: {value}`", place.file, place.line)
}

fn too_much<T>(rule: &Rule<T>, trace: &mut Vec<Removal>) {
    trace.push(Removal {
        step: "rule",
        reason: format!(
            "{} line {}: takes too many steps on this page, and is left out",
            rule.place.file, rule.place.line
        ),
        text: String::new(),
    });
}

fn nodes<T>(tree: &Tree<'_>, rule: &Rule<T>, path: &XPath, trace: &mut Vec<Removal>) -> Vec<Found> {
    path.nodes(tree, NodeId::ROOT).unwrap_or_else(|_| {
        too_much(rule, trace);
        Vec::new()
    })
}

fn remove(
    tree: &Tree<'_>,
    edits: &mut Edits,
    node: NodeId,
    rule: &Rule<Change>,
    directive: &str,
    trace: &mut Vec<Removal>,
) {
    // A rule that takes out the page itself cannot be meant.
    let is_page = matches!(tree.tag(node), Tag::Document | Tag::Html | Tag::Body);
    if is_page || edits.removes(tree, node) {
        return;
    }
    edits.remove(node);
    let text: String = tree.text_of(node).chars().take(80).collect();
    if text.is_empty() {
        return;
    }
    let value = match &rule.value {
        Change::Strip(path) => path.source(),
        Change::StripToken(token) => token,
        _ => "",
    };
    trace.push(Removal {
        step: "rule",
        reason: said(rule, directive, value),
        text,
    });
}

/// The texts that the first of these rules finds, folded; empty ones left out.
fn texts(tree: &Tree<'_>, rules: &[Rule<XPath>], trace: &mut Vec<Removal>) -> Vec<String> {
    for rule in rules {
        let found = match rule.value.evaluate(tree, NodeId::ROOT) {
            Ok(Value::Nodes(nodes)) => nodes
                .iter()
                .map(|found| match found.attribute {
                    Some(_) => fold(&found.text(tree)),
                    None => fold(&tree.text_of(found.node)),
                })
                .collect(),
            Ok(Value::Text(text)) => vec![fold(&text)],
            Ok(Value::Number(_) | Value::Boolean(_)) => Vec::new(),
            Err(_) => {
                too_much(rule, trace);
                Vec::new()
            }
        };
        let found: Vec<String> = found.into_iter().filter(|text| !text.is_empty()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The address that the first of these links gives whose conditions hold.
fn link(
    tree: &Tree<'_>,
    rules: &[Rule<Link>],
    base: Option<&WebUrl>,
    url: Option<&WebUrl>,
    trace: &mut Vec<Removal>,
) -> Option<WebUrl> {
    rules.iter().find_map(|rule| {
        let Link { path, conditions } = &rule.value;
        let met = conditions
            .iter()
            .all(|condition| condition.holds(tree, NodeId::ROOT) == Ok(true));
        if !met {
            return None;
        }
        let written = match path.evaluate(tree, NodeId::ROOT) {
            Ok(Value::Nodes(nodes)) => nodes
                .iter()
                .map(
                    |found| match (found.attribute, tree.attr(found.node, Attr::Href)) {
                        (None, Some(href)) => href.to_owned(),
                        _ => found.text(tree),
                    },
                )
                .collect(),
            Ok(Value::Text(text)) => vec![text],
            Ok(Value::Number(_) | Value::Boolean(_)) => Vec::new(),
            Err(_) => {
                too_much(rule, trace);
                Vec::new()
            }
        };
        written.iter().find_map(|address| {
            let address = address.trim();
            let found = match base {
                _ if address.is_empty() => None,
                Some(base) => base.join(address).ok(),
                None => address.parse().ok(),
            }?;
            let found = found.without_fragment();
            (Some(&found) != url.map(WebUrl::without_fragment).as_ref()).then_some(found)
        })
    })
}
