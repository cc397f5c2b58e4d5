//! What is told of sources that break, fall silent or get worse.

use pressmark_archive::alarm::{AlarmCause, AlarmKind};
use pressmark_archive::events::Event;
use pressmark_testkit::{Item, Page};

use crate::world::{HOUR, World, feed, story};

/// The alarms that were raised and cleared so far.
fn told(world: &World) -> Vec<(bool, AlarmKind)> {
    let events = world.events.lock().unwrap();
    let of = |event: &Event| match event {
        Event::AlarmRaised { cause, .. } => Some((true, cause.kind())),
        Event::AlarmCleared { kind, .. } => Some((false, *kind)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[tokio::test]
async fn a_source_that_breaks_raises_one_alarm_until_it_is_mended() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", Page::status(500));
    world.watch("news.test").await;
    for _ in 0..3 {
        world.poll().await;
    }
    assert_eq!(told(&world), [], "that happens");
    world.clock.advance(73 * HOUR);
    for _ in 0..3 {
        world.poll().await;
    }
    assert_eq!(told(&world), [(true, AlarmKind::Failing)]);
    let alarms = world.archive.catalog().alarms(true, 9).await.unwrap();
    assert!(alarms[0].cause.to_string().contains("answered 500"));

    site.page("/feed.xml", feed("news.test", &[]));
    world.poll().await;
    world.poll().await;
    let both = [(true, AlarmKind::Failing), (false, AlarmKind::Failing)];
    assert_eq!(told(&world), both);
    let alarms = world.archive.catalog().alarms(true, 9).await.unwrap();
    assert_eq!(alarms, []);
}

#[tokio::test]
async fn a_source_that_falls_silent_is_told_by_its_own_rhythm() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    // One article a day, the last one now: 2025-10-09.
    let dates: Vec<String> = (2..=9)
        .map(|day| format!("{day:02} Oct 2025 07:00:00 GMT"))
        .collect();
    let links: Vec<String> = (2..=9)
        .map(|day| format!("https://news.test/{day}"))
        .collect();
    let items: Vec<Item<'_>> = dates
        .iter()
        .zip(&links)
        .map(|(date, link)| Item {
            title: link,
            link,
            published: date,
            ..Item::default()
        })
        .collect();
    site.page("/feed.xml", Page::rss("N", "https://news.test/", &items));
    world.watch("news.test").await;
    world.poll().await;
    let status = world.source("news.test").await.status;
    assert_eq!(status.rhythm.moments.len(), 8);
    world.clock.advance(5 * 24 * HOUR);
    world.poll().await;
    assert_eq!(told(&world), []);
    world.clock.advance(2 * 24 * HOUR);
    world.poll().await;
    world.poll().await;
    assert_eq!(told(&world), [(true, AlarmKind::Silent)]);
    site.page("/feed.xml", feed("news.test", &["new"]));
    world.poll().await;
    assert_eq!(told(&world).last(), Some(&(false, AlarmKind::Silent)));
}

#[tokio::test]
async fn a_drop_of_quality_is_told() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let titles =
        |from: usize| -> Vec<String> { (from..from + 12).map(|n| n.to_string()).collect() };
    for (from, paragraphs) in [(0, 8), (12, 0)] {
        let titles = titles(from);
        for title in &titles {
            site.page(&format!("/{title}"), story(title, title, paragraphs));
        }
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        site.page("/feed.xml", feed("news.test", &titles));
        if from == 0 {
            world.watch("news.test").await;
        }
        world.poll().await;
    }
    assert_eq!(told(&world), [(true, AlarmKind::Quality)]);
}

/// A page after a redesign: the text is torn into rows of a few words, each with links to topics.
fn torn(title: &str) -> Page {
    let rows: Vec<String> = (0..24)
        .map(|n| {
            let word = format!("{}-{title}", ["ferry", "harbour", "storm", "vote"][n % 4]);
            format!(
                "<div><span>The council discussed {word} on floor {n}, row {}.</span>\
                 <a href=/t{n}>{word}</a> <a href=/u{n}>council {title}</a></div>",
                n * 37 % 101
            )
        })
        .collect();
    Page::html(format!(
        "<!doctype html><html lang=en><head><title>{title}</title></head><body><div class=shell>\
         <h2>{title}</h2>{}<form><input name=q></form></div></body></html>",
        rows.concat()
    ))
}

/// Lists these pages in a feed of their own, and captures them.
async fn publish(world: &World, pages: Vec<(String, Page)>) {
    let site = world.net.site("news.test");
    let titles: Vec<&str> = pages.iter().map(|(title, _)| title.as_str()).collect();
    site.page("/feed.xml", feed("news.test", &titles));
    for (title, page) in &pages {
        site.page(&format!("/{title}"), page.clone());
    }
    world.poll().await;
}

#[tokio::test]
async fn a_redesign_that_is_read_badly_is_told_by_confidence() {
    let world = World::new().await;
    world.watch("news.test").await;
    let whole = |n: usize| (n.to_string(), story(&n.to_string(), &n.to_string(), 8));
    publish(&world, (0..12).map(whole).collect()).await;
    assert_eq!(told(&world), []);
    let redesigned = |n: usize| (n.to_string(), torn(&n.to_string()));
    publish(&world, (12..22).map(redesigned).collect()).await;
    assert_eq!(told(&world), [(true, AlarmKind::Quality)]);
    let alarms = world.archive.catalog().alarms(true, 9).await.unwrap();
    let AlarmCause::Quality {
        poor,
        confidence: Some((before, now)),
        ..
    } = alarms[0].cause
    else {
        panic!("{alarms:?}");
    };
    assert_eq!(poor, 0, "each has a text, and none a wall");
    assert!(before > 90 && now < 60, "{before} {now}");
}

#[tokio::test]
async fn short_items_are_no_drop_of_quality() {
    let world = World::new().await;
    world.watch("news.test").await;
    let brief = |n: usize| {
        let page = story(&n.to_string(), &format!("ferry {n}"), 1 + n % 3);
        (n.to_string(), page)
    };
    for from in [0, 12, 24] {
        publish(&world, (from..from + 12).map(brief).collect()).await;
    }
    assert_eq!(told(&world), []);
    let source = world.source("news.test").await.id;
    let outcomes = world.archive.catalog().outcomes(source, 60).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.confidence > Some(80)));
}

#[tokio::test]
async fn what_blocks_a_source_is_named() {
    let world = World::new().await;
    let login =
        "<html><body><form action=/login><input name=p type=\"password\"></form></body></html>";
    let here = "<html><body>This content is not available in your country.</body></html>";
    let pages = [
        ("login.test", Page::html(login), "login-wall"),
        (
            "led.test",
            Page::redirect(302, "https://led.test/signin?next=feed"),
            "login-wall",
        ),
        ("region.test", Page::status(403).body(here), "regional"),
        ("law.test", Page::status(451), "regional"),
        ("refuses.test", Page::status(403), "status"),
    ];
    for (host, page, _) in &pages {
        let site = world.net.site(host);
        site.page("/feed.xml", page.clone());
        site.page(
            "/signin?next=feed",
            Page::html("<html><body>Welcome</body></html>"),
        );
        world.watch(host).await;
    }
    world.poll().await;
    for (host, _, kind) in pages {
        let failure = world.source(host).await.status.failure.unwrap();
        assert_eq!(failure.kind(), kind, "{host}: {failure}");
        assert!(!failure.hint().is_empty());
    }
}
