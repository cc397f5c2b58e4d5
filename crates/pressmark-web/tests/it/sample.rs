//! A small archive of made-up news: five languages, edits, failures.

use pressmark_archive::entry::{EntryRow, EntryState};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_archive::source::{Robots, Source, SourceSettings, SourceState, SourceStatus};
use pressmark_archive::version::{Version, VersionKind};
use pressmark_model::{
    Article, ArticleId, CaptureId, Digest, EntryId, FeedFormat, Issue, LeafIndex, OffsetTimestamp,
    SourceId, Timestamp, VersionNumber,
};

use super::fake::Fake;

/// What the clock of the sample shows.
pub(crate) fn now() -> Timestamp {
    at("2026-11-22T18:40:00Z").at()
}

pub(crate) fn at(text: &str) -> OffsetTimestamp {
    text.parse().unwrap()
}

/// A source that goes well.
pub(crate) fn source(id: i64, slug: &str, title: &str, language: &str) -> Source {
    Source {
        id: SourceId(id),
        slug: slug.parse().unwrap(),
        url: format!("https://{slug}/feed.xml").parse().unwrap(),
        name: None,
        state: SourceState::Active,
        settings: SourceSettings::default(),
        added_at: at("2026-11-01T08:00:00Z").at(),
        status: SourceStatus {
            title: Some(title.to_owned()),
            home: format!("https://{slug}/").parse().ok(),
            language: Some(language.to_owned()),
            format: FeedFormat::Rss,
            polled_at: Some(at("2026-11-22T18:28:00Z").at()),
            succeeded_at: Some(at("2026-11-22T18:28:00Z").at()),
            next_poll_at: at("2026-11-22T18:58:00Z").at(),
            entries: 42,
            articles: 40,
            ..SourceStatus::default()
        },
    }
}

fn html(paragraphs: &[&str]) -> String {
    format!("<p>{}</p>", paragraphs.join("</p><p>"))
}

fn plain(paragraphs: &[&str]) -> String {
    paragraphs
        .join("\n")
        .replace("<strong>", "")
        .replace("</strong>", "")
}

/// The first version of an article.
pub(crate) fn version(
    id: i64,
    source: &Source,
    title: &str,
    published: &str,
    paragraphs: &[&str],
) -> Version {
    let html = html(paragraphs);
    let article = Article {
        title: title.to_owned(),
        published: Some(at(published)),
        language: source.status.language.clone(),
        text: plain(paragraphs),
        html,
        ..Article::default()
    };
    Version {
        article_id: ArticleId(id),
        number: VersionNumber(1),
        kind: VersionKind::First,
        partial: false,
        url: format!("https://{}/{id}.html", source.slug)
            .parse()
            .unwrap(),
        home: source.id,
        slug: source.slug.clone(),
        number_in_source: id,
        guid: Some(format!("tag:{},2026:{id}", source.slug)),
        digest: article.digest(),
        text_digest: Digest::of(article.text.as_bytes()),
        derivation: "sample".to_owned(),
        captured_at: Timestamp::from_seconds(at(published).at().seconds() + 420),
        capture: CaptureId(id),
        leaf: LeafIndex(id),
        article,
    }
}

/// The version after this one, with another title and text.
pub(crate) fn edited(
    before: &Version,
    title: &str,
    captured: &str,
    paragraphs: &[&str],
) -> Version {
    let mut after = before.clone();
    after.number = VersionNumber(before.number.0 + 1);
    after.kind = VersionKind::Edit;
    after.leaf = LeafIndex(before.leaf.0 + 100);
    after.captured_at = at(captured).at();
    title.clone_into(&mut after.article.title);
    after.article.text = plain(paragraphs);
    after.article.html = html(paragraphs);
    after.digest = after.article.digest();
    after
}

fn failing(mut source: Source, failure: FetchFailure, failures: u32) -> Source {
    source.status.failure = Some(failure.into());
    source.status.failures = failures;
    source.status.succeeded_at = Some(at("2026-11-21T02:00:00Z").at());
    source.status.next_poll_at = at("2026-11-22T21:30:00Z").at();
    source
}

fn entry(id: i64, title: &str, state: EntryState, failure: Failure) -> EntryRow {
    EntryRow {
        id: EntryId(id),
        title: title.to_owned(),
        link: format!("https://harbour-courier.example/{id}").parse().ok(),
        state,
        article: None,
        failure: Some(failure),
        attempts: 3,
        next_attempt_at: (state == EntryState::Pending).then(|| at("2026-11-22T19:20:00Z").at()),
        first_seen_at: at("2026-11-22T09:00:00Z").at(),
    }
}

fn sources() -> Vec<Source> {
    let mut courier = source(1, "harbour-courier.example", "The Harbour Courier", "en-GB");
    courier.status.pending = 2;
    courier.status.failed = 1;
    courier.settings.robots = Some(Robots::Ignore);
    courier.status.issues = vec![
        Issue {
            line: Some(31),
            message: "`pubDate` is no date: `yesterday`".to_owned(),
        },
        Issue {
            line: None,
            message: "the document has no `link`".to_owned(),
        },
    ];
    let harbour = source(2, "jianghe.example", "江河新闻", "zh-Hans");
    let evening = source(3, "tanhai.example", "灘海晚報", "zh-Hant");
    let shiosai = source(4, "shiosai.example", "潮騒新報", "ja");
    let marsa = source(5, "almarsa.example", "صحيفة المرسى", "ar");
    let down = source(6, "hilltop.example", "Hilltop Dispatch", "en");
    let down = failing(
        down,
        FetchFailure::Status {
            status: 503,
            retry_after: None,
        },
        7,
    );
    let mut paused = source(7, "quiet-bulletin.example", "The Quiet Bulletin", "en");
    paused.state = SourceState::Paused;
    vec![marsa, courier, down, harbour, paused, shiosai, evening]
}

fn english(courier: &Source) -> Vec<Vec<Version>> {
    let opening = "The first ferry left the rebuilt quay at ten past six on Sunday, carrying two hundred passengers, a brass band and a cargo of winter apples.";
    let middle = "“We had forgotten how quiet the bay is in the morning,” said Ruth Alder, who has sold tickets from the same hut for thirty-one years. The harbour board put the cost at 4.2 million, a fifth more than was planned.";
    let close =
        "Boats will run every forty minutes until the end of March, and every twenty from April.";
    let mut first = version(
        12,
        courier,
        "Ferries return to the old quay after four years",
        "2026-11-22T16:05:00+00:00",
        &[opening, middle, close],
    );
    first.article.authors = vec!["Nell Marsh".to_owned(), "Ivo Tran".to_owned()];
    first.article.section = Some("Harbour".to_owned());
    let second = edited(
        &first,
        "Ferries return to the old quay after five years",
        "2026-11-22T17:20:00Z",
        &[
            opening,
            "“We had forgotten how quiet the bay is in the morning,” said Ruth Alder, who has sold tickets from the same hut for thirty-one years. The harbour board put the cost at 5.1 million, nearly half more than was planned.",
            "A spokesman for the board declined to say who will pay the difference.",
            close,
        ],
    );
    let mut third = edited(
        &second,
        "Ferries return to the old quay after five years",
        "2026-11-22T18:10:00Z",
        &[
            opening,
            "“We had forgotten how quiet the bay is in the morning,” said Ruth Alder, who has sold tickets from the same hut for thirty-one years. The harbour board put the cost at 5.1 million.",
            "A spokesman for the board declined to say who will pay the difference.",
            close,
        ],
    );
    third.article.html.push_str(concat!(
        "<h2>What it cost</h2><blockquote><p>The sea keeps no accounts, and neither, it seems, did we.</p></blockquote>",
        "<figure><img src=\"https://harbour-courier.example/boat.jpg\" alt=\"A ferry at a quay\"><figcaption>The morning boat, seen from the fish market. Photograph: harbour board</figcaption></figure>",
        "<table><thead><tr><th>Year</th><th>Planned</th><th>Spent</th></tr></thead><tbody><tr><td>2024</td><td>1.1 million</td><td>1.4 million</td></tr><tr><td>2025</td><td>1.6 million</td><td>2.2 million</td></tr></tbody></table>",
        "<ul><li>Summer boats: every twenty minutes</li><li>Winter boats: every forty</li></ul><p>Timetables are at <a href=\"https://harbour-courier.example/boats\">the harbour office</a>.</p>",
    ));
    let mut wall = version(
        11,
        courier,
        "The lighthouse keeper’s ledger, and what the insurers never saw",
        "2026-11-22T09:30:00+00:00",
        &[
            "For sixty years the keepers of Gannet Point wrote down every ship that passed. Subscribe to read on.",
        ],
    );
    wall.partial = true;
    let council = version(
        10,
        courier,
        "Council puts off vote on the north pier for a third time",
        "2026-11-21T19:45:00+00:00",
        &[
            "Councillors voted eleven to nine to wait for the engineers’ report, which was due in June.",
            "The pier stays shut.",
        ],
    );
    vec![vec![first, second, third], vec![wall], vec![council]]
}

fn others(sources: &[Source]) -> Vec<Vec<Version>> {
    let by_slug = |slug: &str| {
        sources
            .iter()
            .find(|source| source.slug.as_str() == slug)
            .unwrap()
    };
    let mut river = version(
        20,
        by_slug("jianghe.example"),
        "沿江老码头重新开放，首班渡轮清晨六点启航",
        "2026-11-22T23:10:00+08:00",
        &[
            "停航五年之后，沿江老码头22日清晨重新开放。六点十分，首班渡轮载着两百名乘客和一船冬苹果缓缓离岸，岸上的老人们举起手机，拍下这一幕。",
            "“都忘了早晨的江面有多安静。”在售票亭工作了31年的林秀兰说。港务局介绍，工程总投资约5100万元，比原计划多出近一半（其中约<strong>1200万元</strong>用于加固堤岸）。",
            "按照新时刻表，明年3月底之前每40分钟一班，4月起每20分钟一班；Wi-Fi与无障碍通道均已开通。",
        ],
    );
    river.article.authors = vec!["周岚".to_owned(), "何一舟".to_owned()];
    let river_edit = edited(
        &river,
        "沿江老码头重新开放，首班渡轮清晨六点十分启航",
        "2026-11-22T16:30:00Z",
        &[
            "停航五年之后，沿江老码头22日清晨重新开放。六点十分，首班渡轮载着两百名乘客和一船冬苹果缓缓离岸。",
            "“都忘了早晨的江面有多安静。”在售票亭工作了31年的林秀兰说。港务局介绍，工程总投资约5100万元（其中约<strong>1200万元</strong>用于加固堤岸）。",
            "按照新时刻表，明年3月底之前每40分钟一班，4月起每20分钟一班；Wi-Fi与无障碍通道均已开通。",
        ],
    );
    let evening = version(
        30,
        by_slug("tanhai.example"),
        "舊渡輪碼頭重開　街坊清晨排隊搭頭班船",
        "2026-11-22T21:00:00+08:00",
        &[
            "停航五年的舊碼頭昨晨重開，街坊清晨五時已在閘口排隊，有人帶同孫兒，有人只為再聽一次汽笛聲。",
            "渡輪公司表示，冬季班次每四十分鐘一班，「先看客量，再談加班」。",
        ],
    );
    let shiosai = version(
        40,
        by_slug("shiosai.example"),
        "旧桟橋、五年ぶりに渡船再開　始発に二百人",
        "2026-11-22T20:15:00+09:00",
        &[
            "五年ぶりに改修を終えた旧桟橋から二十二日早朝、始発の渡船が出港した。乗客は約二百人。桟橋では地元の吹奏楽団が演奏し、出航を祝った。",
            "「朝の湾がこんなに静かだったとは」。切符売り場に三十一年立つ女性は、そう言って目を細めた。",
        ],
    );
    let marsa = version(
        50,
        by_slug("almarsa.example"),
        "العبّارات تعود إلى الرصيف القديم بعد خمس سنوات",
        "2026-11-22T14:00:00+03:00",
        &[
            "غادرت أولى العبّارات الرصيف المُجدَّد عند السادسة وعشر دقائق من صباح الأحد وعلى متنها مئتا راكب وفرقة نحاسية وحمولة من تفاح الشتاء.",
            "وقالت هيئة الميناء إن الكلفة بلغت 5.1 مليون، أي بزيادة النصف تقريباً عمّا كان مقرراً.",
        ],
    );
    let hilltop = version(
        60,
        by_slug("hilltop.example"),
        "Snow closes the pass road",
        "2026-11-20T07:00:00-07:00",
        &["The road will stay shut until Tuesday."],
    );
    vec![
        vec![river, river_edit],
        vec![evening],
        vec![shiosai],
        vec![marsa],
        vec![hilltop],
    ]
}

/// The whole sample.
pub(crate) fn sample() -> Fake {
    let sources = sources();
    let courier = sources
        .iter()
        .find(|source| source.id == SourceId(1))
        .unwrap();
    let mut articles = english(courier);
    articles.extend(others(&sources));
    let timeout = FetchFailure::Timeout {
        phase: "headers".to_owned(),
    };
    let denied = FetchFailure::RobotsDenied {
        rule: "Disallow: /members/".to_owned(),
    };
    let entries = vec![
        entry(
            7,
            "Tide tables for December",
            EntryState::Pending,
            timeout.into(),
        ),
        entry(8, "Members’ letters", EntryState::Failed, denied.into()),
    ];
    let entries = entries
        .into_iter()
        .map(|entry| (SourceId(1), entry))
        .collect();
    Fake {
        sources,
        entries,
        articles,
        ..Fake::default()
    }
}
