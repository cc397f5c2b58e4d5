//! `[storage]`: how much room is to be left on the disk.

use serde::Deserialize;

/// An alarm comes below this.
const LOW_SPACE: u64 = 1 << 30;
/// Archiving pauses below this: the database needs room to go on, and so does the rest of the
/// machine.
const FLOOR: u64 = 64 << 20;

/// `[storage]`, in bytes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StorageSection {
    low_space: Option<u64>,
    floor: Option<u64>,
}

impl StorageSection {
    /// With less than this on the disk, an alarm stands.
    pub(crate) fn low_space(&self) -> u64 {
        self.low_space.unwrap_or(LOW_SPACE)
    }

    /// With less than this on the disk, nothing more is archived.
    pub(crate) fn floor(&self) -> u64 {
        self.floor.unwrap_or(FLOOR)
    }
}
