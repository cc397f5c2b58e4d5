//! Keys in memory, which can be told to fail.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pressmark_archive::ports::keys::{Keys, KeysError};
use pressmark_proof::{Checkpoint, SigningKey};

/// What becomes of the next raising of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Raising {
    /// It works.
    #[default]
    Works,
    /// It is lost, and said to be.
    Fails,
    /// It is stored, and said to be lost.
    IsDenied,
}

/// Keys and marks of any number of logs.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    keys: BTreeMap<String, Vec<SigningKey>>,
    marks: BTreeMap<String, Checkpoint>,
    raising: Raising,
}

impl MemoryKeys {
    /// What becomes of marks from now on.
    pub fn let_raising(&self, raising: Raising) {
        self.state().raising = raising;
    }

    /// Forgets the keys, not the marks.
    pub fn lose_keys(&self) {
        self.state().keys.clear();
    }

    /// Forgets the marks, not the keys.
    pub fn lose_marks(&self) {
        self.state().marks.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys for MemoryKeys {
    fn of(&self, origin: &str) -> Result<Vec<SigningKey>, KeysError> {
        Ok(self.state().keys.get(origin).cloned().unwrap_or_default())
    }

    fn add(&self, key: &SigningKey) -> Result<(), KeysError> {
        let mut state = self.state();
        let keys = state
            .keys
            .entry(key.public().name().to_owned())
            .or_default();
        keys.insert(0, key.clone());
        keys.truncate(2);
        Ok(())
    }

    fn mark(&self, origin: &str) -> Result<Option<Checkpoint>, KeysError> {
        Ok(self.state().marks.get(origin).cloned())
    }

    fn raise(&self, from: Option<&Checkpoint>, to: &Checkpoint) -> Result<bool, KeysError> {
        let mut state = self.state();
        if state.marks.get(&to.origin) != from {
            return Ok(false);
        }
        let raising = state.raising;
        if raising != Raising::Fails {
            state.marks.insert(to.origin.clone(), to.clone());
        }
        if raising == Raising::Works {
            return Ok(true);
        }
        Err(KeysError {
            action: "raise the signed mark".to_owned(),
            source: Box::new(std::io::Error::from(std::io::ErrorKind::StorageFull)),
        })
    }
}
