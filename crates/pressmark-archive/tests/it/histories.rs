//! The scripted histories of `tests/data/histories.toml`: every edit and deletion is found, and
//! nothing else.

use std::collections::BTreeMap;

use pressmark_archive::change::{Change, ChangeKind, ChangeQuery};
use pressmark_archive::edit::EditClass;
use pressmark_testkit::Page;
use serde::Deserialize;

use crate::world::{HOUR, World, feed, story};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Histories {
    base: BTreeMap<String, Base>,
    history: Vec<History>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    title: String,
    paragraphs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    name: String,
    #[serde(default = "english")]
    base: String,
    #[serde(default)]
    first: Step,
    step: Vec<Step>,
}

fn english() -> String {
    "en".to_owned()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Step {
    replace: Vec<(String, String)>,
    title: Option<String>,
    drop: Vec<usize>,
    add: String,
    middle: String,
    around: String,
    updated: Option<String>,
    html: Option<String>,
    status: Option<u16>,
    redirect: Option<String>,
    expect: Vec<String>,
}

impl Step {
    fn page(&self, base: &Base, language: &str) -> Page {
        if let Some(status) = self.status {
            return Page::status(status);
        }
        if let Some(to) = &self.redirect {
            return Page::redirect(301, to);
        }
        if let Some(html) = &self.html {
            return Page::html(html);
        }
        let mut body = String::new();
        for (at, paragraph) in (1..).zip(&base.paragraphs) {
            if !self.drop.contains(&at) {
                body.extend(["<p>", paragraph, "</p>"]);
            }
            if at == 2 {
                body.push_str(&self.middle);
            }
        }
        body.push_str(&self.add);
        for (old, new) in &self.replace {
            assert!(body.contains(old), "{old}");
            body = body.replace(old, new);
        }
        let title = self.title.as_deref().unwrap_or(&base.title);
        let updated = self
            .updated
            .iter()
            .map(|at| format!("<meta property=\"article:modified_time\" content=\"{at}\">"));
        let updated: String = updated.collect();
        let around = &self.around;
        Page::html(format!(
            "<!doctype html><html lang={language}><head><title>{title}</title>{updated}</head>\
             <body><nav><a href=/>Home</a></nav><main><article><h1>{title}</h1>{body}</article>\
             </main>{around}</body></html>"
        ))
    }
}

fn shown(change: &Change) -> String {
    let kind = change.kind.as_str();
    match change.kind {
        ChangeKind::Deleted => format!("{kind}: {}", change.reason.unwrap().as_str()),
        ChangeKind::Returned => kind.to_owned(),
        ChangeKind::Edit | ChangeKind::Reverted => {
            let classes = change.classes.iter().map(EditClass::as_str);
            let silent = change.silent.then_some("silent");
            let said: Vec<&str> = classes.chain(silent).collect();
            format!("{kind}: {}", said.join(", "))
        }
    }
}

/// Headlines, as front pages have them.
fn front_page() -> Page {
    let headline = |subject: &str| {
        format!("<li><h3><a href=/{subject}>What the council says of {subject}</a></h3></li>")
    };
    let headlines: String = ["harbours", "schools", "trams", "libraries", "bridges"]
        .map(headline)
        .concat();
    Page::html(format!(
        "<html><head><title>The news of the day</title></head><body><ul>{headlines}</ul></body></html>"
    ))
}

#[tokio::test]
async fn every_real_edit_is_found_and_no_false_one() {
    let file = include_str!("../data/histories.toml");
    let Histories { base, history } = toml::from_str(file).unwrap();
    let world = World::new().await;
    let host = |at: usize| format!("h{at:02}.test");
    let path = "/2025/ferries";
    for (at, history) in history.iter().enumerate() {
        let (host, base) = (host(at), &base[&history.base]);
        let site = world.net.site(&host);
        site.page("/feed.xml", feed(&host, &["2025/ferries"]));
        site.page("/", front_page());
        site.page("/other", story("Another story", "something else", 8));
        site.page("/moved/ferries", history.first.page(base, &history.base));
        site.page(path, history.first.page(base, &history.base));
        world.watch(&host).await;
    }
    assert_eq!(world.poll().await.articles, history.len() as u64);

    let (mut wrong, mut seen) = (Vec::new(), 0);
    let steps = history
        .iter()
        .map(|history| history.step.len())
        .max()
        .unwrap();
    for step in 0..steps {
        for (at, history) in history.iter().enumerate() {
            if let Some(step) = history.step.get(step) {
                let page = step.page(&base[&history.base], &history.base);
                world.net.site(&host(at)).page(path, page);
            }
        }
        world.clock.advance(8 * HOUR);
        world.revisit().await;
        let mut changes = world
            .archive
            .catalog()
            .changes(&ChangeQuery::all(1000))
            .await
            .unwrap();
        changes.reverse();
        for (at, history) in history.iter().enumerate() {
            let new = changes.iter().skip(seen);
            let new = new.filter(|change| change.slug.as_str() == host(at));
            let found: Vec<String> = new.map(shown).collect();
            let expected = history.step.get(step).map_or(&[][..], |step| &step.expect);
            if found != expected {
                let name = &history.name;
                wrong.push(format!(
                    "{name}, step {}: {found:?}, not {expected:?}",
                    step + 1
                ));
            }
        }
        seen = changes.len();
    }
    assert!(history.len() >= 40);
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    world.assert_sound().await;
}
