use pressmark_model::Timestamp;

use super::*;

mod noise;

fn article(title: &str, html: &str) -> Article {
    Article {
        title: title.to_owned(),
        html: html.to_owned(),
        text: pressmark_html::plain_text(html),
        ..Article::default()
    }
}

/// What stands between two texts that were seen an hour apart.
fn between(old: &Article, new: &Article) -> Edit {
    Edit::between(old, new, Duration::from_hours(1))
}

fn names(edit: &Edit) -> String {
    let names: Vec<_> = edit.classes.iter().map(EditClass::as_str).collect();
    names.join(" ")
}

/// The classes of an edit of one paragraph among others.
fn classes(old: &str, new: &str) -> String {
    let page = |paragraph: &str| {
        article(
            "A title",
            &format!(
                "<p>The council met on Monday evening.</p><p>{paragraph}</p><p>It will meet again next week.</p>"
            ),
        )
    };
    names(&between(&page(old), &page(new)))
}

#[test]
fn changes_have_their_classes() {
    for (old, new, expected) in [
        (
            "The bridge cost 4.2 million crowns in all.",
            "The bridge cost 5.1 million crowns in all.",
            "number",
        ),
        (
            "At least three people were hurt in the fire.",
            "At least five people were hurt in the fire.",
            "number",
        ),
        (
            "The fire was put out by the crew of Anna Berg at noon.",
            "The fire was put out by the crew of Maria Lund at noon.",
            "name",
        ),
        (
            "The mayor said “we knew nothing of it” when asked on Monday.",
            "The mayor said “we knew little of it” when asked on Monday.",
            "quote",
        ),
        (
            "The goverment declined to answer questions about it.",
            "The government declined to answer questions about it.",
            "typo",
        ),
        (
            "The ferry which sank was old, and it was slow.",
            "The ferry, which sank, was old and it was slow.",
            "typo",
        ),
        (
            "The ferry was old and slow and everyone knew about it.",
            "The ferry was loved by many and everyone knew about it.",
            "wording",
        ),
        (
            "The vote was held on the ferry in the morning hours.",
            "The vote was held on the ferry in the morning hours. Nobody was allowed to leave before it.",
            "wording",
        ),
        (
            "大火烧毁了4间房屋，居民已经疏散。",
            "大火烧毁了7间房屋，居民已经疏散。",
            "number",
        ),
        (
            "大火造成三人受伤，居民已经疏散。",
            "大火造成五人受伤，居民已经疏散。",
            "number",
        ),
        (
            "市长王建国昨晚宣布了这一决定。",
            "市长李卫东昨晚宣布了这一决定。",
            "name",
        ),
        (
            "他表示：“我们事先并不知情”，随后离开。",
            "他表示：“我们事先完全知情”，随后离开。",
            "quote",
        ),
        (
            "居民己经疏散到附近的学校过夜。",
            "居民已经疏散到附近的学校过夜。",
            "typo",
        ),
        (
            "当局表示不会关闭这座老桥。",
            "当局表示会关闭这座老桥。",
            "wording",
        ),
    ] {
        assert_eq!(classes(old, new), expected, "{old} → {new}");
    }
}

#[test]
fn paragraphs_come_and_go() {
    let old = article(
        "T",
        "<p>One stays as it was.</p><p>Two is about something else entirely.</p>",
    );
    let new = article("T", "<p>One stays as it was.</p>");
    assert_eq!(names(&between(&old, &new)), "paragraph-removed");
    assert_eq!(names(&between(&new, &old)), "paragraph-added");
    let edit = between(&old, &new);
    assert_eq!(edit.removed.trim(), "two is about something else entirely.");
    assert_eq!(edit.size, 31);
}

#[test]
fn a_headline_is_told_apart_from_the_text() {
    let old = article("Minister resigns", "<p>Text.</p>");
    let new = article("Minister dismissed", "<p>Text.</p>");
    assert_eq!(names(&between(&old, &new)), "headline");
    let counted = article("(3) Minister resigns", "<p>Text.</p>");
    assert!(between(&old, &counted).is_noise());
}

#[test]
fn a_paragraph_that_is_joined_and_edited_is_not_removed() {
    let old =
        "<p>One thing was said by many.</p><p>It cost 4 million in all.</p><p>The end came.</p>";
    let new = "<p>One thing was said by many. It cost 5 million in all.</p><p>The end came.</p>";
    for (old, new) in [(old, new), (new, old)] {
        let edit = between(&article("T", old), &article("T", new));
        assert_eq!((names(&edit).as_str(), edit.size), ("number", 2));
    }
    let more = "<p>One thing was said by many. Some laughed.</p><p>It cost 4 million in all.</p><p>The end came.</p>";
    let edit = between(&article("T", old), &article("T", more));
    assert_eq!((names(&edit).as_str(), edit.size), ("wording", 11));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_turns_the_sense_round_is_no_typing_error() {
    for (old, new, expected) in [
        (
            "The bridge cost 1.5 million and took years.",
            "The bridge cost 15 million and took years.",
            "number",
        ),
        (
            "The price rises by 2.5% from January on.",
            "The price rises by 25% from January on.",
            "number",
        ),
        (
            "Growth was -5 percent in the last quarter.",
            "Growth was 5 percent in the last quarter.",
            "number",
        ),
        (
            "The vote is on 3/4 of this year, he said.",
            "The vote is on 34 of this year, he said.",
            "number",
        ),
        (
            "去年的增长为-5，低于预期的水平。",
            "去年的增长为5，低于预期的水平。",
            "number",
        ),
        (
            "去年的增长为1.5倍，低于预期的水平。",
            "去年的增长为15倍，低于预期的水平。",
            "number",
        ),
        (
            "It cost 1,203 crowns in all, they said.",
            "It cost 1.203 crowns in all, they said.",
            "typo",
        ),
        (
            "It is likely that the minister resigns soon.",
            "It is unlikely that the minister resigns soon.",
            "wording",
        ),
        (
            "The confirmed report says that it closes.",
            "The unconfirmed report says that it closes.",
            "wording",
        ),
        (
            "He has ever denied the claim in public.",
            "He has never denied the claim in public.",
            "wording",
        ),
        (
            "The mayor hired the chief of the port.",
            "The mayor fired the chief of the port.",
            "wording",
        ),
        (
            "The minister could resign in the coming days.",
            "The minister would resign in the coming days.",
            "wording",
        ),
        (
            "Es gab keinen Grund für den Verkauf.",
            "Es gab einen Grund für den Verkauf.",
            "wording",
        ),
        (
            "议会决定购买渡轮，得到多数支持。",
            "议会决定不购买渡轮，得到多数支持。",
            "wording",
        ),
        (
            "The boat was bought by Anna Beck of the town.",
            "The boat was bought by Anna Bock of the town.",
            "name",
        ),
        (
            "The “ferry” isn’t what it was – they said.",
            "The \"ferry\" isn't what it was - they said.",
            "typo",
        ),
    ] {
        assert_eq!(classes(old, new), expected, "{old} → {new}");
    }
    let page = |text: &str| article("T", &format!("<p>{text}</p>"));
    let edit = between(
        &page("Growth was -5 percent last year."),
        &page("Growth was 5 percent last year."),
    );
    assert!(edit.size > 0);
}

#[test]
fn an_edit_that_its_outlet_does_not_date_is_silent() {
    let dated = |text: &str, at: Option<i64>| Article {
        updated: at.map(|at| Timestamp::from_seconds(at).into()),
        ..article("T", &format!("<p>{text}</p>"))
    };
    let old = dated("It cost 4 million in all.", Some(100));
    let silent = |new: &Article| between(&old, new).silent;
    assert!(silent(&dated("It cost 5 million in all.", Some(100))));
    assert!(!silent(&dated("It cost 5 million in all.", Some(200))));
    // An outlet that takes the time back, or away, does not say that it changed anything.
    assert!(silent(&dated("It cost 5 million in all.", Some(50))));
    assert!(silent(&dated("It cost 5 million in all.", None)));
    let undated = dated("It cost 4 million in all.", None);
    assert!(!between(&undated, &dated("It cost 5 million in all.", None)).silent);
    let owned = dated(
        "It cost 5 million in all. Correction: it said 4 million.",
        Some(100),
    );
    assert!(!silent(&owned));
    assert!(!silent(&old.clone()));
}

#[test]
fn a_set_of_classes_is_stored_as_a_number() {
    let set: EditClasses = [EditClass::Name, EditClass::Headline].into_iter().collect();
    assert_eq!(EditClasses::from_bits(set.bits()), set);
    assert_eq!(EditClasses::from_bits(u16::MAX).iter().count(), 9);
    for class in EditClass::ALL {
        assert_eq!(EditClass::from_name(class.as_str()), Some(class));
    }
}

#[test]
fn a_comparison_that_tells_something_else_has_another_number() {
    let old = "<p>The goverment met on Monday.</p><p>It cost 4 million.</p>\
               <p>“We knew nothing,” Anna Berg said.</p><p>12 comments</p><p>This goes.</p>";
    let new = "<p>The government met on Monday.</p><p>It cost five million.</p>\
               <p>“We knew little,” Maria Lund said.</p><p>14 comments</p><p>And that comes here.</p>";
    let edits = [
        between(&article("One title", old), &article("Another title", new)),
        between(
            &article("标题", "<p>昨日三人受伤。王伟说不知情。</p>"),
            &article("标题", "<p>昨日五人受伤。李强说不知情。</p>"),
        ),
        between(
            &article("T", "<p>5 minutes ago</p>"),
            &article("T", "<p>7 minutes ago</p>"),
        ),
    ];
    let told: Vec<String> = edits.iter().map(|edit| format!("{edit:?}\n")).collect();
    let told = told.concat();
    let digest = pressmark_model::Digest::of(told.as_bytes()).hex();
    // Where the digest is another one, so is the number: what was stored is computed again by it.
    assert_eq!(
        (CLASSIFIER, digest.get(..16).unwrap()),
        (2, "5f28ea4003d06c8f"),
        "{told}"
    );
}
