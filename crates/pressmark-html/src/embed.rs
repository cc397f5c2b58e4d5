//! Players, posts and pictures in elements of their own: those of AMP, of light players that load
//! when they are clicked, and of social networks. Where what they show can be looked at.
//!
//! Source: <https://amp.dev/documentation/components/>, and each service's own embedding code.

use crate::attr::Attr;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// What an element that HTML does not know stands for, if it is such: a picture or a player.
pub(crate) fn meaning(tree: &Tree<'_>, id: NodeId) -> Option<Tag> {
    if tree.tag(id) != Tag::Other {
        return None;
    }
    let name = tree.name(id).to_ascii_lowercase();
    match name.as_str() {
        "amp-img" | "amp-anim" => Some(Tag::Img),
        "amp-video" | "amp-audio" | "amp-iframe" | "amp-video-iframe" => Some(Tag::Iframe),
        _ => (service(&name).is_some()).then_some(Tag::Iframe),
    }
}

/// How the address of a thing is made from an attribute of its element: what stands before and
/// behind it, and the attribute's names.
type Service = (&'static str, &'static str, &'static [&'static str]);

fn service(name: &str) -> Option<Service> {
    const VIDEO: &[&str] = &["data-videoid", "videoid", "video-id"];
    Some(match name {
        "amp-youtube" | "lite-youtube" | "youtube-video" | "youtube-lite" => {
            ("https://www.youtube.com/watch?v=", "", VIDEO)
        }
        "amp-vimeo" | "lite-vimeo" | "vimeo-video" => ("https://vimeo.com/", "", VIDEO),
        "amp-dailymotion" => ("https://www.dailymotion.com/video/", "", VIDEO),
        "amp-twitter" => ("https://twitter.com/i/status/", "", &["data-tweetid"]),
        "amp-instagram" => ("https://www.instagram.com/p/", "/", &["data-shortcode"]),
        "amp-facebook" => ("", "", &["data-href"]),
        "amp-reddit" | "amp-tiktok" => ("", "", &["data-src"]),
        _ => return None,
    })
}

/// The addresses at which a frame, a player or another embedded thing may be, the surest first.
pub(crate) fn addresses(tree: &Tree<'_>, id: NodeId) -> Vec<String> {
    let mut found = Vec::new();
    if let Some((before, behind, names)) = service(&tree.name(id).to_ascii_lowercase()) {
        let told = names.iter().find_map(|name| tree.attr_named(id, name));
        found.extend(told.map(|told| match told.trim() {
            address if address.contains("://") => address.to_owned(),
            key => format!("{before}{key}{behind}"),
        }));
    }
    // What is loaded later stands in an attribute for scripts, and nothing, or an empty page, in
    // the one for the browser.
    for name in ["src", "data-src", "data-lazy-src", "data-url"] {
        found.extend(tree.attr_named(id, name).map(str::to_owned));
    }
    found.retain(|address| !address.trim().is_empty());
    found
}

/// The address of the page of a video, in place of that of its player in a frame: there the reader
/// finds it with its title and its author.
pub(crate) fn page_of(address: &str) -> Option<String> {
    const PLAYERS: [(&str, &str); 6] = [
        (
            "//www.youtube.com/embed/",
            "https://www.youtube.com/watch?v=",
        ),
        (
            "//www.youtube-nocookie.com/embed/",
            "https://www.youtube.com/watch?v=",
        ),
        ("//player.vimeo.com/video/", "https://vimeo.com/"),
        (
            "//www.dailymotion.com/embed/video/",
            "https://www.dailymotion.com/video/",
        ),
        (
            "//player.bilibili.com/player.html?bvid=",
            "https://www.bilibili.com/video/",
        ),
        (
            "//player.bilibili.com/player.html?aid=",
            "https://www.bilibili.com/video/av",
        ),
    ];
    let bare = address.strip_prefix("https:");
    let bare = bare.or_else(|| address.strip_prefix("http:"))?;
    PLAYERS.iter().find_map(|(player, page)| {
        let key = bare.strip_prefix(player)?;
        let key = key.split(['?', '&', '#', '/']).next()?;
        let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (!key.is_empty() && key != "videoseries" && key.chars().all(is_key))
            .then(|| format!("{page}{key}"))
    })
}

/// An element of more nodes is no post that waits for its script.
const LARGEST: usize = 200;

/// The address of a post whose element holds nothing yet: a script would write it. What has a link
/// of its own is left as it stands.
pub(crate) fn post(tree: &Tree<'_>, id: NodeId) -> Option<String> {
    const POSTS: [&str; 8] = [
        "fb-post",
        "fb-video",
        "instagram-media",
        "tiktok-embed",
        "twitter-tweet",
        "twitter-video",
        "mastodon-embed",
        "bluesky-embed",
    ];
    const ADDRESSES: [&str; 5] = [
        "data-href",
        "data-instgrm-permalink",
        "data-embed-url",
        "data-url",
        "cite",
    ];
    let classes = tree.attr(id, Attr::Class)?;
    if !classes
        .split_ascii_whitespace()
        .any(|class| POSTS.contains(&class))
    {
        return None;
    }
    let told = |name: &&str| tree.attr_named(id, name);
    let told = ADDRESSES.iter().find_map(told)?;
    let holds = |inner: NodeId| matches!(tree.tag(inner), Tag::A | Tag::Iframe);
    let large = tree.end(id).index() - id.index() > LARGEST;
    (!large && !tree.subtree(id).any(holds)).then(|| told.to_owned())
}
