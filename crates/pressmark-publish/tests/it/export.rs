use std::io;

use pressmark_publish::{ExportError, export_jsonl};

use crate::ledger::Ledger;
use crate::made::version;

#[tokio::test]
async fn a_line_has_the_fields_in_their_order_and_nulls_for_what_is_absent() {
    let mut bare = version(1, "a.example", 2, 2, "二 \"x\"");
    bare.guid = None;
    bare.article.published = None;
    let mut full = version(0, "a.example", 1, 1, "一");
    full.article.authors = vec!["A".to_owned(), "乙".to_owned()];
    full.article.language = Some("zh-Hans".to_owned());
    full.article.image = Some("https://a.example/i.jpg".parse().unwrap());
    full.article.updated = Some("2023-12-20T15:00:00+01:00".parse().unwrap());
    let digests = [full.digest, bare.digest];
    let mut out = Vec::new();
    let count = export_jsonl(&Ledger(vec![full, bare]), &mut out)
        .await
        .unwrap();
    assert_eq!(count, 2);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!(
            concat!(
                r#"{{"url":"https://a.example/%E6%96%B0%E9%97%BB/1","source":"a.example","entry_id":"guid-1","version":1,"title":"一","authors":["A","乙"],"published":"2023-12-20T13:45:01+01:00","updated":"2023-12-20T15:00:00+01:00","language":"zh-Hans","image":"https://a.example/i.jpg","text":"Text 1 of 一\nEnd","html":"<p>Text 1 of\n一</p>\n<p>End</p>","captured_at":"2023-12-20T12:45:01Z","digest":"{}"}}"#,
                "\n",
                r#"{{"url":"https://a.example/%E6%96%B0%E9%97%BB/2","source":"a.example","entry_id":null,"version":2,"title":"二 \"x\"","authors":[],"published":null,"updated":null,"language":null,"image":null,"text":"Text 2 of 二 \"x\"\nEnd","html":"<p>Text 2 of\n二 \"x\"</p>\n<p>End</p>","captured_at":"2023-12-20T12:46:01Z","digest":"{}"}}"#,
                "\n"
            ),
            digests[0], digests[1]
        )
    );
}

#[tokio::test]
async fn every_page_of_the_ledger_is_exported() {
    let ledger = (0..600).map(|leaf| version(2 * leaf, "a.example", leaf + 1, 1, "x"));
    let mut out = Vec::new();
    let count = export_jsonl(&Ledger(ledger.collect()), &mut out)
        .await
        .unwrap();
    let lines = out
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    assert_eq!((count, lines.count()), (600, 600));
}

#[tokio::test]
async fn a_full_disk_is_an_error() {
    let ledger = Ledger(vec![version(0, "a.example", 1, 1, "x")]);
    let mut small = [0; 10];
    let error = export_jsonl(&ledger, &mut small.as_mut_slice())
        .await
        .unwrap_err();
    assert!(matches!(error, ExportError::Write(error) if error.kind() == io::ErrorKind::WriteZero));
}
