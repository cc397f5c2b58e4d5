//! The names of directives.

/// What a line can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Author,
    AutodetectOnFailure,
    Body,
    Date,
    Dissolve,
    FindString,
    /// `replace_string: …`, behind a `find_string`.
    ReplaceString,
    /// `replace_string(find): …`.
    Replace,
    HttpHeader,
    IfPageContains,
    MoveInto,
    NativeAdClue,
    NextPageLink,
    Prune,
    SinglePageLink,
    SinglePageLinkInFeed,
    SkipIdOrClass,
    SkipJsonLd,
    SrcLazyLoadAttr,
    Strip,
    StripIdOrClass,
    StripImageSrc,
    TestContains,
    TestUrl,
    Title,
    WrapIn,
    /// It says nothing to this program: its parser, its form of output or an old way.
    Ignored,
    /// It would need a log-in by a form.
    LogIn,
}

const NAMES: [(&str, Directive); 43] = [
    ("author", Directive::Author),
    ("autodetect_on_failure", Directive::AutodetectOnFailure),
    ("body", Directive::Body),
    ("date", Directive::Date),
    ("dissolve", Directive::Dissolve),
    ("find_string", Directive::FindString),
    ("replace_string", Directive::ReplaceString),
    ("if_page_contains", Directive::IfPageContains),
    ("native_ad_clue", Directive::NativeAdClue),
    ("next_page_link", Directive::NextPageLink),
    ("prune", Directive::Prune),
    ("single_page_link", Directive::SinglePageLink),
    ("single_page_link_in_feed", Directive::SinglePageLinkInFeed),
    ("skip_id_or_class", Directive::SkipIdOrClass),
    ("skip_json_ld", Directive::SkipJsonLd),
    ("src_lazy_load_attr", Directive::SrcLazyLoadAttr),
    ("strip", Directive::Strip),
    ("strip_attr", Directive::Strip),
    ("post_strip_attr", Directive::Strip),
    ("strip_id_or_class", Directive::StripIdOrClass),
    ("strip_image_src", Directive::StripImageSrc),
    ("test_contains", Directive::TestContains),
    ("test_url", Directive::TestUrl),
    ("title", Directive::Title),
    // Two line breaks end a paragraph in any case; no image is put into a body.
    ("convert_double_br_tags", Directive::Ignored),
    ("insert_detected_image", Directive::Ignored),
    ("autodetect_next_page", Directive::Ignored),
    ("favour_feed_titles", Directive::Ignored),
    ("footnotes", Directive::Ignored),
    ("move_into", Directive::MoveInto),
    ("parser", Directive::Ignored),
    ("strip_comments", Directive::Ignored),
    ("tidy", Directive::Ignored),
    ("http_header", Directive::HttpHeader),
    ("wrap_in", Directive::WrapIn),
    ("login_extra_fields", Directive::LogIn),
    ("login_password_field", Directive::LogIn),
    ("login_uri", Directive::LogIn),
    ("login_username_field", Directive::LogIn),
    ("not_logged_in_xpath", Directive::LogIn),
    ("requires_login", Directive::LogIn),
    ("login_wall", Directive::LogIn),
    ("login", Directive::LogIn),
];

impl Directive {
    /// The directive of this name; `with_value` if it has something in parentheses.
    pub(super) fn from_name(name: &str, with_value: bool) -> Option<Self> {
        let (_, directive) = NAMES.iter().find(|(known, _)| *known == name)?;
        let takes = matches!(
            directive,
            Self::ReplaceString | Self::HttpHeader | Self::MoveInto | Self::WrapIn
        );
        match (directive, with_value) {
            (Self::ReplaceString, true) => Some(Self::Replace),
            (Self::ReplaceString, false) => Some(Self::ReplaceString),
            (directive, with_value) => (takes == with_value).then_some(*directive),
        }
    }

    /// The known name that is most like this one, if one is like it.
    pub(super) fn nearest(name: &str) -> Option<&'static str> {
        NAMES
            .iter()
            .map(|(known, _)| (distance(name, known), *known))
            .filter(|(distance, known)| *distance <= 2 && *distance * 2 < known.len())
            .min()
            .map(|(_, known)| known)
    }
}

/// How many letters must be put in, left out, exchanged or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(40).collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let at = |back: usize, column: usize| {
                let line = (i + 1).checked_sub(back).and_then(|line| rows.get(line));
                line.and_then(|line| line.get(column)).copied()
            };
            let put = row.get(j).copied().unwrap_or(i) + 1;
            let left = at(1, j + 1).unwrap_or(j) + 1;
            let changed = at(1, j).unwrap_or(j) + usize::from(a != b);
            let mut best = put.min(left).min(changed);
            let swapped =
                i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped && let Some(before) = at(2, j - 1) {
                best = best.min(before + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last()
        .and_then(|row| row.last())
        .copied()
        .unwrap_or(usize::MAX)
}
