//! What every page has around its text.

use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::i18n::{Language, dates::offset_name, fill};
use crate::room;
use crate::site::Site;
use crate::ui::Ui;

/// What one page says of itself.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// Its title, without that of the site.
    pub(super) title: &'a str,
    /// The path and title of its feed.
    pub(super) feed: Option<(String, &'a str)>,
    /// Its one address, as an absolute path with its parameters.
    pub(super) canonical: Option<String>,
}

impl<'a> Head<'a> {
    pub(super) fn new(title: &'a str) -> Self {
        Self {
            title,
            feed: None,
            canonical: None,
        }
    }

    /// The whole page around `main`.
    pub(super) fn page(&self, site: &Site, ui: &Ui, main: &Markup) -> Markup {
        let words = ui.words();
        html! {
            (DOCTYPE)
            html lang=(ui.language.tag()) {
                (self.head(site))
                body {
                    a.skip href="#main" { (words.skip) }
                    (masthead(site, ui))
                    (room::banner(site, ui.language))
                    main #main tabindex="-1" { (main) }
                    (foot(site, ui))
                }
            }
        }
    }

    fn head(&self, site: &Site) -> Markup {
        let base = site.base_url.as_ref();
        let canonical = self.canonical.as_ref().zip(base);
        let canonical = canonical.and_then(|(path, base)| base.join(path).ok());
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#fbfaf6" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#171614" media="(prefers-color-scheme: dark)";
                title {
                    @if self.title.is_empty() { (site.title) }
                    @else { (self.title) " – " (site.title) }
                }
                link rel="stylesheet" href=(assets::STYLE.href());
                link rel="icon" type="image/svg+xml" href=(assets::ICON.href());
                link rel="alternate" type="application/rss+xml" title=(site.title)
                    href="/feeds/all.xml";
                @if let Some((path, title)) = &self.feed {
                    link rel="alternate" type="application/rss+xml" title=(title) href=(path);
                }
                @if let Some(canonical) = canonical {
                    link rel="canonical" href=(canonical);
                }
            }
        }
    }
}

fn masthead(site: &Site, ui: &Ui) -> Markup {
    let words = ui.words();
    let links = [
        ("/", words.latest),
        ("/changes", words.changes),
        ("/sources", words.sources),
    ];
    html! {
        header.masthead {
            p.name { a href=(ui.href("/")) rel="home" { (site.title) } }
            nav aria-label=(words.menu) {
                ul {
                    @for (path, name) in links {
                        @let here = ui.path() == path;
                        li { a href=(ui.href(path)) aria-current=[here.then_some("page")] { (name) } }
                    }
                    li { a href="/feeds/all.xml" title=(words.feed_of_all) { (words.feed) } }
                }
            }
        }
    }
}

fn foot(site: &Site, ui: &Ui) -> Markup {
    let words = ui.words();
    html! {
        footer.foot {
            p { (fill(words.times_in, [&offset_name(site.offset_seconds)])) }
            ul {
                @for language in Language::ALL {
                    li {
                        @if language == ui.language {
                            span lang=(language.tag()) aria-current="true" { (language.own_name()) }
                        } @else {
                            a href=(ui.in_language(language)) lang=(language.tag())
                                hreflang=(language.tag()) { (language.own_name()) }
                        }
                    }
                }
            }
        }
    }
}
