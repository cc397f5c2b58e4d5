//! Which files of a version are kept, and in which size.

use pressmark_html::{Attr, ImageSet, NodeId, Tag, Tree};
use pressmark_model::{Article, WebUrl};

use super::{MediaRules, WantedMedium};

/// No longer address is asked for, in bytes.
const LONGEST_ADDRESS: usize = 2000;

/// What a text shows, or links to and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shown {
    /// An image.
    Image(WebUrl),
    /// A recording.
    Audio(WebUrl),
}

impl Shown {
    /// Its address.
    pub const fn url(&self) -> &WebUrl {
        match self {
            Self::Image(url) | Self::Audio(url) => url,
        }
    }
}

/// What an article shows, in the order of its text, each once: its images, and the recordings
/// that it links to. The lead image comes first, if it is none of them.
pub fn shown_images(article: &Article) -> Vec<Shown> {
    let tree = Tree::parse(&article.html);
    let mut shown: Vec<Shown> = Vec::new();
    for id in tree.subtree(NodeId::ROOT) {
        let found = match tree.tag(id) {
            Tag::Img => tree
                .attr(id, Attr::Src)
                .and_then(|src| src.parse().ok())
                .map(Shown::Image),
            Tag::A => tree
                .attr(id, Attr::Href)
                .and_then(|href| href.parse().ok())
                .filter(is_recording)
                .map(Shown::Audio),
            _ => None,
        };
        shown.extend(found.filter(|found| !shown.contains(found)));
    }
    let lead = article.image.clone().map(Shown::Image);
    if let Some(lead) = lead.filter(|lead| !shown.contains(lead)) {
        shown.insert(0, lead);
    }
    shown
}

fn is_recording(url: &WebUrl) -> bool {
    let path = url.as_url().path().to_ascii_lowercase();
    [".mp3", ".m4a", ".ogg", ".oga", ".opus"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// What is asked for: of each image the best size that is no wider than the rules allow.
pub(super) fn wanted(
    shown: Vec<Shown>,
    sets: &[ImageSet],
    rules: &MediaRules,
) -> Vec<WantedMedium> {
    let kept = |shown: &Shown| {
        shown.url().as_str().len() <= LONGEST_ADDRESS
            && (matches!(shown, Shown::Image(_)) || rules.max_audio_bytes > 0)
    };
    let item = |shown: Shown| {
        let url = shown.url().clone();
        let set = sets.iter().find(|set| set.address == url);
        let best = set.and_then(|set| set.best(rules.max_width)).cloned();
        WantedMedium {
            fetch_url: best
                .filter(|best| best.as_str().len() <= LONGEST_ADDRESS)
                .unwrap_or_else(|| url.clone())
                .without_fragment(),
            url,
        }
    };
    let chosen = shown.into_iter().filter(kept).map(item);
    chosen.take(rules.max_count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(html: &str, image: Option<&str>) -> Article {
        Article {
            html: html.to_owned(),
            image: image.map(|image| image.parse().unwrap()),
            ..Article::default()
        }
    }

    #[test]
    fn every_image_is_wanted_once_and_the_lead_image_first() {
        let html = "<p><img src=\"https://a.example/1.png\"><img src=\"https://a.example/1.png\">\
                    <a href=\"https://a.example/talk.MP3\">hear</a></p>";
        let article = article(html, Some("https://a.example/lead.jpg"));
        let shown = shown_images(&article);
        let urls: Vec<_> = shown.iter().map(|shown| shown.url().as_str()).collect();
        assert_eq!(
            urls,
            [
                "https://a.example/lead.jpg",
                "https://a.example/1.png",
                "https://a.example/talk.MP3"
            ]
        );
        let rules = MediaRules::default();
        assert_eq!(wanted(shown.clone(), &[], &rules).len(), 2, "links only");
        let rules = MediaRules {
            max_audio_bytes: 1,
            max_count: 3,
            ..rules
        };
        assert_eq!(wanted(shown, &[], &rules).len(), 3);
    }
}
