//! `[render]`: the browser for pages that are made by scripts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pressmark_archive::span;
use pressmark_fetch::RenderConfig;
use serde::Deserialize;

use crate::output::hinted;

/// The names under which Chromium and its kin are installed.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// So long a page may take until it has come to rest.
const TIMEOUT: Duration = Duration::from_secs(15);

/// `[render]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RenderSection {
    pub(crate) enabled: bool,
    /// The program; without it, the first Chromium in `PATH`.
    pub(crate) browser: Option<PathBuf>,
    /// Whether the browser keeps its sandbox.
    pub(crate) sandbox: Option<bool>,
    #[serde(with = "span::option")]
    pub(crate) timeout: Option<Duration>,
}

impl RenderSection {
    /// The browser's settings, if pages are rendered at all. Its profiles are made in this folder.
    ///
    /// # Errors
    ///
    /// When there is no browser.
    pub(crate) fn config(&self, profiles: &Path) -> anyhow::Result<Option<RenderConfig>> {
        if !self.enabled {
            return Ok(None);
        }
        let Some(browser) = self.browser.clone().or_else(installed) else {
            return Err(hinted(
                "`[render] enabled` is set, and there is no Chromium in `PATH`",
                "install the package `chromium`, or name the program in `[render] browser`",
            ));
        };
        if !browser.is_file() {
            return Err(hinted(
                format!("the browser `{}` is not there", browser.display()),
                "correct `[render] browser`, or remove it to take the Chromium in `PATH`",
            ));
        }
        let sandbox = self.sandbox.unwrap_or(true);
        if !sandbox {
            tracing::warn!("the browser runs without its sandbox, as `[render] sandbox` says");
        }
        Ok(Some(RenderConfig {
            browser,
            profiles: profiles.to_owned(),
            sandbox,
            timeout: self.timeout.unwrap_or(TIMEOUT),
        }))
    }
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}
