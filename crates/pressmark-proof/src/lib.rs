//! The ledger's leaves, records and digests.
