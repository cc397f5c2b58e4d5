//! What holds for every page.

use pressmark_extract::{Hints, Page, body_of, extract};
use pressmark_model::Timestamp;
use proptest::prelude::*;

const BLOCKS: [&str; 12] = [
    "<p>The council said on Tuesday that the bridge would stay closed, and that ferries would run.</p>",
    "<p>Forty thousand people cross it every day, most of them on their way to work or to school.</p>",
    "<h2>What was found</h2>",
    "<ul><li>Two cables are worn.</li><li>The deck is sound.</li></ul>",
    "<div class=related><a href=/x>Another story of the harbour</a></div>",
    "<figure><img src=/i.jpg><figcaption>A caption</figcaption></figure>",
    "<blockquote><p>Nobody looked, and so nobody saw it, said the engineer who wrote the survey.</p></blockquote>",
    "<p>据市政府周六发布的消息，港口大桥将于周日夜间封闭，封闭时间至少为十二个月。</p>",
    "<div>Loose text that stands in no paragraph, but is a sentence all the same.<br><br>And another.</div>",
    "<table><tr><td>1999</td><td>opened</td></tr></table>",
    "<p>Advertisement</p>",
    "<script>var x = '<p>no</p>';</script>",
];

fn page() -> impl Strategy<Value = String> {
    proptest::collection::vec(0..BLOCKS.len(), 1..14).prop_map(|blocks| {
        let body: String = blocks.iter().filter_map(|at| BLOCKS.get(*at)).copied().collect();
        format!("<!doctype html><title>T</title><article><h1>The bridge of the harbour</h1>{body}</article>")
    })
}

fn read(html: &str) -> pressmark_extract::Extraction {
    let captured_at = Timestamp::from_micros(1_767_225_600_000_000);
    extract(
        &Page {
            bytes: html.as_bytes(),
            content_type: None,
            url: None,
            captured_at,
        },
        &Hints::default(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn text_keeps_the_order_of_the_page(html in page()) {
        let found = read(&html);
        let whole = pressmark_html::plain_text(&html);
        let mut rest = whole.as_str();
        for line in found.article.text.lines() {
            let at = rest.find(line);
            prop_assert!(at.is_some(), "`{}` is out of order", line);
            rest = rest.get(at.unwrap() + line.len()..).unwrap();
        }
    }

    #[test]
    fn cleaning_its_own_output_changes_nothing(html in page()) {
        let found = read(&html);
        let again = body_of(&found.article.html, None, &found.article.title);
        let twice = body_of(&again.html, None, &found.article.title);
        prop_assert_eq!(&twice.html, &again.html);
        prop_assert_eq!(&twice.text, &again.text);
    }

    #[test]
    fn confidence_is_a_share(html in ".{0,300}") {
        let found = read(&html);
        prop_assert!((0.0..=1.0).contains(&found.confidence));
    }
}

#[test]
fn what_claims_to_be_a_title_costs_no_more_than_its_length() {
    for separator in [" - ", "|", "_"] {
        let endless = format!("The bridge{separator}").repeat(20_000);
        let headings = "<h1>Other</h1>".repeat(2_000);
        let title = read(&format!("<title>{endless}</title>{headings}"))
            .article
            .title;
        assert!(title.starts_with("The bridge"), "{separator}");
        assert!(title.chars().count() <= 1_000, "{separator}");
    }
}
