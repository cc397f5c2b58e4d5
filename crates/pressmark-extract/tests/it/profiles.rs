//! What the pages of a site teach, and what they must never cost.

use pressmark_extract::{Extraction, Hints, Knowledge, Lesson, Page, Profile, extract_with};
use pressmark_model::Timestamp;

/// 2026-01-01.
const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

/// A text of its own for every number.
fn prose(seed: u64, words: usize) -> String {
    const WORDS: [&str; 48] = [
        "harbour", "council", "bridge", "ferry", "tide", "market", "winter", "engine", "school",
        "river", "letter", "garden", "window", "minister", "report", "morning", "evening", "price",
        "village", "doctor", "summer", "street", "island", "captain", "budget", "survey", "court",
        "museum", "railway", "factory", "opened", "closed", "promised", "refused", "measured",
        "repaired", "counted", "watched", "near", "behind", "after", "before", "against", "slowly",
        "again", "seldom", "twice", "nobody",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = String::new();
    for at in 0..words {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = WORDS.iter().cycle().nth((state % 48) as usize).unwrap();
        match at {
            0 => out.push_str("The "),
            _ if at % 9 == 0 => out.push_str(", "),
            _ => out.push(' '),
        }
        out.push_str(word);
    }
    out.push('.');
    out
}

fn paragraph(seed: u64) -> String {
    format!("<p>{}</p>", prose(seed, 32))
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>{title} | The Quay</title>\
        <meta property=og:type content=article><nav><a href=/>Home</a> <a href=/news>News</a></nav>\
        <main class=story-column><h1>{title}</h1><div class=story-text>{body}</div></main>\
        <footer>The Quay, Harbour Street</footer>"
    )
}

fn read(url: &str, html: &str, profile: Option<&Profile>) -> Extraction {
    let url = url.parse().unwrap();
    let page = Page {
        bytes: html.as_bytes(),
        content_type: None,
        url: Some(&url),
        captured_at: NOW,
    };
    let rules = None;
    extract_with(&page, &Hints::default(), &Knowledge { rules, profile })
}

fn url(number: usize) -> String {
    format!("https://quay.example/story/{number}.html")
}

fn learned<'l>(lessons: impl IntoIterator<Item = &'l Option<Lesson>>) -> Profile {
    let mut profile = Profile::default();
    for lesson in lessons.into_iter().flatten() {
        profile.learn(lesson);
    }
    profile
}

/// Reads each page with what all others teach, and as if there were no others.
fn with_and_without(pages: &[String]) -> Vec<(Extraction, Extraction)> {
    let alone: Vec<Extraction> = pages
        .iter()
        .enumerate()
        .map(|(at, html)| read(&url(at), html, None))
        .collect();
    let lessons: Vec<Option<Lesson>> = alone.iter().map(|found| found.lesson.clone()).collect();
    alone
        .into_iter()
        .enumerate()
        .map(|(at, without)| {
            let others = lessons.iter().enumerate().filter(|(of, _)| *of != at);
            let profile = learned(others.map(|(_, lesson)| lesson));
            let html = pages.get(at).unwrap();
            (read(&url(at), html, Some(&profile)), without)
        })
        .collect()
}

fn assert_nothing_is_lost(pages: &[String]) {
    for (with, without) in with_and_without(pages) {
        assert!(without.lesson.is_some(), "{}", without.article.text);
        assert_eq!(with.article.text, without.article.text);
        assert_eq!(with.lesson, without.lesson);
    }
}

const PROMISE: &str = "<p>The Quay has no owner but its readers. If you want it to stay so, \
    <a href=/give>give what you can</a>, or tell a neighbour of it.</p>";
const KIOSK: &str = "<div class=kiosk-note><h3>On paper</h3>\
    <p>The Quay is printed on Saturdays and lies in every kiosk along the river.</p></div>";

/// A story with what the site puts into each: in the midst of the text, where no general rule can
/// tell it from that.
fn promoted(number: usize) -> (String, String) {
    let seed = number as u64 * 100;
    let own: Vec<String> = (0..4 + number % 3)
        .map(|at| prose(seed + at as u64, 32))
        .collect();
    let mut body: Vec<String> = own.iter().map(|text| format!("<p>{text}</p>")).collect();
    body.insert(1 + number % 3, PROMISE.to_owned());
    body.insert(2, KIOSK.to_owned());
    (
        page(&format!("Story {}", prose(seed, 5)), &body.concat()),
        own.join("\n"),
    )
}

#[test]
fn later_pages_come_out_clean() {
    let mut profile = Profile::default();
    for number in 0..12 {
        let (html, own) = promoted(number);
        let found = read(&url(number), &html, Some(&profile));
        let text = &found.article.text;
        assert!(
            own.lines()
                .all(|line| text.lines().any(|kept| kept == line)),
            "{text}"
        );
        assert_eq!(text.contains("kiosk"), number < 2, "the box goes first");
        assert_eq!(
            found.article.html.contains("kiosk"),
            number < 2,
            "with its picture"
        );
        assert_eq!(*text == own, number >= 4, "{number}: {text}");
        profile.learn(&found.lesson.unwrap());
    }
}

#[test]
fn the_trace_says_on_how_many_pages_it_repeats() {
    let pages: Vec<String> = (0..8).map(|number| promoted(number).0).collect();
    let (with, _) = with_and_without(&pages).remove(3);
    let left_out = with.trace.iter().filter(|decision| decision.step == "site");
    let told: Vec<_> = left_out
        .map(|d| (d.element.as_str(), d.kept, d.reason.as_str()))
        .collect();
    let reason = "repeats on 7 of 7 other pages of its site";
    assert_eq!(
        told,
        [("p", false, reason), ("div.kiosk-note", false, reason)]
    );
}

#[test]
fn a_page_that_is_visited_again_teaches_nothing_more() {
    let (html, _) = promoted(1);
    let mut profile = Profile::default();
    let visits = ["", "", " ", "?utm_source=feed", "#top"].map(|with| format!("{}{with}", url(1)));
    for visit in visits {
        profile.learn(&read(&visit, &html, Some(&profile)).lesson.unwrap());
    }
    assert_eq!(profile.pages(), 1);
    assert!(profile.is_void());
}

#[test]
fn two_pages_teach_nothing() {
    let pages: Vec<String> = (0..2).map(|number| promoted(number).0).collect();
    assert_nothing_is_lost(&pages);
}

#[test]
fn an_article_at_many_addresses_is_one_page() {
    let story = |at: u64| {
        page(
            "One story",
            &(0..6)
                .map(|n| {
                    let class = if n == 2 { "lone" } else { "" };
                    format!(
                        "<p class='{class}'>{}</p>",
                        prose(if n == 5 { at } else { n }, 40)
                    )
                })
                .collect::<Vec<_>>()
                .concat(),
        )
    };
    assert_nothing_is_lost(&(100..108).map(story).collect::<Vec<_>>());
}

#[test]
fn a_column_keeps_its_first_and_last_paragraph() {
    let column = |number: u64| {
        let own: String = (0..5).map(|at| paragraph(number * 50 + at)).collect();
        page(
            &format!("The doctor answers: {}", prose(number, 4)),
            &format!(
                "<p>Every Monday our doctor answers what readers ask her, and nobody has to give a name.</p>\
                {own}<p>That is what the heart is like; ask it kindly, and it will answer for a long time.</p>"
            ),
        )
    };
    assert_nothing_is_lost(&(1..12).map(column).collect::<Vec<_>>());
}

#[test]
fn nearly_equal_pages_stay_whole() {
    let weather = |day: u64| {
        page(
            &format!("The weather on day {day}"),
            &format!(
                "<p class=sky>Clouds move in from the west, and light rain may fall on the coast towards the evening.</p>\
                <p class=warmth>It will be {} degrees in the harbour, and {} on the hills behind the town.</p>\
                <p class=wind>The wind blows weakly from changing directions, with gusts near the river mouth.</p>",
                day % 9 + 10,
                day % 7 + 4
            ),
        )
    };
    assert_nothing_is_lost(&(1..14).map(weather).collect::<Vec<_>>());
    let service = |day: u64| {
        page(
            &format!("Reading for day {day}"),
            &format!(
                "<div class=opening><p>Let the day begin, and let whoever hears it be glad of the light that it brings.</p></div>\
                <p>{}</p><div class=closing><p>And so it ends as it began, in quiet, for as long as there are days and nights.</p></div>",
                prose(day, 18)
            ),
        )
    };
    assert_nothing_is_lost(&(1..14).map(service).collect::<Vec<_>>());
}

#[test]
fn market_reports_keep_what_they_always_say() {
    let report = |day: u64| {
        page(
            &format!("Fish prices of day {day}"),
            &format!(
                "<p>Cod was sold at {} crowns the kilogramme, herring at {} crowns, as the auction hall reports today.</p>\
                <p>The auction hall opens at five in the morning, and closes when the last crate is sold.</p>\
                {}<table><tr><td>Cod, gutted, with head</td><td>{day}</td></tr><tr><td>Herring, whole, in brine</td><td>7</td></tr></table>",
                day + 30,
                day + 11,
                paragraph(day)
            ),
        )
    };
    assert_nothing_is_lost(&(1..14).map(report).collect::<Vec<_>>());
}

#[test]
fn live_blogs_and_talks_keep_their_labels() {
    let live = |number: u64| {
        let entries: Vec<String> = (0..6)
            .map(|at| {
                format!(
                    "<div class=entry><p class=clock>10:{at}4</p><h3>What we know so far</h3>\
            <p class=who>Reported by Ann Lee in the harbour</p>{}<p>More follows.</p></div>",
                    paragraph(number * 60 + at)
                )
            })
            .collect();
        page(&format!("Live: {}", prose(number, 5)), &entries.concat())
    };
    for (with, without) in with_and_without(&(1..10).map(live).collect::<Vec<_>>()) {
        assert_eq!(with.article.text, without.article.text);
    }
    let talk = |number: u64| {
        let answers: Vec<String> = (0..6)
            .map(|at| {
                format!(
                    "<p class=speaker>The Quay:</p><p>{}</p><p class=speaker>The guest:</p>{}",
                    prose(number * 90 + at + 40, 12),
                    paragraph(number * 90 + at)
                )
            })
            .collect();
        page(
            &format!("A talk about {}", prose(number, 4)),
            &answers.concat(),
        )
    };
    assert_nothing_is_lost(&(1..10).map(talk).collect::<Vec<_>>());
}

#[test]
fn a_refrain_stays_in_every_verse() {
    let poem = |number: u64| {
        let verse = |at: u64| {
            format!(
                "<p>{}<br>Row, and row, and row to the shore,<br>the tide has taken what was there before.</p>",
                prose(number * 30 + at, 14)
            )
        };
        page(
            &format!("Song {number}: {}", prose(number, 4)),
            &(0..5).map(verse).collect::<String>(),
        )
    };
    assert_nothing_is_lost(&(1..10).map(poem).collect::<Vec<_>>());
}

#[test]
fn the_background_of_a_running_story_stays() {
    let background = "<p>The bridge was closed in March, after a <a href=/story/1.html>survey</a> had found \
        that two of its cables were worn, and has not been opened since then.</p>";
    let story = |number: u64| {
        let running = if number.is_multiple_of(2) {
            background
        } else {
            ""
        };
        let own: String = (0..4).map(|at| paragraph(number * 40 + at)).collect();
        page(
            &format!("Story of {}", prose(number, 5)),
            &format!("{own}{running}{}", paragraph(number * 40 + 9)),
        )
    };
    assert_nothing_is_lost(&(1..13).map(story).collect::<Vec<_>>());
}

#[test]
fn standing_text_does_not_pass_for_a_short_article() {
    let about = "<section class=house><p>The Quay was founded by dockers in a year without a harvest, and has come out ever since, \
        in good years and in bad ones, whatever the price of paper was.</p><p>It is written by nine people and carried out by \
        forty more, all of whom live between the lighthouse and the station.</p><p>Who wants to write for it comes by on Thursdays, \
        when the kettle is on, and brings a pencil and something to tell.</p></section>";
    let story = |number: u64, length: u64| {
        let own: String = (0..length).map(|at| paragraph(number * 40 + at)).collect();
        format!(
            "<!doctype html><title>News {number}</title><meta property=og:type content=article><div class=page>\
            <div class=report><h1>News {number}</h1>{own}</div>{about}</div>"
        )
    };
    let mut pages: Vec<String> = (1..9).map(|number| story(number, 9)).collect();
    pages.push(story(20, 1));
    let (with, without) = with_and_without(&pages).pop().unwrap();
    assert!(
        without.article.text.contains("dockers"),
        "{}",
        without.article.text
    );
    assert_eq!(with.article.text, prose(20 * 40, 32));
}

#[test]
fn the_key_of_a_derivation_names_the_profile() {
    let (mut profile, none) = (Profile::default(), Knowledge::default().derivation());
    let key = |profile: &Profile| {
        let profile = Some(profile);
        Knowledge {
            rules: None,
            profile,
        }
        .derivation()
    };
    assert_eq!(key(&profile), none, "it decides nothing yet");
    for number in 0..4 {
        let lesson = read(&url(number), &promoted(number).0, None).lesson;
        profile.learn(&lesson.unwrap());
    }
    assert_eq!(key(&profile), format!("{none}+profile:{}", profile.name()));
    let before = profile.name();
    profile.learn(&read(&url(9), &promoted(9).0, None).lesson.unwrap());
    assert_ne!(profile.name(), before);
}
