//! HTML and titles on one line, with the same meaning.

/// HTML on one line: lines trimmed and joined. Where joining them with nothing would glue two
/// words, a space stands between; newlines that show (in `pre`) or are part of a value become
/// `&#10;`.
pub(crate) fn one_line(html: &str) -> String {
    let tokens = tokens(html);
    let mut line = Line {
        out: String::with_capacity(html.len()),
        ..Line::default()
    };
    let mut preformatted = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) if preformatted > 0 => line.push_kept(text),
            Token::Text(text) => {
                let after = tokens.get(at + 1..).unwrap_or_default();
                line.push_text(text, after);
            }
            Token::Tag(tag) => {
                let name = tag_name(tag);
                let rest = tokens.get(at..).unwrap_or_default();
                line.join(rest);
                line.push_tag(tag);
                line.after_block = is_block(&name);
                if name == "pre" || name == "textarea" {
                    preformatted = if tag.starts_with("</") {
                        preformatted.saturating_sub(1)
                    } else {
                        preformatted + 1
                    };
                }
            }
        }
    }
    line.out
}

/// A title on one line: control characters are dropped, and space is one blank.
pub(crate) fn plain_line(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| !c.is_control()).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    words.join(" ")
}

enum Token<'a> {
    Text(&'a str),
    Tag(&'a str),
}

#[derive(Default)]
struct Line {
    out: String,
    /// A newline was left out since the last character that was written.
    broken: bool,
    /// The last character of text.
    last: Option<char>,
    after_block: bool,
}

impl Line {
    /// Ends a break before what comes next, with a space if words would be glued without one.
    fn join(&mut self, next: &[Token<'_>]) {
        if !std::mem::take(&mut self.broken) || self.out.is_empty() || self.after_block {
            return;
        }
        let before_block =
            matches!(next.first(), Some(Token::Tag(tag)) if is_block(&tag_name(tag)));
        if before_block || written_together(self.last, next_char(next)) {
            return;
        }
        self.out.push(' ');
    }

    fn push_text(&mut self, text: &str, after: &[Token<'_>]) {
        let mut rest = text;
        while !rest.is_empty() {
            let (space, tail) = rest.split_at(rest.len() - rest.trim_ascii_start().len());
            if space.contains(['\n', '\r']) {
                self.broken = true;
            } else if !space.is_empty() && !self.broken {
                self.out.push_str(space);
                self.last = Some(' ');
            }
            let end = tail
                .find(|c: char| c.is_ascii_whitespace())
                .unwrap_or(tail.len());
            let (word, tail) = tail.split_at(end);
            if !word.is_empty() {
                self.join(&[Token::Text(word)]);
                self.out.push_str(word);
                self.last = word.chars().next_back();
                self.after_block = false;
            }
            rest = tail;
        }
        if after.is_empty() {
            self.broken = false;
        }
    }

    fn push_kept(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace(['\n', '\r'], "&#10;");
        self.out.push_str(&text);
        self.last = text.chars().next_back().or(self.last);
        self.after_block = false;
    }

    fn push_tag(&mut self, tag: &str) {
        let mut quote = None;
        let mut broken = false;
        for c in tag.chars() {
            match (c, quote) {
                ('\r', Some(_)) => {}
                ('\n', Some(_)) => self.out.push_str("&#10;"),
                ('\n' | '\r', None) => broken = true,
                (' ' | '\t' | '\x0c', None) if broken => {}
                _ => {
                    if std::mem::take(&mut broken) {
                        let tight = self.out.ends_with([' ', '\t']) || c == '>';
                        self.out.push_str(if tight { "" } else { " " });
                    }
                    quote = match quote {
                        None if c == '"' || c == '\'' => Some(c),
                        Some(open) if open == c => None,
                        same => same,
                    };
                    self.out.push(c);
                }
            }
        }
    }
}

/// Divides HTML into tags (and comments) and the text between them.
fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let opens = |at: usize| {
            let after = rest.get(at + 1..).unwrap_or_default();
            after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
        };
        let start = rest
            .match_indices('<')
            .map(|(at, _)| at)
            .find(|&at| opens(at));
        let (text, tail) = rest.split_at(start.unwrap_or(rest.len()));
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        let (tag, tail) = tail.split_at(tag_length(tail));
        if !tag.is_empty() {
            tokens.push(Token::Tag(tag));
        }
        rest = tail;
    }
    tokens
}

/// How long the tag or comment at the beginning is; all, if it does not end.
fn tag_length(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('>', None) => return at + 1,
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn tag_name(tag: &str) -> String {
    tag.trim_start_matches(['<', '/'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Elements next to which white space does not show.
fn is_block(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "col",
        "colgroup",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    BLOCKS.binary_search(&name).is_ok()
}

fn next_char(tokens: &[Token<'_>]) -> Option<char> {
    tokens.iter().find_map(|token| match token {
        Token::Text(text) => text.chars().next(),
        Token::Tag(_) => None,
    })
}

/// Whether no space is written between these two: Chinese and Japanese, which break anywhere.
fn written_together(left: Option<char>, right: Option<char>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return false;
    };
    let wide = |c: char| {
        matches!(c, '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
    };
    let shared = |c: char| matches!(c, '—' | '…' | '‘' | '’' | '“' | '”');
    (wide(left) && (wide(right) || shared(right))) || (shared(left) && wide(right))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_trimmed_and_joined() {
        assert_eq!(
            one_line("\n<article>\n  <p>One</p>\r\n  <p>two </p>\n</article>\n"),
            "<article><p>One</p><p>two </p></article>"
        );
    }

    #[test]
    fn words_are_not_glued() {
        assert_eq!(
            one_line("<p>One\n   two <b>three</b>\n<i>four</i>\nfive\n</p>"),
            "<p>One two <b>three</b> <i>four</i> five</p>"
        );
        assert_eq!(one_line("a\n<br>\nb\n<p>c</p>\nd"), "a<br>b<p>c</p>d");
        assert_eq!(one_line("<li>a <b>\n b</b></li>"), "<li>a <b> b</b></li>");
        assert_eq!(one_line("1 <\n2 & 3\n> 2"), "1 < 2 & 3 > 2");
    }

    #[test]
    fn chinese_gets_no_spaces() {
        assert_eq!(
            one_line("<p>他说，\n“可以”\n<b>吗</b>\n？\nOK\n了</p>"),
            "<p>他说，“可以”<b>吗</b>？ OK 了</p>"
        );
    }

    #[test]
    fn newlines_that_mean_something_stay() {
        assert_eq!(
            one_line("<pre>a\n  b\r\n</pre>\n<p>c</p>"),
            "<pre>a&#10;  b&#10;</pre><p>c</p>"
        );
        assert_eq!(
            one_line("<img\n   src='x'\n   alt=\"a > b\nc\"\n>\nd"),
            "<img src='x' alt=\"a > b&#10;c\"> d"
        );
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(plain_line(" A\u{7}b \n\t c\u{3000}d\u{1} \u{2} "), "Ab c d");
    }

    proptest! {
        #[test]
        fn it_is_one_line_and_stays_so(html in "([a-z中“<>/\"'=!-]|[ \n\r]|<p>|</p>|<b>|<pre>|</pre>|<a b='){0,40}") {
            let line = one_line(&html);
            prop_assert!(!line.contains(['\n', '\r']), "{line:?}");
            prop_assert_eq!(one_line(&line), line.clone());
            let letters = |text: &str| -> String {
                text.replace("&#10;", "").chars().filter(|c| !c.is_whitespace()).collect()
            };
            prop_assert_eq!(letters(&line), letters(&html));
        }
    }
}
