//! "In body": HTML standard, 13.2.6.4.7.

use super::builder::{Builder, Mode, NONE, Scope};
use super::tokenizer::{Name, Token};
use crate::tag::Tag;

impl Builder<'_> {
    pub(super) fn in_body(&mut self, token: Token) -> Option<Token> {
        match token {
            Token::Text(from, to) => {
                self.reconstruct_formatting();
                self.insert_text(from, to);
                None
            }
            Token::Start { name, self_closing } => self.start_in_body(name, self_closing),
            Token::End(name) => self.end_in_body(name),
            Token::Eof if !self.template_modes.is_empty() => self.in_template(token),
            Token::Eof | Token::Doctype { .. } => None,
        }
    }

    fn start_in_body(&mut self, name: Name, self_closing: bool) -> Option<Token> {
        let token = Token::Start { name, self_closing };
        match name.tag {
            Tag::Html => self.merge_attributes(0),
            Tag::Base
            | Tag::Basefont
            | Tag::Bgsound
            | Tag::Link
            | Tag::Meta
            | Tag::Noframes
            | Tag::Script
            | Tag::Style
            | Tag::Template
            | Tag::Title => return self.in_head(token),
            Tag::Body => self.merge_attributes(1),
            Tag::Frameset
            | Tag::Caption
            | Tag::Col
            | Tag::Colgroup
            | Tag::Frame
            | Tag::Head
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr => {}
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => {
                self.close_p();
                if self.current_tag().is_heading() {
                    self.pop();
                }
                self.insert(name);
            }
            Tag::Pre | Tag::Listing => {
                self.close_p();
                self.insert(name);
                self.tokens.skip_line_feed();
            }
            Tag::Form => {
                if self.form == NONE || !self.template_modes.is_empty() {
                    self.close_p();
                    let node = self.insert(name);
                    if self.template_modes.is_empty() {
                        self.form = node;
                    }
                }
            }
            Tag::Li => {
                self.close_list_item(|tag| tag == Tag::Li);
                self.insert(name);
            }
            Tag::Dd | Tag::Dt => {
                self.close_list_item(|tag| matches!(tag, Tag::Dd | Tag::Dt));
                self.insert(name);
            }
            Tag::Plaintext | Tag::Xmp => {
                self.close_p();
                self.reconstruct_formatting();
                self.insert_raw(name);
            }
            tag if tag.is_plain_block() || tag == Tag::P => {
                self.close_p();
                self.insert(name);
            }
            _ => self.start_inline(name, self_closing),
        }
        None
    }

    /// The start tags that are not of blocks.
    fn start_inline(&mut self, name: Name, self_closing: bool) {
        match name.tag {
            Tag::Button => {
                if self.has_in_scope(Scope::Default, |tag| tag == Tag::Button) {
                    self.generate_implied_end_tags(Tag::Document);
                    self.pop_until(|tag| tag == Tag::Button);
                }
                self.reconstruct_formatting();
                self.insert(name);
            }
            Tag::A => {
                self.close_open_link();
                self.start_formatting(name);
            }
            Tag::Nobr => {
                self.reconstruct_formatting();
                if self.has_in_scope(Scope::Default, |tag| tag == Tag::Nobr) {
                    self.adoption_agency(Name::of(Tag::Nobr));
                    self.reconstruct_formatting();
                }
                let open = self.insert_open(name);
                self.push_formatting(open);
            }
            tag if tag.is_formatting() => self.start_formatting(name),
            Tag::Applet | Tag::Marquee | Tag::Object => {
                self.reconstruct_formatting();
                self.insert(name);
                self.push_marker();
            }
            Tag::Table => {
                if !self.quirks {
                    self.close_p();
                }
                self.insert(name);
                self.mode = Mode::InTable;
            }
            Tag::Area | Tag::Br | Tag::Embed | Tag::Img | Tag::Keygen | Tag::Wbr | Tag::Input => {
                self.reconstruct_formatting();
                self.insert_void(name);
            }
            Tag::Image => {
                self.reconstruct_formatting();
                self.insert_void(Name::of(Tag::Img));
            }
            Tag::Param | Tag::Source | Tag::Track => self.insert_void(name),
            Tag::Hr => {
                self.close_p();
                self.insert_void(name);
            }
            Tag::Textarea | Tag::Iframe | Tag::Noembed => self.insert_raw(name),
            Tag::Optgroup | Tag::Option => {
                if self.current_tag() == Tag::Option {
                    self.pop();
                }
                self.reconstruct_formatting();
                self.insert(name);
            }
            Tag::Rb | Tag::Rtc => self.start_ruby(name, Tag::Document),
            Tag::Rp | Tag::Rt => self.start_ruby(name, Tag::Rtc),
            Tag::Math | Tag::Svg => {
                self.reconstruct_formatting();
                self.insert_foreign(name, name.tag == Tag::Math, false, self_closing);
            }
            _ => {
                self.reconstruct_formatting();
                self.insert(name);
            }
        }
    }

    fn start_ruby(&mut self, name: Name, except: Tag) {
        if self.has_in_scope(Scope::Default, |tag| tag == Tag::Ruby) {
            self.generate_implied_end_tags(except);
        }
        self.insert(name);
    }

    /// `html` and `body` tags that come again add their attributes; here, if there were none.
    fn merge_attributes(&mut self, depth: usize) {
        let attrs = self.current.attrs;
        let Some(node) = self.stack.get(depth).map(|open| open.node) else {
            return;
        };
        if let Some(link) = self.link_mut(node)
            && link.attrs.1 == 0
        {
            link.attrs = attrs;
        }
    }

    fn close_list_item(&mut self, wanted: impl Fn(Tag) -> bool) {
        for index in (0..self.stack.len()).rev() {
            let Some(open) = self.stack.get(index).copied() else {
                break;
            };
            let tag = open.name.tag;
            if !open.foreign && wanted(tag) {
                self.generate_implied_end_tags(tag);
                self.pop_until(|other| other == tag);
                break;
            }
            if open.is_special() && !matches!(tag, Tag::Address | Tag::Div | Tag::P) {
                break;
            }
        }
        self.close_p();
    }

    fn end_in_body(&mut self, name: Name) -> Option<Token> {
        match name.tag {
            Tag::Template => return self.in_head(Token::End(name)),
            Tag::Body | Tag::Html => {
                if self.has_in_scope(Scope::Default, |tag| tag == Tag::Body) {
                    self.mode = Mode::AfterBody;
                    return (name.tag == Tag::Html).then_some(Token::End(name));
                }
            }
            Tag::Form if self.template_modes.is_empty() => self.close_form(),
            Tag::P => {
                if !self.has_in_scope(Scope::Button, |tag| tag == Tag::P) {
                    self.insert_implied(Tag::P);
                }
                self.close_p();
            }
            Tag::Li => self.end_block(Scope::List, name.tag),
            Tag::Dd | Tag::Dt => self.end_block(Scope::Default, name.tag),
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => {
                if self.has_in_scope(Scope::Default, Tag::is_heading) {
                    self.generate_implied_end_tags(Tag::Document);
                    self.pop_until(Tag::is_heading);
                }
            }
            Tag::Br => {
                self.reconstruct_formatting();
                self.insert_implied(Tag::Br);
                self.pop();
            }
            Tag::Applet | Tag::Marquee | Tag::Object => {
                if self.has_in_scope(Scope::Default, |tag| tag == name.tag) {
                    self.generate_implied_end_tags(Tag::Document);
                    self.pop_until(|tag| tag == name.tag);
                    self.clear_formatting_to_marker();
                }
            }
            tag if tag.is_formatting() => self.adoption_agency(name),
            tag if tag.is_plain_block()
                || matches!(
                    tag,
                    Tag::Button | Tag::Form | Tag::Listing | Tag::Pre | Tag::Select
                ) =>
            {
                if self.has_in_scope(Scope::Default, |tag| tag == name.tag) {
                    self.generate_implied_end_tags(Tag::Document);
                    self.pop_until(|tag| tag == name.tag);
                }
            }
            _ => self.any_other_end_tag(name),
        }
        None
    }

    fn end_block(&mut self, scope: Scope, tag: Tag) {
        if self.has_in_scope(scope, |other| other == tag) {
            self.generate_implied_end_tags(tag);
            self.pop_until(|other| other == tag);
        }
    }

    fn close_form(&mut self) {
        let form = std::mem::replace(&mut self.form, NONE);
        let in_scope = self.has_in_scope(Scope::Default, |tag| tag == Tag::Form);
        if form == NONE || !in_scope {
            return;
        }
        self.generate_implied_end_tags(Tag::Document);
        self.stack.retain(|open| open.node != form);
    }

    pub(super) fn any_other_end_tag(&mut self, name: Name) {
        for index in (0..self.stack.len()).rev() {
            let Some(open) = self.stack.get(index).copied() else {
                return;
            };
            if open.name == name && !open.foreign {
                self.generate_implied_end_tags(name.tag);
                while self.stack.len() > index {
                    self.pop();
                }
                return;
            }
            if open.is_special() {
                return;
            }
        }
    }
}
