//! A page of a list of articles, by day.

use maud::{Markup, html};
use pressmark_archive::version::{ArticleCursor, ArticleQuery, ArticleSummary};
use pressmark_model::{ArticleId, OffsetTimestamp, Slug, SourceId, Timestamp};

use super::parts::time;
use crate::respond::Fault;
use crate::site::Site;
use crate::tongue::Tongue;
use crate::ui::Ui;

/// Articles on one page.
const LENGTH: usize = 40;

/// One page of articles.
#[derive(Debug)]
pub(super) struct List {
    articles: Vec<ArticleSummary>,
    /// Where the next page begins.
    next: Option<ArticleCursor>,
    /// Whether this is not the first page.
    later: bool,
}

impl List {
    /// The page that the request asks for.
    pub(super) async fn read(
        site: &Site,
        ui: &Ui,
        source: Option<SourceId>,
    ) -> Result<Self, Fault> {
        let after = match ui.parameter("after") {
            Some(text) => Some(read_cursor(text).ok_or(Fault::Missing)?),
            None => None,
        };
        let limit = u32::try_from(LENGTH + 1).unwrap_or(u32::MAX);
        let mut articles = site
            .catalog
            .articles(&ArticleQuery {
                source,
                after,
                limit,
            })
            .await?;
        let more = articles.len() > LENGTH;
        articles.truncate(LENGTH);
        let next = articles.last().filter(|_| more).map(|last| last.cursor);
        Ok(Self {
            articles,
            next,
            later: after.is_some(),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    pub(super) fn is_later(&self) -> bool {
        self.later
    }

    /// The articles under their days. `name` gives the name of a source, for lists over several.
    pub(super) fn show(
        &self,
        site: &Site,
        ui: &Ui,
        name: Option<&dyn Fn(&Slug) -> String>,
    ) -> Markup {
        let local =
            |article: &ArticleSummary| article.cursor.sort_at.with_offset(site.offset_seconds);
        let days = self
            .articles
            .chunk_by(|a, b| date(local(a)) == date(local(b)));
        html! {
            @for day in days {
                @if let Some(first) = day.first() {
                    section.day {
                        h2 { (time(local(first), &ui.language.day(local(first)))) }
                        @for article in day {
                            (teaser(ui, article, local(article), name.map(|name| name(&article.slug))))
                        }
                    }
                }
            }
            @if self.later || self.next.is_some() { (self.pager(ui)) }
        }
    }

    fn pager(&self, ui: &Ui) -> Markup {
        let words = ui.words();
        html! {
            nav.pager aria-label=(words.articles) {
                @if self.later { a href=(ui.href(ui.path())) { (words.newest) } }
                @if let Some(next) = self.next {
                    a href=(ui.href_with(ui.path(), &[("after", &write_cursor(next))])) rel="next" {
                        (words.older)
                    }
                }
            }
        }
    }
}

fn teaser(
    ui: &Ui,
    article: &ArticleSummary,
    at: OffsetTimestamp,
    source: Option<String>,
) -> Markup {
    let words = ui.words();
    let tongue = Tongue::of(article.language.as_deref());
    let path = format!("/a/{}", article.id);
    let title = match article.title.trim() {
        "" => words.untitled,
        title => title,
    };
    html! {
        article.teaser {
            p.slot {
                (time(at, &ui.language.clock(at)))
                @if let Some(source) = source {
                    " " a.source href=(ui.href(&format!("/s/{}", article.slug))) { bdi { (source) } }
                }
            }
            div.words {
                h3 lang=(tongue.tag) dir=(tongue.direction) { a href=(ui.href(&path)) { (title) } }
                @if !article.excerpt.is_empty() {
                    p.excerpt lang=(tongue.tag) dir=(tongue.direction) { (article.excerpt) }
                }
                @if article.versions > 1 || article.partial {
                    p.marks {
                        @if article.versions > 1 {
                            a href=(ui.href(&format!("{path}/diff"))) {
                                (ui.language.count(
                                    article.versions.unsigned_abs(),
                                    words.versions_one,
                                    words.versions_many,
                                ))
                            }
                        }
                        @if article.partial { span { (words.partial) } }
                    }
                }
            }
        }
    }
}

fn date(at: OffsetTimestamp) -> (i32, u16) {
    at.to_local().to_ordinal_date()
}

fn write_cursor(cursor: ArticleCursor) -> String {
    format!("{}-{}", cursor.sort_at.micros(), cursor.id)
}

fn read_cursor(text: &str) -> Option<ArticleCursor> {
    let (sort_at, id) = text.rsplit_once('-')?;
    let sort_at = Timestamp::from_micros(sort_at.parse().ok()?);
    Some(ArticleCursor {
        sort_at,
        id: ArticleId(id.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_written() {
        for micros in [-1_000_000, 0, 1_700_000_000_000_001] {
            let sort_at = Timestamp::from_micros(micros);
            let cursor = ArticleCursor {
                sort_at,
                id: ArticleId(7),
            };
            assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        }
        for wrong in ["", "-", "1", "1-", "x-1", "1-x"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
