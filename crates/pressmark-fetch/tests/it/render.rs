//! Pages made by scripts, in a real Chromium on the tiny internet.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pressmark_archive::ports::fetch::{FetchPolicy, FetchedPage, Purpose};
use pressmark_archive::ports::render::{Render as _, RenderFailure, Rendered};
use pressmark_fetch::{RenderConfig, Renderer};
use pressmark_testkit::{Internet, Page};
use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};

use crate::support::{World, page, request, world_with};

/// The browser that is installed; a test that has none says so.
pub(crate) fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        println!("SKIP: there is no Chromium");
        assert!(
            std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_none(),
            "the tools are required"
        );
    }
    found
}

/// Whether the tests run as root, where Chromium has no sandbox.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

struct Stage {
    world: World,
    renderer: Renderer,
    profiles: TempDir,
}

impl Stage {
    /// A world in which only 127.0.0.1 may be connected to.
    async fn new(browser: PathBuf) -> Self {
        Self::with(browser, Duration::from_secs(20), "127.0.0.1/32").await
    }

    async fn with(browser: PathBuf, timeout: Duration, allowed: &str) -> Self {
        let allowed = allowed.parse().unwrap();
        let world = world_with(|config, _| config.allow_networks = vec![allowed]).await;
        let profiles = tempfile::tempdir().unwrap();
        let config = RenderConfig {
            browser,
            profiles: profiles.path().to_owned(),
            sandbox: !is_root(),
            timeout,
        };
        Self {
            renderer: Renderer::new(config, Arc::clone(&world.fetcher)),
            world,
            profiles,
        }
    }

    fn net(&self) -> &Internet {
        &self.world.net
    }

    /// A page that its scripts make, from data of two sites.
    fn build(&self) {
        let site = self.net().site("js.example");
        site.page(
            "/a",
            Page::html(
                "<!doctype html><meta charset=utf-8><title>外壳</title><div id=app>loading</div>\
             <img src=/picture.jpg onerror=\"document.title='no picture'\">\
             <iframe src=/frame></iframe><script src=/app.js></script>",
            )
            .header("Set-Cookie", "seen=1; Path=/"),
        );
        site.page(
        "/app.js",
        Page::bytes(
            "text/javascript",
            "const show = async () => {
               document.cookie = 'mine=2';
               const fields = { headers: { 'X-Key': 'k1' } };
               const first = await (await fetch('https://api.example/story.json', fields)).json();
               const own = await (await fetch('/own.json', { method: 'POST', body: 'id=7' })).json();
               alert('wait');
               window.open('/popup');
               setTimeout(() => {
                 const at = document.getElementById('app');
                 at.innerHTML = `<article><h1>${first.title}</h1><p>${own.text}</p></article>`;
                 location.href = '/elsewhere';
               }, 300);
             };
             show();",
        )
        .header("Cache-Control", "max-age=600"),
    );
        site.page(
            "/own.json",
            Page::bytes("application/json", r#"{"text":"江水在夜里涨了三米。"}"#),
        );
        let api = self.net().site("api.example");
        api.page(
            "/story.json",
            Page::bytes("application/json", r#"{"title":"洪水"}"#)
                .header("Access-Control-Allow-Origin", "*"),
        );
    }

    async fn fetch(&self, url: &str, policy: &FetchPolicy) -> FetchedPage {
        let mut wanted = request(url, Purpose::Article);
        wanted.policy = policy.clone();
        page(pressmark_archive::ports::fetch::Fetch::fetch(&*self.world.fetcher, wanted).await)
    }

    async fn show(&self, url: &str, policy: &FetchPolicy) -> Result<Rendered, RenderFailure> {
        let page = self.fetch(url, policy).await;
        self.renderer.render(&page, policy).await
    }

    /// Without the renderer nothing of its browser stays.
    async fn ends(self) {
        assert!(processes(self.profiles.path()) > 0);
        drop(self.renderer);
        let gone = async {
            while processes(self.profiles.path()) > 0
                || std::fs::read_dir(self.profiles.path()).unwrap().count() > 0
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone)
            .await
            .unwrap();
    }

    async fn text(&self, url: &str) -> String {
        let rendered = self.show(url, &FetchPolicy::default()).await.unwrap();
        String::from_utf8(rendered.html.to_vec()).unwrap()
    }
}

/// The processes that name this folder.
fn processes(folder: &Path) -> usize {
    let folder = folder.to_str().unwrap();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(folder))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_by_scripts_is_read_as_it_shows() {
    let Some(browser) = chromium() else { return };
    let stage = Stage::new(browser).await;
    stage.build();
    let policy = FetchPolicy {
        cookie: Some("sid=hush".to_owned()),
        user_agent: Some("Reader/7".to_owned()),
        headers: vec![("X-Token".to_owned(), "only at home".to_owned())],
        ..FetchPolicy::default()
    };

    let rendered = stage
        .show("https://js.example/a#part", &policy)
        .await
        .unwrap();
    let html = String::from_utf8(rendered.html.to_vec()).unwrap();
    assert!(
        html.contains("<h1>洪水</h1><p>江水在夜里涨了三米。</p>"),
        "{html}"
    );
    assert!(html.contains("<title>外壳</title>"), "{html}");
    assert!(rendered.browser.contains("Chrom"), "{}", rendered.browser);
    let data: Vec<&str> = rendered.exchanges.iter().map(|e| e.url.as_str()).collect();
    assert_eq!(
        data,
        [
            "https://api.example/story.json",
            "https://js.example/own.json"
        ]
    );

    // The page is asked for once, pictures and frames never; what is set for the source stays there.
    assert_eq!(
        stage.net().paths("js.example"),
        ["/robots.txt", "/a", "/app.js", "/own.json"]
    );
    let own = &stage.net().requests_to("js.example")[3];
    for cookie in ["sid=hush", "seen=1", "mine=2"] {
        assert!(own.header("cookie").unwrap().contains(cookie), "{own:?}");
    }
    assert_eq!(
        (own.method.as_str(), own.body.as_slice()),
        ("POST", b"id=7".as_slice())
    );
    assert_eq!(own.header("x-token"), Some("only at home"));
    assert_eq!(own.header("user-agent"), Some("Reader/7"));
    let asked = stage.net().requests_to("api.example");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("x-key"), Some("k1"));
    assert_eq!(asked[0].header("user-agent"), Some("Reader/7"));
    assert_eq!(
        (asked[0].header("cookie"), asked[0].header("x-token")),
        (None, None)
    );

    // A second page: the script that may be kept is not asked for again, and no cookie is left.
    stage.net().forget_requests();
    stage.text("https://js.example/a").await;
    assert_eq!(stage.net().paths("js.example"), ["/a", "/own.json"]);
    let own = &stage.net().requests_to("js.example")[1];
    assert!(!own.header("cookie").unwrap().contains("hush"), "{own:?}");

    stage.ends().await;
}

/// Everything that a page can connect with, to an address that is refused.
fn attack(forbidden: &str) -> String {
    format!(
        "<!doctype html><title>shell</title>
         <link rel=preconnect href=http://{forbidden}><link rel=dns-prefetch href=//{forbidden}>
         <link rel=prefetch href=http://{forbidden}/prefetch>
         <link rel=stylesheet href=http://{forbidden}/style.css>
         <script type=speculationrules>{{\"prefetch\":[{{\"urls\":[\"http://{forbidden}/next\"],\
         \"eagerness\":\"immediate\"}}]}}</script>
         <script src=http://{forbidden}/script.js></script>
         <iframe src=http://{forbidden}/frame></iframe>
         <img src=http://{forbidden}/picture>
         <script>
         const tried = (what) => {{ try {{ what() }} catch {{}} }};
         const worker = URL.createObjectURL(new Blob(['fetch(\"http://{forbidden}/worker\")']));
         const quiet = (url) => fetch(url, {{ mode: 'no-cors' }}).catch(() => 0);
         tried(() => quiet('http://{forbidden}/fetch'));
         tried(() => quiet('/redirect'));
         tried(() => new WebSocket('ws://{forbidden}/socket'));
         tried(() => new EventSource('http://{forbidden}/events'));
         tried(() => new WebTransport('https://{forbidden}/transport'));
         tried(() => navigator.sendBeacon('http://{forbidden}/beacon', 'x'));
         tried(() => navigator.serviceWorker.register('/worker.js'));
         tried(() => new Worker(worker));
         tried(() => window.open('http://{forbidden}/popup'));
         tried(() => {{
           const peer = new RTCPeerConnection({{ iceServers: [{{ urls: 'stun:{forbidden}' }},
             {{ urls: 'turn:{forbidden}?transport=tcp', username: 'a', credential: 'b' }}] }});
           peer.createDataChannel('x');
           peer.createOffer().then((offer) => peer.setLocalDescription(offer));
         }});
         setTimeout(() => {{ document.body.append('tried'); location.href = 'http://{forbidden}/go' }}, 500);
         </script>"
    )
}

/// Counts what reaches a port of 127.0.0.2, over TCP and UDP.
async fn forbidden() -> (String, Arc<AtomicU64>, Arc<AtomicU64>) {
    let place = Ipv4Addr::new(127, 0, 0, 2);
    let tcp = TcpListener::bind((place, 0)).await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    let (streams, packets) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (seen, got) = (Arc::clone(&streams), Arc::clone(&packets));
    tokio::spawn(async move {
        let mut packet = [0; 2048];
        loop {
            tokio::select! {
                stream = tcp.accept() => { drop(stream); seen.fetch_add(1, Ordering::Relaxed); }
                received = udp.recv(&mut packet) => { drop(received); got.fetch_add(1, Ordering::Relaxed); }
            }
        }
    });
    (address.to_string(), streams, packets)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_reaches_an_address_that_is_refused() {
    let Some(browser) = chromium() else { return };
    let stage = Stage::new(browser.clone()).await;
    let (refused, streams, packets) = forbidden().await;
    for host in ["bad.example", "127.0.0.1"] {
        let site = stage.net().site(host);
        site.page("/a", Page::html(attack(&refused)));
        let to = format!("http://{refused}/redirected");
        site.page("/redirect", Page::redirect(302, &to));
        site.page("/worker.js", Page::bytes("text/javascript", ""));
    }
    let shown = stage.text("https://bad.example/a").await;
    assert!(shown.contains("tried</body>"), "{shown}");
    assert!(
        stage
            .net()
            .paths("bad.example")
            .contains(&"/redirect".to_owned())
    );
    let reached = || {
        (
            streams.load(Ordering::Relaxed),
            packets.load(Ordering::Relaxed),
        )
    };
    assert_eq!(reached(), (0, 0));

    // The same page in the same browser as anyone starts it: what it tries does get through.
    let port = stage.net().address().port();
    let profile = tempfile::tempdir().unwrap();
    let mut bare = tokio::process::Command::new(browser);
    bare.args(["--headless", "--no-sandbox", "--timeout=4000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://127.0.0.1:{port}/a"))
        .kill_on_drop(true);
    drop(tokio::time::timeout(Duration::from_secs(20), bare.output()).await);
    let (streams, packets) = reached();
    assert!(
        streams > 3 && packets > 0,
        "{streams} streams, {packets} packets"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_rests_is_taken_and_one_that_hangs_is_given_up() {
    let Some(browser) = chromium() else { return };
    let stage = Stage::with(browser, Duration::from_secs(2), "127.0.0.1/32").await;
    let site = stage.net().site("busy.example");
    site.page(
        "/clock",
        Page::html(
            "<p>十二点</p><script>setInterval(() => document.body.append('滴答'), 50)</script>",
        ),
    );
    site.page(
        "/hang",
        Page::html("<p>a</p><script>for (;;) alert(1)</script>"),
    );
    let clock = stage.text("https://busy.example/clock").await;
    assert!(
        clock.contains("十二点") && clock.contains("滴答滴答"),
        "{clock}"
    );
    let hung = stage
        .show("https://busy.example/hang", &FetchPolicy::default())
        .await;
    assert_eq!(hung.unwrap_err(), RenderFailure::Timeout);
    assert!(
        stage
            .text("https://busy.example/clock")
            .await
            .contains("滴答")
    );
}

#[tokio::test]
async fn a_browser_that_does_not_start_is_told_with_what_to_do() {
    for (browser, sign) in [
        ("/nowhere/chromium", "not found"),
        ("/bin/false", "nothing"),
    ] {
        let stage = Stage::new(browser.into()).await;
        stage
            .net()
            .site("a.example")
            .page("/", Page::html("<p>a</p>"));
        let failure = stage
            .show("https://a.example/", &FetchPolicy::default())
            .await
            .unwrap_err();
        assert!(matches!(failure, RenderFailure::Start { .. }), "{failure}");
        assert!(failure.to_string().contains(sign), "{failure}");
        assert!(
            failure.hint().contains("[render] browser"),
            "{}",
            failure.hint()
        );
    }
    let Some(browser) = chromium().filter(|_| is_root()) else {
        return;
    };
    let mut stage = Stage::new(browser.clone()).await;
    let config = RenderConfig {
        browser,
        profiles: stage.profiles.path().to_owned(),
        sandbox: true,
        timeout: Duration::from_secs(5),
    };
    stage.renderer = Renderer::new(config, Arc::clone(&stage.world.fetcher));
    stage
        .net()
        .site("a.example")
        .page("/", Page::html("<p>a</p>"));
    let failure = stage
        .show("https://a.example/", &FetchPolicy::default())
        .await
        .unwrap_err();
    assert!(failure.hint().contains("[render] sandbox"), "{failure}");
}
