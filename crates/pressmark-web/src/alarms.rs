//! The feed of alarms: what broke, fell silent or got worse, and what was mended.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use maud::html;
use pressmark_archive::alarm::Alarm;
use pressmark_model::{Entry, Feed, Timestamp, WebUrl};

use crate::feeds::id_of;
use crate::i18n::{Language, fill};
use crate::respond::Fault;
use crate::site::Site;
use crate::ui::Ui;

/// Alarms in the feed.
const LENGTH: u32 = 50;

/// Answers `/feeds/alarms.xml`: an item when an alarm is raised, and one when it is mended, in the
/// language that is asked for by `?lang=` or `Accept-Language`.
pub(crate) async fn feed(site: &Site, ui: &Ui, base: Option<WebUrl>) -> Result<Response, Fault> {
    let alarms = site.catalog.alarms(false, LENGTH).await?;
    let language = ui.language;
    let mut entries: Vec<(Timestamp, Entry)> = Vec::new();
    for alarm in &alarms {
        entries.push((
            alarm.raised_at,
            raised(site, base.as_ref(), alarm, language),
        ));
        entries.extend(
            alarm
                .cleared_at
                .map(|at| (at, cleared(site, base.as_ref(), alarm, at, language))),
        );
    }
    entries.extend(crate::room::alarm(site, base.as_ref(), language));
    entries.extend(crate::stamping::alarms(site, base.as_ref(), language).await?);
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let feed = Feed {
        title: fill(language.words().alarms_of, [&site.title]),
        self_url: base
            .as_ref()
            .and_then(|base| base.join(&ui.href("feeds/alarms.xml")).ok()),
        home: base.and_then(|base| base.join(&ui.href("sources")).ok()),
        language: Some(language.tag().to_owned()),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        ..Feed::default()
    };
    let headers = [
        (CONTENT_TYPE, "application/rss+xml; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (VARY, "Accept-Language"),
    ];
    Ok((headers, pressmark_feed::write_rss(&feed)).into_response())
}

fn raised(site: &Site, base: Option<&WebUrl>, alarm: &Alarm, language: Language) -> Entry {
    let text = html! {
        p { (language.alarm(&alarm.cause)) }
        p { (language.alarm_hint(&alarm.cause)) }
    };
    Entry {
        guid: Some(id_of(site.archive, b"alarm", alarm.id)),
        title: format!(
            "{} {}",
            name(alarm),
            language.alarm_kind(alarm.cause.kind())
        ),
        published: Some(alarm.raised_at.into()),
        ..entry(base, alarm, text.into_string())
    }
}

fn cleared(
    site: &Site,
    base: Option<&WebUrl>,
    alarm: &Alarm,
    at: Timestamp,
    language: Language,
) -> Entry {
    let text = html! { p { (language.alarm(&alarm.cause)) } };
    let mended = language.words().mended;
    let kind = language.alarm_kind(alarm.cause.kind());
    Entry {
        guid: Some(id_of(site.archive, b"mended", alarm.id)),
        title: format!("{} {kind}: {mended}", name(alarm)),
        published: Some(at.into()),
        ..entry(base, alarm, text.into_string())
    }
}

fn entry(base: Option<&WebUrl>, alarm: &Alarm, content: String) -> Entry {
    Entry {
        link: base.and_then(|base| base.join(&format!("s/{}", alarm.source)).ok()),
        content: Some(content),
        ..Entry::default()
    }
}

fn name(alarm: &Alarm) -> &str {
    let name = alarm.name.as_deref().map(str::trim);
    name.filter(|name| !name.is_empty())
        .unwrap_or(alarm.source.as_str())
}
