//! What became of the blocks of a page.

use pressmark_extract::Decision;

use crate::output;

/// Prints a line for each decision: `+` for what is of the article, `-` for what is not.
pub(super) fn print(trace: &[Decision]) -> anyhow::Result<()> {
    for decision in trace {
        let sign = if decision.kept { '+' } else { '-' };
        let line = format!(
            "{sign} {:<9} {}: {}",
            decision.step, decision.element, decision.reason
        );
        output::line(output::harmless(&line))?;
        if !decision.text.is_empty() {
            let text = format!("            {}", decision.text);
            output::line(output::faint(&output::harmless(&text)))?;
        }
    }
    Ok(())
}
