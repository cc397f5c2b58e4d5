//! `serve`: the sources are watched, and the reader is served.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use pressmark_archive::Observer;
use pressmark_archive::events::Event;
use pressmark_archive::source::{SourceChange, SourceSettings};
use pressmark_model::WebUrl;
use pressmark_web::Site;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::cli::Serve;
use crate::data::{Data, Need, Open};
use crate::demo;
use crate::output::{self, hinted};

const DEMO_INTERVAL: Duration = Duration::from_secs(5);
/// New versions of one second become one commit of the Markdown archive.
const GIT_DELAY: Duration = Duration::from_secs(1);

/// Serves until the process is asked to end.
pub(super) async fn run(mut data: Data, serve: Serve) -> anyhow::Result<ExitCode> {
    let urls = super::sources::addresses(&serve.urls)?;
    let demo_folder = if serve.demo {
        Some(prepare_demo(&mut data)?)
    } else {
        None
    };
    let address = data.config().listen();
    let listener = listen(address).await?;
    let open = Arc::new(data.open(Need::Alone).await?);

    let site = Site {
        catalog: Arc::clone(open.archive.catalog()),
        clock: Arc::clone(&open.clock),
        archive: open.archive.id(),
        title: "Pressmark".to_owned(),
        base_url: None,
        offset_seconds: crate::machine::local_offset_seconds(),
    };
    output::line(format_args!("http://{}", listener.local_addr()?))?;
    if demo_folder.is_none() {
        output::note(format_args!("archive: {}", open.data.dir.display()));
    }

    let wake = Arc::new(Notify::new());
    let news = Arc::new(Notify::new());
    let watching = open
        .archive
        .watch(observer(Arc::clone(&news)), Arc::clone(&wake));
    let adding = add_all(&open, urls, serve.demo, &wake);
    let publishing = publish(&open, &news);
    let serving = pressmark_web::serve(
        listener,
        pressmark_web::router(site),
        std::future::pending(),
    );
    tokio::select! {
        error = watching => return Err(error.into()),
        error = adding => return Err(error),
        () = publishing => {}
        () = serving => {}
        () = asked_to_end() => {}
    }
    super::follow_git(&open).await;
    drop(demo_folder);
    Ok(ExitCode::SUCCESS)
}

/// A fresh folder for the demonstration, removed at its end, and leave to fetch from loopback.
fn prepare_demo(data: &mut Data) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("pressmark-demo-")
        .tempdir()?;
    folder.path().clone_into(&mut data.dir);
    let config = &mut data.loaded.config;
    config.fetch.allow_networks = vec!["127.0.0.1/32".to_owned()];
    config.fetch.per_host_gap = Some(Duration::from_millis(100));
    config.fetch.proxy = None;
    config.catalog.url = None;
    config.git.dir = None;
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
        match super::sources::watch(&open.archive, &url, None, None).await {
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
        let added = super::sources::watch(&open.archive, &site.home, name, Some(site.slug)).await?;
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

/// Keeps the Markdown archive up with the ledger.
async fn publish(open: &Open, news: &Notify) {
    super::follow_git(open).await;
    loop {
        news.notified().await;
        tokio::time::sleep(GIT_DELAY).await;
        super::follow_git(open).await;
    }
}

/// Tells what happens: on a terminal as lines, and always to whom publishes.
fn observer(news: Arc<Notify>) -> Observer {
    let terminal = std::io::stderr().is_terminal();
    Arc::new(move |event: Event| {
        if matches!(event, Event::Archived { .. }) {
            news.notify_one();
        }
        if let Some(line) = super::poll::describe_event(&event) {
            if terminal {
                output::note(line);
            } else {
                tracing::info!("{line}");
            }
        }
    })
}

/// Ctrl-C, or the signal that service managers send.
async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    drop(interrupted.await);
}
