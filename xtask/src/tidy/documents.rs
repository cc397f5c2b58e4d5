//! How documents hang together.

use super::{Finding, Repository};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

pub(super) fn links_lead_somewhere(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository
        .with_extension("md")
        .filter(|file| !file.path.contains("/testdata/"))
    {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, text) in prose(&file.text) {
            for link in text
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split([')', ' ']).next())
            {
                let path = link.split('#').next().unwrap_or_default();
                let outside = path.contains("://") || path.starts_with("mailto:");
                if !outside && !path.is_empty() && !repository.has(&resolve(folder, path)) {
                    let sentence = format!("the link to `{path}` leads nowhere");
                    findings.push(Finding::new(&file.path, line, sentence));
                }
            }
        }
    }
    findings
}

pub(super) fn readmes_say_the_same(repository: &Repository) -> Vec<Finding> {
    let [Some(first), Some(second)] = READMES.map(|path| repository.get(path)) else {
        return vec![Finding::new(READMES[1], 1, "both READMEs are there")];
    };
    let mut findings = Vec::new();
    let [here, there] = [first, second].map(|file| headings(&file.text));
    if here != there {
        let sentence = format!("{there} headings, where {} has {here}", first.path);
        findings.push(Finding::new(&second.path, 1, sentence));
    }
    if code_blocks(&first.text) != code_blocks(&second.text) {
        let sentence = format!("its code blocks are not those of {}", first.path);
        findings.push(Finding::new(&second.path, 1, sentence));
    }
    findings
}

/// The lines outside code blocks, numbered from 1, without what stands in backticks.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(place, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        (!fence && !in_code).then_some((place + 1, outside))
    })
}

fn headings(text: &str) -> usize {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .count()
}

fn code_blocks(text: &str) -> Vec<&str> {
    let mut inside = false;
    let is_shown = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        inside || fence
    };
    text.lines().filter(is_shown).collect()
}

fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_links_that_lead_nowhere_are_found() {
        let text = "[a](../README.md#x) [b](adr/) [c](https://a.example) `[d](no)` [e](#here)\n\
            ```\n[f](no)\n```\n[g](lost.md)\n";
        let files = [
            ("README.md", ""),
            ("docs/a.md", text),
            ("docs/adr/0001-a.md", ""),
        ];
        let found = links_lead_somewhere(&Repository::of(&files));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].line, 5);
    }

    #[test]
    fn readmes_that_differ_are_found() {
        let (first, longer) = ("# A\n```\nrun\n```\n", "# B\n## C\n```\nrun fast\n```\n");
        let with = |text| {
            readmes_say_the_same(&Repository::of(&[(READMES[0], first), (READMES[1], text)]))
        };
        assert_eq!(with("# 甲\n```\nrun\n```\n").len(), 0);
        assert_eq!(with(longer).len(), 2);
    }
}
