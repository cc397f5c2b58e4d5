//! What every page must be: well formed, in order, complete.

use crate::sample::sample;
use crate::{get, site};

const VOID: [&str; 5] = ["meta", "link", "img", "br", "hr"];

/// What stands between `<` and `>`.
pub(crate) fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

/// What is wrong with a page's markup: every element closed in its order, every attribute value
/// in quotes, one `h1`, no heading that skips a level, no id twice.
fn flaws(html: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let mut level = 0;
    let Some(rest) = html.strip_prefix("<!DOCTYPE html>") else {
        return vec!["no doctype".to_owned()];
    };
    for tag in tags(rest) {
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop().unwrap_or_default();
            if last != name {
                flaws.push(format!("</{name}> closes <{last}>"));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if tag.matches('"').count() % 2 == 1 {
            flaws.push(format!("broken tag: {tag}"));
        }
        if let Some((_, id)) = tag.split_once(" id=\"") {
            let id = id.split('"').next().unwrap_or_default().to_owned();
            if ids.contains(&id) {
                flaws.push(format!("the id `{id}` twice"));
            }
            ids.push(id);
        }
        if let Some(n) = name.strip_prefix('h').and_then(|n| n.parse::<u8>().ok()) {
            if n > level + 1 || (n == 1 && level > 0) {
                flaws.push(format!("h{n} after h{level}"));
            }
            level = n;
        }
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    if level == 0 {
        flaws.push("no heading".to_owned());
    }
    flaws.extend(
        open.into_iter()
            .map(|name| format!("<{name}> never closed")),
    );
    flaws
}

#[test]
fn the_check_finds_flaws() {
    for wrong in [
        "<!DOCTYPE html><h1>x</h1><p>",
        "<!DOCTYPE html><h1><b></h1></b>",
        "<!DOCTYPE html><h1></h1><h3></h3>",
        "<!DOCTYPE html><h2></h2>",
        "<!DOCTYPE html><h1 id=\"a\"></h1><p id=\"a\"></p>",
        "<!DOCTYPE html><p></p>",
    ] {
        assert!(!flaws(wrong).is_empty(), "{wrong}");
    }
    assert_eq!(
        flaws("<!DOCTYPE html><h1 id=\"a\">x<br></h1>"),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn every_page_is_well_formed_and_guarded() {
    let site = site(sample());
    for path in [
        "/",
        "/?lang=zh",
        "/sources",
        "/sources?lang=zh",
        "/s/harbour-courier.example",
        "/s/hilltop.example?lang=zh",
        "/a/12",
        "/a/12?version=1",
        "/a/11?lang=zh",
        "/a/50",
        "/a/12/diff",
        "/a/20/diff?lang=zh",
        "/nowhere",
    ] {
        let answer = get(&site, path).await;
        assert_eq!(flaws(&answer.body), Vec::<String>::new(), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{path}");
        assert!(
            !policy.contains("script") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert!(answer.body.contains("<main id=\"main\""), "{path}");
        assert!(answer.body.contains("href=\"#main\""), "{path}");
        assert!(
            !answer.body.contains("<script") && !answer.body.contains("style=\""),
            "{path}"
        );
    }
}
