//! What stands in the place of a document: a form to log in, or a refusal of the region.

use crate::derive::is_page;
use crate::failure::Failure;
use crate::ports::fetch::{FetchFailure, FetchedPage};

/// How the path of a page to log in begins.
const LOGIN_PATHS: [&str; 7] = [
    "login", "log-in", "log_in", "signin", "sign-in", "sign_in", "sso",
];

/// What pages say that are not for readers in this region, in lower case.
const REGIONAL: [&str; 14] = [
    // Cloudflare, for programs and in a page.
    "error code: 1009",
    "error 1009",
    "banned the country or region",
    "not available in your country",
    "not available in your region",
    "not available in your location",
    "not available in your area",
    "unavailable in your country",
    "unavailable in your region",
    "unavailable in your location",
    "not available in the european union",
    "unavailable for legal reasons",
    "您所在的地区",
    "所在地区不可",
];

/// How much of a page is looked at, in bytes.
const LOOK: usize = 256 << 10;

/// Whether a page that holds nothing else says that it is not for readers in this region.
pub fn tells_region(page: &[u8]) -> bool {
    let page = String::from_utf8_lossy(page.get(..LOOK).unwrap_or(page)).to_lowercase();
    REGIONAL.iter().any(|words| page.contains(words))
}

/// What keeps us from what should stand where this page is: one has to log in, or to be in another
/// region.
pub(crate) fn of(page: &FetchedPage) -> Option<Failure> {
    if let Some(sign) = login_sign(page) {
        return Some(Failure::LoginWall { sign });
    }
    is_page(page.content_type(), &page.body).ok()?;
    let status = page.status;
    tells_region(&page.body).then(|| FetchFailure::Regional { status }.into())
}

/// What tells that a page in the place of a feed asks to log in: where the request was led, or a
/// field for a password.
fn login_sign(page: &FetchedPage) -> Option<String> {
    is_page(page.content_type(), &page.body).ok()?;
    let path = page.final_url.as_url().path().to_ascii_lowercase();
    let led = page.final_url != page.url
        && path
            .split('/')
            .any(|part| LOGIN_PATHS.iter().any(|login| part.starts_with(login)));
    if led {
        return Some(format!("the request was led to `{path}`"));
    }
    let field = |mark: &[u8]| page.body.windows(mark.len()).any(|window| window == mark);
    let has_field =
        field(b"type=\"password\"") || field(b"type=password") || field(b"type='password'");
    has_field.then(|| "it has a field for a password".to_owned())
}
