//! An article as text, HTML or Markdown.

use pressmark_html::{escape, to_markdown};
use pressmark_model::Article;

use crate::cli::Form;
use crate::output;

/// Prints an article for reading in the terminal; `facts` stand below its title, one a line.
pub(super) fn text(article: &Article, facts: &[String]) -> anyhow::Result<()> {
    output::line(output::bold(&output::harmless(&article.title)))?;
    for fact in facts {
        output::line(output::faint(fact))?;
    }
    for block in output::harmless(&article.text).lines() {
        output::line("")?;
        output::line(block)?;
    }
    Ok(())
}

/// Prints an article as HTML or Markdown; gives back whether one of them was wanted.
pub(super) fn markup(article: &Article, form: Form) -> anyhow::Result<bool> {
    let heading = if article.title.is_empty() {
        String::new()
    } else {
        format!("<h1>{}</h1>", escape(&article.title))
    };
    let html = heading + &article.html;
    match form {
        Form::Text => return Ok(false),
        Form::Html => output::line(output::harmless(&html))?,
        Form::Markdown => output::line(output::harmless(to_markdown(&html, None).trim_end()))?,
    }
    Ok(true)
}
