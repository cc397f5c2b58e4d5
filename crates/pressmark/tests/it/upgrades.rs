//! Archives of released versions, opened by this one.
//!
//! `tests/fixtures/<version>/` holds what that version wrote: a backup, its catalog compressed, and
//! the key that its log was signed with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pressmark_testkit::{Internet, Page};

use crate::pages::{feed, story};
use crate::program::Program;

const SHOWN: &str = "pictured";
const EDITED: &str = "edited";
const TAKEN: &str = "taken";
const REDACTED: &str = "withdrawn";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Copies the files of a folder, and those of the folders in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Where the program keeps its keys.
fn keys(program: &Program) -> PathBuf {
    program.folder.path().join("config/pressmark")
}

/// A program whose data folder is that of this version.
fn unpacked(net: &Internet, fixture: &Path) -> Program {
    let program = Program::on(net);
    copy(&fixture.join("data"), &program.data());
    copy(&fixture.join("keys"), &keys(&program));
    let packed = program.data().join("catalog.sqlite.zst");
    let catalog = zstd::decode_all(std::fs::read(&packed).unwrap().as_slice()).unwrap();
    std::fs::write(program.data().join("catalog.sqlite"), catalog).unwrap();
    std::fs::remove_file(packed).unwrap();
    program
}

/// The name of the log, and how many leaves it has, by the mark beside its key.
fn mark(program: &Program) -> (String, u64) {
    let mut files = std::fs::read_dir(keys(program)).unwrap();
    let file = files.find_map(|entry| {
        let path = entry.unwrap().path();
        (path.extension()? == "mark").then_some(path)
    });
    let text = std::fs::read_to_string(file.unwrap()).unwrap();
    let mut lines = text.lines();
    let origin = lines.next().unwrap().to_owned();
    (origin, lines.next().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_of_every_release_go_on() {
    let mut releases = 0;
    for fixture in std::fs::read_dir(fixtures()).unwrap() {
        let fixture = fixture.unwrap().path();
        let net = Internet::start().await;
        let titles = ["today", SHOWN, EDITED];
        let site = net.site("news.test");
        site.page("/feed.xml", feed(&titles));
        for title in titles {
            site.page(&format!("/{title}"), story(title, 0));
        }
        let program = unpacked(&net, &fixture);
        let (origin, before) = mark(&program);
        goes_on(&program, &fixture).await;
        program.ok(&["poll"]).await;
        let shown = program.ok(&["show", "news.test/5"]).await;
        assert!(shown.contains("The story of today"), "{shown}");
        let (now, grown) = mark(&program);
        assert_eq!(now, origin, "{}", fixture.display());
        assert!(grown > before, "{before}, {grown}");
        program.ok(&["check", "--deep"]).await;
        program.ok(&["verify"]).await;
        releases += 1;
    }
    assert!(releases > 0);
}

/// What the archive of an earlier version holds is there, and sound.
async fn goes_on(program: &Program, fixture: &Path) {
    let checked = program.run(&["check", "--deep"]).await;
    assert_eq!(checked.code, 0, "{}: {checked:?}", fixture.display());
    program.ok(&["verify"]).await;
    let exported = program.ok(&["export"]).await;
    assert_eq!(exported.lines().count(), 4, "{exported}");
    assert!(!exported.contains(REDACTED));
    let listed = program.ok(&["articles"]).await;
    for title in [SHOWN, EDITED, TAKEN] {
        assert!(listed.contains(title), "{listed}");
    }
    assert!(history(program, 2).await.contains("edit: number"));
    assert!(history(program, 3).await.contains("deleted: gone"));
    let serving = program.serve();
    let page = serving.get("/a/1", "").await.1;
    assert!(page.contains("src=\"/media/"), "{page}");
}

async fn history(program: &Program, number: u32) -> String {
    let article = format!("news.test/{number}");
    program.ok(&["history", &article]).await
}

fn edited(number: u32) -> Page {
    let body = format!("<p>The ferry took {number} people over the river on Monday.</p>").repeat(4);
    Page::html(format!(
        "<html lang=en><head><title>{EDITED}</title></head><body><article><h1>{EDITED}</h1>{body}\
         </article></body></html>"
    ))
}

/// Writes the fixture of this version, once for each release.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `cargo xtask freeze`"]
async fn freeze() {
    let net = Internet::start().await;
    let site = net.site("news.test");
    let picture = b"GIF89a\x20\0\x20\0\x80\0\0\0\0\0\xff\xff\xff;".to_vec();
    site.page("/picture.gif", Page::bytes("image/gif", picture));
    site.page(&format!("/{EDITED}"), edited(14));
    for title in [TAKEN, REDACTED] {
        site.page(&format!("/{title}"), story(title, 0));
    }
    let body = format!("<p>A boat, a bridge and a river, told at some length for {SHOWN}.</p>");
    let body = format!("{body}<img src=/picture.gif>{}", body.repeat(5));
    site.page(
        &format!("/{SHOWN}"),
        Page::html(format!(
            "<html lang=en><head><title>{SHOWN}</title></head><body><article><h1>{SHOWN}</h1>{body}\
             </article></body></html>"
        )),
    );
    let program = Program::on(&net).with("PRESSMARK_REVISIT_CONFIRM_AFTER", "1s");
    // The numbers in the source are those of their order here.
    program.ok(&["init"]).await;
    let mut listed: Vec<&str> = Vec::new();
    for title in [SHOWN, EDITED, TAKEN, REDACTED] {
        listed.insert(0, title);
        site.page("/feed.xml", feed(&listed));
        if listed.len() == 1 {
            program.ok(&["add", "https://news.test/feed.xml"]).await;
        }
        program.ok(&["poll"]).await;
    }
    site.page(&format!("/{EDITED}"), edited(19));
    site.page(&format!("/{TAKEN}"), Page::status(410));
    for _ in 0..2 {
        program.ok(&["poll", "--revisit"]).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let rules = program.data().join("rules");
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::write(rules.join("news.test.txt"), "strip: //aside\n").unwrap();
    program.ok(&["reextract"]).await;
    std::fs::remove_dir_all(rules).unwrap();
    let reason = ["--reason", "to be frozen", "--yes"];
    program
        .ok(&[&["redact", "news.test/4"], &reason[..]].concat())
        .await;
    program.ok(&["poll"]).await;

    let fixture = fixtures().join(env!("CARGO_PKG_VERSION"));
    if fixture.exists() {
        std::fs::remove_dir_all(&fixture).unwrap();
    }
    let data = fixture.join("data");
    std::fs::create_dir_all(&fixture).unwrap();
    program.ok(&["backup", &data.display().to_string()]).await;
    let catalog = data.join("catalog.sqlite");
    let packed = zstd::encode_all(std::fs::read(&catalog).unwrap().as_slice(), 19).unwrap();
    std::fs::write(data.join("catalog.sqlite.zst"), packed).unwrap();
    std::fs::remove_file(catalog).unwrap();
    copy(&keys(&program), &fixture.join("keys"));
    for entry in std::fs::read_dir(fixture.join("keys")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "lock") {
            std::fs::remove_file(path).unwrap();
        }
    }
}
