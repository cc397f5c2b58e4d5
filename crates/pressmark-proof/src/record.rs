//! Records: what a leaf commits to, as canonical JSON.

use pressmark_model::{
    ArticleId, ContentDigest, Digest, LeafIndex, OffsetTimestamp, VersionNumber, WebUrl,
};
use serde::{Deserialize, Serialize};

/// The record of one version: enough to find its text and its raw bytes, and to notice when either
/// is not what was archived.
///
/// Its bytes are canonical JSON (RFC 8785): the fields stand in the order of their names, and the
/// values are strings, null, and whole numbers below 2^53, which `serde_json` writes as that
/// standard asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRecord {
    /// The article.
    pub article: ArticleId,
    /// When the version was captured, in UTC.
    pub captured_at: OffsetTimestamp,
    /// That the clock was doubted which this time was read from; left out where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockDoubt>,
    /// The digest of what goes with its title and text, see [`VersionDetails`]; left out in records
    /// that were made before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Digest>,
    /// The digest of its title and text.
    pub digest: ContentDigest,
    /// What derived the text from the capture.
    pub extractor: String,
    /// The leaf of the article's version before this one.
    pub previous: Option<LeafIndex>,
    /// The address of the article.
    pub url: WebUrl,
    /// The number of the version.
    pub version: VersionNumber,
    /// The block digest of the WARC record that it was derived from.
    pub warc_digest: Digest,
    /// The id of that WARC record, `<urn:uuid:…>`.
    pub warc_record: String,
}

/// What goes with the title and the text of a version and is shown with them.
///
/// Its digest is that of its canonical JSON (RFC 8785).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionDetails<'a> {
    /// The authors.
    pub authors: &'a [String],
    /// The digest of the sanitised HTML.
    pub html: Digest,
    /// The address of the lead image.
    pub image: Option<&'a str>,
    /// How the version came to be.
    pub kind: &'a str,
    /// The language.
    pub language: Option<&'a str>,
    /// The standfirst.
    pub lead: Option<&'a str>,
    /// Whether it was read behind a wall.
    pub partial: bool,
    /// When the outlet says it published it.
    pub published: Option<OffsetTimestamp>,
    /// The section of the site.
    pub section: Option<&'a str>,
    /// The name of the site.
    pub site_name: Option<&'a str>,
    /// The tags.
    pub tags: &'a [String],
    /// When the outlet says it last changed it.
    pub updated: Option<OffsetTimestamp>,
}

impl VersionDetails<'_> {
    /// The digest of all of it.
    pub fn digest(&self) -> Result<Digest, RecordError> {
        Ok(Digest::of(&serde_json::to_vec(self)?))
    }
}

/// What a record says of the archive's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockDoubt {
    /// It was far from those of the servers that had answered lately.
    Doubtful,
}

/// Bytes that are no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not the JSON of a record.
    #[error("not a record of its kind")]
    Json(#[from] serde_json::Error),
    /// A record, but not in its canonical form.
    #[error("the record is not in canonical form")]
    NotCanonical,
}

/// The record of a key: from this leaf on it signs checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// When it was made, in UTC.
    pub at: OffsetTimestamp,
    /// The public key, `name+id+key`.
    pub key: String,
    /// The public keys that signed until then; the last of them goes on signing beside it.
    pub previous: Vec<String>,
}

/// The record of the first leaf of a log that continues another one, because that one could not
/// be continued without forking it: an older backup was restored, or its key was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContinuationRecord {
    /// When, in UTC.
    pub at: OffsetTimestamp,
    /// How many leaves of the ledger stood in the other log's last checkpoint that is at hand: the
    /// leaf after them is the second one of this log.
    pub begins_at: LeafIndex,
    /// That checkpoint as it was signed; none if the other log was never sealed.
    pub checkpoint: Option<String>,
    /// The name of the other log.
    pub origin: String,
    /// What the other log's key is known to have signed last, as far as anyone remembers.
    pub signed: Option<SignedMark>,
}

/// A size and a root that a key has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMark {
    /// The root.
    pub root: Digest,
    /// How many leaves it is over.
    pub size: u64,
}

macro_rules! canonical {
    ($($record:ty),*) => {$(
        impl $record {
            /// The record in canonical form.
            pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
                Ok(serde_json::to_vec(self)?)
            }

            /// Reads a record in canonical form; any other form of the same record is refused.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
                let record: Self = serde_json::from_slice(bytes)?;
                if record.to_bytes()? == bytes {
                    Ok(record)
                } else {
                    Err(RecordError::NotCanonical)
                }
            }
        }
    )*};
}

pub(crate) use canonical;

canonical!(VersionRecord, KeyRecord, ContinuationRecord);

#[cfg(test)]
mod tests {
    use pressmark_model::Timestamp;

    use super::*;

    #[test]
    fn the_record_is_canonical_json() {
        let record = VersionRecord {
            article: ArticleId(7),
            captured_at: Timestamp::from_millis(1_703_076_301_000).into(),
            clock: None,
            details: None,
            digest: ContentDigest::of("标题", "正文"),
            extractor: "pressmark-extract/1".into(),
            previous: None,
            url: "https://a.example/新闻".parse().unwrap(),
            version: VersionNumber(1),
            warc_digest: Digest::of(b"raw"),
            warc_record: "urn:uuid:00000000-0000-4000-8000-000000000000".into(),
        };
        let bytes = record.to_bytes().unwrap();
        assert_eq!(VersionRecord::from_bytes(&bytes).unwrap(), record);

        let details = VersionDetails {
            authors: &["Anna \"A.\" Berg".to_owned()],
            html: Digest::of(b"<p>"),
            image: None,
            kind: "first",
            language: Some("zh"),
            lead: None,
            partial: false,
            published: Some(Timestamp::from_millis(1_703_076_301_000).into()),
            section: None,
            site_name: Some("新闻"),
            tags: &[],
            updated: None,
        };
        let json = format!(
            "{{\"authors\":[\"Anna \\\"A.\\\" Berg\"],\"html\":\"{}\",\"image\":null,\"kind\":\"first\",\
             \"language\":\"zh\",\"lead\":null,\"partial\":false,\
             \"published\":\"2023-12-20T12:45:01Z\",\"section\":null,\"site_name\":\"新闻\",\
             \"tags\":[],\"updated\":null}}",
            Digest::of(b"<p>")
        );
        let digest = details.digest().unwrap();
        assert_eq!(digest, Digest::of(json.as_bytes()), "{json}");
        let whole = VersionRecord {
            details: Some(digest),
            ..record.clone()
        };
        let text = String::from_utf8(whole.to_bytes().unwrap()).unwrap();
        let member = format!("Z\",\"details\":\"{digest}\",\"digest\":");
        assert!(text.contains(&member), "{text}");
        let doubted = VersionRecord {
            clock: Some(ClockDoubt::Doubtful),
            ..record.clone()
        };
        let bytes = doubted.to_bytes().unwrap();
        assert_eq!(VersionRecord::from_bytes(&bytes).unwrap(), doubted);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            text.contains("Z\",\"clock\":\"doubtful\",\"digest\""),
            "{text}"
        );
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let names: Vec<_> = value.as_object().unwrap().keys().collect();
        assert!(names.is_sorted());
        assert_eq!(
            serde_json::to_vec(&value).unwrap(),
            bytes,
            "the order of the names"
        );

        let spaced = serde_json::to_vec_pretty(&record).unwrap();
        assert!(matches!(
            VersionRecord::from_bytes(&spaced),
            Err(RecordError::NotCanonical)
        ));
    }
}
