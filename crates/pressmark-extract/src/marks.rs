//! What the class, id and role of an element say about it, word by word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use pressmark_html::{Attr, NodeId, Tag, Tree};

/// A set of what an element may be, by its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks(pub(crate) u32);

macro_rules! marks {
    ($($name:ident $bit:literal,)*) => {
        impl Marks { $(pub(crate) const $name: Self = Self(1 << $bit);)* }
    };
}

marks! {
    BODY 0, CHROME 1, SHARE 2, RELATED 3, COMMENT 4, AD 5, PROMO 6, BYLINE 7, DATE 8, TAGS 9,
    CAPTION 10, LEAD 11, TITLE 12, HIDDEN 13, WALL 14, MEDIA 15, CONTENT 16, FACTS 17, QUOTE 18,
    TEASER 19, LIVE 20, META 21, SOURCE 22, REVIEWS 23,
}

impl Marks {
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The marks of an element.
    pub(crate) fn of(tree: &Tree<'_>, id: NodeId) -> Self {
        let mut marks = Self::default();
        for attr in [Attr::Class, Attr::Id, Attr::DataTestid, Attr::Itemprop] {
            if let Some(value) = tree.attr(id, attr) {
                // An id of many words is made from a heading, and names its subject.
                let made = attr == Attr::Id && value.matches(['-', '_']).count() > 3;
                if made {
                    continue;
                }
                marks = marks.and(of_names(value));
            }
        }
        if let Some(role) = tree.attr(id, Attr::Role) {
            marks = marks.and(match role {
                "navigation" | "banner" | "contentinfo" | "menu" | "search" | "toolbar"
                | "menubar" | "dialog" | "alertdialog" | "tablist" | "button" | "tab"
                | "tooltip" => Self::CHROME,
                "complementary" => Self::RELATED,
                _ => Self::default(),
            });
        }
        if is_hidden(tree, id) {
            marks = marks.and(Self::HIDDEN);
        }
        marks.and(match tree.tag(id) {
            Tag::Nav | Tag::Button | Tag::Dialog | Tag::Label | Tag::Legend => Self::CHROME,
            _ => Self::default(),
        })
    }
}

/// How the names of consent banners begin.
const CONSENT: [&str; 9] = [
    "cookie",
    "onetrust",
    "consent",
    "gdpr",
    "didomi",
    "usercentrics",
    "truste",
    "cmplz",
    "CybotCookiebot",
];

/// Whether it asks to consent to cookies.
pub(crate) fn is_consent(tree: &Tree<'_>, id: NodeId) -> bool {
    let names = |attr| {
        tree.attr(id, attr)
            .unwrap_or_default()
            .split_ascii_whitespace()
    };
    names(Attr::Id)
        .chain(names(Attr::Class))
        .any(|name| CONSENT.iter().any(|word| name.starts_with(word)))
}

/// Classes that are given to what is only read aloud, or not shown.
const HIDING: [&str; 10] = [
    "hidden",
    "hide",
    "invisible",
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
    "screen-reader-text",
    "d-none",
    "is-hidden",
    "u-hidden",
];

fn is_hidden(tree: &Tree<'_>, id: NodeId) -> bool {
    let classes = tree.attr(id, Attr::Class).unwrap_or_default();
    if classes
        .split_ascii_whitespace()
        .any(|class| HIDING.contains(&class))
    {
        return true;
    }
    if classes.contains("offscreen")
        || classes.contains("sr-only")
        || classes.contains("visually-hidden")
    {
        return true;
    }
    if tree.attr(id, Attr::Hidden).is_some() || tree.attr(id, Attr::AriaHidden) == Some("true") {
        return true;
    }
    tree.attr(id, Attr::Style).is_some_and(|style| {
        let style: String = style
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}

/// The words that are looked up are known when this is compiled: their hash need not withstand
/// anyone.
type Hashing = BuildHasherDefault<WordHasher>;

/// Hashes a packed word.
#[derive(Debug, Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn write_u128(&mut self, word: u128) {
        let bytes = word.to_le_bytes();
        let (words, _) = bytes.as_chunks::<8>();
        self.0 = words.iter().fold(self.0, |hash, word| {
            let mixed = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            mixed ^ mixed >> 32
        });
    }
}

/// The marks of the words in a class list, an id or another name.
pub(crate) fn of_names(names: &str) -> Marks {
    let mut marks = Marks::default();
    let bytes = names.as_bytes();
    let mut key = 0_u128;
    let mut length = 0;
    let mut previous_lower = false;
    for &byte in bytes {
        let upper = byte.is_ascii_uppercase();
        if !byte.is_ascii_alphabetic() || (upper && previous_lower) {
            marks = marks.and(of_key(key, length));
            (key, length) = (0, 0);
        }
        previous_lower = byte.is_ascii_lowercase();
        if byte.is_ascii_alphabetic() && length < 16 {
            key = (key << 8) | u128::from(byte.to_ascii_lowercase());
            length += 1;
        }
    }
    marks.and(of_key(key, length))
}

const fn pack(word: &str) -> u128 {
    let mut key = 0;
    let mut rest = word.as_bytes();
    while let [byte, tail @ ..] = rest {
        key = (key << 8) | *byte as u128;
        rest = tail;
    }
    key
}

macro_rules! words {
    ($($mark:ident: $($word:literal)*;)*) => {
        /// The words, and what they mark; some mark more than one thing.
        static WORDS: LazyLock<HashMap<u128, Marks, Hashing>> = LazyLock::new(|| {
            let mut words: HashMap<u128, Marks, Hashing> = HashMap::default();
            $($(
                let marks = words.entry(pack($word)).or_default();
                *marks = marks.and(Marks::$mark);
            )*)*
            words
        });
    };
}

fn of_key(key: u128, length: usize) -> Marks {
    if length < 2 {
        return Marks::default();
    }
    WORDS.get(&key).copied().unwrap_or_default()
}

words! {
    BODY: "article" "story" "post" "entry" "articlebody" "storybody" "postbody" "entrycontent"
        "articlecontent" "postcontent" "storycontent" "artikel" "articletext" "newstext"
        "bodytext" "maintext" "fulltext" "richtext" "prose" "haber" "noticia" "nota" "zhengwen"
        "articulo" "artigo" "articolo" "clanek" "artykul";
    CONTENT: "content" "body" "text" "main" "paragraph" "paragraphs" "detail" "details" "wysiwyg"
        "copy" "inhalt";
    CHROME: "nav" "navi" "navigation" "menu" "breadcrumb" "breadcrumbs" "footer" "sidebar"
        "toolbar" "pagination" "pager" "paging" "navbar" "topbar" "masthead" "skip" "skiplink"
        "sitemap" "offcanvas" "dropdown" "tooltip" "modal" "popup" "overlay" "lightbox" "login"
        "signin" "signup" "register" "search" "widget" "widgets" "gallery" "carousel" "slider"
        "slick" "swiper" "button" "btn" "buttons" "cta" "print" "feedback" "rating" "ratings"
        "vote" "poll" "cookie" "consent" "gdpr" "onetrust" "bookmark" "controls" "player"
        "crumbs" "crumb" "mianbaoxie";
    SHARE: "share" "sharing" "social" "socials" "shares" "sharebar" "sharebox" "sharetools"
        "addthis" "addtoany" "sharethis" "facebook" "whatsapp" "teilen" "partager" "compartir"
        "sharedaddy" "socialmedia" "fenxiang" "bdsharebuttonbox" "bshare" "sosmed" "socialshare"
        "bdshare" "jiathis" "follow";
    RELATED: "related" "recommended" "recommendation" "recommendations" "recommend" "more"
        "readmore" "mehr" "similar" "popular" "trending" "latest" "mostread" "outbrain" "taboola"
        "relatednews" "relatedposts" "seealso" "xiangguan" "tuijian" "yarpp" "plista"
        "zergnet" "alsolike" "suggested" "suggestions" "relacionadas"
        "relacionados" "relacionada" "correlati" "ranking" "nextarticle"
        "morearticles" "readnext" "upnext" "linkbox" "relatedlinks" "relacionado" "verwandt"
        "weiterlesen" "linklist" "onward" "inread" "interlink" "crosslink" "backlinks";
    COMMENT: "comment" "comments" "commentlist" "disqus" "respond" "kommentare" "kommentar"
        "commentaires" "comentarios" "replies" "pinglun" "reply" "forum" "coral" "discussion"
        "viafoura" "spotim" "livefyre" "disclaimer";
    AD: "ad" "ads" "adv" "advert" "adverts" "advertisement" "advertising" "adslot" "adbox"
        "adsense" "adsbygoogle" "sponsor" "sponsored" "sponsors" "banner" "werbung" "anzeige"
        "anzeigen" "publicidad" "publicite" "reklama" "reklam" "reklame" "dfp" "gpt" "guanggao"
        "adcontainer" "adunit" "adwrapper" "affiliate" "commercial" "annonce" "admanager";
    PROMO: "newsletter" "newsletters" "subscribe" "subscription" "promo" "promotion" "promobox"
        "abo" "donate" "donation" "appdownload" "qrcode" "erweima" "weixin" "wechat"
        "selfpromo" "teaserbox" "marketing" "membership" "mailinglist" "optin" "podcast" "saoma"
        "ewm" "callout" "push" "notification" "notifications" "abonnement" "spende" "downloadapp";
    BYLINE: "byline" "bylines" "author" "authors" "writer" "contributor" "contributors" "autor"
        "auteur" "authorbox" "authorbio" "bio" "reporter" "journalist" "editor" "bianji"
        "zuozhe" "verfasser" "autoren" "autore" "forfatter" "dateline" "creator" "profile"
        "byliner" "signature" "avatar" "credits" "authorship";
    DATE: "date" "time" "datetime" "timestamp" "published" "pubdate" "publishdate" "updated"
        "datum" "fecha" "posttime" "pubtime" "modified" "lastupdated" "publish" "dateposted"
        "published" "publication" "shijian";
    TAGS: "tags" "tag" "taglist" "keywords" "topics" "topic" "category" "categories" "labels"
        "kicker" "schlagworte" "etiquetas" "biaoqian" "tagcloud" "themen" "rubrik"
        "hashtags" "eyebrow";
    CAPTION: "caption" "figcaption" "captions" "bildunterschrift" "legend" "legende" "credit"
        "photocredit" "imagecaption" "copyright" "photographer" "bu" "wpcaption" "quelle";
    LEAD: "lead" "lede" "standfirst" "subtitle" "subheadline" "subhead" "deck" "dek" "teaser"
        "intro" "introduction" "summary" "excerpt" "abstract" "chapo" "bajada" "sommario"
        "ingress" "anlauf" "vorspann" "leadtext" "perex" "zhaiyao" "daodu" "description"
        "headnote" "entradilla" "copete" "manchet" "spot" "sapo" "preamble" "dachzeile"
        "sumario" "strapline" "articlelead" "synopsis" "tldr" "unterzeile";
    TITLE: "title" "headline" "heading" "headlines" "titel" "titulo" "titre" "titolo" "biaoti"
        "ueberschrift";
    WALL: "paywall" "premium" "piano" "regwall" "meter" "metered" "paygate" "bezahlschranke"
        "plus" "paid" "subscriber" "subscribers" "gated";
    MEDIA: "image" "img" "photo" "picture" "video" "figure" "media" "audio" "foto" "bild"
        "embed" "youtube" "twitter" "instagram" "tiktok" "thumbnail" "thumb" "jwplayer"
        "brightcove";
    FACTS: "factbox" "infobox" "facts" "fact" "infokasten" "box" "aside" "sidenote" "glossary"
        "keypoints" "highlights" "background" "faktaruta" "fakta" "hintergrund" "explainer";
    QUOTE: "pullquote" "blockquote" "quote" "zitat" "cita";
    TEASER: "teaser" "teasers" "card" "cards" "tile" "tiles" "listing" "list" "feed" "stream"
        "grid" "river" "item" "items";
    LIVE: "liveblog" "live" "ticker" "liveticker";
    META: "meta" "metadata" "postmeta" "entrymeta" "articlemeta" "articleinfo" "postinfo";
    REVIEWS: "reviews" "bazaarvoice" "yotpo" "testimonials" "questions" "qna";
    SOURCE: "source" "laiyuan" "agency" "origin" "copyrights" "shengming" "zeren" "statement";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_word_by_word() {
        assert!(of_names("article-body").has(Marks::BODY));
        assert!(of_names("c-relatedLinks").has(Marks::RELATED));
        assert!(of_names("js_share_bar x").has(Marks::SHARE));
        assert!(!of_names("shareholder").has(Marks::SHARE));
        assert!(!of_names("header").has(Marks::AD));
    }
}
