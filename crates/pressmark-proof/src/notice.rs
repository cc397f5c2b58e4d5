//! Records of what is no version: deletions, media, erasures, re-extractions.

use pressmark_model::{
    ArticleId, ContentDigest, Digest, LeafIndex, OffsetTimestamp, VersionNumber, WebUrl,
};
use serde::{Deserialize, Serialize};

use crate::record::{RecordError, canonical};

/// The record of a tombstone: that an outlet took an article away, or brought it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TombstoneRecord {
    /// The article.
    pub article: ArticleId,
    /// When it was confirmed, in UTC.
    pub at: OffsetTimestamp,
    /// How the page was gone, such as `gone` or `front-page`; none of an article that is back.
    pub reason: Option<String>,
    /// When this was first seen, in UTC.
    pub since: OffsetTimestamp,
    /// Whether it is gone or back.
    pub state: Presence,
    /// The address of the article.
    pub url: WebUrl,
    /// Its last version then; the text stays.
    pub version: VersionNumber,
    /// The block digest of the WARC record of the answer, if there is one.
    pub warc_digest: Option<Digest>,
    /// The id of that WARC record.
    pub warc_record: Option<String>,
}

/// Whether an article is where its outlet had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is not.
    Deleted,
    /// It is again.
    Returned,
}

/// The record of the images and other media of a version, once they have settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaRecord {
    /// The article.
    pub article: ArticleId,
    /// When the last of them settled, in UTC.
    pub at: OffsetTimestamp,
    /// What there is, in the order of the text.
    pub items: Vec<MediaItem>,
    /// The version whose media these are.
    pub version: VersionNumber,
}

/// One image or other medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaItem {
    /// The digest of its bytes; none if it could not be had.
    pub digest: Option<Digest>,
    /// Why it could not be had, such as `status 404`; none if it is there.
    pub reason: Option<String>,
    /// The address in the text.
    pub url: WebUrl,
}

/// The record of an erasure: which records of an article the law had taken out. It says nothing of
/// what they held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionRecord {
    /// The article.
    pub article: ArticleId,
    /// When, in UTC.
    pub at: OffsetTimestamp,
    /// The leaves whose records and nonces are gone, in their order.
    pub leaves: Vec<LeafIndex>,
    /// Why, in the words of whoever did it.
    pub reason: String,
}

/// The record of a run in which stored captures were read again by a later extractor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReextractionRecord {
    /// When it ended, in UTC.
    pub at: OffsetTimestamp,
    /// The key of the derivation.
    pub extractor: String,
    /// The digest of the manifest: one line a version, see [`manifest_line`].
    pub manifest: Digest,
    /// How many versions were read again.
    pub versions: u64,
}

/// One line of a re-extraction's manifest: article, version and the digest of title and text, with
/// blanks between them and a line feed at the end.
pub fn manifest_line(article: ArticleId, version: VersionNumber, digest: &ContentDigest) -> String {
    format!("{article} {version} {digest}\n")
}

canonical!(
    TombstoneRecord,
    MediaRecord,
    RedactionRecord,
    ReextractionRecord
);

#[cfg(test)]
mod tests {
    use pressmark_model::Timestamp;

    use super::*;

    fn names_are_sorted(bytes: &[u8]) {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(serde_json::to_vec(&value).unwrap(), bytes, "{value}");
    }

    #[test]
    fn records_are_canonical_json() {
        let at: OffsetTimestamp = Timestamp::from_seconds(1_760_000_000).into();
        let url: WebUrl = "https://a.example/新闻".parse().unwrap();
        let tombstone = TombstoneRecord {
            article: ArticleId(7),
            at,
            reason: Some("gone".to_owned()),
            since: at,
            state: Presence::Deleted,
            url: url.clone(),
            version: VersionNumber(2),
            warc_digest: None,
            warc_record: None,
        };
        let bytes = tombstone.to_bytes().unwrap();
        assert_eq!(TombstoneRecord::from_bytes(&bytes).unwrap(), tombstone);
        names_are_sorted(&bytes);
        let item = MediaItem {
            digest: Some(Digest::of(b"")),
            reason: None,
            url,
        };
        let media = MediaRecord {
            article: ArticleId(7),
            at,
            items: vec![item],
            version: VersionNumber(1),
        };
        names_are_sorted(&media.to_bytes().unwrap());
        let redaction = RedactionRecord {
            article: ArticleId(7),
            at,
            leaves: vec![LeafIndex(3)],
            reason: "court order".to_owned(),
        };
        names_are_sorted(&redaction.to_bytes().unwrap());
        let run = ReextractionRecord {
            at,
            extractor: "pressmark-extract/2".to_owned(),
            manifest: Digest::of(b""),
            versions: 0,
        };
        names_are_sorted(&run.to_bytes().unwrap());
        let other = crate::VersionRecord::from_bytes(&bytes);
        assert!(
            other.is_err(),
            "a record of one kind is never read as another"
        );
    }
}
