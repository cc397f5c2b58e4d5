//! The port to the keys of logs, and to what they have signed last. They are kept apart from the
//! archive and are not in its backups: only so is it noticed that an older backup was restored.

use std::fmt;

use pressmark_proof::{Checkpoint, SigningKey};

/// Why the keys could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("could not {action}")]
pub struct KeysError {
    /// What was being done, as in "could not …".
    pub action: String,
    /// What the system said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// The keys of logs with their signed marks. Processes may share them; each method is whole for
/// the others.
pub trait Keys: Send + Sync + fmt::Debug {
    /// The keys of this log, the newest first; none if they are not here.
    fn of(&self, origin: &str) -> Result<Vec<SigningKey>, KeysError>;

    /// Adds a key of the log that it names, before the others; of those only the newest one is
    /// kept. When it returns, the key survives power loss.
    fn add(&self, key: &SigningKey) -> Result<(), KeysError>;

    /// The signed mark of this log: the largest checkpoint that was signed, be it published or
    /// not. It is no secret, and needs no signature.
    fn mark(&self, origin: &str) -> Result<Option<Checkpoint>, KeysError>;

    /// Raises the mark of the log that `to` names, if it is `from` still; false otherwise. When it
    /// returns true, the mark survives power loss.
    fn raise(&self, from: Option<&Checkpoint>, to: &Checkpoint) -> Result<bool, KeysError>;
}
