//! What the sanitiser lets through.

use pressmark_html::{NodeId, Tag, Tree, plain_text, sanitise};
use pressmark_model::WebUrl;
use proptest::prelude::*;

fn base() -> WebUrl {
    "https://news.example/a/b.html".parse().unwrap()
}

#[test]
fn what_is_embedded_becomes_a_link() {
    let base = base();
    let link = |to: &str, text: &str| format!("<p><a href=\"{to}\">{text}</a></p>");
    for (html, want) in [
        (
            "<amp-youtube data-videoid=aB3-_x layout=responsive title='The film'>no</amp-youtube>",
            link("https://www.youtube.com/watch?v=aB3-_x", "The film"),
        ),
        (
            "<lite-youtube videoid=aB3><a>Play</a></lite-youtube>",
            link("https://www.youtube.com/watch?v=aB3", "www.youtube.com"),
        ),
        (
            "<iframe src='https://www.youtube-nocookie.com/embed/aB3?rel=0' title=Film></iframe>",
            link("https://www.youtube.com/watch?v=aB3", "Film"),
        ),
        (
            "<iframe src='//player.bilibili.com/player.html?bvid=BV1x&amp;page=1'></iframe>",
            link("https://www.bilibili.com/video/BV1x", "www.bilibili.com"),
        ),
        (
            "<iframe src=https://player.vimeo.com/video/76?h=1 title=Sea></iframe>",
            link("https://vimeo.com/76", "Sea"),
        ),
        (
            "<iframe src=about:blank data-src=https://weibo.example/tv/1></iframe>",
            link("https://weibo.example/tv/1", "weibo.example"),
        ),
        (
            "<amp-iframe src=https://map.example/1 title=Map><p>no</p></amp-iframe>",
            link("https://map.example/1", "Map"),
        ),
        (
            "<amp-twitter data-tweetid=12></amp-twitter>",
            link("https://twitter.com/i/status/12", "twitter.com"),
        ),
        (
            "<amp-instagram data-shortcode=Ab1></amp-instagram>",
            link("https://www.instagram.com/p/Ab1/", "www.instagram.com"),
        ),
        (
            "<amp-video poster=p.jpg><source src=/film.mp4></amp-video>",
            link("https://news.example/film.mp4", "news.example"),
        ),
        (
            "<div class=fb-post data-href=https://www.facebook.com/quay/posts/1></div>",
            link("https://www.facebook.com/quay/posts/1", "www.facebook.com"),
        ),
        (
            "<blockquote class=tiktok-embed cite=https://www.tiktok.com/@q/video/1></blockquote>",
            link("https://www.tiktok.com/@q/video/1", "www.tiktok.com"),
        ),
        (
            "<blockquote class=mastodon-embed data-embed-url=https://quay.social/@q/1/embed></blockquote>",
            link("https://quay.social/@q/1/embed", "quay.social"),
        ),
        (
            "<amp-img src=/a.jpg width=800 height=450 alt=Quay><noscript><img src=/a.jpg></noscript></amp-img>",
            "<p><img src=\"https://news.example/a.jpg\" alt=\"Quay\" width=\"800\" height=\"450\"></p>"
                .to_owned(),
        ),
    ] {
        assert_eq!(sanitise(html, Some(&base)), want, "{html}");
    }
}

#[test]
fn markup_is_reduced_to_what_it_means() {
    let base = base();
    for (html, want) in [
        (
            "<div>One<div>Two</div>three</div>",
            "<p>One</p><p>Two</p><p>three</p>",
        ),
        ("a<br><br>b<br>c", "<p>a</p><p>b<br>c</p>"),
        ("<b>x</b> <b> y </b>z", "<p><b>x</b> <b>y</b> z</p>"),
        ("<p></p><p><b></b></p><ul></ul>", ""),
        ("<a href='javascript:alert(1)'>x</a>", "<p>x</p>"),
        (
            "<a href=' ../c?x=1&amp;y=2'>x</a>",
            "<p><a href=\"https://news.example/c?x=1&amp;y=2\">x</a></p>",
        ),
        (
            "<a href='/c?utm_source=x&amp;id=2#n'>/c?utm_source=x</a>",
            "<p><a href=\"https://news.example/c?id=2#n\">/c?utm_source=x</a></p>",
        ),
        (
            "<a href=mailto:a@b.example>m</a>",
            "<p><a href=\"mailto:a@b.example\">m</a></p>",
        ),
        (
            "<img src=x.jpg onerror=alert(1) alt='A \"b\"'>",
            "<p><img src=\"https://news.example/a/x.jpg\" alt=\"A &quot;b&quot;\"></p>",
        ),
        ("<img src=p.gif width=1 height=1>", ""),
        (
            "<img src=data:image/gif;base64,R0 data-src=real.jpg>",
            "<p><img src=\"https://news.example/a/real.jpg\"></p>",
        ),
        (
            "<img srcset='s.jpg 300w, l.jpg 900w'>",
            "<p><img src=\"https://news.example/a/l.jpg\"></p>",
        ),
        (
            "<figure><img src=x><figcaption>Cap<b>tion</b></figcaption></figure>",
            "<figure><img src=\"https://news.example/a/x\"><figcaption>Cap<b>tion</b></figcaption></figure>",
        ),
        (
            "<iframe src=https://video.example/1 title='The film'></iframe>",
            "<p><a href=\"https://video.example/1\">The film</a></p>",
        ),
        (
            "<table><tr><td colspan=2>a<td></table>",
            "<table><tbody><tr><td colspan=\"2\">a</td><td></td></tr></tbody></table>",
        ),
        ("<pre>\n\n a\n  b</pre>", "<pre>\n\n a\n  b</pre>"),
        (
            "<style>p{}</style><script>x</script><p style=color:red class=y>z",
            "<p>z</p>",
        ),
        (
            "<ul>loose<li>a<p>b</p></li></ul>",
            "<ul><li>loose</li><li>a<p>b</p></li></ul>",
        ),
        ("<h2>a<div>b</div></h2>", "<h2>a b</h2>"),
        (
            "<p>\u{1}\u{a0}x \u{a0}\u{1}</p><pre>\u{1}</pre>",
            "<p>x</p>",
        ),
        ("<pre>\u{1}\n\nx</pre>", "<pre>\n\n\nx</pre>"),
        (
            "<img src=x alt='x \u{1}'>",
            "<p><img src=\"https://news.example/a/x\" alt=\"x\"></p>",
        ),
        (
            "<svg><script>alert(1)</script><a xlink:href=javascript:x><text>t</text></a></svg>ok",
            "<p>ok</p>",
        ),
    ] {
        let clean = sanitise(html, Some(&base));
        assert_eq!(clean, want, "{html}");
        assert_eq!(sanitise(&clean, Some(&base)), clean, "again: {html}");
    }
}

#[test]
fn a_picture_is_the_largest_that_is_told_of() {
    let base = "https://news.example/a/b".parse().unwrap();
    for (html, want) in [
        (
            "<img src=s.jpg srcset='s.jpg 300w, l.jpg?sig=7 900w' width=300 height=200>",
            "<p><img src=\"https://news.example/a/l.jpg?sig=7\" width=\"300\" height=\"200\"></p>",
        ),
        (
            "<picture><source srcset='m.webp 600w'><source data-srcset='l.webp 1200w'><img src=s.jpg></picture>",
            "<p><img src=\"https://news.example/a/l.webp\"></p>",
        ),
        (
            "<img src=/i/placeholder.png srcset='two.jpg 2x'>",
            "<p><img src=\"https://news.example/a/two.jpg\"></p>",
        ),
        (
            "<img src=/i/spacer.gif><noscript><img src=real.jpg></noscript>",
            "<p><img src=\"https://news.example/a/real.jpg\"></p>",
        ),
    ] {
        assert_eq!(sanitise(html, Some(&base)), want, "{html}");
    }
}

#[test]
fn relative_addresses_go_without_a_base() {
    assert_eq!(sanitise("<a href=/x>x</a><img src=y>", None), "<p>x</p>");
}

fn assert_inert(clean: &str) {
    let tree = Tree::parse(clean);
    for id in tree.subtree(NodeId::ROOT).skip(1) {
        let tag = tree.tag(id);
        assert!(
            !matches!(
                tag,
                Tag::Script
                    | Tag::Style
                    | Tag::Iframe
                    | Tag::Object
                    | Tag::Embed
                    | Tag::Form
                    | Tag::Input
                    | Tag::Svg
                    | Tag::Math
                    | Tag::Meta
                    | Tag::Link
                    | Tag::Base
                    | Tag::Template
                    | Tag::Other
            ),
            "{tag:?} in {clean}"
        );
        for (name, value) in tree.attrs(id) {
            assert!(
                !name.starts_with("on") && name != "style" && name != "srcdoc",
                "{name} in {clean}"
            );
            if matches!(name, "href" | "src") {
                assert!(
                    ["http://", "https://", "mailto:"]
                        .iter()
                        .any(|s| value.starts_with(s)),
                    "{value} in {clean}"
                );
            }
        }
    }
}

const PIECES: [&str; 77] = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<a href=x>",
    "<a href='javascript:x'>",
    "</a>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<h2>",
    "</h2>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<noscript>",
    "</noscript>",
    "<img src=a onerror=b>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<!--",
    "-->",
    "<br>",
    "<blockquote>",
    "</blockquote>",
    "<figure>",
    "<figcaption>",
    "</figure>",
    "<pre>",
    "</pre>",
    "\n",
    "&lt;script&gt;",
    "&amp;lt;",
    "x",
    " y ",
    "\u{a0}",
    "<iframe src=//e.example>",
    "<dl>",
    "<dt>",
    "<dd>",
    "<details>",
    "<summary>",
    "<template>",
    "</template>",
    "<select>",
    "<option>",
    "<ruby>",
    "<rt>",
    "<hr>",
    "<foreignObject>",
    "<annotation-xml encoding=text/html>",
    "<button>",
    "</button>",
    "<i>",
    "</i>",
    "<caption>",
    "<tbody>",
    "<ol start=3>",
    "<form>",
    "</form>",
    "<span>",
    "</span>",
    "<code>",
    "</code>",
];

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(0..PIECES.len(), 0..30)
        .prop_map(|chosen| chosen.iter().map(|at| PIECES[*at]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn output_is_inert_and_stays_as_it_is(soup in soup()) {
        let base = base();
        let clean = sanitise(&soup, Some(&base));
        assert_inert(&clean);
        prop_assert_eq!(sanitise(&clean, Some(&base)), clean);
    }

    #[test]
    fn plain_text_has_no_empty_lines(soup in soup()) {
        let text = plain_text(&soup);
        prop_assert!(text.lines().all(|line| !line.is_empty() && line.trim() == line), "{:?}", text);
    }
}

#[test]
fn what_is_nested_costs_no_more_than_what_is_not() {
    let nested = "<center>word ".repeat(50_000);
    assert_eq!(plain_text(&nested).lines().count(), 50_000);
    assert!(sanitise(&nested, None).starts_with("<p>word</p><p>word</p>"));
}
