//! Markdown, read back by another parser.

use pressmark_html::{plain_text, sanitise, to_markdown};
use proptest::prelude::*;
use pulldown_cmark::{Options, Parser, html};

/// What another parser reads out of Markdown.
fn read_back(markdown: &str) -> String {
    let mut out = String::new();
    html::push_html(&mut out, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    out
}

fn words(html: &str) -> String {
    plain_text(html)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// How often each element is there.
fn counted(html: &str, names: &[&str]) -> Vec<usize> {
    names
        .iter()
        .map(|name| {
            html.matches(&format!("<{name}>")).count() + html.matches(&format!("<{name} ")).count()
        })
        .collect()
}

#[test]
fn structure_is_read_back() {
    let source = "<h2>Ferries &amp; trains</h2><p>The <b>first</b> leaves at <i>six</i>,\
        <b>首班。</b>六点.<ul><li>one<ul><li>a<ol><li>x<li>y</ol></ul><li>two</ul>\
        <blockquote><p>Said *he*<ul><li>in a quote</ul></blockquote>\
        <pre>fn main() {\n\n    `x`\n}</pre><p><code>a|`b`</code> <a href=https://x.example/?a=1&amp;b=(2)>l</a>\
        <table><tr><th>h<th>i<tr><td>1<td><code>a|b</code></table>\
        <figure><img src=https://x.example/i.png alt=i><figcaption>Cap</figcaption></figure>";
    let clean = sanitise(source, None);
    let read = read_back(&to_markdown(source, None));
    let names = [
        "h2",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "a",
        "table",
        "tr",
        "img",
    ];
    let mut want = counted(&clean, &names);
    // A block of code has both tags.
    want[6] += want[5];
    assert_eq!(counted(&read, &names), want, "{read}");
    assert_eq!(counted(&read, &["strong", "em"]), [2, 2], "{read}");
    assert!(
        read.contains("href=\"https://x.example/?a=1&amp;b=(2)\""),
        "{read}"
    );
    assert_eq!(words(&read), words(&clean));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn text_is_read_back_from_any_line(text in r"[a中é。 *_`\[\]()<>!#+=|~:&;.0-9\\-]{0,24}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        for html in [
            format!("<p>{escaped}"),
            format!("<h2>{escaped}</h2>"),
            format!("<ul><li>{escaped}<li>x</ul>"),
            format!("<p>x<br>{escaped}"),
            format!("<p>x<b>{escaped}</b>y<i><code>{escaped}</code></i>"),
            format!("<table><tr><td>{escaped}<td><code>{escaped}</code></table>"),
            format!("<p><a href=https://x.example/>{escaped}</a>{escaped}"),
        ] {
            let markdown = to_markdown(&html, None);
            prop_assert_eq!(words(&read_back(&markdown)), words(&sanitise(&html, None)), "{}", markdown);
        }
    }

    #[test]
    fn text_is_read_back_from_any_structure(
        parts in prop::collection::vec(prop_oneof![
            Just("<p>"), Just("<b>"), Just("</b>"), Just("<i>"), Just("</i>"), Just("<strong>"),
            Just("</strong>"), Just("<ul><li>"), Just("<li>"), Just("</ul>"), Just("<ol start=7><li>"),
            Just("</ol>"), Just("<blockquote>"), Just("</blockquote>"), Just("<br>"), Just("<hr>"),
            Just("<pre>"), Just("</pre>"), Just("<code>"), Just("</code>"), Just("<h3>"), Just("</h3>"),
            Just("<a href=https://x.example/(a)>"), Just("</a>"), Just("<table><tr><td>"), Just("<td rowspan=2>"),
            Just("<tr><th colspan=2>"), Just("</table>"), Just("<figure><figcaption>"), Just("</figure>"),
            Just("<dl><dt>"), Just("<dd>"), Just("</dl>"), Just("<sup>"), Just("</sup>"),
            Just("<img src=https://x.example/i alt='*a*'>"), Just("word"), Just(" two words "), Just("中文。"),
            Just("（"), Just("- "), Just("1. "), Just("# "), Just("*"), Just("_"), Just("`"), Just("&amp;lt;"),
            Just("\n"), Just("|"), Just("!"), Just("“q”"), Just("\\"), Just("---"), Just("&nbsp;"),
        ], 0..28)
    ) {
        let html = parts.concat();
        let markdown = to_markdown(&html, None);
        prop_assert_eq!(words(&read_back(&markdown)), words(&sanitise(&html, None)), "{}", markdown);
    }
}
