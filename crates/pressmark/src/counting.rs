//! Progress of work whose end is not known: a spinner on a terminal, lines elsewhere.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// So many things are told in one line where there is no terminal.
const LINE: u64 = 10_000;

/// Counts what was done.
pub(crate) struct Counting {
    bar: ProgressBar,
    things: &'static str,
    in_lines: bool,
}

impl Counting {
    /// Counts these things, such as `versions`; in lines, if `in_lines` or there is no terminal.
    pub(crate) fn of(things: &'static str, in_lines: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        let in_lines = in_lines || !std::io::stderr().is_terminal();
        if in_lines {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {pos} {msg} {elapsed} {per_sec}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(things);
        Self {
            bar,
            things,
            in_lines,
        }
    }

    /// So many more were done.
    pub(crate) fn add(&self, more: u64) {
        let before = self.bar.position();
        self.bar.inc(more);
        if self.in_lines && before / LINE != (before + more) / LINE {
            output::note(format_args!("{} {}", before + more, self.things));
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
