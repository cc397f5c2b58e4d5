//! List pages: the newest articles of one source.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::line::plain_line;
use crate::names::FileId;

/// How many articles a list names.
const MAX_ENTRIES: usize = 300;
/// Dates in lists are those of China.
const UTC_PLUS_8: Duration = Duration::hours(8);

/// A list page. [`Display`](fmt::Display) writes the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// Its name, which is its file's name too.
    pub name: String,
    /// The articles, the newest first.
    pub entries: Vec<ListEntry>,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// When it was published; `None` is written `NaN-NaN`.
    pub day: Option<Day>,
    /// The title, trimmed; nothing in it is escaped.
    pub title: String,
    /// `/articles/<site>/<file>`, as the WHATWG URL parser writes it.
    pub path: String,
}

/// A day of a year, written `12-31`, `1-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to 31.
    pub day: u8,
}

impl Day {
    /// The day in UTC+8 at this time, in milliseconds since the epoch; `None` beyond the years
    /// that can be written.
    pub fn at(millis: i64) -> Option<Self> {
        let utc = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(millis))?;
        let there = utc.checked_add(UTC_PLUS_8)?;
        Some(Self {
            month: there.month().into(),
            day: there.day(),
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        let read = Self {
            month: month.parse().ok().filter(|n| (1..=12).contains(n))?,
            day: day.parse().ok().filter(|n| (1..=31).contains(n))?,
        };
        (read.to_string() == text).then_some(read)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.month, self.day)
    }
}

impl ListEntry {
    /// The line of an article in `articles/<site>/<file>`, published at this time in milliseconds.
    pub fn new(published: Option<i64>, title: &str, site: &str, file: &str) -> Self {
        Self {
            day: published.and_then(Day::at),
            title: plain_line(title),
            path: encoded_path(&format!("/articles/{site}/{file}")),
        }
    }

    /// The number that the article's file name begins with.
    pub fn id(&self) -> Option<FileId> {
        FileId::of_name(self.path.rsplit('/').next()?)
    }

    /// The site of the path, percent-encoded.
    pub fn site(&self) -> Option<&str> {
        self.path.strip_prefix("/articles/")?.split('/').next()
    }

    fn read(line: &str) -> Option<Self> {
        let (day, rest) = line.split_once(" [")?;
        let inside = rest.strip_suffix(')')?;
        let (at, mark) = inside.rmatch_indices("](/").next()?;
        let day = match day {
            "NaN-NaN" => None,
            _ => Some(Day::read(day)?),
        };
        Some(Self {
            day,
            title: inside.get(..at)?.to_owned(),
            path: format!("/{}", inside.get(at + mark.len()..)?),
        })
    }
}

/// A path as the WHATWG URL parser writes it, `?` and `#` as part of it.
pub(crate) fn encoded_path(path: &str) -> String {
    // The parser needs an address around the path; this one is never asked for.
    url::Url::parse("https://localhost/").map_or_else(
        |_| path.to_owned(),
        |mut url| {
            url.set_path(path);
            url.path().to_owned()
        },
    )
}

impl List {
    /// Reads a list page. Lines that name no article, such as a link to more, are passed over;
    /// `None` if it does not begin as a list does.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once("\n------\n\n")?;
        Some(Self {
            name: name.to_owned(),
            entries: rest.lines().filter_map(ListEntry::read).collect(),
        })
    }

    /// Puts an article at its place by its number, or in the place of the line it has. A line
    /// beyond the last is left out.
    pub fn put(&mut self, entry: ListEntry) {
        let id = entry.id();
        self.entries.retain(|other| other.id() != id);
        let at = self.entries.partition_point(|other| other.id() < id);
        self.entries.insert(at, entry);
        self.entries.truncate(MAX_ENTRIES);
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n------\n\n", self.name)?;
        for entry in self.entries.iter().take(MAX_ENTRIES) {
            match entry.day {
                Some(day) => write!(f, "{day}")?,
                None => f.write_str("NaN-NaN")?,
            }
            write!(f, " [{}]({})\n\n", entry.title, entry.path)?;
        }
        f.write_str("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2023-12-20T16:00:00Z, midnight in UTC+8.
    const MIDNIGHT: i64 = 1_703_088_000_000;

    #[test]
    fn a_list_is_written_and_read_back() {
        let mut list = List {
            name: "法广".into(),
            entries: Vec::new(),
        };
        list.put(ListEntry::new(
            Some(MIDNIGHT - 1),
            " 一 [1](a) ",
            "法广",
            "1048575.md",
        ));
        list.put(ListEntry::new(
            Some(MIDNIGHT),
            "二\n三",
            "法广",
            "1048574_二 三？.md",
        ));
        list.put(ListEntry::new(None, "四", "法广", "1048573.md"));
        let text = "法广\n------\n\n\
            NaN-NaN [四](/articles/%E6%B3%95%E5%B9%BF/1048573.md)\n\n\
            12-21 [二 三](/articles/%E6%B3%95%E5%B9%BF/1048574_%E4%BA%8C%20%E4%B8%89%EF%BC%9F.md)\n\n\
            12-20 [一 [1](a)](/articles/%E6%B3%95%E5%B9%BF/1048575.md)\n\n\n";
        assert_eq!(list.to_string(), text);
        assert_eq!(List::parse(text).unwrap(), list);
        assert_eq!(list.entries[0].site(), Some("%E6%B3%95%E5%B9%BF"));
    }

    #[test]
    fn an_edit_takes_the_place_of_its_line_and_the_oldest_fall_out() {
        let entry = |n: i64, title: &str| {
            let file = crate::file_name(FileId::of_nth(n), None);
            ListEntry::new(Some(MIDNIGHT), title, "a", &file)
        };
        let mut list = List::default();
        for n in 1..=301 {
            list.put(entry(n, "x"));
        }
        assert_eq!(list.entries.len(), 300);
        assert_eq!(list.entries[299].id(), Some(FileId::of_nth(2)));
        list.put(entry(1, "too old"));
        list.put(entry(301, "edited"));
        assert_eq!(list.entries.len(), 300);
        assert_eq!(list.entries[0].title, "edited");
        assert_eq!(list.entries[1].id(), Some(FileId::of_nth(300)));
        assert_eq!(list.to_string().lines().count(), 3 + 2 * 300 + 1);
    }

    #[test]
    fn the_older_form_of_lists_is_read_too() {
        let list = List::parse(
            "BBC\n------\n\n8-19 [一](/articles/BBC/1047814_一.md)\n\n\n[查看更多](/articles/BBC)",
        )
        .unwrap();
        assert_eq!(list.entries.len(), 1);
        assert_eq!(list.entries[0].site(), Some("BBC"));
        assert_eq!(List::parse("# A page\n"), None);
    }
}
