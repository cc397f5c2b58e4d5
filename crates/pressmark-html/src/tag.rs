//! The names of elements, and the sets of them that the parser and its users ask for.

/// A name of up to 16 bytes as one number, so that looking it up is a few integer comparisons.
/// Longer names are folded; they are never among the known ones.
pub(crate) const fn key(name: &[u8]) -> u128 {
    let mut packed: u128 = 0;
    let mut rest = name;
    while let [byte, tail @ ..] = rest {
        packed = push(packed, byte.to_ascii_lowercase());
        rest = tail;
    }
    packed
}

/// One more (lower-case) byte of a name.
pub(crate) const fn push(packed: u128, byte: u8) -> u128 {
    if packed >> 120 == 0 {
        (packed << 8) | byte as u128
    } else {
        // Over 16 bytes: a rolling hash with the top bit set, which no ASCII name has.
        (packed.rotate_left(7) ^ byte as u128)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
            | (1 << 127)
    }
}

macro_rules! tags {
    ($($variant:ident $name:literal,)*) => {
        /// What a node is: the document, a text, or an element by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each is the element of its name")]
        pub enum Tag {
            /// The root of the tree.
            Document,
            /// A run of text.
            Text,
            /// An element that HTML does not name.
            Other,
            $($variant,)*
        }

        #[expect(non_upper_case_globals, reason = "one constant for each element")]
        mod keys {
            $(pub(super) const $variant: u128 = super::key($name.as_bytes());)*
        }

        impl Tag {
            pub(crate) const fn from_key(key: u128) -> Self {
                match key {
                    $(keys::$variant => Self::$variant,)*
                    _ => Self::Other,
                }
            }

            /// The lower-case name; empty for texts, the document and unknown elements.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Document | Self::Text | Self::Other => "",
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

tags! {
    A "a", Abbr "abbr", Acronym "acronym", Address "address", AnnotationXml "annotation-xml",
    Applet "applet", Area "area", Article "article", Aside "aside", Audio "audio", B "b",
    Base "base", Basefont "basefont", Bdi "bdi", Bdo "bdo", Bgsound "bgsound", Big "big",
    Blockquote "blockquote", Body "body", Br "br", Button "button", Canvas "canvas",
    Caption "caption", Center "center", Cite "cite", Code "code", Col "col",
    Colgroup "colgroup", Data "data", Datalist "datalist", Dd "dd", Del "del", Desc "desc",
    Details "details", Dfn "dfn", Dialog "dialog", Dir "dir", Div "div", Dl "dl", Dt "dt",
    Em "em", Embed "embed", Fieldset "fieldset", Figcaption "figcaption", Figure "figure",
    Font "font", Footer "footer", ForeignObject "foreignobject", Form "form", Frame "frame",
    Frameset "frameset", H1 "h1", H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6", Head "head",
    Header "header", Hgroup "hgroup", Hr "hr", Html "html", I "i", Iframe "iframe",
    Image "image", Img "img", Input "input", Ins "ins", Kbd "kbd", Keygen "keygen",
    Label "label", Legend "legend", Li "li", Link "link", Listing "listing", Main "main",
    Map "map", Mark "mark", Marquee "marquee", Math "math", Menu "menu", Meta "meta",
    Meter "meter", Mi "mi", Mn "mn", Mo "mo", Ms "ms", Mtext "mtext", Nav "nav",
    Nobr "nobr", Noembed "noembed", Noframes "noframes", Noscript "noscript",
    Object "object", Ol "ol", Optgroup "optgroup", Option "option", Output "output", P "p",
    Param "param", Picture "picture", Plaintext "plaintext", Pre "pre", Progress "progress",
    Q "q", Rb "rb", Rp "rp", Rt "rt", Rtc "rtc", Ruby "ruby", S "s", Samp "samp",
    Script "script", Search "search", Section "section", Select "select", Slot "slot",
    Small "small", Source "source", Span "span", Strike "strike", Strong "strong",
    Style "style", Sub "sub", Summary "summary", Sup "sup", Svg "svg", Table "table",
    Tbody "tbody", Td "td", Template "template", Textarea "textarea", Tfoot "tfoot",
    Th "th", Thead "thead", Time "time", Title "title", Tr "tr", Track "track", Tt "tt",
    U "u", Ul "ul", Var "var", Video "video", Wbr "wbr", Xmp "xmp",
}

impl Tag {
    /// The tag of this name, in any case; [`Tag::Other`] for names that HTML does not know.
    pub const fn from_name(name: &str) -> Self {
        Self::from_key(key(name.as_bytes()))
    }

    /// Whether it is `h1` to `h6`.
    pub const fn is_heading(self) -> bool {
        matches!(
            self,
            Self::H1 | Self::H2 | Self::H3 | Self::H4 | Self::H5 | Self::H6
        )
    }

    /// Whether it never has content.
    pub const fn is_void(self) -> bool {
        matches!(
            self,
            Self::Area
                | Self::Base
                | Self::Basefont
                | Self::Bgsound
                | Self::Br
                | Self::Col
                | Self::Embed
                | Self::Frame
                | Self::Hr
                | Self::Img
                | Self::Input
                | Self::Keygen
                | Self::Link
                | Self::Meta
                | Self::Param
                | Self::Source
                | Self::Track
                | Self::Wbr
        )
    }

    /// Whether its content is never read as text: code, style, controls, drawings.
    pub const fn is_hidden(self) -> bool {
        matches!(
            self,
            Self::Script
                | Self::Style
                | Self::Template
                | Self::Head
                | Self::Svg
                | Self::Noscript
                | Self::Textarea
                | Self::Select
                | Self::Datalist
                | Self::Iframe
                | Self::Object
                | Self::Canvas
                | Self::Noembed
                | Self::Noframes
                | Self::Applet
                | Self::Title
                | Self::Audio
                | Self::Video
                | Self::Map
                | Self::Input
                | Self::Meta
                | Self::Link
                | Self::Progress
                | Self::Meter
                | Self::Frameset
                | Self::Param
        )
    }

    /// Whether it begins a line of its own.
    pub const fn is_block(self) -> bool {
        self.is_heading()
            || matches!(
                self,
                Self::Address
                    | Self::Article
                    | Self::Aside
                    | Self::Blockquote
                    | Self::Body
                    | Self::Caption
                    | Self::Center
                    | Self::Dd
                    | Self::Details
                    | Self::Dialog
                    | Self::Dir
                    | Self::Div
                    | Self::Dl
                    | Self::Dt
                    | Self::Fieldset
                    | Self::Figcaption
                    | Self::Figure
                    | Self::Footer
                    | Self::Form
                    | Self::Header
                    | Self::Hgroup
                    | Self::Hr
                    | Self::Html
                    | Self::Legend
                    | Self::Li
                    | Self::Listing
                    | Self::Main
                    | Self::Menu
                    | Self::Nav
                    | Self::Ol
                    | Self::Optgroup
                    | Self::Option
                    | Self::P
                    | Self::Plaintext
                    | Self::Pre
                    | Self::Search
                    | Self::Section
                    | Self::Summary
                    | Self::Table
                    | Self::Tbody
                    | Self::Td
                    | Self::Tfoot
                    | Self::Th
                    | Self::Thead
                    | Self::Tr
                    | Self::Ul
                    | Self::Xmp
                    | Self::Document
                    | Self::Marquee
            )
    }

    /// The standard's "special" category, of the elements that the parser here meets.
    pub(crate) const fn is_special(self) -> bool {
        (self.is_block()
            && !matches!(
                self,
                Self::Legend | Self::Optgroup | Self::Option | Self::Dialog | Self::Document
            ))
            || matches!(
                self,
                Self::Applet
                    | Self::Area
                    | Self::Base
                    | Self::Basefont
                    | Self::Bgsound
                    | Self::Br
                    | Self::Button
                    | Self::Col
                    | Self::Colgroup
                    | Self::Embed
                    | Self::Frame
                    | Self::Frameset
                    | Self::Head
                    | Self::Iframe
                    | Self::Img
                    | Self::Input
                    | Self::Keygen
                    | Self::Link
                    | Self::Meta
                    | Self::Noembed
                    | Self::Noframes
                    | Self::Noscript
                    | Self::Object
                    | Self::Param
                    | Self::Script
                    | Self::Select
                    | Self::Source
                    | Self::Style
                    | Self::Template
                    | Self::Textarea
                    | Self::Title
                    | Self::Track
                    | Self::Wbr
            )
    }

    /// Blocks whose start tag only ends a paragraph, and whose end tag only ends themselves.
    pub(crate) const fn is_plain_block(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Article
                | Self::Aside
                | Self::Blockquote
                | Self::Center
                | Self::Details
                | Self::Dialog
                | Self::Dir
                | Self::Div
                | Self::Dl
                | Self::Fieldset
                | Self::Figcaption
                | Self::Figure
                | Self::Footer
                | Self::Header
                | Self::Hgroup
                | Self::Main
                | Self::Menu
                | Self::Nav
                | Self::Ol
                | Self::Search
                | Self::Section
                | Self::Summary
                | Self::Ul
        )
    }

    pub(crate) const fn is_formatting(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::B
                | Self::Big
                | Self::Code
                | Self::Em
                | Self::Font
                | Self::I
                | Self::Nobr
                | Self::S
                | Self::Small
                | Self::Strike
                | Self::Strong
                | Self::Tt
                | Self::U
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(Tag::from_name("DIV"), Tag::Div);
        assert_eq!(Tag::from_name("annotation-xml").name(), "annotation-xml");
        assert_eq!(Tag::from_name("x-very-long-custom-element"), Tag::Other);
        assert_ne!(
            key(b"x-very-long-custom-element"),
            key(b"x-very-long-custom-elemenu")
        );
    }
}
