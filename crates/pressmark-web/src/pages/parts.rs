//! Small pieces that several pages show.

use std::fmt::Display;

use maud::{Markup, html};
use pressmark_archive::alarm::{Alarm, AlarmKind};
use pressmark_archive::failure::Failure;
use pressmark_archive::source::{Source, SourceState};
use pressmark_archive::websub::Subscription;
use pressmark_model::{OffsetTimestamp, Timestamp};

use crate::i18n::fill;
use crate::respond::Fault;
use crate::site::Site;
use crate::stamping::failing;
use crate::ui::Ui;

/// More alarms than this nobody reads.
const ALARMS: u32 = 1000;

/// A moment in words, exact for programs and when pointed at.
pub(super) fn time(at: OffsetTimestamp, shown: &str) -> Markup {
    html! { time datetime=(at) { (shown) } }
}

/// A moment as date, time and offset.
pub(super) fn moment(ui: &Ui, at: OffsetTimestamp) -> Markup {
    time(at, &ui.language.moment(at))
}

/// How long ago or how far off, exact when pointed at.
pub(super) fn distance(site: &Site, ui: &Ui, at: Timestamp) -> Markup {
    let exact = at.with_offset(site.offset_seconds);
    html! {
        time datetime=(exact) title=(ui.language.moment(exact)) {
            (ui.language.distance(at, site.clock.now()))
        }
    }
}

/// A text of this program, with what stands in backticks as code.
pub(super) fn with_code(text: &str) -> Markup {
    html! {
        @for (at, piece) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// What went wrong, and what to do about it.
pub(super) fn failure(ui: &Ui, failure: &Failure) -> Markup {
    html! {
        (with_code(&ui.language.failure(failure))) " "
        span.hint { (with_code(&ui.language.hint(failure))) }
    }
}

/// The name to show for a source: the user's, else the publisher's, else the slug.
pub(crate) fn source_name(source: &Source) -> &str {
    let chosen = source.name.as_deref().or(source.status.title.as_deref());
    chosen
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .unwrap_or(source.slug.as_str())
}

/// The tag that says how a source is.
pub(super) fn state(ui: &Ui, source: &Source) -> Markup {
    let words = ui.words();
    let failing = source.status.failure.is_some();
    let (class, text) = match source.state {
        SourceState::Active if failing => ("state bad", words.state_failing),
        SourceState::Active => ("state good", words.state_active),
        SourceState::Paused => ("state", words.state_paused),
        SourceState::Gone => ("state bad", words.state_gone),
        SourceState::Removed => ("state", words.state_removed),
        SourceState::Imported => ("state", words.state_imported),
    };
    html! { span class=(class) { (text) } }
}

/// Whether the user should look at a source.
pub(super) fn needs_care(source: &Source) -> bool {
    match source.state {
        SourceState::Active => source.status.failure.is_some() || !source.status.alarms.is_empty(),
        SourceState::Gone => true,
        SourceState::Paused | SourceState::Removed | SourceState::Imported => false,
    }
}

/// The alarms that stand.
pub(super) async fn standing_alarms(site: &Site) -> Result<Vec<Alarm>, Fault> {
    Ok(site.catalog.alarms(true, ALARMS).await?)
}

/// The authorities that have failed to time-stamp the log for a day.
pub(super) async fn stamping(site: &Site, ui: &Ui) -> Result<Markup, Fault> {
    let states = site.catalog.anchoring().await?;
    let alarms = states
        .iter()
        .filter_map(|state| Some((state, state.standing()?)));
    Ok(html! {
        @for (state, alarm) in alarms {
            div.note.bad role="alert" {
                p {
                    (failing(state, alarm, ui.language)) " "
                    span.hint { (with_code(ui.words().tsa_hint)) }
                }
            }
        }
    })
}

/// Why the last poll failed and what is unusual about a source, where there is any of it.
pub(super) fn notes(site: &Site, ui: &Ui, source: &Source, alarms: &[Alarm]) -> Markup {
    let words = ui.words();
    let status = &source.status;
    html! {
        @if let Some(reason) = &status.failure {
            p.note.bad {
                strong {
                    (ui.language.count(
                        u64::from(status.failures.max(1)),
                        words.failures_one,
                        words.failures_many,
                    ))
                }
                " " (failure(ui, reason))
                " " (with_code(&tried(site, ui, source)))
            }
        }
        // What fails is told above.
        @for alarm in alarms.iter().filter(|alarm| {
            alarm.source == source.slug && alarm.cause.kind() != AlarmKind::Failing
        }) {
            p.note.bad {
                strong { (ui.language.alarm(&alarm.cause)) } " "
                span.hint { (with_code(&ui.language.alarm_hint(&alarm.cause))) }
            }
        }
        @if let Some((url, _)) = &status.moved_to {
            p.note { (words.moving) " " a href=(url) rel="external noreferrer" { (url) } }
        }
        @if let Some(trouble) = subscription(site, source).and_then(|told| told.trouble.as_ref()) {
            p.note {
                (with_code(&ui.language.trouble(trouble))) " "
                span.hint { (with_code(&ui.language.trouble_hint(trouble))) }
            }
        }
        @if site.ignores_robots(source) {
            p.note { (with_code(words.robots_ignored)) }
        }
    }
}

/// How a source that fails is asked.
fn tried(site: &Site, ui: &Ui, source: &Source) -> String {
    let words = ui.words();
    let settings = site.settings(source);
    let way = match settings.proxy.as_deref() {
        Some(proxy) if proxy != "direct" => words.tried_proxy,
        _ => words.tried_direct,
    };
    let name = settings.user_agent.map_or_else(
        || words.tried_own.to_owned(),
        |agent| fill(words.tried_agent, [&format!("`{agent}`")]),
    );
    fill(words.tried, [&way, &name])
}

/// The subscription at a source's hub, while hubs are asked to push.
fn subscription<'s>(site: &Site, source: &'s Source) -> Option<&'s Subscription> {
    let known = source.status.subscription.as_ref();
    known.filter(|_| site.callbacks.is_some())
}

/// The hub that tells of something new, and until when.
fn hub(site: &Site, ui: &Ui, told: &Subscription) -> String {
    let (words, host) = (ui.words(), told.offer.hub.host());
    match told.lease_until.filter(|_| told.is_live(site.clock.now())) {
        Some(end) => {
            let end = ui.language.moment(end.with_offset(site.offset_seconds));
            fill(words.hub_until, [&host as &dyn Display, &end])
        }
        None => fill(words.hub_asked, [&host]),
    }
}

/// The rows of a source that count things and tell times.
pub(super) fn figures(site: &Site, ui: &Ui, source: &Source) -> Markup {
    let words = ui.words();
    let status = &source.status;
    let number = |n| ui.language.number(n);
    let polled = |at: Option<Timestamp>| {
        at.map_or_else(|| html! { (words.never) }, |at| distance(site, ui, at))
    };
    html! {
        dl.figures {
            div { dt { (words.articles) } dd { (number(status.articles)) } }
            @if status.pending > 0 {
                div { dt { (words.pending) } dd { (number(status.pending)) } }
            }
            @if status.failed > 0 {
                div { dt { (words.failed) } dd { (number(status.failed)) } }
            }
            @if status.filtered > 0 {
                div { dt { (words.left_out) } dd { (number(status.filtered)) } }
            }
            @if let Some(told) = subscription(site, source) {
                div { dt { (words.hub) } dd { (hub(site, ui, told)) } }
            }
            div { dt { (words.last_poll) } dd { (polled(status.polled_at)) } }
            @if status.failure.is_some() {
                div { dt { (words.last_success) } dd { (polled(status.succeeded_at)) } }
            }
            @if source.state == SourceState::Active {
                div {
                    dt { (words.next_poll) }
                    dd {
                        @if status.next_poll_at <= site.clock.now() { (words.now_due) }
                        @else { (distance(site, ui, status.next_poll_at)) }
                    }
                }
            }
        }
    }
}
