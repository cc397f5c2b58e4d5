//! Pages to measure with: made, not found, so that anyone can measure the same.
//!
//! ```
//! let page = pressmark_extract_bench::live_blog(3);
//! assert_eq!(page.matches("<article").count(), 3);
//! ```

use std::fmt::Write as _;

const WORDS: [&str; 48] = [
    "the",
    "harbour",
    "bridge",
    "council",
    "said",
    "on",
    "Tuesday",
    "that",
    "ferries",
    "would",
    "run",
    "until",
    "engineers",
    "have",
    "looked",
    "at",
    "every",
    "cable",
    "and",
    "deck",
    "people",
    "cross",
    "it",
    "each",
    "morning",
    "to",
    "work",
    "or",
    "school",
    "in",
    "a",
    "report",
    "was",
    "published",
    "after",
    "storm",
    "which",
    "had",
    "closed",
    "two",
    "lanes",
    "for",
    "years",
    "repairs",
    "will",
    "cost",
    "more",
    "than",
];

/// A source of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }

    fn sentences(&mut self, count: u64) -> String {
        let mut out = String::new();
        for _ in 0..count {
            let words = 8 + self.roll(14);
            for n in 0..words {
                let at = usize::try_from(self.roll(WORDS.len() as u64)).unwrap_or(0);
                let word = WORDS.get(at).copied().unwrap_or("word");
                out.push_str(if n == 0 { "" } else { " " });
                if n == 0 {
                    out.extend(word.chars().take(1).flat_map(char::to_uppercase));
                    out.extend(word.chars().skip(1));
                } else {
                    out.push_str(word);
                }
                if n == 6 && words > 14 {
                    out.push(',');
                }
            }
            out.push_str(". ");
        }
        out
    }
}

/// What stands around every article: scripts, styles, navigation, teasers, a footer.
fn framed(title: &str, kind: &str, body: &str) -> String {
    let mut head = format!(
        "<!doctype html><html lang=en-GB><head><meta charset=utf-8><title>{title} | The Quay</title>\
         <meta property=og:title content=\"{title}\"><meta property=og:site_name content=\"The Quay\">\
         <meta name=description content=\"The council said on Tuesday that the bridge stays closed.\">\
         <link rel=canonical href=https://www.quay.example/2025/06/bridge.html>\
         <script type=application/ld+json>{{\"@context\":\"https://schema.org\",\"@type\":\"{kind}\",\
         \"headline\":\"{title}\",\"datePublished\":\"2025-06-10T08:00:00+02:00\",\
         \"author\":{{\"@type\":\"Person\",\"name\":\"Ada Quill\"}}}}</script>"
    );
    for n in 0..40 {
        let _ = write!(
            head,
            "<link rel=preload as=script href=/assets/chunk-{n}.3f9a7c.js>"
        );
    }
    let mut page = head;
    page.push_str("<style>");
    for n in 0..300 {
        let _ = write!(
            page,
            ".c{n}{{margin:{n}px auto;padding:0 8px;display:flex}}"
        );
    }
    page.push_str("</style></head><body class=\"page page--article\"><header class=site-header><nav class=main-nav><ul>");
    for n in 0..60 {
        let _ = write!(
            page,
            "<li class=nav__item><a class=\"nav__link nav__link--{n}\" href=\"/section/{n}\">Section {n}</a></li>"
        );
    }
    page.push_str("</ul></nav></header><main id=main>");
    page.push_str(body);
    page.push_str("</main><aside class=related><h2>More on this</h2>");
    for n in 0..30 {
        let _ = write!(
            page,
            "<div class=\"teaser teaser--small\"><a href=\"/2025/05/{n}\"><img src=\"/i/{n}.jpg\" width=160 height=90 alt=\"\"><h3 class=teaser__title>Another story of the harbour, number {n}</h3></a></div>"
        );
    }
    page.push_str("</aside><footer class=site-footer><p>© 2025 The Quay</p></footer><script>window.__DATA__={");
    for n in 0..400 {
        let _ = write!(
            page,
            "\"key{n}\":{{\"id\":{n},\"html\":\"<div class=\\\"x\\\">no<\\/div>\"}},"
        );
    }
    page.push_str("\"end\":0}</script></body></html>");
    page
}

fn figure(out: &mut String, n: u64) {
    let _ = write!(
        out,
        "<figure class=\"media media--image\"><picture><source srcset=\"https://img.quay.example/{n}/800.webp 800w, https://img.quay.example/{n}/1600.webp 1600w\" type=\"image/webp\">\
         <img class=lazy src=\"https://img.quay.example/{n}/400.jpg\" width=400 height=225 alt=\"The bridge, seen from the quay\"></picture>\
         <figcaption class=media__caption>The bridge on Tuesday. <span class=credit>Photo: Jo Lens</span></figcaption></figure>"
    );
}

/// A news article of this many paragraphs.
pub fn article(paragraphs: u64) -> String {
    let mut dice = Dice(7);
    let mut body = String::from(
        "<article class=article><h1>The bridge of the harbour stays closed</h1>\
         <p class=article__lead>The council said on Tuesday that the bridge stays closed.</p>\
         <div class=byline>By <a rel=author href=/author/ada-quill>Ada Quill</a> <time datetime=2025-06-10T08:00:00+02:00>10 June 2025</time></div>\
         <div class=article__body>",
    );
    for n in 0..paragraphs {
        match n % 9 {
            3 => figure(&mut body, n),
            5 => body.push_str("<h2>What was found</h2>"),
            7 => body.push_str(
                "<div class=\"inline-related\"><a href=/x>Read also: another story</a></div>",
            ),
            _ => {}
        }
        let count = 2 + dice.roll(3);
        let text = dice.sentences(count);
        let _ = write!(
            body,
            "<p>{text}<a href=\"/topic/{n}\">More of it</a> &amp; <em>so on</em>.</p>"
        );
    }
    body.push_str("</div></article>");
    framed(
        "The bridge of the harbour stays closed",
        "NewsArticle",
        &body,
    )
}

/// A live blog of this many entries, each with its time, a heading, paragraphs, and now and then a
/// picture, a post or a quotation. 840 entries are 1.3 MB.
pub fn live_blog(entries: u64) -> String {
    let mut dice = Dice(11);
    let mut body = String::from(
        "<h1>Storm over the harbour: what happened when</h1><div class=\"liveblog liveblog__stream\">",
    );
    for n in 0..entries {
        let (hour, minute) = (23 - n % 24, 59 - n % 60);
        let title = dice.sentences(1);
        let _ = write!(
            body,
            "<article class=\"liveblog-entry\" id=\"entry-{n}\" data-id=\"{n}\"><header class=liveblog-entry__header>\
             <time class=liveblog-entry__time datetime=\"2025-06-{:02}T{hour:02}:{minute:02}:00+02:00\">{hour:02}:{minute:02}</time>\
             <h2 class=liveblog-entry__title>{title}</h2></header><div class=\"liveblog-entry__body text\">",
            1 + n % 28
        );
        for _ in 0..2 + dice.roll(3) {
            let count = 2 + dice.roll(2);
            let text = dice.sentences(count);
            let _ = write!(
                body,
                "<p>{text}<a href=\"https://www.quay.example/topic/{n}\">{minute} of them</a>, <strong>at {hour:02}:{minute:02}</strong>.</p>"
            );
        }
        match n % 7 {
            1 | 4 => figure(&mut body, n),
            2 => {
                let _ = write!(
                    body,
                    "<blockquote class=twitter-tweet><p lang=en dir=ltr>The bridge is closed &mdash; take the ferry</p>&mdash; Quay (@quay) <a href=\"https://social.example/quay/status/{n}\">June 10, 2025</a></blockquote>"
                );
            }
            3 => {
                let _ = write!(
                    body,
                    "<div class=embed><iframe title=\"The storm in pictures\" src=\"https://video.example/embed/{n}\" width=560 height=315></iframe></div>"
                );
            }
            5 => body.push_str("<ul><li>Line 4 runs again.</li><li>Line 7 does not.</li></ul>"),
            _ => {}
        }
        body.push_str(
            "</div><div class=share-bar><button class=share>Share</button></div></article>",
        );
    }
    body.push_str("</div>");
    framed(
        "Storm over the harbour: what happened when",
        "LiveBlogPosting",
        &body,
    )
}

/// A page of a section: this many teasers and no article.
pub fn listing(teasers: u64) -> String {
    let mut dice = Dice(13);
    let mut body = String::from("<h1>Harbour</h1><div class=teaser-list>");
    for n in 0..teasers {
        let (title, text) = (dice.sentences(1), dice.sentences(1));
        let _ = write!(
            body,
            "<article class=teaser><a class=teaser__link href=\"/2025/06/{n}\"><h2 class=teaser__title>{title}</h2></a>\
             <p class=teaser__text>{text}</p><time datetime=\"2025-06-{:02}\">{} June</time></article>",
            1 + n % 28,
            1 + n % 28
        );
    }
    body.push_str("</div>");
    framed("Harbour", "CollectionPage", &body)
}

/// A Chinese article of this many paragraphs.
pub fn chinese(paragraphs: u64) -> String {
    let mut body = String::from(
        "<div class=article><h1>港口大桥将封闭一年</h1><div class=info>2025-06-10 08:05:00 来源：港口日报 记者：李明</div><div id=content>",
    );
    for n in 0..paragraphs {
        let _ = write!(
            body,
            "<p>　　据市政府{}日发布的消息，港口大桥将于周日夜间封闭，封闭时间至少为十二个月。工程师检查了每一根缆索，发现其中两根已经磨损，必须更换。</p>",
            n % 28 + 1
        );
    }
    body.push_str("<p>责任编辑：张三</p></div></div>");
    framed("港口大桥将封闭一年", "WebPage", &body)
}
