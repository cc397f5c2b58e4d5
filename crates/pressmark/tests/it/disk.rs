//! File systems of a test's own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether file systems can be mounted here; says so where they cannot.
pub(crate) fn can_mount() -> bool {
    let script = "at=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs $at && umount $at; \
                  ended=$?; rmdir $at; exit $ended";
    may("a disk of its own", "sh", &["-c", script])
}

/// Whether a command works here, which a test needs. If not it says so; where nothing may be left
/// out, that is a failure.
pub(crate) fn can(what: &str, program: &str, arguments: &[&str]) -> bool {
    let works = may(what, program, arguments);
    let required = std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_some();
    assert!(works || !required, "{what} is not tested here");
    works
}

/// The same where it is not for a test to want it, such as what a container forbids.
pub(crate) fn may(what: &str, program: &str, arguments: &[&str]) -> bool {
    let works = run(program, arguments);
    if let Err(why) = &works {
        let command = arguments.join(" ");
        println!("SKIP: {what} needs `{program} {command}`: {why}");
    }
    works.is_ok()
}

/// Runs a command; what it says against it.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// A file system that is unmounted at the end.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// One in memory.
    pub(crate) fn tmpfs(at: &Path, options: &str) -> Self {
        Self::at(at, &["-t", "tmpfs", "-o", options, "tmpfs"])
    }

    /// Whatever these arguments of `mount` name.
    pub(crate) fn at(at: &Path, arguments: &[&str]) -> Self {
        std::fs::create_dir_all(at).unwrap();
        mount(arguments, at);
        Self(at.to_owned())
    }

    pub(crate) fn grow(&self, options: &str) {
        mount(&["-o", &format!("remount,{options}")], &self.0);
    }
}

fn mount(arguments: &[&str], at: &Path) {
    let mounted = run("mount", &[arguments, &[at.to_str().unwrap()]].concat());
    mounted.unwrap();
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Who was killed a moment ago may hold it still.
        let gone = run("umount", &["-l", self.0.to_str().unwrap()]);
        gone.unwrap();
    }
}
