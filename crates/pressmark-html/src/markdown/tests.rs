use super::*;

fn markdown(html: &str) -> String {
    let base = "https://news.example/a/".parse().ok();
    to_markdown(html, base.as_ref())
}

#[test]
fn blocks_have_their_marks() {
    assert_eq!(markdown("<h1>A # b #</h1><p>c"), "# A # b \\#\n\nc\n");
    assert_eq!(
        markdown("<blockquote><p>one<p>two<blockquote>three</blockquote></blockquote>"),
        "> one\n>\n> two\n>\n> > three\n"
    );
    assert_eq!(markdown("<p>a<hr><p>b"), "a\n\n___\n\nb\n");
    assert_eq!(
        markdown("<pre>let a = `b`;\n\n  c\n</pre>"),
        "```\nlet a = `b`;\n\n  c\n```\n"
    );
    assert_eq!(markdown("<pre>```\n</pre>"), "````\n```\n````\n");
    assert_eq!(markdown(""), "");
}

#[test]
fn lists_nest() {
    assert_eq!(
        markdown("<ul><li>one<ul><li>a<li>b</ul><li>two</ul>"),
        "- one\n  - a\n  - b\n- two\n"
    );
    assert_eq!(
        markdown("<ol start=9><li>nine<li><p>ten<p>more</ol>"),
        "9. nine\n\n10. ten\n\n    more\n"
    );
    assert_eq!(markdown("<ul><li>a</ul><ul><li>b</ul>"), "- a\n\n* b\n");
    assert_eq!(
        markdown("<ul><li>a<ol start=3><li>c</ol></ul>"),
        "- a\n\n  3. c\n"
    );
}

#[test]
fn emphasis_holds_beside_letters_of_any_script() {
    assert_eq!(markdown("<p>a <b>b</b> <i>c</i>, d"), "a **b** *c*, d\n");
    assert_eq!(markdown("<p>中<b>文</b>字"), "中**文**字\n");
    // `。**` before a letter would not end anything.
    assert_eq!(
        markdown("<p><b>他说：“不。”</b>然后"),
        "<strong>他说：“不。”</strong>然后\n"
    );
    assert_eq!(markdown("<p><b>中文。</b>"), "**中文。**\n");
    assert_eq!(markdown("<p><b><i>x</i></b> y"), "***x*** y\n");
    assert_eq!(markdown("<p><b>a</b><i>b</i>"), "**a**<em>b</em>\n");
}

#[test]
fn links_and_images_are_absolute() {
    assert_eq!(
        markdown("<p>See!<a href='b (c)'>the [b]</a>"),
        "See\\![the \\[b\\]](<https://news.example/a/b%20(c)>)\n"
    );
    assert_eq!(
        markdown(
            "<figure><img src=/i.png alt='A *map*'><figcaption>By <i>us</i></figcaption></figure>"
        ),
        "![A \\*map\\*](https://news.example/i.png)\n\n*By us*\n"
    );
}

#[test]
fn tables_have_a_row_of_headings() {
    assert_eq!(
        markdown("<table><tr><th>a<th>b|c<tr><td>1<td><p>2<p>3</table>"),
        "| a | b\\|c |\n| --- | --- |\n| 1 | 2<br>3 |\n"
    );
    assert_eq!(
        markdown("<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td colspan=2>d</table>"),
        "| | |\n| --- | --- |\n| a | b |\n| | c |\n| d | |\n"
    );
    assert_eq!(markdown("<table><tr><td><p>a<tr><td>b</table>"), "a\n\nb\n");
}

#[test]
fn text_that_looks_like_markdown_is_escaped() {
    let text = "- a<br>1. b<br># c<br>+ d<br>> e<br>2024) f<br>snake_case _x_<br>&amp;amp; &lt;b>";
    assert_eq!(
        markdown(text),
        "\\- a\\\n1\\. b\\\n\\# c\\\n\\+ d\\\n\\> e\\\n2024\\) f\\\nsnake_case \\_x\\_\\\n\\&amp; \\<b>\n"
    );
}
