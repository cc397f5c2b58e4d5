//! Pages of a site that exists only in tests.

use pressmark_testkit::{Page, entropy};

/// A feed of `news.test` with these titles, which are also the paths.
pub(crate) fn feed(titles: &[&str]) -> Page {
    Page::rss_of("News", "https://news.test/", titles)
}

/// A page with a text of its own, and so many bytes that do not compress.
pub(crate) fn story(name: &str, ballast: usize) -> Page {
    let [seed] = entropy(name.len() as u64 + name.bytes().map(u64::from).sum::<u64>()).bytes();
    let mut state = u64::from(seed) + 1;
    let noise: String = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap()).to_string()
    })
    .filter(|c| !"<>&-".contains(c.as_str()))
    .take(ballast)
    .collect();
    let body = format!(
        "<p>The story of {name} is told in these words, which nobody else uses for {name}.</p>"
    )
    .repeat(5);
    Page::html(format!(
        "<html lang=en><head><title>{name}</title></head><body><article><h1>{name}</h1>{body}</article>\
         <!--{noise}--></body></html>"
    ))
}
