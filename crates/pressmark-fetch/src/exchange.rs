//! One request and its answer on an open connection.
//!
//! hyper frames the answer and says whether it is whole; what is made of it is read from the
//! recorded bytes, by the same code that will read them from the archive.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Uri};
use pressmark_archive::ports::fetch::{Exchange, FetchFailure};
use pressmark_model::{Timestamp, WebUrl};
use pressmark_warc::coding::{self, Coding, CodingError};
use pressmark_warc::{HttpResponse, final_response};
use tokio::time::Instant;
use url::Position;

use crate::connect::Connection;
use crate::{headers, redirect, tls};

/// How much of the body of a redirect or a refusal is read and kept, in bytes.
const KEPT_OF_OTHERS: usize = 64 << 10;
/// How much more than its content a message may be, for its head and the chunks' lengths.
const OVERHEAD: usize = 1 << 20;

/// How much larger than what is read of them other answers than pages may become when decoded.
const EXPANSION: usize = 8;

/// The time limits of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimits {
    pub(crate) connect: Duration,
    pub(crate) headers: Duration,
    pub(crate) body: Duration,
    /// Instead of the others: the limit of the whole.
    pub(crate) total: Option<Duration>,
}

impl TimeLimits {
    /// When a phase that takes at most `span` has to be over, in a request begun at `begun`.
    pub(crate) fn deadline(&self, begun: Instant, span: Duration) -> Instant {
        self.total
            .map_or_else(|| Instant::now() + span, |total| begun + total)
    }
}

/// The most that a 2xx answer may hold, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SizeLimit {
    /// More is a failure.
    Whole(usize),
    /// More is left unread.
    Beginning(usize),
}

/// An answer with its exchange.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exchange: Exchange,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Decoded; for other answers than 2xx as far as it could be.
    pub(crate) body: Bytes,
    /// Whether the connection can take another request.
    pub(crate) reusable: bool,
}

/// What is asked, and within which limits.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) url: &'a WebUrl,
    pub(crate) headers: HeaderMap,
    /// What is posted; without it, the address is asked for.
    pub(crate) body: Option<Bytes>,
    pub(crate) size: SizeLimit,
    pub(crate) time: TimeLimits,
    pub(crate) begun: Instant,
    pub(crate) at: Timestamp,
}

/// Sends the request and reads the answer to its end.
pub(crate) async fn exchange(
    connection: &mut Connection,
    question: Question<'_>,
) -> Result<Answer, FetchFailure> {
    let (SizeLimit::Whole(limit) | SizeLimit::Beginning(limit)) = question.size;
    connection
        .recorder
        .start(limit.saturating_mul(2).saturating_add(OVERHEAD));
    let broken = |error: &hyper::Error, connection: &Connection| {
        if connection.recorder.is_over_limit() {
            too_large(limit)
        } else {
            failure(error)
        }
    };

    let request = request(&question, connection.absolute_form)?;
    let deadline = question
        .time
        .deadline(question.begun, question.time.headers);
    let sender = &mut connection.sender;
    let sent = async {
        sender.ready().await?;
        sender.send_request(request).await
    };
    let late = |_| FetchFailure::Timeout {
        phase: "headers".to_owned(),
    };
    let response = tokio::time::timeout_at(deadline, sent)
        .await
        .map_err(late)?;
    let response = response.map_err(|error| broken(&error, connection))?;

    let (status, mut body) = (response.status(), response.into_body());
    let deadline = question.time.deadline(question.begun, question.time.body);
    let late = |_| FetchFailure::Timeout {
        phase: "body".to_owned(),
    };
    let limit = if status.is_success() {
        limit
    } else {
        KEPT_OF_OTHERS
    };
    let read = tokio::time::timeout_at(deadline, read(&mut body, limit))
        .await
        .map_err(late)?;
    let whole = read.map_err(|error| broken(&error, connection))?;
    if !whole && status.is_success() && matches!(question.size, SizeLimit::Whole(_)) {
        return Err(too_large(limit));
    }
    let (sent, received) = connection.recorder.take();
    let wire = Bytes::from(received);
    let exchange = Exchange {
        url: redirect::public(question.url),
        at: question.at,
        remote: Some(connection.remote),
        request: headers::recorded(&sent),
        response: wire.slice_ref(final_response(&wire)),
        truncated: !whole,
    };
    let page = matches!(question.size, SizeLimit::Whole(_)) && status.is_success();
    understand(exchange, page, whole, limit)
}

fn request(
    question: &Question<'_>,
    absolute_form: bool,
) -> Result<Request<Full<Bytes>>, FetchFailure> {
    let url = question.url.as_url();
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let target = if absolute_form {
        format!("{}://{authority}{path}", url.scheme())
    } else {
        path.to_owned()
    };
    let unsendable = |error: &dyn std::error::Error| FetchFailure::Protocol {
        detail: format!("the address cannot be asked for: {error}"),
    };
    let target: Uri = target.parse().map_err(|error| unsendable(&error))?;
    let mut request = Request::new(question.body.clone().map_or_else(Full::default, Full::new));
    if question.body.is_some() {
        *request.method_mut() = Method::POST;
    }
    *request.uri_mut() = target;
    *request.headers_mut() = question.headers.clone();
    Ok(request)
}

/// Reads the body, which the recorder keeps, and says whether it came to its end within `limit`.
async fn read(body: &mut Incoming, limit: usize) -> Result<bool, hyper::Error> {
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        length = length.saturating_add(frame?.data_ref().map_or(0, Bytes::len));
        if length > limit {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads status, header fields and content from the recorded bytes. A page has to be whole and
/// decodable; of other answers what can be had is enough.
fn understand(
    exchange: Exchange,
    page: bool,
    reusable: bool,
    limit: usize,
) -> Result<Answer, FetchFailure> {
    let wire = exchange.response.clone();
    let response = HttpResponse::parse(&wire).map_err(|error| FetchFailure::Protocol {
        detail: error.to_string(),
    })?;
    let (status, whole) = (response.status, response.whole);
    let decoded_limit = if page {
        limit
    } else {
        limit.saturating_mul(EXPANSION)
    };
    let body = match content(&wire, &response, decoded_limit) {
        Ok((body, decoded_whole)) if !page || (whole && decoded_whole) => body,
        Ok(_) => return Err(FetchFailure::Cut),
        Err(failure) if page => return Err(failure),
        Err(_) => Bytes::new(),
    };
    Ok(Answer {
        status,
        headers: response.headers,
        body,
        exchange,
        reusable,
    })
}

fn content(
    wire: &Bytes,
    response: &HttpResponse<'_>,
    limit: usize,
) -> Result<(Bytes, bool), FetchFailure> {
    let undecodable = |error: CodingError| match error {
        CodingError::TooLarge { .. } => too_large(limit),
        other => FetchFailure::Coding {
            detail: other.to_string(),
        },
    };
    let named = response.header_values("content-encoding");
    let coding = Coding::of_header(named).map_err(undecodable)?;
    match (coding, &response.body) {
        (Coding::Identity, Cow::Borrowed(bytes)) => Ok((wire.slice_ref(bytes), true)),
        (coding, bytes) => {
            let decoded = coding::decode(coding, bytes, limit).map_err(undecodable)?;
            Ok((decoded.bytes.into(), decoded.whole))
        }
    }
}

fn too_large(limit: usize) -> FetchFailure {
    FetchFailure::TooLarge {
        limit: u64::try_from(limit).unwrap_or(u64::MAX),
    }
}

/// What an error of the connection means.
fn failure(error: &hyper::Error) -> FetchFailure {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return FetchFailure::Cut;
    }
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<rustls::Error>() {
            return FetchFailure::Tls {
                detail: tls::describe(error),
            };
        }
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            let tls_error = error
                .get_ref()
                .and_then(|e| e.downcast_ref::<rustls::Error>());
            return match (tls_error, error.kind()) {
                (Some(error), _) => FetchFailure::Tls {
                    detail: tls::describe(error),
                },
                (None, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                    FetchFailure::Protocol {
                        detail: error.to_string(),
                    }
                }
                (None, _) => FetchFailure::Cut,
            };
        }
        cause = inner.source();
    }
    FetchFailure::Protocol {
        detail: error.to_string(),
    }
}
