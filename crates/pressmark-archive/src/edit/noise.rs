//! What changes on a page by itself: counters, relative dates, boxes of links, advertisements.

use std::collections::HashSet;

use pressmark_html::{NodeId, Tag, Tree, fold};
use pressmark_model::Article;

/// Lines longer than this are text, whatever words they consist of.
const LONGEST_LINE: usize = 80;

/// Words of counters and relative dates. A line that consists of them and of numbers says nothing.
const WORDS: &[&str] = &[
    "a",
    "about",
    "ago",
    "agora",
    "and",
    "as",
    "at",
    "aujourd",
    "by",
    "comment",
    "comments",
    "d",
    "day",
    "days",
    "dernière",
    "einer",
    "einem",
    "est",
    "first",
    "gelesen",
    "gestern",
    "geteilt",
    "h",
    "ha",
    "hace",
    "heures",
    "heute",
    "hier",
    "hora",
    "horas",
    "hour",
    "hours",
    "hr",
    "hrs",
    "hui",
    "il",
    "jetzt",
    "jour",
    "jours",
    "just",
    "kommentare",
    "kommentar",
    "last",
    "lectura",
    "lecture",
    "lesezeit",
    "like",
    "likes",
    "m",
    "min",
    "minute",
    "minuten",
    "minutes",
    "minutos",
    "mins",
    "modified",
    "monaten",
    "month",
    "months",
    "moments",
    "now",
    "of",
    "on",
    "people",
    "posted",
    "published",
    "reactions",
    "read",
    "reader",
    "readers",
    "reading",
    "reads",
    "replies",
    "reply",
    "responses",
    "s",
    "sec",
    "seconds",
    "sekunden",
    "share",
    "shared",
    "shares",
    "since",
    "stunde",
    "stunden",
    "tagen",
    "tage",
    "time",
    "times",
    "today",
    "total",
    "uhr",
    "updated",
    "update",
    "view",
    "viewed",
    "views",
    "vistas",
    "visits",
    "vor",
    "votes",
    "vues",
    "w",
    "week",
    "weeks",
    "wochen",
    "y",
    "yesterday",
    "il",
    "час",
    "часа",
    "часов",
    "минут",
    "минуты",
    "назад",
    "просмотров",
    "комментариев",
    "дней",
    "день",
];

/// The same in scripts that are written without spaces.
const SIGNS: &[&str] = &[
    "分钟",
    "分鐘",
    "小时",
    "小時",
    "刚刚",
    "剛剛",
    "昨天",
    "今天",
    "阅读",
    "閱讀",
    "浏览",
    "瀏覽",
    "评论",
    "評論",
    "点赞",
    "點贊",
    "點讚",
    "分享",
    "收藏",
    "转发",
    "轉發",
    "更新",
    "发布",
    "發布",
    "發佈",
    "发表",
    "發表",
    "人气",
    "人氣",
    "点击",
    "點擊",
    "次数",
    "次數",
    "时间",
    "時間",
    "数",
    "數",
    "量",
    "次",
    "条",
    "條",
    "人",
    "天",
    "周",
    "前",
    "于",
    "於",
    "万",
    "萬",
    "秒",
    "分",
    "日",
    "月",
    "年",
    "時",
    "时",
    "件",
    "閲覧",
    "コメント",
    "いいね",
    "回",
    "시간",
    "분",
    "전",
    "조회",
    "댓글",
];

/// A line that is one of these, or begins with one and is short, was put there to be sold.
const ADVERTISEMENTS: &[&str] = &[
    "advertisement",
    "advertisment",
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

/// How a text says that it was changed.
const CORRECTIONS: &[&str] = &[
    "correction",
    "corrected",
    "clarification",
    "editor's note",
    "editor’s note",
    "an earlier version",
    "a previous version",
    "this article was amended",
    "this story has been updated",
    "this article has been updated",
    "update:",
    "korrektur",
    "in einer früheren version",
    "anmerkung der redaktion",
    "erratum",
    "更正",
    "勘误",
    "勘誤",
    "编者按",
    "編者按",
    "訂正",
];

/// The lines of a text without those that change by themselves.
pub(super) fn settled(article: &Article) -> String {
    let links = lines_of_links(&article.html);
    let mut settled = String::with_capacity(article.text.len());
    for line in article.text.lines() {
        if links.contains(line) || is_counter(line) || is_advertisement(line) {
            continue;
        }
        settled.push_str(line);
        settled.push('\n');
    }
    settled
}

/// A title without the number of messages that some sites put before it.
pub(super) fn title(title: &str) -> &str {
    let title = title.trim();
    let counted = title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .filter(|(count, _)| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()));
    counted.map_or(title, |(_, rest)| rest.trim_start())
}

/// Whether a line is nothing but a counter or a relative date.
fn is_counter(line: &str) -> bool {
    if line.len() > LONGEST_LINE {
        return false;
    }
    let mut rest = line.to_lowercase();
    for sign in SIGNS {
        if rest.contains(sign) {
            rest = rest.replace(sign, " ");
        }
    }
    let counted = line.chars().any(char::is_numeric);
    let relative = [
        "刚刚",
        "剛剛",
        "昨天",
        "just now",
        "yesterday",
        "moments ago",
    ]
    .iter()
    .any(|sign| line.to_lowercase().contains(sign));
    let known = |word: &str| {
        word.is_empty()
            || word
                .chars()
                .all(|c| c.is_numeric() || matches!(c, '.' | ','))
            || is_abbreviated(word)
            || WORDS.contains(&word)
    };
    (counted || relative)
        && rest
            .split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | ','))
            .map(|word| word.trim_matches(['.', ',']))
            .all(known)
}

/// `1.2k`, `3m`, `15min`.
fn is_abbreviated(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    unit.len() < word.len() && (matches!(unit, "k" | "mio") || WORDS.contains(&unit))
}

fn is_advertisement(line: &str) -> bool {
    let bare = line
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    ADVERTISEMENTS.contains(&bare.as_str())
        || bare
            .strip_prefix("advertisement ")
            .or_else(|| bare.strip_prefix("sponsored by "))
            .is_some_and(|rest| rest.len() <= LONGEST_LINE)
}

/// The lines of a text that are links from end to end: boxes of other stories rotate.
fn lines_of_links(html: &str) -> HashSet<String> {
    let tree = Tree::parse(html);
    let mut lines = HashSet::new();
    for id in tree.subtree(NodeId::ROOT) {
        if tree.tag(id) != Tag::A {
            continue;
        }
        let is_block = |id: &NodeId| tree.tag(*id).is_block();
        let Some(block) = tree.ancestors(id).find(is_block) else {
            continue;
        };
        let line = fold(&tree.text_of(block));
        let linked: usize = tree
            .subtree(block)
            .filter(|inner| tree.tag(*inner) == Tag::A)
            .map(|link| letters(&tree.text_of(link)))
            .sum();
        // A heading that links to itself, or a source that is named in a list, is no box; but
        // such lines say nothing that an outlet would correct.
        if linked > 0 && linked * 10 >= letters(&line) * 9 {
            lines.insert(line);
        }
    }
    lines
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Whether the words before and after a changed number make it a relative date.
pub(super) fn is_relative(before: &str, after: &str) -> bool {
    let after = after.trim_start().to_lowercase();
    let first: Vec<&str> = after
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(2)
        .collect();
    if let [unit, ago] = first[..]
        && ["ago", "назад"].contains(&ago)
        && WORDS.contains(&unit)
    {
        return true;
    }
    let signs = [
        "分钟前",
        "分鐘前",
        "小时前",
        "小時前",
        "天前",
        "日前更新",
        "時間前",
        "分前",
        "秒前",
    ];
    if signs.iter().any(|sign| after.starts_with(sign)) {
        return true;
    }
    let before = before.trim_end().to_lowercase();
    let units = [
        "minute", "stunde", "tag", "heure", "jour", "hora", "día", "minuto",
    ];
    ["vor", "il y a", "hace"]
        .iter()
        .any(|sign| before.ends_with(sign))
        && units.iter().any(|unit| after.starts_with(unit))
}

/// Whether what was added says that the text was changed.
pub(super) fn owns_up(added: &str) -> bool {
    let added = added.to_lowercase();
    CORRECTIONS.iter().any(|sign| added.contains(sign))
}
