//! `[web]`: what may be changed through the pages.

use std::net::SocketAddr;

use serde::Deserialize;

use super::Config;
use crate::output::hinted;

/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 16;

/// `[web]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebSection {
    /// Whether sources can be added through the pages.
    pub(crate) add: Option<bool>,
    /// What the administrator says to add one.
    pub(crate) admin_token: Option<String>,
}

impl Config {
    /// Where the reader is served.
    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7777)))
    }
}

impl WebSection {
    /// Whether sources can be added through the pages of a server that listens there.
    ///
    /// # Errors
    ///
    /// When others than this machine reach it, and there is no token to tell them apart.
    pub(crate) fn adds(&self, listen: SocketAddr) -> anyhow::Result<bool> {
        let token = self.admin_token.as_deref().unwrap_or_default();
        if !token.is_empty() && token.len() < SHORTEST_TOKEN {
            return Err(hinted(
                format!("`web.admin_token` is shorter than {SHORTEST_TOKEN} characters"),
                "`openssl rand -hex 16` makes a good one",
            ));
        }
        let adds = self.add.unwrap_or(true);
        if adds && token.is_empty() && !listen.ip().is_loopback() {
            return Err(hinted(
                format!("on `{listen}` everybody who reaches it could add sources"),
                "set `web.admin_token` in the configuration, or `web.add = false` to only read there",
            ));
        }
        Ok(adds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_than_this_machine_need_a_token() {
        let here: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let open: SocketAddr = "0.0.0.0:1".parse().unwrap();
        let web = |add, token: &str| WebSection {
            add,
            admin_token: Some(token.to_owned()).filter(|token| !token.is_empty()),
        };
        assert!(web(None, "").adds(here).unwrap());
        assert!(web(None, "").adds(open).is_err());
        assert!(!web(Some(false), "").adds(open).unwrap());
        assert!(web(None, "0123456789abcdef").adds(open).unwrap());
        assert!(web(None, "short").adds(here).is_err());
    }
}
