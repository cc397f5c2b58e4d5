//! One guarded, polite HTTP client for everything outbound.
