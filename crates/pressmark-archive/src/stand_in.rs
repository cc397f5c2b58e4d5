//! What a page shows in the place of an article that was there.

use std::collections::HashSet;

use pressmark_html::{NodeId, Tag, Tree, decode};
use pressmark_model::Article;

use crate::decide::length;
use crate::derive::Derived;
use crate::pages::Sheet;

/// Longer pages are no notices, whatever they say.
const LONGEST_NOTICE: usize = 600;
/// So many characters are read of what a page says beside its article.
const MOST_WORDS: usize = 4_000;
/// A text of which less was in the one before is another text.
const KINSHIP: f64 = 0.25;
/// Two texts that have so much of each other are one page, with the address or the time in it.
const SAMENESS: f64 = 0.6;

/// What error pages say, where nothing of an article is left.
const NOT_FOUND: &[&str] = &[
    "404",
    "not found",
    "not be found",
    "n't be found",
    "not find",
    "n't find",
    "not exist",
    "n't exist",
    "longer exist",
    "is unavailable",
    "page unavailable",
    "not available",
    "n't available",
    "may have been",
    "nicht gefunden",
    "existiert nicht",
    "introuvable",
    "n'existe p",
    "no encontrad",
    "no existe",
    "不存在",
    "未找到",
    "找不到",
    "見つかりません",
    "存在しません",
    "찾을 수 없",
    "존재하지 않",
];

/// What pages say of an article that was taken away, where nothing of it is left.
const REMOVED: &[&str] = &[
    "removed",
    "deleted",
    "taken down",
    "taken this",
    "withdrawn",
    "retracted",
    "unpublished",
    "no longer available",
    "legal reasons",
    "nicht mehr verfügbar",
    "gelöscht",
    "entfernt",
    "zurückgezogen",
    "plus disponible",
    "supprimé",
    "retiré",
    "ya no está disponible",
    "eliminad",
    "retirad",
    "больше не доступ",
    "удален",
    "删除",
    "刪除",
    "下架",
    "下线",
    "下線",
    "移除",
    "撤稿",
    "撤回",
    "违规",
    "違規",
    "无法查看",
    "無法查看",
    "削除",
    "取り下げ",
    "掲載を終了",
    "삭제",
];

/// What pages say that are there for a while, or for those who did not log in.
const FOR_NOW: &[&str] = &[
    "temporarily",
    "maintenance",
    "try again later",
    "be back",
    "service unavailable",
    "technical difficult",
    "captcha",
    "not a robot",
    "subscribers",
    "subscribe to continue",
    "subscribe to read",
    "log in to",
    "sign in to",
    "vorübergehend",
    "wartungsarbeiten",
    "später erneut",
    "anmelden, um",
    "temporairement",
    "réessayer",
    "abonnés",
    "temporalmente",
    "mantenimiento",
    "维护",
    "維護",
    "稍后",
    "稍後",
    "暂时",
    "暫時",
    "登录后",
    "请登录",
    "メンテナンス",
    "しばらく",
    "점검",
    "잠시",
];

/// What a notice tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// There is no such page.
    NotFound,
    /// The article was taken away.
    Removed,
    /// The article cannot be seen now.
    ForNow,
}

/// What is seen of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Face {
    /// The status that it came with.
    pub(crate) status: u16,
    /// What the tab of a browser says.
    pub(crate) heading: String,
    /// The title that is read from it.
    pub(crate) title: String,
    /// What is read from it as its article.
    pub(crate) text: String,
    /// All that it says outside of links and menus.
    pub(crate) words: String,
}

impl Face {
    pub(crate) fn of(status: u16, derived: &Derived, sheet: &Sheet) -> Self {
        let page = decode(&sheet.body, sheet.content_type.as_deref());
        let tree = Tree::parse(&page.text);
        let is_beside = |id: NodeId| {
            matches!(
                tree.tag(id),
                Tag::A | Tag::Button | Tag::Nav | Tag::Aside | Tag::Footer
            )
        };
        let heading = tree
            .subtree(NodeId::ROOT)
            .find(|id| tree.tag(*id) == Tag::Title)
            .map(|id| tree.text_start(id, MOST_WORDS));
        Self {
            status,
            heading: heading.unwrap_or_default(),
            title: derived.article.title.clone(),
            text: derived.article.text.clone(),
            words: tree.text_start_without(NodeId::ROOT, MOST_WORDS, is_beside),
        }
    }

    /// Whether the page says no more than a notice does.
    pub(crate) fn is_brief(&self) -> bool {
        length(&self.words) <= LONGEST_NOTICE
    }

    /// Whether a page with another text shows no article that was edited: it has another title, or
    /// says much less.
    pub(crate) fn replaces(&self, old: &Article) -> bool {
        let says = length(&self.text).min(length(&self.words));
        bare(&self.title) != bare(&old.title) || says * 2 < length(&old.text)
    }

    /// What the page tells, if it is a notice. `before` is the title that was there.
    pub(crate) fn told(&self, before: &str) -> Option<Told> {
        let mut said = String::new();
        let before = String::from_iter(bare(before));
        for title in [&self.heading, &self.title] {
            let is_its_own = String::from_iter(bare(title)).contains(&before);
            if before.is_empty() || !is_its_own {
                said.push('\n');
                said.push_str(title);
            }
        }
        for words in [&self.words, &self.text] {
            if length(words) <= LONGEST_NOTICE {
                said.push('\n');
                said.push_str(words);
            }
        }
        let said = said.to_lowercase().replace('’', "'");
        let says = |signs: &[&str]| signs.iter().any(|sign| said.contains(sign));
        if says(FOR_NOW) {
            Some(Told::ForNow)
        } else if says(NOT_FOUND) {
            Some(Told::NotFound)
        } else {
            says(REMOVED).then_some(Told::Removed)
        }
    }

    /// Whether two pages say the same.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let is_blank = |text: &str| text.trim().is_empty();
        let (one, other) = if is_blank(&self.text) || is_blank(&other.text) {
            (bare(&self.words), bare(&other.words))
        } else {
            (bare(&self.text), bare(&other.text))
        };
        !one.is_empty() && share(&one, &other) >= SAMENESS && share(&other, &one) >= SAMENESS
    }

    /// Whether two pages have one title that is none of those of the article.
    pub(crate) fn has_the_title_of(&self, other: &Self, known: [&str; 2]) -> bool {
        let title = bare(&self.title);
        !title.is_empty()
            && title == bare(&other.title)
            && known.into_iter().all(|known| bare(known) != title)
    }
}

/// Whether next to nothing of a text is left in another one.
pub(crate) fn is_another(new: &str, old: &str) -> bool {
    let (new, old) = (bare(new), bare(old));
    !old.is_empty() && share(&new, &old) < KINSHIP
}

/// Whether a marker of an error page means this page, and not the whole server.
pub(crate) fn means_the_page(marker: &str) -> bool {
    let marker = marker.to_lowercase();
    NOT_FOUND.iter().any(|sign| marker.contains(sign))
}

/// The letters and digits of a text, in lower case.
fn bare(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// How much of a text stands in another one, from 0 to 1, by runs of a few letters.
fn share(text: &[char], other: &[char]) -> f64 {
    let run = run_length(text);
    if text.len() < run {
        let found = other.windows(text.len().max(1)).any(|part| part == text);
        return f64::from(u8::from(found));
    }
    let there: HashSet<&[char]> = other.windows(run).collect();
    let found = text.windows(run).filter(|part| there.contains(part));
    let all = text.len() + 1 - run;
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
    let share = found.count() as f64 / all as f64;
    share
}

/// How many letters in a row do not stand in two texts by chance: fewer where each is a word.
fn run_length(text: &[char]) -> usize {
    let wide = text.iter().filter(|c| c.len_utf8() > 2).count();
    if wide * 2 > text.len() { 4 } else { 10 }
}

#[cfg(test)]
mod tests;
