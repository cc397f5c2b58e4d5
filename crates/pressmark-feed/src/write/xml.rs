//! The syntax of XML, for writers.

use crate::control;

/// A document that grows.
#[derive(Debug)]
pub(crate) struct Xml {
    out: String,
    indent: usize,
}

impl Xml {
    pub(crate) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            indent: 0,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn line(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.indent));
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.line();
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            push_attribute(value, &mut self.out);
            self.out.push('"');
        }
    }

    /// A start tag, whose children follow.
    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str(">\n");
        self.indent += 1;
    }

    /// The end tag of an element with children.
    pub(crate) fn close(&mut self, name: &str) {
        self.indent = self.indent.saturating_sub(1);
        self.line();
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str("/>\n");
    }

    /// An element that holds a text.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.out.push('>');
        push_text(text, &mut self.out);
        self.end(name);
    }

    /// An element that holds a text, where there is one.
    pub(crate) fn text_of(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, &[], text);
        }
    }

    /// An element that holds a text as a CDATA section.
    pub(crate) fn cdata(&mut self, name: &str, text: &str) {
        self.tag(name, &[]);
        self.out.push_str("><![CDATA[");
        let allowed: String = text
            .chars()
            .filter(|next| control::is_allowed(*next))
            .collect();
        self.out
            .push_str(&allowed.replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
        self.end(name);
    }

    fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }
}

fn push_text(text: &str, out: &mut String) {
    for character in text
        .chars()
        .filter(|character| control::is_allowed(*character))
    {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

fn push_attribute(value: &str, out: &mut String) {
    for character in value
        .chars()
        .filter(|character| control::is_allowed(*character))
    {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            other => out.push(other),
        }
    }
}
