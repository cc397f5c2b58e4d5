//! What is written reads as what was meant.

use pressmark_feed::{parse, parse_opml, write_atom, write_json, write_rss};
use pressmark_model::{
    Category, Enclosure, Entry, Feed, OffsetTimestamp, Person, Timestamp, WebUrl,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A line of text with the characters that matter in XML, HTML and JSON; without markup, since RSS
/// cannot say whether a title is HTML.
fn line() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9.,!?&'\"\\\\/é新闻\u{1F600} -]{1,30}".prop_filter_map("a line of words", |text| {
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    })
}

fn html() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            line().prop_map(|text| format!("<p title=\"{}\">x</p>", text.replace('"', ""))),
            Just("]]>".to_owned()),
            Just("<![CDATA[".to_owned()),
            Just("&amp;&lt;&eacute;&bogus; <br>\n".to_owned()),
            Just("\u{1}\u{FFFE}\u{0}".to_owned()),
            line(),
        ],
        1..6,
    )
    .prop_map(|pieces| format!("<div>{}</div>", pieces.concat()))
}

fn url() -> impl Strategy<Value = WebUrl> {
    "https://[a-z]{1,8}\\.example/[a-z0-9]{0,8}(\\?a=1&b=[a-z<>\"']{0,3})?"
        .prop_filter_map("an address", |text| text.parse().ok())
}

fn moment() -> impl Strategy<Value = OffsetTimestamp> {
    // RSS knows seconds, and years of four digits since 1900.
    (0_i64..4_000_000_000, -12_i32..=14)
        .prop_map(|(seconds, hours)| Timestamp::from_seconds(seconds).with_offset(hours * 3_600))
}

fn enclosure() -> impl Strategy<Value = Enclosure> {
    (url(), 0_u64..1 << 40).prop_map(|(url, length)| Enclosure {
        url,
        media_type: Some("audio/mpeg".to_owned()),
        length: Some(length),
        duration_seconds: None,
        title: None,
    })
}

prop_compose! {
    fn entry()(
        guid in option::of(line()), link in option::of(url()), title in line(),
        summary in option::of(html()), content in option::of(html()), authors in vec(line(), 0..3),
        published in option::of(moment()), updated in option::of(moment()),
        categories in vec(line(), 0..3), enclosure in option::of(enclosure()),
        image in option::of(url()),
    ) -> Entry {
        let authors: std::collections::BTreeSet<String> = authors.into_iter().collect();
        let categories: std::collections::BTreeSet<String> = categories.into_iter().collect();
        Entry {
            guid, link, title, summary, content, published, updated, image,
            authors: authors.into_iter().map(|name| Person { name, ..Person::default() }).collect(),
            categories: categories.into_iter().map(|term| Category { term, ..Category::default() }).collect(),
            enclosures: enclosure.into_iter().collect(),
            ..Entry::default()
        }
    }
}

prop_compose! {
    fn feed()(
        title in line(), subtitle in line(), home in url(), self_url in option::of(url()),
        hubs in vec(url(), 0..2), updated in moment(), entries in vec(entry(), 0..4),
    ) -> Feed {
        Feed {
            title, self_url, hubs, entries, subtitle: Some(subtitle), home: Some(home),
            updated: Some(updated), language: Some("fr-BE".to_owned()), ..Feed::default()
        }
    }
}

/// HTML as XML and JSON can carry it.
fn carried(html: &str) -> String {
    html.replace(['\u{1}', '\u{FFFE}', '\u{0}'], "")
}

/// What every format says of a feed.
fn essence(feed: &Feed) -> impl PartialEq + std::fmt::Debug + use<> {
    let entry = |entry: &Entry| {
        (
            (entry.title.clone(), entry.link.clone(), entry.published),
            entry.content.as_deref().map(carried),
            entry
                .authors
                .iter()
                .map(|author| author.name.clone())
                .collect::<Vec<_>>(),
            entry.categories.clone(),
            entry.enclosures.clone(),
        )
    };
    let entries: Vec<_> = feed.entries.iter().map(entry).collect();
    let head = (
        feed.title.clone(),
        feed.subtitle.clone(),
        feed.home.clone(),
        feed.language.clone(),
    );
    (head, feed.self_url.clone(), feed.hubs.clone(), entries)
}

fn read(document: &str) -> Feed {
    let parsed = parse(document.as_bytes(), None, None);
    assert_eq!(parsed.issues, [], "{document}");
    parsed.value
}

/// A reader that knows no mercy.
fn assert_well_formed(document: &str) {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_comments = true;
    loop {
        let event = reader.read_event();
        assert!(event.is_ok(), "{event:?}: {document}");
        if matches!(event, Ok(quick_xml::events::Event::Eof)) {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_as_it_was_meant(feed in feed()) {
        let (rss, atom, json) = (write_rss(&feed), write_atom(&feed), write_json(&feed));
        assert_well_formed(&rss);
        assert_well_formed(&atom);
        let guid_or_link = |entry: &Entry| {
            let link = entry.link.as_ref().map(|link| link.as_str().to_owned());
            entry.guid.clone().or(link)
        };
        let from_rss = read(&rss);
        prop_assert_eq!(essence(&from_rss), essence(&feed));
        prop_assert_eq!(from_rss.updated, feed.updated);
        for (read, meant) in from_rss.entries.iter().zip(&feed.entries) {
            prop_assert_eq!(&read.guid, &guid_or_link(meant));
            prop_assert_eq!(read.summary.clone(), meant.summary.as_deref().map(carried));
            prop_assert_eq!((read.updated, &read.image), (meant.updated, &meant.image));
        }
        let mut from_atom = read(&atom);
        for (read, meant) in from_atom.entries.iter_mut().zip(&feed.entries) {
            // The id of an entry stands in for a link that is missing.
            prop_assert!(meant.link.is_none() || read.link == meant.link);
            read.link.clone_from(&meant.link);
        }
        prop_assert_eq!(essence(&from_atom), essence(&feed));
        for (read, meant) in from_atom.entries.iter().zip(&feed.entries) {
            prop_assert_eq!(read.summary.clone(), meant.summary.as_deref().map(carried));
        }
        let from_json = read(&json);
        prop_assert_eq!(from_json.title, feed.title);
        for (read, meant) in from_json.entries.iter().zip(&feed.entries) {
            prop_assert_eq!((&read.title, &read.link), (&meant.title, &meant.link));
            prop_assert_eq!((read.published, read.updated), (meant.published, meant.updated));
            prop_assert_eq!(&read.enclosures, &meant.enclosures);
            if let Some(content) = &meant.content {
                let read = read.content.as_deref().map(carried);
                prop_assert_eq!(read, Some(carried(content)));
            }
        }
    }

    #[test]
    fn no_document_stops_the_reader(
        text in ".{0,80}", date in "[0-9:+./,TZ a-cmpy-]{0,30}", pieces in vec(0..20_usize, 0..40),
    ) {
        const PIECES: [&str; 20] = [
            "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<description>",
            "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#", "<a href='", "\"", ">", "<feed>",
            "<entry>", "<content type='xhtml'><div>", "<!DOCTYPE x [<!ENTITY a '&a;'>",
        ];
        let document: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        parse(format!("{document}{text}").as_bytes(), None, None);
        parse(format!("<rss>{text}{document}").as_bytes(), Some(&text), None);
        let base = "https://base.example/".parse().ok();
        let image = format!("<rss><item><description>&lt;img src={text} srcset='{text}'>{document}");
        parse(image.as_bytes(), None, base.as_ref());
        parse_opml(format!("<opml><outline text='{text}'><outline {document}").as_bytes());
        parse(format!("<rss><item><pubDate>{date}</pubDate><link>{text}").as_bytes(), None, None);
        parse(format!("{{\"items\":[{{{text}").as_bytes(), None, None);
    }
}
