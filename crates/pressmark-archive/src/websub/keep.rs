//! Asking hubs: subscribing, renewing before the lease ends, leaving.

use std::time::Duration;

use pressmark_model::{Timestamp, WebUrl};
use url::form_urlencoded;

use super::receive::{LEASE, hex};
use super::{Offered, Subscription, SubscriptionState, Trouble};
use crate::archive::{Archive, ArchiveError};
use crate::ports::fetch::{
    FetchFailure, FetchOutcome, FetchPolicy, FetchRequest, Message, Purpose, Validators,
};
use crate::recognise;
use crate::schedule::back_off;

/// How often it is seen what is to be done.
const LOOK: Duration = Duration::from_secs(30);
/// So many subscriptions are seen to at a time.
const AT_ONCE: u32 = 64;
/// A hub may take so long to come back and confirm.
const CONFIRM_WITHIN: Duration = Duration::from_mins(15);
/// A hub is told so often at most that its pushes are not wanted any more; afterwards they are
/// answered 410.
const FAREWELLS: u32 = 5;

impl Archive {
    /// Sees to the subscriptions at hubs, until the future is dropped. Without an address for
    /// callbacks nothing is done.
    pub async fn keep_hubs(&self) {
        if self.callbacks.is_none() {
            return std::future::pending().await;
        }
        if let Err(error) = self.catalog.hasten_pushed(self.clock.now()).await {
            tracing::warn!(%error, "sources with a hub are not polled at once");
        }
        loop {
            if let Err(error) = self.see_to_hubs().await {
                tracing::warn!(%error, "subscriptions at hubs are seen to later");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Does what is to be done about hubs now; returns how many were asked.
    pub async fn see_to_hubs(&self) -> Result<u64, ArchiveError> {
        let Some(callbacks) = &self.callbacks else {
            return Ok(0);
        };
        let now = self.clock.now();
        let mut work = self.catalog.hub_work(now, AT_ONCE).await?;
        // What was set since may be what hubs are not to know.
        work.held.retain(|held| !self.may_subscribe(held));
        if !work.held.is_empty() {
            for held in &work.held {
                self.catalog.leave_hub(held.source, now).await?;
            }
            work = self.catalog.hub_work(now, AT_ONCE).await?;
        }
        let mut due = work.due;
        for offered in work.offered {
            if self.may_subscribe(&offered) {
                let subscription = self.fresh(offered);
                self.catalog.add_subscription(&subscription).await?;
                due.push(subscription);
            }
        }
        let turns = due
            .iter()
            .map(|subscription| self.see_to(callbacks, subscription));
        let mut asked = 0;
        for turn in futures::future::join_all(turns).await {
            asked += u64::from(turn?);
        }
        Ok(asked)
    }

    /// Subscribing tells the hub where this archive is. For a source that is read through a proxy
    /// of its own, or with credentials, that is not wanted.
    fn may_subscribe(&self, offered: &Offered) -> bool {
        let settings = match self.overrides.get(&offered.slug) {
            Some(over) => offered.settings.overridden_by(over),
            None => offered.settings.clone(),
        };
        let hidden = settings
            .proxy
            .as_deref()
            .is_some_and(|proxy| proxy != "direct");
        !hidden && !recognise::has_credentials(&offered.url, &settings)
    }

    fn fresh(&self, offered: Offered) -> Subscription {
        Subscription {
            token: hex(&self.entropy.bytes::<16>()),
            source: offered.source,
            offer: offered.offer,
            secret: hex(&self.entropy.bytes::<32>()),
            state: SubscriptionState::Wanted,
            asked_at: None,
            lease_until: None,
            failures: 0,
            trouble: None,
            next_at: self.clock.now(),
            pushed_at: None,
            missed_at: None,
            answered_at: None,
            revision: 0,
        }
    }

    /// Does what is to be done about one subscription; says whether the hub was asked.
    async fn see_to(
        &self,
        callbacks: &WebUrl,
        subscription: &Subscription,
    ) -> Result<bool, ArchiveError> {
        let now = self.clock.now();
        let mut next = subscription.clone();
        if next.state == SubscriptionState::Denied {
            next.state = SubscriptionState::Wanted;
        }
        if next.asked_at.take().is_some() {
            self.put_off(&mut next, now, None, Trouble::Unconfirmed);
            self.catalog.put_subscription(&next).await?;
            return Ok(false);
        }
        let is_over = next.lease_until.is_none_or(|end| end <= now) || next.failures >= FAREWELLS;
        if next.state == SubscriptionState::Leaving && is_over {
            self.catalog.drop_subscription(&next.token).await?;
            return Ok(false);
        }
        // Noted before: the hub may come back to confirm before it has answered.
        next.asked_at = Some(now);
        next.next_at = now.plus(CONFIRM_WITHIN);
        if !self.catalog.put_subscription(&next).await? {
            return Ok(false);
        }
        next.revision += 1;
        if let Err(failure) = self.ask_hub(callbacks, &next).await {
            next.asked_at = None;
            let retry_after = failure.retry_after();
            self.put_off(&mut next, now, retry_after, Trouble::Unasked { failure });
            self.catalog.put_subscription(&next).await?;
        }
        Ok(true)
    }

    fn put_off(
        &self,
        subscription: &mut Subscription,
        now: Timestamp,
        retry_after: Option<Duration>,
        trouble: Trouble,
    ) {
        subscription.failures = subscription.failures.saturating_add(1);
        let wait = back_off(subscription.failures, retry_after, self.chance());
        subscription.next_at = now.plus(wait);
        tracing::info!(hub = %subscription.offer.hub, %trouble, "no subscription");
        subscription.trouble = Some(trouble);
    }

    /// Sends the request (`WebSub`, 5.1). The secret is told over plain HTTP, too, where a hub has
    /// no other address: it is used nowhere else, and better than none.
    async fn ask_hub(
        &self,
        callbacks: &WebUrl,
        subscription: &Subscription,
    ) -> Result<(), FetchFailure> {
        let leaves = subscription.state == SubscriptionState::Leaving;
        let mode = if leaves { "unsubscribe" } else { "subscribe" };
        let base = callbacks.as_str().trim_end_matches('/');
        let callback = format!("{base}/websub/{}", subscription.token);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("hub.callback", &callback)
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", subscription.offer.topic.as_str());
        if !leaves {
            form.append_pair("hub.lease_seconds", &LEASE.as_secs().to_string())
                .append_pair("hub.secret", &subscription.secret);
        }
        let request = FetchRequest {
            url: subscription.offer.hub.clone(),
            purpose: Purpose::Feed,
            validators: Validators::default(),
            policy: FetchPolicy::default(),
            patience: Duration::ZERO,
        };
        let message = Message {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            body: form.finish().into(),
        };
        match self.fetch.post(request, message).await {
            FetchOutcome::Page(_) | FetchOutcome::NotModified(_) => Ok(()),
            FetchOutcome::Failed(failed) => Err(failed.failure),
        }
    }
}
