//! `serve`: the sources are watched, and the reader is served.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use pressmark_archive::events::Event;
use pressmark_archive::revisit::Step;
use pressmark_archive::source::{SourceChange, SourceSettings};
use pressmark_archive::{ArchiveError, Observer};
use pressmark_model::WebUrl;
use pressmark_web::{Callbacks, MediaUse, Room, Site, Token, Writer};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use super::anchor::Anchors;
use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::Serve;
use crate::config::{Config, FetchSection, ProofSection, RevisitSection};
use crate::data::{Data, Need, Open};
use crate::demo;
use crate::machine::asked_to_end;
use crate::output::{self, hinted};
use crate::room;

const DEMO_INTERVAL: Duration = Duration::from_secs(5);
/// New versions of so long become one checkpoint, and one commit of the Markdown archive.
const SEALING_INTERVAL: Duration = Duration::from_secs(5);

/// So often it is seen whether the log is to be time-stamped.
const ANCHOR_LOOK: Duration = Duration::from_secs(20);

/// Serves until the process is asked to end.
pub(super) async fn run(mut data: Data, serve: Serve) -> anyhow::Result<ExitCode> {
    let urls = super::address::addresses(&serve.urls)?;
    let demo_folder = if serve.demo {
        Some(prepare_demo(&mut data)?)
    } else {
        None
    };
    let address = data.config().listen();
    let adds = demo_folder.is_none() && data.config().web.adds(address)?;
    let listener = listen(address).await?;
    let open = Arc::new(data.open(Need::Alone).await?);
    super::redact::resume(&open).await?;

    let wake = Arc::new(Notify::new());
    let (told, room) = watch::channel(Room::default());
    let token = open.data.config().web.admin_token.as_deref();
    let writer = adds.then(|| Writer {
        archive: open.archive.clone(),
        token: token.filter(|token| !token.is_empty()).map(Token::new),
        wake: Arc::clone(&wake),
    });
    let callbacks = open.data.config().websub.enabled.then(|| Callbacks {
        archive: open.archive.clone(),
        wake: Arc::clone(&wake),
    });
    let site = Site {
        writer,
        callbacks,
        catalog: Arc::clone(open.archive.catalog()),
        clock: Arc::clone(&open.clock),
        archive: open.archive.id(),
        title: "Pressmark".to_owned(),
        base_url: open.data.config().base_url.clone(),
        local: listener.local_addr()?.ip().is_loopback(),
        overrides: open.archive.overrides().clone(),
        room,
        offset_seconds: crate::machine::local_offset_seconds(),
        media: media(&open),
    };
    output::line(format_args!("http://{}", listener.local_addr()?))?;
    if demo_folder.is_none() {
        output::note(format_args!("archive: {}", open.data.dir.display()));
    }

    let news = Arc::new(Notify::new());
    let (going_on, end) = watch::channel(());
    let watching = watch_while_room(&open, told, &news, &wake);
    let adding = add_all(&open, urls, serve.demo, &wake);
    let router = pressmark_web::router(site);
    let serving = pressmark_web::serve(listener, router, over(end.clone()));
    let publishing = publish(&open, &news, over(end.clone()));
    let anchoring = anchor(&open, over(end));
    let mut outgoing = pin!(async { tokio::join!(serving, publishing, anchoring) });
    let outcome = tokio::select! {
        error = watching => Err(anyhow::Error::from(error).context("nothing more is archived")),
        () = open.archive.keep_hubs() => Ok(ExitCode::SUCCESS),
        error = adding => Err(error),
        _ = &mut outgoing => Ok(ExitCode::SUCCESS),
        () = asked_to_end() => Ok(ExitCode::SUCCESS),
    };
    // Answers in the making and the Markdown archive are brought to their end, unless the user
    // has no patience for that.
    drop(going_on);
    tokio::select! {
        _ = outgoing => outcome,
        () = asked_to_end() => {
            output::note("ended at once; the Markdown archive follows at the next start");
            outcome.map(|_| ExitCode::from(output::COULD_NOT_RUN))
        }
    }
}

/// How the copies of images are shown.
fn media(open: &Open) -> MediaUse {
    let section = &open.data.config().media;
    MediaUse {
        files: Some(open.archive.media_files()),
        hot_link: section.hot_link.unwrap_or(false),
        in_feeds: section.feeds.unwrap_or(false),
    }
}

/// Watches while there is room on the disk, and keeps those who tell of it informed.
async fn watch_while_room(
    open: &Open,
    told: watch::Sender<Room>,
    news: &Arc<Notify>,
    wake: &Arc<Notify>,
) -> ArchiveError {
    let mut room = told.subscribe();
    let config = open.data.config();
    let archiving = async {
        loop {
            room::until_paused(&mut room, false).await;
            let watching = open
                .archive
                .watch(observer(Arc::clone(news)), Arc::clone(wake));
            tokio::select! {
                error = watching => return error,
                () = room::until_paused(&mut room, true) => {}
            }
            // The turns that were broken off here have kept their claims.
            if config.catalog.url.is_none()
                && let Err(error) = open.archive.catalog().break_leases().await
            {
                tracing::warn!(%error, "claims were not given back; they lapse");
            }
        }
    };
    tokio::select! {
        error = archiving => error,
        never = room::keep(told, &open.data.dir, &config.storage, &*open.clock) => match never {},
    }
}

/// Waits for the end.
async fn over(mut end: watch::Receiver<()>) {
    while end.changed().await.is_ok() {}
}

/// A fresh folder for the demonstration, removed at its end, and leave to fetch from loopback. Of
/// the user's configuration only the address to listen on is kept: nothing else that it names is
/// touched or asked.
fn prepare_demo(data: &mut Data) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("pressmark-demo-")
        .tempdir()?;
    folder.path().clone_into(&mut data.dir);
    let key_file = folder.path().join("key");
    let config = &mut data.loaded.config;
    *config = Config {
        listen: config.listen,
        fetch: FetchSection {
            allow_networks: vec!["127.0.0.1/32".to_owned()],
            per_host_gap: Some(Duration::from_millis(100)),
            ..FetchSection::default()
        },
        proof: ProofSection {
            key_file: Some(key_file),
            interval: Some(Duration::from_secs(1)),
            ..ProofSection::default()
        },
        revisit: RevisitSection {
            schedule: Some(vec![Step {
                every: DEMO_INTERVAL,
                until: None,
            }]),
            confirm_after: Some(DEMO_INTERVAL),
            ..RevisitSection::default()
        },
        ..Config::default()
    };
    Ok(folder)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        hinted(
            format!("`{address}` cannot be listened on: {error}"),
            "another program may have it: choose another with `--listen 127.0.0.1:7778`",
        )
    })
}

/// Adds the addresses of the command line, then waits for ever. An address that cannot be watched
/// is told; the others go on.
async fn add_all(open: &Open, urls: Vec<WebUrl>, demo: bool, wake: &Notify) -> anyhow::Error {
    if demo {
        if let Err(error) = add_demo(open).await {
            return error;
        }
        wake.notify_one();
    }
    for url in urls {
        match super::add::watch(&open.archive, &url, None, None).await {
            Ok(added) => {
                output::note(format_args!(
                    "watching {} ({})",
                    added.source.slug, added.source.url
                ));
                wake.notify_one();
            }
            Err(error) => {
                output::report(&error);
            }
        }
    }
    std::future::pending().await
}

async fn add_demo(open: &Open) -> anyhow::Result<()> {
    let sites = demo::start(Arc::clone(&open.clock))
        .await
        .context("the demonstration's sites")?;
    for site in sites {
        let name = Some(site.name);
        let added = super::add::watch(&open.archive, &site.home, name, Some(site.slug)).await?;
        let settings = SourceSettings {
            interval: Some(DEMO_INTERVAL),
            ..SourceSettings::default()
        };
        let change = SourceChange {
            settings: Some(settings),
            ..SourceChange::default()
        };
        open.archive
            .catalog()
            .change_source(added.source.id, &change)
            .await?;
        output::note(format_args!(
            "watching {} ({})",
            added.source.slug, site.home
        ));
    }
    Ok(())
}

/// Has the log time-stamped until the end, apart from the rest: an authority may be slow.
async fn anchor(open: &Open, end: impl Future<Output = ()>) {
    let mut anchors = Anchors::of(open);
    let anchoring = async {
        loop {
            let next = anchors.follow().await.unwrap_or(ANCHOR_LOOK);
            tokio::time::sleep(next.clamp(Duration::from_secs(1), ANCHOR_LOOK)).await;
        }
    };
    tokio::select! {
        () = anchoring => {}
        () = end => {}
    }
}

/// Keeps the log and the Markdown archive up with the ledger until the end, and brings them there
/// once more.
async fn publish(open: &Open, news: &Notify, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    let interval = open
        .data
        .config()
        .proof
        .interval
        .unwrap_or(SEALING_INTERVAL);
    let mut sealing = Sealing::of(open);
    let mut markdown = Markdown::of(open);
    loop {
        sealing.follow().await;
        markdown.follow().await;
        tokio::select! {
            () = async { news.notified().await; tokio::time::sleep(interval).await } => {}
            () = &mut end => break,
        }
    }
    sealing.follow().await;
    markdown.follow().await;
}

/// Tells what happens: on a terminal as lines, and always to whom publishes.
fn observer(news: Arc<Notify>) -> Observer {
    let terminal = std::io::stderr().is_terminal();
    Arc::new(move |event: Event| {
        let news_of = matches!(
            event,
            Event::Archived { .. }
                | Event::Deleted { .. }
                | Event::Returned { .. }
                | Event::Media { .. }
        );
        if news_of {
            news.notify_one();
        }
        if let Some(line) = super::poll::describe_event(&event) {
            if terminal {
                output::note(line);
            } else if matches!(event, Event::AlarmRaised { .. }) {
                tracing::warn!("{line}");
            } else {
                tracing::info!("{line}");
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn the_demonstration_touches_nothing_of_the_users() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(config::FILE);
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:9\"\n[fetch]\nproxy = \"http://canary.test/\"\n\
             [catalog]\nurl = \"postgres://canary.test/\"\n\
             [git]\nenabled = false\ndir = \"/canary\"\nnames = \"id-title\"\npush = \"canary\"\n\
             [source.tidewater-wire]\nproxy = \"http://canary.test/\"\n",
        )
        .unwrap();
        let loaded = config::load(Some(&file), &[], None).unwrap();
        let dir = folder.path().to_owned();
        let mut data = Data { dir, loaded };
        let demo = prepare_demo(&mut data).unwrap();
        assert_eq!(data.dir, demo.path());
        let config = data.config();
        assert_eq!(config.listen().port(), 9);
        assert!(config.source.is_empty() && config.git.enabled.is_none());
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
    }
}
