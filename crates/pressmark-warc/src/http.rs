//! Reading back the HTTP/1.1 messages that request and response records hold (RFC 9112).

use std::borrow::Cow;

use httparse::{EMPTY_HEADER, ParserConfig, Status};

use crate::coding::{self, Coding, CodingError, Decoded};

/// A response as it was on the wire, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse<'a> {
    /// The status code.
    pub status: u16,
    /// The reason phrase, often empty.
    pub reason: String,
    /// The header fields in their order, repeated ones too. Values that are no UTF-8 are read as
    /// ISO-8859-1.
    pub headers: Vec<(String, String)>,
    /// The content, with the chunked transfer coding taken off; content codings are still on.
    pub body: Cow<'a, [u8]>,
    /// Whether the content is all that its framing promised.
    pub whole: bool,
}

/// Bytes that are no HTTP/1.x response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// They end before the headers do.
    #[error("the HTTP response ends within its headers")]
    HeadCut,
    /// They cannot be read.
    #[error("not an HTTP response: {0}")]
    Malformed(httparse::Error),
}

/// An HTTP message in two: status or request line with the headers and the blank line after them,
/// and the rest.
pub fn split_head(message: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        end += line.len();
        if line.ends_with(b"\n") && line.trim_ascii().is_empty() {
            break;
        }
    }
    message.split_at_checked(end).unwrap_or((message, &[]))
}

/// The last response in these bytes: interim ones before it (RFC 9110, 15.2), such as `103 Early
/// Hints`, are left out. A record must begin with the response that it is about.
pub fn final_response(wire: &[u8]) -> &[u8] {
    let mut rest = wire;
    loop {
        let (head, body) = split_head(rest);
        let interim = head.starts_with(b"HTTP/1.")
            && head.get(8..10) == Some(b" 1")
            && head.get(10..12) != Some(b"01");
        if !interim || body.is_empty() {
            return rest;
        }
        rest = body;
    }
}

impl<'a> HttpResponse<'a> {
    /// Takes apart the block of a response record. A body that was cut is no error: see `whole`.
    pub fn parse(block: &'a [u8]) -> Result<Self, HttpError> {
        let block = final_response(block);
        let (status, reason, headers, rest) = parse_head(block)?;
        let mut response = Self {
            status,
            reason,
            headers,
            body: Cow::Borrowed(rest),
            whole: true,
        };
        let chunked = response
            .header_values("transfer-encoding")
            .flat_map(|value| value.split(','))
            .last()
            .is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"));
        let length = response
            .header("content-length")
            .and_then(|value| value.split(',').next()?.trim().parse::<usize>().ok());
        if matches!(status, 100..=199 | 204 | 304) {
            response.body = Cow::Borrowed(&[]);
        } else if chunked {
            let (body, whole) = dechunk(rest);
            response.body = Cow::Owned(body);
            response.whole = whole;
        } else if let Some(length) = length {
            response.body = Cow::Borrowed(rest.get(..length).unwrap_or(rest));
            response.whole = rest.len() >= length;
        }
        Ok(response)
    }

    /// The values of this header, in order; the name in any case.
    pub fn header_values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let same = move |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of this header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut same = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }

    /// The content with its content coding taken off, at most `max` bytes of it.
    pub fn decoded_body(&self, max: usize) -> Result<Decoded, CodingError> {
        let coding = Coding::of_header(self.header_values("content-encoding"))?;
        let decoded = coding::decode(coding, &self.body, max)?;
        Ok(Decoded {
            whole: decoded.whole && self.whole,
            ..decoded
        })
    }
}

type Head<'a> = (u16, String, Vec<(String, String)>, &'a [u8]);

fn parse_head(block: &[u8]) -> Result<Head<'_>, HttpError> {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let mut room = 64;
    loop {
        let mut headers = vec![EMPTY_HEADER; room];
        let mut response = httparse::Response::new(&mut headers);
        match config.parse_response(&mut response, block) {
            Ok(Status::Complete(end)) => {
                let status = response.code.unwrap_or_default();
                let reason = response.reason.unwrap_or_default().to_owned();
                let text = |bytes: &[u8]| match str::from_utf8(bytes) {
                    Ok(text) => text.to_owned(),
                    Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
                };
                let headers = response
                    .headers
                    .iter()
                    .map(|field| (field.name.to_owned(), text(field.value)))
                    .collect();
                return Ok((
                    status,
                    reason,
                    headers,
                    block.get(end..).unwrap_or_default(),
                ));
            }
            Ok(Status::Partial) => return Err(HttpError::HeadCut),
            Err(httparse::Error::TooManyHeaders) if room < 4096 => room *= 4,
            Err(error) => return Err(HttpError::Malformed(error)),
        }
    }
}

/// The content of a chunked body (RFC 9112, 7.1), and whether its last chunk is there.
fn dechunk(wire: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::with_capacity(wire.len());
    let mut rest = wire;
    while let Ok(Status::Complete((start, size))) = httparse::parse_chunk_size(rest) {
        if size == 0 {
            return (body, true);
        }
        let data = rest.get(start..).unwrap_or_default();
        let Some((chunk, after)) = usize::try_from(size)
            .ok()
            .and_then(|n| data.split_at_checked(n))
        else {
            body.extend_from_slice(data);
            return (body, false);
        };
        body.extend_from_slice(chunk);
        let Some(next) = after
            .strip_prefix(b"\r\n")
            .or_else(|| after.strip_prefix(b"\n"))
        else {
            return (body, false);
        };
        rest = next;
    }
    (body, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_keep_their_order_and_their_repetitions() {
        let block =
            b"HTTP/1.1 200 Ja, gut\r\nSet-Cookie: a\r\nX: caf\xe9\r\nset-cookie: b\r\n\r\nbody";
        let response = HttpResponse::parse(block).unwrap();
        assert_eq!(
            (response.status, response.reason.as_str()),
            (200, "Ja, gut")
        );
        assert_eq!(
            response.header_values("Set-Cookie").collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(response.header("x"), Some("café"));
        assert_eq!(response.body, b"body".as_slice());
        assert!(response.whole);
    }

    #[test]
    fn a_body_is_whole_or_said_to_be_cut() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        for (head, rest, body, whole) in [
            (
                chunked,
                "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n",
                "abcde",
                true,
            ),
            (chunked, "3\r\nabc\r\n", "abc", false),
            (chunked, "3\r\nabc\r\n5\r\nde", "abcde", false),
            (chunked, "3\r\nabcd", "abc", false),
            (chunked, "ffffffffffffffff\r\nab", "ab", false),
            (chunked, "no chunks", "", false),
            (length, "abcd", "abcd", true),
            (length, "abcdef", "abcd", true),
            (length, "abc", "abc", false),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
                "abc",
                "abc",
                true,
            ),
            ("HTTP/1.0 200 OK\r\n\r\n", "to the end", "to the end", true),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
                "",
                "",
                true,
            ),
        ] {
            let block = format!("{head}{rest}");
            let response = HttpResponse::parse(block.as_bytes()).unwrap();
            assert_eq!(response.body, body.as_bytes(), "{block}");
            assert_eq!(response.whole, whole, "{block}");
        }
    }

    #[test]
    fn interim_responses_are_passed_over() {
        let last = "HTTP/1.1 200 OK\r\n\r\nx";
        let wire = format!(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{last}"
        );
        assert_eq!(final_response(wire.as_bytes()), last.as_bytes());
        assert_eq!(HttpResponse::parse(wire.as_bytes()).unwrap().status, 200);
        let upgrade = b"HTTP/1.1 101 Switching Protocols\r\n\r\nraw";
        assert_eq!(final_response(upgrade), upgrade);
    }

    #[test]
    fn a_head_with_many_headers_is_read() {
        let many = "H: 1\r\n".repeat(500);
        let block = format!("HTTP/1.1 200 OK\r\n{many}\r\n");
        assert_eq!(
            HttpResponse::parse(block.as_bytes()).unwrap().headers.len(),
            500
        );
    }

    #[test]
    fn what_is_no_response_is_an_error() {
        for (block, error) in [
            ("", HttpError::HeadCut),
            ("HTTP/1.1 200 OK\r\nA: b\r\n", HttpError::HeadCut),
            ("<html>", HttpError::Malformed(httparse::Error::Version)),
            (
                "HTTP/1.1 2x0 OK\r\n\r\n",
                HttpError::Malformed(httparse::Error::Status),
            ),
        ] {
            assert_eq!(HttpResponse::parse(block.as_bytes()), Err(error), "{block}");
        }
    }

    #[test]
    fn the_content_coding_is_taken_off_and_a_cut_is_told() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"hello hello hello").unwrap();
        let coded = gzip.finish().unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            coded.len()
        );
        let block = [head.as_bytes(), &coded].concat();
        let response = HttpResponse::parse(&block).unwrap();
        let decoded = response.decoded_body(17).unwrap();
        assert_eq!(decoded.bytes, b"hello hello hello");
        assert!(decoded.whole);
        assert!(matches!(
            response.decoded_body(16),
            Err(CodingError::TooLarge { max: 16 })
        ));
        let cut = HttpResponse::parse(&block[..block.len() - 1]).unwrap();
        assert!(!cut.decoded_body(99).unwrap().whole);
    }
}
