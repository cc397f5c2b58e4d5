//! Rules for single sites, in the site-config format of fivefilters' Full-Text RSS, as Graby reads
//! it: a file a host, `directive: value` a line.

mod apply;
mod directive;
mod parse;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pressmark_html::{Tag, XPath};
use pressmark_model::{Digest, WebUrl};

pub(crate) use apply::Applied;

/// Something in a rule file that could not be used. The rest of the file works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleIssue {
    /// The file's name.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it, if there is something to say.
    pub hint: Option<String>,
}

impl fmt::Display for RuleIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: Arc<str>,
    line: usize,
}

/// A value with the place that it was read from.
#[derive(Debug, Clone)]
struct Rule<T> {
    value: T,
    place: Place,
}

/// An address that leads to more of the article, or to all of it.
#[derive(Debug, Clone)]
struct Link {
    path: XPath,
    /// All of these must hold on the page.
    conditions: Vec<XPath>,
}

/// A change to the page, in the order in which the kinds of changes are made.
#[derive(Debug, Clone)]
enum Change {
    Wrap(Tag, XPath),
    Dissolve(XPath),
    /// Elements, and attributes if the path leads to such.
    Strip(XPath),
    StripToken(Box<str>),
    StripImage(Box<str>),
    /// What the first path finds becomes the last of what the second does.
    Move(XPath, XPath),
}

/// A page that a rule file names to try its rules on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// The page.
    pub url: WebUrl,
    /// The texts that its article must have.
    pub contains: Vec<String>,
    /// The line of the address.
    pub line: usize,
}

/// The rules for one site.
#[derive(Debug, Clone, Default)]
pub struct SiteRules {
    replacements: Vec<Rule<(String, String)>>,
    single_page: Vec<Rule<Link>>,
    /// Looked for in what the feed said of the entry.
    single_page_in_feed: Vec<Rule<Link>>,
    next_page: Vec<Rule<Link>>,
    native_ad: Vec<Rule<XPath>>,
    title: Vec<Rule<XPath>>,
    author: Vec<Rule<XPath>>,
    date: Vec<Rule<XPath>>,
    body: Vec<Rule<XPath>>,
    changes: Vec<Rule<Change>>,
    /// Words of ids and classes that keep an element from being stripped by others.
    spared: Vec<String>,
    lazy: Vec<String>,
    prune: Option<bool>,
    autodetect: Option<bool>,
    skip_json_ld: Option<bool>,
    headers: Vec<(String, String)>,
    tests: Vec<RuleTest>,
    /// What decides on the text, a line each.
    key: String,
    digest: Option<Digest>,
}

impl SiteRules {
    /// The digest of all rules that decide on what is read: part of the key of what is derived.
    /// Comments, tests and request headers are not part of it.
    pub fn digest(&self) -> Digest {
        self.digest
            .unwrap_or_else(|| Digest::of(self.key.as_bytes()))
    }

    /// Request headers that the site's pages are asked for with, names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The pages to try the rules on.
    pub fn tests(&self) -> &[RuleTest] {
        &self.tests
    }

    /// How many rules there are that decide on what is read.
    pub fn len(&self) -> usize {
        self.key.lines().count()
    }

    /// Whether no rule decides on what is read.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// These rules, then those for all sites. What can be told only once is told by the site.
    fn and_global(mut self, global: &Self) -> Self {
        self.replacements.extend_from_slice(&global.replacements);
        self.single_page.extend_from_slice(&global.single_page);
        self.single_page_in_feed
            .extend_from_slice(&global.single_page_in_feed);
        self.next_page.extend_from_slice(&global.next_page);
        self.native_ad.extend_from_slice(&global.native_ad);
        self.title.extend_from_slice(&global.title);
        self.author.extend_from_slice(&global.author);
        self.date.extend_from_slice(&global.date);
        self.body.extend_from_slice(&global.body);
        self.changes.extend_from_slice(&global.changes);
        self.changes.sort_by_key(|change| change.value.rank());
        self.spared.extend_from_slice(&global.spared);
        self.lazy.extend_from_slice(&global.lazy);
        self.prune = self.prune.or(global.prune);
        self.skip_json_ld = self.skip_json_ld.or(global.skip_json_ld);
        for (name, value) in &global.headers {
            if !self.headers.iter().any(|(own, _)| own == name) {
                self.headers.push((name.clone(), value.clone()));
            }
        }
        self.key.push_str(&global.key);
        self.digest = Some(Digest::of(self.key.as_bytes()));
        self
    }
}

impl Change {
    /// Its kind's place in the order of work.
    fn rank(&self) -> u8 {
        match self {
            Self::Wrap(..) => 0,
            Self::Strip(_) => 1,
            Self::StripToken(_) => 2,
            Self::StripImage(_) => 3,
            Self::Dissolve(_) => 4,
            Self::Move(..) => 5,
        }
    }
}

/// The rules for all sites that there are rules for.
///
/// ```
/// use pressmark_extract::Rules;
///
/// let file = "title: //h2\nbody: //div[@id='story']\nstrip: //aside\nboddy: //main\n";
/// let (rules, issues) = Rules::read([("news.example.txt", file)]);
/// let url = "https://www.news.example/1".parse()?;
/// assert_eq!(rules.of(&url).map(|site| site.len()), Some(3));
/// assert_eq!(
///     issues[0].to_string(),
///     "news.example.txt:4: there is no directive `boddy`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// By host, or by `.` and the domain that hosts are below of.
    sites: BTreeMap<String, SiteRules>,
    global: Option<SiteRules>,
}

const GLOBAL: &str = "global";

impl Rules {
    /// Reads rule files: `host.txt` for a host with and without `www.`, `.domain.txt` for all hosts
    /// directly below a domain, and `global.txt` for what every site is read with. Never fails:
    /// what cannot be used is an issue.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> (Self, Vec<RuleIssue>) {
        let mut rules = Self::default();
        let mut issues = Vec::new();
        for (name, text) in files {
            let site = parse::file(name, text, &mut issues);
            let host = name.strip_suffix(".txt").unwrap_or(name);
            let host = host.to_ascii_lowercase();
            if host == GLOBAL {
                rules.global = Some(site);
            } else {
                let host = host.strip_prefix("www.").unwrap_or(&host);
                rules.sites.insert(host.to_owned(), site);
            }
        }
        if let Some(global) = &rules.global {
            for site in rules.sites.values_mut() {
                if site.autodetect != Some(false) {
                    *site = std::mem::take(site).and_global(global);
                }
            }
        }
        (rules, issues)
    }

    /// The rules for the page at this address.
    pub fn of(&self, url: &WebUrl) -> Option<&SiteRules> {
        let host = url.host().to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let parent = || {
            let (_, parent) = host.split_once('.')?;
            self.sites.get(&format!(".{parent}"))
        };
        self.sites
            .get(host)
            .or_else(parent)
            .or(self.global.as_ref())
    }

    /// All of them with the hosts they are for: `host`, `.domain` or `global`.
    pub fn sites(&self) -> impl Iterator<Item = (&str, &SiteRules)> {
        let sites = self.sites.iter().map(|(host, site)| (host.as_str(), site));
        sites.chain(self.global.as_ref().map(|site| (GLOBAL, site)))
    }
}
