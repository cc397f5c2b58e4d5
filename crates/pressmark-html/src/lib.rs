//! Decoding, the tree, look-ups, sanitising, Markdown, plain text and text diff for HTML.
