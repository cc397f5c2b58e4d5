//! The reader and the feeds over HTTP: pages that need no script, and full-text RSS.
//!
//! [`router`] answers from a [`Site`], which reads the catalog, and adds sources if it has a
//! [`Writer`]; [`serve()`] runs
//! it on a listener. The pages are written with `maud`: markup is Rust that the compiler checks,
//! every value is escaped unless it is wrapped, and elements cannot be left open.
//!
//! ```no_run
//! # async fn example(site: pressmark_web::Site) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:7777").await?;
//! let shutdown = std::future::pending();
//! pressmark_web::serve(listener, pressmark_web::router(site), shutdown).await;
//! # Ok(())
//! # }
//! ```

mod alarms;
mod assets;
mod callback;
mod feeds;
mod filters;
mod i18n;
mod log;
mod media;
mod pages;
mod respond;
mod room;
mod serve;
mod site;
mod stamping;
mod tongue;
mod ui;
mod writer;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

pub use callback::Callbacks;
pub use media::MediaUse;
pub use room::Room;
pub use serve::serve;
pub use site::Site;
pub use writer::{Token, Writer};

use respond::{Fault, finish};

/// Every address of the reader and the feeds.
pub fn router(site: Site) -> Router {
    let site = Arc::new(site);
    Router::new()
        .route("/", get(pages::front::front))
        .route("/sources", get(pages::sources::sources))
        .route("/add", get(pages::add::form).post(pages::add::act))
        .route("/s/{slug}", get(pages::source::source))
        .route("/s/{slug}/{number}", get(pages::source::numbered))
        .route("/a/{id}", get(pages::article::article))
        .route("/a/{id}/diff", get(pages::diff::diff))
        .route("/a/{id}/proof", get(log::proof))
        .route("/log/{*path}", get(log::file))
        .route("/media/{name}", get(media::file))
        .route("/changes", get(pages::changes::changes))
        .route("/feeds/changes.xml", get(feeds::changes::of_all))
        .route("/feeds/{slug}/changes.xml", get(feeds::changes::of_source))
        .route("/feeds/{file}", get(feeds::feed))
        .route(
            "/websub/{token}",
            get(callback::confirm).post(callback::push),
        )
        .route("/assets/{name}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
        .route("/healthz", get(health))
        .fallback(async || Fault::Missing)
        .layer(from_fn_with_state(Arc::clone(&site), finish))
        .with_state(site)
}

/// Answers `/healthz`: 200 while the catalog answers.
async fn health(State(site): State<Arc<Site>>) -> (StatusCode, &'static str) {
    match site.catalog.next_due().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the catalog does not answer\n",
            )
        }
    }
}
