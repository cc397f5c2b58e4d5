//! A page whose site the user has rules for: what they say comes first, the general rules find the
//! rest.

use pressmark_html::Tree;
use pressmark_model::Article;

use crate::blocks::{Mode, Setting};
use crate::body::{self, Found};
use crate::facts::Facts;
use crate::lines::Lines;
use crate::measure::Measures;
use crate::profile::Profile;
use crate::rules::{Applied, SiteRules};
use crate::trace::Removal;
use crate::words::key_of;
use crate::{Hints, Page, byline, headline, title};

pub(crate) fn read<'s>(
    tree: &Tree<'s>,
    measures: &Measures,
    facts: &Facts,
    hints: &Hints,
    page: &Page<'_>,
    (rules, profile): (&SiteRules, Option<&Profile>),
) -> (Article, Found, Applied<'s>) {
    let mut applied = rules.apply(
        tree,
        facts.base.as_ref(),
        page.url,
        hints.summary.as_deref(),
    );
    // What is told of the article may stand in what the rules take out.
    let (general, heading) = headline::find(tree, measures, facts, hints);
    let mut found = match (&applied.body, &applied.changed) {
        (Some(body), _) => {
            let title = applied.title.as_deref().unwrap_or(&general);
            let mode = if rules.prunes() {
                Mode::Given
            } else {
                Mode::Ruled
            };
            within(body, facts, hints, page, title, mode)
        }
        (None, Some(changed)) => {
            let measures = Measures::of(changed);
            body::find(changed, &measures, facts, hints, page, profile)
        }
        (None, None) => body::find(tree, measures, facts, hints, page, profile),
    };
    found.heading = heading;
    found.title = applied.title.take().unwrap_or(general);
    let by_rules = std::mem::take(&mut applied.trace);
    let by_rules = by_rules.into_iter().map(Removal::placeless);
    found.trace = by_rules.chain(found.trace).collect();
    let mut article = title::article(tree, measures, facts, hints, page, &found);
    if !applied.authors.is_empty() {
        article.authors = byline::split(applied.authors.iter().map(String::as_str));
    }
    let reading = title::reading(page, article.language.as_deref());
    let told = applied.dates.iter().find_map(|text| reading.read(text));
    article.published = told.map(|found| found.at).or(article.published);
    (article, found, applied)
}

/// The body of the parts that a rule chose.
fn within(
    tree: &Tree<'_>,
    facts: &Facts,
    hints: &Hints,
    page: &Page<'_>,
    title: &str,
    mode: Mode,
) -> Found {
    let measures = Measures::of(tree);
    body::given(&Setting {
        tree,
        measures: &measures,
        lines: &Lines::of(tree, &measures),
        facts,
        hints,
        title,
        title_key: &key_of(title),
        heading: None,
        root: pressmark_html::NodeId::ROOT,
        mode,
        captured_at: page.captured_at,
    })
}
