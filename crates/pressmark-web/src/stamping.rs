//! Authorities that do not time-stamp the log, for the feed of alarms and the pages to tell.

use maud::{Markup, html};
use pressmark_archive::anchor::{AnchorAlarm, Anchoring};
use pressmark_model::{Entry, Timestamp, WebUrl};

use crate::feeds::id_of;
use crate::i18n::{Language, fill};
use crate::respond::Fault;
use crate::site::Site;

/// The items of the feed of alarms: an authority's last alarm, and that it was mended.
pub(crate) async fn alarms(
    site: &Site,
    base: Option<&WebUrl>,
    language: Language,
) -> Result<Vec<(Timestamp, Entry)>, Fault> {
    let words = language.words();
    let mut entries = Vec::new();
    for state in site.catalog.anchoring().await? {
        let Some(alarm) = &state.alarm else { continue };
        let entry = |kind: &str, title: String, content: Markup, at: Timestamp| {
            let kind = format!("{kind} {}", state.tsa);
            let number = alarm.raised_at.seconds();
            let entry = Entry {
                guid: Some(id_of(site.archive, kind.as_bytes(), number)),
                title,
                published: Some(at.into()),
                link: base.and_then(|base| base.join("sources").ok()),
                content: Some(content.into_string()),
                ..Entry::default()
            };
            (at, entry)
        };
        let text = html! { p { (failing(&state, alarm, language)) } p { (words.tsa_hint) } };
        let title = words.time_stamps.to_owned();
        entries.push(entry("tsa", title, text, alarm.raised_at));
        if let Some(at) = alarm.mended_at {
            let text = fill(words.tsa_mended, [&state.tsa, &alarm.since.to_string()]);
            let title = format!("{}: {}", words.time_stamps, words.mended);
            entries.push(entry("tsa-mended", title, html! { p { (text) } }, at));
        }
    }
    Ok(entries)
}

/// That an authority fails, and since when.
pub(crate) fn failing(state: &Anchoring, alarm: &AnchorAlarm, language: Language) -> String {
    let since = alarm.since.to_string();
    fill(
        language.words().tsa_failing,
        [&state.tsa, &since, &alarm.failure],
    )
}
