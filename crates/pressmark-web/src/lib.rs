//! The reader and the feeds over HTTP.
