//! A learned table: decision trees whose leaves add up. `train/train.py` writes it, and
//! `train/README.md` says how and from what.

/// A tree's node. A leaf's `feature` is [`LEAF`], and its number the value.
#[derive(Debug, Clone, Copy)]
struct Node {
    number: f32,
    feature: u16,
    /// Where the right branch begins; the left one is the next node.
    right: u16,
}

const LEAF: u16 = u16::MAX;

/// Trees, one after the other.
#[derive(Debug)]
pub(crate) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

impl Forest {
    /// Reads a table: a tree a line, its nodes in preorder, `feature<threshold` for a branch and
    /// `=value` for a leaf. Lines that begin with `#` are skipped; a tree that cannot be read adds
    /// nothing.
    pub(crate) fn read(table: &str) -> Self {
        let (mut nodes, mut roots) = (Vec::new(), Vec::new());
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let from = nodes.len();
            let mut words = line.split_ascii_whitespace();
            if branch(&mut words, from, &mut nodes, 0).is_some() {
                roots.push(from);
            } else {
                nodes.truncate(from);
            }
        }
        Self { nodes, roots }
    }

    /// How probable it is, from 0 to 1, that what these numbers describe is what was learned.
    pub(crate) fn probability(&self, row: &[f32]) -> f32 {
        let sum: f32 = self.roots.iter().map(|root| self.value(*root, row)).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    fn value(&self, root: usize, row: &[f32]) -> f32 {
        let mut at = root;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.number;
            }
            let number = row.get(usize::from(node.feature)).copied().unwrap_or(0.0);
            at = if number <= node.number {
                at + 1
            } else {
                root + usize::from(node.right)
            };
        }
        0.0
    }
}

/// Reads one branch of a tree, and those below it.
fn branch<'t>(
    words: &mut impl Iterator<Item = &'t str>,
    root: usize,
    nodes: &mut Vec<Node>,
    depth: u8,
) -> Option<()> {
    let word = words.next()?;
    if let Some(value) = word.strip_prefix('=') {
        nodes.push(Node {
            number: value.parse().ok()?,
            feature: LEAF,
            right: 0,
        });
        return Some(());
    }
    let (feature, threshold) = word.split_once('<')?;
    let at = nodes.len();
    nodes.push(Node {
        number: threshold.parse().ok()?,
        feature: feature.parse().ok()?,
        right: 0,
    });
    if depth > 40 {
        return None;
    }
    branch(words, root, nodes, depth + 1)?;
    let right = u16::try_from(nodes.len() - root).ok()?;
    nodes.get_mut(at)?.right = right;
    branch(words, root, nodes, depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_add_up() {
        let forest = Forest::read("# two trees\n0<1.5 =-1 1<0 =2 =3\n=0.5\nbroken\n");
        assert_eq!(forest.roots.len(), 2);
        let sum = |row: &[f32]| {
            let p = forest.probability(row);
            (p / (1.0 - p)).ln()
        };
        assert!((sum(&[1.5, 0.0]) + 0.5).abs() < 1e-5);
        assert!((sum(&[2.0, 0.0]) - 2.5).abs() < 1e-5);
        assert!((sum(&[2.0, 0.1]) - 3.5).abs() < 1e-5);
    }
}
