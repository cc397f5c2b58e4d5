//! The insertion modes around the body: HTML standard, 13.2.6.4.1 to 13.2.6.4.6 and later.

use super::builder::{Builder, Mode, NONE};
use super::tokenizer::{Name, Token};
use crate::tag::Tag;

impl Builder<'_> {
    /// Leaves out leading white space; `None` when there is nothing else.
    fn without_leading_space(&self, token: Token) -> Option<Token> {
        let Token::Text(from, to) = token else {
            return Some(token);
        };
        let from = from + self.leading_space(from, to);
        (from < to).then_some(Token::Text(from, to))
    }

    pub(super) fn initial(&mut self, token: Token) -> Option<Token> {
        let token = self.without_leading_space(token)?;
        self.mode = Mode::BeforeHtml;
        if let Token::Doctype { quirks } = token {
            self.quirks = quirks;
            return None;
        }
        self.quirks = true;
        Some(token)
    }

    pub(super) fn before_html(&mut self, token: Token) -> Option<Token> {
        let token = self.without_leading_space(token)?;
        match token {
            Token::Doctype { .. } => None,
            Token::Start { name, .. } if name.tag == Tag::Html => {
                self.insert(name);
                self.mode = Mode::BeforeHead;
                None
            }
            Token::End(name)
                if !matches!(name.tag, Tag::Head | Tag::Body | Tag::Html | Tag::Br) =>
            {
                None
            }
            other => {
                self.insert_implied(Tag::Html);
                self.mode = Mode::BeforeHead;
                Some(other)
            }
        }
    }

    pub(super) fn before_head(&mut self, token: Token) -> Option<Token> {
        let token = self.without_leading_space(token)?;
        match token {
            Token::Doctype { .. } => None,
            Token::Start { name, .. } if name.tag == Tag::Html => self.in_body(token),
            Token::Start { name, .. } if name.tag == Tag::Head => {
                self.head = self.insert(name);
                self.mode = Mode::InHead;
                None
            }
            Token::End(name)
                if !matches!(name.tag, Tag::Head | Tag::Body | Tag::Html | Tag::Br) =>
            {
                None
            }
            other => {
                self.head = self.insert_implied(Tag::Head);
                self.mode = Mode::InHead;
                Some(other)
            }
        }
    }

    pub(super) fn in_head(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) => {
                let space = self.leading_space(from, to);
                self.insert_text(from, from + space);
                if from + space == to {
                    return None;
                }
                self.leave_head();
                Some(Token::Text(from + space, to))
            }
            Token::Doctype { .. } => None,
            Token::Start { name, .. } => match name.tag {
                Tag::Html => self.in_body(token),
                Tag::Base | Tag::Basefont | Tag::Bgsound | Tag::Link | Tag::Meta => {
                    self.insert_void(name);
                    None
                }
                Tag::Title | Tag::Noframes | Tag::Style | Tag::Script | Tag::Noscript => {
                    self.insert_raw(name);
                    None
                }
                Tag::Template => {
                    self.open_template(name);
                    None
                }
                Tag::Head => None,
                _ => {
                    self.leave_head();
                    Some(token)
                }
            },
            Token::End(name) => match name.tag {
                Tag::Head => {
                    self.leave_head();
                    None
                }
                Tag::Template => {
                    self.close_template();
                    None
                }
                Tag::Body | Tag::Html | Tag::Br => {
                    self.leave_head();
                    Some(token)
                }
                _ => None,
            },
            Token::Eof => {
                self.leave_head();
                Some(token)
            }
        }
    }

    fn leave_head(&mut self) {
        self.pop();
        self.mode = Mode::AfterHead;
    }

    fn open_template(&mut self, name: Name) {
        self.insert(name);
        self.push_marker();
        self.template_modes.push(Mode::InTemplate);
        self.mode = Mode::InTemplate;
    }

    fn close_template(&mut self) {
        if !self
            .stack
            .iter()
            .any(|open| open.name.tag == Tag::Template && !open.foreign)
        {
            return;
        }
        self.pop_until(|tag| tag == Tag::Template);
        self.clear_formatting_to_marker();
        self.template_modes.pop();
        self.reset_mode();
    }

    pub(super) fn after_head(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) => {
                let space = self.leading_space(from, to);
                self.insert_text(from, from + space);
                if from + space == to {
                    return None;
                }
                self.open_body();
                Some(Token::Text(from + space, to))
            }
            Token::Doctype { .. } => None,
            Token::Start { name, .. } => match name.tag {
                Tag::Html => self.in_body(token),
                Tag::Body => {
                    self.insert(name);
                    self.mode = Mode::InBody;
                    None
                }
                Tag::Base
                | Tag::Basefont
                | Tag::Bgsound
                | Tag::Link
                | Tag::Meta
                | Tag::Noframes
                | Tag::Script
                | Tag::Style
                | Tag::Template
                | Tag::Title => {
                    self.in_head_again(token);
                    None
                }
                Tag::Head | Tag::Frameset | Tag::Frame => None,
                _ => {
                    self.open_body();
                    Some(token)
                }
            },
            Token::End(name) => match name.tag {
                Tag::Template => self.in_head(token),
                Tag::Body | Tag::Html | Tag::Br => {
                    self.open_body();
                    Some(token)
                }
                _ => None,
            },
            Token::Eof => {
                self.open_body();
                Some(token)
            }
        }
    }

    /// A tag of the head that stands after it: it still belongs there.
    fn in_head_again(&mut self, token: Token) {
        let depth = self.stack.len();
        let head = super::builder::Open {
            node: self.head,
            name: Name::of(Tag::Head),
            foreign: false,
            math: false,
            integration: false,
        };
        if self.head == NONE {
            return;
        }
        self.push(head);
        let again = self.in_head(token);
        debug_assert!(again.is_none(), "only tags of the head are passed on");
        if depth < self.stack.len() {
            self.stack.remove(depth);
        }
    }

    fn open_body(&mut self) {
        self.insert_implied(Tag::Body);
        self.mode = Mode::InBody;
    }

    pub(super) fn after_body(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) if self.leading_space(from, to) == to - from => {
                self.in_body(token)
            }
            Token::Doctype { .. } | Token::Eof => None,
            Token::Start { name, .. } if name.tag == Tag::Html => self.in_body(token),
            Token::End(name) if name.tag == Tag::Html => None,
            other => {
                self.mode = Mode::InBody;
                Some(other)
            }
        }
    }

    pub(super) fn in_template(&mut self, token: Token) -> Option<Token> {
        let mode = match token {
            Token::Text(..) | Token::Doctype { .. } => return self.in_body(token),
            Token::Start { name, .. } => match name.tag {
                Tag::Base
                | Tag::Basefont
                | Tag::Bgsound
                | Tag::Link
                | Tag::Meta
                | Tag::Noframes
                | Tag::Script
                | Tag::Style
                | Tag::Template
                | Tag::Title => {
                    return self.in_head(token);
                }
                Tag::Caption | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    Mode::InTable
                }
                Tag::Col => Mode::InColumnGroup,
                Tag::Tr => Mode::InTableBody,
                Tag::Td | Tag::Th => Mode::InRow,
                _ => Mode::InBody,
            },
            Token::End(name) if name.tag == Tag::Template => return self.in_head(token),
            Token::End(_) => return None,
            Token::Eof => {
                if !self
                    .stack
                    .iter()
                    .any(|open| open.name.tag == Tag::Template && !open.foreign)
                {
                    return None;
                }
                self.close_template();
                return Some(token);
            }
        };
        self.template_modes.pop();
        self.template_modes.push(mode);
        self.mode = mode;
        Some(token)
    }

    /// Resets the insertion mode appropriately (13.2.4.1).
    pub(super) fn reset_mode(&mut self) {
        for (index, open) in self.stack.iter().enumerate().rev() {
            if open.foreign {
                continue;
            }
            self.mode = match open.name.tag {
                Tag::Td | Tag::Th if index > 0 => Mode::InCell,
                Tag::Tr => Mode::InRow,
                Tag::Tbody | Tag::Thead | Tag::Tfoot => Mode::InTableBody,
                Tag::Caption => Mode::InCaption,
                Tag::Colgroup => Mode::InColumnGroup,
                Tag::Table => Mode::InTable,
                Tag::Template => self.template_modes.last().copied().unwrap_or(Mode::InBody),
                Tag::Head => Mode::InHead,
                Tag::Body => Mode::InBody,
                Tag::Html if self.head == NONE => Mode::BeforeHead,
                Tag::Html => Mode::AfterHead,
                _ => continue,
            };
            return;
        }
        self.mode = Mode::InBody;
    }
}
