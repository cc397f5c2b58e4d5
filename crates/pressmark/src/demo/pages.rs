//! How the demo sites look: a home page, a teaser feed, and article pages with the usual clutter.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pressmark_model::OffsetTimestamp;
use serde_json::json;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;

use super::Site;
use super::content::{Build, Story};

const ENGLISH: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]");
const CHINESE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]年[month padding:none]月[day padding:none]日 [hour]:[minute]");
const STYLE: &str = "body{font:18px/1.6 serif;max-width:44rem;margin:auto;padding:0 1rem}\
    nav a,.share a{margin-right:1em}img{max-width:100%}aside,footer{font-size:.8em}";

/// The home page: it names the feed and lists the stories.
pub(super) fn home(site: &Site) -> String {
    let head = html! {
        link rel="alternate" type="application/rss+xml" title=(site.paper.name) href="/feed.xml";
        meta name="description" content=(site.paper.motto);
    };
    let body = html! {
        h1 { (site.paper.name) }
        p { (site.paper.motto) }
        @for story in site.stories() {
            section {
                h2 { a href={ "/news/" (story.id) } { (story.title) } }
                p { (emphasis(story.teaser())) }
            }
        }
    };
    frame(site, &site.paper.name, &head, &body)
}

/// The feed, RSS 2.0: titles and first sentences only.
pub(super) fn feed(site: &Site) -> String {
    let paper = &site.paper;
    let markup = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
        rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" {
            channel {
                title { (paper.name) }
                link { (site.home.as_str()) }
                description { (paper.motto) }
                language { (paper.language) }
                @for story in site.stories() {
                    item {
                        title { (story.title) }
                        link { (address(site, &story)) }
                        guid isPermaLink="false" { (paper.slug) "/" (story.id) }
                        pubDate { (story.published.to_local().format(&Rfc2822).unwrap_or_default()) }
                        dc:creator { (story.author) }
                        category { (story.section) }
                        description { (story.teaser().replace('*', "")) }
                    }
                }
            }
        }
    };
    markup.into_string()
}

/// A story's page, in the site's build.
pub(super) fn article(site: &Site, story: &Story<'_>) -> String {
    let head = html! {
        link rel="canonical" href=(address(site, story));
        link rel="alternate" type="application/rss+xml" title=(site.paper.name) href="/feed.xml";
        @if site.paper.build == Build::JsonLd {
            script type="application/ld+json" { (PreEscaped(json_ld(site, story))) }
        } @else {
            meta property="og:type" content="article";
            meta property="og:title" content=(story.title);
            meta property="og:site_name" content=(site.paper.name);
            meta name="author" content=(story.author);
            meta property="article:published_time" content=(story.published);
        }
    };
    let text = html! {
        @for paragraph in &story.paragraphs { p class="text" { (emphasis(paragraph)) } }
    };
    let body = match site.paper.build {
        Build::Semantic => semantic(site, story, &text),
        Build::Blocks => blocks(site, story, &text),
        Build::JsonLd => json_ld_page(site, story, &text),
    };
    let title = format!("{} | {}", story.title, site.paper.name);
    frame(
        site,
        &title,
        &head,
        &html! { (body) (related(site, story)) },
    )
}

fn semantic(site: &Site, story: &Story<'_>, text: &Markup) -> Markup {
    html! {
        article {
            header {
                p class="kicker" { (story.section) }
                h1 { (story.title) }
                p class="byline" {
                    (site.paper.words.by) " " a rel="author" href="/" { (story.author) } ", "
                    time datetime=(story.published) { (date(site, story.published)) }
                }
            }
            (share(site))
            (figure(story))
            (text)
            (newsletter(site))
        }
    }
}

fn blocks(site: &Site, story: &Story<'_>, text: &Markup) -> Markup {
    html! {
        div id="wrap" {
            div class="crumbs" { a href="/" { (site.paper.name) } " > " (story.section) }
            h1 { (story.title) }
            div class="info" {
                span { (date(site, story.published)) } " "
                span { (site.paper.words.by) " " (story.author) }
            }
            div class="content" { (figure(story)) (text) }
            (share(site))
            (newsletter(site))
        }
    }
}

fn json_ld_page(site: &Site, story: &Story<'_>, text: &Markup) -> Markup {
    html! {
        main {
            h1 { (story.title) }
            div class="meta" {
                (site.paper.words.by) " " (story.author) " · " (date(site, story.published))
            }
            (share(site))
            div class="story" { (figure(story)) (text) }
        }
        (newsletter(site))
    }
}

fn frame(site: &Site, title: &str, head: &Markup, body: &Markup) -> String {
    let words = &site.paper.words;
    let markup = html! {
        (DOCTYPE)
        html lang=(site.paper.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (STYLE) }
                (head)
            }
            body {
                nav { @for section in &words.sections { a href="/" { (section) } } }
                (body)
                footer { p { (words.footer) } }
            }
        }
    };
    markup.into_string()
}

fn figure(story: &Story<'_>) -> Markup {
    html! {
        figure {
            img src={ "/pictures/" (story.id) ".png" } width="640" height="360" alt=(story.title);
            figcaption { (emphasis(story.caption)) }
        }
    }
}

fn share(site: &Site) -> Markup {
    html! {
        div class="share" {
            @for label in &site.paper.words.share { a href="#share" { (label) } }
        }
    }
}

fn newsletter(site: &Site) -> Markup {
    let words = &site.paper.words;
    html! {
        aside class="newsletter" {
            h3 { (words.newsletter) }
            p { (words.newsletter_text) }
            form action="/" { input type="email"; button { (words.newsletter_button) } }
        }
    }
}

fn related(site: &Site, story: &Story<'_>) -> Markup {
    let others = site
        .stories()
        .into_iter()
        .filter(|other| other.id != story.id);
    html! {
        aside class="related" {
            h3 { (site.paper.words.related) }
            ul {
                @for other in others.take(4) {
                    li { a href={ "/news/" (other.id) } { (other.title) } }
                }
            }
        }
    }
}

fn json_ld(site: &Site, story: &Story<'_>) -> String {
    let modified = story.modified.unwrap_or(story.published);
    json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.to_string(),
        "dateModified": modified.to_string(),
        "author": { "@type": "Organization", "name": story.author },
        "publisher": { "@type": "Organization", "name": site.paper.name },
        "mainEntityOfPage": address(site, story),
    })
    .to_string()
    .replace("</", "<\\/")
}

/// `*…*` as `em`.
fn emphasis(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('*').enumerate() {
            @if place % 2 == 1 { em { (part) } } @else { (part) }
        }
    }
}

fn date(site: &Site, moment: OffsetTimestamp) -> String {
    let chinese = site.paper.language.starts_with("zh");
    let format = if chinese { CHINESE } else { ENGLISH };
    moment.to_local().format(format).unwrap_or_default()
}

fn address(site: &Site, story: &Story<'_>) -> String {
    format!("{}news/{}", site.home.as_str(), story.id)
}
