//! The words that lines of counters and time stamps consist of, and what each of them is.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word is in a line that says when, by whom or how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, or a word for none.
    Number,
    /// `10:30`.
    Clock,
    /// `22.11.2026`.
    Date,
    /// A span of so many seconds.
    Unit(u64),
    /// Stands after a span that is over.
    Ago,
    /// Stands before a span that is over.
    For,
    /// The name of a month.
    Month,
    /// A day of the week, a time zone.
    When,
    /// A day or time that is named from today.
    Today,
    /// Says that a time follows at which something was done to the article.
    Stamp,
    /// Says that a name follows.
    Credit,
    /// Something that readers do, and that pages count.
    Counter,
    /// A word that says nothing by itself.
    Plain,
    /// Any other.
    Other,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const WORDS: &[(Kind, &str)] = &[
    (Kind::Number, "no keine aucun"),
    (
        Kind::Unit(1),
        "s sec secs second seconds sekunde sekunden secondes segundos 秒 초",
    ),
    (
        Kind::Unit(MINUTE),
        "m min mins minute minutes minuten minuto minutos minuti мин минут минуты минуту 分 分钟 分鐘 분",
    ),
    (
        Kind::Unit(HOUR),
        "h hr hrs hour hours stunde stunden heure heures hora horas ora ore час часа часов 时 時 小时 小時 時間 시간",
    ),
    (
        Kind::Unit(DAY),
        "d day days tag tage tagen jour jours día días dia dias giorno giorni день дня дней 天 日 일",
    ),
    (
        Kind::Unit(7 * DAY),
        "w week weeks woche wochen semaine semaines semana semanas settimana settimane 周 週",
    ),
    (
        Kind::Unit(30 * DAY),
        "month months monat monate monaten mois mes meses mese mesi 月 个月 個月",
    ),
    (
        Kind::Unit(365 * DAY),
        "year years jahr jahre jahren an ans año años anno anni 年",
    ),
    (Kind::Ago, "ago назад fa 前 전"),
    (Kind::For, "vor hace há"),
    (
        Kind::Month,
        "january february march april may june july august september october november december \
         jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober \
         dezember okt dez janvier février mars avril juin juillet août septembre octobre novembre \
         décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre \
         diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
    ),
    (
        Kind::When,
        "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri \
         sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi \
         jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo gmt utc \
         bst cet cest mez mesz est edt et cst cdt pst pdt pt ist jst msk uhr",
    ),
    (
        Kind::Today,
        "today yesterday now moments heute gestern jetzt aujourd'hui hier hoy ayer oggi ieri 今天 昨天 \
         今日 昨日 刚刚 剛剛",
    ),
    (
        Kind::Stamp,
        "updated modified published posted edited aktualisiert veröffentlicht geändert stand publié mis \
         actualizado publicado modificado pubblicato aggiornato обновлено опубликовано 更新 发布 發布 \
         發佈 发表 發表 公開 配信 最終更新 등록 수정 입력",
    ),
    (
        Kind::Credit,
        "by von par por 编辑 編輯 责任编辑 責任編輯 责编 来源 來源 作者 记者 記者",
    ),
    (
        Kind::Counter,
        "view views viewed viewers read reads reading gelesen lesezeit lecture lectura comment comments \
         kommentar kommentare commentaires comentarios share shares shared geteilt partages like likes \
         retweets reposts reactions followers subscribers conversation vues vistas visits visitas \
         просмотров просмотра комментариев комментария 阅读 閱讀 浏览 瀏覽 评论 評論 点赞 點贊 點讚 分享 \
         收藏 转发 轉發 人气 人氣 点击 點擊 閲覧 コメント いいね 조회 댓글",
    ),
    (
        Kind::Plain,
        "a about am an and article as at de der el en facebook first for il in is it join just k la last \
         latest le linkedin live mio o of on others p page people post reddit story the this time times \
         to total twitter um was watch whatsapp x y yet à 数 數 量 次 条 條 人 于 於 万 萬 件 回 时间 \
         次数 次數 最后 最後 本文",
    ),
];

/// The most characters of a word in a script without spaces.
const LONGEST: usize = 4;

fn known(word: &str) -> Option<Kind> {
    static KNOWN: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
        let words = |(kind, words): &(Kind, &'static str)| {
            let kind = *kind;
            words.split_ascii_whitespace().map(move |word| (word, kind))
        };
        WORDS.iter().flat_map(words).collect()
    });
    KNOWN.get(word).copied()
}

/// A word or number of a line; marks are left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// The words and numbers of a line.
pub(super) fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let (length, kind) = if first.is_ascii_digit() {
            let length = digits(rest);
            (length, of_digits(rest.get(..length).unwrap_or_default()))
        } else if is_spaceless(first) {
            spaceless(rest)
        } else if first.is_alphanumeric() {
            let is_word = |c: char| {
                c.is_alphanumeric() && !c.is_ascii_digit() && !is_spaceless(c)
                    || matches!(c, '\'' | '’')
            };
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len()).max(1);
            let word = rest.get(..length).unwrap_or(rest);
            let lower = word.to_lowercase().replace('’', "'");
            (word.len(), known(&lower).unwrap_or(Kind::Other))
        } else {
            at += first.len_utf8();
            continue;
        };
        tokens.extend(rest.get(..length).map(|text| Token { text, at, kind }));
        at += length;
    }
    tokens
}

/// Scripts without spaces, and Korean, which writes what counts to the number.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
}

/// The longest known word that a text begins with, or its first character.
fn spaceless(text: &str) -> (usize, Kind) {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = ends.take(LONGEST).collect();
    let found = ends.iter().rev().find_map(|end| {
        let kind = known(text.get(..*end)?)?;
        Some((*end, kind))
    });
    found.unwrap_or((ends.first().copied().unwrap_or(text.len()), Kind::Other))
}

/// How long the number, the time or the date is that a text begins with.
fn digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let joins = |at: usize| matches!(bytes.get(at), Some(b'.' | b',' | b':' | b'/' | b'-'));
    let mut at = 0;
    while digit(at) || joins(at) && digit(at + 1) {
        at += 1;
    }
    at
}

fn of_digits(text: &str) -> Kind {
    let parts: Vec<usize> = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .collect();
    let is_date = parts.len() == 3 && parts.iter().all(|length| matches!(length, 1 | 2 | 4));
    match text {
        _ if text.contains(':') => Kind::Clock,
        _ if is_date && !text.contains(',') => Kind::Date,
        _ => Kind::Number,
    }
}

/// A span that is over, as a line tells it: `3 hours ago`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relative {
    /// Where number and unit begin and end, in bytes.
    pub(super) at: (usize, usize),
    /// How many seconds ago.
    pub(super) ago: u64,
    /// How many seconds its unit has.
    pub(super) unit: u64,
}

/// The relative dates of a line.
pub(super) fn relatives(line: &str, tokens: &[Token<'_>]) -> Vec<Relative> {
    let is = |at: Option<usize>, text: &str| {
        let token = at.and_then(|at| tokens.get(at));
        token.is_some_and(|token| token.text.eq_ignore_ascii_case(text))
    };
    let relative = |(at, pair): (usize, &[Token<'_>])| {
        let [number, unit] = pair else { return None };
        let Kind::Unit(seconds) = unit.kind else {
            return None;
        };
        let count: u64 = match number.text.to_lowercase().as_str() {
            "a" | "an" | "einer" | "einem" | "une" | "un" | "una" => 1,
            digits => digits.parse().ok()?,
        };
        let kind_at = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|t| t.kind);
        let before = at.checked_sub(1);
        let il_y_a = is(before, "a") && is(at.checked_sub(2), "y");
        let over = kind_at(Some(at + 2)) == Some(Kind::Ago)
            || kind_at(before) == Some(Kind::For)
            || il_y_a;
        over.then(|| Relative {
            at: (number.at, (unit.at + unit.text.len()).min(line.len())),
            ago: count.saturating_mul(seconds),
            unit: seconds,
        })
    };
    tokens.windows(2).enumerate().filter_map(relative).collect()
}
