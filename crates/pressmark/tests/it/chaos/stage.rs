//! A site that publishes and corrects, and a program that follows it.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use pressmark_testkit::{Internet, Item, Page, Site};
use serde_json::Value;

use super::careless;
use crate::pages::story;
use crate::program::{Program, Serving};

pub(crate) const FEED: &str = "https://news.test/feed.xml";
/// So many stories are in the feed.
const LISTED: usize = 60;

/// Who archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The program itself.
    Program,
    /// The control: it says that it has stored what it is about to store.
    Careless,
}

/// The site, the program, and what was promised.
pub(crate) struct Stage {
    pub(crate) net: Internet,
    pub(crate) program: Program,
    pub(crate) subject: Subject,
    /// Titles that were returned, listed or shown.
    pub(crate) acknowledged: BTreeSet<String>,
    /// The edition of each story.
    editions: Vec<usize>,
    ballast: usize,
}

impl Stage {
    /// A site without stories, and a program that watches it. Each page will have so many bytes
    /// that do not compress.
    pub(crate) async fn new(subject: Subject, ballast: usize) -> Self {
        let net = Internet::start().await;
        let program = Program::on(&net)
            .with("PRESSMARK_GIT_ENABLED", "false")
            .with("PRESSMARK_STORAGE_FLOOR", "0");
        let stage = Self {
            net,
            program,
            subject,
            acknowledged: BTreeSet::new(),
            editions: Vec::new(),
            ballast,
        };
        stage.show();
        stage
    }

    /// The same program with one more variable.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        Self {
            program: self.program.with(name, value),
            ..self
        }
    }

    /// Watches the site.
    pub(crate) async fn watch(&self) {
        self.program.ok(&["add", FEED]).await;
        self.program.ok(&["set", "news.test", "interval=1s"]).await;
    }

    pub(crate) fn site(&self) -> Site {
        self.net.site("news.test")
    }

    /// Publishes so many more stories.
    pub(crate) fn publish(&mut self, stories: usize) {
        self.editions.extend(std::iter::repeat_n(1, stories));
        self.show();
    }

    /// Corrects a story, which gives it another title.
    pub(crate) fn correct(&mut self, story: usize) {
        self.editions[story] += 1;
        self.show();
    }

    pub(crate) fn stories(&self) -> usize {
        self.editions.len()
    }

    /// The titles as they are now.
    pub(crate) fn titles(&self) -> BTreeSet<String> {
        let numbered = self.editions.iter().enumerate();
        numbered.map(|(n, edition)| title(n, *edition)).collect()
    }

    /// The feed's document.
    pub(crate) fn feed(&self) -> Page {
        let numbered: Vec<(String, String)> = self
            .editions
            .iter()
            .enumerate()
            .skip(self.editions.len().saturating_sub(LISTED))
            .map(|(n, edition)| (title(n, *edition), format!("https://news.test/{n}")))
            .collect();
        let items: Vec<Item<'_>> = numbered
            .iter()
            .map(|(title, link)| Item {
                guid: link,
                title,
                link,
                ..Item::default()
            })
            .collect();
        Page::rss("News", "https://news.test/", &items)
    }

    fn show(&self) {
        let site = self.site();
        for (n, edition) in self.editions.iter().enumerate() {
            let story = story(&title(n, *edition), self.ballast);
            site.page(&format!("/{n}"), story.delay(Duration::from_millis(15)));
        }
        site.page("/feed.xml", self.feed());
    }

    /// The command that polls once and prints what it has archived.
    pub(crate) fn poll(&self) -> Command {
        match self.subject {
            Subject::Program => self.program.command(&["poll", "--json"]),
            Subject::Careless => careless::command(&self.program),
        }
    }

    /// Notes what a poll has printed, the last line of which may be cut.
    pub(crate) fn note_events(&mut self, printed: &str) {
        for line in printed.lines() {
            if let Ok(event) = serde_json::from_str::<Value>(line)
                && event["event"] == "archived"
            {
                let title = event["title"].as_str().unwrap();
                self.acknowledged.insert(title.to_owned());
            }
        }
    }

    /// Notes what the reader shows; an error if it does not answer well.
    pub(crate) async fn note_shown(&mut self, serving: &Serving) -> Result<(), String> {
        let shown = shown(serving).await?;
        self.acknowledged.extend(shown);
        Ok(())
    }

    /// Waits until the reader shows all stories as they are; how long that took.
    pub(crate) async fn wait_until_shown(
        &mut self,
        serving: &Serving,
        patience: Duration,
    ) -> Result<Duration, String> {
        let begun = Instant::now();
        loop {
            self.note_shown(serving).await?;
            let missing = self.titles().difference(&self.acknowledged).count();
            if missing == 0 {
                return Ok(begun.elapsed());
            }
            if begun.elapsed() > patience {
                return Err(format!(
                    "{missing} stories are not there after {patience:?}"
                ));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Polls in peace: everything is archived, and the oracle is content.
    pub(crate) async fn recover(&mut self) -> Result<(), String> {
        super::judge(&self.program, &self.acknowledged).await?;
        let ran = self.program.run(&["poll", "--json"]).await;
        if ran.code != 0 {
            return Err(format!("poll: {}{}", ran.stdout, ran.stderr));
        }
        self.note_events(&ran.stdout);
        let kept = super::judge(&self.program, &self.acknowledged).await?;
        let missing = self.titles().difference(&kept).count();
        if missing > 0 {
            return Err(format!("{missing} stories are not archived afterwards"));
        }
        Ok(())
    }
}

/// The title of an edition of a story: nothing else contains it.
fn title(story: usize, edition: usize) -> String {
    format!("story-{story:04}-edition-{edition:02}")
}

/// The titles that the reader's feed has.
pub(crate) async fn shown(serving: &Serving) -> Result<BTreeSet<String>, String> {
    let answer = serving.try_get("/feeds/all.xml", "").await;
    let (head, body) = answer.map_err(|error| format!("the reader: {error}"))?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("the reader answers {head}"));
    }
    let titles = body.split("<title>").skip(1);
    let titles = titles.filter_map(|rest| rest.split('<').next());
    Ok(titles
        .filter(|title| title.starts_with("story-"))
        .map(str::to_owned)
        .collect())
}

/// Waits for the end of a process, or ends it; whether it ended by itself.
pub(crate) async fn end_of(child: &mut Child, patience: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}
