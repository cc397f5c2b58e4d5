//! What the catalog keeps of subscriptions at `WebSub` hubs.

use async_trait::async_trait;
use pressmark_model::{SourceId, Timestamp};

use super::catalog::Result;
use crate::websub::{HubWork, Subscription};

/// The part of [`Catalog`] that pushes need. Here too one method is one transaction. A store that
/// keeps no subscriptions has none.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Hubs {
    /// What is to be done at `now`. Before that, subscriptions of sources that are not active, or
    /// that name another hub or topic by now, become [`SubscriptionState::Leaving`], due at once.
    ///
    /// [`SubscriptionState::Leaving`]: crate::websub::SubscriptionState::Leaving
    async fn hub_work(&self, _now: Timestamp, _limit: u32) -> Result<HubWork> {
        Ok(HubWork::default())
    }

    /// Adds a subscription.
    async fn add_subscription(&self, _subscription: &Subscription) -> Result<()> {
        Ok(())
    }

    /// Ends the subscription of a source: it becomes [`SubscriptionState::Leaving`], due at once,
    /// and so does the source itself.
    ///
    /// [`SubscriptionState::Leaving`]: crate::websub::SubscriptionState::Leaving
    async fn leave_hub(&self, _source: SourceId, _now: Timestamp) -> Result<()> {
        Ok(())
    }

    /// The subscription with this token.
    async fn subscription(&self, _token: &str) -> Result<Option<Subscription>> {
        Ok(None)
    }

    /// Stores a subscription in the place of what was read of it, if it is still that
    /// ([`Subscription::revision`]), with the next revision; false, and nothing is stored, if it is
    /// not. What [`Hubs::note_push`] and [`Hubs::note_poll`] keep stays as it is.
    async fn put_subscription(&self, _subscription: &Subscription) -> Result<bool> {
        Ok(false)
    }

    /// Forgets a subscription.
    async fn drop_subscription(&self, _token: &str) -> Result<()> {
        Ok(())
    }

    /// Notes that a hub has told of something new: the source is due at once, but no sooner than
    /// a minute after it was last polled.
    async fn note_push(&self, _token: &str, _now: Timestamp) -> Result<()> {
        Ok(())
    }

    /// Notes a poll of a subscribed source that began and ended at these times, and whether it
    /// brought something. What the hub had not told is remembered as missed. If it has told of
    /// something meanwhile, the source is due again.
    async fn note_poll(
        &self,
        _source: SourceId,
        _began: Timestamp,
        _ended: Timestamp,
        _brought: bool,
    ) -> Result<()> {
        Ok(())
    }

    /// Makes the sources that are polled less often because of a hub due at once: nobody has
    /// listened to it for a while.
    async fn hasten_pushed(&self, _now: Timestamp) -> Result<()> {
        Ok(())
    }
}
