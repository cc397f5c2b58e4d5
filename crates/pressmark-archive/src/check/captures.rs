//! The captures, and the WARC records that they name.

use std::collections::BTreeSet;

use pressmark_model::CaptureId;

use super::page::{self, Gaps, Page, Place, keys};
use super::shelf::Shelf;
use super::{Check, caused};
use crate::capture::CaptureRecord;
use crate::ports::catalog::Result;
use crate::segment::record_in;

impl Check<'_> {
    /// Checks the captures that were there when the check began, and learns of the later ones
    /// which segments they refer to.
    pub(super) async fn captures(&mut self, segments: &mut Shelf) -> Result<()> {
        let end =
            i64::try_from(self.counts.captures).map_or(i64::MAX, |last| last.saturating_add(1));
        let redacted: BTreeSet<i64> = self
            .archive
            .catalog
            .redacted_captures()
            .await?
            .into_iter()
            .map(|id| id.0)
            .collect();
        let mut gaps = Gaps::new("catalog", "capture", "captures");
        let mut start = 1;
        while start < end {
            let keys = keys(start, end);
            let mut page = self.capture_page(keys.start, keys.end).await?;
            for at in keys.clone() {
                self.step();
                let place = page.take(at);
                if redacted.contains(&at) && matches!(place, Place::Empty) {
                    continue;
                }
                if let Some(capture) = gaps.row(self, at, place) {
                    self.capture(&capture, segments).await;
                }
            }
            start = page.next.min(end);
            // Between two pages nothing stands.
            let mut hole = keys.end;
            for at in redacted.range(keys.end..start.max(keys.end)) {
                gaps.empty(self, hole..*at);
                hole = at + 1;
            }
            gaps.empty(self, hole..start);
        }
        gaps.end(self, self.counts.captures);
        self.later_captures(end, segments).await
    }

    async fn capture_page(&self, from: i64, to: i64) -> Result<Page<CaptureRecord>> {
        let catalog = &self.archive.catalog;
        let id = |capture: &CaptureRecord| capture.id.0;
        let rows = |from, limit| catalog.captures(CaptureId(from), limit);
        page::read(from..to, id, rows).await
    }

    async fn capture(
        &mut self,
        CaptureRecord { id, capture }: &CaptureRecord,
        segments: &mut Shelf,
    ) {
        let what = format!("capture {id}");
        if capture.page_record().is_none() {
            self.find(&*what, "it has no WARC record");
        }
        for place in &capture.records {
            self.report.records += 1;
            let read = match segments.open(self, place.segment).await {
                Some(bytes) => record_in(place, &bytes),
                None if segments.is_readable(&place.segment) => {
                    self.archive.segments.record(place).await
                }
                None => {
                    self.find(&*what, format!("its segment {} is lost", place.segment));
                    break;
                }
            };
            if let Err(error) = read {
                self.find(&*what, caused(&error));
            }
        }
    }

    async fn later_captures(&mut self, from: i64, segments: &mut Shelf) -> Result<()> {
        let mut start = from;
        loop {
            let keys = keys(start, i64::MAX);
            let page = self.capture_page(keys.start, keys.end).await?;
            for capture in page.readable() {
                for place in &capture.capture.records {
                    segments.refer(&place.segment);
                }
            }
            if page.next == i64::MAX {
                break;
            }
            start = page.next;
        }
        let beyond = self
            .capture_page(from, from.saturating_add(1))
            .await?
            .take(from);
        let counted = self.archive.catalog.counts().await?.captures;
        if !matches!(beyond, Place::Empty) && i64::try_from(counted).is_ok_and(|n| n < from) {
            let problem = format!("capture {from} is there, the counter says {counted} captures");
            self.find("catalog", problem);
        }
        Ok(())
    }
}
