//! The page on which a source is added: an address, what was found at it, and the choice.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use pressmark_archive::events::Event;
use pressmark_archive::origin::{Origin, Reader};
use pressmark_archive::source::SourceSettings;
use pressmark_archive::{Discovery, Found, FoundBy, Wish};
use pressmark_model::{Entry, FeedFormat, WebUrl};
use url::form_urlencoded;

use super::layout::Head;
use crate::i18n::{Words, fill};
use crate::respond::{Fault, Html};
use crate::site::Site;
use crate::ui::Ui;
use crate::writer::{Door, Refusal, TICKET, TICKET_NAME, Writer, admit};

/// So many entries of each thing found are shown.
const SHOWN: usize = 10;
/// A server that asks for patience is not waited for.
const PATIENCE: Duration = Duration::ZERO;

/// Answers `GET /add`: the form.
pub(crate) async fn form(
    State(site): State<Arc<Site>>,
    ui: Ui,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let writer = site.writer.as_ref().ok_or(Fault::Missing)?;
    let asked = Asked {
        url: ui.parameter("url").unwrap_or_default().to_owned(),
        known: writer.knows(&headers, site.clock.now()),
        ..Asked::default()
    };
    Ok(answer(
        &site,
        &ui,
        &address_form(writer, &ui, &asked),
        StatusCode::OK,
    ))
}

/// Answers `POST /add`: looks at an address, watches what was chosen, or archives an article.
pub(crate) async fn act(
    State(site): State<Arc<Site>>,
    ui: Ui,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Fault> {
    let writer = site.writer.as_ref().ok_or(Fault::Missing)?;
    let mut asked = Asked::read(&body);
    let (words, now) = (ui.words(), site.clock.now());
    let token = writer.token.as_ref();
    if let Err(refusal) = admit(Door::of(&site), token, &headers, &asked.token, now) {
        let message = match refusal {
            Refusal::Elsewhere => words.add_elsewhere,
            Refusal::Token => words.add_wrong_token,
            Refusal::Closed => words.add_closed,
        };
        let page = told(writer, &ui, &asked, message);
        return Ok(answer(&site, &ui, &page, StatusCode::FORBIDDEN));
    }
    // The token is not said again: a ticket stands for it, which no script can read and no other
    // site can send.
    let ticket = token.filter(|token| !token.is_held(&headers, now));
    asked.known = true;
    asked.token.clear();
    let mut response = admitted(&site, writer, &ui, &asked).await?;
    if let Some(token) = ticket {
        let public = site.base_url.as_ref();
        let secure = public.is_some_and(|base| base.as_url().scheme() == "https");
        let cookie = format!(
            "{TICKET_NAME}={}; Path=/add; Max-Age={}; HttpOnly; SameSite=Strict{}",
            token.ticket(now),
            TICKET.as_secs(),
            if secure { "; Secure" } else { "" }
        );
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Does what was asked by somebody who may.
async fn admitted(site: &Site, writer: &Writer, ui: &Ui, asked: &Asked) -> Result<Response, Fault> {
    let Some(url) = asked.address() else {
        let page = told(writer, ui, asked, ui.words().add_no_address);
        return Ok(answer(site, ui, &page, StatusCode::BAD_REQUEST));
    };
    match asked.step.as_str() {
        "save" => save(site, writer, ui, asked, url).await,
        "page" => {
            let event = writer.archive.archive_page(&url, PATIENCE).await;
            let page = archived(writer, ui, asked, event.map_err(|_| Fault::Broken)?);
            Ok(answer(site, ui, &page, StatusCode::OK))
        }
        _ => {
            let settings = SourceSettings::default();
            let seen = writer.archive.discover(&url, &settings, PATIENCE).await;
            let page = choice(writer, ui, asked, &seen);
            Ok(answer(site, ui, &page, StatusCode::OK))
        }
    }
}

fn answer(site: &Site, ui: &Ui, main: &Markup, status: StatusCode) -> Response {
    let page = Html(Head::new(ui.words().add_source).page(site, ui, main));
    (status, page).into_response()
}

/// What a form said.
#[derive(Debug, Default)]
struct Asked {
    url: String,
    token: String,
    step: String,
    name: String,
    picked: Vec<Origin>,
    /// Whether the token need not be said.
    known: bool,
}

impl Asked {
    fn read(body: &str) -> Self {
        let mut asked = Self::default();
        for (key, value) in form_urlencoded::parse(body.as_bytes()) {
            match &*key {
                "url" => value.trim().clone_into(&mut asked.url),
                "token" => asked.token = value.into_owned(),
                "step" => asked.step = value.into_owned(),
                "name" => value.trim().clone_into(&mut asked.name),
                "pick" => asked.picked.extend(value.parse::<Origin>().ok()),
                _ => {}
            }
        }
        asked
    }

    /// The address; a bare host is taken for an https one.
    fn address(&self) -> Option<WebUrl> {
        if self.url.contains("://") {
            self.url.parse().ok()
        } else {
            format!("https://{}", self.url).parse().ok()
        }
    }
}

async fn save(
    site: &Site,
    writer: &Writer,
    ui: &Ui,
    asked: &Asked,
    url: WebUrl,
) -> Result<Response, Fault> {
    let Some((first, also)) = asked.picked.split_first() else {
        let page = told(writer, ui, asked, ui.words().add_nothing_picked);
        return Ok(answer(site, ui, &page, StatusCode::BAD_REQUEST));
    };
    let wish = Wish {
        name: Some(asked.name.clone()).filter(|name| !name.is_empty()),
        slug: None,
        named_after: url,
        backfill: None,
    };
    let (source, _) = writer.archive.add(first, also, wish).await?;
    writer.wake.notify_one();
    let place = ui.href(&format!("/s/{}", source.slug));
    let headers = [(axum::http::header::LOCATION, place)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

fn told(writer: &Writer, ui: &Ui, asked: &Asked, message: &str) -> Markup {
    html! {
        (address_form(writer, ui, asked))
        p.note.bad role="alert" { (message) }
    }
}

fn address_form(writer: &Writer, ui: &Ui, asked: &Asked) -> Markup {
    let words = ui.words();
    html! {
        header.head {
            h1 { (words.add_source) }
            p.deck { (words.add_what) }
        }
        form.add method="post" action=(ui.href("/add")) {
            label for="url" { (words.add_address) }
            input #url type="text" inputmode="url" name="url" value=(asked.url) required
                autocomplete="url" placeholder="https://";
            (token_field(writer, asked, words))
            button type="submit" { (words.add_look) }
        }
        p.address { (words.add_patience) }
    }
}

fn token_field(writer: &Writer, asked: &Asked, words: &Words) -> Markup {
    html! {
        @if writer.token.is_some() && !asked.known {
            label for="token" { (words.add_token) }
            input #token type="password" name="token" required autocomplete="current-password";
        }
    }
}

/// What was found, to choose from.
fn choice(writer: &Writer, ui: &Ui, asked: &Asked, seen: &Discovery) -> Markup {
    let words = ui.words();
    html! {
        (address_form(writer, ui, asked))
        @if seen.subscriptions.is_some() {
            p.note { (words.add_is_list) }
        } @else if seen.found.is_empty() && !seen.is_article {
            p.note.bad role="alert" {
                (words.add_nothing) " "
                @if let Some(failure) = &seen.failure {
                    (ui.language.failure(failure)) " " span.hint { (ui.language.hint(failure)) }
                }
            }
        }
        @if seen.is_article {
            section.found {
                h2 { (words.add_is_article) }
                form.add method="post" action=(ui.href("/add")) {
                    input type="hidden" name="url" value=(asked.url);
                    input type="hidden" name="step" value="page";
                    button type="submit" { (words.add_archive_it) }
                }
            }
        }
        @if !seen.found.is_empty() {
            form.add method="post" action=(ui.href("/add")) {
                input type="hidden" name="url" value=(asked.url);
                input type="hidden" name="step" value="save";
                @for (number, found) in seen.found.iter().enumerate() {
                    (described(ui, found, number, seen.is_article))
                }
                label for="name" { (words.add_name) }
                input #name type="text" name="name" maxlength="200";
                button type="submit" { (words.add_watch) }
            }
        }
    }
}

fn described(ui: &Ui, found: &Found, number: usize, of_article: bool) -> Markup {
    let words = ui.words();
    let id = format!("pick-{number}");
    let count = found.entries.len() as u64;
    html! {
        section.found {
            h2 {
                input type="checkbox" id=(id) name="pick" value=(found.origin)
                    checked[number == 0 && !of_article];
                " "
                label for=(id) {
                    @if found.title.is_empty() { (found.origin.url.host()) } @else { (found.title) }
                }
            }
            p.address { (kind(words, found)) " · " (how(words, found.by)) " · " (found.origin.url) }
            p { (ui.language.count(count, words.add_entries_one, words.add_entries_many)) }
            ul.preview {
                @for entry in found.entries.iter().take(SHOWN) { li { (preview(entry)) } }
            }
            @if found.entries.len() > SHOWN {
                p.address { (fill(words.add_more, [&(found.entries.len() - SHOWN)])) }
            }
        }
    }
}

fn preview(entry: &Entry) -> Markup {
    let day: Option<String> = entry
        .published
        .or(entry.updated)
        .map(|at| at.to_string().chars().take(10).collect());
    let teaser = entry.summary.as_deref().map(pressmark_html::plain_text);
    let teaser = teaser.map(|text| text.chars().take(160).collect::<String>());
    html! {
        @if let Some(day) = day { time datetime=(day) { (day) } " " }
        @if let Some(link) = &entry.link {
            a href=(link.as_str()) rel="noreferrer nofollow" {
                @if entry.title.is_empty() { (link) } @else { (entry.title) }
            }
        } @else { (entry.title) }
        @if let Some(teaser) = teaser.filter(|text| !text.is_empty()) { p { (teaser) } }
    }
}

fn kind(words: &Words, found: &Found) -> &'static str {
    match (&found.origin.reader, found.format) {
        (Reader::Listing | Reader::Css(_) | Reader::XPath(_), _) => words.add_kind_listing,
        (Reader::Json(_), _) => "JSON",
        (_, FeedFormat::Sitemap) => words.add_kind_sitemap,
        _ => words.feed,
    }
}

fn how(words: &Words, by: FoundBy) -> &'static str {
    match by {
        FoundBy::Address => words.add_by_address,
        FoundBy::Service => words.add_by_service,
        FoundBy::Name => words.add_by_name,
        FoundBy::Custom => words.add_by_custom,
        FoundBy::Links => words.add_by_links,
    }
}

fn archived(writer: &Writer, ui: &Ui, asked: &Asked, event: Option<Event>) -> Markup {
    let words = ui.words();
    html! {
        (address_form(writer, ui, asked))
        @match event {
            Some(Event::Archived { article, title, .. }) => {
                p.note { a href=(ui.href(&format!("/a/{article}"))) { (title) } " – " (words.add_archived) }
            }
            Some(Event::EntryFailed { failure, .. }) => {
                p.note.bad role="alert" {
                    (ui.language.failure(&failure)) " " span.hint { (ui.language.hint(&failure)) }
                }
            }
            _ => { p.note { (words.add_known) } }
        }
    }
}
