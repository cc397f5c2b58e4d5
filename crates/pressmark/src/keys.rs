//! The keys of the ledger in a file, and their signed marks in another one beside it.
//!
//! The key file has a private key a line, as `pressmark_proof::SigningKey` writes it; the file with
//! `.mark` added to its name has the text of a checkpoint for each log, with empty lines between
//! them. Both are replaced whole, and fsynced with their folder.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use pressmark_archive::ports::keys::{Keys, KeysError};
use pressmark_proof::{Checkpoint, NoteError, SigningKey};

/// So many keys of a log are kept: the one that signs, and the one before it.
const KEPT: usize = 2;

/// Keys in a file.
#[derive(Debug, Clone)]
pub(crate) struct FileKeys {
    file: PathBuf,
}

impl FileKeys {
    /// The keys in this file, which need not be there yet.
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// The key file.
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    fn mark_file(&self) -> PathBuf {
        beside(&self.file, ".mark")
    }

    /// Held while a file is read and replaced: other processes wait.
    fn lock(&self) -> Result<File, KeysError> {
        let fault = |error| fault("lock", &self.file, error);
        if let Some(folder) = self.file.parent() {
            make_folder(folder).map_err(fault)?;
        }
        let lock = private()
            .create(true)
            .truncate(false)
            .open(beside(&self.file, ".lock"));
        let lock = lock.map_err(fault)?;
        lock.lock().map_err(fault)?;
        Ok(lock)
    }

    fn keys(&self) -> Result<Vec<SigningKey>, KeysError> {
        let text = read(&self.file)?;
        let keys = text.lines().filter(|line| !line.is_empty());
        keys.map(SigningKey::from_secret)
            .collect::<Result<_, NoteError>>()
            .map_err(|error| fault("read", &self.file, error))
    }

    fn marks(&self) -> Result<Vec<Checkpoint>, KeysError> {
        let text = read(&self.mark_file())?;
        let marks = text.split("\n\n").filter(|text| !text.trim().is_empty());
        marks
            .map(|text| format!("{}\n", text.trim()).parse())
            .collect::<Result<_, NoteError>>()
            .map_err(|error| fault("read", &self.mark_file(), error))
    }
}

impl Keys for FileKeys {
    fn of(&self, origin: &str) -> Result<Vec<SigningKey>, KeysError> {
        let mut keys = self.keys()?;
        keys.retain(|key| key.public().name() == origin);
        Ok(keys)
    }

    fn add(&self, key: &SigningKey) -> Result<(), KeysError> {
        let _lock = self.lock()?;
        let mut kept = 0;
        let mut text = format!("{}\n", key.to_secret());
        for other in self.keys()? {
            let is_same_log = other.public().name() == key.public().name();
            kept += usize::from(is_same_log);
            if !is_same_log || kept < KEPT {
                text.push_str(&other.to_secret());
                text.push('\n');
            }
        }
        replace(&self.file, &text).map_err(|error| fault("write", &self.file, error))
    }

    fn mark(&self, origin: &str) -> Result<Option<Checkpoint>, KeysError> {
        let marks = self.marks()?;
        Ok(marks.into_iter().find(|mark| mark.origin == origin))
    }

    fn raise(&self, from: Option<&Checkpoint>, to: &Checkpoint) -> Result<bool, KeysError> {
        let _lock = self.lock()?;
        let mut marks = self.marks()?;
        if marks.iter().find(|mark| mark.origin == to.origin) != from {
            return Ok(false);
        }
        marks.retain(|mark| mark.origin != to.origin);
        marks.push(to.clone());
        let texts: Vec<_> = marks.iter().map(ToString::to_string).collect();
        let file = self.mark_file();
        replace(&file, &texts.join("\n")).map_err(|error| fault("write", &file, error))?;
        Ok(true)
    }
}

fn fault(
    doing: &str,
    file: &Path,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> KeysError {
    KeysError {
        action: format!("{doing} the key file `{}`", file.display()),
        source: error.into(),
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A file's text; none if it is not there.
fn read(file: &Path) -> Result<String, KeysError> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| fault("read", file, error)),
    }
}

/// What only its owner may read.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Replaces a file so that it is the old one or the new one, also after a power cut.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = beside(file, ".part");
    let mut part = private().create(true).truncate(true).open(&unfinished)?;
    part.write_all(text.as_bytes())?;
    part.sync_all()?;
    std::fs::rename(&unfinished, file)?;
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use pressmark_model::Digest;

    use super::*;

    #[test]
    fn keys_and_marks_are_kept_by_log() {
        let folder = tempfile::tempdir().unwrap();
        let keys = FileKeys::new(folder.path().join("made/here/key"));
        assert!(keys.of("a").unwrap().is_empty() && keys.mark("a").unwrap().is_none());
        let key = |name: &str, seed| SigningKey::new(name, [seed; 32]).unwrap();
        for (name, seed) in [("a", 1), ("b", 2), ("a", 3), ("a", 4)] {
            keys.add(&key(name, seed)).unwrap();
        }
        let public = |keys: Vec<SigningKey>| {
            let public = keys.iter().map(|key| key.public().to_string());
            public.collect::<Vec<_>>()
        };
        let newest = [key("a", 4), key("a", 3)];
        assert_eq!(public(keys.of("a").unwrap()), public(newest.to_vec()));
        assert_eq!(public(keys.of("b").unwrap()), public(vec![key("b", 2)]));

        let mark = |origin: &str, size| Checkpoint {
            origin: origin.to_owned(),
            size,
            root: Digest::of(b"root"),
        };
        assert!(keys.raise(None, &mark("a", 1)).unwrap());
        assert!(keys.raise(None, &mark("b", 5)).unwrap());
        assert!(!keys.raise(None, &mark("a", 2)).unwrap());
        assert!(keys.raise(Some(&mark("a", 1)), &mark("a", 2)).unwrap());
        assert_eq!(keys.mark("a").unwrap(), Some(mark("a", 2)));
        assert_eq!(keys.mark("b").unwrap(), Some(mark("b", 5)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            for file in [keys.path(), &keys.mark_file()] {
                let mode = file.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{}", file.display());
            }
        }
        std::fs::write(keys.path(), "PRIVATE+KEY+x\n").unwrap();
        let error = keys.of("a").unwrap_err();
        assert!(error.to_string().contains("made/here/key"), "{error}");
    }
}
