use pressmark_model::Timestamp;

use super::*;

fn article(title: &str, html: &str) -> Article {
    Article {
        title: title.to_owned(),
        html: html.to_owned(),
        text: pressmark_html::plain_text(html),
        ..Article::default()
    }
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
    names(&Edit::between(&page(old), &page(new)))
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
    assert_eq!(names(&Edit::between(&old, &new)), "paragraph-removed");
    assert_eq!(names(&Edit::between(&new, &old)), "paragraph-added");
    let edit = Edit::between(&old, &new);
    assert_eq!(edit.removed.trim(), "two is about something else entirely.");
    assert_eq!(edit.size, 31);
}

#[test]
fn a_headline_is_told_apart_from_the_text() {
    let old = article("Minister resigns", "<p>Text.</p>");
    let new = article("Minister dismissed", "<p>Text.</p>");
    assert_eq!(names(&Edit::between(&old, &new)), "headline");
    let counted = article("(3) Minister resigns", "<p>Text.</p>");
    assert!(Edit::between(&old, &counted).is_noise());
}

#[test]
fn what_changes_by_itself_is_no_edit() {
    let page = |line: &str| {
        article(
            "T",
            &format!("<p>The council met.</p>{line}<p>It was late.</p>"),
        )
    };
    for (old, new) in [
        ("<p>1,204 views</p>", "<p>1,377 views</p>"),
        ("<p>Updated 2 hours ago</p>", "<p>Updated 3 hours ago</p>"),
        (
            "<p>12 comments · 4 min read</p>",
            "<p>31 comments · 4 min read</p>",
        ),
        ("<p>1.2k shares</p>", "<p>1.4k shares</p>"),
        ("<p>阅读量 1203</p>", "<p>阅读量 8841</p>"),
        ("<p>3小时前 · 12条评论</p>", "<p>5小时前 · 90条评论</p>"),
        ("<p>vor 3 Stunden</p>", "<p>vor 4 Stunden</p>"),
        ("<p>Advertisement</p>", ""),
        ("", "<p>广告</p>"),
        (
            "<p><a href=/a>Ferry sinks</a></p>",
            "<p><a href=/b>Tram burns</a></p>",
        ),
        (
            "<ul><li><a href=/a>Ferry sinks</a></li><li><a href=/c>Rain</a></li></ul>",
            "<ul><li><a href=/b>Sun</a></li></ul>",
        ),
        (
            "<p>The mayor spoke 2 hours ago in the hall of the town.</p>",
            "<p>The mayor spoke 3 hours ago in the hall of the town.</p>",
        ),
        (
            "<p>据本报3小时前报道，市长在市政厅发表讲话。</p>",
            "<p>据本报5小时前报道，市长在市政厅发表讲话。</p>",
        ),
    ] {
        let edit = Edit::between(&page(old), &page(new));
        assert!(edit.is_noise(), "{old} → {new}: {}", names(&edit));
        assert_eq!(edit.size, 0);
        assert_eq!(names(&edit), "boilerplate");
    }
}

#[test]
fn a_short_line_with_a_number_is_text_if_it_says_something() {
    let page = |line: &str| article("T", &format!("<p>The council met.</p><p>{line}</p>"));
    for (old, new) in [
        ("12 dead", "14 dead"),
        ("Final score: 2 to 1", "Final score: 2 to 2"),
        ("5人死亡", "7人死亡"),
        (
            "The petition drew 3,000 comments from residents",
            "The petition drew 4,000 comments from residents",
        ),
    ] {
        assert_eq!(
            names(&Edit::between(&page(old), &page(new))),
            "number",
            "{old}"
        );
    }
}

#[test]
fn an_edit_that_its_outlet_does_not_date_is_silent() {
    let dated = |text: &str, at: Option<i64>| Article {
        updated: at.map(|at| Timestamp::from_seconds(at).into()),
        ..article("T", &format!("<p>{text}</p>"))
    };
    let old = dated("It cost 4 million in all.", Some(100));
    let silent = |new: &Article| Edit::between(&old, new).silent;
    assert!(silent(&dated("It cost 5 million in all.", Some(100))));
    assert!(!silent(&dated("It cost 5 million in all.", Some(200))));
    assert!(!silent(&dated("It cost 5 million in all.", None)));
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
        Edit::between(&article("One title", old), &article("Another title", new)),
        Edit::between(
            &article("标题", "<p>昨日三人受伤。王伟说不知情。</p>"),
            &article("标题", "<p>昨日五人受伤。李强说不知情。</p>"),
        ),
        Edit::between(
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
        (1, "5f28ea4003d06c8f"),
        "{told}"
    );
}
