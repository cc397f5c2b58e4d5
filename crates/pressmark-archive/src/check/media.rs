//! The images that are kept, and the manifests that commit to them.

use pressmark_model::{Digest, LeafIndex};
use pressmark_proof::{MediaItem, MediaRecord};

use super::{Check, caused};
use crate::media::{Kept, MediumRow};
use crate::ports::catalog::Result;

/// So many rows are read at a time.
const PAGE: u32 = 500;

impl Check<'_> {
    /// Checks that every image has its record, and every settled version the manifest that its leaf
    /// commits to; if `is_deep`, also that the bytes of each have its digest.
    pub(super) async fn media(&mut self, is_deep: bool) -> Result<()> {
        let mut after: Option<Digest> = None;
        loop {
            let kept = self.archive.catalog.kept_media(after.as_ref(), PAGE).await;
            let Some(kept) = self.readable("images", kept)? else {
                break;
            };
            for kept in &kept {
                self.report.media += 1;
                if is_deep {
                    self.file(kept).await;
                } else if kept.record.is_none() {
                    let what = format!("image {}", kept.digest);
                    self.find(what, "its WARC record is not in the catalog");
                }
            }
            let Some(last) = kept.last() else { break };
            after = Some(last.digest);
        }
        self.manifests().await
    }

    async fn file(&mut self, kept: &Kept) {
        let what = format!("image {}", kept.digest);
        match self.archive.media_files().bytes(kept).await {
            Ok(bytes) if bytes.len() as u64 != kept.bytes => {
                self.find(what, "it has another length than the catalog says");
            }
            Ok(bytes) if kept.picture.is_of(&bytes) => {}
            Ok(_) => self.find(what, "it is not what the catalog says of it"),
            Err(error) => self.find(what, caused(&error)),
        }
    }

    async fn manifests(&mut self) -> Result<()> {
        let catalog = &self.archive.catalog;
        let end = self.first_later_leaf();
        let mut committed = std::mem::take(&mut self.manifests);
        let mut from = 0;
        while from < end {
            let settled = catalog.settled_media(LeafIndex(from), PAGE).await;
            let Some(settled) = self.readable("manifests of images", settled)? else {
                break;
            };
            let Some((last, ..)) = settled.last() else {
                break;
            };
            from = last.0.saturating_add(1);
            for (leaf, article, version) in settled {
                let what = format!("images of article {article} version {version}");
                let rows = catalog.media_of(&[(article, version)]).await;
                let Some(rows) = self.readable(&what, rows)? else {
                    continue;
                };
                match committed.remove(&leaf) {
                    Some(record) if says(&record, &rows) => {}
                    Some(_) => self.find(what, format!("they are not those of leaf {leaf}")),
                    None if leaf.0 >= end => {}
                    None => self.find(what, format!("leaf {leaf} is no manifest of images")),
                }
            }
        }
        for (leaf, record) in committed {
            let (article, version) = (record.article, record.version);
            let what = format!("images of article {article} version {version}");
            self.find(
                what,
                format!("leaf {leaf} commits to them, they are not listed"),
            );
        }
        Ok(())
    }
}

/// Whether a manifest says what the rows say.
fn says(record: &MediaRecord, rows: &[MediumRow]) -> bool {
    let same = |(position, (item, row)): (i64, (&MediaItem, &MediumRow))| {
        let place = (row.place.article, row.place.version, row.place.position);
        item.url == row.url
            && item.digest == row.kept.map(|(digest, _)| digest)
            && item.reason == row.reason
            && (record.article, record.version, position) == place
    };
    record.items.len() == rows.len() && (0..).zip(record.items.iter().zip(rows)).all(same)
}
