//! Running the user's own git.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::GitError;

/// Variables that would make git look at another repository than ours.
const FOREIGN: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// The repository in one folder.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
}

impl Git {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the repository is. It is named to git at every call: a search would find another one
    /// around the folder when the folder's own is damaged.
    pub(super) fn git_dir(&self) -> PathBuf {
        self.folder.join(".git")
    }

    /// Runs git in the repository; what it wrote to its output. Any other exit code than 0 is an
    /// error.
    pub(super) async fn run(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        let output = self.output(args, input).await?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(args, &output))
        }
    }

    /// Runs a git command that answers "no" with exit code 1.
    pub(super) async fn ask(&self, args: &[&str]) -> Result<Option<String>, GitError> {
        let output = self.output(args, &[]).await?;
        match output.status.code() {
            Some(0) => Ok(Some(text(&output.stdout))),
            Some(1) => Ok(None),
            _ => Err(failed(args, &output)),
        }
    }

    /// Makes the repository, or mends one that was half made.
    pub(super) async fn init(&self) -> Result<(), GitError> {
        let args = ["init", "--quiet", "--initial-branch=main"];
        let mut command = command(args.map(OsStr::new));
        command.arg(&self.folder);
        let output = communicate(&mut command, &[], "init").await?;
        if output.status.success() {
            Ok(())
        } else {
            Err(failed(&args, &output))
        }
    }

    async fn output(&self, args: &[&str], input: &[u8]) -> Result<Output, GitError> {
        let mut command = command([]);
        command
            .arg("--git-dir")
            .arg(self.git_dir())
            .arg("--work-tree")
            .arg(&self.folder)
            .args(["--literal-pathspecs", "-c", "core.autocrlf=false"])
            .args(args)
            .current_dir(&self.folder);
        communicate(&mut command, input, args.first().unwrap_or(&"")).await
    }
}

fn command<'a>(args: impl IntoIterator<Item = &'a OsStr>) -> Command {
    let mut command = Command::new("git");
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
        // A question on the terminal would never be answered.
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Writes and reads at once: git may answer before it has read everything.
async fn communicate(
    command: &mut Command,
    input: &[u8],
    action: &str,
) -> Result<Output, GitError> {
    let io = |source| GitError::Run {
        action: action.to_owned(),
        source,
    };
    let mut child =
        command
            .kill_on_drop(action == "push")
            .spawn()
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => GitError::Missing,
                _ => io(source),
            })?;
    let stdin = child.stdin.take();
    let write = async {
        if let Some(mut stdin) = stdin {
            stdin.write_all(input).await?;
            stdin.shutdown().await?;
        }
        Ok::<(), std::io::Error>(())
    };
    let (written, output) = tokio::join!(write, child.wait_with_output());
    let output = output.map_err(io)?;
    // If git gave up reading, what it says of that counts, not the broken pipe.
    match written {
        Err(source) if output.status.success() => Err(io(source)),
        _ => Ok(output),
    }
}

fn failed(args: &[&str], output: &Output) -> GitError {
    let said = without_credentials(&text(&output.stderr));
    GitError::Failed {
        action: (*args.first().unwrap_or(&"")).to_owned(),
        message: if said.is_empty() {
            output.status.to_string()
        } else {
            said
        },
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// What git says may name a remote with its password.
fn without_credentials(message: &str) -> String {
    let mut pieces = message.split("://");
    let mut clean = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        clean.push_str("://");
        let end = piece.find(|c: char| c == '/' || c == '\'' || c.is_whitespace());
        let (authority, rest) = piece.split_at(end.unwrap_or(piece.len()));
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                clean.push_str("***@");
                clean.push_str(host);
            }
            None => clean.push_str(authority),
        }
        clean.push_str(rest);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_repeated() {
        assert_eq!(
            without_credentials("fatal: 'https://me:p@ss@a.example/x' and ssh://git@b/y: no"),
            "fatal: 'https://***@a.example/x' and ssh://***@b/y: no"
        );
        assert_eq!(
            without_credentials("no https://a/ b@c"),
            "no https://a/ b@c"
        );
    }
}
