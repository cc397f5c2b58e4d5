//! Redactions and backups: which waits for which, and what each has of the other.

use std::process::Stdio;
use std::time::Duration;

use crate::disk::can;
use crate::images::{CANARY, internet};
use crate::program::{Program, Ran};
use crate::traces::traces;

async fn archived(net: &pressmark_testkit::Internet) -> Program {
    let program = Program::on(net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    program
}

async fn redact(program: &Program) -> Ran {
    let link = format!("https://news.test/{CANARY}");
    let arguments = ["redact", &link, "--reason", "order 7", "--yes"];
    program.run(&arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redaction_waits_for_a_backup() {
    if !can("a slow backup", "strace", &["-V"]) {
        return;
    }
    let net = internet().await;
    let program = archived(&net).await;
    let to = program.folder.path().join("backup");
    let backup = program.command(&["backup", to.to_str().unwrap()]);
    let slow = ["-f", "-e", "trace=copy_file_range", "-e"];
    let mut slowed = program.as_environment_of("strace".as_ref());
    let mut backup = slowed
        .args(slow)
        .arg("inject=copy_file_range:delay_enter=500000")
        .arg(backup.get_program())
        .args(backup.get_args())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !to.join("archive").exists() {
        assert!(backup.try_wait().unwrap().is_none(), "it was not slow");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ran = redact(&program).await;
    assert!(
        backup
            .try_wait()
            .unwrap()
            .is_some_and(|ended| ended.success())
    );
    assert!(
        ran.code == 0 && ran.stderr.contains("a backup is being made"),
        "{ran:?}"
    );
    assert!(traces(&program.data(), CANARY).is_empty());

    // The backup is whole, as the archive was when it began.
    let elsewhere = program.beside(program.folder.path().join("restored"));
    elsewhere.ok(&["restore", to.to_str().unwrap()]).await;
    elsewhere.ok(&["check", "--deep"]).await;
    assert!(elsewhere.ok(&["export"]).await.contains(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_has_the_text_until_it_is_made_again() {
    let net = internet().await;
    let program = archived(&net).await;
    let path = |name: &str| program.folder.path().join(name);
    let (older, again) = (path("older"), path("again"));
    for to in [&older, &again] {
        program.ok(&["backup", to.to_str().unwrap()]).await;
        assert!(!traces(to, CANARY).is_empty());
    }
    let ran = redact(&program).await;
    assert!(ran.code == 0 && ran.stderr.contains("backups"), "{ran:?}");

    let told = program.ok(&["backup", again.to_str().unwrap()]).await;
    assert!(
        told.contains("taken out, as they were redacted: "),
        "{told}"
    );
    assert!(traces(&again, CANARY).is_empty());
    let elsewhere = program.beside(path("same"));
    elsewhere.ok(&["restore", again.to_str().unwrap()]).await;
    elsewhere.ok(&["check", "--deep"]).await;

    // The older one says nothing of it: it is told, and can be redacted like the first.
    let elsewhere = program.beside(path("back"));
    let ran = elsewhere.run(&["restore", older.to_str().unwrap()]).await;
    assert!(
        ran.code == 0 && ran.stderr.contains("redact it again"),
        "{ran:?}"
    );
    assert!(!traces(&elsewhere.data(), CANARY).is_empty());
    assert_eq!(redact(&elsewhere).await.code, 0);
    assert!(traces(&elsewhere.data(), CANARY).is_empty());
    elsewhere.ok(&["check", "--deep"]).await;
}
