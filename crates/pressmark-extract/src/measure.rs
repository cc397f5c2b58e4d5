//! One pass over the tree: how much text each element has, how much of it is links, and what its
//! names say.

use pressmark_html::{NodeId, Tag, Tree};

use crate::marks::{self, Marks};

/// What was measured of one node. Weights count letters, with a Han character as three, a kana or
/// Hangul syllable as two: a sentence weighs about the same in every script.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measure {
    /// Weight of the text that has this element as its nearest block.
    pub(crate) own: u32,
    /// The part of `own` that is links.
    pub(crate) own_link: u32,
    /// Weight of all text below.
    pub(crate) all: u32,
    /// The part of `all` that is links.
    pub(crate) link: u32,
    /// Commas, full stops and the like in `own`, of every script.
    pub(crate) points: u32,
    /// What the element's own names say.
    pub(crate) marks: Marks,
    /// What the names of the elements around it say.
    pub(crate) around: Marks,
    /// Never read as text: scripts, controls and what is inside of them.
    pub(crate) hidden: bool,
    /// Hidden by its style or names, or inside of what is: perhaps by a wall.
    pub(crate) veiled: bool,
    /// Weight of the prose below.
    pub(crate) prose: u32,
}

pub(crate) struct Measures {
    list: Vec<Measure>,
}

const NOTHING: Measure = Measure {
    own: 0,
    own_link: 0,
    all: 0,
    link: 0,
    points: 0,
    marks: Marks(0),
    around: Marks(0),
    hidden: true,
    veiled: false,
    prose: 0,
};

impl Measures {
    /// Measures a page. What stands in `noscript` counts where little else does.
    pub(crate) fn of(tree: &Tree<'_>) -> Self {
        let measures = Self::with(tree, false);
        if measures.get(NodeId::ROOT).prose >= 400 {
            return measures;
        }
        let without_scripts = Self::with(tree, true);
        let more = without_scripts.get(NodeId::ROOT).prose >= 800;
        if more { without_scripts } else { measures }
    }

    fn with(tree: &Tree<'_>, noscript: bool) -> Self {
        let mut list: Vec<Measure> = Vec::with_capacity(tree.len());
        // For each node: its nearest block, and whether it is in a link.
        let mut places: Vec<(u32, bool)> = Vec::with_capacity(tree.len());
        for id in tree.subtree(NodeId::ROOT) {
            let parent = tree.parent(id).index();
            let (block, in_link) = places.get(parent).copied().unwrap_or((0, false));
            let above = list.get(parent).copied().unwrap_or_default();
            let tag = tree.tag(id);
            let mut measure = Measure {
                hidden: above.hidden,
                veiled: above.veiled,
                ..Measure::default()
            };
            if tag == Tag::Text {
                places.push((block, in_link));
                if !measure.hidden {
                    let (weight, points) = weigh(tree.text(id));
                    measure.all = weight;
                    measure.link = if in_link { weight } else { 0 };
                    if let Some(owner) = list.get_mut(block as usize) {
                        owner.own += weight;
                        owner.own_link += measure.link;
                        owner.points += points;
                    }
                }
            } else {
                let block = if tag.is_block() {
                    u32::try_from(id.index()).unwrap_or(0)
                } else {
                    block
                };
                places.push((block, in_link || tag == Tag::A));
                if !measure.hidden {
                    measure.hidden = tag.is_hidden() && !(noscript && tag == Tag::Noscript);
                    if !measure.hidden && !matches!(tag, Tag::Body | Tag::Html | Tag::Document) {
                        measure.marks = Marks::of(tree, id);
                        measure.hidden = marks::is_consent(tree, id);
                        measure.veiled |= measure.marks.has(Marks::HIDDEN);
                    }
                }
            }
            list.push(measure);
        }
        for index in (1..list.len()).rev() {
            let id = NodeId::from_index(index);
            let Some(measure) = list.get_mut(index) else {
                continue;
            };
            if tree.tag(id) != Tag::Text && !measure.hidden {
                measure.prose += prose(tree.tag(id), measure);
            }
            let (all, link, prose) = (measure.all, measure.link, measure.prose);
            if let Some(above) = list.get_mut(tree.parent(id).index()) {
                above.all += all;
                above.link += link;
                above.prose += prose;
            }
        }
        let total = list.first().map_or(0, |measure| measure.prose);
        for index in 1..list.len() {
            let parent = tree.parent(NodeId::from_index(index)).index();
            // What holds most of the page's prose is not what its names say.
            let around = list.get(parent).map_or(Marks::default(), |above| {
                if above.prose * 5 > total * 2 {
                    above.around
                } else {
                    above.around.and(above.marks)
                }
            });
            if let Some(measure) = list.get_mut(index) {
                measure.around = around;
            }
        }
        Self { list }
    }

    pub(crate) fn get(&self, id: NodeId) -> &Measure {
        self.list.get(id.index()).unwrap_or(&NOTHING)
    }
}

/// How much prose an element itself holds: its weight, if it reads like sentences.
pub(crate) fn prose(tag: Tag, measure: &Measure) -> u32 {
    if measure.own < 40 || measure.own_link_share() > 0.4 || measure.points == 0 {
        return 0;
    }
    let weight = match tag {
        Tag::P | Tag::Pre | Tag::Blockquote => measure.own * 2,
        Tag::Li | Tag::Td | Tag::Dd | Tag::Figcaption | Tag::Caption => measure.own / 3,
        tag if tag.is_heading() => 0,
        _ => measure.own,
    };
    if measure.veiled { weight / 3 } else { weight }
}

/// The weight of a text, and its commas and full stops.
pub(crate) fn weigh(text: &str) -> (u32, u32) {
    let (mut weight, mut points) = (0, 0);
    for piece in pieces(text) {
        if piece.is_ascii() {
            let bytes = piece.as_bytes();
            weight += count(bytes, |byte| byte.is_ascii_graphic());
            points += count(bytes, |byte| {
                matches!(byte, b',' | b'.' | b';' | b':' | b'!' | b'?')
            });
            continue;
        }
        let (other_weight, other_points) = weigh_slowly(piece);
        weight += other_weight;
        points += other_points;
    }
    (weight, points)
}

fn weigh_slowly(text: &str) -> (u32, u32) {
    let (mut weight, mut points) = (0, 0);
    for c in text.chars() {
        if c.is_ascii() {
            weight += u32::from(c.is_ascii_graphic());
            points += u32::from(matches!(c, ',' | '.' | ';' | ':' | '!' | '?'));
            continue;
        }
        match c {
            '、' | '。' | '，' | '；' | '：' | '！' | '？' | '،' | '؛' | '।' | '؟' => {
                weight += 2;
                points += 1;
            }
            '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' => {
                weight += 3;
            }
            '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' => weight += 2,
            c if c.is_whitespace() => {}
            _ => weight += 1,
        }
    }
    (weight, points)
}

/// How long the pieces are that a text is counted in, in bytes: what is counted of one fits a byte,
/// so that the bytes of a register are compared and added up at once.
const PIECE: usize = 64;

/// A text in pieces of about [`PIECE`] bytes.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.ceil_char_boundary(PIECE);
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many of the bytes of a piece are such.
pub(crate) fn count(piece: &[u8], is_such: impl Fn(u8) -> bool) -> u32 {
    let count = |count: u8, byte: &u8| count.wrapping_add(u8::from(is_such(*byte)));
    u32::from(piece.iter().fold(0, count))
}

impl Measure {
    /// The share of links in the text whose nearest block this is.
    pub(crate) fn own_link_share(&self) -> f32 {
        share(self.own_link, self.own)
    }

    /// The share of links in all text below.
    pub(crate) fn link_share(&self) -> f32 {
        share(self.link, self.all)
    }
}

#[expect(clippy::cast_precision_loss, reason = "weights are far below 2^24")]
pub(crate) fn share(part: u32, whole: u32) -> f32 {
    if whole == 0 {
        0.0
    } else {
        part as f32 / whole as f32
    }
}
