//! kill -9 while it works: nothing that was acknowledged is lost, and nothing is there twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::time::Duration;

use pressmark_testkit::{Internet, Item, Page, entropy};

use crate::program::{Program, lines};

const KILLS: u64 = 10;
const SEED: u64 = 20_260_131;

pub(crate) fn feed(titles: &[&str]) -> Page {
    let links: Vec<String> = titles
        .iter()
        .map(|t| format!("https://news.test/{t}"))
        .collect();
    let items: Vec<Item<'_>> = titles
        .iter()
        .zip(&links)
        .map(|(title, link)| Item {
            title,
            link,
            ..Item::default()
        })
        .collect();
    Page::rss("News", "https://news.test/", &items)
}

/// A page with a text of its own, and so many bytes that do not compress.
pub(crate) fn story(name: &str, ballast: usize) -> Page {
    let [seed] = entropy(name.len() as u64 + name.bytes().map(u64::from).sum::<u64>()).bytes();
    let mut state = u64::from(seed) + 1;
    let noise: String = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap()).to_string()
    })
    .filter(|c| !"<>&-".contains(c.as_str()))
    .take(ballast)
    .collect();
    let body = format!(
        "<p>The story of {name} is told in these words, which nobody else uses for {name}.</p>"
    )
    .repeat(5);
    Page::html(format!(
        "<html lang=en><head><title>{name}</title></head><body><article><h1>{name}</h1>{body}</article>\
         <!--{noise}--></body></html>"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_it_loses_nothing_and_repeats_nothing() {
    let net = Internet::start().await;
    let site = net.site("news.test");
    let names: Vec<String> = (0..60).map(|n| format!("story-{n:02}")).collect();
    let titles: Vec<&str> = names.iter().map(String::as_str).collect();
    site.page("/feed.xml", feed(&titles));
    for name in &names {
        site.page(
            &format!("/{name}"),
            story(name, 2_000).delay(Duration::from_millis(15)),
        );
    }
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;

    println!("seed {SEED}");
    let chance = entropy(SEED);
    let mut acknowledged = BTreeSet::new();
    for n in 0..KILLS {
        let log = program.folder.path().join(format!("events-{n}"));
        let mut child = program
            .command(&["poll", "--json"])
            .stdout(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let [byte] = chance.bytes();
        tokio::time::sleep(Duration::from_millis(50 + u64::from(byte) * 3)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        collect(&std::fs::read_to_string(&log).unwrap(), &mut acknowledged);
        program.ok(&["check"]).await;
    }
    let kept_so_far = acknowledged.len();
    collect(&program.ok(&["poll", "--json"]).await, &mut acknowledged);

    let exported = lines(&program.ok(&["export"]).await);
    let kept: BTreeSet<String> = exported
        .iter()
        .map(|line| line["url"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(exported.len(), names.len(), "each article once");
    assert_eq!(kept.len(), names.len());
    assert!(
        acknowledged.is_subset(&kept),
        "an acknowledged article is lost"
    );
    assert!(kept_so_far > 0, "the kills came too early to try anything");
    program.ok(&["check"]).await;
}

/// Adds the articles that a log of events acknowledges; its last line may be cut.
fn collect(log: &str, acknowledged: &mut BTreeSet<String>) {
    for line in log.lines() {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        if event["event"] == "archived" {
            acknowledged.insert(event["url"].as_str().unwrap().to_owned());
        }
    }
}
