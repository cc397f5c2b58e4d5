//! Which of a page's links are its entries: each is judged by its own signs, by those that stand
//! beside it in the same way, and by addresses that are built alike.

use std::collections::{HashMap, HashSet};

use pressmark_html::{Attr, NodeId, Tag, Tree};

use super::item::Item;
use super::link::Link;

/// An entry has at least so many tenths of a point.
const ENOUGH: i32 = 20;
/// What is nearly one may be one if its address is built like those of entries.
const NEARLY: i32 = 5;
/// So many entries make a kind of address known.
const KNOWN: usize = 3;
/// So many entries in headings show that the page has its titles there.
const MANY_HEADED: usize = 5;
/// Held against a link, this much is the page's frame.
const FRAME: i32 = 40;

const NOBODY: u32 = 0;
const MANY: u32 = u32::MAX;

/// What a page links to, with all the links that lead there.
#[derive(Debug)]
pub(super) struct Target {
    /// The link with the title.
    pub(super) best: Link,
    pub(super) links: Vec<NodeId>,
    cost: i32,
    /// The nearest element around that holds many entries, and the way from there.
    group: (NodeId, String),
    pub(super) item: Item,
    score: i32,
    /// Alone with a day in the row of a list.
    in_chronicle: bool,
}

impl Target {
    fn own(&self) -> i32 {
        self.best.address.points + self.best.title_points - self.cost
    }

    fn is_plausible(&self) -> bool {
        let likely = self.own() >= 0 && self.best.title_points >= -5;
        let dated = self.in_chronicle && self.best.title_points >= -15;
        (likely || dated) && self.cost < FRAME
    }

    /// A text without a heading and without date, teaser and picture.
    fn is_bare(&self, tree: &Tree<'_>) -> bool {
        !self.best.headed && self.item.points(tree) == 0
    }

    fn is_entry(&self) -> bool {
        self.score >= ENOUGH && self.best.title_points > -30
    }
}

/// The entries among the links, in the order of the page.
pub(super) fn entries(tree: &Tree<'_>, links: Vec<Link>) -> Vec<Target> {
    let mut targets = gather(links);
    for target in &mut targets {
        target.in_chronicle = Item::of_row(tree, target.best.node)
            .is_some_and(|row| row.is_dated(tree, &target.best.title));
    }
    charge_menus(tree, &mut targets);
    let owners = owners(tree, &targets);
    for (number, target) in (1_u32..).zip(&mut targets) {
        target.group = place_in(tree, &owners, target.best.node);
        target.item = Item::around(tree, &owners, number, target.best.node);
    }
    charge_labels(&mut targets);
    score(tree, &mut targets);
    by_shape(tree, &mut targets);
    targets.retain(Target::is_entry);
    targets.sort_by_key(|target| target.best.node);
    targets
}

/// The links by where they lead.
fn gather(links: Vec<Link>) -> Vec<Target> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut targets: Vec<Target> = Vec::new();
    for link in links {
        let known = places.get(&link.address.key).copied();
        if let Some(target) = known.and_then(|at| targets.get_mut(at)) {
            target.links.push(link.node);
            let better = |link: &Link, cost: i32| link.title_points - cost.min(FRAME);
            if link.title_points > -30 {
                let first = target.best.title_points <= -30;
                target.cost = if first {
                    link.cost
                } else {
                    target.cost.min(link.cost)
                };
            }
            if better(&link, link.cost) > better(&target.best, target.best.cost) {
                target.best = link;
            }
            continue;
        }
        places.insert(link.address.key.clone(), targets.len());
        targets.push(Target {
            cost: link.cost,
            links: vec![link.node],
            group: (NodeId::ROOT, String::new()),
            item: Item::default(),
            score: 0,
            in_chronicle: false,
            best: link,
        });
    }
    targets
}

/// Holds it against links that they stand in a menu: a box of links of which none is surely of an
/// article, and most are surely not.
fn charge_menus(tree: &Tree<'_>, targets: &mut [Target]) {
    const LEVELS: usize = 5;
    // For each node: the links below, those of them that are no entries, and that surely are.
    let mut counts: HashMap<NodeId, (u32, u32, u32)> = HashMap::new();
    for target in &*targets {
        let own = target.best.address.points + target.best.title_points;
        for above in tree.ancestors(target.best.node).take(LEVELS) {
            let count = counts.entry(above).or_default();
            count.0 += 1;
            count.1 += u32::from(own < 0);
            count.2 += u32::from(own >= 40 || target.in_chronicle);
        }
    }
    let is_menu = |id: NodeId| {
        counts
            .get(&id)
            .is_some_and(|(all, not, sure)| *all >= 5 && *sure == 0 && not * 10 >= all * 7)
    };
    for target in targets {
        if tree
            .ancestors(target.best.node)
            .take(LEVELS)
            .take_while(|above| !is_outside(tree.tag(*above)) || is_list(tree.tag(*above)))
            .any(is_menu)
        {
            target.cost = target.cost.max(30);
        }
    }
}

/// Holds it against targets that many items name alike: they are what the items are about.
fn charge_labels(targets: &mut [Target]) {
    const ITEMS: usize = 2;
    for target in targets {
        let (from, end) = (target.item.from, target.item.end);
        let elsewhere = |link: &&NodeId| **link < from || **link >= end;
        if target.links.iter().filter(elsewhere).count() >= ITEMS && target.best.address.points < 30
        {
            target.cost = target.cost.max(30);
        }
    }
}

fn is_list(tag: Tag) -> bool {
    matches!(tag, Tag::Ul | Tag::Ol | Tag::Dl | Tag::Table | Tag::Tbody)
}

/// For each node whether one plausible target is below it, and which, or many.
fn owners(tree: &Tree<'_>, targets: &[Target]) -> Vec<u32> {
    let mut owners = vec![NOBODY; tree.len()];
    for (number, target) in (1_u32..).zip(targets) {
        if !target.is_plausible() {
            continue;
        }
        for link in &target.links {
            for above in std::iter::once(*link).chain(tree.ancestors(*link)) {
                let Some(owner) = owners.get_mut(above.index()) else {
                    break;
                };
                match *owner {
                    NOBODY => *owner = number,
                    MANY => break,
                    known if known == number => {}
                    _ => *owner = MANY,
                }
            }
        }
    }
    owners
}

/// The nearest element around a link that holds many entries, and the way from there to the link.
fn place_in(tree: &Tree<'_>, owners: &[u32], link: NodeId) -> (NodeId, String) {
    let mut way = tree.name(link).to_owned();
    for near in std::iter::once(link).chain(tree.ancestors(link).take(2)) {
        // Numbers in names count the items.
        let class = tree.attr(near, Attr::Class).unwrap_or_default();
        let first = class.split_ascii_whitespace().next().unwrap_or_default();
        way.extend(first.chars().filter(char::is_ascii_alphabetic));
        way.push('.');
    }
    for above in tree.ancestors(link) {
        if owners.get(above.index()) == Some(&MANY) {
            return (above, way);
        }
        way.push('<');
        way.push_str(tree.name(above));
    }
    (NodeId::ROOT, way)
}

/// What the links in one place of one box have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    sum: i32,
    count: i32,
    /// Those with a date, a teaser or a picture of their own.
    signed: i32,
    /// Those with a day of their own.
    dated: i32,
    entries: i32,
}

impl Group {
    /// A list in which each has its day is one of entries, whatever their addresses are.
    fn is_chronicle(self) -> bool {
        self.dated >= 4 && self.dated * 10 >= self.count * 8
    }
}

type Groups = HashMap<(NodeId, String), Group>;

fn score(tree: &Tree<'_>, targets: &mut [Target]) {
    let mut groups: Groups = HashMap::new();
    for target in &*targets {
        let group = groups.entry(target.group.clone()).or_default();
        group.sum += target.own();
        group.count += 1;
        group.signed += i32::from(target.item.points(tree) >= 10);
        group.dated += i32::from(target.item.is_dated(tree, &target.best.title));
    }
    for target in &mut *targets {
        let group = groups.get(&target.group).copied().unwrap_or_default();
        let mean = group.sum / group.count.max(1);
        let repeated = match group.count {
            _ if mean <= 0 => 0,
            0..3 => 0,
            3..8 => 5,
            _ => 10,
        };
        let alike = if group.count >= 3 && group.signed * 10 >= group.count * 7 && mean > 0 {
            10
        } else {
            0
        };
        let signs = if target.best.title_points >= -5 {
            target.item.points(tree)
        } else {
            0
        };
        target.score = (target.own() * 6 + mean * 4) / 10 + repeated + alike + signs;
        if group.is_chronicle() && target.cost < 20 && target.best.address.points > -30 {
            target.score = target.score.max(ENOUGH);
        }
        if target.cost >= FRAME {
            target.score = target.score.min(NEARLY - 1);
        }
    }
    by_group(targets, groups);
}

/// What stands in the same place as entries do, and is nearly one, is one.
fn by_group(targets: &mut [Target], mut groups: Groups) {
    for target in &*targets {
        if let Some(group) = groups.get_mut(&target.group) {
            group.entries += i32::from(target.is_entry());
        }
    }
    for target in targets {
        let group = groups.get(&target.group).copied().unwrap_or_default();
        let most = group.entries >= 4 && group.entries * 10 >= group.count * 7;
        if most && target.score >= NEARLY {
            target.score = target.score.max(ENOUGH);
        }
    }
}

/// Addresses of one kind are built alike: what is nearly an entry is one then, and what stands
/// alone among many is none.
fn by_shape(tree: &Tree<'_>, targets: &mut [Target]) {
    let mut shapes: HashMap<String, usize> = HashMap::new();
    for target in targets.iter().filter(|target| target.is_entry()) {
        *shapes.entry(target.best.address.shape.clone()).or_default() += 1;
    }
    let total: usize = shapes.values().sum();
    let most = shapes.values().copied().max().unwrap_or(0);
    let headed = targets
        .iter()
        .filter(|target| target.is_entry() && target.best.headed)
        .count();
    let in_headings = total >= 8 && headed * 5 >= total * 3;
    let apart = apart(tree, targets);
    for target in targets {
        let count = shapes.get(&target.best.address.shape).copied().unwrap_or(0);
        let known = count >= KNOWN && !target.best.address.foreign;
        if !target.is_entry() {
            if known && target.score >= NEARLY && target.cost < FRAME {
                target.score = ENOUGH;
            }
            continue;
        }
        let unlike = in_headings && !target.best.headed && count * 5 < total;
        let alone = count == 1
            && total >= 6
            && most * 5 >= total * 4
            && target.score < 35
            && target.best.address.points < 15;
        if unlike || alone || apart.contains(&target.best.address.shape) {
            target.score = 0;
        }
    }
}

/// The kinds of addresses of sections, crosswords and the like: where the entries stand in headings,
/// those that never do, and that have nothing beside them.
fn apart(tree: &Tree<'_>, targets: &[Target]) -> HashSet<String> {
    let entries = || targets.iter().filter(|target| target.is_entry());
    let shape = |target: &Target| target.best.address.shape.clone();
    let kept: HashSet<String> = entries()
        .filter(|target| !target.is_bare(tree))
        .map(shape)
        .collect();
    let (others, apart): (Vec<_>, Vec<_>) =
        entries().partition(|target| kept.contains(&target.best.address.shape));
    let headed = others.iter().filter(|target| target.best.headed).count();
    if headed < MANY_HEADED || headed * 5 < others.len() * 3 || apart.len() > headed {
        return HashSet::new();
    }
    apart.into_iter().map(shape).collect()
}

/// Whether an element is never a part of one item alone.
pub(super) fn is_outside(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Body
            | Tag::Html
            | Tag::Document
            | Tag::Main
            | Tag::Ul
            | Tag::Ol
            | Tag::Dl
            | Tag::Table
            | Tag::Tbody
    )
}

/// Whether nothing is below a node but what belongs to the target of this number.
pub(super) fn is_free_for(owners: &[u32], id: NodeId, number: u32) -> bool {
    owners
        .get(id.index())
        .is_some_and(|owner| *owner == NOBODY || *owner == number)
}
