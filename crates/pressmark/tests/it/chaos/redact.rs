//! A redaction that is killed at its calls of the system: whoever comes next finishes it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use pressmark_archive::ports::catalog::Catalog as _;
use pressmark_archive::ports::redactions::Redactions as _;
use pressmark_archive::redact::NewRedaction;
use pressmark_catalog::SqliteCatalog;
use pressmark_model::{ArticleId, Timestamp};
use pressmark_proof::ArchiveId;
use pressmark_testkit::{Internet, Item, Page, Site};

use super::Plan;
use super::stage::end_of;
use super::trace::{CALLS, calls_in, traced};
use crate::disk::{can, run};
use crate::program::{Program, lines};
use crate::traces::traces;

/// Stands in all that is redacted, and nowhere else.
const CANARY: &str = "zanzibarquark";
const OTHERS: [&str; 2] = ["rivers", "mountains"];
const PATIENCE: Duration = Duration::from_mins(1);

/// The n-th of these calls of a thread.
#[derive(Clone, Copy)]
struct Point {
    call: &'static str,
    nth: usize,
}

/// Who finishes what was cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finisher {
    Redact,
    Serve,
    Poll,
}

/// An archive with the article in all of its stores.
struct Scene {
    _net: Internet,
    program: Program,
    article: String,
    /// What is exported of the others.
    others: Vec<serde_json::Value>,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.call, self.nth)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_finished_by_whoever_comes_next() {
    let plan = Plan::of("redact");
    if !can("the experiment of redactions", "strace", &["-V"]) {
        return;
    }
    let scene = Scene::new().await;
    let points = scene.every_point().await;
    println!("{} points", points.len());
    let mut tally = plan.tally();
    let finishers = [Finisher::Redact, Finisher::Serve, Finisher::Poll];
    for (n, point) in plan.chosen(points, 6, 200).into_iter().enumerate() {
        let finisher = finishers[n % finishers.len()];
        tally.count(point, scene.killed_at(point, finisher).await);
    }
    tally.end();
}

/// A program that says it is done when the catalog is, before the other stores have reported, and
/// dies.
#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("redact");
    let scene = Scene::new().await;
    let copy = scene.copy();
    let catalog = SqliteCatalog::open(&copy.data().join("catalog.sqlite"))
        .await
        .unwrap();
    let at = Timestamp::from_seconds(1_790_000_000);
    let new = NewRedaction {
        article: ArticleId(scene.article.parse().unwrap()),
        reason: "order 7".to_owned(),
        at,
        salt: [7; 32],
    };
    let archive = catalog.archive_id(ArchiveId([0; 16]), at).await.unwrap();
    catalog
        .begin_redaction(archive, &new, [7; 16])
        .await
        .unwrap();
    catalog.end_redaction(new.article, at).await.unwrap();
    catalog.close().await;
    let mut tally = plan.control();
    tally.count(
        "done too early",
        scene.finished(&copy, Finisher::Serve).await,
    );
    tally.end_control();
}

impl Scene {
    async fn new() -> Self {
        let net = Internet::start().await;
        let site = net.site("news.test");
        let link = format!("https://news.test/{CANARY}");
        let title = format!("On {CANARY}");
        let summary = format!("A few words on {CANARY}.");
        let other = OTHERS.map(|name| format!("https://news.test/{name}"));
        let mut items = vec![Item {
            title: &title,
            link: &link,
            summary: &summary,
            ..Item::default()
        }];
        items.extend(OTHERS.iter().zip(&other).map(|(title, link)| Item {
            title,
            link,
            ..Item::default()
        }));
        site.page("/feed.xml", Page::rss("News", "https://news.test/", &items));
        for name in [CANARY].iter().chain(&OTHERS) {
            show(&site, name, name);
        }
        let program = Program::on(&net);
        program.ok(&["add", "https://news.test/feed.xml"]).await;
        program.ok(&["poll"]).await;
        show(&site, CANARY, "zanzibarquark, corrected");
        program.ok(&["poll", "--revisit"]).await;
        leave_behind(&program);

        let exported = lines(&program.ok(&["export"]).await);
        let (own, others): (Vec<_>, Vec<_>) = exported
            .into_iter()
            .partition(|line| line.to_string().contains(CANARY));
        assert_eq!((own.len(), others.len()), (2, OTHERS.len()));
        let articles = program.ok(&["articles", "--json"]).await;
        let article = lines(&articles)
            .into_iter()
            .find(|line| line.to_string().contains(CANARY));
        let article = article.unwrap()["id"].to_string();
        // What looks for it finds it in each store, and in each form.
        let found = traces(&program.data(), CANARY);
        for sign in [
            "sqlite: bytes",
            "sqlite: zstd",
            "gz: gzip",
            ".git: object",
            "#1: gzip",
        ] {
            assert!(
                found.iter().any(|at| at.ends_with(sign)),
                "{sign}: {found:?}"
            );
        }
        Self {
            _net: net,
            program,
            article,
            others,
        }
    }

    /// The same archive elsewhere, with a key of its own.
    fn copy(&self) -> Program {
        let folder = self.program.folder.path();
        let place = |name: &str| -> PathBuf { folder.join("try").join(name) };
        let _nothing_yet = std::fs::remove_dir_all(folder.join("try"));
        std::fs::create_dir(folder.join("try")).unwrap();
        for name in ["data", "config"] {
            let (from, to) = (folder.join(name), place(name));
            run("cp", &["-a", from.to_str().unwrap(), to.to_str().unwrap()]).unwrap();
        }
        let copy = self.program.beside(place("data"));
        copy.with("XDG_CONFIG_HOME", place("config").to_str().unwrap())
    }

    fn redact(&self) -> [&str; 5] {
        ["redact", &self.article, "--reason", "order 7", "--yes"]
    }

    async fn every_point(&self) -> Vec<Point> {
        let copy = self.copy();
        let log = self.program.folder.path().join("calls");
        let options = [
            "-o".to_owned(),
            log.display().to_string(),
            "-e".to_owned(),
            format!("trace=?{}", changing().join(",?")),
        ];
        assert!(self.traced(&copy, &options).await, "a run without faults");
        self.judge(&copy).await.unwrap();
        let each =
            |(call, count): (&'static str, usize)| (1..=count).map(move |nth| Point { call, nth });
        calls_in(&log).into_iter().flat_map(each).collect()
    }

    /// Redacts under `strace`; whether that came to an end.
    async fn traced(&self, copy: &Program, options: &[String]) -> bool {
        let said = self.program.folder.path().join("said");
        let command = copy.command(&self.redact());
        end_of(&mut traced(&command, options, &said), PATIENCE).await
    }

    async fn killed_at(&self, point: Point, finisher: Finisher) -> Result<(), String> {
        let copy = self.copy();
        let Point { call, nth } = point;
        let options = [
            "-e".to_owned(),
            format!("trace={call}"),
            "-e".to_owned(),
            format!("inject={call}:signal=SIGKILL:when={nth}"),
        ];
        if !self.traced(&copy, &options).await {
            return Err("it neither ends nor dies".to_owned());
        }
        self.finished(&copy, finisher).await
    }

    /// Lets somebody finish, and judges what is there then.
    async fn finished(&self, copy: &Program, finisher: Finisher) -> Result<(), String> {
        match finisher {
            Finisher::Redact => {}
            Finisher::Serve => drop(copy.serve()),
            Finisher::Poll => {
                let ran = copy.run(&["poll"]).await;
                if ran.code != 0 {
                    return Err(format!("poll: {}", ran.stderr));
                }
            }
        }
        // Who was killed before it had begun has done nothing, and has said nothing.
        let begun = copy.run(&["show", &self.article]).await.code == 2;
        if !begun || finisher == Finisher::Redact {
            let ran = copy.run(&self.redact()).await;
            if ran.code != 0 {
                return Err(format!("redact: {}", ran.stderr));
            }
        }
        self.judge(copy).await
    }

    /// Nothing of the article is left, the others are as they were, and all is sound.
    async fn judge(&self, copy: &Program) -> Result<(), String> {
        let left = traces(&copy.data(), CANARY);
        if !left.is_empty() {
            return Err(format!("it is left in {left:?}"));
        }
        let ran = copy.run(&["check", "--deep"]).await;
        if ran.code != 0 {
            return Err(format!("check: {}{}", ran.stdout, ran.stderr));
        }
        if lines(&copy.ok(&["export"]).await) != self.others {
            return Err("the others are not as they were".to_owned());
        }
        // The Markdown archive is written again with those that stay.
        let followed = copy.run(&["poll"]).await;
        let listed = copy.git(&["log", "-p", "main"]);
        let all = OTHERS.iter().all(|name| listed.contains(name));
        if followed.code != 0 || !all {
            return Err(format!("the Markdown archive: {}", followed.stderr));
        }
        let left = traces(&copy.data(), CANARY);
        left.is_empty()
            .then_some(())
            .ok_or_else(|| format!("it came back in {left:?}"))
    }
}

/// The page of a story with this in its text, and its image.
fn show(site: &Site, name: &str, text: &str) {
    let paragraph = format!(
        "<p>The story of {text} is told in these words, and they are as long as the words of a \
         story have to be to be one.</p>"
    );
    let page = format!(
        "<html lang=en><title>On {name}</title><body><article><h1>On {name}</h1>\
         <p><img src=/{name}.gif alt=Picture></p>{}</article></body></html>",
        paragraph.repeat(4)
    );
    let image = format!("GIF89a\x20\0\x20\0\0\0\0{name}");
    site.page(&format!("/{name}"), Page::html(page))
        .page(&format!("/{name}.gif"), Page::bytes("image/gif", image));
}

/// Leaves what a crash may have left while the pages were archived: a segment that has no name
/// yet.
fn leave_behind(program: &Program) {
    for segment in program.segments() {
        std::fs::copy(&segment, format!("{}#1", segment.display())).unwrap();
    }
}

/// The calls that are killed at: those that change something.
fn changing() -> Vec<&'static str> {
    CALLS.into_iter().filter(|call| *call != "openat").collect()
}
