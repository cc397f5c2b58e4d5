//! Sealing: the leaves that were committed become part of the signed log.
//!
//! The order is: sign, raise the signed mark, swap the head with the tiles behind it. A crash in
//! between leaves a mark that is ahead of the head; the same leaves then give the same checkpoint
//! again. Whatever does not go with the mark is another history: it gets a log of its own.

use pressmark_model::Timestamp;
use pressmark_proof::{
    Checkpoint, ContinuationRecord, Edge, KeyRecord, Leaf, LeafKind, MissingTile, NoteError,
    RecordError, SignedMark, SigningKey, commitment,
};

use crate::archive::Archive;
use crate::log::{Front, Head, Log, NewLog, SummedRows};
use crate::ports::catalog::CatalogError;
use crate::ports::keys::KeysError;
use crate::prove::{self, LogError};

/// At most so many leaves become part of the log with one checkpoint.
const AT_ONCE: u64 = 65_536;
/// So many leaves are read at a time.
const PAGE: u16 = 1024;
/// The sums of so many rows are taken at a time.
const SUMS_AT_ONCE: u32 = 500;
/// How often sealing begins anew because another process seals too.
const PATIENCE: u32 = 16;

/// Why the ledger could not be sealed. What was committed stays committed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The tiles.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A key or a text that cannot be signed.
    #[error("the checkpoint cannot be signed")]
    Sign(#[from] NoteError),
    /// A record that cannot be written.
    #[error("the record of a leaf cannot be written")]
    Record(#[from] RecordError),
    /// The log was begun with a key that is not here.
    #[error("the key of the log `{0}` is not here")]
    KeyMissing(String),
    /// The tiles do not give the root that was signed.
    #[error("the tiles of the log `{0}` do not give the root of its checkpoint")]
    WrongRoot(String),
}

/// What sealing has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The log as it is now.
    pub log: Log,
    /// How many leaves became part of it.
    pub added: u64,
    /// Whether it had to be opened because the one before could only have been forked.
    pub is_continued: bool,
}

/// How a log goes with what its key has signed.
enum Step {
    Sealed,
    Complete,
    Overtaken,
    Forks(Option<Checkpoint>),
}

impl Archive {
    /// Seals what was committed so far. A log that the catalog cannot go on with is continued in a
    /// new one.
    pub async fn seal(&self) -> Result<Sealed, SealError> {
        let mut log = self.log().await?;
        let mut from = log.size();
        let mut added = 0;
        let mut is_continued = false;
        let mut overtaken = 0;
        loop {
            let keys = self.signers(&log).await?;
            match self.advance(&log, &keys).await? {
                Step::Complete => {
                    added += log.size() - from;
                    self.sum_rows().await?;
                    return Ok(Sealed {
                        log,
                        added,
                        is_continued,
                    });
                }
                Step::Sealed => {}
                Step::Overtaken if overtaken < PATIENCE => overtaken += 1,
                Step::Overtaken => return Err(CatalogError::Conflict.into()),
                Step::Forks(mark) => {
                    added += log.size() - from;
                    self.continue_log(&log, mark).await?;
                    (from, is_continued) = (0, true);
                }
            }
            log = self.log().await?;
        }
    }

    /// Takes the sums of the rows that were committed so far, for `check` to compare.
    pub(crate) async fn sum_rows(&self) -> Result<(), CatalogError> {
        for rows in SummedRows::ALL {
            while self.catalog.take_sums(rows, SUMS_AT_ONCE).await? > 0 {}
        }
        Ok(())
    }

    /// Makes a new key, which signs from now on, beside the one before it.
    pub async fn rotate_key(&self) -> Result<Sealed, SealError> {
        let log = self.log().await?;
        self.signers(&log).await?;
        self.keys
            .add(&SigningKey::new(&log.origin, self.entropy.bytes())?)?;
        self.seal().await
    }

    /// Opens a new log under a new key where the last checkpoint ends, because the key of the
    /// present one is lost.
    pub async fn replace_log(&self) -> Result<Sealed, SealError> {
        let log = self.log().await?;
        let mark = self.keys.mark(&log.origin)?;
        self.continue_log(&log, mark).await?;
        self.seal().await
    }

    /// The log that is sealed now. An archive without one gets it, with its key.
    pub async fn log(&self) -> Result<Log, SealError> {
        if let Some(log) = self.catalog.logs().await?.pop() {
            return Ok(log);
        }
        let key = self.new_log_key()?;
        let new = NewLog {
            number: 1,
            origin: key.public().name().to_owned(),
            key: key.public().to_string(),
            begins_at: pressmark_model::LeafIndex(0),
            opened_at: self.now(),
            front: None,
        };
        Ok(self.catalog.open_log(&new).await?)
    }

    /// A key for a log with a random name. It is durable before any log names it.
    fn new_log_key(&self) -> Result<SigningKey, SealError> {
        let name = u128::from_be_bytes(self.entropy.bytes());
        let key = SigningKey::new(&format!("pressmark/{name:032x}"), self.entropy.bytes())?;
        self.keys.add(&key)?;
        Ok(key)
    }

    /// The keys that sign. One that the log does not know yet becomes a leaf first.
    async fn signers(&self, log: &Log) -> Result<Vec<SigningKey>, SealError> {
        let keys = self.keys.of(&log.origin)?;
        if keys.is_empty() {
            return Err(SealError::KeyMissing(log.origin.clone()));
        }
        for key in keys.iter().map(|key| key.public().to_string()) {
            if log.keys.iter().all(|known| known.key != key) {
                let record = KeyRecord {
                    at: self.now().into(),
                    key,
                    previous: log.keys.iter().map(|known| known.key.clone()).collect(),
                };
                let nonce = self.entropy.bytes();
                self.catalog
                    .add_key(self.id, log.number, &record, nonce)
                    .await?;
            }
        }
        Ok(keys)
    }

    /// One checkpoint further.
    async fn advance(&self, log: &Log, keys: &[SigningKey]) -> Result<Step, SealError> {
        let mark = self.keys.mark(&log.origin)?;
        let leaves = self.catalog.counts().await?.leaves;
        let before = u64::try_from(log.begins_at.0).unwrap_or(0);
        let total = leaves.saturating_sub(before) + log.own();
        let size = log.size();
        let forks = match &mark {
            None => size > 0,
            Some(mark) if mark.size > total => true,
            Some(mark) if mark.size <= size => {
                prove::root_at(&*self.catalog, log, mark.size).await? != mark.root
            }
            Some(_) => false,
        };
        if forks {
            return Ok(Step::Forks(mark));
        }
        if total == size && log.is_signed_by(keys) || total == 0 {
            return Ok(Step::Complete);
        }
        let mut edge = self.edge(log).await?;
        if log
            .head
            .as_ref()
            .is_some_and(|head| head.root != edge.root())
        {
            return Err(SealError::WrongRoot(log.origin.clone()));
        }
        let signed = mark.as_ref().map_or(0, |mark| mark.size);
        if size < signed {
            self.grow(log, &mut edge, signed).await?;
            if mark.as_ref().is_some_and(|mark| mark.root != edge.root()) {
                return Ok(Step::Forks(mark));
            }
        }
        self.grow(log, &mut edge, total.min(size + AT_ONCE)).await?;
        self.sign(log, keys, mark.as_ref(), &edge).await
    }

    async fn sign(
        &self,
        log: &Log,
        keys: &[SigningKey],
        mark: Option<&Checkpoint>,
        edge: &Edge,
    ) -> Result<Step, SealError> {
        let checkpoint = Checkpoint {
            origin: log.origin.clone(),
            size: edge.size(),
            root: edge.root(),
        };
        let head = Head {
            size: checkpoint.size,
            root: checkpoint.root,
            sealed_at: self.sealing_time(log),
            checkpoint: checkpoint.sign(keys)?.to_string(),
        };
        if !self.keys.raise(mark, &checkpoint)? {
            return Ok(Step::Overtaken);
        }
        let swapped = self
            .catalog
            .seal(log.number, log.head.as_ref(), &head, &edge.changed())
            .await;
        match swapped {
            Ok(true) => Ok(Step::Sealed),
            Ok(false) | Err(CatalogError::Conflict) => Ok(Step::Overtaken),
            // Whether it was swapped is not known: the head tells.
            Err(error) => match self.log().await {
                Ok(now) if now.head == Some(head) => Ok(Step::Sealed),
                _ => Err(error.into()),
            },
        }
    }

    /// Time in the log never goes back, whatever the clock says.
    fn sealing_time(&self, log: &Log) -> Timestamp {
        let last = log
            .head
            .as_ref()
            .map_or(log.opened_at, |head| head.sealed_at);
        self.now().max(last)
    }

    async fn edge(&self, log: &Log) -> Result<Edge, SealError> {
        let size = log.size();
        let tiles = prove::tiles(&*self.catalog, log, Edge::tiles(size)).await?;
        let damaged = |missing: MissingTile| LogError::of(log, &missing);
        Ok(Edge::of(size, &tiles).map_err(damaged)?)
    }

    /// Adds the leaves up to this size.
    pub(crate) async fn grow(&self, log: &Log, edge: &mut Edge, size: u64) -> Result<(), LogError> {
        while edge.size() < size {
            let count = u16::try_from(size - edge.size()).unwrap_or(PAGE).min(PAGE);
            for leaf in prove::leaves(&*self.catalog, log, edge.size(), count).await? {
                edge.push(&leaf);
            }
        }
        Ok(())
    }

    /// Opens the log that goes on where this one's checkpoint ends.
    async fn continue_log(&self, log: &Log, mark: Option<Checkpoint>) -> Result<(), SealError> {
        let (begins_at, now) = (log.end(), self.now());
        let record = ContinuationRecord {
            at: now.into(),
            begins_at,
            checkpoint: log.head.as_ref().map(|head| head.checkpoint.clone()),
            origin: log.origin.clone(),
            signed: mark.map(|mark| SignedMark {
                root: mark.root,
                size: mark.size,
            }),
        }
        .to_bytes()?;
        let nonce = self.entropy.bytes();
        let leaf = Leaf {
            archive: self.id,
            index: begins_at,
            kind: LeafKind::Continuation,
            commitment: commitment(&nonce, &record),
        };
        let key = self.new_log_key()?;
        let new = NewLog {
            number: log.number + 1,
            origin: key.public().name().to_owned(),
            key: key.public().to_string(),
            begins_at,
            opened_at: now,
            front: Some(Front {
                leaf: leaf.to_bytes(),
                record,
                nonce,
            }),
        };
        let opened = self.catalog.open_log(&new).await?;
        tracing::warn!(
            "the log `{}` cannot be continued without forking it; `{}` goes on from leaf {}",
            log.origin,
            opened.origin,
            opened.begins_at
        );
        Ok(())
    }
}

impl Archive {
    /// Computes every tile of every log again from the leaves, and stores them in the place of
    /// those that are there; returns how many. A log whose leaves do not give its root is left as
    /// it is, and is an error.
    pub async fn rebuild_tiles(&self) -> Result<u64, SealError> {
        let mut stored = 0;
        for log in self.catalog.logs().await? {
            let Some(head) = &log.head else { continue };
            let mut edge = Edge::default();
            self.grow(&log, &mut edge, head.size).await?;
            if edge.root() != head.root {
                return Err(SealError::WrongRoot(log.origin));
            }
            let tiles = edge.changed();
            if !self
                .catalog
                .seal(log.number, Some(head), head, &tiles)
                .await?
            {
                return Err(CatalogError::Conflict.into());
            }
            stored += tiles.len() as u64;
        }
        Ok(stored)
    }
}
