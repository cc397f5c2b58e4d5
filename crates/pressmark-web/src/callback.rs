//! The callback of `WebSub` subscriptions: what hubs ask, and what they push. It needs no word of
//! the administrator: what makes it unguessable is in its path, and what is pushed is signed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use pressmark_archive::websub::{Confirmed, LARGEST_PUSH, Question};
use pressmark_archive::{Archive, ArchiveError};
use tokio::sync::Notify;
use url::form_urlencoded;

use crate::site::Site;

/// What hubs talk to.
#[derive(Debug, Clone)]
pub struct Callbacks {
    /// Whose subscriptions they are.
    pub archive: Archive,
    /// Told when a source has become due.
    pub wake: Arc<Notify>,
}

/// Answers `GET /websub/{token}`: a hub confirms or refuses (`WebSub`, 5.2 and 5.3).
pub(crate) async fn confirm(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(callbacks) = &site.callbacks else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let question = read(&query.unwrap_or_default());
    match callbacks.archive.confirm(&token, &question).await {
        Ok(Confirmed::Challenge(challenge)) => challenge.into_response(),
        Ok(Confirmed::Noted) => StatusCode::OK.into_response(),
        Ok(Confirmed::No) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => faulty(&error),
    }
}

fn read(query: &str) -> Question {
    let mut question = Question::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "hub.mode" => question.mode = value.into_owned(),
            "hub.topic" => question.topic = value.into_owned(),
            "hub.challenge" => question.challenge = Some(value.into_owned()),
            "hub.lease_seconds" => question.lease_seconds = value.trim().parse().ok(),
            "hub.reason" => question.reason = Some(value.into_owned()),
            _ => {}
        }
    }
    question
}

/// Answers `POST /websub/{token}`: a hub pushes (`WebSub`, 7). The body is hashed as it comes and
/// not kept. A wrong signature is answered like a right one, and nothing comes of it.
pub(crate) async fn push(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    mut body: Body,
) -> Response {
    let Some(callbacks) = &site.callbacks else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let signature = headers.get("x-hub-signature");
    let signature = signature.and_then(|value| value.to_str().ok());
    let mut push = match callbacks.archive.begin_push(&token, signature).await {
        Ok(Some(push)) => push,
        // The hub may forget whom it has pushed to.
        Ok(None) => return StatusCode::GONE.into_response(),
        Err(error) => return faulty(&error),
    };
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let piece = frame.into_data().unwrap_or_default();
        length = length.saturating_add(piece.len());
        if length > LARGEST_PUSH {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        push.update(&piece);
    }
    match callbacks.archive.end_push(push).await {
        Ok(true) => callbacks.wake.notify_one(),
        Ok(false) => tracing::info!("a push was not signed as agreed, and is left alone"),
        Err(error) => return faulty(&error),
    }
    StatusCode::ACCEPTED.into_response()
}

/// The hub tries again.
fn faulty(error: &ArchiveError) -> Response {
    tracing::warn!(%error, "a hub was not answered");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
