//! Pictures: where they are, and in which sizes.

use pressmark_model::WebUrl;

use crate::attr::Attr;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Whether an image is a tracking pixel: one pixel wide or high.
pub fn is_pixel(tree: &Tree<'_>, id: NodeId) -> bool {
    [Attr::Width, Attr::Height].into_iter().any(|attr| {
        tree.attr(id, attr)
            .is_some_and(|v| matches!(v.trim().trim_end_matches("px"), "0" | "1"))
    })
}

/// No `picture` or player has more children that matter.
const MOST_SOURCES: usize = 64;

/// Where the picture of an `img` is, relative as it stands: the largest that is told of with its
/// size, in its own set or one of its `picture`; else the address that a script would load later,
/// else its own, unless that is a placeholder.
pub fn image_address(tree: &Tree<'_>, id: NodeId) -> Option<String> {
    const LAZY: [&str; 10] = [
        "data-src",
        "data-original",
        "data-lazy-src",
        "data-lazy",
        "data-url",
        "data-actualsrc",
        "data-echo",
        "data-original-src",
        "data-hi-res-src",
        "data-image",
    ];
    let largest = image_and_sources(tree, id)
        .flat_map(|id| sets_of(tree, id))
        .filter_map(largest_of_set)
        .reduce(|best, other| if other.0 > best.0 { other } else { best });
    let lazy = || {
        LAZY.iter()
            .find_map(|name| tree.attr_named(id, name).filter(is_picture))
    };
    let own = || tree.attr(id, Attr::Src).filter(is_picture);
    match largest {
        // Without a width, a set says nothing that the address beside it does not.
        Some((size, address)) if size >= MANY_PIXELS => Some(address),
        largest => lazy()
            .or_else(own)
            .map(str::to_owned)
            .or_else(|| largest.map(|(_, address)| address)),
    }
}

/// Whether an address can be that of a picture, and not of what stands in for one that is loaded
/// later.
fn is_picture(src: &&str) -> bool {
    const STAND_INS: [&str; 9] = [
        "1x1.",
        "blank.gif",
        "blank.png",
        "lazy-load.",
        "lazyload.",
        "pixel.gif",
        "placeholder.",
        "spacer.gif",
        "transparent.",
    ];
    let src = src.trim();
    let file = src.split(['?', '#']).next().unwrap_or(src);
    let file = file.rsplit('/').next().unwrap_or(file);
    !src.is_empty()
        && !src
            .get(..5)
            .is_some_and(|s| s.eq_ignore_ascii_case("data:"))
        && !src.contains(['{', '<', '"'])
        && !STAND_INS.iter().any(|name| file.starts_with(name))
}

/// From this width on, in pixels, what a set says of a picture is a width and no density.
const MANY_PIXELS: f32 = 32.0;

/// The candidate of a `srcset` with the greatest width or density, and that.
fn largest_of_set(set: &str) -> Option<(f32, String)> {
    let larger = |best: (f32, _), other: (f32, _)| if other.0 > best.0 { other } else { best };
    let (size, address) = candidates(set).reduce(larger)?;
    Some((size, address.to_owned()))
}

/// The candidates of a `srcset` with their width or density (HTML Standard, "parse a srcset
/// attribute"): an address reaches to the next white space, what is said of it to the next comma.
fn candidates(set: &str) -> impl Iterator<Item = (f32, &str)> {
    let mut rest = set;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
        let (word, behind) = rest
            .split_once(|c: char| c.is_ascii_whitespace())
            .unwrap_or((rest, ""));
        let address = word.trim_end_matches(',');
        let said = if address.len() < word.len() {
            rest = behind;
            ""
        } else {
            let (said, next) = behind.split_once(',').unwrap_or((behind, ""));
            rest = next;
            said
        };
        let size = said
            .split_ascii_whitespace()
            .next()
            .and_then(|said| said.trim_end_matches(['w', 'x', 'h']).parse().ok())
            .unwrap_or(1.0);
        (!address.is_empty()).then_some((size, address))
    })
    .filter(|(_, address)| !address.starts_with("data:") && !address.contains('{'))
}

/// A picture that a page has in several sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSet {
    /// The address that [`image_address`] takes.
    pub address: WebUrl,
    /// The sizes by their width in pixels, in the order of the page. Where only densities are
    /// told, the width is that of the image in the page times the density.
    pub sizes: Vec<(u32, WebUrl)>,
}

impl ImageSet {
    /// The address of the largest size that is no wider than this; if all are, that of the smallest.
    pub fn best(&self, max_width: u32) -> Option<&WebUrl> {
        let narrow = self.sizes.iter().filter(|(width, _)| *width <= max_width);
        let best = narrow
            .max_by_key(|(width, _)| *width)
            .or_else(|| self.sizes.iter().min_by_key(|(width, _)| *width));
        best.map(|(_, address)| address)
    }
}

/// The width of an image in the page, in pixels, where none is told.
const USUAL_WIDTH: f32 = 640.0;

/// The pictures of a page that it has in several sizes. Addresses are made absolute with `base`.
pub fn image_sets(tree: &Tree<'_>, base: &WebUrl) -> Vec<ImageSet> {
    let absolute = |address: &str| base.join(address.trim()).ok();
    let images = tree
        .subtree(NodeId::ROOT)
        .filter(|id| tree.tag(*id) == Tag::Img);
    let set = |id: NodeId| {
        let address = image_address(tree, id).and_then(|address| absolute(&address))?;
        let shown = tree
            .attr(id, Attr::Width)
            .and_then(|width| width.trim().trim_end_matches("px").parse().ok())
            .filter(|width| *width >= MANY_PIXELS)
            .unwrap_or(USUAL_WIDTH);
        let width = |size: f32| {
            if size < MANY_PIXELS {
                size * shown
            } else {
                size
            }
        };
        let sizes: Vec<(u32, WebUrl)> = image_and_sources(tree, id)
            .flat_map(|id| sets_of(tree, id))
            .flat_map(candidates)
            .filter_map(|(size, address)| Some((pixels(width(size)), absolute(address)?)))
            .collect();
        (!sizes.is_empty()).then_some(ImageSet { address, sizes })
    };
    images.filter_map(set).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and no picture is that wide"
)]
fn pixels(width: f32) -> u32 {
    width as u32
}

/// An image, and the sources of its `picture`.
fn image_and_sources(tree: &Tree<'_>, id: NodeId) -> impl Iterator<Item = NodeId> {
    let parent = tree.parent(id);
    let sources = (tree.tag(parent) == Tag::Picture).then(|| {
        tree.children(parent)
            .take(MOST_SOURCES)
            .filter(|child| tree.tag(*child) == Tag::Source)
    });
    std::iter::once(id).chain(sources.into_iter().flatten())
}

fn sets_of<'t>(tree: &'t Tree<'_>, id: NodeId) -> impl Iterator<Item = &'t str> {
    ["srcset", "data-srcset", "data-lazy-srcset"]
        .into_iter()
        .filter_map(move |name| tree.attr_named(id, name))
}

/// An image in clean HTML.
#[derive(Debug)]
pub struct ShownImage<'h> {
    /// Its address.
    pub src: &'h str,
    /// What stands in for it where it cannot be seen.
    pub alt: &'h str,
    /// Its tag as it stands.
    pub tag: &'h str,
    /// Whether it is within a link.
    pub in_link: bool,
}

/// Clean HTML (see [`sanitise`](crate::sanitise())) with what `replace` gives in the place of its
/// images; an image for which it gives nothing stays.
pub fn replace_images(
    clean: &str,
    replace: &mut dyn FnMut(&ShownImage<'_>) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(clean.len());
    let mut rest = clean;
    let mut in_link = false;
    // In clean HTML a `<` only ever begins a tag, and a `>` outside of one is escaped.
    while let Some((before, from)) = rest.find('<').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let end = from.find('>').map_or(from.len(), |end| end + 1);
        let (tag, after) = from.split_at_checked(end).unwrap_or((from, ""));
        rest = after;
        if tag.starts_with("<a ") {
            in_link = true;
        } else if tag == "</a>" {
            in_link = false;
        }
        let replaced = tag.starts_with("<img ").then(|| {
            let tree = Tree::parse(tag);
            let id = tree
                .subtree(NodeId::ROOT)
                .find(|id| tree.tag(*id) == Tag::Img)?;
            replace(&ShownImage {
                src: tree.attr(id, Attr::Src)?,
                alt: tree.attr(id, Attr::Alt).unwrap_or_default(),
                tag,
                in_link,
            })
        });
        out.push_str(replaced.flatten().as_deref().unwrap_or(tag));
    }
    out.push_str(rest);
    out
}

/// Clean HTML with what `add` gives behind its links, by their addresses.
pub fn add_to_links(clean: &str, add: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(clean.len());
    let mut rest = clean;
    let mut added = None;
    // As above: a `<` begins a tag. There is no link within another.
    while let Some((before, from)) = rest.find('<').and_then(|at| rest.split_at_checked(at)) {
        let end = from.find('>').map_or(from.len(), |end| end + 1);
        let (tag, after) = from.split_at_checked(end).unwrap_or((from, ""));
        rest = after;
        out.push_str(before);
        out.push_str(tag);
        if tag.starts_with("<a ") {
            let tree = Tree::parse(tag);
            let mut links = tree.subtree(NodeId::ROOT);
            let link = links.find(|id| tree.tag(*id) == Tag::A);
            added = link
                .and_then(|id| tree.attr(id, Attr::Href))
                .and_then(&mut *add);
        } else if tag == "</a>" {
            out.extend(added.take());
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(html: &str) -> Vec<ImageSet> {
        let base = "https://a.example/n/1".parse().unwrap();
        image_sets(&Tree::parse(html), &base)
    }

    #[test]
    fn the_best_size_is_the_largest_within_the_bound() {
        let html = "<img src=s.jpg srcset=\"s.jpg 320w, m.jpg 1280w, /l.jpg 4096w\">";
        let found = sets(html);
        let [set] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(set.address.as_str(), "https://a.example/l.jpg");
        let best = |width| set.best(width).unwrap().as_str();
        assert_eq!(best(2048), "https://a.example/n/m.jpg");
        assert_eq!(best(5000), "https://a.example/l.jpg");
        assert_eq!(best(100), "https://a.example/n/s.jpg", "none is that small");
    }

    #[test]
    fn sources_of_a_picture_and_densities_count() {
        let html = "<picture><source srcset=\"w.webp 900w\"><img src=p.jpg></picture>\
                    <img src=a.jpg srcset=\"a.jpg, b.jpg 2x,c.jpg 4x\">\
                    <img src=a.jpg width=320 srcset=\"a.jpg 1x, b.jpg 3x\">";
        let found = sets(html);
        let widths = |set: &ImageSet| set.sizes.iter().map(|(width, _)| *width).collect();
        let widths: Vec<Vec<u32>> = found.iter().map(widths).collect();
        assert_eq!(widths, [vec![900], vec![640, 1280, 2560], vec![320, 960]]);
        assert_eq!(
            found[1].best(2048).unwrap().as_str(),
            "https://a.example/n/b.jpg"
        );
    }

    #[test]
    fn a_set_is_cut_as_browsers_cut_it() {
        for (set, expected) in [
            ("a 640w,b 1200w", &[(640.0, "a"), (1200.0, "b")][..]),
            ("a,b 2x", &[(2.0, "a,b")]),
            ("a, b 2x", &[(1.0, "a"), (2.0, "b")]),
            (
                " ,w_1,h_2/a.jpg 300w ,\n b 600w, ",
                &[(300.0, "w_1,h_2/a.jpg"), (600.0, "b")],
            ),
            ("data:image/gif;base64,AA 1x, b 2x", &[(2.0, "b")]),
            ("", &[]),
        ] {
            assert_eq!(candidates(set).collect::<Vec<_>>(), expected, "{set}");
        }
    }

    #[test]
    fn something_is_added_behind_links() {
        let clean = "<p>a <a href=\"https://a.example/1.mp3?a=1&amp;b\"><b>hear</b></a> b \
                     <a href=\"https://a.example/2\">see</a></p>";
        let added = add_to_links(clean, &mut |href| {
            (href == "https://a.example/1.mp3?a=1&b").then(|| "<i></i>".to_owned())
        });
        assert_eq!(added, clean.replace("</b></a>", "</b></a><i></i>"));
    }

    #[test]
    fn images_are_replaced_and_the_rest_stays() {
        let clean = "<p>a &lt; b <a href=\"https://a.example/?x=1&amp;y=%3E\">\
                     <img src=\"https://a.example/1.png?a=1&amp;b=2\" alt=\"1 &gt; 0\"></a></p>\
                     <figure><img src=\"https://a.example/2.png\"></figure>";
        let clean = crate::sanitise(clean, None);
        let mut seen = Vec::new();
        let out = replace_images(&clean, &mut |image| {
            seen.push((image.src.to_owned(), image.alt.to_owned(), image.in_link));
            image.src.ends_with("2.png").then(|| "[2]".to_owned())
        });
        assert_eq!(
            seen,
            [
                (
                    "https://a.example/1.png?a=1&b=2".to_owned(),
                    "1 > 0".to_owned(),
                    true
                ),
                ("https://a.example/2.png".to_owned(), String::new(), false),
            ]
        );
        assert_eq!(
            out,
            clean.replace("<img src=\"https://a.example/2.png\">", "[2]")
        );
    }
}
