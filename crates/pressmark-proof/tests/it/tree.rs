//! The tree, its tiles and its proofs.

use pressmark_model::Digest;
use pressmark_proof::{
    Edge, Plan, ProofError, Tile, Tiles, bundle, empty_root, leaf_hash, node_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::log;

/// The leaves and roots of the reference implementation of Certificate Transparency.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_are_those_of_the_reference_implementation() {
    let mut edge = Edge::default();
    assert_eq!(edge.root().hex(), ROOTS[0]);
    assert_eq!(edge.root(), empty_root());
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        edge.push(leaf);
        assert_eq!(edge.root().hex(), *root);
    }
    let hashes: Vec<_> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let pair = node_hash(&hashes[0], &hashes[1]);
    assert_eq!(pair.hex(), ROOTS[2]);
}

#[test]
fn every_proof_of_every_small_tree_verifies() {
    let size = 70;
    let (tiles, roots) = log::of(size, 7);
    for size in 0..=size {
        let root = &roots[usize::try_from(size).unwrap()];
        let read = log::read(&Plan::root(size), &tiles);
        assert_eq!(read.first().copied().unwrap_or_else(empty_root), *root);
        for index in 0..size {
            let proof = log::read(&Plan::inclusion(index, size).unwrap(), &tiles);
            let leaf = leaf_hash(index.to_string().as_bytes());
            assert_eq!(verify_inclusion(&leaf, index, size, &proof, root), Ok(()));
        }
        for old in 0..=size {
            let proof = log::read(&Plan::consistency(old, size).unwrap(), &tiles);
            let old_root = &roots[usize::try_from(old).unwrap()];
            assert_eq!(
                verify_consistency(old, size, &proof, old_root, root),
                Ok(())
            );
        }
    }
    assert!(Plan::inclusion(3, 3).is_err() && Plan::consistency(4, 3).is_err());
}

#[test]
fn tiles_are_named_and_cut_as_the_specification_says() {
    let tile = |level, index, width| Tile {
        level,
        index,
        width,
    };
    assert_eq!(tile(0, 1_234_067, 256).to_string(), "tile/0/x001/x234/067");
    assert_eq!(tile(2, 5, 17).to_string(), "tile/2/005.p/17");
    assert_eq!(tile(0, 1000, 1).bundle_path(), "tile/entries/x001/000.p/1");
    for (text, parsed) in [
        ("0/x001/x234/067", Some((tile(0, 1_234_067, 256), false))),
        ("2/005.p/17", Some((tile(2, 5, 17), false))),
        ("entries/000.p/255", Some((tile(0, 0, 255), true))),
        ("0/000.p/256", None),
        ("0/000.p/0", None),
        ("0/000.p/07", None),
        ("00/000", None),
        ("64/000", None),
        ("0/0", None),
        ("0/x000/001", None),
        ("0/001/002", None),
        ("0/+01", None),
        ("0/", None),
        ("", None),
    ] {
        assert_eq!(Tile::parse(text), parsed, "{text}");
    }

    let tiles: Vec<_> = Tile::all(70_000).collect();
    let count = |level, full: bool| {
        let of = |tile: &&Tile| tile.level == level && (tile.width == 256) == full;
        tiles.iter().filter(of).count()
    };
    assert_eq!([count(0, true), count(0, false)], [273, 1]);
    assert_eq!([count(1, true), count(1, false)], [1, 1]);
    assert_eq!([count(2, true), count(2, false)], [0, 1]);
    assert_eq!(Tile::in_tree(0, 273, 70_000), Some(tile(0, 273, 112)));
    assert_eq!(Tile::in_tree(1, 1, 70_000), Some(tile(1, 1, 17)));
    assert_eq!(Tile::in_tree(1, 0, 256), Some(tile(1, 0, 1)));
    assert_eq!(Tile::in_tree(0, 1, 256), None);
    assert_eq!(
        bundle([b"ab".as_slice(), b""]),
        Some(b"\0\x02ab\0\0".to_vec())
    );
}

#[test]
fn a_log_may_be_sealed_in_any_steps() {
    let (whole, roots) = log::of(520, 520);
    for step in [7, 256, 257] {
        assert_eq!(log::of(520, step), (whole.clone(), roots.clone()));
    }
    let mut missing = Tiles::default();
    assert!(Edge::of(3, &missing).is_err());
    assert!(!missing.insert(0, 0, &[0; 31]) && !missing.insert(0, 0, &[]));
    assert!(!missing.insert(0, 0, &[0; 257 * 32]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bit_of_a_proof_may_be_another(
        size in 1..70_000_u64,
        index in any::<u64>(),
        old in any::<u64>(),
        at in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let (tiles, root) = shared(size);
        let (index, old) = (index % size, old % size + 1);
        let flipped = |hash: &Digest| {
            let mut bytes = *hash.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Digest::from_bytes(bytes)
        };
        let leaf = leaf_hash(index.to_string().as_bytes());
        let proof = log::read(&Plan::inclusion(index, size).unwrap(), tiles);
        let verify = |leaf: &Digest, index, proof: &[Digest], root: &Digest| {
            verify_inclusion(leaf, index, size, proof, root)
        };
        prop_assert_eq!(verify(&leaf, index, &proof, &root), Ok(()));
        prop_assert!(verify(&flipped(&leaf), index, &proof, &root).is_err());
        prop_assert!(verify(&leaf, index, &proof, &flipped(&root)).is_err());
        prop_assert!(verify(&leaf, index ^ 1, &proof, &root).is_err() || size == 1);
        prop_assert_eq!(
            verify(&leaf, size, &proof, &root),
            Err(ProofError::OutOfRange { index: size, size })
        );
        if !proof.is_empty() {
            let mut other = proof.clone();
            let at = at.index(other.len());
            other[at] = flipped(&other[at]);
            prop_assert!(verify(&leaf, index, &other, &root).is_err());
            prop_assert!(verify(&leaf, index, &proof[1..], &root).is_err());
        }

        let (_, old_root) = shared(old);
        let proof = log::read(&Plan::consistency(old, size).unwrap(), tiles);
        let verify = |proof: &[Digest], old_root: &Digest, root: &Digest| {
            verify_consistency(old, size, proof, old_root, root)
        };
        prop_assert_eq!(verify(&proof, &old_root, &root), Ok(()));
        prop_assert!(verify(&proof, &flipped(&old_root), &root).is_err());
        prop_assert!(verify(&proof, &old_root, &flipped(&root)).is_err());
        if !proof.is_empty() {
            let mut other = proof.clone();
            let at = at.index(other.len());
            other[at] = flipped(&other[at]);
            prop_assert!(verify(&other, &old_root, &root).is_err());
        }
    }
}

/// One large log for all cases, with the root at this size.
fn shared(size: u64) -> (&'static Tiles, Digest) {
    static LOG: std::sync::OnceLock<Tiles> = std::sync::OnceLock::new();
    let tiles = LOG.get_or_init(|| {
        let mut edge = Edge::default();
        for number in 0..70_000 {
            edge.push(number.to_string().as_bytes());
        }
        let mut tiles = Tiles::default();
        for new in edge.changed() {
            tiles.insert(new.tile.level, new.tile.index, &new.bytes);
        }
        tiles
    });
    (tiles, log::read(&Plan::root(size), tiles)[0])
}
