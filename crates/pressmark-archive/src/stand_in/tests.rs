use super::Told::{ForNow, NotFound, Removed};
use super::*;

const OLD: &str = "The council of the harbour town met on Monday evening to discuss the future of the \
    ferry line that has linked both shores for a century.\nResidents who spoke at the meeting said \
    that the boats were the only way to reach the hospital in winter, when the coastal road is often \
    closed by snow and falling rocks.\nA decision is expected before the end of the season.";
const OLD_TITLE: &str = "The ferry line debate";
const 旧: &str = "港口小镇的议会周一晚间开会，讨论连接两岸已有一个世纪的渡轮航线的未来。\n与会居民表示，\
    冬季沿海公路常因积雪和落石封闭，轮船是前往医院的唯一途径。\n运营商要求补贴，但地区政府迄今拒绝提供，\
    理由是过去十年乘客人数不断下降。\n预计将在本季结束前作出决定，届时现有合同到期，船只将停泊在南港。";

fn article(title: &str, text: &str) -> Article {
    Article {
        title: title.to_owned(),
        text: text.to_owned(),
        ..Article::default()
    }
}

fn is_replaced(new: &Article, old: &Article) -> bool {
    is_another(&new.text, &old.text) && face(&new.title, &new.text).replaces(old)
}

fn face(title: &str, words: &str) -> Face {
    Face {
        status: 200,
        heading: format!("{title} | The Daily"),
        title: title.to_owned(),
        text: words.to_owned(),
        words: words.to_owned(),
    }
}

const NOTICES: &[(Told, &str, &str)] = &[
    (
        NotFound,
        "404",
        "Oops! The page you are looking for can’t be found. It may have been moved or deleted.",
    ),
    (
        NotFound,
        "Oops!",
        "The page you're looking for can't be found.",
    ),
    (
        NotFound,
        "Harbour Daily",
        "We could not find that page. Try the search instead.",
    ),
    (NotFound, "Error 404", "Page not found"),
    (NotFound, "Harbour Daily", "This page does not exist."),
    (
        NotFound,
        "Page unavailable",
        "The page you requested is unavailable.",
    ),
    (
        NotFound,
        "Seite nicht gefunden",
        "Die von Ihnen gesuchte Seite existiert nicht.",
    ),
    (NotFound, "页面不存在", "您访问的页面不存在或已被移除。"),
    (NotFound, "Not Found", ""),
    (
        NotFound,
        "This page isn't available",
        "The link you followed may be broken, or the page may have been removed.",
    ),
    (NotFound, "Page introuvable", "Désolé."),
    (NotFound, "Error", "La página que busca no existe."),
    (NotFound, "お探しのページは見つかりませんでした", "トップへ"),
    (NotFound, "알림", "요청하신 페이지를 찾을 수 없습니다."),
    (
        Removed,
        OLD_TITLE,
        "We have taken this story down for legal reasons.",
    ),
    (Removed, OLD_TITLE, "This article has been retracted."),
    (Removed, OLD_TITLE, "This story has been unpublished."),
    (
        Removed,
        OLD_TITLE,
        "This article was taken down by the editors.",
    ),
    (
        Removed,
        OLD_TITLE,
        "The article you are looking for has been removed by order of the court.",
    ),
    (
        Removed,
        OLD_TITLE,
        "This article is no longer available due to legal reasons.",
    ),
    (Removed, OLD_TITLE, "该文章已被删除"),
    (Removed, OLD_TITLE, "此内容因违规无法查看"),
    (Removed, OLD_TITLE, "该内容已下线"),
    (
        Removed,
        OLD_TITLE,
        "Dieser Artikel wurde aus rechtlichen Gründen entfernt.",
    ),
    (
        Removed,
        OLD_TITLE,
        "Dieser Artikel ist nicht mehr verfügbar.",
    ),
    (Removed, OLD_TITLE, "Cet article n’est plus disponible."),
    (Removed, OLD_TITLE, "Este artículo ha sido eliminado."),
    (Removed, OLD_TITLE, "この記事は削除されました。"),
    (Removed, OLD_TITLE, "기사가 삭제되었습니다."),
    (
        ForNow,
        "Harbour Daily",
        "This page is temporarily unavailable.",
    ),
    (
        ForNow,
        "Harbour Daily",
        "Scheduled maintenance. The articles are not available until noon.",
    ),
    (ForNow, OLD_TITLE, "网站维护中，页面暂时无法查看。"),
    (
        ForNow,
        "Harbour Daily",
        "Log in to read what was not found elsewhere.",
    ),
];

#[test]
fn notices_are_told_apart() {
    for &(expected, title, words) in NOTICES {
        assert_eq!(
            face(title, words).told(OLD_TITLE),
            Some(expected),
            "{title}: {words}"
        );
        let new = article(title, words);
        assert!(
            is_replaced(&new, &article(OLD_TITLE, OLD)),
            "{title}: {words}"
        );
        assert!(
            is_replaced(&new, &article(OLD_TITLE, &旧.repeat(2))),
            "{title}: {words}"
        );
    }
}

#[test]
fn what_an_article_says_is_no_notice() {
    let long = OLD.repeat(4) + " The page was not found, and the text removed.";
    assert_eq!(face("A title", &long).told(OLD_TITLE), None);
    let lost = face("Lost page not found", "The town met again on Tuesday.");
    assert_eq!(
        lost.told("Lost page not found"),
        None,
        "it is its own title"
    );
    assert_eq!(
        face("Oops", "Try the search, or go back.").told(OLD_TITLE),
        None
    );
}

#[test]
fn an_edited_text_is_not_another_one() {
    let old = article(OLD_TITLE, OLD);
    let edited = OLD.replace("council", "board").replace("Monday", "Tuesday");
    assert!(!is_replaced(
        &article("Ferries: a new debate", &edited),
        &old
    ));
    let gutted = OLD.lines().next().unwrap();
    assert!(!is_replaced(&article("Withdrawn", gutted), &old));
    let grown = format!(
        "{OLD}\n{}",
        "Much more was said in the hour that came after it. ".repeat(3)
    );
    assert!(!is_replaced(
        &article("Ferries: a new debate", &grown),
        &old
    ));
    let 新 = 旧.replace("周一", "周二").replace("拒绝", "同意");
    assert!(!is_replaced(&article("新标题", &新), &article("渡轮", 旧)));
    let other = "The mayor of a mountain village opened a library that was paid for by a lottery, \
        and three hundred people came to see its first exhibition, which is about bees, honey and \
        the many kinds of flowers that grow on the slopes near the village, as its guide explained.";
    assert!(is_replaced(&article("A library opens", other), &old));
    assert!(
        !is_replaced(&article(OLD_TITLE, other), &old),
        "as long, and under its own title"
    );
    assert!(is_replaced(
        &article(
            "山村图书馆开馆",
            "山村的村长为一座由彩票资助的图书馆揭幕，三百人前来参观首个展览。"
        ),
        &article("渡轮", 旧)
    ));
}

#[test]
fn pages_of_one_template_are_the_same() {
    let one = face(
        "Oops",
        "Nothing is at /2026/one, try the search, or go back to the home page of the paper.",
    );
    let other = face(
        "Oops",
        "Nothing is at /2026/x9f3, try the search, or go back to the home page of the paper.",
    );
    assert!(one.says_the_same(&other));
    assert!(one.has_the_title_of(&other, [OLD_TITLE, ""]));
    assert!(!one.has_the_title_of(&other, ["OOPS!", ""]));
    assert!(!one.says_the_same(&face("Oops", OLD)));
    assert!(
        !face("Oops", OLD).says_the_same(&one),
        "what an article quotes does not make it one"
    );
    assert!(
        !face("", "").says_the_same(&face("", "")),
        "nothing is like nothing"
    );
}
