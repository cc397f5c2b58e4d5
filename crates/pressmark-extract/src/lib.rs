//! From the bytes of a page to its article, with a trace of what was removed and why.
