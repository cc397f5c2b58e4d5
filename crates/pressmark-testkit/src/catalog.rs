//! What every [`Catalog`] must do: the conformance suite, run on each database.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "they are tests, which fail by panicking"
)]

mod alarms;
mod changes;
mod commits;
mod doubts;
mod hubs;
mod images;
mod logs;
mod polls;
mod reading;
mod redactions;
mod samples;
mod sites;
mod sources;
mod together;
mod visits;

use std::fmt;
use std::sync::Arc;

use pressmark_archive::ports::catalog::Catalog;

pub use samples::{Samples, first_commit, new_source};

/// Two handles on one empty catalog, opened apart from each other as two processes would.
#[derive(Clone)]
pub struct Pair {
    /// The one.
    pub one: Arc<dyn Catalog>,
    /// The other.
    pub other: Arc<dyn Catalog>,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("one", &self.one)
            .finish_non_exhaustive()
    }
}

/// Runs every case on an empty catalog of its own, which `fresh` opens. Panics where the catalog
/// is not as the port says.
pub async fn suite(fresh: impl AsyncFn() -> Pair) {
    macro_rules! cases {
        ($($module:ident :: $case:ident),* $(,)?) => {
            $( Box::pin($module::$case(fresh().await)).await; )*
        };
    }
    cases![
        sources::are_added_once_and_named,
        sources::are_changed,
        sources::folders_are_kept_in_order,
        sources::come_back,
        sources::try_failed_entries_again,
        sources::are_claimed_when_due,
        sources::are_whole_when_claimed,
        sources::leases_are_kept_and_lost,
        sources::the_next_one_is_foretold,
        polls::bring_new_and_changed_entries,
        polls::keep_the_sources_state,
        polls::count_failures,
        polls::join_several_addresses,
        polls::keep_any_key,
        polls::quiet_ones_are_stored_together,
        polls::move_a_source,
        polls::ask_for_revisits,
        polls::leave_entries_out,
        alarms::are_raised_once_and_cleared,
        alarms::outcomes_are_told,
        hubs::are_asked_for_sources_that_offer_them,
        hubs::are_left_when_that_is_wished,
        hubs::subscriptions_are_stored_if_nobody_was_faster,
        hubs::pushes_make_their_source_due,
        commits::a_first_version_is_an_article,
        commits::further_versions_follow,
        commits::what_was_overtaken_is_stale,
        commits::a_batch_is_taken_in_order,
        commits::failures_are_counted,
        commits::captures_are_stored_once,
        commits::a_failing_batch_leaves_nothing,
        commits::no_text_keeps_a_batch_out,
        doubts::sightings_and_suspects_are_kept,
        doubts::doubts_are_counted_until_they_are_settled,
        doubts::a_doubted_text_may_be_a_revisit,
        logs::logs_are_opened_once,
        logs::heads_are_swapped_with_their_tiles,
        logs::a_head_is_swapped_by_one,
        logs::a_key_is_a_leaf,
        logs::time_stamps_are_kept,
        logs::deletions_are_held,
        reading::lists_are_in_order,
        reading::pages_are_whole,
        reading::numbers_lead_to_versions,
        reading::texts_and_payloads_are_found,
        reading::the_empty_catalog_is_readable,
        reading::what_a_source_takes_is_told,
        visits::are_due_in_their_order,
        visits::wait_for_their_entries,
        visits::are_planned_anew_when_the_clock_goes_back,
        changes::edits_are_listed_and_filtered,
        changes::a_deletion_is_noticed_once_and_a_return_too,
        changes::captures_are_read_again,
        images::are_claimed_when_due,
        images::settle_with_a_leaf,
        sites::teach_and_are_read_with_a_profile,
        sites::are_taught_by_one_at_a_time,
        sites::keep_every_profile_that_was_in_use,
        redactions::take_all_but_the_leaf,
        together::sources_are_claimed_once,
        together::the_ledger_has_no_gaps,
        together::an_article_is_made_once,
        together::a_version_follows_once,
        together::an_abandoned_commit_is_whole_or_not_at_all,
    ];
}
