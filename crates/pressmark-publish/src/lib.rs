//! What leaves the house: Markdown records and lists in a git repository, exports, and the way
//! back in from archives of the same form.
//!
//! A [`Record`] is one article as a Markdown file, to the byte:
//!
//! ```
//! use pressmark_publish::Record;
//!
//! let file = "<!--1703076301000-->\n[A title](https://a.example/1)\n------\n\n<p>Text</p>\n";
//! let record: Record = file.parse()?;
//! assert_eq!(record.published, Some(1_703_076_301_000));
//! assert_eq!(record.html, "<p>Text</p>");
//! assert_eq!(record.to_string(), file);
//! # Ok::<(), pressmark_publish::RecordError>(())
//! ```
//!
//! [`GitProjection`] follows the ledger and keeps such files in a git repository, [`export_jsonl`]
//! writes every version as a line of JSON, and [`Import`] reads archives that others kept.

mod export;
mod git;
mod import;
mod jekyll;
mod line;
mod list;
mod log;
mod names;
mod record;

pub use export::{ExportError, export_jsonl, write_jsonl};
pub use git::{Appended, Copies, Followed, GitError, GitOptions, GitProjection, Names, Push, Step};
pub use import::{Import, ImportError, Imported, Unread, UnreadReason};
pub use jekyll::{Body, FrontMatter, JekyllError, Post, Value};
pub use list::{Day, List, ListEntry};
pub use log::{ExportLogError, export_log};
pub use names::{FileId, file_name};
pub use record::{Record, RecordError, Wrap};
