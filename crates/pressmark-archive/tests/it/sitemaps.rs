//! Indexes of sitemaps: long, packed and nested ones, and what their first visit costs.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use pressmark_archive::origin::Origin;
use pressmark_archive::source::{Source, SourceSettings};
use pressmark_archive::{Estimate, Found, Wish};
use pressmark_testkit::Page;

use crate::world::World;

const INDEX: &str = "https://maps.test/sitemap.xml";

/// An index of the sitemaps from `first` to `last`, named by their numbers.
fn index(first: usize, last: usize) -> String {
    let map = |n| {
        let packed = if n % 2 == 0 { ".gz" } else { "" };
        format!("<sitemap><loc>https://maps.test/map-{n}.xml{packed}</loc></sitemap>")
    };
    let maps: Vec<String> = (first..=last).map(map).collect();
    format!("<sitemapindex>{}</sitemapindex>", maps.concat())
}

/// A site with so many sitemaps of ten articles each, every other one packed.
fn publish(world: &World, maps: usize) {
    let site = world.net.site("maps.test");
    site.page("/sitemap.xml", Page::xml(index(1, maps)));
    for n in 1..=maps {
        let urls: Vec<String> = (0..10)
            .map(|k| format!("<url><loc>https://maps.test/2025/{n}/story-{k}.html</loc></url>"))
            .collect();
        let map = format!("<urlset>{}</urlset>", urls.concat());
        if n % 2 == 0 {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(map.as_bytes()).unwrap();
            let packed = Page::bytes("application/gzip", packed.finish().unwrap());
            site.page(&format!("/map-{n}.xml.gz"), packed);
        } else {
            site.page(&format!("/map-{n}.xml"), Page::xml(map));
        }
    }
}

async fn found(world: &World) -> Found {
    let settings = SourceSettings::default();
    let url = INDEX.parse().unwrap();
    let mut seen = world
        .archive
        .discover(&url, &settings, Duration::ZERO)
        .await;
    seen.found.remove(0)
}

async fn estimate(world: &World, found: &Found, backfill: Option<u64>) -> Estimate {
    let settings = SourceSettings {
        backfill,
        ..SourceSettings::default()
    };
    world
        .archive
        .estimate(&[found], &settings, Duration::ZERO)
        .await
}

async fn add(world: &World, origin: &Origin, backfill: Option<u64>) -> Source {
    let wish = Wish {
        name: None,
        slug: None,
        named_after: origin.url.clone(),
        backfill,
    };
    world.archive.add(origin, &[], wish).await.unwrap().0
}

fn requests_for_maps(world: &World) -> usize {
    let paths = world.net.paths("maps.test");
    world.net.forget_requests();
    paths.iter().filter(|path| path.contains("map-")).count()
}

#[tokio::test]
async fn what_an_index_costs_is_told_from_a_few_of_its_sitemaps() {
    let world = World::new().await;
    publish(&world, 23);
    let found = found(&world).await;
    assert_eq!((found.entries.len(), found.sitemaps), (30, 3));
    assert_eq!(found.unread.len(), 20);
    assert_eq!(requests_for_maps(&world), 3);

    let cost = estimate(&world, &found, Some(100)).await;
    assert_eq!(requests_for_maps(&world), 5, "a sample");
    assert!(!cost.is_exact());
    assert_eq!((cost.sitemaps_read, cost.sitemaps), (8, 23));
    assert_eq!((cost.entries, cost.listed), (100, 230));
    assert_eq!(cost.requests, 1 + 10 + 100);
    assert_eq!(cost.time(Duration::from_secs(2)).as_secs(), 2 * 111);

    // What was estimated is what is done.
    let source = add(&world, &found.origin, Some(100)).await;
    assert_eq!(world.poll().await.new, 100);
    assert_eq!(requests_for_maps(&world), 10);
    assert_eq!(world.source(source.slug.as_str()).await.status.entries, 100);
    // The backfill is of the first visit; later only the newest are looked at.
    world.poll().await;
    assert_eq!(requests_for_maps(&world), 3);
}

#[tokio::test]
async fn a_short_index_is_counted_and_all_of_a_nested_one_is_taken() {
    let world = World::new().await;
    publish(&world, 7);
    let short = found(&world).await;
    let cost = estimate(&world, &short, Some(u64::MAX)).await;
    assert!(cost.is_exact(), "{cost:?}");
    assert_eq!((cost.entries, cost.listed, cost.sitemaps), (70, 70, 7));

    // Of the sitemaps that an index names, three are indexes themselves.
    let nested = ["old", "older", "oldest"].map(|name| {
        let site = world.net.site("maps.test");
        let number = name.len();
        site.page(
            &format!("/{name}.xml"),
            Page::xml(index(number, number + 1)),
        );
        format!("<sitemap><loc>https://maps.test/{name}.xml</loc></sitemap>")
    });
    let maps = nested.concat() + &index(1, 2);
    let maps = maps
        .replace("<sitemapindex>", "")
        .replace("</sitemapindex>", "");
    let outer = Page::xml(format!("<sitemapindex>{maps}</sitemapindex>"));
    world.net.site("maps.test").page("/sitemap.xml", outer);
    let found = found(&world).await;
    assert_eq!((found.entries.len(), found.sitemaps), (30, 3));
    let cost = estimate(&world, &found, Some(u64::MAX)).await;
    assert_eq!(cost.listed, 80, "{cost:?}");
    assert!(!cost.is_exact());

    add(&world, &found.origin, Some(u64::MAX)).await;
    assert_eq!(world.poll().await.new, 70, "each article once");
}

#[tokio::test]
async fn what_cannot_be_read_of_an_index_is_told_and_a_failure_if_it_is_all() {
    let world = World::new().await;
    publish(&world, 3);
    let site = world.net.site("maps.test");
    let source = add(&world, &found(&world).await.origin, None).await;
    site.page("/map-1.xml", Page::status(404));
    site.page("/map-2.xml.gz", Page::challenge());
    let summary = world.poll().await;
    assert_eq!((summary.new, summary.failed_sources), (10, 0));
    let status = world.source(source.slug.as_str()).await.status;
    let told: Vec<_> = status.issues.iter().map(|i| i.message.as_str()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .any(|told| told.contains("map-1.xml") && told.contains("404"))
    );

    site.page("/map-3.xml", Page::html("<p>Nothing"));
    let summary = world.poll().await;
    assert_eq!(summary.failed_sources, 1);
    let status = world.source(source.slug.as_str()).await.status;
    assert_eq!(status.failure.unwrap().kind(), "not-a-feed");

    // A long index of which all is gone costs a few requests.
    publish(&world, 200);
    for n in 1..=200 {
        let packed = if n % 2 == 0 { ".gz" } else { "" };
        site.page(&format!("/map-{n}.xml{packed}"), Page::status(404));
    }
    world.net.forget_requests();
    let settings = SourceSettings::default();
    let url = INDEX.parse().unwrap();
    let patience = Duration::ZERO;
    let seen = world.archive.discover(&url, &settings, patience).await;
    assert!(seen.found.is_empty());
    assert_eq!(seen.failure.unwrap().kind(), "status");
    assert_eq!(requests_for_maps(&world), 3);
}
