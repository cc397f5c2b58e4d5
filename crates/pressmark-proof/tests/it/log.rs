//! A log in memory.

use pressmark_model::Digest;
use pressmark_proof::{Edge, Plan, Tiles};

/// A log of so many leaves, each its number in decimal, sealed after every `step` of them.
pub(crate) fn of(size: u64, step: u64) -> (Tiles, Vec<Digest>) {
    let mut tiles = Tiles::default();
    let mut roots = vec![Edge::default().root()];
    let mut edge = Edge::default();
    for number in 0..size {
        edge.push(number.to_string().as_bytes());
        roots.push(edge.root());
        if edge.size() % step == 0 || edge.size() == size {
            for new in edge.changed() {
                assert_eq!(new.bytes.len(), usize::from(new.tile.width) * 32);
                assert!(tiles.insert(new.tile.level, new.tile.index, &new.bytes));
            }
            edge = Edge::of(edge.size(), &tiles).unwrap();
        }
    }
    (tiles, roots)
}

/// What a plan reads, from the tiles it asks for alone.
pub(crate) fn read(plan: &Plan, tiles: &Tiles) -> Vec<Digest> {
    assert!(plan.tiles().len() < 30);
    plan.hashes(tiles).unwrap()
}
