//! A learned table: decision trees whose leaves add up. `train/train.py` writes it, and
//! `train/README.md` says how and from what.
//!
//! Trees are not walked: each branch that is not taken strikes out the leaves below it, and the
//! first leaf that is left is the one. So there is nothing to guess for a processor, and rows are
//! judged side by side, as the `QuickScorer` of Lucchese et al. (SIGIR 2015) does.

/// How many rows are judged side by side.
pub(crate) const LANES: usize = 8;

/// A number of each of the rows that are judged side by side.
pub(crate) type Lanes = [f32; LANES];

/// A branch: rows with a number up to this one go to the left.
#[derive(Debug, Clone, Copy)]
struct Branch {
    number: f32,
    feature: u16,
    /// The leaves that are left for those that go to the right: a bit for each leaf.
    right: u32,
}

/// A tree: where its branches end in the list of all, and where its leaves begin.
#[derive(Debug, Clone, Copy)]
struct Root {
    end: usize,
    leaves: usize,
}

/// Trees, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Forest {
    branches: Vec<Branch>,
    leaves: Vec<f32>,
    roots: Vec<Root>,
}

/// As many leaves a tree may have.
const MOST_LEAVES: usize = 32;

impl Forest {
    /// Reads a table: a tree a line, its nodes in preorder, `feature<threshold` for a branch and
    /// `=value` for a leaf. Lines that begin with `#` are skipped; a tree that cannot be read, or
    /// has more than 32 leaves, adds nothing.
    pub(crate) fn read(table: &str) -> Self {
        let mut forest = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let (branches, leaves) = (forest.branches.len(), forest.leaves.len());
            let mut words = line.split_ascii_whitespace();
            let read = forest.branch(&mut words, (branches, leaves));
            if read.is_some() && forest.leaves.len() - leaves <= MOST_LEAVES {
                let end = forest.branches.len();
                forest.roots.push(Root { end, leaves });
            } else {
                forest.branches.truncate(branches);
                forest.leaves.truncate(leaves);
            }
        }
        forest
    }

    /// Reads one branch of the tree whose branches and leaves begin at `first`, and those below it.
    fn branch<'t>(
        &mut self,
        words: &mut impl Iterator<Item = &'t str>,
        first: (usize, usize),
    ) -> Option<()> {
        let word = words.next()?;
        if let Some(value) = word.strip_prefix('=') {
            self.leaves.push(value.parse().ok()?);
            return Some(());
        }
        let (feature, threshold) = word.split_once('<')?;
        let (at, from) = (self.branches.len(), self.leaves.len());
        if at - first.0 >= MOST_LEAVES {
            return None;
        }
        self.branches.push(Branch {
            number: threshold.parse().ok()?,
            feature: feature.parse().ok()?,
            right: 0,
        });
        self.branch(words, first)?;
        let left = (from..self.leaves.len()).fold(0, |mask, leaf| {
            let bit = u32::try_from(leaf - first.1).unwrap_or(u32::MAX);
            mask | 1_u32.checked_shl(bit).unwrap_or(0)
        });
        self.branches.get_mut(at)?.right = !left;
        self.branch(words, first)
    }

    /// How probable it is, from 0 to 1, that what the numbers of each row describe is what was
    /// learned. A feature that is not told is 0.
    pub(crate) fn probabilities(&self, features: &[Lanes]) -> Lanes {
        let mut sums = [0.0; LANES];
        let mut begin = 0;
        for root in &self.roots {
            let mut left = [u32::MAX; LANES];
            for branch in self.branches.get(begin..root.end).unwrap_or_default() {
                let numbers = features.get(usize::from(branch.feature));
                let numbers = numbers.unwrap_or(&[0.0; LANES]);
                for (left, number) in left.iter_mut().zip(numbers) {
                    let goes_left = *number <= branch.number;
                    *left &= branch.right | if goes_left { u32::MAX } else { 0 };
                }
            }
            begin = root.end;
            let leaves = self.leaves.get(root.leaves..).unwrap_or_default();
            for (sum, left) in sums.iter_mut().zip(left) {
                *sum += leaves.get(left.trailing_zeros() as usize).unwrap_or(&0.0);
            }
        }
        sums.map(|sum| 1.0 / (1.0 + (-sum).exp()))
    }
}

/// Rows that are judged as soon as there are enough of them.
#[derive(Debug)]
pub(crate) struct Rows<'f> {
    forest: &'f Forest,
    features: Vec<Lanes>,
    /// How many rows wait.
    waiting: usize,
    chances: Vec<f32>,
}

impl<'f> Rows<'f> {
    pub(crate) fn new(forest: &'f Forest, rows: usize) -> Self {
        Self {
            forest,
            features: Vec::new(),
            waiting: 0,
            chances: Vec::with_capacity(rows + LANES),
        }
    }

    /// Adds a row; all have the same length.
    pub(crate) fn add(&mut self, row: &[f32]) {
        self.features.resize(row.len(), [0.0; LANES]);
        for (lanes, number) in self.features.iter_mut().zip(row) {
            if let Some(lane) = lanes.get_mut(self.waiting) {
                *lane = *number;
            }
        }
        self.waiting += 1;
        if self.waiting == LANES {
            self.judge();
        }
    }

    fn judge(&mut self) {
        let chances = self.forest.probabilities(&self.features);
        self.chances.extend(chances.into_iter().take(self.waiting));
        self.waiting = 0;
    }

    /// The probability of each row, in their order.
    pub(crate) fn finish(mut self) -> Vec<f32> {
        self.judge();
        self.chances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_add_up() {
        let forest = Forest::read("# two trees\n0<1.5 =-1 1<0 =2 =3\n=0.5\nbroken\n");
        assert_eq!(forest.roots.len(), 2);
        let rows = [[1.5, 0.0], [2.0, 0.0], [2.0, 0.1]];
        let features = [0, 1].map(|feature| {
            let mut lanes = [0.0; LANES];
            for (lane, row) in lanes.iter_mut().zip(rows) {
                *lane = row[feature];
            }
            lanes
        });
        let sums = forest
            .probabilities(&features)
            .map(|p| (p / (1.0 - p)).ln());
        for (sum, wanted) in sums.into_iter().zip([-0.5, 2.5, 3.5, -0.5]) {
            assert!((sum - wanted).abs() < 1e-5, "{sum} is not {wanted}");
        }
    }

    #[test]
    fn trees_of_up_to_32_leaves_are_read() {
        let deep = |branches: u8| {
            let tree = (0..branches).fold(String::new(), |tree, n| tree + &format!("0<{n} ={n} "));
            Forest::read(&format!("{tree}={branches}"))
        };
        let forest = deep(31);
        assert_eq!(forest.roots.len(), 1);
        for n in 0..32_u8 {
            let p = forest.probabilities(&[[f32::from(n); LANES]])[3];
            assert!((p - 1.0 / (1.0 + (-f32::from(n)).exp())).abs() < 1e-6);
        }
        assert!(deep(32).roots.is_empty());
    }
}
