//! `[websub]`: whether hubs are asked to push.

use std::net::IpAddr;

use pressmark_fetch::{IpNet, is_globally_reachable, is_local_name};
use pressmark_model::WebUrl;
use serde::Deserialize;

use super::Config;
use crate::output::hinted;

const HINT: &str = "set `base_url` to the address under which this machine is reached from the \
                    internet, or `websub.enabled = false` to poll only";

/// `[websub]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WebsubSection {
    /// Whether hubs are asked to tell this archive of what is new.
    pub(crate) enabled: bool,
}

impl Config {
    /// The address below which hubs reach this archive, if they are to be asked.
    ///
    /// # Errors
    ///
    /// When they are, and could not reach it.
    pub(crate) fn callbacks(&self) -> anyhow::Result<Option<WebUrl>> {
        if !self.websub.enabled {
            return Ok(None);
        }
        let Some(base) = &self.base_url else {
            return Err(hinted(
                "`websub.enabled` is set, and hubs do not know where this archive is",
                HINT,
            ));
        };
        let own: Vec<IpNet> = self
            .fetch
            .allow_networks
            .iter()
            .filter_map(|network| network.parse().ok())
            .collect();
        if !is_public(base, &own) {
            return Err(hinted(
                format!("`websub.enabled` is set, and hubs cannot reach `{base}` from outside"),
                HINT,
            ));
        }
        Ok(Some(base.clone()))
    }
}

/// Whether a host is on the public internet, or in a network that counts as such here.
fn is_public(base: &WebUrl, own: &[IpNet]) -> bool {
    let host = base.host();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) => {
            is_globally_reachable(address) || own.iter().any(|network| network.contains(&address))
        }
        Err(_) => host.contains('.') && !is_local_name(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubs_need_an_address_that_they_can_reach() {
        let of = |base: Option<&str>, enabled| Config {
            base_url: base.map(|base| base.parse().unwrap()),
            websub: WebsubSection { enabled },
            ..Config::default()
        };
        let public = "https://press.example.org/";
        assert!(of(None, false).callbacks().unwrap().is_none());
        assert!(of(Some(public), false).callbacks().unwrap().is_none());
        assert!(of(Some(public), true).callbacks().unwrap().is_some());
        assert!(of(None, true).callbacks().is_err());
        for private in [
            "http://127.0.0.1:7777/",
            "http://192.168.1.2/",
            "http://[fd00::1]/",
            "http://localhost/",
            "http://nas/",
            "http://nas.local/",
        ] {
            let error = of(Some(private), true).callbacks().unwrap_err();
            assert!(error.to_string().contains("from outside"), "{error}");
        }
        let mut own = of(Some("http://127.0.0.1:7777/"), true);
        own.fetch.allow_networks = vec!["127.0.0.0/8".to_owned()];
        assert!(own.callbacks().unwrap().is_some());
    }
}
