//! The pages and feeds as a client sees them.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod adding;
mod changes;
mod fake;
mod feeds;
mod hubs;
mod markup;
mod pages;
mod sample;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use pressmark_proof::ArchiveId;
use pressmark_web::{MediaUse, Site, router};
use tower::ServiceExt as _;

use fake::{Fake, Still};

/// An answer, read.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

fn site(catalog: Fake) -> Router {
    router(Site {
        base_url: "https://press.example/".parse().ok(),
        ..state(catalog)
    })
}

/// A site without a public address, on loopback.
fn state(catalog: Fake) -> Site {
    Site {
        catalog: Arc::new(catalog),
        clock: Arc::new(Still(sample::now())),
        archive: ArchiveId([7; 16]),
        title: "Pressmark".to_owned(),
        base_url: None,
        local: true,
        overrides: BTreeMap::new(),
        writer: None,
        callbacks: None,
        room: tokio::sync::watch::channel(pressmark_web::Room::default()).1,
        offset_seconds: 0,
        media: MediaUse::default(),
    }
}

async fn get_with(site: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = site.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(site: &Router, path: &str) -> Answer {
    get_with(site, path, &[]).await
}
