//! What is written on the command line.

mod extract;
mod proof;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pressmark_model::Slug;

pub(crate) use self::extract::{Extract, SiteProfile};
pub(crate) use self::proof::{Anchor, Key, Prove, Redact, Rotate, ShowKey, Verify};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "pressmark",
    version,
    about = "Keeps the news: every article whole, every version for good",
    after_help = "Examples:\n  pressmark serve --demo\n  pressmark add https://news.example/\n  pressmark poll\n  pressmark serve",
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The folder that holds the archive [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "PRESSMARK_DATA")]
    pub(crate) data: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PRESSMARK_CONFIG",
        help = "The configuration [default: <data>/pressmark.toml, else ./pressmark.toml]"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Log more: -v what is done, -vv every request
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// One command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the archive and an example configuration
    #[command(after_help = "Example:\n  pressmark init --data /srv/news")]
    Init,
    /// Watch sites or feeds
    #[command(
        after_help = "Examples:\n  pressmark add https://news.example/\n  pressmark add https://news.example/feed.xml --name \"The News\" --slug news"
    )]
    Add(Add),
    /// List the sources and how they go
    #[command(after_help = "Example:\n  pressmark sources --json")]
    Sources(Json),
    /// Change how a source is watched
    #[command(
        after_help = "Examples:\n  pressmark set news.example interval=15m\n  pressmark set news.example proxy=socks5h://127.0.0.1:9050 robots=ignore\n  pressmark set news.example proxy=\n  pressmark set news.example block='title=(?i)advertisement' full_text=off"
    )]
    Set(Set),
    /// Stop polling sources until they are resumed
    #[command(after_help = "Example:\n  pressmark pause news.example")]
    Pause(Slugs),
    /// Poll paused sources again, and those that ended
    #[command(after_help = "Example:\n  pressmark resume news.example")]
    Resume(Slugs),
    /// Stop watching sources; every article is kept
    #[command(after_help = "Example:\n  pressmark remove news.example")]
    Remove(Slugs),
    /// Visit every source once, now
    #[command(
        after_help = "Examples:\n  pressmark poll\n  pressmark poll news.example --json\n  pressmark poll --revisit"
    )]
    Poll(Poll),
    /// Watch the sources and serve the reader
    #[command(
        after_help = "Examples:\n  pressmark serve\n  pressmark serve https://news.example/ --listen 0.0.0.0:7777\n  pressmark serve --demo"
    )]
    Serve(Serve),
    /// List articles, newest first
    #[command(after_help = "Example:\n  pressmark articles --source news.example --limit 50")]
    Articles(Articles),
    /// Show an article in the terminal
    #[command(
        after_help = "Examples:\n  pressmark show 12\n  pressmark show news.example/3 --version 1\n  pressmark show https://news.example/2026/story"
    )]
    Show(Show),
    /// List the versions of an article, and what its outlet did to it
    #[command(
        after_help = "Examples:\n  pressmark history 12\n  pressmark history https://news.example/2026/story --json"
    )]
    History(History),
    /// Show what was changed between two versions of an article
    #[command(
        after_help = "Examples:\n  pressmark diff 12\n  pressmark diff news.example/3 1 2 --side-by-side"
    )]
    Diff(DiffArgs),
    /// Read the article of a page, without an archive
    #[command(
        after_help = "Examples:\n  pressmark extract page.html --url https://news.example/story\n  pressmark extract https://news.example/story --json\n  pressmark extract --jsonl < questions.jsonl"
    )]
    Extract(Extract),
    /// List, check and try the rules for single sites
    #[command(
        subcommand,
        after_help = "Examples:\n  pressmark rules check\n  pressmark rules test ./news.example.txt\n  pressmark rules list --json"
    )]
    Rules(RulesCommand),
    /// Write all versions as JSON lines, or the sources as OPML
    #[command(
        after_help = "Examples:\n  pressmark export --format jsonl --out archive.jsonl\n  pressmark export --format opml --out sources.opml"
    )]
    Export(Export),
    /// Read Markdown records of another archive, or the subscriptions of an OPML file
    #[command(
        after_help = "Examples:\n  pressmark import ./news-archive\n  pressmark import subscriptions.opml"
    )]
    Import(Import),
    /// Read the stored captures again with today's extractor; no version comes of it
    #[command(after_help = "Example:\n  pressmark reextract --source news.example")]
    Reextract(Reextract),
    /// Compute every digest and the log again, and name what is damaged
    #[command(after_help = "Examples:\n  pressmark check\n  pressmark check --deep --json")]
    Check(Check),
    /// Copy everything but the key into a folder, also while the archive is at work
    #[command(after_help = "Example:\n  pressmark backup /mnt/backup/news")]
    Backup(Folder),
    /// Bring a backup back into a data folder that has no archive
    #[command(after_help = "Example:\n  pressmark restore /mnt/backup/news --data /srv/news")]
    Restore(Folder),
    /// Compute again, from zero, what follows from the ledger
    #[command(after_help = "Examples:\n  pressmark rebuild git\n  pressmark rebuild tiles")]
    Rebuild(Rebuild),
    /// Write the proof file of a version
    #[command(
        after_help = "Examples:\n  pressmark prove news.example/3 -o story.tlog-proof\n  pressmark prove 12@2\n  pressmark prove 12 --anchor -o story.tlog-proof"
    )]
    Prove(Prove),
    /// Take an article out for good, everywhere, because the law demands it
    #[command(
        after_help = "Examples:\n  pressmark redact news.example/3 --reason 'court order 12/2026'\n  pressmark redact 12 --reason 'privacy law' --yes\n\nThe text, its records, images and captures go; a tombstone and the ledger's leaf stay.\nBackups, clones and what others have copied are beyond this program."
    )]
    Redact(Redact),
    /// Verify a proof file, an article, or the whole ledger
    #[command(
        after_help = "Examples:\n  pressmark verify story.tlog-proof --key archive.pub\n  pressmark verify news.example/3\n  pressmark verify"
    )]
    Verify(Verify),
    /// Have the log time-stamped now by the authorities of `[proof] tsa`, and list them
    #[command(after_help = "Example:\n  pressmark anchor")]
    Anchor(Anchor),
    /// Show or change the key that signs the ledger
    #[command(
        subcommand,
        after_help = "Examples:\n  pressmark key show\n  pressmark key rotate"
    )]
    Key(Key),
    /// Print the configuration in force, and where each value came from
    #[command(after_help = "Example:\n  pressmark config --json")]
    Config(Json),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  pressmark completions bash > /etc/bash_completion.d/pressmark"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// A command whose only option is its output's form.
#[derive(Debug, Args)]
pub(crate) struct Json {
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Addresses of feeds, home or section pages, articles, sitemaps, channels; or OPML files
    #[arg(required = true, value_name = "URL|FILE")]
    pub(crate) urls: Vec<String>,
    /// Show what can be watched there, with its entries, and save nothing
    #[arg(long)]
    pub(crate) preview: bool,
    /// Watch what the preview shows under this number; several become one source
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub(crate) pick: Vec<usize>,
    #[command(flatten)]
    pub(crate) backfill: Backfill,
    /// Read the page by its links to articles, even if it names a feed
    #[arg(long, conflicts_with_all = ["css", "xpath", "json_path"])]
    pub(crate) listing: bool,
    /// Take what this CSS selector names for the entries
    #[arg(long, value_name = "SELECTOR", conflicts_with_all = ["xpath", "json_path"])]
    pub(crate) css: Option<String>,
    /// Take what this `XPath` expression names for the entries
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "json_path")]
    pub(crate) xpath: Option<String>,
    /// Take the list at this dotted path of a JSON answer, such as `data.items`
    #[arg(long, value_name = "PATH")]
    pub(crate) json_path: Option<String>,
    /// The name to show [default: what the feed calls itself]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The short name in addresses and commands [default: the host]
    #[arg(long)]
    pub(crate) slug: Option<Slug>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How far back the first visit goes.
#[derive(Debug, Args)]
pub(crate) struct Backfill {
    /// Take so many entries at the first visit, or `all` [default: 100]
    #[arg(long = "backfill", value_name = "N")]
    pub(crate) entries: Option<String>,
    /// Do not ask whether that is wanted, having seen what it costs
    #[arg(long, short, requires = "entries")]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The source's slug
    pub(crate) source: Slug,
    /// What to change: name, interval, proxy, `user_agent`, headers, cookie, robots, `full_text`, render,
    /// block, keep, folder, read, also, backfill, `per_host_gap`, timeout, `max_page_bytes`; an empty value goes back to
    /// the configuration
    #[arg(required = true, value_name = "KEY=VALUE")]
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Slugs {
    /// Slugs of sources
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<Slug>,
}

#[derive(Debug, Args)]
pub(crate) struct Poll {
    /// Slugs of sources [default: all that are watched]
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<Slug>,
    /// Look again at every archived page that the sources still list
    #[arg(long)]
    pub(crate) revisit: bool,
    /// Write one JSON object an event, and a summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Sites or feeds to watch from now on
    #[arg(value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// The address to listen on [default: 127.0.0.1:7777]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Show three small news sites that the program serves itself
    #[arg(long, conflicts_with = "urls")]
    pub(crate) demo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Articles {
    /// Only of this source
    #[arg(long, value_name = "SLUG")]
    pub(crate) source: Option<Slug>,
    /// At most so many
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: u32,
    /// Write one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// An id, an address, or slug/number
    pub(crate) article: String,
    /// The version [default: the last]
    #[arg(long = "version", value_name = "N")]
    pub(crate) number: Option<i64>,
    /// How to write the article
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Form,
    /// Write JSON
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// A form of an article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For reading in the terminal, a paragraph a line
    #[default]
    Text,
    /// Clean HTML, on one line
    Html,
    /// `CommonMark` with tables
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Reextract {
    /// Only what this source listed
    #[arg(long, value_name = "SLUG")]
    pub(crate) source: Option<Slug>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// An id, an address, or slug/number
    pub(crate) article: String,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// An id, an address, or slug/number
    pub(crate) article: String,
    /// The earlier version [default: the last but one]
    #[arg(value_name = "A")]
    pub(crate) from: Option<i64>,
    /// The later version [default: the last]
    #[arg(value_name = "B")]
    pub(crate) to: Option<i64>,
    /// Show both texts in columns
    #[arg(long, conflicts_with = "json")]
    pub(crate) side_by_side: bool,
    /// The width of both columns together [default: the terminal's]
    #[arg(long, value_name = "COLUMNS", requires = "side_by_side")]
    pub(crate) width: Option<usize>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do with the rules for single sites.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the sites that there are rules for
    #[command(after_help = "Example:\n  pressmark rules list")]
    List(RulesAt),
    /// Name every line that cannot be used
    #[command(after_help = "Example:\n  pressmark rules check ./rules")]
    Check(RulesAt),
    /// Read the pages of `test_url` and look for the texts of `test_contains`
    #[command(after_help = "Example:\n  pressmark rules test ./news.example.txt")]
    Test(RulesAt),
}

#[derive(Debug, Args)]
pub(crate) struct RulesAt {
    /// A folder of rule files, or one file [default: `rules` in the data folder]
    #[arg(value_name = "DIR|FILE")]
    pub(crate) place: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The form
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub(crate) format: Format,
    /// The file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the signed log instead: checkpoint, tiles, entries and keys, as static files
    #[arg(long, value_name = "DIR", conflicts_with_all = ["format", "out"])]
    pub(crate) log: Option<PathBuf>,
}

/// A form of export.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line for every version
    Jsonl,
    /// The sources with folders and options
    Opml,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Compare every column of versions and captures as well
    #[arg(long)]
    pub(crate) deep: bool,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// The folder of the backup
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// What
    #[arg(value_enum)]
    pub(crate) what: Rebuilt,
}

/// What can be computed again.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Rebuilt {
    /// The Markdown archive, beside the old one, which it then replaces
    Git,
    /// The tiles of the signed log
    Tiles,
    /// What images versions want: every version is looked through again
    Media,
    /// What kind of edits there were: every version is compared with the one before it again
    Changes,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A folder with Markdown records, or an OPML file
    #[arg(value_name = "DIR|FILE")]
    pub(crate) dir: PathBuf,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}
