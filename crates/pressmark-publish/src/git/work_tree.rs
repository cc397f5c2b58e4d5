//! Index and work tree, which follow the branch.
//!
//! A mark beside them says that they may be behind. It is set before the branch moves and taken
//! away when they show its head, so that a run which was cut off between the two is made good.

use std::path::PathBuf;
use std::time::Duration;

use super::process::text;
use super::{GitError, GitProjection};

/// How long another git may hold the index before it is taken for dead. It is only taken for dead
/// at all when we died while ours held it.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_LOOKS: u32 = 50;

/// What the mark says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The branch may have moved.
    Behind,
    /// Our git is changing index and work tree.
    Restoring,
}

impl Mark {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Behind => "behind",
            Self::Restoring => "restoring",
        }
    }
}

impl GitProjection {
    /// Brings index and work tree to the head of the branch, if they are behind. What stood in the
    /// way is a value: the commits are good without it.
    pub async fn show_head(&self) -> Result<Option<String>, GitError> {
        if !self.mark_path().exists() {
            return Ok(None);
        }
        let ours = self.paths_to_show().await?;
        if !ours.is_empty() {
            let mut args = vec!["restore", "--source=HEAD", "--staged", "--worktree", "--"];
            args.extend(ours.lines());
            self.mark(Mark::Restoring)?;
            if let Err(error) = self.git.run(&args, &[]).await {
                self.mark(Mark::Behind)?;
                return Ok(Some(error.to_string()));
            }
        }
        self.unmark()?;
        // Many small packs make git slow; that it could not merge them harms nothing.
        if let Err(error) = self.git.run(&["gc", "--auto", "--quiet"], &[]).await {
            tracing::debug!(%error, "git could not tidy up");
        }
        Ok(None)
    }

    /// What of the head is ours, one path a line. A README that the user is changing is not.
    async fn paths_to_show(&self) -> Result<String, GitError> {
        let head = ["rev-parse", "--quiet", "--verify", "HEAD"];
        if self.git.ask(&head).await?.is_none() {
            return Ok(String::new());
        }
        let mut list = vec!["ls-tree", "--name-only", "HEAD", "articles", "lists"];
        let changed = ["diff-files", "--quiet", "--", "README.md"];
        if self.git.ask(&changed).await?.is_some() {
            list.push("README.md");
        }
        Ok(text(&self.git.run(&list, &[]).await?))
    }

    /// Takes away the lock of a git that died with us. Another's lock stays: only when the mark
    /// says that ours was at work is it ours.
    pub(super) async fn release_index(&self) -> Result<(), GitError> {
        let mark = std::fs::read_to_string(self.mark_path()).unwrap_or_default();
        let lock = self.git_dir.join("index.lock");
        if mark != Mark::Restoring.as_str() {
            return Ok(());
        }
        for _ in 0..LOCK_LOOKS {
            if !lock.exists() {
                return Ok(());
            }
            tokio::time::sleep(LOCK_PATIENCE / LOCK_LOOKS).await;
        }
        std::fs::remove_file(&lock).map_err(|source| GitError::Folder { path: lock, source })
    }

    pub(super) fn mark(&self, mark: Mark) -> Result<(), GitError> {
        let path = self.mark_path();
        std::fs::write(&path, mark.as_str()).map_err(|source| GitError::Folder { path, source })
    }

    fn unmark(&self) -> Result<(), GitError> {
        let path = self.mark_path();
        std::fs::remove_file(&path).map_err(|source| GitError::Folder { path, source })
    }

    fn mark_path(&self) -> PathBuf {
        self.git_dir.join("pressmark-work-tree")
    }
}
