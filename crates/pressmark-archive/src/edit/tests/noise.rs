//! What is an edit, and what changes by itself.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_changes_by_itself_is_no_edit() {
    let page = |line: &str| {
        article(
            "T",
            &format!("<p>The council met.</p>{line}<p>It was late.</p>"),
        )
    };
    for (old, new) in [
        ("<p>1,204 views</p>", "<p>1,377 views</p>"),
        ("<p>1,204 views</p>", ""),
        ("<p>No comments</p>", "<p>3 comments</p>"),
        (
            "<p>12 comments · 4 min read</p>",
            "<p>31 comments · 4 min read</p>",
        ),
        (
            "<p>Reading time: 4 minutes</p>",
            "<p>Reading time: 5 minutes</p>",
        ),
        ("<p>1.2k shares</p>", "<p>1.4k shares</p>"),
        (
            "<p>Share on Facebook 124</p>",
            "<p>Share on Facebook 1,830</p>",
        ),
        (
            "<p>Join 12 others in the conversation</p>",
            "<p>Join 845 others in the conversation</p>",
        ),
        (
            "<ul><li>12 shares</li><li>3 comments</li></ul>",
            "<ul><li>99 shares</li><li>4 comments</li></ul>",
        ),
        ("<p>阅读量 1203</p>", "<p>阅读量 1.2万</p>"),
        (
            "<p>责任编辑：张三 阅读 1024</p>",
            "<p>责任编辑：张三 阅读 2048</p>",
        ),
        ("<p>3小时前 · 12条评论</p>", "<p>5小时前 · 90条评论</p>"),
        // Time stamps.
        ("<p>Updated 2 hours ago</p>", "<p>Updated 5 minutes ago</p>"),
        ("<p>Posted just now</p>", "<p>Posted 2 hours ago</p>"),
        ("<p>Updated 2 hours ago</p>", "<p>Updated yesterday</p>"),
        ("<p>vor 3 Stunden</p>", "<p>vor 4 Stunden</p>"),
        ("<p>Il y a 3 heures</p>", "<p>Il y a 5 heures</p>"),
        (
            "<p>Published 5 minutes ago by Anna Beck</p>",
            "<p>Published 3 hours ago by Anna Beck</p>",
        ),
        (
            "<p>Last updated: 22 November 2026, 10:30 GMT</p>",
            "<p>Last updated: 23 November 2026, 11:45 GMT</p>",
        ),
        (
            "<p>Updated Nov 22, 2026 at 10:30 a.m. ET</p>",
            "<p>Updated Nov 23, 2026 at 11:45 p.m. ET</p>",
        ),
        (
            "<p>This article was last updated on 3 May 2026.</p>",
            "<p>This article was last updated on 4 May 2026.</p>",
        ),
        (
            "<p>Stand: 22.11.2026, 10:30 Uhr</p>",
            "<p>Stand: 23.11.2026, 11:45 Uhr</p>",
        ),
        ("<p>22 Nov 2026 10:30</p>", "<p>22 Nov 2026 11:30</p>"),
        ("<p>LIVE 10:42</p>", "<p>LIVE 11:07</p>"),
        ("<p>2026年11月22日 10:30</p>", "<p>2026年11月23日 08:15</p>"),
        (
            "<p>更新时间：2026-11-22 10:30</p>",
            "<p>更新时间：2026-11-22 18:30</p>",
        ),
        (
            "<p>来源：新华社 2026-11-22 10:30</p>",
            "<p>来源：新华社 2026-11-22 18:30</p>",
        ),
        ("", "<p>Updated 2 hours ago</p>"),
        // What is offered.
        ("<p>Advertisement</p>", ""),
        ("", "<p>广告</p>"),
        (
            "<p><a href=/a>Ferry sinks</a></p>",
            "<p><a href=/b>Tram burns</a></p>",
        ),
        ("<p><a href=/a>Ferry sinks</a></p>", ""),
        (
            "<ul><li><a href=/a>Ferry sinks</a></li><li><a href=/c>Rain</a></li></ul>",
            "<ul><li><a href=/b>Sun</a></li></ul>",
        ),
        (
            "<ul><li><a href=/a>Ferry sinks, 3 hurt</a></li><li><a href=/c>Rain</a></li></ul>",
            "<ul><li><a href=/a>Ferry sinks, 5 hurt</a></li><li><a href=/c>Rain</a></li></ul>",
        ),
        (
            "<p>Read also: <a href=/a>A story of a dog</a></p>",
            "<p>Read also: <a href=/b>Rain in the north</a></p>",
        ),
        (
            "<h4>Trending now</h4><p>A story about a dog in the park</p><p>Beta story of cats and mice</p>",
            "<h4>Trending now</h4><p>Gamma tale about a whale at sea</p><p>Delta tale of birds in trees</p>",
        ),
        (
            "<h4>相关阅读</h4><p>渡轮停航三天</p><p>港口扩建</p>",
            "<h4>相关阅读</h4><p>今年冬天特别冷</p><p>学校获奖</p>",
        ),
        ("<p>DAX 18.234 +0,4 %</p>", "<p>DAX 18.301 -0,1 %</p>"),
        (
            "<p>Shares of the operator: OPR $12.34 (+1.2%)</p>",
            "<p>Shares of the operator: OPR $12.99 (-0.4%)</p>",
        ),
        ("<p>Weather: 12°C, cloudy</p>", "<p>Weather: 9°C, sunny</p>"),
        (
            "<p>© 2026 Courier. Page generated in 0.213 s</p>",
            "<p>© 2026 Courier. Page generated in 0.187 s</p>",
        ),
        // Where lines end.
        (
            "<p>One thing was said.</p><p>Another was done.</p>",
            "<p>One thing was said. Another was done.</p>",
        ),
        (
            "<p>First line of it<br>second line of it</p>",
            "<p>First line of it second line of it</p>",
        ),
        (
            "<p>他说了一句话。</p><p>然后离开。</p>",
            "<p>他说了一句话。然后离开。</p>",
        ),
        // Relative dates in sentences that grew by the hour that went by.
        (
            "<p>The mayor spoke 2 hours ago in the hall of the town.</p>",
            "<p>The mayor spoke 3 hours ago in the hall of the town.</p>",
        ),
        (
            "<p>据本报3小时前报道，市长在市政厅发表讲话。</p>",
            "<p>据本报5小时前报道，市长在市政厅发表讲话。</p>",
        ),
    ] {
        let edit = between(&page(old), &page(new));
        assert!(edit.is_noise(), "{old} → {new}: {}", names(&edit));
        assert_eq!(edit.size, 0);
        assert_eq!(names(&edit), "boilerplate");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_says_something_is_an_edit_wherever_it_stands() {
    let page = |line: &str| {
        article(
            "T",
            &format!(
                "<p>The council met.</p><p>It was late.</p>{line}<p>It rained.</p><p>All went home.</p>"
            ),
        )
    };
    let table = |cell: &str| format!("<table><tr><td>Smith</td><td>{cell}</td></tr></table>");
    let numbers = [
        ("<p>1,203</p>", "<p>703</p>"),
        ("<p>12 dead</p>", "<p>14 dead</p>"),
        ("<p>Final score: 2 to 1</p>", "<p>Final score: 2 to 2</p>"),
        ("<h3>Harbour 2 - 1 Town</h3>", "<h3>Harbour 1 - 2 Town</h3>"),
        ("<p>5人死亡</p>", "<p>7人死亡</p>"),
        ("<p>Total votes: 12,345</p>", "<p>Total votes: 54,321</p>"),
        ("<p>3,000 votes</p>", "<p>4,000 votes</p>"),
        (&table("1,203"), &table("703")),
        (&table("1,203 views"), &table("703 views")),
        (
            "<ul><li>12 people</li><li>3 hours</li></ul>",
            "<ul><li>240 people</li><li>30 hours</li></ul>",
        ),
        (
            "<ul><li>死者：12人</li><li>人数：34人</li></ul>",
            "<ul><li>死者：19人</li><li>人数：99人</li></ul>",
        ),
        (
            "<ul><li>Departure: 6 Nov</li></ul>",
            "<ul><li>Departure: 9 Nov</li></ul>",
        ),
        (
            "<dl><dt>Published</dt><dd>6 Nov 2026, 10:30</dd></dl>",
            "<dl><dt>Published</dt><dd>9 Nov 2026, 10:30</dd></dl>",
        ),
        ("<p>6月4日</p>", "<p>7月4日</p>"),
        (
            "<p>Updated rules apply from 3 May 2026.</p>",
            "<p>Updated rules apply from 4 May 2026.</p>",
        ),
        (
            "<p>Share of the vote: 54%</p>",
            "<p>Share of the vote: 45%</p>",
        ),
        (
            "<p>The petition drew 3,000 comments from residents</p>",
            "<p>The petition drew 4,000 comments from residents</p>",
        ),
        (
            "<p>The victim was last seen 3 days ago near the harbour.</p>",
            "<p>The victim was last seen 9 days ago near the harbour.</p>",
        ),
        (
            "<p>据本报3小时前报道，市长发表讲话。</p>",
            "<p>据本报9小时前报道，市长发表讲话。</p>",
        ),
        (
            "<p><a href=/a>The ferry cost 4 million, a report says</a></p>",
            "<p><a href=/a>The ferry cost 9 million, a report says</a></p>",
        ),
    ];
    for (old, new) in numbers {
        assert_eq!(
            names(&between(&page(old), &page(new))),
            "number",
            "{old} → {new}"
        );
    }
    for (old, new) in [
        (
            "<p><a href=/x>The minister took money from the operator, a report says</a></p>",
            "<p><a href=/x>The minister did not take money from the operator, a report says</a></p>",
        ),
        (
            "<h2>Advertisement</h2>",
            "<h2>Advertisement boycott grows after the report</h2>",
        ),
        ("<p>By Anna Beck</p>", "<p>By Carl Dorn</p>"),
        (
            "<p>Published 5 minutes ago by Anna Beck</p>",
            "<p>Published 3 hours ago by Carl Dorn</p>",
        ),
        ("<h3>Update</h3>", "<h3>Correction</h3>"),
        (
            "<p>Related costs</p><p>They are high.</p>",
            "<p>Related costs</p><p>They are low.</p>",
        ),
    ] {
        let edit = between(&page(old), &page(new));
        assert!(!edit.is_noise() && edit.size > 0, "{old} → {new}");
    }
}

#[test]
fn the_name_of_the_site_is_no_part_of_the_headline() {
    let titled = |title: &str, site: Option<&str>| Article {
        site_name: site.map(str::to_owned),
        ..article(title, "<p>Text.</p>")
    };
    let site = Some("Harbour Daily");
    for (new, site, noise) in [
        ("Ferry sinks - Harbour Daily", site, true),
        ("Ferry sinks | Sport | Harbour", None, true),
        ("Ferry sinks – two dead", site, false),
        ("Ferry sinks - Harbour Daily", None, false),
    ] {
        let edit = between(&titled("Ferry sinks", site), &titled(new, site));
        assert_eq!(edit.is_noise(), noise, "{new}");
    }
    let chinese = (titled("渡轮沉没", None), titled("渡轮沉没_港口日报", None));
    assert!(between(&chinese.0, &chinese.1).is_noise());
}

#[test]
fn only_a_note_owns_up_to_an_edit() {
    for (added, owned) in [
        ("Correction: it said 4 million.", true),
        (
            "It is over. CORRECTION (12 November): it said 4 million.",
            true,
        ),
        (
            "An earlier version of this article gave another price.",
            true,
        ),
        ("Editor’s note: the price was wrong.", true),
        ("更正：此前的数字有误。", true),
        ("The man was taken to a correctional centre.", false),
        ("He asked for an update: none came.", false),
        ("Corrected forms are sent out in May.", false),
        ("Update-Zwang gilt ab Mai.", false),
    ] {
        assert_eq!(owning::owns_up(added), owned, "{added}");
    }
}

#[test]
fn a_body_is_kept_for_more_than_counters() {
    let page = |line: &str| {
        article(
            "T",
            &format!("<p>The council met.</p>{line}<p>It was late.</p>"),
        )
    };
    for (old, new, more) in [
        ("<p>12 views</p>", "<p>14 views</p>", false),
        ("<p>Updated 2 hours ago</p>", "", false),
        ("<p>One.</p><p>Two.</p>", "<p>One. Two.</p>", false),
        (
            "<p><a href=/a>Ferry sinks</a></p>",
            "<p><a href=/b>Tram burns</a></p>",
            true,
        ),
        ("<p>Weather: 12°C</p>", "<p>Weather: 9°C</p>", true),
        (
            "<p>He left 3 hours ago in a boat.</p>",
            "<p>He left 4 hours ago in a boat.</p>",
            true,
        ),
    ] {
        assert_eq!(
            is_more_than_counters(&page(old), &page(new)),
            more,
            "{old} → {new}"
        );
    }
}
