//! Notes and keys, against those of Go's checksum database.

use pressmark_model::Digest;
use pressmark_proof::{Checkpoint, Note, NoteError, SigningKey, VerifyingKey};

const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn notes_are_those_of_go() {
    let key = SigningKey::from_secret(SECRET).unwrap();
    assert_eq!(key.to_secret(), SECRET);
    assert_eq!(key.public().to_string(), PUBLIC);
    assert!(!format!("{key:?}").contains("AYEKFALV"));
    let note = Note::sign(TEXT.to_owned(), std::slice::from_ref(&key)).unwrap();
    assert_eq!(note.to_string(), format!("{TEXT}\n{LINE}"));
    assert_eq!(note.to_string().parse(), Ok(note.clone()));
    let public: VerifyingKey = PUBLIC.parse().unwrap();
    assert_eq!(note.verify(std::slice::from_ref(&public)), Ok(()));

    let sums = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    let other: VerifyingKey = sums.parse().unwrap();
    assert_eq!(other.to_string(), sums);
    assert_eq!(note.verify(&[other]), Err(NoteError::Unsigned));
    assert_eq!(note.verify(&[]), Err(NoteError::Unsigned));
}

#[test]
fn no_byte_of_a_note_may_be_another() {
    let keys: [VerifyingKey; 1] = [PUBLIC.parse().unwrap()];
    let note = format!("{TEXT}\n{LINE}");
    for at in 0..note.len() {
        for bit in [0, at % 7 + 1] {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let read = String::from_utf8(bytes)
                .ok()
                .and_then(|text| text.parse::<Note>().ok());
            assert!(
                read.is_none_or(|note| note.verify(&keys).is_err()),
                "{at} {bit}"
            );
        }
    }
}

#[test]
fn what_is_no_note_or_key_is_refused() {
    for wrong in [
        "",
        "\n\n",
        "a\n\n",
        "a\n\n— b AAAAAAA=",
        "a\n\n— b AAAA\n",
        "a\n\n—  AAAAAAA=\n",
        "a\n\n— b AAAAAAA= \n",
        "a\n\n- b AAAAAAA=\n",
        "a\t\n\n— b AAAAAAA=\n",
    ] {
        assert!(wrong.parse::<Note>().is_err(), "{wrong:?}");
    }
    let many = format!("a\n\n{}", "— b AAAAAAA=\n".repeat(65));
    assert!(many.parse::<Note>().is_err());
    assert!(Note::sign("a".to_owned(), &[]).is_err());
    for wrong in [
        "",
        "a+b",
        "a+00000000+AQ==",
        &PUBLIC.replace("c74f20a3", "c74f20a4"),
    ] {
        assert!(wrong.parse::<VerifyingKey>().is_err(), "{wrong}");
    }
    for wrong in [
        PUBLIC,
        &SECRET.replace("c74f20a3", "c74f20a4"),
        &SECRET.replace("Peter", ""),
    ] {
        assert!(SigningKey::from_secret(wrong).is_err(), "{wrong}");
    }
    assert!(SigningKey::new("a b", [0; 32]).is_err() && SigningKey::new("", [0; 32]).is_err());
}

#[test]
fn a_checkpoint_is_signed_by_the_log_itself() {
    let key = SigningKey::new("a.example/log", [7; 32]).unwrap();
    let other = SigningKey::new("b.example/log", [8; 32]).unwrap();
    let newer = SigningKey::new("a.example/log", [9; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: "a.example/log".to_owned(),
        size: 3,
        root: Digest::of(b"root"),
    };
    assert_eq!(
        checkpoint.to_string(),
        "a.example/log\n3\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
    );
    let note = checkpoint
        .sign(&[key.clone(), newer.clone(), other.clone()])
        .unwrap();
    for known in [&key, &newer] {
        let keys = [known.public().clone()];
        assert_eq!(Checkpoint::open(&note, &keys), Ok(checkpoint.clone()));
    }
    let keys = [other.public().clone()];
    assert_eq!(Checkpoint::open(&note, &keys), Err(NoteError::Unsigned));

    let mut forged = note.clone();
    forged.signatures[1].bytes[0] ^= 1;
    let keys = [key.public().clone(), newer.public().clone()];
    assert!(matches!(
        Checkpoint::open(&forged, &keys),
        Err(NoteError::Signature { .. })
    ));
    for wrong in ["", "a\n3\n", "a\n03\nAAAA\n", "a\n-1\nAAAA\n"] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong:?}");
    }
}
