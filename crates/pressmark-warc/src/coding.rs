//! HTTP content codings (RFC 9110, 8.4.1; RFC 7932; RFC 8878): one layer, with a cap on what comes
//! out, so that a small body cannot become a large one in memory.

use std::io::{self, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// A content coding that can be taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// None.
    Identity,
    /// `gzip`, also named `x-gzip`; one or more members.
    Gzip,
    /// `deflate`: zlib, or the bare deflate that some servers send under this name.
    Deflate,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

/// A body with its content coding taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The content.
    pub bytes: Vec<u8>,
    /// Whether the coded stream came to its end; if not, `bytes` is what could be read before.
    pub whole: bool,
}

/// A body whose content coding cannot be taken off.
#[derive(Debug, thiserror::Error)]
pub enum CodingError {
    /// A coding that is not known here.
    #[error("the content coding `{0}` is not known")]
    Unknown(String),
    /// More than one coding.
    #[error("the content is coded more than once: `{0}`")]
    Layers(String),
    /// More comes out than is wanted.
    #[error("the content is longer than {max} bytes when decoded")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// The bytes are not what the coding says.
    #[error("the content is not valid {coding:?}")]
    Corrupt {
        /// The coding.
        coding: Coding,
        /// What the decoder said.
        source: io::Error,
    },
}

/// The largest zstd window that a server may ask for, as a power of two (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

impl Coding {
    /// What to send as `Accept-Encoding`.
    pub const ACCEPT: &str = "gzip, deflate, br, zstd";

    /// The coding that the values of `Content-Encoding` name. Charsets and transfer encodings of
    /// mail, which some servers put there, count as none, as browsers have it.
    pub fn of_header<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Self, CodingError> {
        let mut names = values
            .into_iter()
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| {
                !matches!(
                    name.as_str(),
                    "" | "identity" | "none" | "utf-8" | "utf8" | "8bit" | "binary"
                )
            });
        let Some(first) = names.next() else {
            return Ok(Self::Identity);
        };
        if let Some(second) = names.next() {
            return Err(CodingError::Layers(format!("{first}, {second}")));
        }
        match first.as_str() {
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "br" => Ok(Self::Brotli),
            "zstd" => Ok(Self::Zstd),
            _ => Err(CodingError::Unknown(first)),
        }
    }
}

/// Takes `coding` off `body`. At most `max` bytes come out; memory stays near that, whatever the
/// body claims. An empty body is empty in every coding.
pub fn decode(coding: Coding, body: &[u8], max: usize) -> Result<Decoded, CodingError> {
    if body.is_empty() {
        return Ok(Decoded {
            bytes: Vec::new(),
            whole: true,
        });
    }
    let mut sink = Sink {
        coding,
        max,
        bytes: Vec::new(),
    };
    let whole = match coding {
        Coding::Identity => sink.fill(body)?,
        Coding::Gzip => sink.fill_members(body)?,
        // The low half of the first byte of zlib is 8; a bare stream that begins so would have
        // padding that no encoder writes.
        Coding::Deflate if body.first().is_some_and(|byte| byte & 0x0f == 8) => {
            sink.fill(ZlibDecoder::new(body))?
        }
        Coding::Deflate => sink.fill(DeflateDecoder::new(body))?,
        Coding::Brotli => sink.fill(Brotli::new(body))?,
        Coding::Zstd => {
            let corrupt = |source| CodingError::Corrupt { coding, source };
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(corrupt)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(corrupt)?;
            sink.fill(decoder)?
        }
    };
    Ok(Decoded {
        bytes: sink.bytes,
        whole,
    })
}

struct Sink {
    coding: Coding,
    max: usize,
    bytes: Vec<u8>,
}

impl Sink {
    /// Reads to the end, and says whether the stream had one.
    fn fill(&mut self, mut reader: impl Read) -> Result<bool, CodingError> {
        let mut piece = [0; 16 * 1024];
        loop {
            let read = match reader.read(&mut piece) {
                Ok(0) => return Ok(true),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(source) => {
                    return Err(CodingError::Corrupt {
                        coding: self.coding,
                        source,
                    });
                }
            };
            if read > self.max.saturating_sub(self.bytes.len()) {
                return Err(CodingError::TooLarge { max: self.max });
            }
            self.bytes
                .extend_from_slice(piece.get(..read).unwrap_or_default());
        }
    }

    /// Reads gzip members; what follows the last one is not looked at, as browsers have it.
    fn fill_members(&mut self, body: &[u8]) -> Result<bool, CodingError> {
        let mut rest = body;
        loop {
            let mut member = GzDecoder::new(rest);
            if !self.fill(&mut member)? {
                return Ok(false);
            }
            rest = member.into_inner();
            if !rest.starts_with(&[0x1f, 0x8b]) {
                return Ok(true);
            }
        }
    }
}

/// A brotli stream in memory. Unlike the reader of its crate it refuses windows of more than
/// 16 MiB (RFC 7932, 9.1) and tells a cut stream from a corrupt one.
struct Brotli<'a> {
    rest: &'a [u8],
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
}

impl<'a> Brotli<'a> {
    fn new(rest: &'a [u8]) -> Self {
        let alloc = StandardAlloc::default;
        Self {
            rest,
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
        }
    }
}

impl Read for Brotli<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (mut available_in, mut used) = (self.rest.len(), 0);
        let (mut available_out, mut written, mut total) = (into.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut used,
            self.rest,
            &mut available_out,
            &mut written,
            into,
            &mut total,
            &mut self.state,
        );
        self.rest = self.rest.get(used..).unwrap_or_default();
        match result {
            _ if written > 0 => Ok(written),
            BrotliResult::ResultSuccess => Ok(0),
            BrotliResult::NeedsMoreInput => Err(io::ErrorKind::UnexpectedEof.into()),
            BrotliResult::NeedsMoreOutput => Err(io::ErrorKind::WriteZero.into()),
            BrotliResult::ResultFailure => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(content: &[u8]) -> Vec<u8> {
        let mut coded = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut coded, 4096, 5, 22);
        encoder.write_all(content).unwrap();
        drop(encoder);
        coded
    }

    fn every_coding(content: &[u8]) -> Vec<(Coding, Vec<u8>)> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(content).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(content).unwrap();
        vec![
            (Coding::Gzip, gzip(content)),
            (Coding::Deflate, zlib.finish().unwrap()),
            (Coding::Deflate, raw.finish().unwrap()),
            (Coding::Brotli, brotli(content)),
            (Coding::Zstd, zstd::encode_all(content, 3).unwrap()),
        ]
    }

    #[test]
    fn every_coding_comes_off() {
        let content = "All the news that is fit to print. "
            .repeat(999)
            .into_bytes();
        for (coding, coded) in every_coding(&content) {
            let decoded = decode(coding, &coded, content.len()).unwrap();
            assert!(decoded.whole && decoded.bytes == content, "{coding:?}");
            let small = decode(coding, &coded, content.len() - 1);
            assert!(
                matches!(small, Err(CodingError::TooLarge { .. })),
                "{coding:?}"
            );
            assert_eq!(decode(coding, b"", 0).unwrap().bytes, b"");
        }
        assert_eq!(
            decode(Coding::Identity, &content, content.len())
                .unwrap()
                .bytes,
            content
        );
    }

    #[test]
    fn a_cut_stream_gives_what_it_has_and_says_so() {
        let content: Vec<u8> = (0..60_000_u64)
            .flat_map(|n| (n * n).to_le_bytes())
            .collect();
        for (coding, coded) in every_coding(&content) {
            for cut in [1, coded.len() / 2, coded.len() - 1] {
                let decoded = decode(coding, &coded[..cut], usize::MAX).unwrap();
                assert!(!decoded.whole, "{coding:?} cut at {cut}");
                assert!(
                    content.starts_with(&decoded.bytes),
                    "{coding:?} cut at {cut}"
                );
            }
            let half = decode(coding, &coded[..coded.len() / 2], usize::MAX).unwrap();
            assert!(
                half.bytes.len() > 10_000,
                "{coding:?}: {}",
                half.bytes.len()
            );
        }
    }

    #[test]
    fn garbage_is_an_error_in_every_coding() {
        for (coding, garbage) in [
            (Coding::Gzip, b"<html>plain text</html>".as_slice()),
            (Coding::Deflate, b"\x78\x9c<html>plain text</html>"),
            (Coding::Deflate, b"\xff\xff\xff\xff"),
            (Coding::Brotli, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
            (Coding::Zstd, b"<html>plain text</html>"),
        ] {
            let error = decode(coding, garbage, 1000);
            assert!(
                matches!(error, Err(CodingError::Corrupt { .. })),
                "{coding:?} {error:?}"
            );
        }
        let mut flipped = gzip(b"some content that has a checksum");
        let last = flipped.len() - 8;
        flipped[last] ^= 1;
        assert!(matches!(
            decode(Coding::Gzip, &flipped, 99),
            Err(CodingError::Corrupt { .. })
        ));
    }

    #[test]
    fn gzip_members_are_joined_and_what_follows_them_is_ignored() {
        let two = [gzip(b"one "), gzip(b"two"), b"\0\0 padding".to_vec()].concat();
        let decoded = decode(Coding::Gzip, &two, 7).unwrap();
        assert_eq!(
            (decoded.bytes.as_slice(), decoded.whole),
            (b"one two".as_slice(), true)
        );
    }

    #[test]
    fn a_brotli_window_larger_than_the_web_allows_is_refused() {
        let mut coded = Vec::new();
        let params = brotli::enc::BrotliEncoderParams {
            quality: 5,
            lgwin: 27,
            large_window: true,
            ..Default::default()
        };
        let mut encoder = brotli::CompressorWriter::with_params(&mut coded, 4096, &params);
        encoder.write_all(&vec![7; 100_000]).unwrap();
        drop(encoder);
        let refused = decode(Coding::Brotli, &coded, 1_000_000);
        assert!(
            matches!(refused, Err(CodingError::Corrupt { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn a_zstd_window_larger_than_the_web_allows_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[0; 100]).unwrap();
        let coded = encoder.finish().unwrap();
        assert!(matches!(
            decode(Coding::Zstd, &coded, 1000),
            Err(CodingError::Corrupt { .. })
        ));
    }

    #[test]
    fn the_header_names_one_coding_or_none() {
        for (values, coding) in [
            (&[][..], Coding::Identity),
            (&["identity"], Coding::Identity),
            (&["UTF-8"], Coding::Identity),
            (&["GZip"], Coding::Gzip),
            (&["identity, br"], Coding::Brotli),
            (&["", "zstd"], Coding::Zstd),
        ] {
            assert_eq!(
                Coding::of_header(values.iter().copied()).unwrap(),
                coding,
                "{values:?}"
            );
        }
        let layers = Coding::of_header(["gzip", "br"]).unwrap_err();
        assert_eq!(
            layers.to_string(),
            "the content is coded more than once: `gzip, br`"
        );
        let unknown = Coding::of_header(["compress"]).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "the content coding `compress` is not known"
        );
    }
}
