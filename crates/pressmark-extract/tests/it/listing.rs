//! Every page of `testdata/listing` lists articles as news sites do; beside it stand its entries:
//! day, link and title, a line each. The first line of a page is its address.

use std::collections::HashMap;
use std::path::Path;

use pressmark_extract::{Page, listing};
use pressmark_model::{Timestamp, WebUrl};

/// 2025-07-01.
const NOW: Timestamp = Timestamp::from_micros(1_751_328_000_000_000);
/// Of the entries found and of those expected, at least this share agree on each page, in percent.
const FLOOR: usize = 95;

/// By link: the day and the title.
type Entries = HashMap<String, (String, String)>;

fn expected(file: &Path) -> Entries {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| {
            let [day, link, title] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let link: WebUrl = link.parse().unwrap();
            (link.as_str().to_owned(), (day.to_owned(), title.to_owned()))
        })
        .collect()
}

fn found(file: &Path) -> Entries {
    let bytes = std::fs::read(file).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let url = text.split_whitespace().nth(1).unwrap().parse().unwrap();
    let page = Page {
        bytes: &bytes,
        content_type: None,
        url: Some(&url),
        captured_at: NOW,
    };
    let day = |at: pressmark_model::OffsetTimestamp| at.to_string().chars().take(10).collect();
    listing(&page)
        .entries
        .into_iter()
        .map(|entry| {
            (
                entry.link.unwrap().as_str().to_owned(),
                (entry.published.map(day).unwrap_or_default(), entry.title),
            )
        })
        .collect()
}

#[test]
fn the_entries_of_news_fronts_are_found_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/listing");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "html"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 18);
    let mut wrong = Vec::new();
    for page in pages {
        let (want, got) = (expected(&page.with_extension("txt")), found(&page));
        let both: Vec<_> = want
            .iter()
            .filter_map(|(link, said)| Some((link, said, got.get(link)?)))
            .collect();
        let enough = |part: usize, whole: usize| part * 100 >= whole * FLOOR;
        let alike = both.iter().filter(|(_, want, got)| want == got).count();
        if !enough(both.len(), want.len())
            || !enough(both.len(), got.len())
            || !enough(alike, both.len())
        {
            let missed = want.keys().filter(|link| !got.contains_key(*link));
            let extra = got.keys().filter(|link| !want.contains_key(*link));
            let other = both.iter().filter(|(_, want, got)| want != got);
            wrong.push(format!(
                "{}:\n  missed {:?}\n  too many {:?}\n  otherwise {:?}",
                page.display(),
                missed.collect::<Vec<_>>(),
                extra.collect::<Vec<_>>(),
                other.collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
