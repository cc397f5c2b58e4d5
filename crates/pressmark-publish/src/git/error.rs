//! Why the git repository could not follow.

use std::path::PathBuf;

use pressmark_archive::media::MediaFileError;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::keys::KeysError;
use pressmark_model::Digest;

/// Why the git repository could not follow.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git on this machine.
    #[error("the program `git` was not found")]
    Missing,
    /// Git could not be started, or written to.
    #[error("`git {action}` could not be run")]
    Run {
        /// The git command.
        action: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Git said no.
    #[error("`git {action}` failed: {message}")]
    Failed {
        /// The git command.
        action: String,
        /// What git said.
        message: String,
    },
    /// A file in the folder could not be read or written.
    #[error("could not use the folder `{}`", .path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The folder has files and is no git repository.
    #[error("the folder `{}` is not empty and no git repository", .0.display())]
    NotEmpty(PathBuf),
    /// The repository has articles or lists that this program did not write.
    #[error("the repository in `{}` has articles of another program", .0.display())]
    Foreign(PathBuf),
    /// The repository belongs to another archive.
    #[error("the repository follows the archive `{found}`, not `{wanted}`")]
    OtherArchive {
        /// The archive that its last commit names.
        found: String,
        /// The archive that was to be followed.
        wanted: String,
    },
    /// No branch is checked out.
    #[error("the repository in `{}` has no branch checked out", .0.display())]
    Detached(PathBuf),
    /// A trailer, list or listing that is not what this program writes.
    #[error("the commit `{commit}` has no readable {what}")]
    Damaged {
        /// The commit.
        commit: String,
        /// What is wrong in it.
        what: &'static str,
    },
    /// The copy of an image could not be read.
    #[error("the image {digest} could not be read")]
    Medium {
        /// Its digest.
        digest: Digest,
        /// What is wrong.
        #[source]
        source: Box<MediaFileError>,
    },
    /// The ledger could not be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The key that signs could not be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl GitError {
    /// What to do about it, in one clause.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("install git, or do without the git output"),
            Self::NotEmpty(_) | Self::Foreign(_) | Self::OtherArchive { .. } => {
                Some("name an empty or new folder; an old archive can be imported")
            }
            Self::Detached(_) => Some("check a branch out in it, such as `git switch main`"),
            Self::Damaged { .. } => {
                Some("name a new folder, and the repository is made again from the archive")
            }
            Self::Medium { .. } => Some("`pressmark check --deep` names what is damaged"),
            Self::Keys(_) => Some("check who may read the key file and its folder"),
            Self::Run { .. } | Self::Failed { .. } | Self::Folder { .. } | Self::Catalog(_) => None,
        }
    }
}
