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
