//! What was wrong with a document, gathered while it is read.

use pressmark_model::Issue;

/// A document with more flaws than this has one flaw: it is broken.
const MOST: usize = 100;

/// The flaws of one document, by the place in its text.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    found: Vec<(Option<usize>, String)>,
    more: usize,
}

impl Issues {
    /// Notes a flaw at a byte of the decoded text.
    pub(crate) fn note(&mut self, at: usize, message: impl Into<String>) {
        self.push(Some(at), message);
    }

    /// Notes a flaw of the document as a whole.
    pub(crate) fn note_whole(&mut self, message: impl Into<String>) {
        self.push(None, message);
    }

    fn push(&mut self, at: Option<usize>, message: impl Into<String>) {
        if self.found.len() < MOST {
            self.found.push((at, message.into()));
        } else {
            self.more += 1;
        }
    }

    /// The issues in the order of the document, with line numbers of `text`.
    pub(crate) fn finish(mut self, text: &str) -> Vec<Issue> {
        self.found.sort_by_key(|(at, _)| *at);
        let mut line = 1;
        let mut counted = 0;
        let mut issues = Vec::with_capacity(self.found.len());
        for (at, message) in self.found {
            let at = at.map(|at| at.min(text.len()));
            if let Some(at) = at {
                let passed = text.as_bytes().get(counted..at).unwrap_or_default();
                line += memchr::memchr_iter(b'\n', passed).count();
                counted = at;
            }
            let line = at.map(|_| u32::try_from(line).unwrap_or(u32::MAX));
            issues.push(Issue { line, message });
        }
        if self.more > 0 {
            issues.push(Issue {
                line: None,
                message: format!("{} more issues", self.more),
            });
        }
        issues
    }
}

/// The start of a value, short enough to stand in a message.
pub(crate) fn brief(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut characters = value.chars();
    let mut start: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_stand_in_the_order_of_the_document() {
        let mut issues = Issues::default();
        issues.note(4, "second");
        issues.note(0, "first");
        issues.note_whole("whole");
        let found = issues.finish("a\nb\nc");
        let lines: Vec<_> = found
            .iter()
            .map(|issue| (issue.line, &*issue.message))
            .collect();
        assert_eq!(
            lines,
            [(None, "whole"), (Some(1), "first"), (Some(3), "second")]
        );
    }

    #[test]
    fn a_thousand_flaws_are_a_hundred_and_a_number() {
        let mut issues = Issues::default();
        (0..1000).for_each(|_| issues.note(0, "x"));
        let found = issues.finish("");
        assert_eq!(found.len(), MOST + 1);
        assert_eq!(found[MOST].message, "900 more issues");
    }
}
