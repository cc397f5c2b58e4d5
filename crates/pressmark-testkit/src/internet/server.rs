//! The listener: a small HTTP/1.1 server that can misbehave.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use httparse::{EMPTY_HEADER, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::page::{Ending, Framing, Page};
use super::{Request, Shared};

/// A connection, and the TCP stream beneath it.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// How many bytes of a body are written at once.
const PIECE: usize = 16 * 1024;

/// What becomes of a connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Request,
    Close,
    Drop,
}

pub(super) async fn listen(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(connection(stream, acceptor.clone(), Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let number = shared.open_connection();
    let mut first = [0];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    // 22 begins a TLS handshake record (RFC 8446, 5.1) and no HTTP request.
    let served = if first == [22] {
        match acceptor.accept(stream).await {
            Ok(stream) => serve(stream, &shared, number, true).await,
            Err(error) => Err(error),
        }
    } else {
        serve(stream, &shared, number, false).await
    };
    // A client that breaks off is what the test wanted, or what its own error tells it.
    drop(served);
}

async fn serve<S: Wire>(
    mut stream: S,
    shared: &Arc<Shared>,
    connection: u64,
    tls: bool,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(raw) = RawRequest::read(&mut stream, &mut buffer).await? {
        let host = raw.header("host").unwrap_or_default().to_owned();
        let path = raw.target.clone();
        match respond(
            &mut stream,
            shared,
            raw.into_request(&host, path, connection, tls),
        )
        .await?
        {
            Next::Request => {}
            Next::Close => break,
            Next::Drop => return Ok(()),
        }
    }
    stream.shutdown().await
}

/// A request as it was read.
pub(super) struct RawRequest {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl RawRequest {
    /// The next request; none if the client is done. What follows it stays in the buffer.
    pub(super) async fn read<S: Wire>(
        stream: &mut S,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Option<Self>> {
        loop {
            if let Some((mut request, head, length)) = Self::parse(buffer)? {
                while buffer.len() < head + length {
                    if stream.read_buf(buffer).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                request.body = buffer.drain(..head + length).skip(head).collect();
                return Ok(Some(request));
            }
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The head of the request that the bytes begin with, its length, and that of its body.
    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize, usize)>> {
        let mut headers = [EMPTY_HEADER; 100];
        let mut parsed = httparse::Request::new(&mut headers);
        let status = parsed
            .parse(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let Status::Complete(head) = status else {
            return Ok(None);
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let request = Self {
            method: parsed.method.unwrap_or_default().to_owned(),
            target: parsed.path.unwrap_or_default().to_owned(),
            headers: parsed
                .headers
                .iter()
                .map(|field| (field.name.to_owned(), text(field.value)))
                .collect(),
            body: Vec::new(),
        };
        let length = request
            .header("content-length")
            .and_then(|value| value.parse().ok());
        Ok(Some((request, head, length.unwrap_or(0))))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut same = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }

    /// The request for this authority and path.
    pub(super) fn into_request(
        self,
        authority: &str,
        path: String,
        connection: u64,
        tls: bool,
    ) -> Request {
        Request {
            number: 0,
            host: split_port(authority).0.to_ascii_lowercase(),
            method: self.method,
            path,
            headers: self.headers,
            body: self.body,
            tls,
            connection,
            visit: 0,
            started: Instant::now(),
            ended: None,
            status: None,
        }
    }
}

/// `host:port` in two.
pub(super) fn split_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

/// Notes the end of a request, however it comes, once.
struct Open<'a> {
    shared: &'a Shared,
    number: u64,
    status: Option<u16>,
    ended: bool,
}

impl Open<'_> {
    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.shared.ended(self.number, self.status);
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Answers a request as its page says.
pub(super) async fn respond<S: Wire>(
    stream: &mut S,
    shared: &Shared,
    mut request: Request,
) -> io::Result<Next> {
    let page = shared.receive(&mut request);
    let mut open = Open {
        shared,
        number: request.number,
        status: None,
        ended: false,
    };
    let page = if is_unchanged(&request, &page) {
        not_modified(page)
    } else {
        page
    };
    sleep(page.delay).await;
    if page.ending == Ending::StallBeforeHead {
        return until_client_leaves(stream).await;
    }
    open.status = Some(page.status);
    let closes = matches!(page.framing, Framing::Close | Framing::Declared(_))
        || request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let head = if page.raw {
        String::new()
    } else {
        head_of(&page, closes)
    };
    let bodiless = request.method == "HEAD" || !has_body(page.status);
    let body = if bodiless { Vec::new() } else { body_of(&page) };
    let ending = if bodiless { Ending::Whole } else { page.ending };
    let limit = match ending {
        Ending::Reset(bytes) | Ending::Close(bytes) | Ending::Stall(bytes) => bytes,
        Ending::Whole | Ending::StallBeforeHead => body.len(),
    };
    let sent = body.get(..limit).unwrap_or(&body);
    let before_last = || {
        if !matches!(ending, Ending::Stall(_)) {
            open.end();
        }
    };
    send(stream, head.as_bytes(), sent, page.drip, before_last).await?;
    match ending {
        Ending::Stall(_) | Ending::StallBeforeHead => until_client_leaves(stream).await,
        Ending::Reset(_) => {
            stream.tcp().set_zero_linger()?;
            Ok(Next::Drop)
        }
        Ending::Whole if !closes => Ok(Next::Request),
        Ending::Whole | Ending::Close(_) => Ok(Next::Close),
    }
}

fn head_of(page: &Page, closes: bool) -> String {
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", page.status);
    for (name, value) in &page.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if has_body(page.status) {
        match page.framing {
            Framing::Length => head.push_str(&content_length(page.body.len() as u64)),
            Framing::Declared(bytes) => head.push_str(&content_length(bytes)),
            Framing::Chunked(_) => head.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::Close => {}
        }
    }
    if closes {
        head.push_str("Connection: close\r\n");
    }
    head.push_str("\r\n");
    head
}

fn content_length(bytes: u64) -> String {
    format!("Content-Length: {bytes}\r\n")
}

/// RFC 9110, 6.4.1.
const fn has_body(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}

fn body_of(page: &Page) -> Vec<u8> {
    let Framing::Chunked(size) = page.framing else {
        return page.body.to_vec();
    };
    let mut wire = Vec::new();
    for chunk in page.body.chunks(size) {
        wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        wire.extend_from_slice(chunk);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"0\r\n\r\n");
    wire
}

/// Sends an answer. `before_last` is called before its last bytes, so that a client cannot have the whole
/// of it, and ask again, before the end was noted.
async fn send<S: Wire>(
    stream: &mut S,
    head: &[u8],
    body: &[u8],
    drip: Option<(usize, Duration)>,
    mut before_last: impl FnMut(),
) -> io::Result<()> {
    let (size, pause) = drip.unwrap_or((PIECE, Duration::ZERO));
    if body.is_empty() {
        before_last();
    }
    stream.write_all(head).await?;
    stream.flush().await?;
    let mut pieces = body.chunks(size).peekable();
    while let Some(piece) = pieces.next() {
        sleep(pause).await;
        if pieces.peek().is_none() {
            before_last();
        }
        stream.write_all(piece).await?;
        stream.flush().await?;
    }
    Ok(())
}

async fn until_client_leaves<S: Wire>(stream: &mut S) -> io::Result<Next> {
    stream.flush().await?;
    let mut piece = [0; 1024];
    while stream.read(&mut piece).await? > 0 {}
    Ok(Next::Drop)
}

/// Whether the client has this page already (RFC 9110, 13.1.2 and 13.1.3).
fn is_unchanged(request: &Request, page: &Page) -> bool {
    if page.status != 200 || !matches!(request.method.as_str(), "GET" | "HEAD") {
        return false;
    }
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    match (request.header("if-none-match"), page.header_value("etag")) {
        (Some(known), Some(etag)) => known.split(',').any(|tag| opaque(tag) == opaque(etag)),
        (Some(_), None) => false,
        (None, _) => {
            let known = request.header("if-modified-since");
            known.is_some() && known == page.header_value("last-modified")
        }
    }
}

fn not_modified(page: Page) -> Page {
    let mut headers = page.headers;
    headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    Page {
        headers,
        delay: page.delay,
        ..Page::status(304)
    }
}
