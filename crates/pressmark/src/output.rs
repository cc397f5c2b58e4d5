//! What people and programs read: data on standard output, everything else on standard error.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;

/// Checked, and found wrong.
pub(crate) const FOUND_WRONG: u8 = 1;
/// Could not run, or not to the end.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// An error with what to do next.
#[derive(Debug)]
pub(crate) struct Hinted {
    message: String,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Hinted {}

/// An error that says what to do next.
pub(crate) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Hinted {
        message: message.into(),
        hint: hint.into(),
    }
    .into()
}

/// Prints an error with its causes and its hint, and gives the exit code. A reader that went away,
/// such as `head`, is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let mut text = String::from("error: ");
    let mut last = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // Some errors repeat their cause in their own words.
        if last.contains(&cause) {
            continue;
        }
        if !last.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
        last = cause;
    }
    text.push('\n');
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Hinted>().map(|it| &*it.hint));
    if let Some(hint) = hint.or_else(|| general_hint(error)) {
        text.push_str("hint: ");
        text.push_str(hint);
        text.push('\n');
    }
    // There is nobody left to tell when standard error is closed.
    drop(io::stderr().write_all(harmless(&text).as_bytes()));
    ExitCode::from(COULD_NOT_RUN)
}

/// What to do about faults of the machine, wherever they come up.
fn general_hint(error: &anyhow::Error) -> Option<&'static str> {
    let text = format!("{error:#}").to_ascii_lowercase();
    let full = [
        "no space left",
        "disk is full",
        "os error 28",
        "storage full",
        "quota",
    ];
    if full.iter().any(|sign| text.contains(sign)) {
        return Some(
            "free some space and run the command again: nothing that was archived is lost",
        );
    }
    if text.contains("did not take what was written") || text.contains("os error 5)") {
        return Some(
            "look at the disk and at the system's log, then start again: what was acknowledged \
             before is kept, the rest is fetched again",
        );
    }
    if text.contains("permission denied") || text.contains("readonly database") {
        return Some("check who owns the folder, or name another with `--data`");
    }
    if text.contains("pool timed out") || text.contains("connection refused") {
        return Some(
            "check that the database server of `[catalog] url` runs and lets this machine in",
        );
    }
    if text.contains("not a database") || text.contains("malformed") {
        return Some(
            "the catalog is damaged: restore it from a backup, then run `pressmark check`",
        );
    }
    None
}

/// Writes a line of data.
pub(crate) fn line(text: impl fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Writes a value as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    io::stdout().lock().write_all(&line)?;
    Ok(())
}

/// Writes a value as JSON for people to read too.
pub(crate) fn json_pretty(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    io::stdout().lock().write_all(&text)?;
    Ok(())
}

/// Tells the person something that is no data.
pub(crate) fn note(text: impl fmt::Display) {
    let text = harmless(&text.to_string());
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Whether standard output may have colours.
pub(crate) fn colours() -> bool {
    io::stdout().is_terminal()
}

/// A text in bold, where colours are.
pub(crate) fn bold(text: &str) -> String {
    if colours() {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// A text in a faint colour, where colours are.
pub(crate) fn faint(text: &str) -> String {
    if colours() {
        format!("\u{1b}[2m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// A text that was taken out: red where colours are, else marked as `git diff --word-diff` does.
pub(crate) fn removed(text: &str) -> String {
    match colours() {
        _ if text.is_empty() => String::new(),
        true => format!("\u{1b}[9;31m{text}\u{1b}[0m"),
        false => format!("[-{text}-]"),
    }
}

/// A text that was put in: green where colours are.
pub(crate) fn added(text: &str) -> String {
    match colours() {
        _ if text.is_empty() => String::new(),
        true => format!("\u{1b}[4;32m{text}\u{1b}[0m"),
        false => format!("{{+{text}+}}"),
    }
}

/// How many columns the terminal has; 100 where there is none.
pub(crate) fn columns() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(100, |(_, columns)| usize::from(columns))
}

/// Removes what could steer a terminal from a text that came from the web, also what turns round
/// the order of the characters that are shown.
pub(crate) fn harmless(text: &str) -> String {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|&c| !c.is_control() && !turns(c) || c == '\n')
        .collect()
}

/// A number of things, in the words for one and for more.
pub(crate) fn count(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// A number of bytes in decimal units.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// Rows with aligned columns, the last one as it is.
pub(crate) fn table(rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|n| {
            rows.iter()
                .filter_map(|row| row.get(n))
                .map(|cell| width(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = io::stdout().lock();
    for row in rows {
        let mut text = String::new();
        for (n, (cell, full)) in row.iter().zip(&widths).enumerate() {
            text.push_str(cell);
            if n + 1 < row.len() {
                text.extend(std::iter::repeat_n(' ', full - width(cell) + 2));
            }
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// How many columns of a terminal a text takes: two for most of the characters of East Asia.
pub(crate) fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c),
            0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
            | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_web_steers_the_terminal() {
        let text = "a\u{1b}[31m\u{7}\u{9b}2J\rb\nc \u{202e}d\u{2066}e\u{2069}\u{202a} 文";
        assert_eq!(harmless(text), "a[31m2Jb\nc de 文");
    }
}
