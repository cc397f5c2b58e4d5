//! `history`: what became of an article; `diff`: what was changed between two of its versions.

use std::process::ExitCode;

use anyhow::Context as _;
use pressmark_archive::absence::Absence;
use pressmark_archive::change::{Change, ChangeKind};
use pressmark_archive::edit::EditClass;
use pressmark_archive::version::{ArticleView, Version, VersionHead};
use pressmark_html::diff::{self, Block, Diff, Pair, Piece, Side};
use pressmark_model::VersionNumber;
use serde_json::{Value, json};

use super::show::resolve;
use crate::cli::{DiffArgs, History};
use crate::data::{Data, Open};
use crate::output::{self, hinted};

/// Unchanged paragraphs that stay on either side of a change.
const CONTEXT: usize = 1;

/// Shows the versions of an article and what its outlet did, the oldest first.
pub(super) async fn run(data: Data, history: &History) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let view = find(&open, &history.article).await?;
    if history.json {
        output::json_pretty(&as_json(&view))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(output::bold(&output::harmless(&view.summary.title)))?;
    output::line(output::faint(&view.summary.url.to_string()))?;
    let mut rows = Vec::new();
    for version in &view.versions {
        let edit = view.changes.iter().find(|edit| edit.leaf == version.leaf);
        rows.push((version.leaf, version_row(version, edit)));
    }
    let notices = view.changes.iter().filter(|change| is_notice(change));
    rows.extend(notices.map(|notice| (notice.leaf, notice_row(notice))));
    rows.sort_by_key(|(leaf, _)| *leaf);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    output::table(&rows)?;
    output::line(output::faint(&format!("last seen {}", view.last_seen_at)))?;
    Ok(ExitCode::SUCCESS)
}

async fn find(open: &Open, article: &str) -> anyhow::Result<ArticleView> {
    let missing = || {
        hinted(
            format!("there is no article `{article}`"),
            "give an id, an address, or slug/number; `pressmark articles` lists them",
        )
    };
    let id = resolve(&open.archive, article).await?.ok_or_else(missing)?;
    let view = open.archive.catalog().article(id).await?;
    view.ok_or_else(missing)
}

fn is_notice(change: &Change) -> bool {
    matches!(change.kind, ChangeKind::Deleted | ChangeKind::Returned)
}

fn version_row(version: &VersionHead, edit: Option<&Change>) -> Vec<String> {
    let mut said = version.kind.as_str().to_owned();
    if let Some(edit) = edit {
        said = format!(
            "{said}: {}, {} letters",
            classes(edit).join(", "),
            edit.size
        );
        if edit.silent {
            said.push_str(", silent");
        }
    }
    if version.partial {
        said.push_str(", partial");
    }
    if version.clock_doubtful {
        said.push_str(", clock doubtful");
    }
    vec![
        format!("version {}", version.number),
        output::faint(&version.captured_at.to_string()),
        said,
    ]
}

fn notice_row(notice: &Change) -> Vec<String> {
    let said = match notice.reason {
        Some(reason) => format!("{}: {}", notice.kind.as_str(), reason.as_str()),
        None => notice.kind.as_str().to_owned(),
    };
    vec![
        format!("leaf {}", notice.leaf),
        output::faint(&notice.at.to_string()),
        said,
    ]
}

fn classes(change: &Change) -> Vec<&'static str> {
    change.classes.iter().map(EditClass::as_str).collect()
}

fn as_json(view: &ArticleView) -> Value {
    let versions: Vec<Value> = view
        .versions
        .iter()
        .map(|version| {
            json!({
                "version": version.number, "kind": version.kind.as_str(), "title": version.title,
                "captured_at": version.captured_at.to_string(), "digest": version.digest,
                "leaf": version.leaf, "partial": version.partial,
                "clock": version.clock_doubtful.then_some("doubtful"),
            })
        })
        .collect();
    let changes: Vec<Value> = view.changes.iter().map(change_json).collect();
    json!({
        "id": view.summary.id, "url": view.summary.url, "source": view.summary.slug,
        "title": view.summary.title, "versions": versions, "changes": changes,
        "deleted": super::show::deletion_json(&view.summary),
        "last_seen_at": view.last_seen_at.to_string(),
    })
}

fn change_json(change: &Change) -> Value {
    json!({
        "leaf": change.leaf, "kind": change.kind.as_str(), "version": change.version,
        "at": change.at.to_string(), "classes": classes(change), "size": change.size,
        "silent": change.silent, "reason": change.reason.map(Absence::as_str),
    })
}

/// Shows what was changed between two versions: without numbers, the last one and the one before.
pub(super) async fn compare(data: Data, args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let view = find(&open, &args.article).await?;
    let last = view.versions.last().context("the article has no version")?;
    let (from, to) = match (args.from, args.to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, last.number.0),
        (None, _) => (last.number.0 - 1, last.number.0),
    };
    let (from, to) = (VersionNumber(from), VersionNumber(to));
    let compared = open.archive.compare(view.summary.id, from, to).await?;
    let Some(compared) = compared else {
        return Err(hinted(
            format!(
                "article {} has no versions {from} and {to}",
                view.summary.id
            ),
            format!("it has versions 1 to {}", view.versions.len()),
        ));
    };
    let (old, new) = (&compared.old, &compared.new);
    if args.json {
        output::json_pretty(&diff_json(old, new))?;
        return Ok(ExitCode::SUCCESS);
    }
    if compared.read_again {
        output::note(format_args!(
            "version {from} was read by another extractor: its capture was read again for this"
        ));
    }
    print(old, new, args)?;
    Ok(ExitCode::SUCCESS)
}

fn print(old: &Version, new: &Version, args: &DiffArgs) -> anyhow::Result<()> {
    let moment =
        |version: &Version| format!("version {} of {}", version.number, version.captured_at);
    output::line(output::faint(&format!("{} → {}", moment(old), moment(new))))?;
    output::line(output::bold(&marked(&diff::line(
        &old.article.title,
        &new.article.title,
    ))))?;
    let diff = Diff::of(&old.article.text, &new.article.text);
    if args.side_by_side {
        let width = args.width.unwrap_or_else(output::columns).max(20);
        for block in diff.side_by_side(CONTEXT) {
            output::line("")?;
            match block {
                Block::Same(text) => beside(&unchanged(text), &unchanged(text), width)?,
                Block::Changed(Pair { old, new }) => beside(&old, &new, width)?,
                Block::Skipped(n) => output::line(skipped(n))?,
            }
        }
        return Ok(());
    }
    for block in diff.inline(CONTEXT) {
        output::line("")?;
        match block {
            Block::Same(text) => output::line(output::harmless(text))?,
            Block::Changed(pieces) => output::line(marked(&pieces))?,
            Block::Skipped(n) => output::line(skipped(n))?,
        }
    }
    Ok(())
}

fn unchanged(text: &str) -> Vec<Piece> {
    vec![Piece {
        side: Side::Both,
        text: text.to_owned(),
    }]
}

fn skipped(n: usize) -> String {
    let counted = output::count(n as u64, "unchanged paragraph", "unchanged paragraphs");
    output::faint(&format!("… {counted} …"))
}

/// The pieces in one line: in colours on a terminal, else between `[-` `-]` and `{+` `+}`.
fn marked(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| {
        let text = output::harmless(&piece.text);
        match piece.side {
            Side::Both => text,
            Side::Old => output::removed(&text),
            Side::New => output::added(&text),
        }
    };
    pieces.iter().map(piece).collect()
}

/// Two paragraphs in two columns.
fn beside(old: &[Piece], new: &[Piece], width: usize) -> std::io::Result<()> {
    let column = width.saturating_sub(3) / 2;
    let (left, right) = (wrapped(old, column), wrapped(new, column));
    for at in 0..left.len().max(right.len()) {
        let (text, taken) = left.get(at).cloned().unwrap_or_default();
        let (other, _) = right.get(at).cloned().unwrap_or_default();
        let gap = " ".repeat(column.saturating_sub(taken));
        output::line(format_args!("{text}{gap} {} {other}", output::faint("│")))?;
    }
    Ok(())
}

/// Pieces in lines of at most so many columns of a terminal, each with its width. Lines break
/// after a blank, or between the characters of scripts that have none.
fn wrapped(pieces: &[Piece], column: usize) -> Vec<(String, usize)> {
    let mut lines = vec![(String::new(), 0)];
    for piece in pieces {
        let text = output::harmless(&piece.text).replace('\n', " ");
        let mut run = String::new();
        for word in words(&text) {
            let width = output::width(word);
            let taken = lines.last().map_or(0, |(_, taken)| *taken);
            if taken > 0 && taken + output::width(word.trim_end()) > column {
                end(&mut lines, &mut run, piece.side);
                lines.push((String::new(), 0));
            }
            run.push_str(word);
            if let Some((_, taken)) = lines.last_mut() {
                *taken += width;
            }
        }
        end(&mut lines, &mut run, piece.side);
    }
    lines
}

fn end(lines: &mut [(String, usize)], run: &mut String, side: Side) {
    if let Some((line, _)) = lines.last_mut() {
        let text = std::mem::take(run);
        line.push_str(&match side {
            Side::Both => text,
            Side::Old => output::removed(&text),
            Side::New => output::added(&text),
        });
    }
}

/// Words with the blanks after them; wide characters one by one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let wide = |c: char| output::width(c.encode_utf8(&mut [0; 4])) > 1;
        let end = if wide(first) {
            chars.next().map_or(rest.len(), |(at, _)| at)
        } else {
            let mut blank = first == ' ';
            chars
                .find(|(_, c)| {
                    let ends = wide(*c) || blank && *c != ' ';
                    blank = *c == ' ';
                    ends
                })
                .map_or(rest.len(), |(at, _)| at)
        };
        let (word, left) = rest.split_at_checked(end)?;
        rest = left;
        Some(word)
    })
}

fn diff_json(old: &Version, new: &Version) -> Value {
    let pieces = |pieces: &[Piece]| -> Vec<Value> {
        let side = |side| match side {
            Side::Both => "both",
            Side::Old => "old",
            Side::New => "new",
        };
        let piece = |piece: &Piece| json!({ "side": side(piece.side), "text": piece.text });
        pieces.iter().map(piece).collect()
    };
    let diff = Diff::of(&old.article.text, &new.article.text);
    let blocks: Vec<Value> = diff
        .inline(CONTEXT)
        .into_iter()
        .map(|block| match block {
            Block::Same(text) => json!({ "same": text }),
            Block::Changed(changed) => json!({ "changed": pieces(&changed) }),
            Block::Skipped(n) => json!({ "skipped": n }),
        })
        .collect();
    let apart = new.captured_at.since(old.captured_at);
    let edit = pressmark_archive::edit::Edit::between(&old.article, &new.article, apart);
    let classes: Vec<_> = edit.classes.iter().map(EditClass::as_str).collect();
    json!({
        "article": new.article_id, "from": old.number, "to": new.number, "classes": classes,
        "size": edit.size, "silent": edit.silent,
        "title": pieces(&diff::line(&old.article.title, &new.article.title)), "text": blocks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_break_between_words_and_between_wide_characters() {
        let piece = |side, text: &str| Piece {
            side,
            text: text.to_owned(),
        };
        let lines = |pieces: &[Piece], column| -> Vec<String> {
            let lines = wrapped(pieces, column);
            assert!(
                lines
                    .iter()
                    .all(|(line, _)| output::width(line.trim_end()) <= column)
            );
            lines.into_iter().map(|(line, _)| line).collect()
        };
        let text = [piece(Side::Both, "The council met on Monday")];
        assert_eq!(lines(&text, 12), ["The council ", "met on ", "Monday"]);
        let chinese = [piece(Side::Both, "渡轮清晨六点启航")];
        assert_eq!(lines(&chinese, 9), ["渡轮清晨", "六点启航"]);
        let changed = [
            piece(Side::Both, "at "),
            piece(Side::Old, "4.2"),
            piece(Side::Both, " million"),
        ];
        assert_eq!(wrapped(&changed, 40)[0].0, "at [-4.2-] million");
    }

    #[test]
    fn words_keep_their_blanks() {
        let split: Vec<&str> = words("a  bc 渡轮d").collect();
        assert_eq!(split, ["a  ", "bc ", "渡", "轮", "d"]);
    }
}
