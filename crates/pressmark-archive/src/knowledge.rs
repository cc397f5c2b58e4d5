//! What the user's rules say of sites: how their pages are asked for, and how they are read.

use std::sync::Arc;

use pressmark_extract::{EXTRACTOR, Knowledge, Rules, SiteRules};
use pressmark_model::{Digest, WebUrl};

use crate::ports::fetch::FetchPolicy;

/// What names a program that visits pages for a search engine or a network, in lower case.
const CRAWLERS: [&str; 7] = [
    "bot",
    "crawler",
    "spider",
    "slurp",
    "facebookexternalhit",
    "mastodon",
    "mediapartners",
];

/// The user's rules for sites.
#[derive(Debug, Clone, Default)]
pub struct SiteKnowledge {
    /// The rule files.
    pub rules: Arc<Rules>,
    /// Whether rules may make a request say that it comes from a crawler of somebody else.
    pub impersonate: bool,
}

impl SiteKnowledge {
    /// What the user's rules say of the site of this page.
    pub fn of(&self, url: &WebUrl) -> Knowledge<'_> {
        Knowledge {
            rules: self.rules.of(url),
            profile: None,
        }
    }

    /// The key of a reading of all stored captures: of the extractor and all rules.
    pub fn derivation(&self) -> String {
        let mut key = EXTRACTOR.to_owned();
        let mut rules = String::new();
        for (host, site) in self.rules.sites().filter(|(_, site)| !site.is_empty()) {
            rules.push_str(host);
            rules.push_str(&site.digest().hex());
        }
        if !rules.is_empty() {
            key.push_str("+all-rules:");
            key.extend(Digest::of(rules.as_bytes()).hex().chars().take(16));
        }
        key
    }

    /// How a page is fetched: as its source wants it, else as the rules say.
    pub fn policy(&self, url: &WebUrl, mut policy: FetchPolicy) -> FetchPolicy {
        let headers = self.rules.of(url).map(SiteRules::headers);
        for (name, value) in headers.unwrap_or_default() {
            match name.as_str() {
                "user-agent" if self.impersonate || !is_crawler(value) => {
                    policy.user_agent.get_or_insert_with(|| value.clone());
                }
                "user-agent" => {}
                "cookie" => {
                    policy.cookie.get_or_insert_with(|| value.clone());
                }
                _ => {
                    let known = |(own, _): &(String, String)| own.eq_ignore_ascii_case(name);
                    if !policy.headers.iter().any(known) {
                        policy.headers.push((name.clone(), value.clone()));
                    }
                }
            }
        }
        policy
    }
}

fn is_crawler(user_agent: &str) -> bool {
    let lower = user_agent.to_lowercase();
    CRAWLERS.iter().any(|crawler| lower.contains(crawler))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_say_how_pages_are_asked_for_where_the_source_does_not() {
        let files = [
            (
                "a.example.txt",
                "http_header(user-agent): Reader/1\nhttp_header(cookie): consent=1\n\
                 http_header(Referer): https://t.example/",
            ),
            ("b.example.txt", "http_header(user-agent): Googlebot/2.1"),
        ];
        let mut knowledge = SiteKnowledge {
            rules: Arc::new(Rules::read(files).0),
            impersonate: false,
        };
        let policy = |knowledge: &SiteKnowledge, url: &str, policy| {
            url.parse().map(|url| knowledge.policy(&url, policy)).ok()
        };
        let told = FetchPolicy {
            user_agent: Some("Reader/1".into()),
            cookie: Some("consent=1".into()),
            headers: vec![("referer".into(), "https://t.example/".into())],
            ..FetchPolicy::default()
        };
        let found = policy(
            &knowledge,
            "https://www.a.example/1",
            FetchPolicy::default(),
        );
        assert_eq!(found, Some(told));
        let own = FetchPolicy {
            user_agent: Some("Mine".into()),
            cookie: Some("a=b".into()),
            headers: vec![("REFERER".into(), "x".into())],
            ..FetchPolicy::default()
        };
        let found = policy(&knowledge, "https://a.example/1", own.clone());
        assert_eq!(found, Some(own));
        let url = "https://b.example/";
        let found = policy(&knowledge, url, FetchPolicy::default());
        assert_eq!(
            found,
            Some(FetchPolicy::default()),
            "nobody is impersonated"
        );
        knowledge.impersonate = true;
        let found = policy(&knowledge, url, FetchPolicy::default());
        let agent = found.and_then(|policy| policy.user_agent);
        assert_eq!(agent.as_deref(), Some("Googlebot/2.1"));
    }
}
