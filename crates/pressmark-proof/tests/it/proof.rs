//! Proof files.

use pressmark_model::LeafIndex;
use pressmark_proof::{
    ArchiveId, Checkpoint, Edge, Leaf, LeafKind, Plan, Proof, SigningKey, Tiles, VerifyError,
    commitment, leaf_hash, verify_inclusion,
};

const RECORD: &[u8] = br#"{"article":7}"#;

fn key() -> SigningKey {
    SigningKey::new("log.example/7", [5; 32]).unwrap()
}

/// The proof of leaf 4 of 9.
fn proof() -> Proof {
    let leaves: Vec<_> = (0..9_u8)
        .map(|index| {
            let leaf = Leaf {
                archive: ArchiveId([3; 16]),
                index: LeafIndex(index.into()),
                kind: LeafKind::Version,
                commitment: commitment(&[index; 16], RECORD),
            };
            leaf.to_bytes()
        })
        .collect();
    let mut edge = Edge::default();
    for leaf in &leaves {
        edge.push(leaf);
    }
    let mut tiles = Tiles::default();
    for new in edge.changed() {
        tiles.insert(new.tile.level, new.tile.index, &new.bytes);
    }
    let checkpoint = Checkpoint {
        origin: key().public().name().to_owned(),
        size: 9,
        root: edge.root(),
    };
    Proof {
        leaf: leaves[4].clone(),
        record: Some(([4; 16], RECORD.to_vec())),
        index: 4,
        hashes: Plan::inclusion(4, 9).unwrap().hashes(&tiles).unwrap(),
        checkpoint: checkpoint.sign(&[key()]).unwrap(),
    }
}

#[test]
fn a_file_proves_its_record() {
    let file = proof().to_string();
    assert!(
        file.starts_with("c2sp.org/tlog-proof@v1\nextra AQMD"),
        "{file}"
    );
    assert!(file.contains("\nindex 4\n"), "{file}");
    let read: Proof = file.parse().unwrap();
    assert_eq!(read, proof());
    let proven = read.verify(&[key().public().clone()]).unwrap();
    assert_eq!(proven.record.as_deref(), Some(RECORD));
    assert_eq!(
        (proven.checkpoint.size, proven.leaf.index),
        (9, LeafIndex(4))
    );

    let redacted = Proof {
        record: None,
        ..proof()
    };
    let read: Proof = redacted.to_string().parse().unwrap();
    let proven = read.verify(&[key().public().clone()]).unwrap();
    assert_eq!(proven.record, None);
}

#[test]
fn no_byte_of_a_proof_file_may_be_another() {
    let file = proof().to_string();
    let keys = [key().public().clone()];
    let mut read = 0;
    for at in 0..file.len() {
        for bit in [0, at % 7 + 1] {
            let mut bytes = file.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Some(Ok(proof)) = String::from_utf8(bytes)
                .ok()
                .map(|text| text.parse::<Proof>())
            else {
                continue;
            };
            read += 1;
            assert!(proof.verify(&keys).is_err(), "{at} {bit}");
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn each_part_is_verified() {
    let keys = [key().public().clone()];
    let verify = |change: fn(&mut Proof)| {
        let mut other = proof();
        change(&mut other);
        other.verify(&keys).unwrap_err()
    };
    let unsigned = verify(|proof| proof.checkpoint.signatures.clear());
    assert!(matches!(unsigned, VerifyError::Checkpoint(_)));
    let moved = verify(|proof| proof.index = 5);
    assert!(matches!(moved, VerifyError::Inclusion(_)));
    let other = verify(|proof| proof.leaf[30] ^= 1);
    assert!(matches!(other, VerifyError::Inclusion(_)));
    let record = verify(|proof| proof.record = Some(([4; 16], b"{}".to_vec())));
    assert_eq!(record, VerifyError::Commitment);
    for wrong in [
        "",
        "c2sp.org/tlog-proof@v1\nindex 4\n\na\n1\n",
        "c2sp.org/tlog-proof@v2\n\n",
    ] {
        assert!(wrong.parse::<Proof>().is_err(), "{wrong:?}");
    }
    let short = proof();
    let root = Checkpoint::open(&short.checkpoint, &keys).unwrap().root;
    let hash = leaf_hash(&short.leaf);
    assert!(verify_inclusion(&hash, 4, 8, &short.hashes, &root).is_err());
}
