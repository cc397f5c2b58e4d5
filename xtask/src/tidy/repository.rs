//! The files that the rules read.

use std::path::Path;

use anyhow::Context as _;

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 6] = ["target", ".git", ".idea", ".vscode", "corpus", "artifacts"];

/// A file, its path relative to the repository, parts joined by `/`.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    /// Empty when it is not UTF-8.
    pub(crate) text: String,
}

/// All files of the repository, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) files: Vec<File>,
}

impl Repository {
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let is = |file: &File| file.path == path || file.path.starts_with(&folder);
        path.is_empty() || self.files.iter().any(is)
    }

    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(crate) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| {
            file.path
                .rsplit_once('.')
                .is_some_and(|(_, found)| found == extension)
        })
    }

    /// The names and manifests of the workspace's crates, xtask among them. Benchmarks and fuzz
    /// targets are packages of their own, which nothing is built from.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&str, &File)> {
        self.with_extension("toml").filter_map(|file| {
            let folder = file.path.strip_suffix("/Cargo.toml")?;
            let krate = folder.strip_prefix("crates/").unwrap_or(folder);
            (krate != "fuzz" && !krate.contains('/')).then_some((krate, file))
        })
    }

    /// The folders of the packages of benchmarks.
    pub(crate) fn bench_packages(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
            .filter(|folder| folder.ends_with("/benches"))
    }
}

impl File {
    /// The crate that it is in.
    pub(crate) fn krate(&self) -> &str {
        let inside = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        inside.split_once('/').map_or("", |(krate, _)| krate)
    }

    /// Whether it is part of what a crate ships, rather than a test, example or benchmark.
    pub(crate) fn is_shipped(&self) -> bool {
        let folders = ["/tests/", "/examples/", "/benches/"];
        self.path.contains("/src/")
            && folders.iter().all(|folder| !self.path.contains(folder))
            && !self.path.ends_with("/tests.rs")
    }

    /// Its lines of code with their numbers: no comments, and nothing from the test module on,
    /// which stands last.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(place, line)| (place + 1, line))
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> anyhow::Result<()> {
    let reading = || format!("reading `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().with_context(reading)?;
        if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(entry.path()).with_context(reading)?;
            let text = String::from_utf8(bytes).unwrap_or_default();
            files.push(File { path, text });
        }
    }
    Ok(())
}
