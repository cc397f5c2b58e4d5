//! Recognising: which article a page is, and with whose credentials it was fetched.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pressmark_model::{ArticleId, EntryId, WebUrl};

use crate::archive::ArchiveError;
use crate::commit::{Alias, AliasEvidence, Draft};
use crate::derive::Derived;
use crate::entry::PendingEntry;
use crate::identity;
use crate::ports::fetch::FetchPolicy;
use crate::source::{Source, SourceSettings};
use crate::version::ArticleHead;
use crate::visit::Visit;

/// Which entry of a turn claims an address that is not its own link.
pub(crate) type Claims = Mutex<HashMap<String, EntryId>>;

/// Request headers that tell nothing of who asks.
const PUBLIC_HEADERS: [&str; 6] = [
    "accept",
    "accept-language",
    "cache-control",
    "dnt",
    "referer",
    "user-agent",
];

impl Visit<'_> {
    /// How a page is fetched: cookie and headers are the source's site's alone, and those of the
    /// user's rules their site's.
    pub(crate) fn policy(&self, link: &WebUrl) -> FetchPolicy {
        let mut policy = self.settings.fetch_policy();
        if !identity::same_site(link, &self.source.url) {
            policy.cookie = None;
            policy.headers = Vec::new();
        }
        self.archive.knowledge.policy(link, policy)
    }

    /// The addresses that may name the page's article. One that another entry of this turn claims
    /// names none of them.
    pub(crate) fn aliases(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        final_url: &WebUrl,
        derived: &Derived,
    ) -> Vec<Alias> {
        let (canonical, amp) = (derived.canonical.as_ref(), derived.amp.as_ref());
        let mut aliases = identity::aliases(link, final_url, canonical, amp);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        aliases.retain(|alias| {
            alias.evidence == AliasEvidence::Link
                || *claims.entry(alias.key.clone()).or_insert(pending.id) == pending.id
        });
        aliases
    }

    /// The article that a text belongs to, and the aliases that are free or its own.
    ///
    /// An entry that has an article, `head`, keeps it. For another one an alias counts if the texts agree:
    /// many entries may link to one page, each with a text of its own.
    pub(crate) async fn identify(
        &self,
        mut head: Option<ArticleHead>,
        mut aliases: Vec<Alias>,
        draft: &Draft,
    ) -> Result<(Option<ArticleHead>, Vec<Alias>), ArchiveError> {
        let catalog = &self.archive.catalog;
        let keys: Vec<String> = aliases.iter().map(|alias| alias.key.clone()).collect();
        let known: HashMap<String, ArticleId> = catalog
            .articles_by_alias(&self.scope, &keys)
            .await?
            .into_iter()
            .collect();

        for alias in &aliases {
            let (None, Some(article)) = (&head, known.get(&alias.key)) else {
                continue;
            };
            let candidate = catalog.article_head(*article).await?;
            head = candidate.filter(|candidate| {
                let (last, new) = (&candidate.last.article, &draft.article);
                identity::agree((&last.title, &last.text), (&new.title, &new.text))
            });
        }
        let own = head.as_ref().map(|head| head.id);
        aliases.retain(|alias| {
            known
                .get(&alias.key)
                .is_none_or(|article| Some(*article) == own)
        });
        Ok((head, aliases))
    }
}

/// What is fetched with credentials is kept apart from what everybody may read.
pub(crate) fn scope(source: &Source, settings: &SourceSettings) -> String {
    if has_credentials(&source.url, settings) {
        format!("source:{}", source.id)
    } else {
        identity::PUBLIC.to_owned()
    }
}

/// Whether a source is fetched with something that tells who asks.
pub(crate) fn has_credentials(url: &WebUrl, settings: &SourceSettings) -> bool {
    let tells = |line: &String| {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        !PUBLIC_HEADERS.contains(&name.as_str())
    };
    let url = url.as_url();
    settings.cookie.is_some()
        || settings.headers.iter().any(tells)
        || !url.username().is_empty()
        || url.password().is_some()
}
