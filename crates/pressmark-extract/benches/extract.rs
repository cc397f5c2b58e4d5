//! The whole extraction beside `dom_smoothie` and the bare parse, and how much of it is parsing,
//! extraction and output. On pages made here, or on all files of a folder:
//! `PRESSMARK_BENCH_PAGES=FOLDER cargo xtask bench extract`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use pressmark_extract::{Extraction, Hints, Page, extract};
use pressmark_extract_bench::{article, chinese, listing, live_blog};
use pressmark_html::{NodeId, Treat, Tree, clean, decode};
use pressmark_model::{Timestamp, WebUrl};

/// Pages that are measured together.
struct Set {
    name: &'static str,
    pages: Vec<Vec<u8>>,
}

impl Set {
    fn bytes(&self) -> usize {
        self.pages.iter().map(Vec::len).sum()
    }
}

fn sets() -> Vec<Set> {
    if let Some(folder) = std::env::var_os("PRESSMARK_BENCH_PAGES") {
        let entries = std::fs::read_dir(folder).expect("the folder of pages can be read");
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
        files.sort();
        let pages = files.iter().filter_map(|path| std::fs::read(path).ok());
        let (name, pages) = ("folder", pages.collect());
        return vec![Set { name, pages }];
    }
    [
        ("article", article(24)),
        ("Chinese article", chinese(20)),
        ("listing", listing(60)),
        ("live blog", live_blog(840)),
    ]
    .into_iter()
    .map(|(name, page)| Set {
        name,
        pages: vec![page.into_bytes()],
    })
    .collect()
}

fn ours(bytes: &[u8], url: Option<&WebUrl>) -> Extraction {
    let page = Page {
        bytes,
        content_type: Some("text/html; charset=utf-8"),
        url,
        captured_at: Timestamp::from_seconds(1_800_000_000),
    };
    extract(&page, &Hints::default())
}

fn theirs(bytes: &[u8]) -> Option<dom_smoothie::Article> {
    let html = String::from_utf8_lossy(bytes).into_owned();
    let mut readability = dom_smoothie::Readability::new(html, None, None).ok()?;
    readability.parse().ok()
}

/// The shortest time that a step takes for all pages.
fn shortest(mut step: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..12 {
        let start = Instant::now();
        step();
        best = best.min(start.elapsed());
    }
    best
}

/// What share of the whole is decoding and parsing, and what is output: cleaning the article again,
/// from its own tree, is the work of writing it.
fn shares(set: &Set, url: Option<&WebUrl>) {
    let whole = shortest(|| {
        for page in &set.pages {
            black_box(ours(page, url));
        }
    });
    let parse = shortest(|| {
        for page in &set.pages {
            black_box(Tree::parse(&decode(page, None).text).len());
        }
    });
    let articles: Vec<String> = set
        .pages
        .iter()
        .map(|page| ours(page, url).article.html)
        .collect();
    let trees: Vec<Tree<'_>> = articles.iter().map(|html| Tree::parse(html)).collect();
    let output = shortest(|| {
        for tree in &trees {
            black_box(clean(tree, &[NodeId::ROOT], url, &|_| Treat::Keep));
        }
    });
    let share = |part: Duration| 100.0 * part.as_secs_f64() / whole.as_secs_f64();
    println!(
        "{:16} {:8.2} ms in {:9} bytes: parse {:4.1} %, extract {:4.1} %, output {:4.1} %",
        set.name,
        whole.as_secs_f64() * 1e3,
        set.bytes(),
        share(parse),
        100.0 - share(parse) - share(output),
        share(output),
    );
}

fn main() {
    let sets = sets();
    let url = "https://www.quay.example/2025/06/bridge.html".parse().ok();
    for set in &sets {
        shares(set, url.as_ref());
    }
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut group = criterion.benchmark_group("extract");
    for set in &sets {
        group.throughput(Throughput::Bytes(set.bytes() as u64));
        let each = |step: &dyn Fn(&[u8])| set.pages.iter().for_each(|page| step(page));
        let steps: [(&str, &dyn Fn(&[u8])); 4] = [
            ("pressmark", &|page| {
                black_box(ours(page, url.as_ref()));
            }),
            ("dom_smoothie", &|page| {
                black_box(theirs(page));
            }),
            ("parse: pressmark", &|page| {
                black_box(Tree::parse(&decode(page, None).text).len());
            }),
            ("parse: html5ever + dom_query", &|page| {
                black_box(dom_query::Document::from(&*String::from_utf8_lossy(page)));
            }),
        ];
        for (name, step) in steps {
            let id = BenchmarkId::new(name, set.name);
            group.bench_function(id, |bencher| bencher.iter(|| each(step)));
        }
    }
    group.finish();
    criterion.final_summary();
}
