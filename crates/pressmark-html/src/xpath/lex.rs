//! Tokens: XPath 1.0, section 3.7.

use crate::lookup::{LookupError, is_space};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'s> {
    /// Punctuation and operators, the named ones (`and`, `or`, `div`, `mod`) among them.
    Sign(&'static str),
    /// A name, with its prefix if it has one.
    Name(&'s str),
    /// `prefix:*`, with the colon and without the star.
    Prefix(&'s str),
    /// A name before `(`.
    Function(&'s str),
    /// A name before `::`, which is a token of its own.
    Axis(&'s str),
    Text(&'s str),
    Number(f64),
}

const SIGNS: [&str; 23] = [
    "::", "..", "//", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=",
    "<", ">", "*", "$", ":",
];

/// The tokens, each with the byte where it begins.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token<'_>)>, LookupError> {
    let mut out: Vec<(usize, Token<'_>)> = Vec::new();
    let mut rest = source;
    loop {
        rest = rest.trim_start_matches(is_space);
        let at = source.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return Ok(out);
        };
        let operator = expects_operator(out.last().map(|(_, token)| *token));
        let (token, length) = match first {
            '"' | '\'' => literal(source, at, rest, first)?,
            '0'..='9' => number(rest),
            '.' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => number(rest),
            c if is_name_start(c) => named(rest, operator),
            _ => sign(source, at, rest, operator)?,
        };
        out.push((at, token));
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Whether a name or a star that follows this token is an operator.
fn expects_operator(last: Option<Token<'_>>) -> bool {
    match last {
        Some(Token::Sign(sign)) => matches!(sign, ")" | "]" | "." | ".." | "*"),
        None | Some(Token::Axis(_) | Token::Function(_)) => false,
        Some(Token::Name(_) | Token::Prefix(_) | Token::Text(_) | Token::Number(_)) => true,
    }
}

fn literal<'s>(
    source: &str,
    at: usize,
    rest: &'s str,
    quote: char,
) -> Result<(Token<'s>, usize), LookupError> {
    let inside = rest.get(1..).unwrap_or_default();
    match inside.split_once(quote) {
        Some((text, _)) => Ok((Token::Text(text), text.len() + 2)),
        None => Err(
            LookupError::new(source, at, "the text that begins here has no end")
                .with_hint("close it with the same quotation mark"),
        ),
    }
}

fn number(rest: &str) -> (Token<'_>, usize) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    let mut length = whole;
    if let Some(fraction) = rest.get(whole..).and_then(|rest| rest.strip_prefix('.')) {
        length += 1 + digits(fraction);
    }
    let value = rest.get(..length).unwrap_or_default();
    (Token::Number(value.parse().unwrap_or(f64::NAN)), length)
}

fn named(rest: &str, operator: bool) -> (Token<'_>, usize) {
    let first = name_length(rest);
    let name = rest.get(..first).unwrap_or_default();
    if operator {
        let sign = ["and", "or", "div", "mod"]
            .into_iter()
            .find(|sign| *sign == name);
        if let Some(sign) = sign {
            return (Token::Sign(sign), first);
        }
    }
    let after = rest.get(first..).unwrap_or_default();
    let local = after
        .strip_prefix(':')
        .filter(|after| !after.starts_with(':'));
    if local.is_some_and(|local| local.starts_with('*')) {
        let prefix = rest.get(..=first).unwrap_or_default();
        return (Token::Prefix(prefix), first + 2);
    }
    let second = local.map_or(0, name_length);
    let length = if second > 0 {
        first + 1 + second
    } else {
        first
    };
    let name = rest.get(..length).unwrap_or_default();
    let after = rest
        .get(length..)
        .unwrap_or_default()
        .trim_start_matches(is_space);
    let token = if after.starts_with("::") {
        Token::Axis(name)
    } else if after.starts_with('(') {
        Token::Function(name)
    } else {
        Token::Name(name)
    };
    (token, length)
}

fn sign<'s>(
    source: &str,
    at: usize,
    rest: &str,
    operator: bool,
) -> Result<(Token<'s>, usize), LookupError> {
    let found = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
    match found {
        // A star in the place of an operator multiplies.
        Some("*") if operator => Ok((Token::Sign("×"), 1)),
        Some("$") => Err(LookupError::new(source, at, "there are no variables")
            .with_hint("write the value itself in the place of `$…`")),
        Some(sign) if sign != ":" => Ok((Token::Sign(sign), sign.len())),
        _ => {
            let what: String = rest.chars().take(1).collect();
            Err(LookupError::new(
                source,
                at,
                format!("`{what}` has no meaning"),
            ))
        }
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn name_length(text: &str) -> usize {
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|c: char| !(is_name_start(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{B7}')))
        .unwrap_or(text.len())
}
