//! What a new text of an article is: the same, an edit, or a text to doubt.

use std::time::Duration;

use pressmark_model::Timestamp;

use crate::commit::Draft;
use crate::version::{ArticleHead, Suspect, SuspectReason, Version, VersionKind};

/// Texts shorter than this cannot become drastically shorter.
const SHORTEST_JUDGED: usize = 200;

/// Whether a text is so short that it may be the teaser of another one.
pub(crate) fn is_short(text: &str) -> bool {
    length(text) < SHORTEST_JUDGED
}

/// What was seen on the page beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each sign is seen or not, whatever the others are"
)]
pub struct Signs {
    /// The text stands behind a wall: log-in, payment, consent, bot check.
    pub wall: bool,
    /// The page reads like an error page.
    pub error_page: bool,
    /// Other articles of the site have the very same text.
    pub shared_text: bool,
    /// Next to nothing of the last version is left.
    pub replaced: bool,
}

/// What a text is to the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The text of the last version.
    Unchanged,
    /// A version of this kind, dated at the time.
    Version(VersionKind, Timestamp),
    /// To be judged again when it is seen again.
    Suspect(SuspectReason),
}

/// Judges a text against an article's past.
///
/// Walls and error pages never become versions; a wall that hides nothing is none. A drastically shorter text does when it is seen
/// twice, at least `confirm_after` apart, and no other article of the site shows it; a return to
/// an earlier text does when it recurs. Both are dated at their first sight. So is a text of which
/// next to nothing was in the last version; where the page showed yet another one before, it is
/// dated when it was seen.
pub fn judge(head: &ArticleHead, draft: &Draft, signs: Signs, confirm_after: Duration) -> Verdict {
    let last = &head.last;
    if draft.digest == last.digest {
        return Verdict::Unchanged;
    }
    if signs.error_page {
        return Verdict::Suspect(SuspectReason::ErrorPage);
    }
    if signs.wall && hides(draft, last) {
        return Verdict::Suspect(SuspectReason::Wall);
    }
    let seen_now = draft.captured_at;
    if last.kind == VersionKind::Imported {
        return Verdict::Version(VersionKind::Observed, seen_now);
    }
    if last.partial && !signs.wall && length(&draft.article.text) >= length(&last.article.text) {
        return Verdict::Version(VersionKind::Completed, seen_now);
    }
    let seen_before = head
        .suspects
        .iter()
        .filter(|suspect| suspect.digest == draft.digest)
        .map(|suspect| suspect.first_seen_at)
        .min();
    if head.digests.contains(&draft.digest) {
        let patience = patience(head.returns, confirm_after);
        return match seen_before {
            Some(first) if first < seen_now && seen_now.since(first) >= patience => {
                Verdict::Version(VersionKind::Reverted, first)
            }
            _ => Verdict::Suspect(SuspectReason::EarlierText),
        };
    }
    if signs.replaced {
        let replaced = |suspect: &&Suspect| suspect.reason == SuspectReason::Replaced;
        let others = head.suspects.iter().filter(replaced);
        let since = others.map(|suspect| suspect.first_seen_at).min();
        let is_old = since.is_some_and(|since| seen_now.since(since) >= confirm_after);
        return if is_old && !signs.shared_text {
            Verdict::Version(VersionKind::Edit, seen_before.unwrap_or(seen_now))
        } else {
            Verdict::Suspect(SuspectReason::Replaced)
        };
    }
    if drastically_shorter(&draft.article.text, &last.article.text) {
        return match seen_before {
            Some(first) if seen_now.since(first) >= confirm_after && !signs.shared_text => {
                Verdict::Version(VersionKind::Edit, first)
            }
            _ => Verdict::Suspect(SuspectReason::Shorter),
        };
    }
    Verdict::Version(VersionKind::Edit, seen_now)
}

/// How far apart two sights of an earlier text must be. Some outlets show one of two headlines by
/// chance: each return is believed after four times the wait of the one before.
fn patience(returns: u32, confirm_after: Duration) -> Duration {
    match returns {
        0 => Duration::ZERO,
        more => confirm_after.saturating_mul(4_u32.saturating_pow(more)),
    }
}

/// Whether a wall stands before a text that was there before. Sites mark pages as paid for that they
/// show whole; what was read behind such a mark is compared with its like.
fn hides(draft: &Draft, last: &Version) -> bool {
    let (new, old) = (&draft.article.text, &last.article.text);
    if last.partial {
        drastically_shorter(new, old)
    } else {
        length(new) * 10 < length(old) * 9
    }
}

/// Whether more than half of a text is gone.
pub fn drastically_shorter(new: &str, old: &str) -> bool {
    let old = length(old);
    old >= SHORTEST_JUDGED && length(new) * 2 < old
}

/// Letters and digits: the same measure for every script.
pub(crate) fn length(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}
