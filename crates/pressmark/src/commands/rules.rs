//! `rules`: the user's rules for single sites, listed, checked and tried.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::ports::fetch::{
    Fetch as _, FetchOutcome, FetchPolicy, FetchRequest, Purpose, Validators,
};
use pressmark_archive::{is_page, read_whole};
use pressmark_extract::RuleTest;
use pressmark_fetch::{Fetcher, SystemResolver};
use pressmark_html::fold;
use pressmark_model::WebUrl;
use serde_json::json;

use crate::cli::{RulesAt, RulesCommand};
use crate::data::{Data, fetcher};
use crate::machine::{SystemClock, asked_to_end};
use crate::output::{self, count};
use crate::rules;

/// Lists, checks or tries rules.
pub(super) async fn run(data: &Data, command: &RulesCommand) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::List(at) => list(data, at),
        RulesCommand::Check(at) => check(data, at),
        RulesCommand::Test(at) => test(data, at).await,
    }
}

fn list(data: &Data, at: &RulesAt) -> anyhow::Result<ExitCode> {
    let (rules, _) = rules::load(&data.dir, at.place.as_deref())?;
    if at.json {
        let sites: Vec<_> = rules
            .sites()
            .map(|(host, site)| {
                json!({ "site": host, "rules": site.len(), "tests": site.tests().len(),
                    "digest": site.digest() })
            })
            .collect();
        output::json_pretty(&sites)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = rules
        .sites()
        .map(|(host, site)| {
            vec![
                output::bold(host),
                count(site.len() as u64, "rule", "rules"),
                count(site.tests().len() as u64, "test", "tests"),
            ]
        })
        .collect();
    if rows.is_empty() {
        let folder = data.dir.join("rules");
        output::note(format_args!(
            "there are no rules\nhint: put files such as `news.example.txt` into `{}`",
            folder.display()
        ));
    }
    output::table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

fn check(data: &Data, at: &RulesAt) -> anyhow::Result<ExitCode> {
    let (rules, issues) = rules::load(&data.dir, at.place.as_deref())?;
    if at.json {
        let issues: Vec<_> = issues
            .iter()
            .map(|issue| {
                json!({ "file": &*issue.file, "line": issue.line, "problem": issue.problem,
                    "hint": issue.hint })
            })
            .collect();
        output::json_pretty(&issues)?;
    } else {
        for issue in &issues {
            output::line(rules::told(issue))?;
        }
        let sites = count(rules.sites().count() as u64, "site", "sites");
        let wrong = match issues.len() {
            0 => "all of it can be used".to_owned(),
            1 => "1 line cannot be used".to_owned(),
            more => format!("{more} lines cannot be used"),
        };
        output::line(format_args!("rules for {sites}: {wrong}"))?;
    }
    Ok(code(issues.is_empty()))
}

fn code(right: bool) -> ExitCode {
    if right {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(output::FOUND_WRONG)
    }
}

/// Reads the pages that the files name, and looks for the texts that they name.
async fn test(data: &Data, at: &RulesAt) -> anyhow::Result<ExitCode> {
    let knowledge = data.knowledge(at.place.as_deref())?;
    let clock = Arc::new(SystemClock);
    let fetcher = fetcher(data.config(), clock, Arc::new(SystemResolver))?;
    let tests: Vec<(&str, &RuleTest)> = knowledge
        .rules
        .sites()
        .flat_map(|(host, site)| site.tests().iter().map(move |test| (host, test)))
        .collect();
    let bar = bar(tests.len() as u64, at.json);
    let mut failed = 0_u64;
    for (host, test) in &tests {
        bar.set_message(test.url.to_string());
        let result = tokio::select! {
            result = try_one(&fetcher, &knowledge, test) => result,
            () = asked_to_end() => {
                bar.finish_and_clear();
                output::note("interrupted; the tests begin anew next time");
                return Ok(ExitCode::from(output::COULD_NOT_RUN));
            }
        };
        bar.inc(1);
        failed += u64::from(result.is_err());
        let problem = result.err().map(|problem| output::harmless(&problem));
        bar.suspend(|| {
            if at.json {
                return output::json_line(&json!({
                    "site": host, "line": test.line, "url": test.url, "problem": problem,
                }));
            }
            match &problem {
                None => output::line(format_args!("passed  {}", test.url))?,
                Some(problem) => output::line(format_args!(
                    "failed  {} ({host}.txt line {}): {problem}",
                    test.url, test.line
                ))?,
            }
            anyhow::Ok(())
        })?;
    }
    bar.finish_and_clear();
    if !at.json {
        let all = count(tests.len() as u64, "page", "pages");
        output::line(format_args!("{all} read, {failed} failed"))?;
    }
    Ok(code(failed == 0))
}

fn bar(tests: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(tests);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Why the article of the page, with its further pages, is not read as its test wants it, if it is
/// not.
async fn try_one(
    fetcher: &Fetcher,
    knowledge: &SiteKnowledge,
    test: &RuleTest,
) -> Result<(), String> {
    let request = |url: &WebUrl| FetchRequest {
        url: url.clone(),
        purpose: Purpose::Article,
        validators: Validators::default(),
        policy: knowledge.policy(url, FetchPolicy::default()),
        patience: super::add::PATIENCE,
    };
    let page = match fetcher.fetch(request(&test.url)).await {
        FetchOutcome::Page(page) => page,
        FetchOutcome::Failed(failed) => return Err(failed.failure.to_string()),
        FetchOutcome::NotModified(_) => return Err("the server sent no page".to_owned()),
    };
    is_page(page.content_type(), &page.body).map_err(|failure| failure.to_string())?;
    let found = read_whole(fetcher, &page, knowledge.of(&page.final_url), request)
        .await
        .map_err(|failure| format!("a further page of it: {failure}"))?;
    let article = fold(&found.article.text);
    if article.is_empty() {
        return Err("no article is found".to_owned());
    }
    let missing = test
        .contains
        .iter()
        .find(|part| !article.contains(&fold(part)));
    match missing {
        Some(part) => Err(format!("`{part}` is not in the article")),
        None => Ok(()),
    }
}
