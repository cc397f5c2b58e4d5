//! Time stamps that `openssl ts` made, each with a certificate of its own.

use pressmark_proof::{Stamp, StampError, StampQuery};

const CHECKPOINT: &[u8] = b"log.example/news\n1\nbm90IGEgcm9vdCwgYnV0IGl0cyBmb3JtIGlzIHJpZ2g=\n\n";
const NONCE: u64 = 0x0123_4567_89ab_cdef;
const RSA: &[u8] = include_bytes!("../data/rsa.tsr");
const P256: &[u8] = include_bytes!("../data/p256.tsr");
/// Signed with SHA-512, which is not known here for this curve.
const P384: &[u8] = include_bytes!("../data/p384.tsr");

#[test]
fn a_time_stamp_is_read_and_its_signature_verified() {
    for (answer, is_verified) in [(RSA, true), (P256, true), (P384, false)] {
        let stamp = StampQuery::new(CHECKPOINT, NONCE).judge(answer).unwrap();
        assert_eq!(stamp.at.to_string(), "2026-11-23T00:19:47Z");
        assert_eq!(stamp.signer.name, "Test TSA");
        assert_eq!(stamp.signer.is_verified, is_verified);
        assert!(stamp.covers(CHECKPOINT) && !stamp.covers(b"else"));
    }
}

#[test]
fn an_answer_to_another_question_is_refused() {
    for answer in [RSA, P256, P384] {
        let other = StampQuery::new(b"else", NONCE).judge(answer);
        assert_eq!(other, Err(StampError::OtherImprint));
        let other = StampQuery::new(CHECKPOINT, NONCE + 1).judge(answer);
        assert_eq!(other, Err(StampError::OtherNonce));
    }
}

/// The certificate's own signature is its authority's, and not verified here; every other byte
/// counts.
#[test]
fn a_changed_byte_is_found() {
    for answer in [RSA, P256] {
        let info = answer.windows(8).rposition(|at| at == NONCE.to_be_bytes());
        let signature = answer.len() - 8;
        for place in [info.unwrap() + 3, signature] {
            let mut changed = answer.to_vec();
            changed[place] ^= 1;
            let refused = Stamp::from_bytes(&changed);
            assert!(
                matches!(refused, Err(StampError::Signature(_))),
                "{refused:?}"
            );
        }
    }
    let query = StampQuery::new(CHECKPOINT, NONCE);
    for place in 0..RSA.len() {
        let mut changed = RSA.to_vec();
        changed[place] ^= 1;
        // Whatever it is, it is no other time.
        if let Ok(stamp) = query.judge(&changed) {
            assert_eq!(stamp.at.to_string(), "2026-11-23T00:19:47Z", "{place}");
        }
        assert!(Stamp::from_bytes(&RSA[..place]).is_err());
    }
}

#[test]
fn a_question_is_short_and_asks_for_the_certificate() {
    let query = StampQuery::new(CHECKPOINT, NONCE).to_der();
    assert_eq!(query.len(), 69);
    assert!(query.ends_with(&[0x01, 0x01, 0xff]));
}
