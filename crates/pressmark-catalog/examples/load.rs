//! Fills a catalog and times what a page or a poll asks of it:
//! `cargo run --release -p pressmark-catalog --example load -- PLACE ARTICLES`, the place a file
//! or a `postgres://` address.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a tool for the developer, who reads what it prints"
)]

use std::time::Instant;

use pressmark_archive::ports::catalog::Lease;
use pressmark_archive::version::{ArticleCursor, ArticleQuery};
use pressmark_model::{ArticleId, LeafIndex, Timestamp, VersionNumber};
use pressmark_proof::ArchiveId;
use pressmark_testkit::catalog::{first_commit, new_source};

const SOURCES: i64 = 100;
const BATCH: i64 = 10;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let articles: i64 = arguments[2].parse().unwrap();
    let catalog = pressmark_catalog::open(&arguments[1]).await.unwrap();
    let mut sources = Vec::new();
    for n in 0..SOURCES {
        let new = new_source(&format!("s{n}.test"));
        sources.push(catalog.add_source(&new).await.unwrap().0);
    }

    let began = Instant::now();
    let text = "每天的新闻，一字不漏。".repeat(200);
    for first in (0..articles).step_by(10) {
        let of = |n: i64| sources[usize::try_from(n / BATCH % SOURCES).unwrap()].id;
        let batch: Vec<_> = (first..first + BATCH)
            .map(|n| first_commit(of(n), &format!("a/{n}"), &format!("{n} {text}"), n))
            .collect();
        catalog.commit(ArchiveId([1; 16]), &batch).await.unwrap();
    }
    let each = began.elapsed() / u32::try_from(articles).unwrap().max(1);
    println!(
        "{:>40} {each:>10.0?} an article, {BATCH} at a time",
        "commit"
    );

    macro_rules! time {
        ($name:literal, $call:expr) => {{
            let _ = $call.await.unwrap();
            let began = Instant::now();
            for _ in 0..20 {
                let _ = $call.await.unwrap();
            }
            println!("{:>40} {:>10.0?}", $name, began.elapsed() / 20);
        }};
    }
    let page = |source, after| ArticleQuery {
        source,
        after,
        limit: 50,
    };
    let middle = Some(ArticleCursor {
        sort_at: Timestamp::from_seconds(1_700_000_000 + articles / 2),
        id: ArticleId(articles / 2),
    });
    let own = Some(sources[7].id);
    let id = ArticleId(articles / 2);
    let now = Timestamp::from_seconds(1_800_000_000);
    let lease = Lease {
        owner: 1,
        until: now,
    };
    time!("counts", catalog.counts());
    time!("sources", catalog.sources());
    time!("articles, first page", catalog.articles(&page(None, None)));
    time!("articles, middle", catalog.articles(&page(None, middle)));
    time!(
        "articles of a source, first page",
        catalog.articles(&page(own, None))
    );
    time!(
        "articles of a source, middle",
        catalog.articles(&page(own, middle))
    );
    time!("article", catalog.article(id));
    time!("version", catalog.version(id, VersionNumber(1)));
    time!("article head", catalog.article_head(id));
    time!("50 versions", catalog.versions(LeafIndex(articles / 2), 50));
    time!(
        "article by number",
        catalog.article_by_number(&sources[7].slug, 5)
    );
    time!("next due", catalog.next_due());
    time!(
        "claim due sources",
        catalog.claim_due_sources(now, lease, 8)
    );
}
