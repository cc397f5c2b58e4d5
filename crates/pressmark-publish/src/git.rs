//! Records and lists in a git repository: a projection of the ledger.
//!
//! The head of the branch is the only truth. Every commit names the last leaf in it and the
//! archive in its trailers, so output and cursor change in one step; the commits are made by
//! `git fast-import`, which moves the branch only when all of a commit is there. Index and work
//! tree follow afterwards, as a convenience.

mod batch;
mod error;
mod process;
mod read;
mod sign;
mod step;
mod work_tree;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pressmark_archive::media::MediaFiles;
use pressmark_archive::ports::catalog::Catalog;
use pressmark_archive::ports::keys::Keys;
use pressmark_model::{Digest, LeafIndex, Timestamp};
use pressmark_proof::ArchiveId;

use self::batch::{Batch, Before};
pub use self::error::GitError;
use self::process::{Git, text};
use self::read::Head;
use self::sign::SIGNED;
use self::step::steps;
pub use self::step::{Copies, Step};

/// How long a push may take.
const PUSH_LIMIT: Duration = Duration::from_mins(10);

/// How the repository is written. Another profile makes another repository: use a new folder.
#[derive(Debug, Clone)]
pub struct GitOptions {
    /// The name of author and committer.
    pub name: String,
    /// The e-mail address of author and committer.
    pub email: String,
    /// How files are named.
    pub names: Names,
    /// At most so many versions in a commit.
    pub batch: u32,
    /// How long the index lock of a run that was cut off is respected: its git may still be at
    /// work.
    pub lock_patience: Duration,
    /// The remote, by name or address, to push to after commits.
    pub push: Option<String>,
    /// Where the key of the log is, which signs the last commit on a branch of its own; without
    /// it, nothing is signed.
    pub keys: Option<Arc<dyn Keys>>,
    /// The copies of images, if they are to be in the repository, and the records to point to them.
    pub media: Option<MediaFiles>,
}

impl Default for GitOptions {
    fn default() -> Self {
        Self {
            name: "Pressmark".to_owned(),
            email: "pressmark@localhost".to_owned(),
            names: Names::IdAndTitle,
            batch: 200,
            lock_patience: Duration::from_secs(20),
            push: None,
            keys: None,
            media: None,
        }
    }
}

/// How the files of articles are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// `<id>.md`.
    Id,
    /// `<id>_<title>.md`, with the title of the first version.
    IdAndTitle,
}

/// A git repository that follows an archive.
#[derive(Debug)]
pub struct GitProjection {
    git: Git,
    git_dir: PathBuf,
    options: GitOptions,
}

/// What following the ledger came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The leaf that it began with.
    pub from: LeafIndex,
    /// The leaf that comes next.
    pub to: LeafIndex,
    /// The commits that were made.
    pub commits: u64,
    /// Why index and work tree do not show the head of the branch; it is tried again next time.
    pub work_tree: Option<String>,
    /// What became of the push.
    pub push: Push,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// None is asked for, or the remote has everything.
    NotNeeded,
    /// The remote has everything now.
    Done,
    /// It failed, with what git said; it is tried again next time.
    Failed(String),
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The leaf that comes next.
    pub next: LeafIndex,
    /// The commit.
    pub commit: String,
}

impl GitProjection {
    /// Opens the repository in a folder, making it if the folder is new or empty, and clears up
    /// after a run that was cut off.
    ///
    /// The folders `articles`, `lists` and `media` of the work tree belong to the projection: what is
    /// changed there without a commit is overwritten.
    pub async fn open(folder: &Path, options: GitOptions) -> Result<Self, GitError> {
        let at_folder = |source| GitError::Folder {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(at_folder)?;
        let folder = std::path::absolute(folder).map_err(at_folder)?;
        let git = Git::in_folder(&folder);
        if !git.git_dir().exists() {
            let mut files = std::fs::read_dir(&folder).map_err(at_folder)?;
            if files.next().is_some() {
                return Err(GitError::NotEmpty(folder));
            }
            git.init().await?;
        }
        let find = ["rev-parse", "--absolute-git-dir"];
        let found = match git.run(&find, &[]).await {
            Err(GitError::Failed { .. }) => {
                git.init().await?;
                git.run(&find, &[]).await?
            }
            found => found?,
        };
        let projection = Self {
            git,
            git_dir: text(&found).into(),
            options,
        };
        projection.release_index().await?;
        Ok(projection)
    }

    /// Brings the repository up to date with the ledger: commits, then the work tree, then the
    /// push.
    pub async fn follow(
        &self,
        catalog: &dyn Catalog,
        archive: ArchiveId,
    ) -> Result<Followed, GitError> {
        let from = self.next_leaf(archive).await?;
        let (mut to, mut commits) = (from, 0);
        loop {
            let with_media = self.options.media.is_some();
            let piece = steps(catalog, to, self.options.batch, with_media).await?;
            let Some(last) = piece.last else { break };
            commits += u64::from(self.append(archive, &piece.steps).await?.is_some());
            to = LeafIndex(last.0.saturating_add(1));
        }
        self.sign(catalog, &self.head(archive).await?).await?;
        Ok(Followed {
            from,
            to,
            commits,
            work_tree: self.show_head().await?,
            push: self.push().await?,
        })
    }

    /// The leaf that comes next.
    pub async fn next_leaf(&self, archive: ArchiveId) -> Result<LeafIndex, GitError> {
        Ok(self.head(archive).await?.next)
    }

    /// Commits these steps, which are the ledger's from [`Self::next_leaf`] on; `None` if there
    /// are none. Index and work tree follow with [`Self::show_head`].
    pub async fn append(
        &self,
        archive: ArchiveId,
        steps: &[Step],
    ) -> Result<Option<Appended>, GitError> {
        let Some(last) = steps.last() else {
            return Ok(None);
        };
        let head = self.head(archive).await?;
        let before = match &head.commit {
            Some(commit) => self.before(commit, steps).await?,
            None => Before::default(),
        };
        let batch = Batch::of(steps, before, self.options.names, archive);
        self.mark_behind(head.commit.as_deref())?;
        let media = self.store_media(&batch).await?;
        let stream = fast_import(&head, &batch, &media, &self.options);
        let import = ["fast-import", "--quiet", "--done"];
        self.git.run(&import, &stream).await?;
        let made = self.git.run(&["rev-parse", &head.branch], &[]).await?;
        Ok(Some(Appended {
            next: LeafIndex(last.leaf.0.saturating_add(1)),
            commit: text(&made),
        }))
    }

    /// Makes the copies of images objects of the repository; returns their paths and names.
    async fn store_media(&self, batch: &Batch) -> Result<Vec<(String, String)>, GitError> {
        let mut stored = Vec::new();
        let Some(files) = &self.options.media else {
            return Ok(stored);
        };
        for (path, digest) in &batch.media {
            let read = files
                .read(digest)
                .await
                .map_err(|source| GitError::Medium {
                    digest: *digest,
                    source: Box::new(source),
                })?;
            // One that was redacted a moment ago is gone, and so is its record, a moment later.
            if let Some((_, bytes)) = read {
                let write = ["hash-object", "-w", "--no-filters", "--stdin"];
                let object = self.git.run(&write, &bytes).await?;
                stored.push((path.clone(), text(&object)));
            }
        }
        Ok(stored)
    }

    /// Pushes the branch, if a remote is set and may not have it yet: not when it was pushed there
    /// before and nothing was committed since.
    pub async fn push(&self) -> Result<Push, GitError> {
        let Some(remote) = self.options.push.clone() else {
            return Ok(Push::NotNeeded);
        };
        let branch = self.branch().await?;
        let head = self.commit_of(&branch).await?;
        let Some(head) = head else {
            return Ok(Push::NotNeeded);
        };
        let signed = self.commit_of(SIGNED).await?;
        let heads = format!("{head} {}", signed.as_deref().unwrap_or("-"));
        let mark = pushed_mark(&heads, &remote);
        if std::fs::read_to_string(self.pushed_path()).is_ok_and(|known| known == mark) {
            return Ok(Push::NotNeeded);
        }
        let both = format!("{branch}:{branch}");
        // A later signature takes the place of the one before: it covers everything again.
        let signature = format!("+{SIGNED}:{SIGNED}");
        let mut args = vec!["push", "--quiet", "--", &remote, &both];
        args.extend(signed.is_some().then_some(signature.as_str()));
        let pushed = tokio::time::timeout(PUSH_LIMIT, self.git.run(&args, &[])).await;
        Ok(match pushed {
            Ok(Ok(_)) => {
                let path = self.pushed_path();
                std::fs::write(&path, mark).map_err(|source| GitError::Folder { path, source })?;
                Push::Done
            }
            Ok(Err(error)) => Push::Failed(error.to_string()),
            Err(_) => Push::Failed(format!("no end after {} s", PUSH_LIMIT.as_secs())),
        })
    }

    /// Where the head that was pushed last is written down, so that the next run knows it.
    fn pushed_path(&self) -> PathBuf {
        self.git_dir.join("pressmark-pushed")
    }
}

/// What was pushed, and to where: as a digest, for addresses may hold a password.
fn pushed_mark(heads: &str, remote: &str) -> String {
    format!("{heads} {}\n", Digest::of(remote.as_bytes()))
}

/// Author and committer, as they stand in a commit.
fn who(options: &GitOptions, at: Timestamp) -> String {
    let plain = |text: &str| text.replace(['<', '>', '\n'], "");
    let (name, email) = (plain(&options.name), plain(&options.email));
    format!("{name} <{email}> {} +0000", at.seconds())
}

/// The commit in the words of `git fast-import`. The last line is what moves the branch: without
/// it, nothing has happened.
fn fast_import(
    head: &Head,
    batch: &Batch,
    media: &[(String, String)],
    options: &GitOptions,
) -> Vec<u8> {
    let who = who(options, batch.at);
    let data = |text: &str| format!("data {}\n{text}\n", text.len());
    let mut stream = vec![
        format!("commit {}\nauthor {who}\ncommitter {who}\n", head.branch),
        data(&batch.message),
    ];
    if let Some(commit) = &head.commit {
        stream.push(format!("from {commit}\n"));
    }
    for (path, file) in &batch.files {
        stream.push(format!("M 100644 inline {path}\n"));
        stream.push(data(file));
    }
    for (path, object) in media {
        stream.push(format!("M 100644 {object} {path}\n"));
    }
    stream.push("done\n".to_owned());
    stream.concat().into_bytes()
}
