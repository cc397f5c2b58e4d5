//! Feeds, Markdown records, lists, git, exports and imports.
