//! What an address tells: whether an article is likely to stand there, in tenths of a point.

use pressmark_model::WebUrl;

/// Words of paths under which no article stands, in the languages of the web.
const SERVICE: [&str; 75] = [
    "tag",
    "tags",
    "category",
    "categories",
    "author",
    "authors",
    "autor",
    "autoren",
    "auteur",
    "auteurs",
    "profile",
    "profiles",
    "user",
    "users",
    "people",
    "member",
    "members",
    "page",
    "search",
    "suche",
    "login",
    "signin",
    "signup",
    "register",
    "logout",
    "account",
    "subscribe",
    "subscription",
    "subscriptions",
    "newsletter",
    "newsletters",
    "about",
    "aboutus",
    "contact",
    "contactus",
    "kontakt",
    "impressum",
    "imprint",
    "privacy",
    "datenschutz",
    "terms",
    "legal",
    "cookies",
    "help",
    "faq",
    "advertise",
    "jobs",
    "careers",
    "shop",
    "rss",
    "feed",
    "feeds",
    "sitemap",
    "topic",
    "topics",
    "tema",
    "thema",
    "themen",
    "keyword",
    "label",
    "share",
    "donate",
    "cart",
    "apps",
    "epaper",
    "by",
    "contributors",
    "reporter",
    "reporters",
    "journalist",
    "journalists",
    "writer",
    "writers",
    "columnist",
    "columnists",
];

/// How the paths of pages about the site begin, as words of a slug: `privacy-policy`.
const ABOUT: [&str; 14] = [
    "about",
    "contact",
    "privacy",
    "terms",
    "cookie",
    "cookies",
    "advertise",
    "subscribe",
    "newsletter",
    "sitemap",
    "impressum",
    "datenschutz",
    "editorial",
    "accessibility",
];

/// Words of paths under which articles stand.
const STORY: [&str; 21] = [
    "article", "articles", "artikel", "articulo", "articolo", "clanek", "story", "stories", "post",
    "posts", "content", "detail", "details", "view", "read", "doc", "node", "entry", "archives",
    "a", "p",
];

/// Names of query parameters that hold the number of an article.
const NUMBERED: [&str; 18] = [
    "id",
    "aid",
    "nid",
    "newsid",
    "articleid",
    "article_id",
    "sn",
    "no",
    "idx",
    "idxno",
    "seq",
    "contentid",
    "docid",
    "itemid",
    "p",
    "tid",
    "storyid",
    "artid",
];

/// Hosts to which sites link to be followed, shared or installed.
const ELSEWHERE: [&str; 26] = [
    "facebook.com",
    "twitter.com",
    "x.com",
    "instagram.com",
    "linkedin.com",
    "pinterest.com",
    "tiktok.com",
    "whatsapp.com",
    "wa.me",
    "t.me",
    "telegram.me",
    "weibo.com",
    "weibo.cn",
    "apple.com",
    "google.com",
    "threads.net",
    "bsky.app",
    "flipboard.com",
    "line.me",
    "vk.com",
    "ok.ru",
    "beian.gov.cn",
    "miit.gov.cn",
    "youtube.com",
    "threads.com",
    "qzone.qq.com",
];

/// Ends of the names of files that are no pages.
const FILES: [&str; 16] = [
    "jpg", "jpeg", "png", "gif", "webp", "svg", "css", "js", "zip", "mp3", "mp4", "m3u8", "apk",
    "xml", "rss", "exe",
];

/// What was read from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Tenths of a point for an article, negative against it.
    pub(super) points: i32,
    /// How it is built: addresses of one kind are built alike.
    pub(super) shape: String,
    /// The same for all addresses of one page.
    pub(super) key: String,
    /// On another site than the page.
    pub(super) foreign: bool,
}

/// Reads an address that stands on the page at `page`.
pub(super) fn read(url: &WebUrl, page: Option<&WebUrl>) -> Address {
    let path = url.as_url().path();
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let site = site_of(url.host());
    let foreign = page.is_some_and(|page| site_of(page.host()) != site);
    let mut points = points(url, &segments);
    if foreign {
        points -= 20;
    }
    let host = url.host();
    let is_of = |known: &str| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if foreign && ELSEWHERE.iter().any(|known| is_of(known)) {
        points -= 60;
    }
    Address {
        points,
        shape: shape(url, &segments, foreign),
        key: key(url, &segments),
        foreign,
    }
}

/// The name under which a site is registered, nearly: the last two labels of its host, or three
/// under a country's second level.
fn site_of(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else {
        return host;
    };
    let behind = |at: usize| host.get(at + 1..).unwrap_or(host);
    let country = host.len() - last <= 3;
    if country && last - second <= 4 {
        return dots.next().map_or(host, behind);
    }
    behind(second)
}

fn key(url: &WebUrl, segments: &[&str]) -> String {
    let host = url.host();
    let mut key = host.strip_prefix("www.").unwrap_or(host).to_owned();
    for segment in segments {
        key.push('/');
        key.push_str(segment);
    }
    for (name, value) in url.as_url().query_pairs() {
        if !name.starts_with("utm_") && name != "from" && name != "spm" && name != "ref" {
            key.extend(["&", &name, "=", &value]);
        }
    }
    key
}

fn points(url: &WebUrl, segments: &[&str]) -> i32 {
    let asked = numbered(url);
    let Some((last, before)) = segments.split_last() else {
        return if asked { 25 } else { -50 };
    };
    let (stem, extension) = match last.rsplit_once('.') {
        Some((stem, extension)) if (2..=5).contains(&extension.len()) && !is_number(extension) => {
            (stem, extension.to_ascii_lowercase())
        }
        _ => (*last, String::new()),
    };
    if FILES.contains(&extension.as_str()) {
        return -80;
    }
    let words = stem
        .split(['-', '_', '+'])
        .filter(|word| !word.is_empty())
        .count();
    let digits = longest_number(stem);
    let dated = is_dated(before, stem);
    if segments
        .iter()
        .all(|part| is_number(part) && part.len() <= 4)
    {
        // `/2025/06/`: what was published then.
        return if is_year(segments.first()) {
            -50
        } else {
            digits_alone(before, stem)
        };
    }
    let coded = stem.len() >= 12
        && stem.bytes().any(|b| b.is_ascii_digit())
        && stem.bytes().any(|b| b.is_ascii_alphabetic());
    let written = stem.matches('%').count() >= 15;
    let strong = dated || digits >= 5 || words >= 4 || written || asked;
    let mut points = match () {
        () if strong => 30,
        () if coded => 20,
        () if is_word(stem) && extension.is_empty() => -20,
        () if matches!(
            stem.to_ascii_lowercase().as_str(),
            "index" | "default" | "list" | "home" | "main"
        ) =>
        {
            -20
        }
        () if is_number(stem) && digits <= 2 => -10,
        () if words == 3 || digits >= 3 && !is_year(Some(&stem)) => 15,
        () if words == 2 => 5,
        () => 0,
    };
    let queried = url.as_url().query().is_some();
    if !strong
        && !queried
        && points >= 0
        && matches!(extension.as_str(), "html" | "htm" | "shtml" | "aspx")
    {
        points += 10;
    }
    if before
        .iter()
        .any(|part| STORY.contains(&part.to_ascii_lowercase().as_str()))
        && points > -20
    {
        points += 10;
    }
    points - service(before, stem, dated || digits >= 5)
}

/// What a path costs that leads to a page of the site's own service.
fn service(before: &[&str], stem: &str, sure: bool) -> i32 {
    let is_service = |part: &str| SERVICE.contains(&part.to_ascii_lowercase().as_str());
    if is_service(stem) {
        return 60;
    }
    let under = before.iter().any(|part| is_service(part));
    let first = stem.split(['-', '_']).next().unwrap_or_default();
    let about = before.len() <= 1
        && !sure
        && stem.split(['-', '_']).count() <= 5
        && ABOUT.contains(&first.to_ascii_lowercase().as_str());
    match (under, sure) {
        (true, false) => 50,
        (true, true) => 10,
        (false, _) if about => 60,
        _ => 0,
    }
}

/// A short number alone: `/story/123` is an article, `/page/2` is not.
fn digits_alone(before: &[&str], stem: &str) -> i32 {
    if stem.len() >= 3 && before.is_empty() {
        15
    } else {
        -10
    }
}

fn numbered(url: &WebUrl) -> bool {
    url.as_url().query_pairs().any(|(name, value)| {
        let digits = longest_number(&value);
        digits >= 6 || digits >= 2 && NUMBERED.contains(&name.to_ascii_lowercase().as_str())
    })
}

/// Whether a day or a month stands in the path, with something behind it.
fn is_dated(before: &[&str], stem: &str) -> bool {
    let mut parts = before.iter().peekable();
    while let Some(part) = parts.next() {
        let next = parts.peek();
        let year = is_year(Some(part));
        let month = |text: &str| {
            matches!(text.len(), 2 | 4) && is_number(text)
                || text.len() == 5 && text.contains('-')
                || matches!(text.len(), 1 | 3)
        };
        if year && next.is_some_and(|next| month(next)) || is_day(part) {
            return true;
        }
    }
    is_day(stem)
}

/// `20250630`, `2025-06-30`, `2025-06`, `202506`, alone or as a part of `t20250630_17`.
fn is_day(part: &str) -> bool {
    part.split(|c: char| !c.is_ascii_digit() && c != '-')
        .flat_map(|piece| std::iter::once(piece).chain(piece.split('-')))
        .any(|piece| {
            let digits: String = piece.chars().filter(char::is_ascii_digit).collect();
            let number = |from: usize, to: usize| {
                digits
                    .get(from..to)
                    .and_then(|text| text.parse::<u32>().ok())
            };
            let shaped = piece.len() == digits.len() || matches!(piece.len(), 7 | 10);
            shaped
                && matches!(digits.len(), 6 | 8)
                && number(0, 4).is_some_and(|year| (1995..2100).contains(&year))
                && number(4, 6).is_some_and(|month| (1..=12).contains(&month))
                && (digits.len() == 6 || number(6, 8).is_some_and(|day| (1..=31).contains(&day)))
        })
}

fn is_year(part: Option<&&str>) -> bool {
    part.and_then(|part| part.parse::<u32>().ok())
        .is_some_and(|year| (1995..2100).contains(&year))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn longest_number(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn shape(url: &WebUrl, segments: &[&str], foreign: bool) -> String {
    if foreign {
        return "elsewhere".to_owned();
    }
    let mut shape = String::new();
    for (at, part) in segments.iter().enumerate() {
        let (stem, extension) = part.rsplit_once('.').unwrap_or((part, ""));
        let stem = if extension.len() > 5 { part } else { &stem };
        let kind = match () {
            () if is_number(stem) && stem.len() < 5 => "n",
            () if is_number(stem) => "N",
            () if longest_number(stem) >= 4 => "d",
            () if stem.contains(['-', '_']) || stem.contains('%') => "s",
            () => "w",
        };
        shape.push_str(kind);
        if at + 1 == segments.len() && !extension.is_empty() && extension.len() <= 5 {
            shape.push('.');
            shape.push_str(extension);
        }
        shape.push('/');
    }
    for (name, _) in url
        .as_url()
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_"))
    {
        shape.push('&');
        shape.push_str(&name);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(url: &str) -> i32 {
        let page = "https://news.example/".parse().unwrap();
        read(&url.parse().unwrap(), Some(&page)).points
    }

    #[test]
    fn addresses_of_articles_are_told_from_others() {
        for url in [
            "https://news.example/2025/06/30/rain/",
            "https://news.example/2025/feb/24/rain",
            "https://news.example/n1/2025/0630/c1001-40511111.html",
            "https://news.example/c/2025-06-30/doc-inf.shtml",
            "https://world.news.example/a/20250630/1.htm",
            "https://news.example/xw/t20250630_17.html",
            "https://news.example/news/rain-stops-play-at-lords",
            "https://news.example/?p=123",
            "https://news.example/view.aspx?id=42",
            "https://news.example/articles/clymn8zyrp9o",
            "https://news.example/doc/7715044",
        ] {
            assert!(points(url) >= 20, "{url}: {}", points(url));
        }
        for url in [
            "https://news.example/",
            "https://news.example/world",
            "https://news.example/2025/06/",
            "https://news.example/tag/climate-change-and-us",
            "https://news.example/author/jane-doe",
            "https://news.example/privacy-policy",
            "https://news.example/terms-and-conditions-of-use",
            "https://news.example/page/2",
            "https://news.example/world/index.html",
            "https://www.facebook.com/sharer/12345678",
            "https://partner.example/a",
        ] {
            assert!(points(url) <= 0, "{url}: {}", points(url));
        }
    }

    #[test]
    fn one_page_has_one_key() {
        let key = |url: &str| read(&url.parse().unwrap(), None).key;
        assert_eq!(
            key("https://www.news.example/a/?utm_source=x#top"),
            key("http://news.example/a")
        );
        assert_ne!(
            key("https://news.example/?id=1"),
            key("https://news.example/?id=2")
        );
    }
}
