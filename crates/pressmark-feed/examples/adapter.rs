//! Reads feeds for the benchmark's adapter protocol: questions as lines of JSON on standard input,
//! answers on standard output; `bench LIST SECONDS` and `one FILE` measure.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a program for measurements"
)]

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use pressmark_feed::parse;
use pressmark_model::{Entry, Feed, FeedFormat, OffsetTimestamp, Person, WebUrl};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["bench", list, seconds] => bench(list, seconds.parse().unwrap()),
        ["one", file] => one(file),
        _ => answer_all(),
    }
}

fn answer_all() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes = fs::read(question["path"].as_str().unwrap()).unwrap();
        let start = Instant::now();
        let mut answer = answer(&bytes, &question);
        answer["id"] = question["id"].clone();
        answer["us"] = json!(u64::try_from(start.elapsed().as_micros()).unwrap());
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

fn answer(bytes: &[u8], question: &Value) -> Value {
    let header = |name: &str| question["headers"][name].as_str();
    let url: Option<WebUrl> = question["url"].as_str().and_then(|url| url.parse().ok());
    let location = header("content-location").and_then(|location| match &url {
        Some(url) => url.join(location).ok(),
        None => location.parse().ok(),
    });
    let parsed = parse(
        bytes,
        header("content-type"),
        location.as_ref().or(url.as_ref()),
    );
    let feed = parsed.value;
    if feed.format == FeedFormat::Unknown {
        return json!({"ok": false, "error": "no feed"});
    }
    let language = feed.language.as_deref().or(header("content-language"));
    json!({"ok": true, "rec": {
        "feed": {
            "title": feed.title_html.as_ref().unwrap_or(&feed.title),
            "link": feed.home.as_ref().map(WebUrl::as_str),
            "description": feed.subtitle_html.as_ref().or(feed.subtitle.as_ref()),
            "language": language,
            "updated": moment(feed.updated),
        },
        "entries": feed.entries.iter().map(entry).collect::<Vec<_>>(),
    }})
}

fn entry(entry: &Entry) -> Value {
    let enclosures = entry.enclosures.iter().map(|enclosure| {
        json!({"url": enclosure.url.as_str(), "type": enclosure.media_type, "length": enclosure.length})
    });
    let categories = entry.categories.iter();
    let categories =
        categories.map(|category| json!({"term": category.term, "label": category.label}));
    json!({
        "id": entry.guid,
        "title": entry.title_html.as_ref().unwrap_or(&entry.title),
        "link": entry.link.as_ref().map(WebUrl::as_str),
        "published": moment(entry.published),
        "updated": moment(entry.updated),
        "authors": entry.authors.iter().map(person).collect::<Vec<_>>(),
        "summary": entry.summary,
        "content": entry.content,
        "enclosures": enclosures.collect::<Vec<_>>(),
        "categories": categories.collect::<Vec<_>>(),
    })
}

fn person(person: &Person) -> Value {
    json!({"name": person.name, "email": person.email})
}

fn moment(at: Option<OffsetTimestamp>) -> Option<String> {
    at.map(|at| at.at().to_string())
}

fn read(bytes: &[u8]) -> Feed {
    parse(bytes, None, None).value
}

fn bench(list: &str, seconds: f64) {
    let list = fs::read_to_string(list).unwrap();
    let documents: Vec<Vec<u8>> = list
        .lines()
        .filter(|path| !path.is_empty())
        .map(|path| fs::read(path).unwrap())
        .collect();
    let ok = documents
        .iter()
        .filter(|bytes| read(bytes).format != FeedFormat::Unknown)
        .count();
    let (wall, cpu, mut passes) = (Instant::now(), cpu_time(), 0);
    loop {
        for bytes in &documents {
            drop(std::hint::black_box(read(bytes)));
        }
        passes += 1;
        if wall.elapsed() > Duration::from_secs_f64(seconds) {
            break;
        }
    }
    let bytes: usize = documents.iter().map(Vec::len).sum();
    println!(
        "{}",
        json!({"docs": documents.len(), "bytes": bytes, "ok": ok, "passes": passes,
            "secs": cpu_time() - cpu, "wall": wall.elapsed().as_secs_f64()})
    );
}

/// Seconds of processor time of this process so far (`/proc/self/schedstat` counts nanoseconds).
fn cpu_time() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap();
    let nanoseconds: u64 = stat.split(' ').next().unwrap().parse().unwrap();
    Duration::from_nanos(nanoseconds).as_secs_f64()
}

fn one(file: &str) {
    let feed = read(&fs::read(file).unwrap());
    let ok = feed.format != FeedFormat::Unknown;
    let error = if ok { "" } else { "no feed" };
    println!(
        "{}",
        json!({"ok": ok, "entries": feed.entries.len(), "title_len": feed.title.chars().count(),
            "title": feed.title.chars().take(60).collect::<String>(), "error": error})
    );
}
