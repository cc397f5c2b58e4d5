//! How much room there is on the disk of the data: who archives pauses before there is none.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use pressmark_model::{Clock, Timestamp};
use pressmark_web::Room;
use tokio::sync::watch;

use crate::config::StorageSection;

/// How often the disk is asked.
const EVERY: Duration = Duration::from_secs(5);

/// Keeps `room` as the disk is, for ever, and logs what changes.
pub(crate) async fn keep(
    room: watch::Sender<Room>,
    folder: &Path,
    section: &StorageSection,
    clock: &dyn Clock,
) -> Infallible {
    loop {
        if let Some(free) = free(folder) {
            let now = judged(*room.borrow(), free, section, clock.now());
            let before = room.send_replace(now);
            tell(before, now);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Waits until archiving is to pause (`true`), or may go on.
pub(crate) async fn until_paused(room: &mut watch::Receiver<Room>, paused: bool) {
    let is = |room: &Room| matches!(room, Room::Paused { .. }) == paused;
    if room.wait_for(is).await.is_err() {
        // Nobody looks at the disk any more: it stays as it is.
        std::future::pending::<()>().await;
    }
}

/// Waits until less is left than nothing more is archived with; gives the bytes that are left.
pub(crate) async fn until_short(folder: &Path, section: &StorageSection) -> u64 {
    loop {
        if let Some(free) = free(folder).filter(|free| *free < section.floor()) {
            return free;
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What is to be said of so many free bytes. An alarm that stands keeps its time.
fn judged(before: Room, free: u64, section: &StorageSection, now: Timestamp) -> Room {
    match before {
        _ if free < section.floor() => {
            let since = match before {
                Room::Paused { since, .. } => since,
                _ => now,
            };
            Room::Paused { free, since }
        }
        _ if free < section.low_space() => {
            let since = match before {
                Room::Low { since, .. } => since,
                _ => now,
            };
            Room::Low { free, since }
        }
        _ => Room::Enough,
    }
}

fn tell(before: Room, now: Room) {
    if std::mem::discriminant(&before) == std::mem::discriminant(&now) {
        return;
    }
    match now {
        Room::Enough => tracing::info!("there is room on the disk again"),
        Room::Low { free, .. } => tracing::warn!(free, "alarm: space on the disk runs low"),
        Room::Paused { free, .. } => tracing::error!(
            free,
            "alarm: archiving pauses until there is more space on the disk"
        ),
    }
}

/// The bytes that this user may still write there, and as if there were none without inodes.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    // File systems without a fixed number of inodes say that they have none.
    if disk.f_files > 0 && disk.f_favail == 0 {
        return Some(0);
    }
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_keeps_its_time() {
        let section = StorageSection::default();
        let at = Timestamp::from_seconds;
        let judge = |before, free, now| judged(before, free, &section, at(now));
        let (much, low, none) = (u64::MAX, 1 << 28, 1);
        assert_eq!(judge(Room::Enough, much, 1), Room::Enough);
        let first = judge(Room::Enough, low, 2);
        assert_eq!(
            first,
            Room::Low {
                free: low,
                since: at(2)
            }
        );
        let later = judge(first, low - 1, 3);
        assert_eq!(
            later,
            Room::Low {
                free: low - 1,
                since: at(2)
            }
        );
        let paused = judge(later, none, 4);
        assert_eq!(
            paused,
            Room::Paused {
                free: none,
                since: at(4)
            }
        );
        assert_eq!(judge(paused, none, 5), paused);
        assert_eq!(
            judge(paused, low, 6),
            Room::Low {
                free: low,
                since: at(6)
            }
        );
        assert_eq!(judge(paused, much, 7), Room::Enough);
    }

    #[test]
    fn the_disk_is_asked() {
        let free = free(&std::env::temp_dir());
        assert!(cfg!(not(unix)) || free.is_some());
    }
}
