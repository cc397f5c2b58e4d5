//! The Markdown archive beside the archive, where one is wanted.

use std::error::Error as _;
use std::sync::Arc;

use pressmark_publish::{Followed, GitError, GitOptions, GitProjection, Names, Push};

use crate::config::{FileNames, RecordImages};
use crate::data::Open;
use crate::output;

/// The Markdown archive of an open archive.
#[derive(Debug)]
pub(super) struct Markdown<'a> {
    open: &'a Open,
    projection: Option<GitProjection>,
    /// The problem that was told last.
    told: Option<String>,
}

impl<'a> Markdown<'a> {
    pub(super) fn of(open: &'a Open) -> Self {
        Self {
            open,
            projection: None,
            told: None,
        }
    }

    /// Brings it up to the ledger. A fault of it is told and does not end the command: the archive
    /// has everything.
    pub(super) async fn follow(&mut self) {
        if self.open.data.config().git.enabled == Some(false) {
            return;
        }
        let problem = match self.try_follow().await {
            Ok(followed) => self.unfinished(followed),
            Err(error) => Some(describe(&error)),
        };
        // A problem that lasts is not told again with every article.
        if problem == self.told {
            return;
        }
        if let Some(problem) = &problem {
            output::note(problem);
        }
        self.told = problem;
    }

    async fn try_follow(&mut self) -> Result<Followed, GitError> {
        let (catalog, id) = (self.open.archive.catalog(), self.open.archive.id());
        if let Some(projection) = &self.projection {
            match projection.follow(&**catalog, id).await {
                Ok(followed) => return Ok(followed),
                // Opening clears up after what was cut off, and makes what was taken away.
                Err(error) => tracing::debug!(%error, "the Markdown archive is opened again"),
            }
        }
        self.projection = None;
        let projection =
            GitProjection::open(&self.open.data.markdown_dir(), self.options()).await?;
        let followed = projection.follow(&**catalog, id).await?;
        self.projection = Some(projection);
        Ok(followed)
    }

    /// How it is written.
    pub(super) fn options(&self) -> GitOptions {
        let section = &self.open.data.config().git;
        let names = match section.names {
            Some(FileNames::IdTitle) => Names::IdAndTitle,
            Some(FileNames::Id) | None => Names::Id,
        };
        let copies = section.media == Some(RecordImages::Copy);
        GitOptions {
            names,
            media: copies.then(|| self.open.archive.media_files()),
            push: section.push.clone(),
            keys: Some(Arc::clone(self.open.archive.keys())),
            ..GitOptions::default()
        }
    }

    /// What of it was not done.
    fn unfinished(&self, followed: Followed) -> Option<String> {
        if let Push::Failed(problem) = followed.push {
            return Some(format!(
                "the Markdown archive was not pushed: {problem}\n\
                 hint: it is tried again; `git push` in `{}` may say more",
                self.open.data.markdown_dir().display()
            ));
        }
        followed.work_tree.map(|problem| {
            format!(
                "the files of the Markdown archive are behind its commits: {problem}\n\
                 hint: they follow the next time"
            )
        })
    }
}

fn describe(error: &GitError) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    let hint = error.hint().map(|hint| format!("\nhint: {hint}"));
    format!(
        "the Markdown archive was not brought up to date: {error}{}{}",
        cause.unwrap_or_default(),
        hint.unwrap_or_default()
    )
}
