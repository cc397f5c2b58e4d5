//! Other people's tools verify what this program has made.

use std::path::Path;
use std::process::{Command, Output};

use pressmark_testkit::Internet;

use crate::program::Program;
use crate::proofs::internet;

/// Where Debian puts Go's modules.
const GO_PATH: &str = "/usr/share/gocode";

/// Whether Go can verify here; said aloud if not, unless that is required.
fn has_go() -> bool {
    let module = Path::new(GO_PATH).join("src/golang.org/x/mod/sumdb/tlog");
    let has = module.is_dir() && Command::new("go").arg("version").output().is_ok();
    if !has {
        let required = std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_some();
        assert!(
            !required,
            "go and golang-golang-x-mod-dev are not installed"
        );
        eprintln!("skipped: go and golang-golang-x-mod-dev are not installed");
    }
    has
}

/// What git says of the signed branch of a repository, with these allowed signers.
fn verify_commit(program: &Program, signers: &Path, branch: &str) -> Output {
    Command::new("git")
        .arg("-C")
        .arg(program.data().join("markdown"))
        .arg("-c")
        .arg(format!("gpg.ssh.allowedSignersFile={}", signers.display()))
        .args(["verify-commit", branch])
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn git_verifies_the_signed_commits() {
    let net: Internet = internet(2).await;
    let remote = tempfile::tempdir().unwrap();
    let bare = remote.path().display().to_string();
    let made = Command::new("git")
        .args(["init", "-q", "--bare", &bare])
        .output();
    assert!(made.unwrap().status.success());
    let program = Program::on(&net).with("PRESSMARK_GIT_PUSH", &bare);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    let signers = program.folder.path().join("signers");
    let allow = async || {
        let keys = program.ok(&["key", "show", "--ssh"]).await;
        std::fs::write(&signers, keys).unwrap();
    };
    allow().await;
    let said = verify_commit(&program, &signers, "pressmark-signed");
    assert!(said.status.success(), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stderr).contains("Good \"git\" signature"));
    let content = program.git(&["rev-parse", "main"]);
    assert_eq!(program.git(&["rev-parse", "pressmark-signed^"]), content);
    assert!(
        !program
            .git(&["cat-file", "commit", "main"])
            .contains("gpgsig")
    );
    let message = program.git(&["log", "-1", "--format=%B", "pressmark-signed"]);
    assert!(message.contains("pressmark/"), "{message}");
    program.git(&["diff", "--exit-code", "main", "pressmark-signed"]);

    // Somebody else's key, and a commit that was changed, are not believed.
    let other = Program::on(&net);
    other.ok(&["init"]).await;
    let foreign = program.folder.path().join("foreign");
    std::fs::write(&foreign, other.ok(&["key", "show", "--ssh"]).await).unwrap();
    let said = verify_commit(&program, &foreign, "pressmark-signed");
    assert!(!said.status.success(), "{said:?}");
    let commit = program.git(&["cat-file", "commit", "pressmark-signed"]);
    let forged = program.folder.path().join("forged");
    std::fs::write(&forged, commit.replacen("Signed: 2", "Signed: 3", 1)).unwrap();
    let forged = forged.display().to_string();
    let forged = program.git(&["hash-object", "-t", "commit", "-w", &forged]);
    let said = verify_commit(&program, &signers, forged.trim());
    assert!(!said.status.success(), "{said:?}");

    // Another key signs the next commit, which takes the place of the one before, also where it is
    // pushed to.
    program.ok(&["key", "rotate"]).await;
    crate::proofs::publish(&net, 3);
    program.ok(&["poll"]).await;
    let said = verify_commit(&program, &signers, "pressmark-signed");
    assert!(!said.status.success(), "the new key is not known yet");
    allow().await;
    let said = verify_commit(&program, &signers, "pressmark-signed");
    assert!(said.status.success(), "{said:?}");
    let heads = |folder: &str| {
        let list = [
            "-C",
            folder,
            "for-each-ref",
            "--format=%(objectname) %(refname)",
        ];
        let output = Command::new("git").args(list).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let own = program.data().join("markdown").display().to_string();
    assert_eq!(heads(&bare), heads(&own));
}

fn go(cache: &Path, arguments: &[&str]) -> Output {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign/verify.go");
    let mut command = Command::new("go");
    command
        .envs([("GO111MODULE", "off"), ("GOPATH", GO_PATH), ("GOFLAGS", "")])
        .env("GOCACHE", cache)
        .args(["run", program])
        .args(arguments);
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn go_verifies_the_log_and_a_proof() {
    if !has_go() {
        return;
    }
    let net: Internet = internet(5).await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    program.ok(&["key", "rotate"]).await;
    let path = |name: &str| program.folder.path().join(name);
    let logs = path("log");
    program
        .ok(&["export", "--log", &logs.display().to_string()])
        .await;
    let proof = path("story.tlog-proof").display().to_string();
    program.ok(&["prove", "news.test/3", "-o", &proof]).await;
    let log = std::fs::read_dir(&logs)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let folder = log.display().to_string();

    let cache = path("go");
    let verify = || {
        let (cache, folder, proof) = (cache.clone(), folder.clone(), proof.clone());
        tokio::task::spawn_blocking(move || go(&cache, &[&folder, &proof]))
    };
    let output = verify().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("log: 6 entries") && said.contains("\"url\":\"https://news.test/story"),
        "{said}"
    );

    // What was changed it refuses.
    for file in ["checkpoint", "tile/0/000.p/6", "tile/entries/000.p/6"] {
        let file = log.join(file);
        let sound = std::fs::read(&file).unwrap();
        let mut other = sound.clone();
        let place = other.len() / 2;
        other[place] ^= 1;
        std::fs::write(&file, &other).unwrap();
        let output = verify().await.unwrap();
        assert!(!output.status.success(), "{}: {output:?}", file.display());
        std::fs::write(&file, &sound).unwrap();
    }
}
