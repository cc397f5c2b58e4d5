//! What changes on a page by itself: counters, time stamps, boxes of links, advertisements.
//!
//! A line is left out for what it consists of and where it stands. Cells of tables and items of lists
//! say something of the article, whatever words they consist of; so does a number in a sentence.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use pressmark_model::Article;

use super::lexicon::{Kind, Token, relatives, tokens};
use super::lines::{Place, places};

/// Longer lines are text, whatever words they consist of; in bytes.
const LONGEST_LINE: usize = 100;
/// So many lines at either end of a text are where pages say when it was written.
const EDGE: usize = 2;

/// A line that is one of these was put there to be sold.
const ADVERTISEMENTS: &[&str] = &[
    "advertisement",
    "advertisment",
    "advertisement continue reading below",
    "advertisement scroll to continue",
    "ad",
    "ads",
    "sponsored",
    "sponsored content",
    "promoted",
    "promoted content",
    "paid content",
    "anzeige",
    "werbung",
    "publicité",
    "publicidad",
    "pubblicità",
    "реклама",
    "广告",
    "廣告",
    "広告",
    "スポンサーリンク",
    "광고",
];

/// What a line about the weather of the day begins with.
const WEATHER: &[&str] = &[
    "weather",
    "wetter",
    "météo",
    "meteo",
    "tiempo",
    "погода",
    "天气",
    "天氣",
    "天気",
    "날씨",
];

/// The lines of a text that say what it says.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Without what changes by itself.
    pub(super) text: String,
    /// Without counters and time stamps, but with boxes and advertisements.
    pub(super) with_boxes: String,
    /// The lines that are links from end to end, and stand alone.
    pub(super) links: HashSet<String>,
}

/// Leaves out of a text what changes by itself.
pub(super) fn settled(article: &Article) -> Settled {
    let html_lines = super::lines::of(&article.html);
    let places: HashMap<&str, Place> = places(&html_lines, is_counter);
    let lines: Vec<&str> = article.text.lines().collect();
    let mut settled = Settled::default();
    for (at, line) in lines.iter().copied().enumerate() {
        let place = places.get(line).copied().unwrap_or(Place::Free);
        let at_edge = at < EDGE || at + EDGE >= lines.len();
        let (mut kept, mut in_box) = (None, false);
        match place {
            Place::Fixed => {}
            Place::Box => in_box = true,
            Place::Link => {
                settled.links.insert(line.to_owned());
            }
            Place::Free if is_counter(line) || at_edge && is_full_date(line) => continue,
            Place::Free if is_offered(line) => in_box = true,
            Place::Free => kept = without_stamp(line, &article.authors),
        }
        let line = kept.as_deref().unwrap_or(line);
        if !in_box {
            settled.text.extend([line, "\n"]);
        }
        settled.with_boxes.extend([line, "\n"]);
    }
    settled
}

/// Titles without the number of messages that some sites put before them, and without the name of
/// the site after them.
pub(super) fn titles<'a>(old: &'a Article, new: &'a Article) -> (&'a str, &'a str) {
    let site = new.site_name.as_deref().or(old.site_name.as_deref());
    let (old, new) = (title(&old.title, site), title(&new.title, site));
    let is_suffix = |rest: &str| {
        let rest = rest.trim();
        rest.starts_with(['|', '_']) && rest.split_whitespace().count() <= 5
    };
    if new.strip_prefix(old).is_some_and(is_suffix) || old.strip_prefix(new).is_some_and(is_suffix)
    {
        return (old, old);
    }
    (old, new)
}

fn title<'a>(title: &'a str, site: Option<&str>) -> &'a str {
    let title = title.trim();
    let counted = title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .filter(|(count, _)| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()));
    let title = counted.map_or(title, |(_, rest)| rest.trim_start());
    let named = site
        .filter(|site| !site.is_empty())
        .and_then(|site| title.strip_suffix(site))
        .map(str::trim_end)
        .and_then(|rest| rest.strip_suffix(['|', '-', '–', '—', '·', '_', '»']));
    named.map_or(title, str::trim_end)
}

/// The words of a line that may be one of counters and stamps. What has units is a fact.
fn words(line: &str) -> Option<Vec<Token<'_>>> {
    let is_fact = line.contains(['%', '‰', '°', '€', '$', '£', '¥']);
    (line.len() <= LONGEST_LINE && !is_fact).then(|| tokens(line))
}

/// What kinds of words a line has.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a line has any of these independently"
)]
struct Said {
    counter: bool,
    relative: bool,
    stamp: bool,
    clock: bool,
    today: bool,
    /// A day, of whatever year.
    day: bool,
    /// A day of a year.
    full_date: bool,
}

impl Said {
    fn of(line: &str, tokens: &[Token<'_>]) -> Self {
        let has = |kind: Kind| tokens.iter().any(|token| token.kind == kind);
        let sign = |sign: &str| tokens.iter().any(|token| token.text == sign);
        let numbers: Vec<usize> = tokens
            .iter()
            .filter(|token| token.kind == Kind::Number)
            .map(|token| token.text.len())
            .collect();
        let month = has(Kind::Month) && !numbers.is_empty();
        let year = numbers.contains(&4) && numbers.len() > 1;
        Self {
            counter: has(Kind::Counter),
            relative: !relatives(line, tokens).is_empty(),
            stamp: has(Kind::Stamp),
            clock: has(Kind::Clock),
            today: has(Kind::Today),
            day: has(Kind::Date) || month || sign("月") && sign("日"),
            full_date: has(Kind::Date) || month && year || sign("年") && sign("月") && sign("日"),
        }
    }

    fn is_timed(&self) -> bool {
        self.relative || self.clock || self.today || self.day
    }
}

/// Whether a line is nothing but a counter or a time stamp.
fn is_counter(line: &str) -> bool {
    let Some(tokens) = words(line) else {
        return false;
    };
    if tokens.iter().any(|token| token.kind == Kind::Other) {
        return false;
    }
    let said = Said::of(line, &tokens);
    let counts = tokens.iter().any(|token| token.kind == Kind::Number);
    let is_live = tokens.len() <= 3
        && tokens
            .first()
            .is_some_and(|token| token.text.eq_ignore_ascii_case("live"));
    said.counter && counts
        || said.relative
        || said.stamp && said.is_timed()
        || said.clock && (said.day || said.today || is_live)
        || said.today && tokens.len() <= 2
}

/// Whether a line is a day of a year, and nothing else.
fn is_full_date(line: &str) -> bool {
    let is_dated = |tokens: &[Token<'_>]| {
        let other = [Kind::Other, Kind::Counter, Kind::Credit];
        let is_plain = |token: &Token<'_>| !other.contains(&token.kind);
        tokens.iter().all(is_plain) && Said::of(line, tokens).full_date
    };
    words(line).is_some_and(|tokens| is_dated(&tokens))
}

/// The names in a line that says by whom, and when or how often read: `Published 5 minutes ago by
/// Anna Beck`. `None` if it is another line.
fn without_stamp(line: &str, authors: &[String]) -> Option<String> {
    let tokens = words(line)?;
    let is_author = |name: &String| !name.is_empty() && line.starts_with(name.as_str());
    let by_author = authors.iter().any(is_author);
    let first = tokens.first()?.kind;
    let is_sentence = line.ends_with(['!', '?', '。', '！', '？'])
        || line.ends_with('.') && tokens.last().is_some_and(|last| last.text != "m");
    if is_sentence || !by_author && !matches!(first, Kind::Stamp | Kind::Credit) {
        return None;
    }
    let said = Said::of(line, &tokens);
    if !(said.relative
        || said.clock
        || said.today
        || said.counter
        || said.full_date
        || said.day && said.stamp)
    {
        return None;
    }
    let mut credited = by_author || first == Kind::Credit;
    let mut names = Vec::new();
    for token in &tokens {
        let is_name = match token.kind {
            Kind::Credit => {
                credited = true;
                true
            }
            Kind::Other => {
                let begins = token.text.chars().next();
                if !credited || !begins.is_some_and(|c| c.is_uppercase() || !c.is_lowercase()) {
                    return None;
                }
                true
            }
            _ => false,
        };
        names.extend(is_name.then_some(token.text));
    }
    (names.len() <= 9).then(|| names.join(" "))
}

/// Whether a line is an advertisement, the weather, the price of a share, or the foot of a page.
fn is_offered(line: &str) -> bool {
    if line.len() > LONGEST_LINE {
        return line.starts_with('©');
    }
    let lower = line.to_lowercase();
    let bare: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let first = bare.first().copied().unwrap_or_default();
    ADVERTISEMENTS.contains(&bare.join(" ").as_str())
        || lower.starts_with("sponsored by ") && !lower.ends_with('.')
        || WEATHER.contains(&first) && line.contains('°')
        || lower.starts_with('©')
        || lower.starts_with("copyright ©")
        || is_ticker(line)
}

/// Whether a line ends with the sign of a share or an index, its price, and by how much it moved.
fn is_ticker(line: &str) -> bool {
    let line = line.trim_end_matches(')').trim_end();
    let Some(line) = line.strip_suffix('%') else {
        return false;
    };
    let mut words = line.split_whitespace().rev();
    let (Some(moved), Some(price), Some(sign)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let is_number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    };
    let moved = moved
        .trim_start_matches('(')
        .strip_prefix(['+', '-', '−', '–']);
    let price = price.trim_matches(['$', '€', '£', '¥']);
    moved.is_some_and(is_number)
        && is_number(price)
        && price.contains(['.', ','])
        && (2..=5).contains(&sign.len())
        && sign.bytes().all(|b| b.is_ascii_uppercase())
}

/// A line with those of its relative dates written as in another that only grew by the time that
/// lies between the two.
pub(super) fn aged(old: &str, new: &str, apart: Duration) -> Option<String> {
    let (before, after) = (relatives(old, &tokens(old)), relatives(new, &tokens(new)));
    if before.is_empty() || before.len() != after.len() {
        return None;
    }
    let mut aged = String::with_capacity(new.len());
    let mut end = 0;
    for (was, is) in before.iter().zip(&after) {
        let expected = was.ago.saturating_add(apart.as_secs());
        let tolerance = was.unit.max(is.unit);
        let source = if expected.abs_diff(is.ago) <= tolerance {
            old.get(was.at.0..was.at.1)?
        } else {
            new.get(is.at.0..is.at.1)?
        };
        aged.push_str(new.get(end..is.at.0)?);
        aged.push_str(source);
        end = is.at.1;
    }
    aged.push_str(new.get(end..)?);
    Some(aged)
}
