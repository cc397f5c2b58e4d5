//! Reading a rule file.

use std::sync::Arc;

use pressmark_html::{Tag, XPath};

use super::directive::Directive;
use super::{Change, Link, Place, Rule, RuleIssue, RuleTest, SiteRules};

pub(super) fn file(name: &str, text: &str, issues: &mut Vec<RuleIssue>) -> SiteRules {
    let mut reader = Reader {
        file: name.into(),
        line: 0,
        site: SiteRules::default(),
        issues,
        find: None,
        last_link: None,
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        reader.line = at + 1;
        reader.read(line.trim());
    }
    reader.lonely_find();
    let mut site = reader.site;
    site.changes.sort_by_key(|change| change.value.rank());
    site
}

struct Reader<'i> {
    file: Arc<str>,
    line: usize,
    site: SiteRules,
    issues: &'i mut Vec<RuleIssue>,
    /// A `find_string` that waits for its `replace_string`, and its line.
    find: Option<(String, usize)>,
    /// Whether the last link was one to a single page.
    last_link: Option<Directive>,
}

impl Reader<'_> {
    fn issue(&mut self, problem: String, hint: Option<String>) {
        self.issues.push(RuleIssue {
            file: Arc::clone(&self.file),
            line: self.line,
            problem,
            hint,
        });
    }

    fn rule<T>(&self, value: T) -> Rule<T> {
        let place = Place {
            file: Arc::clone(&self.file),
            line: self.line,
        };
        Rule { value, place }
    }

    fn read(&mut self, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let Some((name, argument, value)) = parts(line) else {
            self.issue(
                format!("`{}` is no directive", beginning(line)),
                Some("write `directive: value`, or `#` before a comment".to_owned()),
            );
            return;
        };
        let Some(directive) = Directive::from_name(&name, argument.is_some()) else {
            let written = match argument {
                Some(_) => format!("{name}(…)"),
                None => name.clone(),
            };
            let hint = Directive::nearest(&name).map(|known| format!("is `{known}` meant?"));
            self.issue(
                format!("there is no directive `{}`", beginning(&written)),
                hint,
            );
            return;
        };
        let argument = argument.unwrap_or_default();
        if value.is_empty() && !matches!(directive, Directive::Replace | Directive::ReplaceString) {
            if directive != Directive::Ignored {
                self.issue(format!("`{name}` says nothing"), None);
            }
            return;
        }
        if self.take(directive, argument, value) && decides(directive) {
            let line = format!("{name}({argument}): {value}\n");
            self.site.key.push_str(&line);
        }
    }

    /// Whether the directive could be used.
    fn take(&mut self, directive: Directive, argument: &str, value: &str) -> bool {
        match directive {
            Directive::Title
            | Directive::Author
            | Directive::Date
            | Directive::Body
            | Directive::NativeAdClue => return self.query(directive, value),
            Directive::SinglePageLink
            | Directive::SinglePageLinkInFeed
            | Directive::NextPageLink => return self.link(directive, value),
            Directive::IfPageContains => return self.condition(value),
            Directive::Strip | Directive::Dissolve | Directive::WrapIn | Directive::MoveInto => {
                return self.change(directive, argument, value);
            }
            Directive::StripIdOrClass => {
                for word in bare(value).split_whitespace() {
                    let change = self.rule(Change::StripToken(word.into()));
                    self.site.changes.push(change);
                }
            }
            Directive::StripImageSrc => {
                let change = self.rule(Change::StripImage(bare(value).into()));
                self.site.changes.push(change);
            }
            Directive::SkipIdOrClass => self.site.spared.push(bare(value)),
            Directive::SrcLazyLoadAttr => self.site.lazy.push(bare(value)),
            Directive::Prune | Directive::AutodetectOnFailure | Directive::SkipJsonLd => {
                return self.switch(directive, value);
            }
            Directive::FindString => {
                self.lonely_find();
                self.find = Some((value.to_owned(), self.line));
                return false;
            }
            Directive::ReplaceString => {
                let Some((find, _)) = self.find.take() else {
                    self.issue(
                        "`replace_string` has no `find_string` before it".into(),
                        None,
                    );
                    return false;
                };
                self.replace(&find, value);
            }
            Directive::Replace if argument.is_empty() => {
                self.issue("`replace_string()` says nothing to look for".into(), None);
                return false;
            }
            Directive::Replace => self.replace(argument, value),
            Directive::HttpHeader => self
                .site
                .headers
                .push((argument.trim().to_ascii_lowercase(), value.to_owned())),
            Directive::TestUrl | Directive::TestContains => self.test(directive, value),
            Directive::LogIn => self.issue(
                "sites are not logged in to".to_owned(),
                Some("set the `cookie` of a logged-in browser for the source".to_owned()),
            ),
            Directive::Ignored => {}
        }
        true
    }

    fn xpath(&mut self, value: &str) -> Option<XPath> {
        match XPath::new(value) {
            Ok(path) => Some(path),
            Err(error) => {
                self.issue(
                    format!("`{}`: {error}", beginning(value)),
                    error.hint.map(str::to_owned),
                );
                None
            }
        }
    }

    fn query(&mut self, directive: Directive, value: &str) -> bool {
        let Some(path) = self.xpath(value) else {
            return false;
        };
        let rule = self.rule(path);
        match directive {
            Directive::Title => self.site.title.push(rule),
            Directive::Author => self.site.author.push(rule),
            Directive::Date => self.site.date.push(rule),
            Directive::Body => self.site.body.push(rule),
            _ => self.site.native_ad.push(rule),
        }
        true
    }

    fn link(&mut self, directive: Directive, value: &str) -> bool {
        self.last_link = None;
        let Some(path) = self.xpath(value) else {
            return false;
        };
        let rule = self.rule(Link {
            path,
            conditions: Vec::new(),
        });
        self.links(directive).push(rule);
        self.last_link = Some(directive);
        true
    }

    /// The rules of this kind of link.
    fn links(&mut self, directive: Directive) -> &mut Vec<Rule<Link>> {
        match directive {
            Directive::SinglePageLink => &mut self.site.single_page,
            Directive::SinglePageLinkInFeed => &mut self.site.single_page_in_feed,
            _ => &mut self.site.next_page,
        }
    }

    /// A condition on the link before it.
    fn condition(&mut self, value: &str) -> bool {
        let Some(path) = self.xpath(value) else {
            return false;
        };
        let Some(link) = self.last_link else {
            self.issue(
                "`if_page_contains` has no link before it".to_owned(),
                Some("write it behind a `single_page_link` or `next_page_link`".to_owned()),
            );
            return false;
        };
        if let Some(link) = self.links(link).last_mut() {
            link.value.conditions.push(path);
        }
        true
    }

    fn change(&mut self, directive: Directive, argument: &str, value: &str) -> bool {
        let Some(path) = self.xpath(value) else {
            return false;
        };
        if !path.gives_nodes() {
            self.issue(format!("`{}` gives no nodes", beginning(value)), None);
            return false;
        }
        let change = match directive {
            Directive::WrapIn => {
                let tag = Tag::from_name(argument.trim());
                if !tag.is_block() && !matches!(tag, Tag::Em | Tag::Strong | Tag::B | Tag::I) {
                    let problem = format!("nothing is wrapped in `{}`", beginning(argument));
                    self.issue(problem, Some("`blockquote` is, for one".to_owned()));
                    return false;
                }
                Change::Wrap(tag, path)
            }
            Directive::MoveInto => {
                let Some(into) = self.xpath(argument) else {
                    return false;
                };
                Change::Move(path, into)
            }
            Directive::Dissolve => Change::Dissolve(path),
            _ => Change::Strip(path),
        };
        let rule = self.rule(change);
        self.site.changes.push(rule);
        true
    }

    fn switch(&mut self, directive: Directive, value: &str) -> bool {
        let on = match value.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "on" => true,
            "no" | "false" | "0" | "off" => false,
            _ => {
                let problem = format!("`{}` is neither `yes` nor `no`", beginning(value));
                self.issue(problem, None);
                return false;
            }
        };
        match directive {
            Directive::Prune => self.site.prune = Some(on),
            Directive::AutodetectOnFailure => self.site.autodetect = Some(on),
            _ => self.site.skip_json_ld = Some(on),
        }
        true
    }

    fn replace(&mut self, find: &str, with: &str) {
        // A directive's value is a line; both sides of the pair decide.
        self.site.key.push_str(find);
        let rule = self.rule((find.to_owned(), with.to_owned()));
        self.site.replacements.push(rule);
    }

    fn lonely_find(&mut self) {
        if let Some((_, line)) = self.find.take() {
            let here = std::mem::replace(&mut self.line, line);
            self.issue(
                "`find_string` has no `replace_string` behind it".into(),
                None,
            );
            self.line = here;
        }
    }

    fn test(&mut self, directive: Directive, value: &str) {
        if directive == Directive::TestUrl {
            match value.parse() {
                Ok(url) => self.site.tests.push(RuleTest {
                    url,
                    contains: Vec::new(),
                    line: self.line,
                }),
                Err(_) => self.issue(format!("`{}` is no address", beginning(value)), None),
            }
        } else if let Some(test) = self.site.tests.last_mut() {
            test.contains.push(value.to_owned());
        } else {
            self.issue("`test_contains` has no `test_url` before it".into(), None);
        }
    }
}

/// The name, what stands in parentheses behind it, and the value.
fn parts(line: &str) -> Option<(String, Option<&str>, &str)> {
    let end = line.find([':', '('])?;
    let name = line.get(..end)?.trim().to_ascii_lowercase();
    let rest = line.get(end..)?;
    let (argument, value) = match rest.strip_prefix('(') {
        // What is looked for may have colons and parentheses of its own.
        Some(rest) => {
            let (argument, value) = rest.split_once("):")?;
            (Some(argument), value)
        }
        None => (None, rest.strip_prefix(':')?),
    };
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((name, argument, value.trim()))
}

/// Whether it decides on what is read.
fn decides(directive: Directive) -> bool {
    !matches!(
        directive,
        Directive::HttpHeader
            | Directive::TestUrl
            | Directive::TestContains
            | Directive::Ignored
            | Directive::LogIn
    )
}

/// Without the quotation marks that some write around words.
fn bare(value: &str) -> String {
    value.replace(['"', '\''], "").trim().to_owned()
}

fn beginning(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
