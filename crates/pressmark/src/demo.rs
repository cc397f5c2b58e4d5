//! Three small news sites that the program serves itself, so that `serve --demo` has something to
//! archive without the internet. They are fetched by the ordinary path, like any other site.

mod content;
mod pages;
mod picture;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pressmark_model::{Clock, Slug, Timestamp, WebUrl};
use tokio::net::TcpListener;

use content::{Paper, Story};

/// So long after the start one site corrects a story.
pub(crate) const EDIT_AFTER: Duration = Duration::from_secs(20);

/// So long after the start one site takes a story away.
pub(crate) const WITHDRAW_AFTER: Duration = Duration::from_secs(35);

/// A site that is being served.
#[derive(Debug, Clone)]
pub(crate) struct DemoSite {
    /// What it calls itself.
    pub(crate) name: String,
    /// Its short name.
    pub(crate) slug: Slug,
    /// Its home page, which names its feed.
    pub(crate) home: WebUrl,
}

/// A site with what its pages depend on.
#[derive(Debug)]
struct Site {
    paper: Paper,
    home: WebUrl,
    started: Timestamp,
    clock: Arc<dyn Clock>,
}

/// Serves the sites on loopback ports that the system chooses, for as long as the runtime lives.
/// Stories are dated relative to now.
pub(crate) async fn start(clock: Arc<dyn Clock>) -> io::Result<Vec<DemoSite>> {
    let started = clock.now();
    let mut sites = Vec::new();
    for paper in content::papers()? {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}/", listener.local_addr()?);
        let home: WebUrl = address.parse().map_err(io::Error::other)?;
        sites.push(DemoSite {
            name: paper.name.clone(),
            slug: paper.slug.parse().map_err(io::Error::other)?,
            home: home.clone(),
        });
        let clock = Arc::clone(&clock);
        let router = router(Site {
            paper,
            home,
            started,
            clock,
        });
        tokio::spawn(pressmark_web::serve(
            listener,
            router,
            std::future::pending(),
        ));
    }
    Ok(sites)
}

fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/feed.xml", get(feed))
        .route("/news/{id}", get(article))
        .route("/pictures/{name}", get(picture))
        .route("/robots.txt", get("User-agent: *\nAllow: /\n"))
        .with_state(Arc::new(site))
}

async fn home(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    site.answer(&headers, "text/html; charset=utf-8", "no-cache", || {
        pages::home(&site)
    })
}

async fn feed(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    site.answer(&headers, "application/rss+xml", "max-age=5", || {
        pages::feed(&site)
    })
}

async fn article(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match site.stories().into_iter().find(|story| story.id == id) {
        Some(story) => site.answer(&headers, "text/html; charset=utf-8", "no-cache", || {
            pages::article(&site, &story)
        }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn picture(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let id = name.strip_suffix(".png").unwrap_or_default();
    match site.paper.articles.iter().position(|story| story.id == id) {
        Some(place) => site.answer(&headers, "image/png", "max-age=3600", || {
            picture::draw(place)
        }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Site {
    /// Whether the site has corrected its story by now.
    fn corrected(&self) -> bool {
        self.clock.now().since(self.started) >= EDIT_AFTER
    }

    /// Whether the site has taken its story away by now.
    fn withdrawn(&self) -> bool {
        self.clock.now().since(self.started) >= WITHDRAW_AFTER
    }

    /// The stories as they stand now, newest first.
    fn stories(&self) -> Vec<Story<'_>> {
        let corrected = self
            .corrected()
            .then(|| minute(self.started.plus(EDIT_AFTER)));
        let offset = self.paper.offset_hours * 3600;
        let story = |article| Story::of(article, minute(self.started), corrected, offset);
        let withdrawn = self.withdrawn();
        let stands = |article: &&content::Article| !(withdrawn && article.withdrawn);
        self.paper
            .articles
            .iter()
            .filter(stands)
            .map(story)
            .collect()
    }

    /// 304 to whoever has this edition, else the page.
    fn answer<B>(
        &self,
        headers: &HeaderMap,
        content_type: &str,
        cache: &str,
        page: impl FnOnce() -> B,
    ) -> Response
    where
        B: IntoResponse,
    {
        let edition = u8::from(self.corrected() && self.paper.is_corrected())
            + u8::from(self.withdrawn() && self.paper.is_withdrawn());
        let etag = format!("\"{:x}-{edition}\"", self.started.seconds());
        let fields = [(ETAG, etag.as_str()), (CACHE_CONTROL, cache)];
        if headers
            .get(IF_NONE_MATCH)
            .is_some_and(|sent| sent.as_bytes() == etag.as_bytes())
        {
            return (StatusCode::NOT_MODIFIED, fields).into_response();
        }
        (fields, [(CONTENT_TYPE, content_type)], page()).into_response()
    }
}

/// The moment without its seconds: papers do not print them.
fn minute(moment: Timestamp) -> Timestamp {
    Timestamp::from_seconds(moment.seconds().div_euclid(60) * 60)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(self.0.load(Ordering::Relaxed))
        }
    }

    fn sites() -> (Arc<Hand>, Vec<Arc<Site>>) {
        let hand = Arc::new(Hand(AtomicI64::new(1_800_000_000)));
        let site = |paper| {
            Arc::new(Site {
                paper,
                home: "http://127.0.0.1:1/".parse().unwrap(),
                started: hand.now(),
                clock: Arc::clone(&hand) as Arc<dyn Clock>,
            })
        };
        let sites = content::papers().unwrap().into_iter().map(site).collect();
        (hand, sites)
    }

    fn status(site: &Site, etag: &str) -> StatusCode {
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, etag.parse().unwrap())]);
        site.answer(&headers, "text/html", "no-cache", String::new)
            .status()
    }

    #[test]
    fn every_story_has_a_page_with_all_its_paragraphs_and_a_feed_with_the_first_sentence() {
        let (_, sites) = sites();
        assert_eq!(sites.len(), 3);
        for site in &sites {
            let feed = pages::feed(site);
            assert!(pages::home(site).contains(r#"href="/feed.xml""#));
            assert!((5..=6).contains(&site.stories().len()));
            for story in site.stories() {
                let page = pages::article(site, &story);
                assert!(
                    (4..=8).contains(&story.paragraphs.len()),
                    "{}",
                    story.paragraphs.len()
                );
                assert_eq!(
                    page.matches("<p class=\"text\">").count(),
                    story.paragraphs.len()
                );
                assert!(feed.contains(&format!("/news/{}</link>", story.id)));
                let (teaser, whole) = (story.teaser(), story.paragraphs.concat());
                assert!(
                    teaser.chars().count() * 4 < whole.chars().count(),
                    "{teaser}"
                );
            }
        }
    }

    #[test]
    fn one_story_is_corrected_and_only_its_site_has_a_new_edition() {
        let (hand, sites) = sites();
        let before: Vec<String> = sites.iter().map(|site| pages::feed(site)).collect();
        let first = format!("\"{:x}-0\"", hand.now().seconds());
        let as_before = |site: &Arc<Site>| status(site, &first) == StatusCode::NOT_MODIFIED;
        assert!(sites.iter().all(as_before));

        hand.0.fetch_add(20, Ordering::Relaxed);
        let changed: Vec<&Arc<Site>> = sites.iter().filter(|site| !as_before(site)).collect();
        assert_eq!(changed.len(), 1);
        let (wire, feed) = (changed[0], pages::feed(changed[0]));
        assert_eq!(wire.paper.slug, "tidewater-wire");
        assert!(!before.contains(&feed));
        let stories = wire.stories();
        assert!(stories[0].modified.is_some() && stories[0].title.contains("38"));
        assert!(pages::article(wire, &stories[0]).contains("Correction:"));
    }

    #[test]
    fn one_story_is_taken_away_and_its_site_has_a_new_edition() {
        let (hand, sites) = sites();
        let count =
            |sites: &[Arc<Site>]| -> usize { sites.iter().map(|site| site.stories().len()).sum() };
        let before = count(&sites);
        let editions = |sites: &[Arc<Site>]| -> Vec<StatusCode> {
            let first = format!("\"{:x}-0\"", 1_800_000_000);
            sites.iter().map(|site| status(site, &first)).collect()
        };
        hand.0.fetch_add(35, Ordering::Relaxed);
        assert_eq!(count(&sites), before - 1);
        let changed = editions(&sites);
        let changed = changed.iter().filter(|status| **status == StatusCode::OK);
        assert_eq!(
            changed.count(),
            2,
            "the one that corrects, and the one that withdraws"
        );
    }
}
