//! Look-ups beside libxml2 2.14 (XPath) and soupsieve 2.8 (CSS), whose answers on
//! `tests/lookups/page.html` are recorded beside it.

use pressmark_html::{Css, Found, NodeId, Tag, Tree, Value, XPath};
use proptest::prelude::*;

const PAGE: &str = include_str!("../lookups/page.html");

/// The element's name and its number among the elements, from 0.
fn element(tree: &Tree<'_>, id: NodeId) -> String {
    let before = tree.subtree(NodeId::ROOT).take(id.index());
    let number = before.filter(|id| tree.tag(*id) != Tag::Text).count() - 1;
    format!("{}{number}", tree.name(id))
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

fn node(tree: &Tree<'_>, found: Found) -> String {
    if let Some(nth) = found.attribute {
        let (name, value) = tree.attrs(found.node).nth(nth).unwrap();
        return format!("@{name}={}", escape(value));
    }
    match tree.tag(found.node) {
        Tag::Text => format!("\"{}\"", escape(tree.text(found.node))),
        _ => element(tree, found.node),
    }
}

fn value(tree: &Tree<'_>, value: &Value) -> String {
    match value {
        Value::Nodes(nodes) => {
            let nodes = nodes.iter().filter(|found| found.node != NodeId::ROOT);
            let nodes: Vec<String> = nodes.map(|found| node(tree, *found)).collect();
            format!("nodes {}", nodes.join(" | ")).trim_end().to_owned()
        }
        Value::Text(text) => format!("text {}", escape(text)),
        Value::Number(number) if number.is_infinite() && *number > 0.0 => "number Infinity".into(),
        Value::Number(number) => format!("number {}", if *number == 0.0 { 0.0 } else { *number }),
        Value::Boolean(boolean) => format!("boolean {boolean}"),
    }
}

#[test]
fn xpath_gives_what_libxml2_gives() {
    let tree = Tree::parse(PAGE);
    let root = tree.children(NodeId::ROOT).next().unwrap();
    let mut wrong = Vec::new();
    for line in include_str!("../lookups/xpath.tsv").lines() {
        let (expr, expected) = line.split_once('\t').unwrap();
        let expr = expr.replace("\\n", "\n");
        let found = match XPath::new(&expr) {
            Ok(xpath) => value(&tree, &xpath.evaluate(&tree, root).unwrap()),
            Err(error) => error.to_string(),
        };
        if found.trim_end() != expected.trim_end() {
            wrong.push(format!("{expr}\n  {found}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn css_finds_what_soupsieve_finds() {
    let tree = Tree::parse(PAGE);
    let mut wrong = Vec::new();
    for line in include_str!("../lookups/css.tsv").lines() {
        let (selector, expected) = line.split_once('\t').unwrap();
        let found = Css::new(selector).unwrap().select(&tree, NodeId::ROOT);
        let found: Vec<String> = found.iter().map(|id| element(&tree, *id)).collect();
        if found.join(" ") != expected {
            wrong.push(format!("{selector}\n  {}\n  {expected}", found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_elements_are_found_in_any_case() {
    let tree = Tree::parse("<DIV Data-X=1><x-Tag>a</x-Tag><svg viewBox='0 0 1 1'></svg></DIV>");
    for expr in [
        "//DIV/X-TAG",
        "//div[@data-x]/x-tag",
        "//div[@DATA-X='1']/*[1]",
    ] {
        let found = XPath::new(expr).unwrap().text(&tree, NodeId::ROOT);
        assert_eq!(found.as_deref(), Ok("a"), "{expr}");
    }
    for selector in ["DIV X-TAG", "div x-tag", "[DATA-X='1'] > :first-child"] {
        let found = Css::new(selector).unwrap().select(&tree, NodeId::ROOT);
        assert_eq!(found.len(), 1, "{selector}");
    }
}

#[test]
fn languages_are_those_of_html() {
    let tree = Tree::parse(PAGE);
    let count = |expr: &str| {
        XPath::new(expr)
            .unwrap()
            .nodes(&tree, NodeId::ROOT)
            .unwrap()
            .len()
    };
    assert_eq!(count("//p[lang('de')]"), 1);
    assert_eq!(count("//b[lang('DE')]"), 1);
    assert_eq!(count("//p[lang('en')]"), 6);
    assert_eq!(count("//p[lang('e')]"), 0);
}

#[test]
fn what_scrapers_write_beyond_the_standard_is_understood() {
    let tree = Tree::parse(PAGE);
    let texts = |selector: &str| {
        let found = Css::new(selector).unwrap().select(&tree, NodeId::ROOT);
        let texts: Vec<String> = found.iter().map(|id| tree.text_of(*id)).collect();
        texts.join("|")
    };
    assert_eq!(texts("a[href=/news?a=1]"), "News");
    assert_eq!(texts("a[href!='/'][class!=x]:not([rel])"), "News|A|B");
    assert_eq!(texts("p:contains(Deeper)"), "Deeper");
    assert_eq!(
        texts("div:has(> p > b) > p:last-child"),
        "End. Ünïcode — 日本語"
    );
    assert_eq!(texts(r"#\66 oot > p"), "Copyright");
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    for (expr, expected) in [
        (
            "",
            "a name, `*`, `@`, `.` or `..` is missing at character 1",
        ),
        (
            "//",
            "a name, `*`, `@`, `.` or `..` is missing at character 3",
        ),
        (
            "//p[",
            "a name, `*`, `@`, `.` or `..` is missing at character 5",
        ),
        ("//p[1", "`]` is missing at character 6"),
        ("//p]", "the expression should end here at character 4"),
        (
            "//p[@é='x]",
            "the text that begins here has no end at character 8",
        ),
        ("kind::p", "there is no axis `kind` at character 1"),
        (
            "lower-case(//p)",
            "XPath 1.0 has no function `lower-case` at character 1",
        ),
        (
            "contains(//p)",
            "`contains()` takes 2 arguments, not 1 at character 1",
        ),
        (
            "concat('a')",
            "`concat()` takes at least 2 arguments, not 1 at character 1",
        ),
        (
            "count('a')",
            "`count()` takes nodes, and what it has is a value at character 10",
        ),
        (
            "'a'|//p",
            "`|` takes nodes, and what it has is a value at character 4",
        ),
        ("$x", "there are no variables at character 1"),
        (
            "//p/string()",
            "a function cannot stand in a path at character 5",
        ),
        ("//p#x", "`#` has no meaning at character 4"),
    ] {
        let error = XPath::new(expr).unwrap_err();
        assert_eq!(error.to_string(), expected, "{expr}");
    }
    for (selector, expected) in [
        ("", "a selector is missing at character 1"),
        ("p >", "a selector is missing at character 4"),
        ("p,,a", "a selector is missing at character 3"),
        ("p)", "`)` is out of place at character 2"),
        ("p[href", "`]` is missing at character 7"),
        ("p[a=]", "a value is missing at character 5"),
        ("p:not(a", "`)` is missing at character 8"),
        (
            "p::before",
            "a part such as `::before` is not in the page at character 2",
        ),
        (
            "li:nth-child(x)",
            "a place such as `2`, `odd` or `2n + 1` is missing at character 14",
        ),
        ("svg|a", "namespaces are not known at character 4"),
    ] {
        let error = Css::new(selector).unwrap_err();
        assert_eq!(error.to_string(), expected, "{selector}");
    }
    assert!(XPath::new("$x").unwrap_err().hint.is_some());
}

#[test]
fn hostile_expressions_end() {
    let nested = "<div>".repeat(400);
    let page = format!("{nested}{}", "<p>a<b>b</b></p>".repeat(2_500));
    let tree = Tree::parse(&page);
    let slow = "//*[count(//*[count(//*)>1])>1]";
    let xpath = XPath::new(slow).unwrap();
    assert!(xpath.evaluate(&tree, NodeId::ROOT).is_err());
    let siblings = XPath::new("count(//p/preceding-sibling::p/following-sibling::p)").unwrap();
    assert!(siblings.evaluate(&tree, NodeId::ROOT).is_err());
    // What looks for something below nested elements is no worse than one walk.
    let below = XPath::new("//div//div//div//p//b").unwrap();
    assert_eq!(
        below.nodes(&tree, NodeId::ROOT).map(|found| found.len()),
        Ok(2_500)
    );
    let css = Css::new("div div div div div p ~ p b").unwrap();
    assert_eq!(css.select(&tree, NodeId::ROOT).len(), 2_499);

    assert!(XPath::new(&"(".repeat(100_000)).is_err());
    assert!(XPath::new(&"a[".repeat(100_000)).is_err());
    assert!(XPath::new(&"-".repeat(100_000)).is_err());
    assert!(XPath::new(&vec!["1"; 100_000].join("+")).is_err());
    assert!(Css::new(&":not(".repeat(100_000)).is_err());
    assert!(Css::new(&"a ".repeat(100_000)).is_err());
}

proptest! {
    #[test]
    fn no_expression_panics(expr in "[a-z@/*.:()\\[\\]|=<>+'\" ,0-9é-]{0,40}", page in "[<>a-z/ ='é]{0,80}") {
        let tree = Tree::parse(&page);
        if let Ok(xpath) = XPath::new(&expr) {
            let found = xpath.nodes(&tree, NodeId::ROOT).unwrap_or_default();
            prop_assert!(found.is_sorted());
        }
        if let Ok(css) = Css::new(&expr) {
            prop_assert!(css.select(&tree, NodeId::ROOT).is_sorted());
        }
    }

    #[test]
    fn pieces_put_together_never_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "//", "/", "p", "*", "div", "@class", "[", "]", "(", ")", "1", "last()", "position()",
            "=", "'a'", " and ", "|", "..", ".", "text()", "ancestor::", "following::", "preceding::",
            "count(", "contains(", "substring(", ",", "-", " div ", "normalize-space(", "id(", ":not(",
            ".a", "#b", ":nth-child(", "2n+1", ">", "~", ":has(", "[a=b]", "translate(",
        ]), 0..14),
    ) {
        let tree = Tree::parse(PAGE);
        let expr = pieces.concat();
        if let Ok(xpath) = XPath::new(&expr) {
            let value = xpath.evaluate(&tree, NodeId::ROOT);
            prop_assert!(value.is_ok());
        }
        if let Ok(css) = Css::new(&expr) {
            prop_assert!(css.select(&tree, NodeId::ROOT).is_sorted());
        }
    }
}
