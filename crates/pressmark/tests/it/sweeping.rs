//! What a crash left beside the segments is taken away at the start, whatever the catalog is in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pressmark_model::Digest;
use pressmark_testkit::Internet;
use pressmark_testkit::postgres::fresh_database;

use crate::disk::run;
use crate::pages::{feed, story};
use crate::program::Program;

/// A file with the name of a segment that no capture is in.
fn left_over(program: &Program, content: &str, ending: &str, touched: &str) -> PathBuf {
    let hex = Digest::of(content.as_bytes()).hex();
    let shard = hex.get(..2).unwrap();
    let folder = program.data().join("archive/segments").join(shard);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{hex}.warc.gz{ending}"));
    std::fs::write(&path, content).unwrap();
    run("touch", &["-d", touched, path.to_str().unwrap()]).unwrap();
    path
}

async fn is_swept(net: &Internet, program: &Program) {
    let site = net.site("news.test");
    site.page("/feed.xml", feed(&["one"]))
        .page("/one", story("one", 0));
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    for segment in program.segments() {
        run("touch", &["-d", "2 days ago", segment.to_str().unwrap()]).unwrap();
    }
    let kept = program.segments();
    let old = left_over(program, "never committed", "", "2 days ago");
    let young = left_over(program, "on its way", "", "1 hour ago");
    let unnamed = left_over(program, "half written", "#1", "1 minute ago");

    let _serving = program.serve();
    assert!(!unnamed.exists());
    let is_gone = |path: &Path| !path.exists();
    for _ in 0..100 {
        if is_gone(&old) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(is_gone(&old) && young.exists());
    assert!(kept.iter().all(|segment| segment.exists()), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_file() {
    let net = Internet::start().await;
    is_swept(&net, &Program::on(&net)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_postgresql() {
    let database = tokio::task::spawn_blocking(fresh_database).await.unwrap();
    let Some(database) = database else {
        return;
    };
    let net = Internet::start().await;
    let program = Program::on(&net).with("PRESSMARK_CATALOG_URL", &database.url());
    is_swept(&net, &program).await;
}
