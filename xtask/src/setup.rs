//! What the tests need beside Rust, by the names of Debian's packages.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use crate::run::{program, works};

/// A program that the tests call.
struct Need {
    packages: &'static [&'static str],
    present: fn() -> bool,
}

const NEEDS: [Need; 12] = [
    Need {
        // A throw-away cluster is the second database of the conformance suite.
        packages: &["postgresql"],
        present: || works("initdb", &["--version"]) || debian_initdb().is_some(),
    },
    Need {
        // Users' own git makes the commits.
        packages: &["git"],
        present: || works("git", &["--version"]),
    },
    Need {
        // warcio judges our WARC files.
        packages: &["python3", "python3-venv"],
        present: || has_warcio("python3") || works("python3", &["-c", "import ensurepip"]),
    },
    Need {
        // Pages that are made by scripts.
        packages: &["chromium"],
        present: || {
            ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|name| works(name, &["--version"]))
        },
    },
    Need {
        // A network namespace in which every address is local.
        packages: &["util-linux"],
        present: || works("unshare", &["--version"]),
    },
    Need {
        // Go's checksum database judges our log.
        packages: &["golang-go", "golang-golang-x-mod-dev"],
        present: || works("go", &["version"]) && Path::new(GO_TLOG).is_dir(),
    },
    Need {
        // Makes calls of the system fail.
        packages: &["strace"],
        present: || works("strace", &["-V"]),
    },
    Need {
        // Disks to cut the power of.
        packages: &["xfsprogs", "e2fsprogs"],
        present: || works("mkfs.xfs", &["-V"]) && works("mkfs.ext4", &["-V"]),
    },
    Need {
        // Clocks that are wrong.
        packages: &["faketime"],
        present: || works("faketime", &["--version"]),
    },
    Need {
        // A time stamping authority, and the judge of its stamps.
        packages: &["openssl"],
        present: || works("openssl", &["version"]),
    },
    Need {
        // git asks `ssh-keygen` whether a commit's signature holds.
        packages: &["openssh-client"],
        present: || works("ssh", &["-V"]),
    },
    Need {
        packages: &["iproute2"],
        present: || works("ip", &["-V"]),
    },
];

/// Where Debian puts what verifies Merkle logs.
const GO_TLOG: &str = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog";

/// The version of warcio that is installed where there is none.
const WARCIO: &str = "warcio==1.8.1";

/// Whether the tests can run.
pub(crate) enum Ready {
    /// With this `PATH`.
    Yes { path: OsString },
    /// Once somebody has run this as root.
    No { command: String },
}

/// Installs what is missing, where this is allowed to.
pub(crate) fn set_up(root: &Path) -> anyhow::Result<Ready> {
    let missing: Vec<&str> = NEEDS
        .iter()
        .filter(|need| !(need.present)())
        .flat_map(|need| need.packages.iter().copied())
        .collect();
    if !missing.is_empty() {
        if !(is_root() && works("apt-get", &["--version"])) {
            let command = format!("apt-get install --yes {}", missing.join(" "));
            return Ok(Ready::No { command });
        }
        apt(&["update"], &[])?;
        apt(&["install", "--yes", "--no-install-recommends"], &missing)?;
    }
    let venv = if has_warcio("python3") {
        None
    } else {
        Some(warcio(root)?)
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = venv.into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).context("extending PATH")?;
    Ok(Ready::Yes { path })
}

fn apt(verb: &[&str], packages: &[&str]) -> anyhow::Result<()> {
    let command = program("apt-get", verb)
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    println!("== {} {}", command.words(), packages.join(" "));
    done(command.run()?, "apt-get")
}

/// A virtual environment with warcio, made once; its folder of programs.
fn warcio(root: &Path) -> anyhow::Result<PathBuf> {
    let venv = root.join("target/xtask/venv");
    let programs = venv.join("bin");
    let python = programs.join("python3");
    let python = python
        .to_str()
        .context("the path of the repository is not UTF-8")?;
    if !has_warcio(python) {
        let venv = venv
            .to_str()
            .context("the path of the repository is not UTF-8")?;
        println!("== {WARCIO} into {venv}");
        done(
            program("python3", &["-m", "venv", venv]).run()?,
            "python3 -m venv",
        )?;
        done(
            program(python, &["-m", "pip", "install", "--quiet", WARCIO]).run()?,
            "pip",
        )?;
    }
    Ok(programs)
}

fn done(code: ExitCode, what: &str) -> anyhow::Result<()> {
    if code == ExitCode::SUCCESS {
        return Ok(());
    }
    bail!("`{what}` failed; what it said stands above")
}

fn has_warcio(python: &str) -> bool {
    works(python, &["-c", "import warcio.cli"])
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Debian keeps `initdb` out of `PATH`.
fn debian_initdb() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let initdb = |entry: std::fs::DirEntry| entry.path().join("bin").join(OsStr::new("initdb"));
    versions.flatten().map(initdb).find(|path| path.exists())
}
