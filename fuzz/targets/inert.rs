//! What holds of all HTML that Pressmark gives to a browser.

use pressmark_html::{NodeId, Tag, Tree};

/// Nothing in it acts, and no address in it is other than of the web or of mail.
pub(crate) fn assert_inert(clean: &str) {
    let tree = Tree::parse(clean);
    for id in tree.subtree(NodeId::ROOT).skip(1) {
        let tag = tree.tag(id);
        let acts = matches!(
            tag,
            Tag::Script
                | Tag::Style
                | Tag::Iframe
                | Tag::Frame
                | Tag::Object
                | Tag::Embed
                | Tag::Applet
                | Tag::Form
                | Tag::Input
                | Tag::Button
                | Tag::Select
                | Tag::Textarea
                | Tag::Svg
                | Tag::Math
                | Tag::Meta
                | Tag::Link
                | Tag::Base
                | Tag::Template
                | Tag::Noscript
                | Tag::Other
        );
        assert!(!acts, "`{}` in {clean}", tree.name(id));
        for (name, value) in tree.attrs(id) {
            let known = matches!(
                name,
                "href"
                    | "src"
                    | "alt"
                    | "title"
                    | "width"
                    | "height"
                    | "colspan"
                    | "rowspan"
                    | "start"
                    | "datetime"
                    | "lang"
                    | "dir"
            );
            assert!(known, "`{name}` in {clean}");
            if matches!(name, "href" | "src") {
                let schemes = ["http://", "https://", "mailto:"];
                let of_web = schemes.iter().any(|scheme| value.starts_with(scheme));
                assert!(of_web, "`{value}` in {clean}");
            }
        }
    }
}
