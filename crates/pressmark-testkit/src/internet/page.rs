//! What a site answers: a response, and the ways in which it can misbehave.

use std::io::{self, Read, Write as _};
use std::time::Duration;

use bytes::Bytes;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// gzip.
    Gzip,
    /// deflate, as zlib (RFC 9110, 8.4.1.2).
    Deflate,
    /// deflate without the zlib frame, as some servers send it.
    RawDeflate,
    /// brotli.
    Brotli,
    /// zstd.
    Zstd,
}

/// One answer to one request.
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    pub(super) framing: Framing,
    pub(super) delay: Duration,
    pub(super) drip: Option<(usize, Duration)>,
    pub(super) ending: Ending,
    pub(super) raw: bool,
}

/// How the end of the body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length,
    Declared(u64),
    Chunked(usize),
    Close,
}

/// What happens after so many bytes of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Whole,
    Reset(usize),
    Close(usize),
    Stall(usize),
    StallBeforeHead,
}

/// An item of a feed made by [`Page::rss`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Item<'a> {
    /// Left out if empty.
    pub guid: &'a str,
    /// An absolute address.
    pub link: &'a str,
    /// The title.
    pub title: &'a str,
    /// HTML, written into `description`.
    pub summary: &'a str,
    /// An RFC 822 date; left out if empty.
    pub published: &'a str,
}

impl Page {
    /// An empty answer with this status.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            framing: Framing::Length,
            delay: Duration::ZERO,
            drip: None,
            ending: Ending::Whole,
            raw: false,
        }
    }

    /// 200 with these bytes.
    pub fn bytes(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::status(200)
            .body(body)
            .header("Content-Type", content_type)
    }

    /// An HTML page in UTF-8.
    pub fn html(text: impl Into<String>) -> Self {
        Self::bytes("text/html; charset=utf-8", text.into())
    }

    /// Plain text in UTF-8.
    pub fn text(text: impl Into<String>) -> Self {
        Self::bytes("text/plain; charset=utf-8", text.into())
    }

    /// An XML document, such as a feed.
    pub fn xml(text: impl Into<String>) -> Self {
        Self::bytes("application/xml", text.into())
    }

    /// An RSS 2.0 feed of the pages below `home`, which ends in a slash, that have these names and
    /// titles.
    pub fn rss_of(title: &str, home: &str, names: &[&str]) -> Self {
        let links: Vec<String> = names.iter().map(|name| format!("{home}{name}")).collect();
        let items: Vec<Item<'_>> = names
            .iter()
            .zip(&links)
            .map(|(title, link)| Item {
                link,
                title,
                ..Item::default()
            })
            .collect();
        Self::rss(title, home, &items)
    }

    /// An RSS 2.0 feed.
    pub fn rss(title: &str, home: &str, items: &[Item<'_>]) -> Self {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\
             <title>{}</title><link>{}</link><description>news</description>\n",
            escape(title),
            escape(home)
        );
        for item in items {
            xml.push_str("<item>");
            for (name, text) in [
                ("title", item.title),
                ("link", item.link),
                ("guid", item.guid),
                ("pubDate", item.published),
                ("description", item.summary),
            ] {
                if !text.is_empty() {
                    xml.extend(["<", name, ">", &escape(text), "</", name, ">"]);
                }
            }
            xml.push_str("</item>\n");
        }
        xml.push_str("</channel></rss>\n");
        Self::bytes("application/rss+xml; charset=utf-8", xml)
    }

    /// A redirect to an address, absolute or not.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// The page of a service that asks whether a browser is there.
    pub fn challenge() -> Self {
        Self::html(
            "<!doctype html><title>Just a moment...</title>\
             <p>Checking your browser. Enable JavaScript and cookies to continue.",
        )
        .with_status(403)
        .header("Server", "cloudflare")
        .header("cf-mitigated", "challenge")
    }

    /// A small body that decodes to `decoded` bytes.
    pub fn bomb(coding: Coding, decoded: u64) -> Self {
        let body = encode(coding, &mut io::repeat(b' ').take(decoded));
        Self::bytes("text/html", body).header("Content-Encoding", coding.name())
    }

    /// These bytes on the wire, in place of a response; then the connection is closed.
    pub fn raw(wire: impl Into<Bytes>) -> Self {
        Self {
            raw: true,
            framing: Framing::Close,
            ..Self::status(200).body(wire)
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with another body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }

    /// One more header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another `Content-Type`, true or not.
    #[must_use]
    pub fn content_type(mut self, value: &str) -> Self {
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        self.header("Content-Type", value)
    }

    /// With this `ETag`, quotes included; a request that names it is answered 304.
    #[must_use]
    pub fn etag(self, value: &str) -> Self {
        self.header("ETag", value)
    }

    /// With this `Last-Modified`; a request that repeats it is answered 304.
    #[must_use]
    pub fn last_modified(self, value: &str) -> Self {
        self.header("Last-Modified", value)
    }

    /// With this content coding, whatever the request accepts.
    #[must_use]
    pub fn coded(self, coding: Coding) -> Self {
        let body = encode(coding, &mut self.body.as_ref());
        self.body(body).header("Content-Encoding", coding.name())
    }

    /// Coded with gzip.
    #[must_use]
    pub fn gzip(self) -> Self {
        self.coded(Coding::Gzip)
    }

    /// In chunks of this many bytes, at least one.
    #[must_use]
    pub fn chunked(self, size: usize) -> Self {
        Self {
            framing: Framing::Chunked(size.max(1)),
            ..self
        }
    }

    /// Without a length: the end of the connection is the end of the body.
    #[must_use]
    pub fn until_close(self) -> Self {
        Self {
            framing: Framing::Close,
            ..self
        }
    }

    /// With this `Content-Length`, true or not; the connection is closed after the body.
    #[must_use]
    pub fn declared_length(self, bytes: u64) -> Self {
        Self {
            framing: Framing::Declared(bytes),
            ..self
        }
    }

    /// Only after a while.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The body in pieces of this many bytes, one at a time, with a pause before each.
    #[must_use]
    pub fn drip(self, bytes: usize, pause: Duration) -> Self {
        Self {
            drip: Some((bytes.max(1), pause)),
            ..self
        }
    }

    /// Resets the connection (RST) after this many bytes of the body.
    #[must_use]
    pub fn reset_after(self, bytes: usize) -> Self {
        Self {
            ending: Ending::Reset(bytes),
            ..self
        }
    }

    /// Closes the connection in good order (FIN) after this many bytes of the body.
    #[must_use]
    pub fn close_after(self, bytes: usize) -> Self {
        Self {
            ending: Ending::Close(bytes),
            ..self
        }
    }

    /// Says nothing more after this many bytes of the body, until the client leaves.
    #[must_use]
    pub fn stall_after(self, bytes: usize) -> Self {
        Self {
            ending: Ending::Stall(bytes),
            ..self
        }
    }

    /// Never answers: not even the status line comes.
    #[must_use]
    pub fn stall(self) -> Self {
        Self {
            ending: Ending::StallBeforeHead,
            ..self
        }
    }

    pub(super) fn header_value(&self, name: &str) -> Option<&str> {
        let mut same = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate | Self::RawDeflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn encode(coding: Coding, content: &mut dyn Read) -> Vec<u8> {
    use flate2::{Compression, write};
    let level = Compression::default();
    let coded = match coding {
        Coding::Gzip => {
            let mut encoder = write::GzEncoder::new(Vec::new(), level);
            io::copy(content, &mut encoder).and_then(|_| encoder.finish())
        }
        Coding::Deflate => {
            let mut encoder = write::ZlibEncoder::new(Vec::new(), level);
            io::copy(content, &mut encoder).and_then(|_| encoder.finish())
        }
        Coding::RawDeflate => {
            let mut encoder = write::DeflateEncoder::new(Vec::new(), level);
            io::copy(content, &mut encoder).and_then(|_| encoder.finish())
        }
        Coding::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 5, 22);
            let copied = io::copy(content, &mut encoder).and_then(|_| encoder.flush());
            copied.map(|()| encoder.into_inner())
        }
        Coding::Zstd => zstd::stream::encode_all(content, 3),
    };
    coded.expect("content is coded in memory")
}
