//! Serves the reader with made-up news, to look at: `cargo run -p pressmark-web --example preview`.

#[path = "../tests/it/fake.rs"]
#[expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "shared with the tests"
)]
mod fake;
#[path = "../tests/it/sample.rs"]
#[expect(clippy::unwrap_used, reason = "shared with the tests")]
mod sample;

use std::sync::Arc;

use pressmark_proof::ArchiveId;
use pressmark_web::{MediaUse, Site, router, serve};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let site = Site {
        writer: None,
        callbacks: None,
        catalog: Arc::new(sample::sample()),
        clock: Arc::new(fake::Still(sample::now())),
        archive: ArchiveId([7; 16]),
        title: "Pressmark".to_owned(),
        base_url: None,
        local: true,
        overrides: std::collections::BTreeMap::new(),
        room: tokio::sync::watch::channel(pressmark_web::Room::default()).1,
        offset_seconds: 0,
        media: MediaUse::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7790").await?;
    serve(listener, router(site), std::future::pending()).await;
    Ok(())
}
