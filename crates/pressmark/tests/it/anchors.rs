//! Time stamps of an authority of our own, made and verified by `openssl ts`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use pressmark_testkit::{Internet, Page};
use tempfile::TempDir;

use crate::program::Program;
use crate::proofs::{internet, publish};

const ADDRESS: &str = "https://tsa.test/stamp";
const CONFIG: &str = "[tsa]\ndefault_tsa = main\n[main]\nserial = serial\nsigner_digest = sha256\n\
    default_policy = 1.2.3.4.1\nother_policies = 1.2.3.4.2\ndigests = sha256\n\
    ess_cert_id_alg = sha256\n";

/// An authority with a certificate for time stamps.
struct Authority(TempDir);

impl Authority {
    /// `None`, said aloud, without openssl, unless that is required.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            let required = std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_some();
            assert!(!required, "openssl is not installed");
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        let authority = Self(tempfile::tempdir().unwrap());
        let write = |name, text| std::fs::write(authority.path(name), text).unwrap();
        write("tsa.cnf", CONFIG);
        write("serial", "01\n");
        write("usage", "extendedKeyUsage=critical,timeStamping\n");
        let key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ];
        for arguments in [
            "req -x509 -keyout ca.key -out ca.pem -days 2 -subj /CN=Test",
            "req -keyout tsa.key -out tsa.csr -subj /CN=Stamper",
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -days 2 -extfile usage -out tsa.pem",
        ] {
            let mut arguments: Vec<&str> = arguments.split(' ').collect();
            if arguments[0] == "req" {
                arguments.extend(key);
            }
            authority.ok(&arguments);
        }
        Some(authority)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut openssl = Command::new("openssl");
        let openssl = openssl.args(arguments).current_dir(self.0.path());
        openssl.output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// The answer to a question.
    fn answer(&self, query: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("query"), query).unwrap();
        let reply = "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key";
        let mut arguments: Vec<&str> = reply.split(' ').collect();
        arguments.extend(["-out", "answer"]);
        self.ok(&arguments);
        std::fs::read(self.path("answer")).unwrap()
    }

    /// Whether `openssl ts -verify` believes an answer over these bytes.
    fn verifies(&self, data: &Path, answer: &Path) -> bool {
        let (data, answer) = (data.display().to_string(), answer.display().to_string());
        let verify = [
            "ts", "-verify", "-data", &data, "-in", &answer, "-CAfile", "ca.pem",
        ];
        self.run(&verify).status.success()
    }
}

/// An archive of some stories whose log is stamped by this authority, at its site.
async fn anchored(net: &Internet) -> Option<(Program, Arc<Authority>)> {
    let authority = Arc::new(Authority::new()?);
    let answers = Arc::clone(&authority);
    net.site("tsa.test").answer("/stamp", move |request| {
        assert_eq!(request.method, "POST");
        let kind = request.header("content-type");
        assert_eq!(kind, Some("application/timestamp-query"));
        let answer = answers.answer(&request.body);
        Page::bytes("application/timestamp-reply", answer)
    });
    let program = Program::on(net).with("PRESSMARK_PROOF_TSA", ADDRESS);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    Some((program, authority))
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_verifies_the_time_stamps() {
    let net = internet(3).await;
    let Some((program, authority)) = anchored(&net).await else {
        return;
    };
    program.ok(&["poll"]).await;
    publish(&net, 4);
    program.ok(&["poll"]).await;
    let asked = net.requests_to("tsa.test").len();
    assert_eq!(asked, 1, "once a day at most");

    // Beside the proof file: the checkpoint that was stamped, and the time stamp.
    let proof = program.folder.path().join("story.tlog-proof");
    let proof = proof.display().to_string();
    let prove = ["prove", "news.test/2", "-o", &proof];
    let told = program.run(&prove).await;
    assert!(told.stderr.contains(ADDRESS), "{told:?}");
    program.ok(&[&prove[..], &["--anchor"]].concat()).await;
    let late = ["prove", "news.test/4", "--anchor", "-o", &proof];
    program.run(&late).await.assert_refused("no time stamp");
    let mut beside: Vec<PathBuf> = std::fs::read_dir(program.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.display().to_string().starts_with(&format!("{proof}.")))
        .collect();
    beside.sort();
    let [checkpoint, stamp] = beside.as_slice() else {
        panic!("{beside:?}");
    };
    assert!(authority.verifies(checkpoint, stamp));
    let text = std::fs::read_to_string(&proof).unwrap();
    let (_, stood) = text.split_once("\n\n").unwrap();
    assert_eq!(stood, std::fs::read_to_string(checkpoint).unwrap());

    let stranger = Program::on(&net);
    let key = program.ok(&["key", "show"]).await;
    let verify = ["verify", &proof, "--key", key.trim()];
    let proven = stranger.ok(&verify).await;
    assert!(
        proven.contains("time-stamped: ") && proven.contains("`Stamper`"),
        "{proven}"
    );

    // What was changed, nobody believes.
    let sound = std::fs::read(stamp).unwrap();
    for place in [sound.len() / 4, sound.len() - 4] {
        let mut other = sound.clone();
        other[place] ^= 1;
        std::fs::write(stamp, &other).unwrap();
        assert!(!authority.verifies(checkpoint, stamp), "{place}");
    }
    let refused = stranger.run(&verify).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stdout.contains("not proven: the time stamp"),
        "{refused:?}"
    );
    std::fs::write(stamp, &sound).unwrap();

    // The log as files, and over HTTP.
    let logs = program.folder.path().join("log").display().to_string();
    program.ok(&["export", "--log", &logs]).await;
    let name = key.split(['/', '+']).nth(1).unwrap();
    let log = Path::new(&logs).join(name);
    let list = std::fs::read_to_string(log.join("anchors")).unwrap();
    let words: Vec<&str> = list.split_whitespace().collect();
    assert_eq!((words[0], words[3]), ("3", ADDRESS));
    let path = words[2];
    let over = path.replace(".tsr", ".checkpoint");
    assert!(authority.verifies(&log.join(&over), &log.join(path)));
    let serving = program.serve();
    let anchors = serving.get("/log/anchors", "").await.1;
    assert_eq!(anchors, list);
    let (head, body) = serving.get(&format!("/log/{name}/{over}"), "").await;
    assert!(head.contains("immutable"), "{head}");
    assert_eq!(body, std::fs::read_to_string(log.join(&over)).unwrap());
    let (head, _) = serving.get(&format!("/log/{over}"), "").await;
    assert!(!head.contains("immutable"), "another log may come: {head}");
    drop(serving);
    program.ok(&["check", "--deep"]).await;
    program.ok(&["anchor"]).await;
    assert_eq!(net.requests_to("tsa.test").len(), 2, "asked to, at once");
    program.ok(&["check", "--deep"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_fails_keeps_nothing_back() {
    let net = internet(1).await;
    let Some((program, authority)) = anchored(&net).await else {
        return;
    };
    let site = net.site("tsa.test");
    // It answers what somebody else has asked.
    let other = pressmark_proof::StampQuery::new(b"something else", 7);
    let other = authority.answer(&other.to_der());
    site.page("/stamp", Page::bytes("application/timestamp-reply", other));
    let polled = program.run(&["poll"]).await;
    assert_eq!(polled.code, 0, "{polled:?}");
    assert!(
        polled.stderr.contains("not time-stamped") && polled.stderr.contains("something else"),
        "{polled:?}"
    );
    for (page, why) in [
        (Page::status(503), "503"),
        (Page::html("<p>Pay first"), "not in the form"),
    ] {
        site.page("/stamp", page);
        let asked = program.run(&["anchor"]).await;
        assert_eq!(asked.code, 2, "{asked:?}");
        assert!(asked.stdout.contains(why), "{asked:?}");
    }
    // The right checkpoint with another nonce.
    let nonce = Arc::clone(&authority);
    site.answer("/stamp", move |request| {
        let mut query = request.body.clone();
        let last = query.len() - 4;
        query[last] ^= 1;
        Page::bytes("application/timestamp-reply", nonce.answer(&query))
    });
    let asked = program.run(&["anchor"]).await;
    assert!(asked.stdout.contains("its nonce"), "{asked:?}");
    // It was archived, proven and listed all the same.
    program.ok(&["verify", "news.test/1"]).await;
    let listed = program.ok(&["anchor", "--list", "--json"]).await;
    assert!(listed.contains("\"failures\":4"), "{listed}");
    program.ok(&["check"]).await;
}
