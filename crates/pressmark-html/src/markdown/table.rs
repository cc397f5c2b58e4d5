//! Tables, as GitHub Flavored Markdown has them: one line a row, a row of headings always.

use super::inline::{Place, render};
use super::is_block;
use crate::attr::Attr;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// The most columns that spans are honoured for.
const MAX_COLUMNS: usize = 64;

fn rows_of<'t>(tree: &'t Tree<'_>, table: NodeId) -> impl Iterator<Item = NodeId> + 't {
    tree.children(table)
        .filter(|part| matches!(tree.tag(*part), Tag::Thead | Tag::Tbody | Tag::Tfoot))
        .flat_map(|part| tree.children(part))
}

/// The cells of a table, row by row.
pub(super) fn cells(tree: &Tree<'_>, table: NodeId) -> Vec<NodeId> {
    rows_of(tree, table)
        .flat_map(|row| tree.children(row))
        .collect()
}

/// Whether a table is no more than its cells one below the other.
pub(super) fn is_list(tree: &Tree<'_>, cells: &[NodeId]) -> bool {
    cells
        .iter()
        .all(|cell| tree.children(tree.parent(*cell)).count() == 1)
}

/// The lines of a table, the headings and the rule below them first.
pub(super) fn rows(tree: &Tree<'_>, table: NodeId) -> Vec<String> {
    let mut grid: Vec<Vec<String>> = Vec::new();
    // For each column: how many more rows a cell above reaches into.
    let mut reach: Vec<u16> = Vec::new();
    for row in rows_of(tree, table) {
        let mut line: Vec<String> = Vec::new();
        for cell in tree.children(row) {
            skip_reached(&mut line, &mut reach);
            let span = |attr| tree.attr(cell, attr).and_then(|n| n.parse::<u16>().ok());
            let down = span(Attr::Rowspan).unwrap_or(1).saturating_sub(1);
            let right = usize::from(span(Attr::Colspan).unwrap_or(1));
            let right = right.min(MAX_COLUMNS.saturating_sub(line.len())).max(1);
            let mut text = text_of(tree, cell);
            for _ in 0..right {
                reach.resize(reach.len().max(line.len() + 1), 0);
                if let Some(slot) = reach.get_mut(line.len()) {
                    *slot = down;
                }
                line.push(std::mem::take(&mut text));
            }
        }
        skip_reached(&mut line, &mut reach);
        grid.push(line);
    }
    let columns = grid.iter().map(Vec::len).max().unwrap_or(0);
    let first = rows_of(tree, table).next();
    let headed = first.is_some_and(|row| {
        tree.tag(tree.parent(row)) == Tag::Thead
            || tree.children(row).all(|cell| tree.tag(cell) == Tag::Th)
    });
    let mut lines = Vec::with_capacity(grid.len() + 2);
    if !headed {
        lines.push(joined(&[], columns));
    }
    lines.extend(grid.iter().map(|row| joined(row, columns)));
    lines.insert(1.min(lines.len()), format!("|{}", " --- |".repeat(columns)));
    lines
}

/// Leaves the places empty that cells above reach into.
fn skip_reached(line: &mut Vec<String>, reach: &mut [u16]) {
    while let Some(rows) = reach.get_mut(line.len()).filter(|rows| **rows > 0) {
        *rows -= 1;
        line.push(String::new());
    }
}

fn joined(row: &[String], columns: usize) -> String {
    let mut line = String::from("|");
    for at in 0..columns {
        let text = row.get(at).map_or("", String::as_str);
        line.push(' ');
        line.push_str(text);
        line.push_str(if text.is_empty() { "|" } else { " |" });
    }
    line
}

/// The lines of a cell as one.
fn text_of(tree: &Tree<'_>, cell: NodeId) -> String {
    let mut lines = Vec::new();
    add_lines(tree, cell, &mut lines);
    lines.join("<br>")
}

fn add_lines(tree: &Tree<'_>, id: NodeId, lines: &mut Vec<String>) {
    let mut run = Vec::new();
    let end = |run: &mut Vec<NodeId>, lines: &mut Vec<String>| {
        let line = render(tree, &std::mem::take(run), None, Place::Cell);
        if !line.is_empty() {
            lines.push(line);
        }
    };
    for child in tree.children(id) {
        if is_block(tree.tag(child)) {
            end(&mut run, lines);
            add_lines(tree, child, lines);
        } else {
            run.push(child);
        }
    }
    end(&mut run, lines);
}
