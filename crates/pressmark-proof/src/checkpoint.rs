//! Checkpoints: the size and the root of a log, signed (`c2sp.org/tlog-checkpoint`).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pressmark_model::Digest;

use crate::note::{Note, NoteError, SigningKey, VerifyingKey};

/// What a log says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The checkpoint as a note, signed by these keys.
    pub fn sign(&self, keys: &[SigningKey]) -> Result<Note, NoteError> {
        Note::sign(self.to_string(), keys)
    }

    /// The checkpoint in a note that at least one of these keys has signed.
    pub fn open(note: &Note, keys: &[VerifyingKey]) -> Result<Self, NoteError> {
        note.verify(keys)?;
        let checkpoint: Self = note.text.parse()?;
        // A key of one log does not speak for another one.
        let speaks = |key: &VerifyingKey| key.name() == checkpoint.origin;
        let signed_by = |key: &VerifyingKey| {
            let mut signatures = note.signatures.iter();
            signatures.any(|by| by.id == key.id() && by.name == key.name())
        };
        if keys.iter().any(|key| speaks(key) && signed_by(key)) {
            Ok(checkpoint)
        } else {
            Err(NoteError::Unsigned)
        }
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = STANDARD.encode(self.root.as_bytes());
        write!(f, "{}\n{}\n{root}\n", self.origin, self.size)
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Form("it is no checkpoint");
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(wrong);
        };
        let number: u64 = size.parse().map_err(|_| wrong.clone())?;
        let root = hash(root).ok_or_else(|| wrong.clone())?;
        if origin.is_empty() || number.to_string() != size {
            return Err(wrong);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: number,
            root,
        })
    }
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}
