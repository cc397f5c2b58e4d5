//! A day of the schedule, with a clock that jumps from poll to poll: how often sources of several
//! rhythms are asked, and how long their articles stay unseen. `cargo xtask bench schedule`.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a tool for the developer, who reads what it prints"
)]

use std::time::Duration;

use pressmark_archive::rhythm::Rhythm;
use pressmark_archive::schedule::Poll;
use pressmark_model::Timestamp;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// The first day that is looked at: 2025-10-09.
const DAY_BEGINS: i64 = 1_759_968_000;
/// The rhythm was learned from so many days before, and the figures are means over so many.
const DAYS: i64 = 60;

fn main() {
    println!(
        "{:>28} {:>12} {:>14} {:>14}",
        "rhythm", "requests/day", "median delay", "longest tenth"
    );
    for (name, published) in [
        ("agency, 12 an hour", every(300, |_| true)),
        (
            "agency, silent 22-6 UTC",
            every(600, |at| (6..22).contains(&hour(at))),
        ),
        ("daily paper, 20 at 4 UTC", every(180, |at| hour(at) == 4)),
        ("blog, daily at 9 UTC", every(DAY, |_| true).map_hour(9)),
        ("blog, weekly", every(7 * DAY, |_| true).map_hour(15)),
        ("monthly", every(30 * DAY, |_| true).map_hour(12)),
        (
            "dead for a year",
            Published(vec![DAY_BEGINS - 365 * DAY, DAY_BEGINS - 366 * DAY]),
        ),
    ] {
        let (requests, mut delays) = simulate(&published.0);
        delays.sort_unstable();
        let at = |share: usize| {
            delays.get(delays.len() * share / 10).map_or_else(
                || "-".to_owned(),
                |seconds| format!("{:.0} min", *seconds as f64 / 60.0),
            )
        };
        println!("{name:>28} {requests:>12.1} {:>14} {:>14}", at(5), at(9));
    }
}

/// When something was published, in seconds.
struct Published(Vec<i64>);

impl Published {
    fn map_hour(self, hour: i64) -> Self {
        // Never to the minute.
        let late = |at: i64| (at / DAY * 7919 % 50) * 60;
        Self(
            self.0
                .iter()
                .map(|at| at / DAY * DAY + hour * HOUR + late(*at))
                .collect(),
        )
    }
}

fn every(seconds: i64, open: impl Fn(i64) -> bool) -> Published {
    let (from, to) = (DAY_BEGINS - DAYS * DAY, DAY_BEGINS + DAYS * DAY);
    Published(
        (from..to)
            .step_by(usize::try_from(seconds).unwrap_or(1))
            .filter(|at| open(*at))
            .collect(),
    )
}

fn hour(at: i64) -> i64 {
    at.rem_euclid(DAY) / HOUR
}

/// Requests a day, and the delay of each article in seconds.
fn simulate(published: &[i64]) -> (f64, Vec<i64>) {
    let mut rhythm = Rhythm::default();
    let before = published.iter().filter(|at| **at < DAY_BEGINS);
    let moments = before.map(|at| Timestamp::from_seconds(*at));
    rhythm.note(moments, Timestamp::from_seconds(DAY_BEGINS));
    let (mut now, mut requests, mut delays) = (DAY_BEGINS, 0_u32, Vec::new());
    let mut seen = DAY_BEGINS;
    while now < DAY_BEGINS + DAYS * DAY {
        requests += 1;
        let new: Vec<i64> = published
            .iter()
            .copied()
            .filter(|at| (seen..now).contains(at))
            .collect();
        delays.extend(new.iter().map(|at| now - at));
        rhythm.note(
            new.into_iter().map(Timestamp::from_seconds),
            Timestamp::from_seconds(now),
        );
        seen = now;
        let poll = Poll {
            now: Timestamp::from_seconds(now),
            interval: None,
            rhythm: &rhythm,
            max_age: None,
            hub: pressmark_archive::websub::Reliance::None,
            chance: u8::try_from(requests.wrapping_mul(151) % 256).unwrap_or_default(),
        };
        now += i64::try_from(poll.wait().max(Duration::from_secs(1)).as_secs()).unwrap_or(DAY);
    }
    (f64::from(requests) / DAYS as f64, delays)
}
