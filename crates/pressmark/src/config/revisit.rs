//! `[revisit]`: how archived pages are looked at again.

use std::time::Duration;

use pressmark_archive::revisit::{Revisits, Step};
use pressmark_archive::span;
use serde::Deserialize;

/// `[revisit]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RevisitSection {
    /// `3h until 1d`, the youngest age first; empty: never.
    pub(crate) schedule: Option<Vec<Step>>,
    #[serde(with = "span::option")]
    pub(crate) confirm_after: Option<Duration>,
    /// A second route: the proxy of the visit that confirms a deletion.
    pub(crate) proxy: Option<String>,
}

impl RevisitSection {
    /// What is in force.
    pub(crate) fn revisits(&self) -> Revisits {
        let defaults = Revisits::default();
        Revisits {
            schedule: self.schedule.clone().unwrap_or(defaults.schedule),
            confirm_after: self.confirm_after.unwrap_or(defaults.confirm_after),
            second_route: self.proxy.clone(),
        }
    }
}
