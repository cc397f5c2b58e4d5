//! Gathering: captures that come within a second, or until they make 8 MiB, become one segment;
//! when it is durable, what was decided on them is committed in one transaction.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pressmark_model::{Digest, Timestamp, WebUrl};
use pressmark_proof::ArchiveId;
use pressmark_warc::{
    Record, RecordId, RecordType, Revisit, RevisitProfile, Truncation, final_response, split_head,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::capture::{NewCapture, RecordKind, StoredRecord};
use crate::clock_watch::ClockWatch;
use crate::commit::{Commit, Committed};
use crate::entropy::Entropy;
use crate::ports::catalog::{Catalog, CatalogError};
use crate::ports::fetch::{Exchange, FetchedPage};
use crate::ports::render::{RENDERED_TYPE, Rendered};
use crate::segment::{Draft, SegmentError, Segments, Unplaced};

const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// When nothing more comes for so long, nothing more is waited for.
const QUIET: Duration = Duration::from_millis(150);
const LARGEST_SEGMENT: usize = 8 << 20;
const CONFLICT_TRIES: u32 = 8;

/// Why captures or decisions could not be stored. One failure concerns a whole batch, so it is
/// shared by all who wait for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The raw bytes.
    #[error("the raw captures could not be stored")]
    Segment(#[source] Arc<SegmentError>),
    /// The decisions.
    #[error("the captures could not be committed")]
    Catalog(#[source] Arc<CatalogError>),
    /// The archive is shutting down.
    #[error("the archive is shutting down")]
    Closed,
}

impl StoreError {
    /// Whether the operating system could not bring what was written to the disk. After that its
    /// word is not believed any more: whoever stored this way stores nothing until a new start.
    pub fn is_unsynced(&self) -> bool {
        match self {
            Self::Segment(error) => error.is_input_or_output(),
            Self::Catalog(error) => matches!(**error, CatalogError::Unsynced { .. }),
            Self::Closed => false,
        }
    }
}

/// Raw bytes to store.
#[derive(Debug, Clone)]
pub(crate) struct RawCapture {
    pub(crate) url: WebUrl,
    pub(crate) final_url: WebUrl,
    pub(crate) at: Timestamp,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) payload_digest: Digest,
    pub(crate) raw: Raw,
}

impl RawCapture {
    /// The raw bytes of a page that was fetched.
    pub(crate) fn of_page(page: &FetchedPage) -> Self {
        let wire = page
            .exchanges
            .last()
            .map_or(page.body.as_ref(), |exchange| {
                split_head(final_response(&exchange.response)).1
            });
        Self {
            url: page.url.clone(),
            final_url: page.final_url.clone(),
            at: page.at,
            status: page.status,
            content_type: page.content_type().map(str::to_owned),
            payload_digest: Digest::of(wire),
            raw: Raw::Http {
                exchanges: page.exchanges.clone(),
                same_as: None,
                rendered: None,
            },
        }
    }

    /// The same with what the page showed to a browser: that is what it is read from.
    pub(crate) fn shown(mut self, shown: Rendered) -> Self {
        if let Raw::Http {
            exchanges,
            rendered,
            ..
        } = &mut self.raw
        {
            self.payload_digest = Digest::of(&shown.html);
            exchanges.splice(0..0, shown.exchanges.iter().cloned());
            *rendered = Some(Box::new(shown));
        }
        self
    }
}

/// Where raw bytes come from.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    /// Over HTTP. With `same_as`, the last answer's body is the one that this record holds.
    /// `rendered` is what the last answer showed to a browser.
    Http {
        exchanges: Vec<Exchange>,
        same_as: Option<Box<StoredRecord>>,
        rendered: Option<Box<Rendered>>,
    },
    /// From a file.
    File(Bytes),
}

/// What to store: raw bytes, a decision, or both.
#[derive(Debug)]
pub(crate) struct Deposit {
    pub(crate) raw: Option<RawCapture>,
    pub(crate) commit: Option<Commit>,
}

/// What was stored.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    /// The raw bytes' place, if there were any.
    pub(crate) capture: Option<NewCapture>,
    /// What became of the decision, if there was one.
    pub(crate) committed: Option<Committed>,
}

/// The way to the task that gathers.
#[derive(Clone)]
pub(crate) struct Gatherer {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    deposit: Deposit,
    reply: oneshot::Sender<Result<Receipt, StoreError>>,
}

impl fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gatherer")
    }
}

impl Gatherer {
    /// Starts the task; it ends when the last clone is dropped.
    pub(crate) fn start(
        archive: ArchiveId,
        segments: Segments,
        catalog: Arc<dyn Catalog>,
        entropy: Entropy,
        clock_watch: Arc<ClockWatch>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(64);
        let store = Store {
            archive,
            segments,
            catalog,
            entropy,
            clock_watch,
        };
        tokio::spawn(store.run(waiting));
        Self { queue }
    }

    /// Stores a deposit. When this returns without an error, it is durable.
    pub(crate) async fn store(&self, deposit: Deposit) -> Result<Receipt, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Waiting { deposit, reply })
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

struct Store {
    archive: ArchiveId,
    segments: Segments,
    catalog: Arc<dyn Catalog>,
    entropy: Entropy,
    clock_watch: Arc<ClockWatch>,
}

impl Store {
    async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut broken: Option<StoreError> = None;
        while let Some(batch) = gather(&mut waiting).await {
            let (deposits, replies): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|waiting| (waiting.deposit, waiting.reply))
                .unzip();
            let results = match &broken {
                Some(error) => deposits.iter().map(|_| Err(error.clone())).collect(),
                None => self.store(deposits).await,
            };
            let mut faults = results.iter().filter_map(|result| result.as_ref().err());
            broken = faults.find(|error| error.is_unsynced()).cloned().or(broken);
            for (reply, result) in replies.into_iter().zip(results) {
                // Who does not wait any more does not need the answer.
                drop(reply.send(result));
            }
        }
    }

    /// Stores the raw bytes of all deposits, then what was decided on them: a result each.
    async fn store(&self, deposits: Vec<Deposit>) -> Vec<Result<Receipt, StoreError>> {
        let (raws, commits): (Vec<_>, Vec<_>) = deposits
            .into_iter()
            .map(|deposit| (deposit.raw, deposit.commit))
            .unzip();
        let captures = match self.write_segment(raws).await {
            Ok(captures) => captures,
            Err(error) => {
                let error = StoreError::Segment(Arc::new(error));
                return commits.iter().map(|_| Err(error.clone())).collect();
            }
        };
        let decided: Vec<bool> = commits.iter().map(Option::is_some).collect();
        let batch: Vec<Commit> = commits
            .into_iter()
            .zip(&captures)
            .filter_map(|(commit, capture)| {
                let mut commit = commit?;
                commit.capture.clone_from(capture);
                Some(commit)
            })
            .collect();
        let mut committed = self.commit_all(&batch).await.into_iter();
        let receipt = |(capture, decided)| {
            let committed = if decided {
                committed.next().transpose()?
            } else {
                None
            };
            Ok(Receipt { capture, committed })
        };
        captures.into_iter().zip(decided).map(receipt).collect()
    }

    /// Commits a batch in one transaction. If that fails, each of its items has its own: one that
    /// the database cannot take does not take the others with it.
    async fn commit_all(&self, batch: &[Commit]) -> Vec<Result<Committed, StoreError>> {
        match self.commit(batch).await {
            Ok(committed) => committed.into_iter().map(Ok).collect(),
            Err(error) if batch.len() == 1 => vec![Err(error)],
            Err(error) if error.is_unsynced() => batch.iter().map(|_| Err(error.clone())).collect(),
            Err(_) => {
                let mut results = Vec::with_capacity(batch.len());
                for item in batch {
                    let committed = self.commit(std::slice::from_ref(item)).await;
                    results.push(
                        committed
                            .and_then(|items| items.into_iter().next().ok_or(StoreError::Closed)),
                    );
                }
                results
            }
        }
    }

    async fn write_segment(
        &self,
        raws: Vec<Option<RawCapture>>,
    ) -> Result<Vec<Option<NewCapture>>, SegmentError> {
        let Some(at) = raws.iter().flatten().map(|raw| raw.at).max() else {
            return Ok(raws.into_iter().map(|_| None).collect());
        };
        let entropy = self.entropy.clone();
        // Compressing is the slowest step of all: it must not hold up the sockets.
        let work = move || -> Result<_, SegmentError> {
            let mut segment = Draft::new(new_id(&entropy, at), at)?;
            let mut unplaced = Vec::with_capacity(raws.len());
            for raw in raws {
                unplaced.push(match raw {
                    Some(raw) => {
                        let records = append(&mut segment, &raw, &entropy)?;
                        Some((raw, records))
                    }
                    None => None,
                });
            }
            Ok((segment.finish(), unplaced))
        };
        let (bytes, unplaced) = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| SegmentError::Write(std::io::Error::other(error).into()))??;

        let segment = self.segments.put(bytes).await?;
        let clock_doubtful = self.clock_watch.is_doubtful();
        let place = |(raw, records): (RawCapture, Vec<Unplaced>)| NewCapture {
            url: raw.url,
            final_url: raw.final_url,
            at: raw.at,
            status: raw.status,
            content_type: raw.content_type,
            payload_digest: raw.payload_digest,
            clock_doubtful,
            records: records
                .into_iter()
                .map(|record| record.placed(segment))
                .collect(),
        };
        Ok(unplaced
            .into_iter()
            .map(|captured| captured.map(place))
            .collect())
    }

    async fn commit(&self, batch: &[Commit]) -> Result<Vec<Committed>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.catalog.commit(self.archive, batch).await {
                Err(CatalogError::Conflict) if tries < CONFLICT_TRIES => {}
                done => return done.map_err(|error| StoreError::Catalog(Arc::new(error))),
            }
        }
    }
}

/// The next batch; `None` when nobody can send any more.
async fn gather(waiting: &mut mpsc::Receiver<Waiting>) -> Option<Vec<Waiting>> {
    let first = waiting.recv().await?;
    let until = Instant::now() + LONGEST_WAIT;
    let mut size = first.deposit.size();
    let mut batch = vec![first];
    while size < LARGEST_SEGMENT {
        let quiet = until.min(Instant::now() + QUIET);
        match tokio::time::timeout_at(quiet, waiting.recv()).await {
            Ok(Some(next)) => {
                size += next.deposit.size();
                batch.push(next);
            }
            Ok(None) | Err(_) => break,
        }
    }
    Some(batch)
}

impl Deposit {
    fn size(&self) -> usize {
        match self.raw.as_ref().map(|capture| &capture.raw) {
            Some(Raw::Http {
                exchanges,
                rendered,
                ..
            }) => {
                let answers = exchanges.iter().map(|exchange| exchange.response.len());
                let shown = rendered.iter().map(|shown| shown.html.len());
                answers.chain(shown).sum()
            }
            Some(Raw::File(bytes)) => bytes.len(),
            None => 0,
        }
    }
}

fn new_id(entropy: &Entropy, at: Timestamp) -> RecordId {
    RecordId::from_time(at, entropy.bytes())
}

fn append(
    segment: &mut Draft,
    capture: &RawCapture,
    entropy: &Entropy,
) -> Result<Vec<Unplaced>, SegmentError> {
    let exchanges = match &capture.raw {
        Raw::File(bytes) => {
            let id = new_id(entropy, capture.at);
            let target = Some(capture.url.as_str().to_owned());
            let mut record = Record::new(RecordType::Resource, id, capture.at, bytes.to_vec());
            record.target = target;
            record.content_type.clone_from(&capture.content_type);
            return Ok(vec![segment.append(
                record,
                RecordKind::Resource,
                &capture.url,
            )?]);
        }
        Raw::Http {
            exchanges, same_as, ..
        } => exchanges.iter().enumerate().map(move |(n, exchange)| {
            let same_as = same_as.as_deref().filter(|_| n + 1 == exchanges.len());
            (exchange, same_as)
        }),
    };
    let (mut records, mut page) = (Vec::new(), None);
    for (exchange, same_as) in exchanges {
        let target = exchange.url.as_str();
        let answer = new_id(entropy, exchange.at);
        let mut response = if let Some(revisit) = same_as.and_then(|same| revisit(same, capture)) {
            let head = split_head(final_response(&exchange.response)).0.to_vec();
            Record::revisit(answer, exchange.at, target.to_owned(), revisit, head)
        } else {
            let block = final_response(&exchange.response).to_vec();
            Record::response(answer, exchange.at, target.to_owned(), block)
        };
        response.ip = exchange.remote.map(|remote| remote.ip());
        response.truncated = exchange.truncated.then_some(Truncation::Length);
        let question = new_id(entropy, exchange.at);
        let mut request = Record::request(
            question,
            exchange.at,
            target.to_owned(),
            exchange.request.to_vec(),
        );
        request.concurrent_to = vec![answer];
        response.concurrent_to = vec![question];
        let kind = if response.revisit.is_some() {
            RecordKind::Revisit
        } else {
            RecordKind::Response
        };
        records.push(segment.append(request, RecordKind::Request, &exchange.url)?);
        records.push(segment.append(response, kind, &exchange.url)?);
        page = Some(answer);
    }
    if let Raw::Http {
        rendered: Some(shown),
        ..
    } = &capture.raw
    {
        let record = conversion(shown, page, capture, new_id(entropy, shown.at));
        records.push(segment.append(record, RecordKind::Conversion, &capture.final_url)?);
    }
    Ok(records)
}

/// What a page showed: another form of its answer (WARC 1.1, 6.8).
fn conversion(
    shown: &Rendered,
    page: Option<RecordId>,
    capture: &RawCapture,
    id: RecordId,
) -> Record {
    let mut record = Record::new(RecordType::Conversion, id, shown.at, shown.html.to_vec());
    record.target = Some(capture.final_url.as_str().to_owned());
    record.content_type = Some(RENDERED_TYPE.to_owned());
    let refers_to = page.map(|page| ("WARC-Refers-To".to_owned(), page.to_string()));
    record.other.extend(refers_to);
    record
        .other
        .push(("Rendered-By".to_owned(), shown.browser.clone()));
    record
}

/// A reference to the record that has the same payload; none if its id cannot be read.
fn revisit(same: &StoredRecord, capture: &RawCapture) -> Option<Revisit> {
    Some(Revisit {
        profile: RevisitProfile::IdenticalPayloadDigest,
        refers_to: same.id.parse().ok()?,
        refers_to_target: same.url.as_str().to_owned(),
        refers_to_date: same.at,
        payload_digest: Some(capture.payload_digest),
    })
}
