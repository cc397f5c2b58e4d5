//! Selectors as `XPath` expressions.

use super::{Combinator, Complex, Compound, Condition, Css, Test};

impl Css {
    /// The same as an `XPath` 1.0 expression; `None` where it asks for what has no simple form
    /// there, such as `:has()` or `:nth-child()`.
    ///
    /// ```
    /// use pressmark_html::Css;
    ///
    /// let css = Css::new("div#main > p[lang|=en]:not(.ad), h1")?;
    /// assert_eq!(
    ///     css.as_xpath().as_deref(),
    ///     Some(
    ///         "//div[@id='main']/p[(@lang='en' or starts-with(@lang,'en-')) and not(\
    ///          contains(concat(' ',normalize-space(@class),' '),' ad '))] | //h1"
    ///     )
    /// );
    /// assert_eq!(Css::new("p:has(a)")?.as_xpath(), None);
    /// # Ok::<(), pressmark_html::LookupError>(())
    /// ```
    pub fn as_xpath(&self) -> Option<String> {
        let all: Option<Vec<String>> = self.list.iter().map(complex).collect();
        all.map(|all| all.join(" | "))
    }
}

fn complex(selector: &Complex) -> Option<String> {
    let mut path = format!("//{}", compound(&selector.first)?);
    for (combinator, next) in &selector.rest {
        let next_one = compound(next)?;
        match combinator {
            Combinator::Descendant => path.push_str("//"),
            Combinator::Child => path.push('/'),
            Combinator::Later => path.push_str("/following-sibling::"),
            Combinator::Next => path.push_str("/following-sibling::*[1]/self::"),
        }
        path.push_str(&next_one);
    }
    Some(path)
}

fn compound(part: &Compound) -> Option<String> {
    let name = part.tag.as_ref().map_or("*", |(_, name)| name);
    let conditions = conditions(&part.conditions)?;
    Some(if conditions.is_empty() {
        name.to_owned()
    } else {
        format!("{name}[{conditions}]")
    })
}

fn conditions(all: &[Condition]) -> Option<String> {
    let all: Option<Vec<String>> = all.iter().map(condition).collect();
    all.map(|all| all.join(" and "))
}

fn condition(condition: &Condition) -> Option<String> {
    Some(match condition {
        Condition::Id(id) => format!("@id={}", quoted(id)?),
        Condition::Class(class) => has_word("class", class)?,
        Condition::Attribute {
            name,
            test,
            value,
            any_case: false,
        } => attribute(name, *test, value)?,
        Condition::Not(list) => {
            let all: Option<Vec<String>> = list.iter().map(itself).collect();
            format!("not({})", all?.join(" or "))
        }
        Condition::Is(list) => {
            let all: Option<Vec<String>> = list.iter().map(itself).collect();
            format!("({})", all?.join(" or "))
        }
        Condition::Nth {
            step: 0,
            start: 1,
            from_end,
            of_type: false,
        } => {
            let side = if *from_end { "following" } else { "preceding" };
            format!("not({side}-sibling::*)")
        }
        Condition::Contains(text) => format!("contains(.,{})", quoted(text)?),
        Condition::Attribute { .. }
        | Condition::Has(_)
        | Condition::Nth { .. }
        | Condition::Empty
        | Condition::Root => return None,
    })
}

/// That the element itself is one of a single compound.
fn itself(selector: &Complex) -> Option<String> {
    if !selector.rest.is_empty() {
        return None;
    }
    let part = &selector.first;
    match (&part.tag, conditions(&part.conditions)?) {
        (Some((_, name)), conditions) if conditions.is_empty() => Some(format!("self::{name}")),
        (Some((_, name)), conditions) => Some(format!("self::{name}[{conditions}]")),
        (None, conditions) if conditions.is_empty() => None,
        (None, conditions) => Some(conditions),
    }
}

fn attribute(name: &str, test: Test, value: &str) -> Option<String> {
    let literal = quoted(value)?;
    Some(match test {
        Test::Present => format!("@{name}"),
        Test::Equals => format!("@{name}={literal}"),
        Test::Differs => format!("not(@{name}={literal})"),
        Test::HasWord => has_word(name, value)?,
        Test::HasPrefixWord => {
            let prefix = quoted(&format!("{value}-"))?;
            format!("(@{name}={literal} or starts-with(@{name},{prefix}))")
        }
        Test::StartsWith => format!("starts-with(@{name},{literal})"),
        Test::EndsWith => format!(
            "substring(@{name},string-length(@{name})-{})={literal}",
            value.chars().count().checked_sub(1)?
        ),
        Test::Contains => format!("contains(@{name},{literal})"),
    })
}

fn has_word(name: &str, word: &str) -> Option<String> {
    let word = quoted(&format!(" {word} "))?;
    Some(format!(
        "contains(concat(' ',normalize-space(@{name}),' '),{word})"
    ))
}

/// A text as `XPath` writes it, which has no way to write one with both kinds of quotes.
fn quoted(text: &str) -> Option<String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Some(format!("'{text}'")),
        (true, false) => Some(format!("\"{text}\"")),
        (true, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Css, NodeId, Tree, XPath};

    #[test]
    fn the_expression_finds_the_same() {
        let html = "<div id=main class='a b'><p class=lead>1<p lang=en-GB>2<p>3</div>\
                    <p>4<h2>5</h2><p data-x='end.'>6<span>7</span>";
        let tree = Tree::parse(html);
        for selector in [
            "p",
            "#main p",
            "div.b > p.lead",
            "p:not(.lead)",
            "p + p",
            "h2 ~ p",
            "[data-x$='end.']",
            "[data-x^=e] span",
            "p[lang|=en], h2",
            "p:first-child",
            "p:last-child",
            ":is(h2, span)",
            "[class~=a]",
            "p:contains('3')",
            "*",
        ] {
            let css = Css::new(selector).unwrap();
            let path = css.as_xpath().unwrap();
            let found = XPath::new(&path).unwrap().select(&tree, NodeId::ROOT);
            let mut found = found.unwrap();
            found.dedup();
            assert_eq!(found, css.select(&tree, NodeId::ROOT), "{selector}: {path}");
        }
    }
}
