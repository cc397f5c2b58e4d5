//! The logs: their tiles are computed again from the leaves, their checkpoints verified.

use pressmark_proof::{
    Checkpoint, ContinuationRecord, Edge, KeyRecord, Leaf, LeafKind, NewTile, Note, Tile,
    VerifyingKey, commitment,
};

use super::{Check, caused};
use crate::log::{Front, Head, Log};
use crate::ports::catalog::{CatalogError, Result};
use crate::version::LedgerRow;

/// How many tiles, of 8 KiB at most, are compared at a time.
const TILES_AT_ONCE: usize = 256;

/// The logs, and the trees over the leaves that were read so far.
pub(super) struct Logs(Vec<(Log, Edge)>);

impl Logs {
    /// Takes the next leaf of the ledger. One that is missing leaves its log behind.
    pub(super) fn take(&mut self, row: &LedgerRow) {
        for (log, edge) in &mut self.0 {
            if log.position(row.index) == Some(edge.size()) {
                edge.push(&row.leaf);
                return;
            }
        }
    }
}

impl Check<'_> {
    /// The logs, none of their leaves taken but their own.
    pub(super) async fn list_logs(&mut self) -> Result<Logs> {
        let logs = match self.archive.catalog.logs().await {
            Err(CatalogError::Damaged(problem)) => {
                self.find("logs", format!("they cannot be read: {problem}"));
                Vec::new()
            }
            logs => logs?,
        };
        let with_edge = |log: Log| {
            let mut edge = Edge::default();
            if let (Some(front), 1..) = (&log.front, log.size()) {
                edge.push(&front.leaf);
            }
            (log, edge)
        };
        Ok(Logs(logs.into_iter().map(with_edge).collect()))
    }

    /// Checks the logs, once all leaves were taken.
    pub(super) async fn logs(&mut self, logs: Logs) -> Result<()> {
        let mut before: Option<&Log> = None;
        for (log, edge) in &logs.0 {
            self.succession(before, log);
            self.keys(log).await?;
            if let Some(head) = &log.head
                && self.checkpoint(log, head)
            {
                self.tree(log, head, edge).await?;
            }
            self.anchors(log).await?;
            before = Some(log);
        }
        if let Some((log, _)) = logs.0.last() {
            self.mark(log).await?;
        }
        Ok(())
    }

    /// A log begins where the one before it ends, with a leaf that says so.
    fn succession(&mut self, before: Option<&Log>, log: &Log) {
        let what = name(log);
        let (number, begins_at) =
            before.map_or((1, 0), |before| (before.number + 1, before.end().0));
        if log.number != number {
            self.find(&*what, format!("it is number {}, not {number}", log.number));
        }
        if log.begins_at.0 != begins_at {
            let problem = format!("it begins at leaf {}, not {begins_at}", log.begins_at);
            self.find(&*what, problem);
        }
        let Some(front) = &log.front else {
            if before.is_some() {
                self.find(what, "it has no leaf of its own");
            }
            return;
        };
        if let Err(problem) = self.front(before, log, front) {
            self.find(what, format!("its own leaf {problem}"));
        }
    }

    fn front(
        &self,
        before: Option<&Log>,
        log: &Log,
        front: &Front,
    ) -> std::result::Result<(), String> {
        let leaf = Leaf::from_bytes(&front.leaf);
        let leaf = leaf.map_err(|error| format!("cannot be read: {error}"))?;
        if leaf.commitment != commitment(&front.nonce, &front.record) {
            return Err("does not commit to its record".to_owned());
        }
        let record = ContinuationRecord::from_bytes(&front.record);
        let record =
            record.map_err(|error| format!("has a record that cannot be read: {error}"))?;
        let place = (leaf.archive, leaf.index, leaf.kind);
        let is_right = place == (self.archive.id, log.begins_at, LeafKind::Continuation)
            && record.begins_at == log.begins_at
            && record.at.at() == log.opened_at
            && before.is_some_and(|before| {
                let checkpoint = before.head.as_ref().map(|head| &head.checkpoint);
                record.origin == before.origin && record.checkpoint.as_ref() == checkpoint
            });
        if is_right {
            Ok(())
        } else {
            Err("does not say what the catalog says".to_owned())
        }
    }

    /// Each key is of this log, and each but the first is said by its leaf.
    async fn keys(&mut self, log: &Log) -> Result<()> {
        let what = name(log);
        for (position, key) in log.keys.iter().enumerate() {
            let id = position + 1;
            match key.key.parse::<VerifyingKey>() {
                Ok(public) if public.name() == log.origin => {}
                Ok(_) => self.find(&*what, format!("its key {id} is of another log")),
                Err(error) => self.find(&*what, format!("its key {id} cannot be read: {error}")),
            }
            let Some(leaf) = key.leaf else {
                if position > 0 {
                    self.find(&*what, format!("its key {id} has no leaf"));
                }
                continue;
            };
            let rows = match self.archive.catalog.ledger(leaf, 1).await {
                Err(CatalogError::Damaged(_)) => continue,
                rows => rows?,
            };
            let row = rows.into_iter().find(|row| row.index == leaf);
            let record = row.and_then(|row| KeyRecord::from_bytes(&row.record?).ok());
            if record.is_none_or(|record| record.key != key.key) {
                self.find(&*what, format!("leaf {leaf} does not say its key {id}"));
            }
        }
        if log.keys.is_empty() {
            self.find(what, "it has no key");
        }
        Ok(())
    }

    /// Whether the checkpoint is signed, and says what the catalog says.
    fn checkpoint(&mut self, log: &Log, head: &Head) -> bool {
        let read = head.checkpoint.parse::<Note>();
        let opened = read.and_then(|note| Checkpoint::open(&note, &log.public_keys()));
        let problem = match opened {
            Ok(says)
                if (&says.origin, says.size, says.root) == (&log.origin, head.size, head.root) =>
            {
                return true;
            }
            Ok(_) => "it does not say what the catalog says".to_owned(),
            Err(error) => error.to_string(),
        };
        self.find(format!("checkpoint of {}", name(log)), problem);
        false
    }

    /// The tree over the leaves has the root that was signed, and its tiles are those stored.
    async fn tree(&mut self, log: &Log, head: &Head, edge: &Edge) -> Result<()> {
        let what = name(log);
        if edge.size() < head.size {
            let problem = format!(
                "{} of its {} leaves could be read without a gap",
                edge.size(),
                head.size
            );
            self.find(what, problem);
            return Ok(());
        }
        let is_sound = edge.root() == head.root;
        if is_sound {
            self.report.sealed += edge.size();
        } else {
            self.find(&*what, "its leaves do not give the root that was signed");
        }
        for tiles in edge.changed().chunks(TILES_AT_ONCE) {
            let places: Vec<_> = tiles
                .iter()
                .map(|new| (new.tile.level, new.tile.index))
                .collect();
            let stored = match self.archive.catalog.tiles(log.number, &places).await {
                Err(CatalogError::Damaged(problem)) => {
                    self.find(&*what, format!("its tiles cannot be read: {problem}"));
                    continue;
                }
                stored => stored?,
            };
            for NewTile { tile, bytes } in tiles {
                let mut found = stored.iter();
                let found = found.find(|row| (row.level, row.index) == (tile.level, tile.index));
                match found {
                    None => self.find(format!("{tile} of {what}"), "it is missing"),
                    Some(found) if found.hashes == *bytes => {}
                    Some(_) if is_sound => {
                        let problem = "its hashes are not those of the leaves";
                        self.find(format!("{tile} of {what}"), problem);
                    }
                    Some(found) => self.leaves_of(log, *tile, bytes, &found.hashes),
                }
            }
        }
        Ok(())
    }

    /// Names the leaves whose hashes are not those that were sealed.
    fn leaves_of(&mut self, log: &Log, tile: Tile, computed: &[u8], stored: &[u8]) {
        if tile.level > 0 {
            return;
        }
        let first = tile.index * pressmark_proof::TILE_WIDTH;
        let pairs = computed.chunks(32).zip(stored.chunks(32));
        for (position, _) in (first..).zip(pairs).filter(|(_, (now, then))| now != then) {
            let what = match log.leaf_at(position) {
                Some(leaf) => format!("leaf {leaf}"),
                None => format!("the own leaf of {}", name(log)),
            };
            self.find(what, "it is not the leaf that was sealed");
        }
    }

    /// What the key is known to have signed is in the ledger still.
    async fn mark(&mut self, log: &Log) -> Result<()> {
        let what = name(log);
        let mark = match self.archive.keys.mark(&log.origin) {
            Ok(Some(mark)) => mark,
            Ok(None) => return Ok(()),
            Err(error) => {
                self.find(
                    what,
                    format!("its signed mark cannot be read: {}", caused(&error)),
                );
                return Ok(());
            }
        };
        let mut edge = Edge::default();
        match self.archive.grow(log, &mut edge, mark.size).await {
            Ok(()) if edge.root() == mark.root => {}
            Ok(()) => {
                let problem = format!("its key has signed {} other leaves", mark.size);
                self.find(what, problem);
            }
            Err(crate::prove::LogError::Catalog(error @ CatalogError::Database { .. })) => {
                return Err(error);
            }
            Err(_) => {
                let problem = format!(
                    "its key has signed {} leaves, they are not all here",
                    mark.size
                );
                self.find(what, problem);
            }
        }
        Ok(())
    }
}

pub(super) fn name(log: &Log) -> String {
    format!("log {}", log.origin)
}
