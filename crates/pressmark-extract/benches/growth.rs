//! Twice the page takes at most 2.2 times the time: every shape that is known to have cost more,
//! and every element, nested, repeated and never closed. Prints what grows faster, and the slowest
//! shapes; fails if there is any of the first.
//!
//! `cargo xtask bench growth [-- WORD]`; with a word, only the shapes with it in their names.

use std::time::{Duration, Instant};

use pressmark_extract::{Hints, Page, extract};
use pressmark_extract_bench::{article, chinese, listing, live_blog};
use pressmark_model::Timestamp;

/// How much longer the page of twice the size may take.
const MOST: f64 = 2.2;
/// The smaller page's size in bytes.
const SIZE: usize = 128 * 1024;
/// What takes this long needs no second look.
const ENOUGH: Duration = Duration::from_millis(150);

const ELEMENTS: [&str; 117] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "desc",
    "details",
    "dfn",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "foreignobject",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "meta",
    "mi",
    "mtext",
    "nav",
    "nobr",
    "noembed",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "picture",
    "plaintext",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "script",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "th",
    "time",
    "title",
    "tr",
    "tt",
    "ul",
    "video",
    "x-own",
];

/// A page: what stands before, what is repeated, what stands behind (that is repeated, too).
struct Shape {
    name: String,
    before: String,
    unit: String,
    behind: String,
}

impl Shape {
    fn new(name: impl Into<String>, before: &str, unit: &str, behind: &str) -> Self {
        Self {
            name: name.into(),
            before: before.to_owned(),
            unit: unit.to_owned(),
            behind: behind.to_owned(),
        }
    }

    fn page(&self, size: usize) -> String {
        let count = size / (self.unit.len() + self.behind.len()).max(1) + 1;
        let mut page = self.before.clone();
        for n in 0..count {
            page.push_str(&self.unit.replace("{n}", &n.to_string()));
        }
        page.push_str(&self.behind.repeat(count));
        page
    }
}

fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for name in ELEMENTS {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let word = "Words, and a date. ";
        let unclosed = format!("{start}{word}");
        let closed = format!("{start}{word}{end}");
        let styled = format!("<{name} class=c{{n}}>{word}");
        let mixed = format!("<b>{start}{word}");
        let closing = format!("{start}{end}{end}<p>{word}");
        for (kind, unit, behind) in [
            ("nested", unclosed.as_str(), end.as_str()),
            ("unclosed", unclosed.as_str(), ""),
            ("repeated", closed.as_str(), ""),
            ("bare", start.as_str(), ""),
            ("styled", styled.as_str(), ""),
            ("in b", mixed.as_str(), ""),
            ("ended", closing.as_str(), ""),
        ] {
            let before = "<!doctype html><title>The bridge</title><h1>The bridge</h1>";
            shapes.push(Shape::new(format!("{kind} {name}"), before, unit, behind));
        }
    }
    for (name, before, unit, behind) in SPECIAL {
        shapes.push(Shape::new(*name, before, unit, behind));
    }
    shapes
}

/// Shapes that a step of the extractor or the parser could be slow on.
#[rustfmt::skip]
const SPECIAL: &[(&str, &str, &str, &str)] = &[
    ("dates in nested blocks", "<h1>x</h1>", "<div>10 June 2025, 10:20 ", "</div>"),
    ("times in nested blocks", "<h1>x</h1>", "<div><time>10:20</time>", "</div>"),
    ("nested times", "<h1>x</h1>", "<time>10 June ", "</time>"),
    ("named dates", "<h1>x</h1>", "<div class=date>2025-06-10 10:20", "</div>"),
    ("dates", "<h1>x</h1>", "<p>Published 10 June 2025, 10:20 CET</p>", ""),
    ("long dates", "<h1>x</h1><div class=date>", "1 2 3 ", ""),
    ("short lines", "<h1>x</h1><p>", "a b c<br>", ""),
    ("lines of one element", "<h1>x</h1><div>", "A line, of words.<br><b>x</b>", ""),
    ("inline nested in a line", "<p>", "<span>word, ", "</span>"),
    ("headings that are the title", "<title>The bridge of the harbour</title>", "<h2>The bridge of the harbour</h2>", ""),
    ("headings", "<title>The bridge of the harbour</title>", "<h1>The bridge of the quay {n}</h1><p>Some words, and more of them.</p>", ""),
    ("a long title", "<title>", "word - ", ""),
    ("a long headline", "<h1>", "word ", ""),
    ("named titles", "<title>The bridge of the harbour</title>", "<div class=title>The bridge ", "</div>"),
    ("bylines", "<h1>x</h1>", "<div class=byline>By Ada Quill and Ben Reed</div>", ""),
    ("nested bylines", "<h1>x</h1>", "<div class=author>", "Ada</div>"),
    ("authors in JSON-LD", "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"author\":[", "{\"name\":\"Ada Quill{n}\"},", "]}</script><p>text"),
    ("authors in the page's data", "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"author\":[{\"name\":\"x\"}", ",{\"name\":\"Ada Quill{n}\"}", ""),
    ("JSON-LD", "", "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"A{n}\"}</script>", ""),
    ("nested JSON-LD", "<script type=application/ld+json>", "[", "]"),
    ("open JSON-LD", "<script type=application/ld+json>{\"@graph\":", "{\"@graph\":[", ""),
    ("a long description", "<meta name=description content='", "word ", "'><h1>x</h1><p>word word word word word word word word word word</p>"),
    ("metas", "", "<meta property=article:tag content=tag{n}>", ""),
    ("same metas", "", "<meta property=article:tag content=tag>", ""),
    ("keywords", "<meta name=keywords content='", "tag{n}, ", "'>"),
    ("feeds", "", "<link rel=alternate type=application/rss+xml href=/feed/{n}>", ""),
    ("links", "<h1>x</h1>", "<a href=/x/{n}>Some words of it</a> ", ""),
    ("paragraphs with links", "<h1>x</h1>", "<p>Some words, and <a href=/x/{n}>a link</a> in it. And more of them.</p>", ""),
    ("cards", "<h1>x</h1>", "<article><a href=/{n}><h3>A title of some words</h3></a><p>Text.</p></article>", ""),
    ("nested cards", "<h1>x</h1>", "<div><a href=/>words ", "</a></div>"),
    ("nested articles", "<h1>x</h1>", "<article><a href=/></a>w", "</article>"),
    ("captions", "<h1>x</h1>", "<div class=image><img src=/{n}.jpg><div class=caption>Words</div></div>", ""),
    ("nested captions", "<h1>x</h1><img src=x>", "<div class=image>", "</div>"),
    ("nested spans with pictures", "<h1>x</h1>", "<span><img src=x>", "</span>"),
    ("figures", "<h1>x</h1>", "<figure><img src=/{n}.jpg><figcaption>Words</figcaption></figure>", ""),
    ("sources of one picture", "<picture>", "<source srcset='/{n}.jpg 1x'>", "<img>"),
    ("pictures of one picture", "<picture>", "<img><source>", ""),
    ("pictures with a source", "<picture>", "<img srcset=x>", "<source srcset='a 1x'>"),
    ("sources of a player", "<video>", "<source>", ""),
    ("nested players", "", "<video>", "x</video>"),
    ("a long srcset", "<img srcset='", "/a.jpg {n}w, ", "'>"),
    ("table rows", "<table>", "<tr><td>1</td><td>two, three.</td></tr>", ""),
    ("table in table", "", "<table><tr><td>w", "</table>"),
    ("text in a table", "<table>", "x<b>y", ""),
    ("text in a table's rows", "<table>", "<tr>x", ""),
    ("formatting in a table", "<table>", "<b><tr>", ""),
    ("links in a table", "<table>", "<a>x<td>", ""),
    ("forms in a table", "", "<table><form>", ""),
    ("objects and formatting", "", "<object><b>", ""),
    ("formatting with attributes", "", "<b class=c{n}>x<p>", ""),
    ("fonts", "", "<font color=c{n}>x<p>y", "</font>"),
    ("misnested formatting", "", "<b><i>x</b>y</i>", ""),
    ("adoption", "", "<a>x<div>y</a>z", ""),
    ("adoption in blocks", "", "<a><b><i><u><div>", "</a>"),
    ("formatting around blocks", "", "<b><div>w", "</b>"),
    ("ended formatting", "<div><b><i><u><s><em><strong><code><tt>", "<p>x</b>", ""),
    ("many ends", "", "<div><b>x", "</i>"),
    ("ends without starts", "", "</p></br></b></div>", ""),
    ("nested lists", "", "<ul><li>w", ""),
    ("list items in blocks", "<ul>", "<li><div>w", ""),
    ("definitions in blocks", "<dl>", "<dd><span><dt>", ""),
    ("buttons in blocks", "", "<button><div>x", ""),
    ("paragraphs in foreign content", "<svg>", "<foreignobject><p>x<svg>", ""),
    ("foreign ends", "<svg>", "<g>", "</p>"),
    ("foreign breakouts", "", "<svg><g><g><g><p>x", ""),
    ("math", "<math>", "<mi><svg>x</svg></mi>", ""),
    ("CDATA", "<svg>", "<![CDATA[x]]>", ""),
    ("templates", "", "<template><td>x", ""),
    ("options", "<select>", "<optgroup><option>x", ""),
    ("nobr", "", "<nobr>x<p>", ""),
    ("attributes", "<div ", "a{n}=b ", ">x"),
    ("same attributes", "<div ", "class=b ", ">x"),
    ("attributes on html", "", "<html a{n}=b>", ""),
    ("attributes on body", "<body>", "<body a{n}=b>", ""),
    ("a long attribute", "<div class='", "word ", "'>x"),
    ("long names", "<div class='", "word-word_wordWord", "'>x"),
    ("classes", "", "<div class='c{n} article-body__share x'>words, words.</div>", ""),
    ("a long style", "<div style='", "display: block; ", "'>x"),
    ("a long href", "<a href='", "x/", "'>x</a>"),
    ("dots in an href", "<a href='https://a.example/", "x/../", "'>x</a>"),
    ("a long base", "<base href='https://a.example/", "x/", "'><a href=y>x</a>"),
    ("links and a long base", "<base href='https://a.example/long/path/of/it/'>", "<a href=../../y>x</a>", ""),
    ("references", "", "&amp;", ""),
    ("bad references", "", "&notareference", ""),
    ("long references", "", "&CounterClockwiseContourIntegral;", ""),
    ("bare ampersands", "", "&", ""),
    ("numbers", "&#", "1", ";"),
    ("references in attributes", "", "<a title='&amp;&lt&copy=1'>", ""),
    ("comments", "", "<!-- x -->", ""),
    ("open comments", "", "<!--", ""),
    ("dashes", "<!--", "-", ""),
    ("dashes and bangs", "<!--", "--!", ""),
    ("bogus comments", "", "<?x ", ""),
    ("bogus ends", "", "</ ", ""),
    ("doctypes", "", "<!doctype html>", ""),
    ("less-than signs", "", "<", ""),
    ("less-than signs in a script", "<script>", "<", ""),
    ("comments in a script", "<script>", "<!--<script>", ""),
    ("ends in a script", "<script>", "</scrip ", ""),
    ("ends in a title", "<title>", "</titl ", ""),
    ("open tags", "", "<div class=", ""),
    ("open quotes", "", "<a b='", ""),
    ("open quotes of two kinds", "", "<a b='x\" c=\"y' ", ""),
    ("slashes", "<div", "/", ""),
    ("equal signs", "<div ", "=", ""),
    ("text", "<p>", "word ", ""),
    ("text without a space", "<p>", "word", ""),
    ("spaces", "<p>x", " ", "y"),
    ("no-break spaces", "<p>", "\u{a0}", "y"),
    ("ideographic spaces", "<p>", "\u{3000}", "y"),
    ("invisible characters", "<p>", "\u{200b}", "y"),
    ("words of invisible characters", "<p>", "\u{200b} ", "y"),
    ("punctuation", "<p>", ",", ""),
    ("han", "<p>", "港口大桥，", ""),
    ("line feeds", "<pre>", "\n", "x"),
    ("lines of code", "<pre>", "let x = 1;\n", ""),
    ("carriage returns", "<p>", "\r", "x"),
    ("nul", "<p>", "\0", "x"),
    ("line breaks", "<p>", "x<br><br>", ""),
    ("line breaks in formatting", "<p><b><i><u><s><em>", "x<br><br>", ""),
    ("rules", "", "<hr>", ""),
    ("rules and text", "", "<hr>x", ""),
    ("noscript images", "<h1>x</h1>", "<noscript><img src=/{n}.jpg></noscript><p>Words, words.</p>", ""),
    ("hidden blocks", "<h1>x</h1>", "<div hidden>Words, words.", "</div>"),
    ("shared names", "<h1>x</h1>", "<div class='share related comment'>Words, words.", "</div>"),
    ("asides", "<h1>x</h1>", "<aside>Words, words, and words.", "</aside>"),
    ("posts", "<h1>x</h1>", "<blockquote class=twitter-tweet>Words, words.", "</blockquote>"),
    ("phrases", "<h1>x</h1>", "<p>Read also: words of it</p>", ""),
    ("editors", "<h1>x</h1>", "<p>责任编辑：张三</p>", ""),
    ("ruby", "<ruby>", "漢<rt>x", ""),
    ("soft hyphens", "<p>", "wo\u{ad}rd ", ""),
    ("unknown elements", "", "<x-{n}>w", ""),
    ("ends of unknown elements", "<x-a><x-b><x-c>", "<x-{n}>", "</x-none>"),
];

fn time(page: &str) -> Duration {
    let url = "https://www.quay.example/2025/06/bridge.html".parse().ok();
    let page = Page {
        bytes: page.as_bytes(),
        content_type: Some("text/html; charset=utf-8"),
        url: url.as_ref(),
        captured_at: Timestamp::from_seconds(1_800_000_000),
    };
    let start = Instant::now();
    let used = used();
    std::hint::black_box(extract(&page, &Hints::default()));
    match (used, self::used()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    }
}

/// The time that this thread has had of a processor, where the system tells it (Linux): on a
/// machine that does other things, too, the clock on the wall tells little.
fn used() -> Option<Duration> {
    // The system adds it up when it may give the processor to another.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = told.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The shortest times of the two pages, and how many times longer the larger one takes. What looks
/// slow is measured again, because the machine may have done other things.
fn grown(small: &str, large: &str) -> (Duration, Duration, f64) {
    let (mut one, mut two) = (Duration::MAX, Duration::MAX);
    let mut ratio = 0.0;
    for turn in 0..12 {
        one = one.min(time(small));
        two = two.min(time(large));
        ratio = two.as_secs_f64() / one.as_secs_f64();
        if turn > 0 && ratio <= MOST || two > ENOUGH {
            break;
        }
    }
    (one, two, ratio)
}

type Row<'n> = (&'n String, usize, Duration, Duration, f64, f64);

fn show((name, bytes, one, two, ratio, per_byte): &Row<'_>) {
    let (one, two) = (one.as_secs_f64() * 1e3, two.as_secs_f64() * 1e3);
    println!(
        "{name:36} {one:8.2} ms {two:8.2} ms {ratio:6.2} x {per_byte:7.1} ns a byte of {bytes}"
    );
}

fn main() {
    let word = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mut pairs: Vec<(String, String, String)> = shapes()
        .iter()
        .map(|shape| (shape.name.clone(), shape.page(SIZE), shape.page(2 * SIZE)))
        .collect();
    for (name, make, count) in [
        ("live blog", live_blog as fn(u64) -> String, 420),
        ("article", article, 400),
        ("listing", listing, 400),
        ("Chinese article", chinese, 400),
    ] {
        pairs.push((name.to_owned(), make(count), make(2 * count)));
    }
    pairs.retain(|(name, ..)| {
        word.as_ref()
            .is_none_or(|word| name.contains(word.as_str()))
    });
    let mut rows = Vec::new();
    for (name, small, large) in &pairs {
        let (one, two, ratio) = grown(small, large);
        let per_byte = two.as_secs_f64() * 1e9 / large.len() as f64;
        let row = (name, large.len(), one, two, ratio, per_byte);
        if ratio > MOST {
            show(&row);
        }
        rows.push(row);
    }
    rows.sort_by(|a, b| b.5.total_cmp(&a.5));
    println!("The slowest of {}, at half and at full size:", rows.len());
    rows.iter().take(25).for_each(show);
    let fast: Vec<_> = rows.iter().filter(|row| row.4 > MOST).collect();
    println!("\n{} grow faster than {MOST} times:", fast.len());
    fast.iter().for_each(|row| show(row));
    if !fast.is_empty() {
        std::process::exit(1);
    }
}
