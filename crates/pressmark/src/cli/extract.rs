//! The options of `extract`.

use std::path::PathBuf;

use clap::Args;

use super::Form;

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// A file or an address
    #[arg(value_name = "FILE|URL", required_unless_present = "jsonl")]
    pub(crate) page: Option<String>,
    /// Where the file came from
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// What the server said it is, such as `text/html; charset=gb2312`
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// A folder of rules for sites, or one file [default: `rules` in the data folder]
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) rules: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) site: SiteProfile,
    /// Show the page of the address to a browser first; `[render]` says which
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) render: bool,
    /// How to write the article
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Form,
    #[command(flatten)]
    pub(crate) why: Why,
    /// Write JSON, with what became of each block and why
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Answer one JSON question a line: {"`id","url","html_path","content_type`"}
    #[arg(long, conflicts_with_all = ["json", "page", "format", "explain", "explain_html"])]
    pub(crate) jsonl: bool,
}

/// Why the article is what it is; of several pages, the first one tells.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Tell what became of each block of the page, which step decided, and why
    #[arg(long)]
    pub(crate) explain: bool,
    /// Write the page to a file, each block coloured by what became of it
    #[arg(long, value_name = "FILE")]
    pub(crate) explain_html: Option<PathBuf>,
}

/// What other pages of a site taught.
#[derive(Debug, Args)]
pub(crate) struct SiteProfile {
    /// What other pages of the same site taught: what repeats on them is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Write what the page teaches into the file of `--profile`, for later pages of the site
    #[arg(long, requires = "profile")]
    pub(crate) learn: bool,
}
