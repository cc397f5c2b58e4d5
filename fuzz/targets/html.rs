//! Any HTML: it is parsed, its clean form is inert, and reading that back changes nothing.
#![no_main]

mod inert;

use libfuzzer_sys::fuzz_target;
use pressmark_html::{NodeId, Tree, plain_text, sanitise};

fuzz_target!(|html: &str| {
    let tree = Tree::parse(html);
    let mut at = NodeId::ROOT;
    for id in tree.subtree(NodeId::ROOT).skip(1) {
        assert_eq!(id.index(), at.index() + 1, "the array is in document order");
        assert!(
            tree.contains(tree.parent(id), id),
            "a node stands in its parent"
        );
        at = id;
    }
    let base = "https://news.example/a/b.html".parse().ok();
    let clean = sanitise(html, base.as_ref());
    inert::assert_inert(&clean);
    assert_eq!(sanitise(&clean, base.as_ref()), clean, "cleaning twice");
    for line in plain_text(html).lines() {
        assert!(!line.is_empty() && line.trim() == line, "`{line}`");
    }
});
