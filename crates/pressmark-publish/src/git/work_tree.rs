//! Index and work tree, which follow the branch.
//!
//! A mark beside them says from which commit on they may be behind. It is set before the branch
//! moves and taken away when they show its head, so that a run which was cut off between the two
//! is made good.

use std::path::PathBuf;

use super::{GitError, GitProjection};

/// How often a lock is looked at while it is waited for.
const LOCK_LOOKS: u32 = 50;

/// What was going on when the mark was set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// The branch was moved.
    Commit,
    /// Our git changed index and work tree.
    Restore,
}

/// What the mark says.
struct Mark {
    doing: Doing,
    /// The commit that index and work tree show, whole but for what `doing` left; empty if they
    /// show none.
    shown: String,
}

impl GitProjection {
    /// Brings index and work tree to the head of the branch, if they are behind. What stood in the
    /// way is a value: the commits are good without it.
    pub async fn show_head(&self) -> Result<Option<String>, GitError> {
        let Some(Mark { shown, .. }) = self.read_mark() else {
            return Ok(None);
        };
        if let Err(error) = self.restore(&shown).await {
            self.write_mark(Doing::Commit, &shown)?;
            return Ok(Some(error.to_string()));
        }
        let path = self.mark_path();
        std::fs::remove_file(&path).map_err(|source| GitError::Folder { path, source })?;
        // Many small packs make git slow; that it could not merge them harms nothing.
        if let Err(error) = self.git.run(&["gc", "--auto", "--quiet"], &[]).await {
            tracing::debug!(%error, "git could not tidy up");
        }
        Ok(None)
    }

    async fn restore(&self, shown: &str) -> Result<(), GitError> {
        let paths = self.paths_to_show(shown).await?;
        if paths.is_empty() {
            return Ok(());
        }
        let mut restore = vec!["restore", "--source=HEAD", "--staged", "--worktree"];
        restore.extend(["--pathspec-from-file=-", "--pathspec-file-nul"]);
        self.write_mark(Doing::Restore, shown)?;
        self.git.run(&restore, &paths).await?;
        Ok(())
    }

    /// What of the head is ours and may have changed since the commit that is shown, each path
    /// with a NUL. A README that the user is changing is not ours.
    async fn paths_to_show(&self, shown: &str) -> Result<Vec<u8>, GitError> {
        let Some(head) = self.commit_of("HEAD").await? else {
            return Ok(Vec::new());
        };
        let mut list = match self.commit_of(shown).await? {
            Some(_) => vec![
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--diff-filter=d",
                shown,
                &head,
                // Without this, a folder that is not there yet might be a revision.
                "--",
            ],
            None => vec!["ls-tree", "-z", "--name-only", &head],
        };
        list.extend(["articles", "lists", "media"]);
        let changed = ["diff-files", "--quiet", "--", "README.md"];
        let missing = !self.git.folder().join("README.md").exists();
        if missing || self.git.ask(&changed).await?.is_some() {
            list.push("README.md");
        }
        self.git.run(&list, &[]).await
    }

    /// Says that the branch is about to move. The mark of a run that was cut off stays, for it
    /// reaches further back.
    pub(super) fn mark_behind(&self, shown: Option<&str>) -> Result<(), GitError> {
        match self.read_mark() {
            Some(_) => Ok(()),
            None => self.write_mark(Doing::Commit, shown.unwrap_or_default()),
        }
    }

    /// Clears up after a git of ours that was cut off while it changed the index: takes away its
    /// lock, and makes a broken index again. Another's lock stays.
    pub(super) async fn release_index(&self) -> Result<(), GitError> {
        if self
            .read_mark()
            .is_none_or(|mark| mark.doing != Doing::Restore)
        {
            return Ok(());
        }
        let lock = self.git_dir.join("index.lock");
        // That git may have outlived us, and be at work.
        for _ in 0..LOCK_LOOKS {
            if !lock.exists() {
                break;
            }
            tokio::time::sleep(self.options.lock_patience / LOCK_LOOKS).await;
        }
        remove_if_there(lock)?;
        let read = self.git.ask(&["diff-files", "--quiet"]).await;
        if matches!(read, Err(GitError::Failed { .. })) {
            remove_if_there(self.git_dir.join("index"))?;
            self.git.run(&["reset", "--quiet"], &[]).await?;
            self.write_mark(Doing::Commit, "")?;
        }
        Ok(())
    }

    fn read_mark(&self) -> Option<Mark> {
        let mark = std::fs::read_to_string(self.mark_path()).ok()?;
        let (doing, shown) = mark.split_once(' ').unwrap_or((&mark, ""));
        Some(Mark {
            doing: match doing {
                "restore" => Doing::Restore,
                _ => Doing::Commit,
            },
            shown: shown.to_owned(),
        })
    }

    /// Half a mark would be misread: it is written beside, and moved.
    fn write_mark(&self, doing: Doing, shown: &str) -> Result<(), GitError> {
        let doing = match doing {
            Doing::Commit => "commit",
            Doing::Restore => "restore",
        };
        let path = self.mark_path();
        let beside = path.with_extension("new");
        std::fs::write(&beside, format!("{doing} {shown}"))
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|source| GitError::Folder { path, source })
    }

    fn mark_path(&self) -> PathBuf {
        self.git_dir.join("pressmark-work-tree")
    }
}

fn remove_if_there(path: PathBuf) -> Result<(), GitError> {
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(GitError::Folder { path, source })
        }
        _ => Ok(()),
    }
}
