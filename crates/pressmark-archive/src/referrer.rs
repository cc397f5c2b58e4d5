//! What a request says of the page that shows what is asked for (Referrer Policy, W3C).

use pressmark_html::{Attr, NodeId, Tag, Tree};
use pressmark_model::WebUrl;

/// What a page lets be told of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReferrerPolicy {
    /// Nothing.
    NoReferrer,
    /// Its address, but not where the way is less safe.
    NoReferrerWhenDowngrade,
    /// Its origin.
    Origin,
    /// Its address to its own origin, its origin to others.
    OriginWhenCrossOrigin,
    /// Its address, to its own origin only.
    SameOrigin,
    /// Its origin, but not where the way is less safe.
    StrictOrigin,
    /// Its address to its own origin, its origin to others, nothing where the way is less safe: what
    /// counts where a page says nothing.
    #[default]
    StrictOriginWhenCrossOrigin,
    /// Its address.
    UnsafeUrl,
}

/// A page that shows something, and what it lets be told of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrer {
    /// The page.
    pub page: WebUrl,
    /// What it lets be told.
    pub policy: ReferrerPolicy,
}

impl ReferrerPolicy {
    const ALL: [Self; 8] = [
        Self::NoReferrer,
        Self::NoReferrerWhenDowngrade,
        Self::Origin,
        Self::OriginWhenCrossOrigin,
        Self::SameOrigin,
        Self::StrictOrigin,
        Self::StrictOriginWhenCrossOrigin,
        Self::UnsafeUrl,
    ];

    /// Its name (Referrer Policy, 3).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoReferrer => "no-referrer",
            Self::NoReferrerWhenDowngrade => "no-referrer-when-downgrade",
            Self::Origin => "origin",
            Self::OriginWhenCrossOrigin => "origin-when-cross-origin",
            Self::SameOrigin => "same-origin",
            Self::StrictOrigin => "strict-origin",
            Self::StrictOriginWhenCrossOrigin => "strict-origin-when-cross-origin",
            Self::UnsafeUrl => "unsafe-url",
        }
    }

    /// The policy with this name, or with the name that it had (HTML, 4.2.5.1).
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "never" => Some(Self::NoReferrer),
            "default" => Some(Self::default()),
            "always" => Some(Self::UnsafeUrl),
            "origin-when-crossorigin" => Some(Self::OriginWhenCrossOrigin),
            _ => Self::ALL.into_iter().find(|policy| policy.as_str() == name),
        }
    }

    /// What a page says: in the header field `Referrer-Policy`, of which the last name counts that
    /// is one, and in `meta`, which counts more.
    pub(crate) fn of_page(header: Option<&str>, tree: &Tree<'_>) -> Self {
        let of_header = header.and_then(|names| names.rsplit(',').find_map(Self::from_name));
        let metas = tree
            .subtree(NodeId::ROOT)
            .filter(|id| tree.tag(*id) == Tag::Meta);
        let metas = metas.filter(|id| {
            let name = tree.attr(*id, Attr::Name).unwrap_or_default();
            name.trim().eq_ignore_ascii_case("referrer")
        });
        let mut of_metas = metas.filter_map(|id| Self::from_name(tree.attr(id, Attr::Content)?));
        let of_meta = of_metas.next_back();
        of_meta.or(of_header).unwrap_or_default()
    }
}

impl Referrer {
    /// What is told of the page to who is asked for this; `None` is nothing.
    pub fn told(&self, asked: &WebUrl) -> Option<String> {
        let (page, to) = (self.page.as_url(), asked.as_url());
        let is_same = self.page.origin() == asked.origin();
        let is_less_safe = page.scheme() == "https" && to.scheme() != "https";
        let origin = || Some(format!("{}/", self.page.origin()));
        match self.policy {
            ReferrerPolicy::NoReferrer => None,
            ReferrerPolicy::NoReferrerWhenDowngrade
            | ReferrerPolicy::StrictOrigin
            | ReferrerPolicy::StrictOriginWhenCrossOrigin
                if is_less_safe =>
            {
                None
            }
            ReferrerPolicy::Origin | ReferrerPolicy::StrictOrigin => origin(),
            ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::StrictOriginWhenCrossOrigin
                if !is_same =>
            {
                origin()
            }
            ReferrerPolicy::SameOrigin if !is_same => None,
            _ => self.bare(),
        }
    }

    /// The page's address without credentials and fragment.
    fn bare(&self) -> Option<String> {
        let mut bare = self.page.as_url().clone();
        bare.set_fragment(None);
        bare.set_username("").ok()?;
        bare.set_password(None).ok()?;
        Some(bare.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_referrer_is_what_browsers_send() {
        let say = |policy: &str, asked: &str| {
            let referrer = Referrer {
                page: "https://me:secret@a.example/n/1?x=2#top".parse().unwrap(),
                policy: ReferrerPolicy::from_name(policy).unwrap(),
            };
            referrer.told(&asked.parse().unwrap()).unwrap_or_default()
        };
        let (own, other, unsafe_own) = (
            "https://a.example/i.png",
            "https://cdn.example/i.png",
            "http://a.example/i.png",
        );
        let (whole, origin) = ("https://a.example/n/1?x=2", "https://a.example/");
        for (policy, told) in [
            ("no-referrer", ["", "", ""]),
            ("no-referrer-when-downgrade", [whole, whole, ""]),
            ("origin", [origin, origin, origin]),
            ("origin-when-cross-origin", [whole, origin, origin]),
            ("same-origin", [whole, "", ""]),
            ("strict-origin", [origin, origin, ""]),
            ("strict-origin-when-cross-origin", [whole, origin, ""]),
            ("unsafe-url", [whole, whole, whole]),
        ] {
            assert_eq!(
                [own, other, unsafe_own].map(|asked| say(policy, asked)),
                told,
                "{policy}"
            );
        }
    }

    #[test]
    fn a_page_says_it_in_its_head_or_before() {
        let of = |header, html| ReferrerPolicy::of_page(header, &Tree::parse(html));
        let meta = "<meta name=Referrer content=' NEVER '>";
        assert_eq!(of(None, ""), ReferrerPolicy::default());
        assert_eq!(of(None, meta), ReferrerPolicy::NoReferrer);
        assert_eq!(of(Some("origin"), meta), ReferrerPolicy::NoReferrer);
        assert_eq!(of(Some("origin, what-comes"), ""), ReferrerPolicy::Origin);
        assert_eq!(
            of(None, "<meta name=referrer content=x>"),
            ReferrerPolicy::default()
        );
    }
}
