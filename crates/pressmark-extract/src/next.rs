//! The next page of the same article.

use pressmark_html::{Attr, NodeId, Tag, Tree};
use pressmark_model::WebUrl;

use crate::facts::Facts;

/// What links to the next page say, in lower case.
const WORDS: [&str; 16] = [
    "next page",
    "next",
    "next »",
    "next ›",
    "下一页",
    "下一頁",
    "下页",
    "次へ",
    "次のページ",
    "다음",
    "nächste seite",
    "weiter",
    "page suivante",
    "suivant",
    "siguiente",
    "следующая",
];

/// No such link says more, in bytes.
const LONGEST: usize = 40;

/// The address that the page names its next, or links to as such, if it differs from the page's own
/// only by the number of a page: `rel=next` may as well be the next article.
pub(crate) fn find(tree: &Tree<'_>, facts: &Facts, url: Option<&WebUrl>) -> Option<WebUrl> {
    let url = url.or(facts.canonical.as_ref())?;
    let told = facts.next.as_ref().filter(|next| continues(url, next));
    told.cloned().or_else(|| {
        tree.subtree(NodeId::ROOT)
            .filter(|id| tree.tag(*id) == Tag::A)
            .find_map(|id| {
                let href = tree.attr(id, Attr::Href)?;
                let text = tree.text_start(id, LONGEST + 1);
                if text.len() > LONGEST || !WORDS.contains(&text.to_lowercase().trim()) {
                    return None;
                }
                let next = facts.base.as_ref().unwrap_or(url).join(href).ok()?;
                let next = next.without_fragment();
                continues(url, &next).then_some(next)
            })
    })
}

/// Whether the second address is the page after the first one.
fn continues(url: &WebUrl, next: &WebUrl) -> bool {
    if url.host() != next.host() {
        return false;
    }
    let (own, own_number) = numbered(url);
    let (other, number) = numbered(next);
    // A number at the end of the first page's address may be the article's own.
    let whole = stem(url.as_url().path()).to_owned() + &query(url, None);
    number.is_some_and(|number| {
        number == own_number.unwrap_or(1) + 1 && other == own || number == 2 && other == whole
    })
}

/// The address without the number of its page, and that number.
fn numbered(url: &WebUrl) -> (String, Option<u32>) {
    let in_query = url.as_url().query_pairs().find_map(|(name, value)| {
        let names = ["page", "p", "pg", "pagenum", "paged", "pageno", "seite"];
        let number = value.parse().ok().filter(|number| *number < 100)?;
        names
            .contains(&&*name.to_lowercase())
            .then(|| (name.into_owned(), number))
    });
    let path = stem(url.as_url().path());
    if let Some((name, number)) = in_query {
        return (path.to_owned() + &query(url, Some(&name)), Some(number));
    }
    let before = path.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = path.get(before.len()..).unwrap_or_default();
    let number = Some(digits).filter(|digits| (1..=2).contains(&digits.len()));
    let number: Option<u32> = number.and_then(|digits| digits.parse().ok());
    let marked = before
        .strip_suffix(['_', '-', '/'])
        .or_else(|| before.strip_suffix("page"));
    match (number, marked) {
        (Some(number), Some(rest)) => {
            let rest = rest
                .strip_suffix("/page")
                .or(rest.strip_suffix("-page"))
                .unwrap_or(rest);
            let rest = rest.trim_end_matches(['/', '-', '_']);
            (rest.to_owned() + &query(url, None), Some(number))
        }
        _ => (path.to_owned() + &query(url, None), None),
    }
}

/// A path without the ending of a file and a slash at its end.
fn stem(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    [".html", ".htm", ".shtml", ".php", ".aspx"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending))
        .unwrap_or(path)
}

/// The query without one of its fields.
fn query(url: &WebUrl, without: Option<&str>) -> String {
    let fields = url.as_url().query_pairs();
    fields
        .filter(|(name, _)| Some(&**name) != without)
        .fold(String::new(), |all, (name, value)| {
            format!("{all}&{name}={value}")
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn pages_of_one_article_differ_by_a_number() {
        let continues = |url: &str, next: &str| {
            let parse = |path: &str| format!("https://a.example{path}").parse();
            match (parse(url), parse(next)) {
                (Ok(url), Ok(next)) => super::continues(&url, &next),
                _ => false,
            }
        };
        for (url, next) in [
            ("/story", "/story/2"),
            ("/story/", "/story/2/"),
            ("/story/2", "/story/3"),
            ("/story", "/story/page/2"),
            ("/story/page/2/", "/story/page/3/"),
            ("/story", "/story?page=2"),
            ("/story?a=1&page=2", "/story?a=1&page=3"),
            ("/story.html", "/story_2.html"),
            ("/story_2.html", "/story_3.html"),
            ("/2024/05/03/12345.html", "/2024/05/03/12345_2.html"),
            ("/a/story-1", "/a/story-2"),
            ("/a/top-10", "/a/top-10/2"),
        ] {
            assert!(continues(url, next), "{url} {next}");
        }
        for (url, next) in [
            ("/story", "/other"),
            ("/story", "/story"),
            ("/story", "/story/3"),
            ("/story/2", "/story/1"),
            ("/12345.html", "/12346.html"),
            ("/story?id=1", "/story?id=2"),
            ("/story", "/story-2-about-rain"),
        ] {
            assert!(!continues(url, next), "{url} {next}");
        }
    }
}
