//! What is wrong with a look-up's expression.

use std::borrow::Cow;

/// An expression that cannot be read. `Display` says what is wrong and where; the next step is in
/// [`LookupError::hint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {at}")]
pub struct LookupError {
    /// The character where it was noticed, from 1.
    pub at: usize,
    /// What is wrong.
    pub problem: Cow<'static, str>,
    /// What to do about it, if there is something to say.
    pub hint: Option<&'static str>,
}

impl LookupError {
    /// `byte` is a place in `source`.
    pub(crate) fn new(source: &str, byte: usize, problem: impl Into<Cow<'static, str>>) -> Self {
        let before = source.char_indices().take_while(|(at, _)| *at < byte);
        Self {
            at: before.count() + 1,
            problem: problem.into(),
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// The expression would take more steps on this document than a look-up is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the expression takes too many steps on this page")]
pub struct TooMuchWork;

/// What XML and HTML call white space in lists of tokens, but for the form feed.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
