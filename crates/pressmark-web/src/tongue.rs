//! The language and direction of what an outlet wrote.

/// Primary subtags of languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 12] = [
    "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi",
];
/// Script subtags that are written from right to left.
const RIGHT_TO_LEFT_SCRIPTS: [&str; 5] = ["Arab", "Hebr", "Nkoo", "Syrc", "Thaa"];

/// The `lang` and `dir` of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tongue<'a> {
    /// BCP 47 tag; empty where unknown, which HTML reads as just that.
    pub(crate) tag: &'a str,
    /// `ltr`, `rtl`, or `auto` where unknown.
    pub(crate) direction: &'static str,
}

impl<'a> Tongue<'a> {
    /// The language that a tag names; what is no tag is unknown.
    pub(crate) fn of(tag: Option<&'a str>) -> Self {
        let known = tag.filter(|tag| {
            (2..=35).contains(&tag.len())
                && tag.split('-').all(|part| (1..=8).contains(&part.len()))
                && tag
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        let Some(tag) = known else {
            return Self {
                tag: "",
                direction: "auto",
            };
        };
        let mut parts = tag.split('-');
        let is_in = |list: &[&str], part: &str| list.iter().any(|x| x.eq_ignore_ascii_case(part));
        let primary = parts.next().unwrap_or_default();
        let script = parts.find(|part| part.len() == 4);
        let from_right = match script {
            Some(script) => is_in(&RIGHT_TO_LEFT_SCRIPTS, script),
            None => is_in(&RIGHT_TO_LEFT, primary),
        };
        Self {
            tag,
            direction: if from_right { "rtl" } else { "ltr" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_decides_then_the_language() {
        for (tag, shown, direction) in [
            (Some("en-GB"), "en-GB", "ltr"),
            (Some("zh-Hant-TW"), "zh-Hant-TW", "ltr"),
            (Some("AR"), "AR", "rtl"),
            (Some("fa-IR"), "fa-IR", "rtl"),
            (Some("az-Arab"), "az-Arab", "rtl"),
            (Some("ur-Latn"), "ur-Latn", "ltr"),
            (Some("\" onclick=\"x"), "", "auto"),
            (Some("x"), "", "auto"),
            (None, "", "auto"),
        ] {
            assert_eq!(
                Tongue::of(tag),
                Tongue {
                    tag: shown,
                    direction
                },
                "{tag:?}"
            );
        }
    }
}
