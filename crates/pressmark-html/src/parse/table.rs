//! Tables: HTML standard, 13.2.6.4.9 to 13.2.6.4.15.

use super::builder::{Builder, Mode, NONE, Scope};
use super::tokenizer::{Name, Token};
use crate::tag::Tag;

impl Builder<'_> {
    fn clear_stack_to(&mut self, context: impl Fn(Tag) -> bool) {
        while !matches!(
            self.current_tag(),
            Tag::Html | Tag::Template | Tag::Document
        ) && !context(self.current_tag())
        {
            self.pop();
        }
    }

    pub(super) fn in_table(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) => {
                if self.leading_space(from, to) == to - from {
                    self.insert_text(from, to);
                    return None;
                }
                self.anything_else_in_table(token)
            }
            Token::Doctype { .. } => None,
            Token::Start { name, .. } => match name.tag {
                Tag::Caption => {
                    self.clear_stack_to(|tag| tag == Tag::Table);
                    self.insert(name);
                    self.push_marker();
                    self.mode = Mode::InCaption;
                    None
                }
                Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    self.clear_stack_to(|tag| tag == Tag::Table);
                    self.insert(name);
                    self.mode = if name.tag == Tag::Colgroup {
                        Mode::InColumnGroup
                    } else {
                        Mode::InTableBody
                    };
                    None
                }
                Tag::Col => {
                    self.clear_stack_to(|tag| tag == Tag::Table);
                    self.insert_implied(Tag::Colgroup);
                    self.mode = Mode::InColumnGroup;
                    Some(token)
                }
                Tag::Td | Tag::Th | Tag::Tr => {
                    self.clear_stack_to(|tag| tag == Tag::Table);
                    self.insert_implied(Tag::Tbody);
                    self.mode = Mode::InTableBody;
                    Some(token)
                }
                Tag::Table => self.close_table().then_some(token),
                Tag::Style | Tag::Script | Tag::Template => self.in_head(token),
                Tag::Form => {
                    if self.form == NONE && self.template_modes.is_empty() {
                        self.form = self.insert(name);
                        self.pop();
                    }
                    None
                }
                _ => self.anything_else_in_table(token),
            },
            Token::End(name) => match name.tag {
                Tag::Table => {
                    self.close_table();
                    None
                }
                Tag::Body
                | Tag::Caption
                | Tag::Col
                | Tag::Colgroup
                | Tag::Html
                | Tag::Tbody
                | Tag::Td
                | Tag::Tfoot
                | Tag::Th
                | Tag::Thead
                | Tag::Tr => None,
                Tag::Template => self.in_head(token),
                _ => self.anything_else_in_table(token),
            },
            Token::Eof => self.in_body(token),
        }
    }

    fn anything_else_in_table(&mut self, token: Token) -> Option<Token> {
        self.foster = true;
        let again = self.in_body(token);
        self.foster = false;
        again
    }

    fn close_table(&mut self) -> bool {
        if !self.has_in_scope(Scope::Table, |tag| tag == Tag::Table) {
            return false;
        }
        self.pop_until(|tag| tag == Tag::Table);
        self.reset_mode();
        true
    }

    fn close_caption(&mut self) -> bool {
        if !self.has_in_scope(Scope::Table, |tag| tag == Tag::Caption) {
            return false;
        }
        self.generate_implied_end_tags(Tag::Document);
        self.pop_until(|tag| tag == Tag::Caption);
        self.clear_formatting_to_marker();
        self.mode = Mode::InTable;
        true
    }

    pub(super) fn in_caption(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::End(name) if name.tag == Tag::Caption => {
                self.close_caption();
                None
            }
            Token::Start { name, .. } if is_table_part(name) => {
                self.close_caption().then_some(token)
            }
            Token::End(name) if name.tag == Tag::Table => self.close_caption().then_some(token),
            Token::End(name)
                if is_table_part(name) || matches!(name.tag, Tag::Body | Tag::Html) =>
            {
                None
            }
            _ => self.in_body(token),
        }
    }

    pub(super) fn in_column_group(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) if self.leading_space(from, to) == to - from => {
                self.insert_text(from, to);
                return None;
            }
            Token::Doctype { .. } => return None,
            Token::Start { name, .. } if name.tag == Tag::Html => return self.in_body(token),
            Token::Start { name, .. } if name.tag == Tag::Col => {
                self.insert_void(name);
                return None;
            }
            Token::Start { name, .. } | Token::End(name) if name.tag == Tag::Template => {
                return self.in_head(token);
            }
            Token::End(name) if name.tag == Tag::Col => return None,
            Token::Eof => return self.in_body(token),
            _ => {}
        }
        if self.current_tag() != Tag::Colgroup {
            return None;
        }
        self.pop();
        self.mode = Mode::InTable;
        match token {
            Token::End(name) if name.tag == Tag::Colgroup => None,
            other => Some(other),
        }
    }

    pub(super) fn in_table_body(&mut self, token: Token) -> Option<Token> {
        let is_section = |tag: Tag| matches!(tag, Tag::Tbody | Tag::Tfoot | Tag::Thead);
        match token {
            Token::Start { name, .. } => match name.tag {
                Tag::Tr => {
                    self.clear_stack_to(is_section);
                    self.insert(name);
                    self.mode = Mode::InRow;
                    None
                }
                Tag::Th | Tag::Td => {
                    self.clear_stack_to(is_section);
                    self.insert_implied(Tag::Tr);
                    self.mode = Mode::InRow;
                    Some(token)
                }
                Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    self.close_table_section().then_some(token)
                }
                _ => self.in_table(token),
            },
            Token::End(name) => match name.tag {
                Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    if self.has_in_scope(Scope::Table, |tag| tag == name.tag) {
                        self.clear_stack_to(is_section);
                        self.pop();
                        self.mode = Mode::InTable;
                    }
                    None
                }
                Tag::Table => self.close_table_section().then_some(token),
                Tag::Body
                | Tag::Caption
                | Tag::Col
                | Tag::Colgroup
                | Tag::Html
                | Tag::Td
                | Tag::Th
                | Tag::Tr => None,
                _ => self.in_table(token),
            },
            _ => self.in_table(token),
        }
    }

    fn close_table_section(&mut self) -> bool {
        let is_section = |tag: Tag| matches!(tag, Tag::Tbody | Tag::Tfoot | Tag::Thead);
        if !self.has_in_scope(Scope::Table, is_section) {
            return false;
        }
        self.clear_stack_to(is_section);
        self.pop();
        self.mode = Mode::InTable;
        true
    }

    fn close_row(&mut self) -> bool {
        if !self.has_in_scope(Scope::Table, |tag| tag == Tag::Tr) {
            return false;
        }
        self.clear_stack_to(|tag| tag == Tag::Tr);
        self.pop();
        self.mode = Mode::InTableBody;
        true
    }

    pub(super) fn in_row(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Start { name, .. } => match name.tag {
                Tag::Th | Tag::Td => {
                    self.clear_stack_to(|tag| tag == Tag::Tr);
                    self.insert(name);
                    self.mode = Mode::InCell;
                    self.push_marker();
                    None
                }
                Tag::Caption
                | Tag::Col
                | Tag::Colgroup
                | Tag::Tbody
                | Tag::Tfoot
                | Tag::Thead
                | Tag::Tr => self.close_row().then_some(token),
                _ => self.in_table(token),
            },
            Token::End(name) => match name.tag {
                Tag::Tr => {
                    self.close_row();
                    None
                }
                Tag::Table => self.close_row().then_some(token),
                Tag::Tbody | Tag::Tfoot | Tag::Thead => {
                    let open = self.has_in_scope(Scope::Table, |tag| tag == name.tag);
                    (open && self.close_row()).then_some(token)
                }
                Tag::Body
                | Tag::Caption
                | Tag::Col
                | Tag::Colgroup
                | Tag::Html
                | Tag::Td
                | Tag::Th => None,
                _ => self.in_table(token),
            },
            _ => self.in_table(token),
        }
    }

    fn close_cell(&mut self) {
        self.generate_implied_end_tags(Tag::Document);
        self.pop_until(|tag| matches!(tag, Tag::Td | Tag::Th));
        self.clear_formatting_to_marker();
        self.mode = Mode::InRow;
    }

    pub(super) fn in_cell(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Start { name, .. } if is_table_part(name) => {
                if !self.has_in_scope(Scope::Table, |tag| matches!(tag, Tag::Td | Tag::Th)) {
                    return None;
                }
                self.close_cell();
                Some(token)
            }
            Token::End(name) => match name.tag {
                Tag::Td | Tag::Th => {
                    if self.has_in_scope(Scope::Table, |tag| tag == name.tag) {
                        self.generate_implied_end_tags(Tag::Document);
                        self.pop_until(|tag| tag == name.tag);
                        self.clear_formatting_to_marker();
                        self.mode = Mode::InRow;
                    }
                    None
                }
                Tag::Body | Tag::Caption | Tag::Col | Tag::Colgroup | Tag::Html => None,
                Tag::Table | Tag::Tbody | Tag::Tfoot | Tag::Thead | Tag::Tr => {
                    if !self.has_in_scope(Scope::Table, |tag| tag == name.tag) {
                        return None;
                    }
                    self.close_cell();
                    Some(token)
                }
                _ => self.in_body(token),
            },
            _ => self.in_body(token),
        }
    }
}

fn is_table_part(name: Name) -> bool {
    matches!(
        name.tag,
        Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr
    )
}
