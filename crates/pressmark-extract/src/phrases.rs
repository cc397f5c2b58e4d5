//! Phrases that are not of an article, in the languages of the world's news.

/// What a phrase tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// Another article is named: `read also`.
    More,
    /// The heading of a list of other things.
    Section,
    /// Something to subscribe to, to follow, to consent to or to pay for.
    Service,
    /// Who took the picture.
    Credit,
    /// Who wrote or edited it, or where it is from.
    Byline,
    /// When it was written.
    When,
}

/// A kind, how the line begins (`^`), what it is as a whole (`=`), or what is in it (`*`), in lower
/// case, one a line.
const TABLE: &str = include_str!("../data/phrases.txt");

/// What a line of text tells, if it is such a phrase.
pub(crate) fn of(line: &str) -> Option<Phrase> {
    let lower = line.to_lowercase().replace('’', "'");
    let lower = lower.trim_start_matches(|c: char| {
        !c.is_alphanumeric() && !matches!(c, '©' | '+' | '(' | '（' | '【' | '[')
    });
    let bare = lower.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '）'));
    let mut kind = Phrase::More;
    for entry in TABLE.lines() {
        let Some((mark, phrase)) = entry.split_at_checked(1) else {
            continue;
        };
        let found = match mark {
            "#" => {
                kind = match phrase {
                    "more" => Phrase::More,
                    "section" => Phrase::Section,
                    "service" => Phrase::Service,
                    "credit" => Phrase::Credit,
                    "byline" => Phrase::Byline,
                    _ => Phrase::When,
                };
                false
            }
            "^" => lower.starts_with(phrase),
            "=" => bare == phrase,
            _ => lower.contains(phrase),
        };
        if found {
            return Some(kind);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_known_in_their_languages() {
        assert_eq!(of("Lesen Sie auch: Wetter"), Some(Phrase::More));
        assert_eq!(of("责任编辑：张三"), Some(Phrase::Byline));
        assert_eq!(of("Advertisement"), Some(Phrase::Service));
        assert_eq!(of("© Getty Images"), Some(Phrase::Credit));
        assert_eq!(of("The advertisement was on the wall."), None);
    }
}
