//! Hubs: an archive that asks them, and a reader that they reach.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use object_store::local::LocalFileSystem;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::source::{NewSource, Source, SourceChange, SourceSettings, SourceState};
use pressmark_archive::websub::{LARGEST_PUSH, Subscription, Trouble};
use pressmark_archive::{Archive, Parts, PollOptions};
use pressmark_catalog::SqliteCatalog;
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_model::{Clock as _, Slug, Timestamp, WebUrl};
use pressmark_testkit::{Hub, Internet, ManualClock, MemoryKeys, Page, entropy};
use pressmark_web::{Callbacks, Site, router};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const HOUR: Duration = Duration::from_hours(1);
const DAY: u64 = 86_400;

#[derive(Debug)]
struct Names(Arc<Internet>);

#[async_trait::async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.resolve(host, port)
    }
}

/// An archive that asks the tiny internet.
pub(crate) async fn archive(
    net: &Arc<Internet>,
    clock: &Arc<ManualClock>,
    folder: &tempfile::TempDir,
    callbacks: Option<WebUrl>,
) -> Archive {
    let config = FetchConfig {
        per_host_gap: Duration::ZERO,
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ca_pem: Some(net.ca_pem().into_bytes()),
        ..FetchConfig::default()
    };
    let clock: Arc<dyn pressmark_model::Clock> = Arc::<ManualClock>::clone(clock);
    let names = Arc::new(Names(Arc::clone(net)));
    let file = folder.path().join("catalog.sqlite");
    let catalog = SqliteCatalog::open(&file);
    let parts = Parts {
        catalog: Arc::new(catalog.await.unwrap()),
        fetch: Arc::new(Fetcher::new(config, Arc::clone(&clock), names).unwrap()),
        render: None,
        store: Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap()),
        keys: Arc::new(MemoryKeys::default()),
        clock: Arc::clone(&clock),
        entropy: entropy(7),
        overrides: BTreeMap::new(),
        revisits: pressmark_archive::revisit::Revisits::default(),
        knowledge: SiteKnowledge::default(),
        callbacks,
        media: pressmark_archive::media::MediaRules::default(),
    };
    Archive::open(parts).await.unwrap()
}

/// An archive that is served, a site with a feed, and its hub.
struct World {
    net: Arc<Internet>,
    clock: Arc<ManualClock>,
    archive: Archive,
    hub: Hub,
    wake: Arc<Notify>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let net = Arc::new(Internet::start().await);
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_760_000_000)));
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url: WebUrl = format!("http://{}/", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let archive = archive(&net, &clock, &folder, Some(base_url.clone())).await;
        let time: Arc<dyn pressmark_model::Clock> = Arc::<ManualClock>::clone(&clock);
        let wake = Arc::new(Notify::new());
        let site = Site {
            catalog: Arc::clone(archive.catalog()),
            clock: time,
            archive: archive.id(),
            title: "Pressmark".to_owned(),
            base_url: Some(base_url),
            local: true,
            overrides: BTreeMap::new(),
            writer: None,
            callbacks: Some(Callbacks {
                archive: archive.clone(),
                wake: Arc::clone(&wake),
            }),
            room: tokio::sync::watch::channel(pressmark_web::Room::default()).1,
            offset_seconds: 0,
            media: pressmark_web::MediaUse::default(),
        };
        tokio::spawn(pressmark_web::serve(
            listener,
            router(site),
            std::future::pending(),
        ));
        let hub = Hub::open(&net.site("hub.test"), "/hub");
        let world = Self {
            net,
            clock,
            archive,
            hub,
            wake,
            _folder: folder,
        };
        world.publish(&["one"], "\"1\"");
        world
    }

    /// The feed and its pages from now on.
    fn publish(&self, titles: &[&str], etag: &str) {
        let site = self.net.site("news.test");
        let feed = Page::rss_of("News", "https://news.test/", titles)
            .etag(etag)
            .header(
                "Link",
                "<https://hub.test/hub>; rel=\"hub\", <https://news.test/feed.xml>; rel=self",
            );
        site.page("/feed.xml", feed);
        for title in titles {
            let text = "The council met on this matter, and nobody left before the end. ".repeat(9);
            let page = format!(
                "<html><title>{title}</title><article><h1>{title}</h1><p>{title}: {text}</p></article>"
            );
            site.page(&format!("/{title}"), Page::html(page));
        }
    }

    async fn watch(&self) {
        let url: WebUrl = "https://news.test/feed.xml".parse().unwrap();
        let new = NewSource {
            url: url.clone(),
            name: None,
            slug: None,
            named_after: url,
            state: SourceState::Active,
            now: self.clock.now(),
        };
        self.archive.catalog().add_source(&new).await.unwrap();
    }

    /// Polls what is due; returns how many articles came.
    async fn poll(&self) -> u64 {
        let source = self.source().await;
        if source.status.next_poll_at > self.clock.now() {
            return 0;
        }
        let options = PollOptions {
            now: false,
            revisit: false,
            patience: Duration::ZERO,
        };
        let summary = self
            .archive
            .poll(vec![source], options, Arc::new(|_| {}))
            .await;
        summary.unwrap().articles
    }

    async fn source(&self) -> Source {
        let slug: Slug = "news.test".parse().unwrap();
        let found = self.archive.catalog().source(&slug).await.unwrap();
        found.unwrap()
    }

    async fn subscription(&self) -> Subscription {
        self.source().await.status.subscription.unwrap()
    }

    /// How long until the source is polled.
    async fn wait(&self) -> Duration {
        let due = self.source().await.status.next_poll_at;
        due.since(self.clock.now())
    }

    /// A source that is subscribed, for ten days.
    async fn subscribed() -> Self {
        let world = Self::new().await;
        world.watch().await;
        assert_eq!(world.poll().await, 1);
        assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
        let lease = (10 * DAY).to_string();
        let said = world.hub.come_back(&[("hub.lease_seconds", &lease)]).await;
        assert_eq!(said, (200, "the challenge".to_owned()));
        world
    }
}

#[tokio::test]
async fn a_hub_is_asked_confirms_and_pushes() {
    let world = World::new().await;
    world.watch().await;
    assert_eq!(world.poll().await, 1);
    let usual = world.wait().await;
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    let asked = world.hub.asked().remove(0);
    assert_eq!(asked["hub.mode"], "subscribe");
    assert_eq!(asked["hub.topic"], "https://news.test/feed.xml");
    assert_eq!(asked["hub.lease_seconds"], "864000");
    assert_eq!(asked["hub.secret"].len(), 64);
    let token = asked["hub.callback"].rsplit('/').next().unwrap();
    assert_eq!(token.len(), 32, "{asked:?}");
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0, "once");

    for wrong in [
        ("hub.topic", "https://news.test/other"),
        ("hub.mode", "unsubscribe"),
        ("hub.mode", "publish"),
    ] {
        assert_eq!(world.hub.come_back(&[wrong]).await.0, 404, "{wrong:?}");
    }
    assert_eq!(world.subscription().await.lease_until, None);
    let lease = [("hub.lease_seconds", "864000"), ("hub.challenge", "<a&b>")];
    let said = world.hub.come_back(&lease).await;
    assert_eq!(said, (200, "<a&b>".to_owned()));
    let told = world.subscription().await;
    assert!(told.is_live(world.clock.now()) && told.trouble.is_none());
    let until = told.lease_until.unwrap();
    assert_eq!(until.since(world.clock.now()), 240 * HOUR);

    // Before the first push nothing is taken for granted.
    world.clock.advance(usual);
    assert_eq!(world.poll().await, 0);
    assert!(world.wait().await < HOUR);

    world.clock.advance(Duration::from_mins(2));
    world.publish(&["two", "one"], "\"2\"");
    assert_eq!(world.hub.push(b"a fat or thin ping").await.0, 202);
    world.wake.notified().await;
    assert_eq!(world.wait().await, Duration::ZERO);
    assert_eq!(world.poll().await, 1);
    let wait = world.wait().await;
    assert!(wait >= 6 * HOUR && wait < 7 * HOUR, "{wait:?}");
    let mut paths = world.net.paths("news.test");
    paths.retain(|path| path == "/feed.xml");
    assert_eq!(paths.len(), 3);
}

#[tokio::test]
async fn what_is_not_signed_is_left_alone() {
    let world = World::subscribed().await;
    let before = world.source().await;
    world.clock.advance(Duration::from_mins(2));
    let right_of_other = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    for wrong in ["", "sha256=", "sha1=zz", "md5=00", right_of_other] {
        let said = world.hub.push_signed(b"news", wrong).await;
        assert_eq!(said, (202, String::new()), "{wrong}");
    }
    let large = vec![b' '; LARGEST_PUSH + 1];
    assert_eq!(world.hub.push(&large).await.0, 413);
    assert_eq!(world.source().await, before, "nothing of it is kept");

    let token = world.subscription().await.token;
    let base = world.hub.asked()[0]["hub.callback"].replace(&token, "");
    for unknown in ["0123456789abcdef0123456789abcdef", "x", "%00", ".."] {
        let said = ask(&format!("{base}{unknown}")).await;
        assert!(said.starts_with("HTTP/1.1 4"), "{unknown}: {said}");
    }
}

/// Posts something to an address.
async fn ask(url: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let url: WebUrl = url.parse().unwrap();
    let port = url.as_url().port().unwrap();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap();
    let path = url.as_url().path();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_lease_is_renewed_before_it_ends() {
    let world = World::subscribed().await;
    let first = world.subscription().await;
    world.clock.advance(6 * 24 * HOUR);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0, "not yet");
    world.clock.advance(36 * HOUR);
    world.hub.answers(503);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    let told = world.subscription().await;
    assert!(matches!(told.trouble, Some(Trouble::Unasked { .. })));
    assert!(told.is_live(world.clock.now()), "it is pushed still");
    world.hub.answers(202);
    world.clock.advance(HOUR);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    let lease = (10 * DAY).to_string();
    let said = world.hub.come_back(&[("hub.lease_seconds", &lease)]).await;
    assert_eq!(said.0, 200);
    let told = world.subscription().await;
    assert_eq!((told.trouble.clone(), told.failures), (None, 0));
    assert!(told.lease_until > first.lease_until);
    assert_eq!(told.token, first.token, "the same callback");
    let asked = world.hub.asked();
    assert_eq!(asked[0]["hub.secret"], asked[2]["hub.secret"]);
}

#[tokio::test]
async fn without_the_hub_polling_goes_on() {
    let world = World::new().await;
    world.net.site("hub.test").down();
    world.watch().await;
    world.poll().await;
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    let told = world.subscription().await;
    assert_eq!(told.failures, 1);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0, "backs off");
    world.clock.advance(HOUR);
    world.publish(&["two", "one"], "\"2\"");
    assert_eq!(world.poll().await, 1, "found by itself");

    // A hub that takes the request and does not come back.
    world.net.site("hub.test").up();
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    world.clock.advance(HOUR);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0);
    let told = world.subscription().await;
    assert_eq!(told.trouble, Some(Trouble::Unconfirmed));
    assert_eq!(told.failures, 2);
}

#[tokio::test]
async fn a_hub_that_forgets_to_push_is_not_relied_on() {
    let world = World::subscribed().await;
    world.clock.advance(HOUR);
    world.publish(&["two", "one"], "\"2\"");
    world.hub.push(b"").await;
    assert_eq!(world.poll().await, 1);
    assert!(world.wait().await >= 6 * HOUR);
    world.clock.advance(7 * HOUR);
    world.publish(&["three", "two", "one"], "\"3\"");
    assert_eq!(world.poll().await, 1, "the safety net");
    assert!(world.wait().await < 6 * HOUR);
    world.clock.advance(HOUR);
    world.hub.push(b"").await;
    assert_eq!(world.poll().await, 0);
    let wait = world.wait().await;
    assert!(
        wait <= Duration::from_mins(6),
        "told, and not there: {wait:?}"
    );
    world.publish(&["four", "three", "two", "one"], "\"4\"");
    world.clock.advance(wait);
    assert_eq!(world.poll().await, 1);
    assert!(world.wait().await >= 6 * HOUR, "it pushes again");
}

#[tokio::test]
async fn refusals_removals_and_other_hubs() {
    let world = World::subscribed().await;
    let denied = [("hub.mode", "denied"), ("hub.reason", "too many")];
    assert_eq!(world.hub.come_back(&denied).await.0, 200);
    let told = world.subscription().await;
    let reason = Some("too many".to_owned());
    assert_eq!(told.trouble, Some(Trouble::Denied { reason }));
    assert!(!told.is_live(world.clock.now()));
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0);
    world.clock.advance(8 * 24 * HOUR);
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    assert_eq!(world.hub.come_back(&[]).await.0, 200);

    let remove = SourceChange {
        state: Some(SourceState::Removed),
        ..SourceChange::default()
    };
    let (catalog, id) = (world.archive.catalog(), world.source().await.id);
    catalog.change_source(id, &remove).await.unwrap();
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1);
    assert_eq!(world.hub.asked().last().unwrap()["hub.mode"], "unsubscribe");
    assert_eq!(world.hub.push(b"").await.0, 410);
    assert_eq!(
        world.hub.come_back(&[]).await,
        (200, "the challenge".to_owned())
    );
    assert_eq!(world.hub.come_back(&[]).await.0, 404, "it is forgotten");

    // One that is read with a cookie is not told to anybody.
    let hidden = SourceChange {
        state: Some(SourceState::Active),
        settings: Some(SourceSettings {
            cookie: Some("a=b".to_owned()),
            ..SourceSettings::default()
        }),
        ..SourceChange::default()
    };
    catalog.change_source(id, &hidden).await.unwrap();
    assert_eq!(world.archive.see_to_hubs().await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_hidden_later_is_not_pushed_any_more() {
    for (key, value) in [
        ("proxy", "http://127.0.0.1:9"),
        ("cookie", "a=b"),
        ("headers", "Authorization: Bearer x"),
    ] {
        let world = World::subscribed().await;
        world.clock.advance(HOUR);
        world.publish(&["two", "one"], "\"2\"");
        world.hub.push(b"").await;
        assert_eq!(world.poll().await, 1);
        assert!(world.wait().await >= 6 * HOUR);
        let (catalog, source) = (world.archive.catalog(), world.source().await);
        let set = async |value: &str| {
            let mut settings = SourceSettings::default();
            pressmark_archive::setting::assign(&mut settings, key, value).unwrap();
            let change = SourceChange {
                settings: Some(settings),
                ..SourceChange::default()
            };
            catalog.change_source(source.id, &change).await.unwrap();
        };
        set(value).await;
        assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1, "{key}");
        assert_eq!(world.hub.asked().last().unwrap()["hub.mode"], "unsubscribe");
        assert_eq!(world.hub.push(b"").await.0, 410, "{key}");
        assert_eq!(world.source().await.status.subscription, None);
        assert_eq!(world.wait().await, Duration::ZERO, "polled as others are");
        let said = world.hub.come_back(&[]).await;
        assert_eq!(said, (200, "the challenge".to_owned()));

        // What is not hidden any more is pushed again.
        set("").await;
        assert_eq!(world.archive.see_to_hubs().await.unwrap(), 1, "{key}");
        assert_eq!(world.hub.asked().last().unwrap()["hub.mode"], "subscribe");
    }
}
