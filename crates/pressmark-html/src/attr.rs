//! The names of attributes that are looked up often.

use crate::tag::key;

macro_rules! attrs {
    ($($variant:ident $name:literal,)*) => {
        /// An attribute's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each is the attribute of its name")]
        pub enum Attr {
            /// A name that is none of the following.
            Other,
            $($variant,)*
        }

        #[expect(non_upper_case_globals, reason = "one constant for each attribute")]
        mod keys {
            $(pub(super) const $variant: u128 = super::key($name.as_bytes());)*
        }

        impl Attr {
            pub(crate) const fn from_key(key: u128) -> Self {
                match key {
                    $(keys::$variant => Self::$variant,)*
                    _ => Self::Other,
                }
            }

            /// The lower-case name; empty for [`Attr::Other`].
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Other => "",
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

attrs! {
    Alt "alt", AriaHidden "aria-hidden", AriaLabel "aria-label", Charset "charset",
    Cite "cite", Class "class", Colspan "colspan", Content "content", Datetime "datetime",
    DataOriginal "data-original", DataSrc "data-src", DataSrcset "data-srcset",
    DataTestid "data-testid", DataLazySrc "data-lazy-src", DataUrl "data-url", Dir "dir",
    Encoding "encoding", Height "height", Hidden "hidden", Href "href", Hreflang "hreflang",
    HttpEquiv "http-equiv", Id "id", Itemprop "itemprop", Itemtype "itemtype", Lang "lang",
    Media "media", Name "name", Property "property", Rel "rel", Role "role",
    Rowspan "rowspan", Src "src", Srcset "srcset", Start "start", Style "style",
    Title "title", Type "type", Value "value", Width "width",
}

impl Attr {
    /// The attribute of this name, in any case; [`Attr::Other`] for names that are not listed.
    pub const fn from_name(name: &str) -> Self {
        Self::from_key(key(name.as_bytes()))
    }
}
