//! Reading the repository: how far it has come, and what stands in it.

use pressmark_model::{LeafIndex, VersionNumber};
use pressmark_proof::ArchiveId;

use super::batch::{ARCHIVE, Before, LEAF, Place, article_path, hex, list_path, place};
use super::process::text;
use super::{GitError, GitProjection, Step};
use crate::list::List;
use crate::names::FileId;
use crate::record::Record;

/// The branch, and how far it has come.
pub(super) struct Head {
    pub(super) branch: String,
    pub(super) commit: Option<String>,
    /// The last commit that was made from the ledger.
    pub(super) written: Option<String>,
    pub(super) next: LeafIndex,
}

impl GitProjection {
    pub(super) async fn branch(&self) -> Result<String, GitError> {
        let branch = self.git.ask(&["symbolic-ref", "--quiet", "HEAD"]).await?;
        branch.ok_or_else(|| GitError::Detached(self.git.folder().to_owned()))
    }

    pub(super) async fn commit_of(&self, branch: &str) -> Result<Option<String>, GitError> {
        let commit = format!("{branch}^{{commit}}");
        self.git
            .ask(&["rev-parse", "--quiet", "--verify", &commit])
            .await
    }

    /// The branch and its cursor: the trailers of the last commit that has them, for the user may
    /// have committed something since.
    pub(super) async fn head(&self, archive: ArchiveId) -> Result<Head, GitError> {
        let branch = self.branch().await?;
        let commit = self.commit_of(&branch).await?;
        let mut head = Head {
            branch,
            commit,
            written: None,
            next: LeafIndex(0),
        };
        let Some(commit) = &head.commit else {
            return Ok(head);
        };
        let grep = format!("--grep=^{LEAF}: [0-9]");
        let format = format!(
            "--format=%H%n%(trailers:key={LEAF},valueonly)%n%(trailers:key={ARCHIVE},valueonly)"
        );
        let log = ["log", "-1", &grep, &format, commit, "--"];
        let said = text(&self.git.run(&log, &[]).await?);
        let mut lines = said.lines().filter(|line| !line.is_empty());
        let Some(written) = lines.next() else {
            let ours = ["ls-tree", "--name-only", commit, "articles", "lists"];
            if self.git.run(&ours, &[]).await?.is_empty() {
                return Ok(head);
            }
            return Err(GitError::Foreign(self.git.folder().to_owned()));
        };
        let last: i64 = lines
            .next()
            .and_then(|leaf| leaf.parse().ok())
            .ok_or_else(|| GitError::Damaged {
                commit: written.to_owned(),
                what: "trailer with its last leaf",
            })?;
        let (found, wanted) = (lines.next().unwrap_or_default(), hex(archive));
        if found != wanted {
            return Err(GitError::OtherArchive {
                found: found.to_owned(),
                wanted,
            });
        }
        head.next = LeafIndex(last.saturating_add(1));
        head.written = Some(written.to_owned());
        Ok(head)
    }

    /// What stands in the tree of a commit, as far as these steps touch it.
    pub(super) async fn before(&self, commit: &str, steps: &[Step]) -> Result<Before, GitError> {
        let mut before = Before::default();
        // A first version has no file yet, and there may be very many of others.
        let mut folders: Vec<String> = steps
            .iter()
            .filter(|step| step.version.number > VersionNumber(1) || step.copies.is_some())
            .map(|step| article_path(step.version.slug.as_str(), ""))
            .collect();
        folders.sort();
        folders.dedup();
        let mut args = vec!["ls-tree", "-z", "--name-only", commit, "lists/"];
        args.extend(folders.iter().map(String::as_str));
        let listing = self.git.run(&args, &[]).await?;
        for path in String::from_utf8_lossy(&listing).split('\0') {
            match path.split('/').collect::<Vec<_>>().as_slice() {
                ["articles", slug, file] => {
                    if let Some(id) = FileId::of_name(file) {
                        let place = ((*slug).to_owned(), id);
                        before.names.insert(place, (*file).to_owned());
                    }
                }
                ["lists", file] => {
                    let slug = file.strip_suffix(".md").unwrap_or(file);
                    before.sources.insert(slug.to_owned());
                }
                _ => {}
            }
        }
        self.read_before(commit, steps, &mut before).await?;
        Ok(before)
    }

    async fn read_before(
        &self,
        commit: &str,
        steps: &[Step],
        before: &mut Before,
    ) -> Result<(), GitError> {
        let mut wanted: Vec<(String, Wanted)> = vec![("README.md".to_owned(), Wanted::Readme)];
        for version in steps.iter().map(|step| &step.version) {
            let place = place(version);
            if before.sources.contains(&place.0) {
                wanted.push((list_path(&place.0), Wanted::List(place.0.clone())));
            }
            let file = before.names.get(&place);
            if let Some(file) = file.filter(|_| version.article.published.is_none()) {
                wanted.push((article_path(&place.0, file), Wanted::Article(place)));
            }
        }
        wanted.sort_by(|(a, _), (b, _)| a.cmp(b));
        wanted.dedup_by(|(a, _), (b, _)| a == b);
        let paths = wanted.iter().map(|(path, _)| path.as_str());
        let files = self.read_files(commit, paths).await?;
        for ((_, what), file) in wanted.into_iter().zip(files) {
            let Some(file) = file else { continue };
            match what {
                Wanted::Readme => before.readme = Some(file),
                Wanted::List(slug) => {
                    let list = List::parse(&file).ok_or_else(|| GitError::Damaged {
                        commit: commit.to_owned(),
                        what: "list",
                    })?;
                    before.lists.insert(slug, list);
                }
                Wanted::Article(place) => {
                    let record: Option<Record> = file.parse().ok();
                    if let Some(millis) = record.and_then(|record| record.published) {
                        before.published.insert(place, millis);
                    }
                }
            }
        }
        Ok(())
    }

    /// The files at these paths of a commit, in their order.
    async fn read_files(
        &self,
        commit: &str,
        paths: impl Iterator<Item = &str>,
    ) -> Result<Vec<Option<String>>, GitError> {
        let names: Vec<String> = paths.map(|path| format!("{commit}:{path}\n")).collect();
        let answer = self
            .git
            .run(&["cat-file", "--batch"], names.concat().as_bytes())
            .await?;
        read_objects(&answer).ok_or_else(|| GitError::Damaged {
            commit: commit.to_owned(),
            what: "files",
        })
    }
}

/// A file that is read from the tree, and what for.
enum Wanted {
    Readme,
    List(String),
    Article(Place),
}

/// The objects that `git cat-file --batch` wrote: for each a line that ends with its size, its
/// bytes and a newline, or a line that ends with `missing`.
fn read_objects(answer: &[u8]) -> Option<Vec<Option<String>>> {
    let mut objects = Vec::new();
    let mut rest = answer;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let (head, body) = rest.split_at_checked(end)?;
        let head = String::from_utf8_lossy(head);
        let word = head.rsplit(' ').next()?;
        let (_, body) = body.split_first()?;
        if word == "missing" {
            objects.push(None);
            rest = body;
            continue;
        }
        let (object, after) = body.split_at_checked(word.parse().ok()?)?;
        objects.push(Some(String::from_utf8_lossy(object).into_owned()));
        (_, rest) = after.split_first()?;
    }
    Some(objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_in_order() {
        let answer = b"ab blob 3\nx\ny\nHEAD:a b.md missing\ncd blob 0\n\n";
        assert_eq!(
            read_objects(answer).unwrap(),
            [Some("x\ny".to_owned()), None, Some(String::new())]
        );
        assert_eq!(read_objects(b"ab blob 3\nx"), None);
    }
}
