//! What every answer has: the security headers, a page for a fault, a time limit.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use pressmark_archive::ports::catalog::CatalogError;

use crate::pages;
use crate::site::Site;
use crate::ui::Ui;

/// The longest that an answer may be in the making.
const LONGEST: Duration = Duration::from_secs(30);
/// The same where other sites are asked first, one request after the other.
const LONGEST_LOOK: Duration = Duration::from_mins(3);

/// No script, no frame, nothing from elsewhere: what an article brings along stays inert even if
/// the sanitiser missed it, and no outlet learns who reads its articles.
const POLICY: &str = "default-src 'none'; img-src 'self' data:; media-src 'self'; \
                      style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same where images may be shown from their outlets.
const HOT_LINKS: &str = "default-src 'none'; img-src http: https: data:; media-src 'self'; \
                         style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What somebody else made is no page of this server, even if it is opened as one.
const FILE: &str = "default-src 'none'; sandbox";

/// What a request hears that was meant for somebody else.
const NOT_HERE: &str = "This reader answers to its IP address and to `localhost` only. \
                        To serve it under another name, set `base_url` in its configuration.\n";

/// Why there is no page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// There is nothing at this address.
    Missing,
    /// The catalog did not answer, or the page could not be made.
    Broken,
}

impl From<CatalogError> for Fault {
    fn from(error: CatalogError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(%error, source, "no page");
        Self::Broken
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A page, or why there is none.
pub(crate) type Page = Result<Html, Fault>;

/// A page as an answer.
#[derive(Debug)]
pub(crate) struct Html(pub(crate) Markup);

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (VARY, HeaderValue::from_static("Accept-Language")),
        ];
        (headers, self.0.into_string()).into_response()
    }
}

/// Does what keeps a processor busy away from the threads that answer.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "no page");
        Fault::Broken
    })
}

/// Completes every answer.
pub(crate) async fn finish(
    State(site): State<Arc<Site>>,
    ui: Ui,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(HOST);
    // Without a referrer, browsers do not say which page a form was sent from.
    let referrer = match request.uri().path() {
        "/add" => "same-origin",
        _ => "no-referrer",
    };
    let policy = match request.uri().path() {
        path if path.starts_with("/media/") => FILE,
        _ if site.media.hot_link => HOT_LINKS,
        _ => POLICY,
    };
    let mut response = if site.answers_to(host.and_then(|host| host.to_str().ok())) {
        let longest = match request.uri().path() {
            "/add" => LONGEST_LOOK,
            _ => LONGEST,
        };
        let response = tokio::time::timeout(longest, next.run(request)).await;
        response.unwrap_or_else(|_| {
            tracing::error!(path = ui.path(), "no page: not ready in {longest:?}");
            Fault::Broken.into_response()
        })
    } else {
        (StatusCode::MISDIRECTED_REQUEST, NOT_HERE).into_response()
    };
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        let page = Html(pages::fault(&site, &ui, fault));
        response = (response.status(), page).into_response();
    }
    let security = [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, referrer),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in security {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
