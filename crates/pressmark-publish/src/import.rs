//! Reading archives of the record form that others kept.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io, vec};

use pressmark_model::{OffsetTimestamp, Timestamp, WebUrl};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use crate::jekyll::{Body, FrontMatter, JekyllError, Post};
use crate::list::{List, encoded_path};
use crate::names::FileId;
use crate::record::{Record, RecordError};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Why a folder cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be listed.
    #[error("could not read the folder `{}`", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// An article of another archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The name of the site: that of its list, its folder, or its category; else the host.
    pub site: String,
    /// The file, from the folder that is imported.
    pub path: PathBuf,
    /// The title, character references resolved.
    pub title: String,
    /// The address.
    pub url: WebUrl,
    /// The body as it stands in the file: not sanitised.
    pub html: String,
    /// When the article was published, if the archive could read it.
    pub published: Option<OffsetTimestamp>,
    /// The date that the other archive put on it: of the front matter, else of the file name.
    pub dated: Option<OffsetTimestamp>,
    /// The author line, if it names anyone but the site.
    pub authors: Vec<String>,
    /// Tags and categories, without the site's name.
    pub tags: Vec<String>,
    /// The file itself.
    pub bytes: Vec<u8>,
}

/// A file that was not imported, and why.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {reason}", .path.display())]
pub struct Unread {
    /// The file, from the folder that is imported.
    pub path: PathBuf,
    /// Why not.
    pub reason: UnreadReason,
}

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum UnreadReason {
    /// The system did not let us.
    #[error("it could not be read: {0}")]
    Io(#[from] io::Error),
    /// Larger than any article.
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// A record that is none.
    #[error("it is no record: {0}")]
    Record(#[from] RecordError),
    /// A post that is none.
    #[error("it is no post: {0}")]
    Post(#[from] JekyllError),
    /// Neither form.
    #[error("it begins neither as a record nor with front matter")]
    Neither,
    /// No address, or one that is not of the web.
    #[error("its address is none: `{0}`")]
    Address(String),
}

/// The articles of a folder: those below `articles` and `_posts` if it has either, else every
/// Markdown file in it. In each folder numbered files come with the highest number first and
/// others by name: the oldest first.
#[derive(Debug)]
pub struct Import {
    root: PathBuf,
    files: vec::IntoIter<Result<PathBuf, Unread>>,
    /// The names of lists by the folder that they point into, percent-encoded.
    names: BTreeMap<String, String>,
}

impl Import {
    /// Lists the folder. Nothing is read yet but its lists.
    pub fn open(root: &Path) -> Result<Self, ImportError> {
        let listed = |path: &Path| {
            entries(path).map_err(|source| ImportError::Folder {
                path: path.to_owned(),
                source,
            })
        };
        listed(root)?;
        let mut files = Vec::new();
        let known = ["articles", "_posts"].map(|name| root.join(name));
        if known.iter().any(|folder| folder.is_dir()) {
            for folder in known.iter().filter(|folder| folder.is_dir()) {
                walk(root, folder, &mut files);
            }
        } else {
            walk(root, root, &mut files);
        }
        let mut names = BTreeMap::new();
        for path in entries(&root.join("lists")).unwrap_or_default() {
            let list = fs::read_to_string(&path).ok();
            let Some(list) = list.and_then(|text| List::parse(&text)) else {
                continue;
            };
            if let Some(site) = list.entries.iter().find_map(|entry| entry.site()) {
                names.insert(site.to_owned(), list.name.clone());
            }
        }
        Ok(Self {
            root: root.to_owned(),
            files: files.into_iter(),
            names,
        })
    }

    fn read(&self, path: PathBuf) -> Result<Imported, Unread> {
        let file = self.root.join(&path);
        let read = || {
            if fs::metadata(&file)?.len() > MAX_BYTES {
                return Err(UnreadReason::TooLarge);
            }
            let bytes = fs::read(&file)?;
            self.parse(&path, bytes)
        };
        read().map_err(|reason| Unread { path, reason })
    }

    fn parse(&self, path: &Path, bytes: Vec<u8>) -> Result<Imported, UnreadReason> {
        let text = std::str::from_utf8(&bytes).map_err(|_| UnreadReason::NotText)?;
        let mut text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let (front, body) = if text.starts_with("<!--") {
            (FrontMatter::default(), Body::Record(text.parse()?))
        } else if text.starts_with("---\n") {
            let post: Post = text.parse()?;
            (post.front, post.body)
        } else {
            return Err(UnreadReason::Neither);
        };
        let in_front = |key| front.text(key).unwrap_or_default();
        let dated = front.text("date").and_then(|date| read_date(&date));
        let (title, address, html, published) = match body {
            Body::Record(record) => {
                let Record {
                    published,
                    title,
                    url,
                    html,
                    ..
                } = record;
                let at = published.map(|millis| Timestamp::from_millis(millis).into());
                (title, url, html, at)
            }
            Body::Html(html) => (in_front("title"), in_front("from"), html, dated),
        };
        let url: WebUrl = address
            .parse()
            .map_err(|_| UnreadReason::Address(address))?;
        let site = self.site(path, &front).unwrap_or_else(|| url.host().into());
        let mut tags: Vec<String> = Vec::new();
        for tag in [front.list("tags"), front.list("categories")].concat() {
            let tag = plain(&tag);
            if tag != site && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let author = plain(&in_front("author"));
        let named = !author.is_empty() && author != site;
        Ok(Imported {
            title: plain(&title),
            url,
            html: html.trim().to_owned(),
            published,
            dated: dated.or_else(|| date_of_name(path)),
            authors: if named { vec![author] } else { Vec::new() },
            tags,
            site,
            path: path.to_owned(),
            bytes,
        })
    }

    fn site(&self, path: &Path, front: &FrontMatter) -> Option<String> {
        let category = ["categories", "tags"]
            .iter()
            .find_map(|key| front.list(key).into_iter().next());
        let folders = path.parent()?.iter().filter_map(OsStr::to_str);
        match folders.collect::<Vec<_>>().as_slice() {
            ["articles", folder, ..] => {
                let encoded = encoded_path(&format!("/{folder}"));
                let name = self.names.get(encoded.trim_start_matches('/'));
                Some(name.map_or_else(|| (*folder).to_owned(), Clone::clone))
            }
            [.., "_posts"] | [] => category.map(|name| plain(&name)),
            [.., folder] => Some(category.map_or_else(|| (*folder).to_owned(), |c| plain(&c))),
        }
    }
}

impl Iterator for Import {
    type Item = Result<Imported, Unread>;

    fn next(&mut self) -> Option<Self::Item> {
        let path = self.files.next()?;
        Some(path.and_then(|path| self.read(path)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.files.size_hint()
    }
}

impl ExactSizeIterator for Import {}

/// Collects the Markdown files below a folder, and what could not be listed. Hidden folders are
/// not entered, nor are links, which may lead round in a circle.
fn walk(root: &Path, folder: &Path, files: &mut Vec<Result<PathBuf, Unread>>) {
    let from_root = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let paths = match entries(folder) {
        Ok(paths) => paths,
        Err(source) => {
            let path = from_root(folder);
            let reason = UnreadReason::Io(source);
            return files.push(Err(Unread { path, reason }));
        }
    };
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !path.is_symlink() && !name.starts_with('.') {
                walk(root, &path, files);
            }
        } else if name.ends_with(".md") || name.ends_with(".markdown") {
            files.push(Ok(from_root(&path)));
        }
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (FileId::of_name(&name).map(Reverse), name.into_owned())
    });
    Ok(paths)
}

/// Text whose character references are resolved.
fn plain(text: &str) -> String {
    if text.contains('&') {
        pressmark_html::plain_text(text)
    } else {
        text.trim().to_owned()
    }
}

/// RFC 3339, and the forms that Jekyll reads; UTC where no offset is given.
fn read_date(text: &str) -> Option<OffsetTimestamp> {
    const WITH_OFFSET: &[BorrowedFormatItem<'_>] = format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
    );
    const TIME: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let rfc3339 = text.parse().ok();
    let spaced = || {
        OffsetDateTime::parse(text, WITH_OFFSET)
            .ok()
            .map(Into::into)
    };
    let time = || {
        PrimitiveDateTime::parse(text, TIME)
            .ok()
            .map(|time| time.assume_utc().into())
    };
    rfc3339
        .or_else(spaced)
        .or_else(time)
        .or_else(|| read_day(text))
}

fn read_day(text: &str) -> Option<OffsetTimestamp> {
    const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
    let day = Date::parse(text, DAY).ok()?;
    Some(day.midnight().assume_utc().into())
}

/// Posts are named `YYYY-MM-DD-<title>.md`.
fn date_of_name(path: &Path) -> Option<OffsetTimestamp> {
    read_day(path.file_name()?.to_str()?.get(..10)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_posts_are_read() {
        let utc = |text| read_date(text).map(|date| date.at().to_string());
        assert_eq!(
            utc("2014-12-18T11:13:48.000Z").unwrap(),
            "2014-12-18T11:13:48Z"
        );
        assert_eq!(
            utc("2020-01-07T09:42:47+08:00").unwrap(),
            "2020-01-07T01:42:47Z"
        );
        assert_eq!(
            utc("2020-01-07 09:42:47 +0800").unwrap(),
            "2020-01-07T01:42:47Z"
        );
        assert_eq!(utc("2020-01-07 09:42:47").unwrap(), "2020-01-07T09:42:47Z");
        assert_eq!(utc("2020-01-07").unwrap(), "2020-01-07T00:00:00Z");
        assert_eq!(utc("yesterday"), None);
    }
}
