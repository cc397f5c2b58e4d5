//! Identifiers: one type a noun, so that a signature says which number it takes.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A source: what the user asked to watch.
    SourceId
}
id! {
    /// An entry of one source: what the publisher's feed or listing said.
    EntryId
}
id! {
    /// An article, and its id in reader applications: from 1 upwards, below 2^31.
    ArticleId
}
id! {
    /// A capture: one fetch of one address, its redirects included.
    CaptureId
}
id! {
    /// The place of a leaf in the ledger, from 0 upwards without a gap.
    LeafIndex
}
id! {
    /// The number of a version among those of its article, from 1 upwards.
    VersionNumber
}
