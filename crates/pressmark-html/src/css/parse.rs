//! Reading selectors: Selectors level 4, section 3, and CSS Syntax level 3, sections 4.3 and 6.

use std::borrow::Cow;

use super::{Combinator, Complex, Compound, Condition, Test};
use crate::lookup::LookupError;
use crate::tag::Tag;

/// How deep `:not()`, `:is()` and `:has()` may be nested.
const MAX_DEPTH: usize = 8;
/// How many simple selectors there may be: each is a pass over the tree.
const MAX_PARTS: usize = 200;

pub(super) fn parse(source: &str) -> Result<Vec<Complex>, LookupError> {
    let mut parser = Parser {
        source,
        at: 0,
        depth: 0,
        parts: 0,
    };
    let list = parser.list()?;
    match parser.peek() {
        None => Ok(list),
        Some(c) => Err(parser.error(format!("`{c}` is out of place"))),
    }
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
    depth: usize,
    parts: usize,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C')
}

fn is_ident(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\\') || !c.is_ascii()
}

impl<'s> Parser<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn space(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start_matches(is_space).len();
        self.at += skipped;
        skipped > 0
    }

    fn error(&self, problem: impl Into<Cow<'static, str>>) -> LookupError {
        LookupError::new(self.source, self.at, problem)
    }

    fn expect(&mut self, sign: &str) -> Result<(), LookupError> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(self.error(format!("`{sign}` is missing")))
    }

    fn list(&mut self) -> Result<Vec<Complex>, LookupError> {
        let mut list = Vec::new();
        loop {
            self.space();
            list.push(self.complex()?);
            self.space();
            if !self.eat(",") {
                return Ok(list);
            }
        }
    }

    fn combinator(&mut self) -> Option<Combinator> {
        [
            (">", Combinator::Child),
            ("+", Combinator::Next),
            ("~", Combinator::Later),
        ]
        .into_iter()
        .find_map(|(sign, combinator)| self.eat(sign).then_some(combinator))
    }

    fn complex(&mut self) -> Result<Complex, LookupError> {
        let first = self.compound()?;
        let mut rest = Vec::new();
        loop {
            let spaced = self.space();
            let combinator = match self.combinator() {
                Some(combinator) => {
                    self.space();
                    combinator
                }
                None if spaced && self.peek().is_some_and(|c| !matches!(c, ',' | ')')) => {
                    Combinator::Descendant
                }
                None => return Ok(Complex { first, rest }),
            };
            rest.push((combinator, self.compound()?));
        }
    }

    fn compound(&mut self) -> Result<Compound, LookupError> {
        let mut compound = Compound::default();
        let began = self.at;
        if self.eat("*") {
        } else if self.peek().is_some_and(is_ident) {
            let name = self.ident()?.to_ascii_lowercase();
            compound.tag = Some((Tag::from_name(&name), name.into()));
        }
        if self.rest().starts_with('|') {
            return Err(self
                .error("namespaces are not known")
                .with_hint("leave out what stands before `|`, and `|` itself"));
        }
        loop {
            self.parts += 1;
            if self.parts > MAX_PARTS {
                return Err(self.error("there are too many parts"));
            }
            let condition = match self.peek() {
                Some('#') => {
                    self.at += 1;
                    Condition::Id(self.ident()?.into())
                }
                Some('.') => {
                    self.at += 1;
                    Condition::Class(self.ident()?.into())
                }
                Some('[') => self.attribute()?,
                Some(':') => {
                    self.pseudo(&mut compound)?;
                    continue;
                }
                _ if self.at == began => {
                    return Err(self.error("a selector is missing"));
                }
                _ => return Ok(compound),
            };
            compound.conditions.push(condition);
        }
    }

    fn ident(&mut self) -> Result<String, LookupError> {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_ident(*c)) {
            self.at += c.len_utf8();
            if c == '\\' {
                name.extend(self.escape());
            } else {
                name.push(c);
            }
        }
        if name.is_empty() {
            return Err(self.error("a name is missing"));
        }
        Ok(name)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<char> {
        let rest = self.rest();
        let digits = rest
            .bytes()
            .take(6)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        if digits == 0 {
            let next = self.peek()?;
            self.at += next.len_utf8();
            return (next != '\n').then_some(next);
        }
        let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
        self.at += digits;
        if self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        Some(
            char::from_u32(code)
                .filter(|c| *c != '\0')
                .unwrap_or('\u{FFFD}'),
        )
    }

    /// A text in quotation marks.
    fn quoted(&mut self) -> Result<String, LookupError> {
        let began = self.at;
        let quote = self.peek().unwrap_or('"');
        self.at += quote.len_utf8();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(text),
                '\\' => text.extend(self.escape()),
                c => text.push(c),
            }
        }
        self.at = began;
        Err(self
            .error("the text that begins here has no end")
            .with_hint("close it with the same quotation mark"))
    }

    fn attribute(&mut self) -> Result<Condition, LookupError> {
        self.at += 1;
        self.space();
        let mut name = self.ident()?;
        // `xlink:href` is one name here, as it is in the page.
        if self.eat(":") {
            name = format!("{name}:{}", self.ident()?);
        }
        self.space();
        let test = [
            ("~=", Test::HasWord),
            ("|=", Test::HasPrefixWord),
            ("^=", Test::StartsWith),
            ("$=", Test::EndsWith),
            ("*=", Test::Contains),
            ("!=", Test::Differs),
            ("=", Test::Equals),
        ]
        .into_iter()
        .find_map(|(sign, test)| self.eat(sign).then_some(test))
        .unwrap_or(Test::Present);
        let mut value = String::new();
        let mut any_case = false;
        if test != Test::Present {
            self.space();
            value = match self.peek() {
                Some('"' | '\'') => self.quoted()?,
                // Browsers want marks around `/x` and `1`; there is only one way to mean them.
                _ => self.bare()?,
            };
            if self.space() || value.is_empty() || !self.rest().starts_with(']') {
                any_case = self.eat("i") || self.eat("I");
                if !any_case && !self.eat("s") {
                    self.eat("S");
                }
                self.space();
            }
        }
        self.expect("]")?;
        Ok(Condition::Attribute {
            name: name.into(),
            test,
            value: value.into(),
            any_case,
        })
    }

    fn bare(&mut self) -> Result<String, LookupError> {
        let mut text = String::new();
        while let Some(c) = self
            .peek()
            .filter(|c| !is_space(*c) && !matches!(c, ']' | '"' | '\''))
        {
            self.at += c.len_utf8();
            if c == '\\' {
                text.extend(self.escape());
            } else {
                text.push(c);
            }
        }
        if text.is_empty() {
            return Err(self.error("a value is missing"));
        }
        Ok(text)
    }

    fn pseudo(&mut self, compound: &mut Compound) -> Result<(), LookupError> {
        let began = self.at;
        self.at += 1;
        if self.eat(":") {
            self.at = began;
            return Err(self
                .error("a part such as `::before` is not in the page")
                .with_hint("choose the element itself"));
        }
        let name = self.ident()?.to_ascii_lowercase();
        let nth = |from_end, of_type| Condition::Nth {
            step: 0,
            start: 1,
            from_end,
            of_type,
        };
        let conditions = &mut compound.conditions;
        match name.as_str() {
            "first-child" => conditions.push(nth(false, false)),
            "last-child" => conditions.push(nth(true, false)),
            "only-child" => conditions.extend([nth(false, false), nth(true, false)]),
            "first-of-type" => conditions.push(nth(false, true)),
            "last-of-type" => conditions.push(nth(true, true)),
            "only-of-type" => conditions.extend([nth(false, true), nth(true, true)]),
            "empty" => conditions.push(Condition::Empty),
            "root" => conditions.push(Condition::Root),
            "is" | "where" | "matches" | "any" | "not" | "has" | "contains" | "nth-child"
            | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(self.error("the selector is nested too deeply"));
                }
                self.expect("(")?;
                self.space();
                let condition = self.function(&name)?;
                self.space();
                self.expect(")")?;
                self.depth -= 1;
                conditions.push(condition);
            }
            _ => {
                self.at = began;
                return Err(self.error(format!("`:{name}` means nothing on a stored page")));
            }
        }
        Ok(())
    }

    fn function(&mut self, name: &str) -> Result<Condition, LookupError> {
        match name {
            "not" => Ok(Condition::Not(self.list()?)),
            "has" => {
                let mut list = Vec::new();
                loop {
                    self.space();
                    let lead = self.combinator().unwrap_or(Combinator::Descendant);
                    self.space();
                    list.push((lead, self.complex()?));
                    self.space();
                    if !self.eat(",") {
                        return Ok(Condition::Has(list));
                    }
                }
            }
            "contains" if self.rest().starts_with(['"', '\'']) => {
                Ok(Condition::Contains(self.quoted()?.into()))
            }
            "contains" => {
                let rest = self.rest();
                let text = rest.get(..rest.find(')').unwrap_or(rest.len()));
                let text = text.unwrap_or_default();
                self.at += text.len();
                Ok(Condition::Contains(text.trim().into()))
            }
            "is" | "where" | "matches" | "any" => Ok(Condition::Is(self.list()?)),
            _ => {
                let (step, start) = self.formula()?;
                Ok(Condition::Nth {
                    step,
                    start,
                    from_end: name.contains("last"),
                    of_type: name.ends_with("type"),
                })
            }
        }
    }

    /// `odd`, `even`, `3`, `2n`, `-n + 3` …
    fn formula(&mut self) -> Result<(i64, i64), LookupError> {
        let rest = self.rest();
        let written = rest.get(..rest.find(')').unwrap_or(rest.len()));
        let written = written.unwrap_or_default();
        let bare: String = written.chars().filter(|c| !is_space(*c)).collect();
        let bare = bare.to_ascii_lowercase();
        let number = |text: &str| {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let plain = digits.len() < 9 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse().ok()).flatten()
        };
        let read = match (bare.as_str(), bare.split_once('n')) {
            ("odd", _) => Some((2, 1)),
            ("even", _) => Some((2, 0)),
            (_, Some((step, start))) => {
                let step = match step {
                    "" | "+" => Some(1),
                    "-" => Some(-1),
                    step => number(step),
                };
                let start = if start.is_empty() {
                    Some(0)
                } else {
                    number(start).filter(|_| start.starts_with(['+', '-']))
                };
                step.zip(start)
            }
            (plain, None) => number(plain).map(|start| (0, start)),
        };
        let read =
            read.ok_or_else(|| self.error("a place such as `2`, `odd` or `2n + 1` is missing"))?;
        self.at += written.len();
        Ok(read)
    }
}
