//! SVG and `MathML`: HTML standard, 13.2.6.5.

use super::builder::Builder;
use super::tokenizer::{AttrSpan, Name, Token};
use crate::attr::Attr;
use crate::tag::Tag;

impl Builder<'_> {
    /// Whether the token is handled by the rules for foreign content.
    pub(super) fn is_foreign(&self, token: Token) -> bool {
        let Some(open) = self.stack.last().filter(|open| open.foreign) else {
            return false;
        };
        match token {
            Token::Eof => false,
            Token::Start { name, .. } if open.math && is_math_text(open.name.tag) => {
                open.integration && is_math_glyph(name)
            }
            Token::Start { .. } | Token::Text(..) => !open.integration,
            _ => true,
        }
    }

    pub(super) fn in_foreign(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) => self.insert_text(from, to),
            Token::Start { name, self_closing } => {
                if breaks_out(name.tag) || name.tag == Tag::Font && self.is_styled() {
                    self.leave_foreign();
                    return self.by_mode(token);
                }
                let math = self.stack.last().is_some_and(|open| open.math);
                let integration = match name.tag {
                    Tag::ForeignObject | Tag::Desc | Tag::Title => !math,
                    Tag::AnnotationXml => math && self.holds_html(),
                    tag => math && is_math_text(tag),
                };
                self.insert_foreign(name, math, integration, self_closing);
            }
            Token::End(name) => {
                if matches!(name.tag, Tag::Br | Tag::P) {
                    self.leave_foreign();
                    return self.by_mode(token);
                }
                return self.end_foreign(name);
            }
            Token::Doctype { .. } | Token::Eof => {}
        }
        None
    }

    fn current_attrs(&self) -> &[AttrSpan] {
        let (from, count) = self.current.attrs;
        let attrs = self
            .tokens
            .attrs
            .get(from as usize..(from + count) as usize);
        attrs.unwrap_or_default()
    }

    /// Whether the `font` of the current tag is HTML's, by its attributes.
    fn is_styled(&self) -> bool {
        self.current_attrs().iter().any(|attr| {
            let name = self.tokens.pool.get(attr.name);
            ["color", "face", "size"]
                .iter()
                .any(|styled| name.eq_ignore_ascii_case(styled))
        })
    }

    /// Whether the `annotation-xml` of the current tag says that it holds HTML.
    fn holds_html(&self) -> bool {
        self.current_attrs()
            .iter()
            .filter(|a| a.attr == Attr::Encoding)
            .any(|a| {
                let value = self.tokens.pool.get(a.value);
                value.eq_ignore_ascii_case("text/html")
                    || value.eq_ignore_ascii_case("application/xhtml+xml")
            })
    }

    fn leave_foreign(&mut self) {
        while self
            .stack
            .last()
            .is_some_and(|open| open.foreign && !open.integration)
        {
            self.pop();
        }
    }

    fn end_foreign(&mut self, name: Name) -> Option<Token> {
        for index in (0..self.stack.len()).rev() {
            let open = self.stack.get(index).copied()?;
            if !open.foreign {
                return self.by_mode(Token::End(name));
            }
            if open.name == name {
                while self.stack.len() > index {
                    self.pop();
                }
                return None;
            }
        }
        None
    }
}

fn is_math_text(tag: Tag) -> bool {
    matches!(tag, Tag::Mi | Tag::Mn | Tag::Mo | Tag::Ms | Tag::Mtext)
}

/// `mglyph` and `malignmark`, which stay foreign inside `MathML` text.
fn is_math_glyph(name: Name) -> bool {
    name.key == crate::tag::key(b"mglyph") || name.key == crate::tag::key(b"malignmark")
}

fn breaks_out(tag: Tag) -> bool {
    tag.is_heading()
        || matches!(
            tag,
            Tag::B
                | Tag::Big
                | Tag::Blockquote
                | Tag::Body
                | Tag::Br
                | Tag::Center
                | Tag::Code
                | Tag::Dd
                | Tag::Div
                | Tag::Dl
                | Tag::Dt
                | Tag::Em
                | Tag::Embed
                | Tag::Head
                | Tag::Hr
                | Tag::I
                | Tag::Img
                | Tag::Li
                | Tag::Listing
                | Tag::Menu
                | Tag::Meta
                | Tag::Nobr
                | Tag::Ol
                | Tag::P
                | Tag::Pre
                | Tag::Ruby
                | Tag::S
                | Tag::Small
                | Tag::Span
                | Tag::Strong
                | Tag::Strike
                | Tag::Sub
                | Tag::Sup
                | Tag::Table
                | Tag::Tt
                | Tag::U
                | Tag::Ul
                | Tag::Var
        )
}
