//! A client for the tiny internet.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pressmark_archive::ports::fetch::{
    Failed, Fetch as _, FetchFailure, FetchOutcome, FetchPolicy, FetchRequest, FetchedPage,
    NotModified, Purpose, Validators,
};
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_model::Timestamp;
use pressmark_testkit::{Internet, ManualClock};

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const GAP: Duration = Duration::from_millis(40);

/// The tiny internet with a client on it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) net: Arc<Internet>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) fetcher: Arc<Fetcher>,
}

#[derive(Debug)]
struct Names(Arc<Internet>);

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.resolve(host, port)
    }
}

pub(crate) async fn world() -> World {
    world_with(|_, _| {}).await
}

pub(crate) async fn world_with(change: impl FnOnce(&mut FetchConfig, &Internet)) -> World {
    let net = Arc::new(Internet::start().await);
    let mut config = FetchConfig {
        ca_pem: Some(net.ca_pem().into_bytes()),
        per_host_gap: GAP,
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ..FetchConfig::default()
    };
    change(&mut config, &net);
    let clock = Arc::new(ManualClock::at(NOW));
    let names = Arc::new(Names(Arc::clone(&net)));
    let fetcher = Fetcher::new(config, Arc::<ManualClock>::clone(&clock), names).unwrap();
    World {
        net,
        clock,
        fetcher: Arc::new(fetcher),
    }
}

pub(crate) fn request(url: &str, purpose: Purpose) -> FetchRequest {
    FetchRequest {
        url: url.parse().unwrap(),
        purpose,
        validators: Validators::default(),
        policy: FetchPolicy::default(),
        patience: Duration::ZERO,
    }
}

impl World {
    /// Fetches as a feed, so that robots.txt is not asked.
    pub(crate) async fn get(&self, url: &str) -> FetchOutcome {
        self.fetcher.fetch(request(url, Purpose::Feed)).await
    }

    pub(crate) async fn page(&self, url: &str) -> FetchedPage {
        page(self.get(url).await)
    }

    pub(crate) async fn failure(&self, url: &str) -> FetchFailure {
        failed(self.get(url).await).failure
    }

    /// Waits until the internet has seen what is waited for.
    pub(crate) async fn until(&self, seen: impl Fn(&Internet) -> bool) {
        let wait = async {
            while !seen(&self.net) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), wait)
            .await
            .expect("it was not seen");
    }

    pub(crate) async fn article(&self, url: &str) -> FetchOutcome {
        self.fetcher.fetch(request(url, Purpose::Article)).await
    }
}

pub(crate) fn page(outcome: FetchOutcome) -> FetchedPage {
    match outcome {
        FetchOutcome::Page(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

pub(crate) fn failed(outcome: FetchOutcome) -> Failed {
    match outcome {
        FetchOutcome::Failed(failed) => failed,
        other => panic!("no failure: {other:?}"),
    }
}

pub(crate) fn not_modified(outcome: FetchOutcome) -> NotModified {
    match outcome {
        FetchOutcome::NotModified(not_modified) => not_modified,
        other => panic!("modified: {other:?}"),
    }
}
