//! The signed side branch. Content commits are the same wherever the ledger is followed, and so they
//! are not signed; one commit on a branch of its own, signed by the log's key, has the last of them
//! as its parent, and holds the checkpoint.

use pressmark_archive::ports::catalog::Catalog;
use pressmark_proof::ssh_signature;

use super::process::text;
use super::read::Head;
use super::{GitError, GitProjection, who};

/// The branch.
pub(super) const SIGNED: &str = "refs/heads/pressmark-signed";

impl GitProjection {
    /// Signs the last commit of the ledger, once the log has all of it. Without the log's key there
    /// is no signature.
    pub(super) async fn sign(&self, catalog: &dyn Catalog, head: &Head) -> Result<(), GitError> {
        let (Some(keys), Some(commit)) = (&self.options.keys, &head.written) else {
            return Ok(());
        };
        let Some(log) = catalog.logs().await?.pop() else {
            return Ok(());
        };
        let Some(sealed) = log.head.as_ref().filter(|_| head.next <= log.end()) else {
            return Ok(());
        };
        let Some(key) = keys.of(&log.origin)?.into_iter().next() else {
            return Ok(());
        };
        if self.commit_of(&format!("{SIGNED}^")).await?.as_ref() == Some(commit) {
            return Ok(());
        }
        let tree = format!("{commit}^{{tree}}");
        let tree = text(&self.git.run(&["rev-parse", &tree], &[]).await?);
        let who = who(&self.options, sealed.sealed_at);
        let head = format!("tree {tree}\nparent {commit}\nauthor {who}\ncommitter {who}\n");
        let message = format!(
            "Signed: {} entries of the log\n\n{}",
            sealed.size, sealed.checkpoint
        );
        let unsigned = format!("{head}\n{message}");
        let signature = ssh_signature(&key, "git", unsigned.as_bytes());
        let signature = signature.trim_end().replace('\n', "\n ");
        let signed = format!("{head}gpgsig {signature}\n\n{message}");
        let write = ["hash-object", "-t", "commit", "-w", "--stdin"];
        let made = text(&self.git.run(&write, signed.as_bytes()).await?);
        self.git.run(&["update-ref", SIGNED, &made], &[]).await?;
        Ok(())
    }
}
