//! What a request says of its page: the language, and how addresses keep it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::i18n::{Language, Words};

/// What a request says of its page.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    /// The language of the page.
    pub(crate) language: Language,
    /// Whether `?lang=` asked for it: then links ask for it too.
    asked: bool,
    path: String,
    query: Vec<(String, String)>,
}

impl Ui {
    pub(crate) fn of(uri: &Uri, accept_language: Option<&str>) -> Self {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let asked = query
            .iter()
            .find_map(|(key, value)| (key == "lang").then(|| Language::of_tag(value))?);
        Self {
            language: asked
                .unwrap_or_else(|| Language::accepted(accept_language.unwrap_or_default())),
            asked: asked.is_some(),
            path: uri.path().to_owned(),
            query,
        }
    }

    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// The path of the request.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The first value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The address of another page, in the language that was asked for.
    pub(crate) fn href(&self, path: &str) -> String {
        self.href_with(path, &[])
    }

    /// The same with parameters.
    pub(crate) fn href_with(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let lang = self.asked.then(|| ("lang", self.language.code()));
        address(path, parameters.iter().copied().chain(lang))
    }

    /// The values of a parameter that may be given several times.
    pub(crate) fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// This page with another value of one parameter.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let others = self.query.iter().filter(|(key, _)| key != name);
        let others = others.map(|(key, value)| (key.as_str(), value.as_str()));
        address(&self.path, others.chain([(name, value)]))
    }

    /// A path with those parameters of this page that are named.
    pub(crate) fn filtered(&self, path: &str, names: &[&str]) -> String {
        let kept = self.query.iter();
        let kept = kept.filter(|(key, value)| names.contains(&key.as_str()) && !value.is_empty());
        address(
            path,
            kept.map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }

    /// This page in another language.
    pub(crate) fn in_language(&self, language: Language) -> String {
        let others = self.query.iter().filter(|(key, _)| key != "lang");
        let others = others.map(|(key, value)| (key.as_str(), value.as_str()));
        address(&self.path, others.chain([("lang", language.code())]))
    }
}

fn address<'a>(path: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters = parameters.peekable();
    let mut address = path.to_owned();
    if parameters.peek().is_some() {
        address.push('?');
        let mark = address.len();
        form_urlencoded::Serializer::for_suffix(&mut address, mark).extend_pairs(parameters);
    }
    address
}

impl<S: Sync> FromRequestParts<S> for Ui {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(ACCEPT_LANGUAGE);
        Ok(Self::of(
            &parts.uri,
            header.and_then(|value| value.to_str().ok()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ui(uri: &str, accept: &str) -> Ui {
        Ui::of(&uri.parse().unwrap(), Some(accept))
    }

    #[test]
    fn a_language_that_was_asked_for_is_kept() {
        let ui = ui("/s/a?after=1-2&lang=zh", "en");
        assert_eq!(ui.language, Language::Chinese);
        assert_eq!(ui.parameter("after"), Some("1-2"));
        assert_eq!(ui.href("/"), "/?lang=zh");
        assert_eq!(
            ui.href_with("/a/1", &[("version", "2")]),
            "/a/1?version=2&lang=zh"
        );
        assert_eq!(ui.in_language(Language::English), "/s/a?after=1-2&lang=en");
    }

    #[test]
    fn a_language_that_the_browser_prefers_is_not_spelled_out() {
        let ui = ui("/?lang=xx&q=%22%3E", "zh-CN");
        assert_eq!(ui.language, Language::Chinese);
        assert_eq!(ui.href("/sources"), "/sources");
        assert_eq!(ui.in_language(Language::English), "/?q=%22%3E&lang=en");
    }
}
