//! Versions made up for tests.

use pressmark_archive::version::{Version, VersionKind};
use pressmark_model::{
    Article, ArticleId, CaptureId, Digest, LeafIndex, SourceId, Timestamp, VersionNumber,
};

/// 2023-12-20T12:45:01Z.
pub(crate) const NOON: i64 = 1_703_076_301;

/// A version of the `nth` article of a source; edits are numbered from 2.
pub(crate) fn version(leaf: i64, slug: &str, nth: i64, number: i64, title: &str) -> Version {
    let at = Timestamp::from_seconds(NOON + leaf * 60);
    let article = Article {
        title: title.to_owned(),
        published: Some(at.with_offset(3600)),
        html: format!("<p>Text {number} of\n{title}</p>\n<p>End</p>"),
        text: format!("Text {number} of {title}\nEnd"),
        ..Article::default()
    };
    Version {
        article_id: ArticleId(nth),
        number: VersionNumber(number),
        kind: if number == 1 {
            VersionKind::First
        } else {
            VersionKind::Edit
        },
        partial: false,
        url: format!("https://{slug}/新闻/{nth}").parse().unwrap(),
        home: SourceId(1),
        slug: slug.parse().unwrap(),
        number_in_source: nth,
        guid: Some(format!("guid-{nth}")),
        digest: article.digest(),
        text_digest: Digest::of(article.text.as_bytes()),
        article,
        derivation: "test".to_owned(),
        captured_at: at,
        capture: CaptureId(leaf),
        leaf: LeafIndex(leaf),
    }
}
