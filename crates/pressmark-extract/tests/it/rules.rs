//! Rules of the user for single sites.

use pressmark_extract::{Extraction, Hints, Knowledge, Page, Rules, extract_with};
use pressmark_model::{Timestamp, WebUrl};

const PAGE: &str = r#"<html lang=en><head><title>Rain stops play | The Daily</title>
<meta property="og:title" content="Rain stops play"></head><body>
<nav><a href=/>Home</a></nav>
<h2 class="hed">Rain stops play again</h2><p class="who">By Jo Doe and Ann Roe</p>
<span class="when">3 May 2024, 10:15 UTC</span>
<div id="story" class="text col"><p>Play was stopped by heavy rain on the third day of the test,
with the visitors eleven runs behind.</p><div class="promo box">Sign up for our letter.</div>
<p class="quote">We will wait.</p><p>It will begin again at noon, the umpires said, if the ground
dries.</p><img src="/ads/x.png" alt="ad"><img data-real="/i/pitch.jpg" alt="The pitch" src="/i/blank.gif">
<p>From the archive: Rain in 1990</p></div>
<div id="more"><p>The forecast for tomorrow, which the club published, is for showers in the morning, and
for a dry afternoon.</p><a class="cont" href="/story/1?part=b">Continue</a></div>
<a class="print" href="/print/1">Print</a><footer>Copyright</footer></body></html>"#;

/// What the feed said of the page.
const SUMMARY: &str = r#"<p>Rain, and no play. <a class="whole" href="/whole/1">Read on</a></p>"#;

fn read_at(url: &str, files: &[(&str, &str)], page: &str) -> Extraction {
    let (rules, issues) = Rules::read(files.iter().copied());
    assert!(issues.is_empty(), "{issues:?}");
    let url: WebUrl = url.parse().unwrap();
    let page = Page {
        bytes: page.as_bytes(),
        content_type: Some("text/html; charset=utf-8"),
        url: Some(&url),
        captured_at: Timestamp::from_micros(1_720_000_000_000_000),
    };
    let knowledge = Knowledge {
        rules: rules.of(&url),
        profile: None,
    };
    let hints = Hints {
        summary: Some(SUMMARY.to_owned()),
        ..Hints::default()
    };
    extract_with(&page, &hints, &knowledge)
}

fn read(rules: &str) -> Extraction {
    read_at(
        "https://www.daily.example/story/1",
        &[("daily.example.txt", rules)],
        PAGE,
    )
}

#[test]
fn what_the_rules_say_is_taken() {
    let found = read(
        "title: //h2[@class='hed']\nauthor: substring-after(//p[@class='who'], 'By ')\n\
         date: //span[@class='when']\nbody: //nothing\nbody: //div[@id='story']\n\
         single_page_link: //a[@class='print']\nnext_page_link: //a[@class='cont']/@href",
    );
    let article = &found.article;
    assert_eq!(article.title, "Rain stops play again");
    assert_eq!(article.authors, ["Jo Doe", "Ann Roe"]);
    assert_eq!(
        article.published.unwrap().to_string(),
        "2024-05-03T10:15:00Z"
    );
    // A body that is named is believed whole.
    assert_eq!(article.text.lines().count(), 5);
    assert!(article.text.contains("Sign up for our letter."));
    let url = |url: &Option<WebUrl>| url.as_ref().map(ToString::to_string);
    assert_eq!(
        url(&found.single_page).as_deref(),
        Some("https://www.daily.example/print/1")
    );
    assert_eq!(
        url(&found.next).as_deref(),
        Some("https://www.daily.example/story/1?part=b")
    );
    assert!(found.is_article);
}

#[test]
fn the_page_is_changed_before_the_body_is_taken() {
    let found = read(
        "body: //div[@id='story']\nstrip_id_or_class: promo\nstrip: //p[starts-with(., 'From the')]\n\
         strip_image_src: /ads/\nwrap_in(blockquote): //p[@class='quote']\n\
         src_lazy_load_attr: data-real\nstrip_attr: //img/@alt\n\
         find_string: umpires\nreplace_string: referees\nreplace_string(third day): fourth day\n\
         move_into(//div[@id='story']): //div[@id='more']/p\ndissolve: //div[@id='more']",
    );
    let expected = "Play was stopped by heavy rain on the fourth day of the test, with the visitors \
        eleven runs behind.\nWe will wait.\nIt will begin again at noon, the referees said, if the \
        ground dries.\nThe forecast for tomorrow, which the club published, is for showers in the \
        morning, and for a dry afternoon.";
    assert_eq!(found.article.text, expected);
    let html = &found.article.html;
    assert!(
        html.contains("<blockquote><p>We will wait.</p></blockquote>"),
        "{html}"
    );
    assert!(
        html.contains("<img src=\"https://www.daily.example/i/pitch.jpg\">"),
        "{html}"
    );
    assert!(!html.contains("/ads/"), "{html}");
    let why: Vec<&str> = found.trace.iter().map(|r| r.reason.as_str()).collect();
    assert!(
        why.contains(&"daily.example.txt line 2: `strip_id_or_class: promo`"),
        "{why:?}"
    );
    assert!(
        why.contains(&"daily.example.txt line 3: `strip: //p[starts-with(., 'From the')]`"),
        "{why:?}"
    );
}

#[test]
fn what_the_rules_do_not_say_is_found_as_ever() {
    let plain = read("tidy: no");
    let stripped =
        read("body: //article\nstrip: //p[contains(., 'noon')]\nnative_ad_clue: //p[@class='ad']");
    assert_eq!(stripped.article.title, plain.article.title);
    assert!(plain.article.text.contains("It will begin again"));
    assert!(!stripped.article.text.contains("It will begin again"));
    assert!(stripped.article.text.contains("Play was stopped"));
    assert!(!stripped.advertisement);
    assert!(read("native_ad_clue: //p[@class='who']").advertisement);
    // Nothing that a rule says takes out the page itself.
    assert!(!read("strip: //body").article.text.is_empty());
}

#[test]
fn links_hold_on_condition() {
    let rules = "single_page_link: //a[@class='print']\nif_page_contains: //a[@class='absent']\n\
        next_page_link: //a[@class='absent']\nnext_page_link: concat('/story/', '9')\n\
        if_page_contains: //h2";
    let found = read(rules);
    assert_eq!(found.single_page, None);
    assert_eq!(
        found.next.unwrap().as_str(),
        "https://www.daily.example/story/9"
    );
}

#[test]
fn a_link_to_the_whole_may_stand_in_the_feed() {
    let whole = |rules: &str| read(rules).single_page.map(|url| url.as_str().to_owned());
    let told = Some("https://www.daily.example/whole/1".to_owned());
    let on_page = "single_page_link: //a[@class='print']";
    let in_feed = "single_page_link_in_feed: //a[@class='whole']";
    assert_eq!(whole(&format!("{on_page}\n{in_feed}")), told);
    assert_eq!(whole(&format!("{in_feed}\nif_page_contains: //h2")), None);
    let elsewhere = "single_page_link_in_feed: //a[@class='print']";
    assert_eq!(whole(elsewhere), None, "the page is not looked at");
    let both = whole(&format!("{elsewhere}\n{on_page}"));
    assert_eq!(both.as_deref(), Some("https://www.daily.example/print/1"));
}

#[test]
fn structured_data_can_be_disbelieved() {
    let page = PAGE.replace(
        "</head>",
        r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Rain stops play",
        "author":{"name":"The Robot"}}</script></head>"#,
    );
    let url = "https://daily.example/1";
    let believed = read_at(url, &[], &page);
    assert_eq!(believed.article.authors, ["The Robot"]);
    let rules = [("daily.example.txt", "skip_json_ld: yes")];
    assert_ne!(read_at(url, &rules, &page).article.authors, ["The Robot"]);
}

#[test]
fn hosts_are_matched_as_the_files_are_named() {
    let files = [
        ("news.example.txt", "strip: //a"),
        (".blogs.example.txt", "strip: //b"),
        ("own.blogs.example.txt", "strip: //i"),
        ("alone.example.txt", "strip: //u\nautodetect_on_failure: no"),
        ("global.txt", "strip: //s\nprune: no"),
    ];
    let (rules, issues) = Rules::read(files);
    assert!(issues.is_empty());
    let count = |host: &str| {
        let url = format!("https://{host}/1").parse().unwrap();
        rules.of(&url).map(pressmark_extract::SiteRules::len)
    };
    assert_eq!(count("news.example"), Some(3));
    assert_eq!(count("www.news.example"), Some(3));
    assert_eq!(count("a.news.example"), Some(2), "only what is global");
    assert_eq!(count("a.blogs.example"), Some(3));
    assert_eq!(count("own.blogs.example"), Some(3));
    assert_eq!(count("blogs.example"), Some(2));
    assert_eq!(count("a.b.blogs.example"), Some(2));
    assert_eq!(count("alone.example"), Some(2), "without what is global");
    assert_eq!(rules.sites().count(), 5);
}

#[test]
fn what_cannot_be_used_is_told_with_its_line() {
    let file = "# a comment\ntitl: //h1\ntest:url: http://a.example/\nhttp://a.example/\n\
        strip: //p[\nbody://p\nstrip: string(//p)\nif_page_contains: //p\nfind_string: a\n\
        replace_string(a:b): c\nreplace_string(x(1)): y\nwrap_in(script): //p\nprune: maybe\n\
        requires_login: yes\n\ntest_url: http://a.example/1\ntest_contains: Some text\n\
        http_header(User-Agent): Reader/1\n";
    let (rules, issues) = Rules::read([("a.example.txt", file)]);
    let told: Vec<String> = issues.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "a.example.txt:2: there is no directive `titl`",
            "a.example.txt:3: there is no directive `test`",
            "a.example.txt:4: there is no directive `http`",
            "a.example.txt:5: `//p[`: a name, `*`, `@`, `.` or `..` is missing at character 5",
            "a.example.txt:7: `string(//p)` gives no nodes",
            "a.example.txt:8: `if_page_contains` has no link before it",
            "a.example.txt:12: nothing is wrapped in `script`",
            "a.example.txt:13: `maybe` is neither `yes` nor `no`",
            "a.example.txt:14: sites are not logged in to",
            "a.example.txt:9: `find_string` has no `replace_string` behind it",
        ]
    );
    assert_eq!(issues[0].hint.as_deref(), Some("is `title` meant?"));
    let url = "https://a.example/".parse().unwrap();
    let site = rules.of(&url).unwrap();
    assert_eq!(site.len(), 3, "the body and two replacements");
    assert_eq!(site.tests().len(), 1);
    assert_eq!(site.tests()[0].contains, ["Some text"]);
    assert_eq!(
        site.headers(),
        [("user-agent".to_owned(), "Reader/1".to_owned())]
    );
}

#[test]
fn the_digest_is_of_what_decides() {
    let key = |text: &str| {
        let (rules, _) = Rules::read([("a.example.txt", text)]);
        let url = "https://a.example/".parse().unwrap();
        let rules = rules.of(&url);
        Knowledge {
            rules,
            profile: None,
        }
        .derivation()
    };
    let plain = Knowledge::default().derivation();
    assert_eq!(
        key("tidy: no\n# nothing\ntest_url: http://a.example/1"),
        plain
    );
    let strip = key("strip: //a");
    assert_ne!(strip, plain);
    assert_eq!(strip, key("# why\n  strip:   //a\nhttp_header(referer): x"));
    assert_ne!(strip, key("strip: //b"));
    assert_ne!(key("replace_string(a): b"), key("replace_string(a): c"));
    assert_ne!(
        key("find_string: a\nreplace_string: b"),
        key("find_string: c\nreplace_string: b")
    );
    assert_ne!(key("strip: //a\nstrip: //b"), strip);
}

proptest::proptest! {
    #[test]
    fn no_rule_file_panics(text in "[a-z_:/()@'#\\[\\] \n.*=]{0,200}") {
        let (rules, _) = Rules::read([("daily.example.txt", text.as_str())]);
        let url: WebUrl = "https://daily.example/story/1".parse().unwrap();
        let page = Page {
            bytes: PAGE.as_bytes(),
            content_type: None,
            url: Some(&url),
            captured_at: Timestamp::from_micros(1_720_000_000_000_000),
        };
        let knowledge = Knowledge { rules: rules.of(&url), profile: None };
        extract_with(&page, &Hints::default(), &knowledge);
    }
}
