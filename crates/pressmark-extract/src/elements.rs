//! What whole elements are, by their names, their tags, their links and their shape.

use pressmark_html::{Attr, NodeId, Tag};

use crate::blocks::{Mode, Setting};
use crate::candidate::ELSEWHERE;
use crate::marks::Marks;
use crate::measure::share;
use crate::words::is_key_of;

/// What is done with an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    /// Left out: the step that decided, and why.
    Remove(&'static str, String),
    /// A picture with its caption.
    Figure,
    /// Kept in the HTML, but no text of the article: a post or another embedded thing.
    Quiet,
}

/// Names that are believed even of what reads like prose.
pub(crate) const STRONG: Marks =
    Marks(Marks::SHARE.0 | Marks::RELATED.0 | Marks::COMMENT.0 | Marks::AD.0 | Marks::PROMO.0);

fn remove(step: &'static str, reason: &str) -> Verdict {
    Verdict::Remove(step, reason.to_owned())
}

pub(crate) fn judge(setting: &Setting<'_, '_>, id: NodeId) -> Verdict {
    let tag = setting.tree.tag(id);
    let measure = setting.measures.get(id);
    let whole = setting.measures.get(setting.root).all.max(1);
    if measure.hidden {
        let shown = matches!(
            tag,
            Tag::Noscript | Tag::Iframe | Tag::Video | Tag::Audio | Tag::Embed
        );
        return if shown {
            Verdict::Keep
        } else {
            remove("hidden", "is never shown")
        };
    }
    let walled = measure.marks.and(measure.around).has(Marks::WALL);
    let least = if tag == Tag::P || walled { 40 } else { 400 };
    if measure.marks.has(Marks::HIDDEN) && measure.prose < least {
        return remove("hidden", "its style or names hide it");
    }
    if is_title(setting, id) {
        return remove("title", "is the title");
    }
    if tag == Tag::Figure || is_captioned(setting, id) {
        return Verdict::Figure;
    }
    if is_post(setting, id) {
        return Verdict::Quiet;
    }
    if setting.mode == Mode::Ruled {
        return Verdict::Keep;
    }
    let part = share(measure.all, whole);
    let small = measure.all < 200 || part < 0.5;
    if let Some(verdict) =
        by_tag(tag, part, measure.prose).or_else(|| small.then(|| by_names(setting, id)).flatten())
    {
        return verdict;
    }
    by_links(setting, id, part).unwrap_or(Verdict::Keep)
}

fn is_title(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    if Some(id) == setting.heading {
        return true;
    }
    let tag = setting.tree.tag(id);
    let measure = setting.measures.get(id);
    (tag.is_heading() || measure.marks.has(Marks::TITLE) && tag.is_block() || tag == Tag::P)
        && !setting.title.is_empty()
        && measure.all < 600
        && measure.all as usize + 40 > setting.title.len() / 3
        && is_key_of(setting.title_key, setting.tree.texts(id))
}

/// Whether an element is made of more than any caption or teaser is. Elements that hold each other
/// are each looked through only if they are small.
fn is_bulky(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    setting.tree.end(id).index() - id.index() > 600
}

/// Whether a small element is a picture and the words to it.
fn is_captioned(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    let tree = setting.tree;
    let measure = setting.measures.get(id);
    let wraps = matches!(
        tree.tag(id),
        Tag::Div | Tag::Section | Tag::Center | Tag::Table | Tag::Dl | Tag::Span | Tag::Aside
    );
    if !wraps || measure.all == 0 || measure.all > 500 || measure.link_share() > 0.6 {
        return false;
    }
    if is_bulky(setting, id) {
        return false;
    }
    let named = |id: NodeId| {
        setting
            .measures
            .get(id)
            .marks
            .has(Marks(Marks::CAPTION.0 | Marks::MEDIA.0))
    };
    let (mut image, mut caption, mut texts) = (false, named(id), 0);
    for inner in tree.subtree(id).skip(1) {
        match tree.tag(inner) {
            Tag::Img | Tag::Picture | Tag::Video | Tag::Iframe => image = true,
            Tag::Figcaption | Tag::Figure => return false,
            Tag::Text => {}
            tag => {
                caption |= named(inner);
                texts += u32::from(tag.is_block() && setting.measures.get(inner).own > 0);
            }
        }
    }
    image && (caption && texts <= 4 || texts <= 2 && measure.all < 220 && measure.link == 0)
}

/// Whether it is a post of a social network, or the frame of one.
fn is_post(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    const POSTS: [&str; 8] = [
        "twitter-tweet",
        "twitter-video",
        "instagram-media",
        "tiktok-embed",
        "fb-post",
        "bluesky-embed",
        "mastodon-embed",
        "reddit-embed-bq",
    ];
    let classes = setting.tree.attr(id, Attr::Class).unwrap_or_default();
    classes
        .split_ascii_whitespace()
        .any(|class| POSTS.contains(&class))
}

fn by_tag(tag: Tag, part: f32, prose: u32) -> Option<Verdict> {
    match tag {
        Tag::Nav | Tag::Dialog if part < 0.5 => {
            Some(Verdict::Remove("element", format!("is a `{}`", tag.name())))
        }
        Tag::Button | Tag::Label => {
            Some(Verdict::Remove("element", format!("is a `{}`", tag.name())))
        }
        Tag::Form | Tag::Footer | Tag::Fieldset if part < 0.3 => {
            Some(Verdict::Remove("element", format!("is a `{}`", tag.name())))
        }
        Tag::Aside if part < 0.3 || prose < 300 => Some(remove("element", "stands aside")),
        _ => None,
    }
}

fn by_names(setting: &Setting<'_, '_>, id: NodeId) -> Option<Verdict> {
    let tag = setting.tree.tag(id);
    let measure = setting.measures.get(id);
    let marks = measure.marks;
    if tag.is_heading() && !marks.has(Marks(Marks::AD.0 | Marks::SHARE.0)) {
        return None;
    }
    let in_line = !tag.is_block();
    let prosaic = measure.prose >= 600 && measure.link_share() < 0.2;
    if prosaic && (marks.has(Marks::BODY) || !marks.has(STRONG)) {
        return None;
    }
    let read = measure.prose >= 100 && (tag == Tag::P || setting.mode == Mode::Parts);
    let preformatted = tag == Tag::Pre
        || setting
            .tree
            .ancestors(id)
            .take(4)
            .any(|above| setting.tree.tag(above) == Tag::Pre);
    if preformatted {
        return None;
    }
    if read
        && measure.link_share() < 0.3
        && !marks.has(Marks(Marks::SHARE.0 | Marks::AD.0 | Marks::COMMENT.0))
    {
        return None;
    }
    if marks.has(ELSEWHERE) && !(in_line && measure.all > 120) {
        return Some(remove(
            "names",
            "its names say that it is not of the article",
        ));
    }
    if marks.has(Marks(
        Marks::BYLINE.0 | Marks::DATE.0 | Marks::TAGS.0 | Marks::META.0,
    )) && measure.all < 250
        && !in_line
    {
        return Some(remove("names", "is a byline, a date or a tag"));
    }
    if marks.has(Marks::CAPTION) && measure.all < 500 && !in_line {
        return Some(Verdict::Quiet);
    }
    None
}

fn by_links(setting: &Setting<'_, '_>, id: NodeId, part: f32) -> Option<Verdict> {
    let tag = setting.tree.tag(id);
    let measure = setting.measures.get(id);
    let holds = matches!(
        tag,
        Tag::Ul
            | Tag::Ol
            | Tag::Div
            | Tag::Section
            | Tag::Table
            | Tag::Li
            | Tag::Article
            | Tag::Dl
            | Tag::Header
    );
    if !holds || measure.all < 15 || part > 0.4 {
        return None;
    }
    let links = measure.link_share();
    if matches!(tag, Tag::Ul | Tag::Ol | Tag::Li) && setting.is_bare() {
        return None;
    }
    if links > 0.55 {
        return Some(Verdict::Remove(
            "links",
            format!("{:.0} % of it is links", links * 100.0),
        ));
    }
    if setting.mode == Mode::Article && is_card(setting, id) {
        return Some(remove("card", "is a teaser of another article"));
    }
    None
}

/// Whether a small element is made around a link: a heading inside of a link, or a link around
/// other blocks.
fn is_card(setting: &Setting<'_, '_>, id: NodeId) -> bool {
    let tree = setting.tree;
    let measure = setting.measures.get(id);
    let nested = tree.tag(id) == Tag::Article && id != setting.root;
    if measure.link == 0
        || measure.all > if nested { 2_000 } else { 700 }
        || measure.prose > if nested { 2_000 } else { 900 }
        || is_bulky(setting, id)
    {
        return false;
    }
    if nested
        && measure.all < 1_000
        && tree
            .subtree(id)
            .any(|inner| tree.tag(inner) == Tag::A && setting.measures.get(inner).all == 0)
    {
        return true;
    }
    for inner in tree.subtree(id).skip(1) {
        let below = setting.measures.get(inner);
        let tag = tree.tag(inner);
        let linked = below.all > 15 && below.link_share() > 0.9;
        if linked && (tag.is_heading() || below.marks.has(Marks::TITLE)) {
            return true;
        }
        if tag == Tag::A && below.all > 15 {
            let around = tree.subtree(inner).skip(1).any(|n| {
                tree.tag(n).is_block() && setting.measures.get(n).all > 0 || tree.tag(n) == Tag::Img
            });
            if around {
                return true;
            }
        }
    }
    false
}
