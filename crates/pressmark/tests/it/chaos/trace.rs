//! A process whose system calls are counted, or made to fail, from a chosen moment on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The calls that may change what is stored.
pub(super) const CALLS: [&str; 16] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fallocate",
    "mkdir",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "rmdir",
];

/// The calls that `strace -f -o` wrote down: each with the most that one thread made of it.
pub(super) fn calls_in(log: &Path) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap().lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let name = call.trim_start().split('(').next().unwrap_or_default();
        if let Some(name) = CALLS.into_iter().find(|known| *known == name) {
            *counts.entry((thread.to_owned(), name)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in counts {
        let most = most.entry(call).or_default();
        *most = count.max(*most);
    }
    most
}

/// A process that `strace` can be attached to.
pub(super) struct Held {
    /// The shell, and `strace` in its place when it is attached.
    pub(super) child: Child,
    process: String,
}

impl Held {
    /// Starts a command, writing what it says to this file. Only who has started a process may
    /// trace it: a shell does both, one after the other.
    pub(super) fn start(command: &Command, strace: &[String], said: &Path) -> Self {
        let traced: Vec<String> = strace.iter().map(|word| quoted(word)).collect();
        let script = format!(
            "{} >{} 2>{} & echo $!; read go; exec strace -f {} -p $!",
            words(command),
            quoted(&said.display().to_string()),
            quoted(&format!("{}.err", said.display())),
            traced.join(" "),
        );
        let mut child = set_up(Command::new("sh").args(["-c", &script]), command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut process)
            .unwrap();
        Self {
            child,
            process: process.trim().to_owned(),
        }
    }

    /// Begins to trace.
    pub(super) fn attach(&mut self) {
        let mut go = self.child.stdin.take().unwrap();
        go.write_all(b"go\n").unwrap();
        // It says first that it is attached. What it says later is read so that it can say it.
        let mut said = BufReader::new(self.child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    }

    /// Waits until the process has ended, or ends it; whether it ended by itself.
    pub(super) async fn end(&mut self, patience: Duration) -> bool {
        let ended = super::stage::end_of(&mut self.child, patience).await;
        if !ended {
            crate::disk::run("kill", &["-9", &self.process]).unwrap();
        }
        ended
    }
}

/// A command under `strace` from its start.
pub(super) fn traced(command: &Command, strace: &[String], said: &Path) -> Child {
    set_up(Command::new("strace").arg("-f").args(strace), command)
        .arg(command.get_program())
        .args(command.get_args())
        .stdout(File::create(said).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Gives a command the surroundings of another one.
pub(super) fn set_up<'a>(command: &'a mut Command, other: &Command) -> &'a mut Command {
    for (name, value) in other.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = other.get_current_dir() {
        command.current_dir(folder);
    }
    command
}

/// A command for a shell.
fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| quoted(word.to_str().unwrap()));
    quoted.collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    assert!(!word.contains('\''), "{word}");
    format!("'{word}'")
}
