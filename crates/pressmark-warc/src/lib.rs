//! WARC 1.1: reading and writing.
