//! What is archived can be proven, with nothing but a proof file and a public key.

use pressmark_testkit::postgres::fresh_database;
use pressmark_testkit::{Internet, Item, Page};
use tempfile::TempDir;

use crate::program::{Program, Ran};

/// A site with so many stories.
pub(crate) async fn internet(stories: usize) -> Internet {
    let net = Internet::start().await;
    publish(&net, stories);
    net
}

pub(crate) fn publish(net: &Internet, stories: usize) {
    let site = net.site("news.test");
    let names: Vec<_> = (0..stories).map(|n| format!("story{n}")).collect();
    let links: Vec<_> = names
        .iter()
        .map(|name| format!("https://news.test/{name}"))
        .collect();
    let items: Vec<_> = names
        .iter()
        .zip(&links)
        .map(|(title, link)| Item {
            title,
            link,
            ..Item::default()
        })
        .collect();
    site.page("/feed.xml", Page::rss("News", "https://news.test/", &items));
    for name in &names {
        site.page(&format!("/{name}"), crate::pages::story(name, 0));
    }
}

/// An archive of so many stories.
async fn archived(net: &Internet) -> Program {
    let program = Program::on(net);
    program.ok(&["init"]).await;
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_file_stands_alone() {
    let net = internet(3).await;
    let program = archived(&net).await;
    let key = program.ok(&["key", "show"]).await;
    assert!(key.starts_with("pressmark/"), "{key}");
    let elsewhere = TempDir::new().unwrap();
    let file = elsewhere
        .path()
        .join("story.tlog-proof")
        .display()
        .to_string();
    program.ok(&["prove", "news.test/2@1", "-o", &file]).await;

    // Another machine: no archive, only the file and the key.
    let stranger = Program::on(&net);
    let verify = ["verify", &file, "--key", key.trim()];
    let proven = stranger.ok(&verify).await;
    assert!(proven.contains("proven: entry 1 (version)"), "{proven}");
    assert!(
        proven.contains("address: https://news.test/story"),
        "{proven}"
    );
    assert!(!stranger.data().exists());
    stranger.run(&["verify", &file]).await.assert_refused("key");
    let key_file = elsewhere.path().join("pub");
    std::fs::write(&key_file, &key).unwrap();
    let key_file = key_file.display().to_string();
    stranger.ok(&["verify", &file, "--key", &key_file]).await;

    let sound = std::fs::read_to_string(&file).unwrap();
    for (what, with) in [
        ("extra A", "extra B"),
        ("index 1", "index 0"),
        ("\n3\n", "\n4\n"),
    ] {
        let forged = sound.replacen(what, with, 1);
        assert_ne!(forged, sound);
        std::fs::write(&file, forged).unwrap();
        let refused = stranger.run(&verify).await;
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert!(refused.stdout.contains("not proven: "), "{refused:?}");
    }

    let own = program.ok(&["verify", "news.test/3"]).await;
    assert!(own.contains("proven: entry"), "{own}");
    let ledger = program.ok(&["verify"]).await;
    assert!(ledger.contains("has 3 entries"), "{ledger}");
    let serving = program.serve();
    let (head, checkpoint) = serving.get("/log/checkpoint", "").await;
    assert!(
        head.contains("text/plain") && checkpoint.starts_with("pressmark/"),
        "{head}"
    );
    let name = key.split(['/', '+']).nth(1).unwrap();
    let named = serving.get(&format!("/log/{name}/checkpoint"), "").await.1;
    assert_eq!(named, checkpoint);
    let (head, body) = serving.get("/a/1/proof?version=1", "").await;
    assert!(head.contains("1-1.tlog-proof"), "{head}");
    assert!(body.ends_with(&checkpoint), "{body}");
    for missing in [
        "/log/keys",
        "/log/tile/0/000",
        "/log/tile/0/001.p/1",
        "/a/9/proof",
    ] {
        let (head, _) = serving.get(missing, "").await;
        assert!(head.starts_with("HTTP/1.1 404"), "{missing}: {head}");
    }
    let page = serving.get("/a/1", "").await.1;
    assert!(page.contains("/a/1/proof?version=1"), "{page}");
    drop(serving);

    program
        .run(&["prove", "news.test/9"])
        .await
        .assert_refused("no article");
    program
        .run(&["prove", "news.test/1@7"])
        .await
        .assert_refused("no such version");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_kept_apart_and_rotated() {
    let net = internet(1).await;
    let program = archived(&net).await;
    let key_files = || {
        let folder = program.folder.path().join("config/pressmark");
        let files = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "key"));
        paths
    };
    let files = key_files();
    assert_eq!(files.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let old = program.ok(&["key", "show"]).await;
    let new = program.ok(&["key", "rotate"]).await;
    assert_ne!(old, new);
    for key in [&old, &new] {
        program
            .ok(&["verify", "news.test/1", "--key", key.trim()])
            .await;
    }
    let shown = program.ok(&["key", "show"]).await;
    assert_eq!(shown, format!("{old}{new}"));
    program.ok(&["check"]).await;

    std::fs::remove_file(&files[0]).unwrap();
    publish(&net, 2);
    let polled = program.run(&["poll"]).await;
    assert_eq!(polled.code, 0, "{polled:?}");
    assert!(
        polled.stderr.contains("not sealed") && polled.stderr.contains("--lost"),
        "{polled:?}"
    );
    program
        .run(&["key", "rotate"])
        .await
        .assert_refused("not here");
    let replaced = program.ok(&["key", "rotate", "--lost"]).await;
    program
        .ok(&["verify", "news.test/2", "--key", replaced.trim()])
        .await;
    program.ok(&["check"]).await;
}

/// What `restore` makes of a backup, beside the archive that it was made of.
async fn restored(program: &Program, backup: &str, name: &str) -> (String, Ran) {
    let folder = program.folder.path().join(name).display().to_string();
    let ran = program.run(&["restore", backup, "--data", &folder]).await;
    (folder, ran)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_the_same_ledger_and_an_older_one_opens_a_new_log() {
    let net = internet(1).await;
    let program = archived(&net).await;
    let backup = program.folder.path().join("backup").display().to_string();
    program.ok(&["backup", &backup]).await;
    let old = program.ok(&["key", "show"]).await;
    let logs = |name: &str| program.folder.path().join(name).display().to_string();
    program.ok(&["export", "--log", &logs("before")]).await;

    // The same moment: bit for bit the same log.
    let (same, ran) = restored(&program, &backup, "same").await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stderr.contains("new log"), "{ran:?}");
    let data = ["--data", &same];
    program.ok(&["check", data[0], data[1]]).await;
    program
        .ok(&["export", "--log", &logs("after"), data[0], data[1]])
        .await;
    let difference = std::process::Command::new("diff")
        .args(["-r", &logs("before"), &logs("after")])
        .output()
        .unwrap();
    assert!(difference.status.success(), "{difference:?}");
    let (_, again) = restored(&program, &backup, "same").await;
    again.assert_refused("there is an archive");
    let (_, none) = restored(&program, &logs("nothing"), "none").await;
    none.assert_refused("no backup");

    // The archive goes on, and the backup is older than what its key has signed.
    publish(&net, 3);
    program.ok(&["poll"]).await;
    let (older, ran) = restored(&program, &backup, "older").await;
    assert!(ran.stderr.contains("goes on in a new log"), "{ran:?}");
    let keys = program.ok(&["key", "show", "--data", &older]).await;
    assert!(
        keys.starts_with(&old) && keys.lines().count() == 2,
        "{keys}"
    );
    program.ok(&["check", "--data", &older]).await;
    program
        .ok(&["verify", "news.test/1", "--data", &older])
        .await;
    // The archive itself is not touched by that.
    publish(&net, 4);
    program.ok(&["poll"]).await;
    assert_eq!(program.ok(&["key", "show"]).await, old);
    program.ok(&["check"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_postgresql_is_restored_into_either_database() {
    let databases = tokio::task::spawn_blocking(|| Some((fresh_database()?, fresh_database()?)));
    let Some((database, other)) = databases.await.unwrap() else {
        return;
    };
    let net = internet(2).await;
    let program = Program::on(&net).with("PRESSMARK_CATALOG_URL", &database.url());
    program.ok(&["init"]).await;
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    let path = |name: &str| program.folder.path().join(name).display().to_string();
    let backup = path("backup");
    program.ok(&["backup", &backup]).await;
    program.ok(&["export", "--log", &path("before")]).await;
    let same = |one: &str, other: &str| {
        let difference = std::process::Command::new("diff")
            .args(["-r", one, other])
            .output();
        let difference = difference.unwrap();
        assert!(difference.status.success(), "{difference:?}");
    };

    // Into a file, with the same key at hand: bit for bit the same log.
    let into_file = |arguments: &[&str]| {
        let mut command = program.command(arguments);
        command
            .env_remove("PRESSMARK_CATALOG_URL")
            .env("PRESSMARK_DATA", path("file"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    let data = path("file");
    into_file(&["restore", &backup, "--data", &data]);
    into_file(&["check", "--deep", "--data", &data]);
    into_file(&["export", "--log", &path("in-file"), "--data", &data]);
    same(&path("before"), &path("in-file"));

    // Into another database: the same, and it goes on from there.
    let again = program
        .run(&["restore", &backup, "--data", &path("taken")])
        .await;
    again.assert_refused("there is an archive");
    let program = program.with("PRESSMARK_CATALOG_URL", &other.url());
    let data = program
        .folder
        .path()
        .join("elsewhere")
        .display()
        .to_string();
    program.ok(&["restore", &backup, "--data", &data]).await;
    program.ok(&["check", "--deep", "--data", &data]).await;
    let log = program
        .folder
        .path()
        .join("elsewhere-log")
        .display()
        .to_string();
    program
        .ok(&["export", "--log", &log, "--data", &data])
        .await;
    same(
        &program.folder.path().join("before").display().to_string(),
        &log,
    );
    let other = Page::rss("Other", "https://news.test/", &[]);
    net.site("news.test").page("/other.xml", other);
    publish(&net, 3);
    program.ok(&["poll", "--data", &data]).await;
    program
        .ok(&["add", "https://news.test/other.xml", "--data", &data])
        .await;
    program
        .ok(&["verify", "news.test/3", "--data", &data])
        .await;
    program.ok(&["check", "--deep", "--data", &data]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_the_ledger_is_computed_again() {
    let net = internet(2).await;
    let program = archived(&net).await;
    let tree = || program.git(&["rev-parse", "HEAD^{tree}"]);
    let before = tree();
    let record = program.git(&["ls-files", "articles"]);
    let record = program
        .data()
        .join("markdown")
        .join(record.lines().next().unwrap());
    std::fs::remove_file(&record).unwrap();
    program.ok(&["rebuild", "git"]).await;
    assert_eq!(tree(), before);
    assert!(record.is_file() && program.data().join("markdown.old").is_dir());
    let rebuilt = program.ok(&["rebuild", "tiles"]).await;
    assert_eq!(rebuilt, "computed again: 1 tile\n");
    program.ok(&["check", "--deep"]).await;
    publish(&net, 3);
    program.ok(&["poll"]).await;
    program.ok(&["check", "--deep"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_archive_and_what_it_lacks_is_named() {
    let net = internet(1).await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    let backup = program.folder.path().join("backup").display().to_string();
    program.ok(&["backup", &backup]).await;
    let other = program.beside(program.folder.path().join("other"));
    other.ok(&["init"]).await;
    let refused = other.run(&["backup", &backup]).await;
    refused.assert_refused("of another archive");
    program.ok(&["backup", &backup]).await;

    let segment = program.segments().remove(0);
    let inside = segment.strip_prefix(program.data()).unwrap();
    std::fs::remove_file(std::path::Path::new(&backup).join(inside)).unwrap();
    let (_, ran) = restored(&program, &backup, "less").await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let name = segment.file_name().unwrap().to_str().unwrap();
    let digest = name.strip_suffix(".warc.gz").unwrap();
    assert!(ran.stdout.contains(digest), "{ran:?}");
}
