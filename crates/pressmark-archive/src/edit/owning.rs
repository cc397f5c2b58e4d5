//! How a text says that it was changed.

/// Words that stand before such a note, and are set off from it.
const LABELS: &[&str] = &[
    "correction",
    "corrections",
    "corrected",
    "clarification",
    "update",
    "editor's note",
    "editor’s note",
    "korrektur",
    "berichtigung",
    "anmerkung der redaktion",
    "erratum",
    "rectificatif",
    "fe de errores",
    "更正",
    "勘误",
    "勘誤",
    "编者按",
    "編者按",
    "訂正",
];

/// How sentences of such a note begin.
const BEGINNINGS: &[&str] = &[
    "an earlier version of",
    "a previous version of",
    "this article was amended",
    "this article was corrected",
    "this article was updated",
    "this article has been",
    "this story was corrected",
    "this story was updated",
    "this story has been",
    "in einer früheren version",
    "本文已更正",
    "本文已更新",
];

/// Whether a sentence of a paragraph says that the text was changed.
pub(super) fn owns_up(paragraph: &str) -> bool {
    let lower = paragraph.to_lowercase();
    let mut sentences = lower.split_inclusive(['.', '!', '?', '。', '！', '？']);
    sentences.any(|sentence| {
        let sentence = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
        let labelled = |label: &&str| {
            let rest = sentence.strip_prefix(*label);
            rest.is_some_and(|rest| {
                let set_off = rest.trim_start();
                set_off.is_empty()
                    || set_off.starts_with([':', '：', '(', '（', '–', '—', '.', ']', '】'])
                    || rest.starts_with(" -")
            })
        };
        LABELS.iter().any(labelled) || BEGINNINGS.iter().any(|begins| sentence.starts_with(begins))
    })
}
