//! What the catalog keeps of what sites taught.

use async_trait::async_trait;

use super::catalog::Result;
use crate::site::{Profile, Site};

/// The part of [`Catalog`] that learning needs. Here too one method is one transaction. A store
/// that learns nothing leaves them as they are.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Sites {
    /// What the pages of a host taught in this scope; `None` if nothing.
    async fn site(&self, _scope: &str, _host: &str) -> Result<Option<Site>> {
        Ok(None)
    }

    /// Stores what a site taught, and the profile in use among those that are kept for ever; false,
    /// and the site stays as it is, if it has taught other than so many pages by now.
    async fn store_site(&self, _site: &Site, _taught_before: u64) -> Result<bool> {
        Ok(true)
    }

    /// The name of the profile that a site's pages are read with ([`Profile::name`]), if there is
    /// one.
    async fn profile_in_use(&self, _scope: &str, _host: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// All profiles in use, as `scope host name`, in order.
    async fn profiles_in_use(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// A profile that is, or was, in use.
    async fn profile(&self, _name: &str) -> Result<Option<Profile>> {
        Ok(None)
    }
}
