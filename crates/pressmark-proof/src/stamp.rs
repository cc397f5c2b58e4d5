//! Time stamps of an authority over checkpoints (RFC 3161): what is asked, and what is answered.
//!
//! The signature of a time stamp is verified with the certificate that it brings along. Whether
//! that certificate is one to believe, its chain up to the authority tells: that is for
//! `openssl ts -verify`, and for whoever trusts that authority.

mod der;
mod signed;

use pressmark_model::{Digest, OffsetTimestamp, Timestamp};

pub use self::der::DerError;
use self::der::{
    BOOLEAN, GENERALIZED_TIME, INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE, context, encode,
};
use self::signed::Signed;
pub use self::signed::Signer;

/// 2.16.840.1.101.3.4.2.1.
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

/// An answer that is no time stamp of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Not in the form of an answer.
    #[error(transparent)]
    Form(#[from] DerError),
    /// The authority gave none.
    #[error("the authority refused (status {status}): {text}")]
    Refused {
        /// `PKIStatus` (RFC 3161, 2.4.2).
        status: u8,
        /// What it said.
        text: String,
    },
    /// It is over something else.
    #[error("the time stamp is over something else")]
    OtherImprint,
    /// It answers another question.
    #[error("the time stamp answers another question: its nonce is not the one that was sent")]
    OtherNonce,
    /// Its signature does not hold.
    #[error("the signature of the time stamp is wrong: {0}")]
    Signature(&'static str),
}

/// What an authority is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampQuery {
    imprint: Digest,
    nonce: u64,
}

/// What an authority said: that it saw these bytes at this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When, by the clock of the authority.
    pub at: Timestamp,
    /// SHA-256 of what it saw.
    pub imprint: Digest,
    /// Who signed it.
    pub signer: Signer,
    nonce: Option<Vec<u8>>,
}

impl StampQuery {
    /// The question for a time stamp over these bytes: those of a checkpoint, signatures included.
    /// The nonce is random.
    pub fn new(checkpoint: &[u8], nonce: u64) -> Self {
        Self {
            imprint: Digest::of(checkpoint),
            nonce,
        }
    }

    /// The question as it is sent, `application/timestamp-query` (RFC 3161, 2.4.1). The certificate
    /// is asked for.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = encode(SEQUENCE, &[&encode(OID, &[SHA256]), &encode(NULL, &[])]);
        let hash = encode(OCTET_STRING, &[self.imprint.as_bytes()]);
        let imprint = encode(SEQUENCE, &[&algorithm, &hash]);
        let version = encode(INTEGER, &[&[1]]);
        let nonce = encode(INTEGER, &[&integer(self.nonce)]);
        let with_certificate = encode(BOOLEAN, &[&[0xff]]);
        encode(SEQUENCE, &[&version, &imprint, &nonce, &with_certificate])
    }

    /// The time stamp in an answer, if it answers this question.
    pub fn judge(&self, answer: &[u8]) -> Result<Stamp, StampError> {
        let stamp = Stamp::from_bytes(answer)?;
        if stamp.imprint != self.imprint {
            return Err(StampError::OtherImprint);
        }
        if stamp.nonce.as_deref() != Some(&integer(self.nonce)) {
            return Err(StampError::OtherNonce);
        }
        Ok(stamp)
    }
}

/// A number as the content of an INTEGER: no more bytes than it takes, and none that make it
/// negative.
fn integer(number: u64) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(number.to_be_bytes());
    while let [0, next, ..] = bytes.as_slice()
        && *next < 0x80
    {
        bytes.remove(0);
    }
    bytes
}

impl Stamp {
    /// Reads an answer (`.tsr`, RFC 3161, 2.4.2) and verifies its signature.
    pub fn from_bytes(answer: &[u8]) -> Result<Self, StampError> {
        let mut outer = Reader::of(answer);
        let mut answer = outer.inside(SEQUENCE)?;
        if !outer.is_empty() {
            return Err(DerError("something follows").into());
        }
        let mut said = answer.inside(SEQUENCE)?;
        match said.expect(INTEGER)?.content {
            [0 | 1] => {}
            other => return Err(refusal(other, said)),
        }
        let token = Signed::read(answer)?;
        let signer = token.verify()?;
        let mut info = Reader::of(token.info).inside(SEQUENCE)?;
        info.expect(INTEGER)?;
        info.expect(OID)?;
        let mut imprint = info.inside(SEQUENCE)?;
        let algorithm = imprint.inside(SEQUENCE)?.expect(OID)?;
        let hash = imprint.expect(OCTET_STRING)?.content;
        let hash = <[u8; 32]>::try_from(hash).ok();
        let (SHA256, Some(hash)) = (algorithm.content, hash) else {
            return Err(StampError::OtherImprint);
        };
        info.expect(INTEGER)?;
        let at = time(info.expect(GENERALIZED_TIME)?.content)?;
        info.optional(SEQUENCE)?;
        info.optional(BOOLEAN)?;
        let nonce = info.optional(INTEGER)?;
        Ok(Self {
            at,
            imprint: Digest::from_bytes(hash),
            signer,
            nonce: nonce.map(|nonce| nonce.content.to_vec()),
        })
    }

    /// Whether it is over these bytes.
    pub fn covers(&self, checkpoint: &[u8]) -> bool {
        self.imprint == Digest::of(checkpoint)
    }
}

fn refusal(status: &[u8], mut said: Reader<'_>) -> StampError {
    let mut texts = Vec::new();
    if let Ok(Some(text)) = said.optional(SEQUENCE)
        && let Ok(lines) = Reader::of(text.content).all()
    {
        texts.extend(
            lines
                .iter()
                .map(|line| String::from_utf8_lossy(line.content).into_owned()),
        );
    }
    StampError::Refused {
        status: status.last().copied().unwrap_or(u8::MAX),
        text: if texts.is_empty() {
            "it gave no reason".to_owned()
        } else {
            texts.join(", ")
        },
    }
}

/// `YYYYMMDDhhmmss[.f…]Z`.
fn time(text: &[u8]) -> Result<Timestamp, DerError> {
    const WRONG: DerError = DerError("its time cannot be read");
    let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
    let parts = [0..4, 4..6, 6..8, 8..10, 10..12, 12..text.len()];
    let parts = parts.map(|part| text.get(part).unwrap_or_default());
    let [year, month, day, hour, minute, rest] = parts;
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{rest}");
    let at: OffsetTimestamp = text.parse().map_err(|_| WRONG)?;
    Ok(at.at())
}

/// The tag of what a `ContentInfo` holds.
const EXPLICIT: u8 = context(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_bytes_as_they_need() {
        assert_eq!(integer(0), [0]);
        assert_eq!(integer(127), [127]);
        assert_eq!(integer(128), [0, 128]);
        assert_eq!(integer(256), [1, 0]);
        assert_eq!(
            integer(u64::MAX),
            [0, 255, 255, 255, 255, 255, 255, 255, 255]
        );
    }

    #[test]
    fn times_are_read_with_their_fractions() {
        let at = |text: &str| time(text.as_bytes()).map(|at| at.to_string());
        assert_eq!(at("20260131235958Z").unwrap(), "2026-01-31T23:59:58Z");
        assert_eq!(at("20260131235958.25Z").unwrap(), "2026-01-31T23:59:58.25Z");
        for wrong in [
            "",
            "2026",
            "20261331235958Z",
            "20260131235958",
            "２0260131235958Z",
        ] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_says_why() {
        let text = encode(0x0c, &[b"not today"]);
        let status = encode(INTEGER, &[&[2]]);
        let said = encode(SEQUENCE, &[&status, &encode(SEQUENCE, &[&text])]);
        let refused = Stamp::from_bytes(&encode(SEQUENCE, &[&said])).unwrap_err();
        let told = "the authority refused (status 2): not today";
        assert_eq!(refused.to_string(), told);
        assert!(Stamp::from_bytes(b"<html>").is_err());
    }
}
