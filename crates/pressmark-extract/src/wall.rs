//! Signs that a page is not, or not all of, the article: paywalls, logins, consent, challenges and
//! error pages.

use pressmark_html::Tree;
use pressmark_model::Article;

use crate::facts::Facts;
use crate::measure::weigh;

/// A sign that the page is not, or not all of, the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// What it is.
    pub kind: WallKind,
    /// The text or name that told.
    pub marker: String,
}

/// What stands between the reader and the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WallKind {
    /// A part of the text is for subscribers.
    Paywall,
    /// One has to log in.
    Login,
    /// One has to consent to something first.
    Consent,
    /// A test whether one is a browser.
    BotChallenge,
    /// An error page, served as if it were the article.
    ErrorPage,
}

impl WallKind {
    /// Whether some of the article may stand before it.
    pub const fn is_partial(self) -> bool {
        matches!(self, Self::Paywall | Self::Login)
    }
}

/// Below this weight a text is too short to be believed against a marker.
const SHORT: u32 = 900;

const TITLES: [(WallKind, &[&str]); 3] = [
    (
        WallKind::BotChallenge,
        &[
            "just a moment",
            "attention required",
            "access denied",
            "are you a robot",
            "robot or human",
            "verify you are human",
            "ddos-guard",
            "security check",
            "please wait",
            "one moment, please",
            "pardon our interruption",
            "安全验证",
            "人机验证",
        ],
    ),
    (
        WallKind::ErrorPage,
        &[
            "page not found",
            "404 not found",
            "404 error",
            "error 404",
            "403 forbidden",
            "500 internal",
            "502 bad gateway",
            "503 service",
            "504 gateway",
            "nicht gefunden",
            "page introuvable",
            "página no encontrada",
            "页面不存在",
            "页面未找到",
            "找不到页面",
            "ページが見つかりません",
            "service unavailable",
            "site maintenance",
        ],
    ),
    (
        WallKind::Consent,
        &[
            "before you continue",
            "bevor sie fortfahren",
            "avant de continuer",
            "privacy gate",
        ],
    ),
];

const TEXTS: [(WallKind, &[&str]); 4] = [
    (
        WallKind::BotChallenge,
        &[
            "cf-challenge",
            "challenge-platform",
            "px-captcha",
            "captcha-delivery.com",
            "_incapsula_resource",
        ],
    ),
    (
        WallKind::Paywall,
        &[
            "subscribe to continue reading",
            "subscribe to read the full",
            "already a subscriber?",
            "to continue reading, subscribe",
            "this article is for subscribers",
            "jetzt weiterlesen mit",
            "weiterlesen mit",
            "dieser artikel ist exklusiv für",
            "réservé aux abonnés",
            "article réservé",
            "contenido exclusivo para suscriptores",
            "solo para suscriptores",
            "contenuto riservato agli abbonati",
            "付费阅读",
            "订阅后继续阅读",
            "会員限定",
            "有料会員",
        ],
    ),
    (
        WallKind::Login,
        &[
            "log in to continue reading",
            "sign in to continue reading",
            "登录后继续阅读",
            "登录后查看全文",
        ],
    ),
    (
        WallKind::Consent,
        &[
            "we need your consent",
            "mit werbung weiterlesen",
            "mit werbung lesen",
            "accept cookies to continue",
        ],
    ),
];

pub(crate) fn find(tree: &Tree<'_>, facts: &Facts, article: &Article) -> Option<Wall> {
    let (weight, _) = weigh(&article.text);
    let title = facts
        .title_element
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    if weight < SHORT
        && let Some(wall) = first_of(&TITLES, &title)
    {
        return Some(wall);
    }
    if facts.json_ld.paid {
        return Some(Wall {
            kind: WallKind::Paywall,
            marker: "isAccessibleForFree: false".to_owned(),
        });
    }
    let tier = facts.meta_of(&["article:content_tier"]);
    if let Some(tier @ ("locked" | "metered")) = tier {
        return Some(Wall {
            kind: WallKind::Paywall,
            marker: format!("article:content_tier: {tier}"),
        });
    }
    if weight >= SHORT {
        return None;
    }
    let text = tree.text_of(pressmark_html::NodeId::ROOT).to_lowercase();
    first_of(&TEXTS, &text)
}

fn first_of(table: &[(WallKind, &[&str])], text: &str) -> Option<Wall> {
    table.iter().find_map(|(kind, markers)| {
        let marker = markers.iter().find(|marker| text.contains(**marker))?;
        Some(Wall {
            kind: *kind,
            marker: (*marker).to_owned(),
        })
    })
}
