//! The signed part of a time stamp (CMS, RFC 5652, with one signer).

use ring::digest::{self, digest};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::der::{
    BIT_STRING, DerError, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET, Value, context, encode,
};
use super::{EXPLICIT, SHA256, StampError};

/// 1.2.840.113549.1.7.2, `id-signedData`.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4, `id-ct-TSTInfo`.
const TST_INFO: &[u8] = &[
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];
/// 1.2.840.113549.1.9.3, `contentType`.
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4, `messageDigest`.
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// 2.16.840.1.101.3.4.2.2 and .3.
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
/// 1.2.840.113549.1.1: RSA, the next number says which of its ways.
const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// 1.2.840.10045.4.3: ECDSA with SHA-2.
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
/// 1.2.840.10045.3.1.7 and 1.3.132.0.34.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// 1.3.101.112.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 2.5.4.3, 2.5.4.10: common name and organisation.
const NAMES: [&[u8]; 2] = [&[0x55, 0x04, 0x03], &[0x55, 0x04, 0x0a]];
/// 2.5.29.37 with 1.3.6.1.5.5.7.3.8: a key for time stamps.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// Who signed a time stamp, by the certificate in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name in the certificate.
    pub name: String,
    /// Whether its signature was verified: not where its algorithm is unknown here.
    pub is_verified: bool,
}

/// What was signed, by whom, and how.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    /// The time stamp itself, `TSTInfo`.
    pub(super) info: &'a [u8],
    certificates: Vec<Certificate<'a>>,
    signer: Value<'a>,
    hash: &'a [u8],
    attributes: Option<&'a [u8]>,
    algorithm: Reader<'a>,
    signature: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct Certificate<'a> {
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: Reader<'a>,
    /// The key's own algorithm with its parameters.
    kind: Reader<'a>,
    key: &'a [u8],
    is_for_time_stamps: bool,
}

impl<'a> Signed<'a> {
    /// Reads the token that stands next.
    pub(super) fn read(mut answer: Reader<'a>) -> Result<Self, DerError> {
        let mut token = answer.inside(SEQUENCE)?;
        if token.expect(OID)?.content != SIGNED_DATA {
            return Err(DerError("it is not signed"));
        }
        let mut data = token.inside(EXPLICIT)?.inside(SEQUENCE)?;
        data.expect(INTEGER)?;
        data.expect(SET)?;
        let mut content = data.inside(SEQUENCE)?;
        if content.expect(OID)?.content != TST_INFO {
            return Err(DerError("something else is signed"));
        }
        let info = content.inside(EXPLICIT)?.expect(OCTET_STRING)?.content;
        let mut certificates = Vec::new();
        if let Some(set) = data.optional(context(0))? {
            for value in Reader::of(set.content).all()? {
                if value.tag == SEQUENCE {
                    certificates.push(Certificate::read(value.content)?);
                }
            }
        }
        data.optional(context(1))?;
        let mut signers = data.inside(SET)?;
        let mut signer = signers.inside(SEQUENCE)?;
        if !signers.is_empty() {
            return Err(DerError("it has more than one signer"));
        }
        signer.expect(INTEGER)?;
        Ok(Self {
            info,
            certificates,
            signer: signer.value()?,
            hash: signer.inside(SEQUENCE)?.expect(OID)?.content,
            attributes: signer.optional(context(0))?.map(|value| value.content),
            algorithm: signer.inside(SEQUENCE)?,
            signature: signer.expect(OCTET_STRING)?.content,
        })
    }

    /// Verifies the signature with the certificate of the signer, which has to be for time stamps.
    pub(super) fn verify(&self) -> Result<Signer, StampError> {
        let wrong = StampError::Signature;
        let mut certificates = self.certificates.iter();
        let certificate = certificates
            .find(|certificate| self.is_by(certificate))
            .ok_or(wrong("the certificate of its signer is not in it"))?;
        if !certificate.is_for_time_stamps {
            return Err(wrong("its certificate is not one for time stamps"));
        }
        // RFC 3161, 2.4.2: there are always attributes, one of them names the certificate.
        let attributes = self.attributes.ok_or(wrong("it has no attributes"))?;
        let hash = hash(self.hash);
        if let Some(algorithm) = hash {
            check_attributes(attributes, digest(algorithm, self.info).as_ref())?;
        }
        let algorithm = algorithm(self.algorithm, certificate.kind, self.hash)?;
        if let Some(algorithm) = algorithm {
            let key = UnparsedPublicKey::new(algorithm, certificate.key);
            // RFC 5652, 5.4: they are signed as the set that they are.
            let message = encode(SET, &[attributes]);
            key.verify(&message, self.signature)
                .map_err(|_| wrong("it is not by the key of its certificate"))?;
        }
        Ok(Signer {
            name: certificate.name(),
            is_verified: hash.is_some() && algorithm.is_some(),
        })
    }

    fn is_by(&self, certificate: &Certificate<'_>) -> bool {
        // A signer that is named by a hash of its key has the only certificate for time stamps.
        if self.signer.tag != SEQUENCE {
            return certificate.is_for_time_stamps;
        }
        let mut names = Reader::of(self.signer.content);
        let issuer = names.expect(SEQUENCE).map(|value| value.whole);
        let serial = names.expect(INTEGER).map(|value| value.content);
        (issuer, serial) == (Ok(certificate.issuer), Ok(certificate.serial))
    }
}

/// The signed attributes name the content's type and digest.
fn check_attributes(attributes: &[u8], digest: &[u8]) -> Result<(), StampError> {
    let (mut has_type, mut has_digest) = (false, false);
    for attribute in Reader::of(attributes).all()? {
        let mut parts = Reader::of(attribute.content);
        let kind = parts.expect(OID)?.content;
        let value = parts.inside(SET)?.value()?;
        match kind {
            CONTENT_TYPE => has_type = value.content == TST_INFO,
            MESSAGE_DIGEST => has_digest = value.content == digest,
            _ => {}
        }
    }
    if has_type && has_digest {
        Ok(())
    } else {
        Err(StampError::Signature("its content was changed"))
    }
}

impl<'a> Certificate<'a> {
    /// Reads what is inside of a certificate (RFC 5280, 4.1).
    fn read(content: &'a [u8]) -> Result<Self, DerError> {
        let mut body = Reader::of(content).inside(SEQUENCE)?;
        body.optional(context(0))?;
        let serial = body.expect(INTEGER)?.content;
        body.expect(SEQUENCE)?;
        let issuer = body.expect(SEQUENCE)?.whole;
        body.expect(SEQUENCE)?;
        let subject = body.inside(SEQUENCE)?;
        let mut key = body.inside(SEQUENCE)?;
        let kind = key.inside(SEQUENCE)?;
        let Some((0, key)) = key.expect(BIT_STRING)?.content.split_first() else {
            return Err(DerError("a key has a part of a byte"));
        };
        let mut is_for_time_stamps = false;
        for field in body.all()? {
            if field.tag == context(3) {
                is_for_time_stamps = is_for_time_stamps_by(field.content)?;
            }
        }
        Ok(Self {
            serial,
            issuer,
            subject,
            kind,
            key,
            is_for_time_stamps,
        })
    }

    /// The common name of its subject, else the organisation.
    fn name(&self) -> String {
        let parts = self.subject.all().unwrap_or_default();
        let named = |wanted: &[u8]| {
            parts.iter().find_map(|part| {
                let mut pair = Reader::of(part.content).inside(SEQUENCE).ok()?;
                let kind = pair.expect(OID).ok()?;
                let text = pair.value().ok()?;
                (kind.content == wanted).then(|| String::from_utf8_lossy(text.content).into_owned())
            })
        };
        NAMES.into_iter().find_map(named).unwrap_or_default()
    }
}

/// Whether extensions say that the key is for time stamps, and for nothing else (RFC 3161, 2.3).
fn is_for_time_stamps_by(extensions: &[u8]) -> Result<bool, DerError> {
    for extension in Reader::of(extensions).inside(SEQUENCE)?.all()? {
        let mut parts = Reader::of(extension.content);
        if parts.expect(OID)?.content == KEY_USAGE {
            let value = parts.all()?.pop().ok_or(DerError("it is empty"))?;
            let uses = Reader::of(value.content).inside(SEQUENCE)?.all()?;
            return Ok(matches!(uses.as_slice(), [one] if one.content == TIME_STAMPING));
        }
    }
    Ok(false)
}

fn hash(oid: &[u8]) -> Option<&'static digest::Algorithm> {
    match oid {
        SHA256 => Some(&digest::SHA256),
        SHA384 => Some(&digest::SHA384),
        SHA512 => Some(&digest::SHA512),
        _ => None,
    }
}

/// The algorithm of a signature; `None` if it is not known here.
fn algorithm(
    mut signature: Reader<'_>,
    mut key: Reader<'_>,
    hash: &[u8],
) -> Result<Option<&'static dyn VerificationAlgorithm>, DerError> {
    let oid = signature.expect(OID)?.content;
    let kind = key.expect(OID)?.content;
    let curve = key.optional(OID)?.map(|value| value.content);
    // Plain RSA leaves the hash to the signer's own field.
    let rsa = match (oid.strip_prefix(PKCS1), hash) {
        (Some([11]), _) | (Some([1]), SHA256) => Some(11),
        (Some([12]), _) | (Some([1]), SHA384) => Some(12),
        (Some([13]), _) | (Some([1]), SHA512) => Some(13),
        _ => None,
    };
    let known: Option<&'static dyn VerificationAlgorithm> =
        match (rsa, oid.strip_prefix(ECDSA), curve) {
            (Some(11), ..) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
            (Some(12), ..) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
            (Some(_), ..) => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
            (_, Some([2]), Some(P256)) => Some(&signature::ECDSA_P256_SHA256_ASN1),
            (_, Some([3]), Some(P256)) => Some(&signature::ECDSA_P256_SHA384_ASN1),
            (_, Some([2]), Some(P384)) => Some(&signature::ECDSA_P384_SHA256_ASN1),
            (_, Some([3]), Some(P384)) => Some(&signature::ECDSA_P384_SHA384_ASN1),
            _ if oid == ED25519 && kind == ED25519 => Some(&signature::ED25519),
            _ => None,
        };
    Ok(known)
}
