use std::fs;
use std::path::Path;

use pressmark_publish::{Import, Imported};

fn put(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn read(root: &Path) -> (Vec<Imported>, Vec<String>) {
    let (mut articles, mut unread) = (Vec::new(), Vec::new());
    for item in Import::open(root).unwrap() {
        match item {
            Ok(article) => articles.push(article),
            Err(error) => unread.push(error.to_string()),
        }
    }
    (articles, unread)
}

fn record(millis: &str, title: &str, url: &str) -> String {
    format!("<!--{millis}-->\n[{title}]({url})\n------\n\n<p>{title}</p>\n")
}

#[test]
fn a_repository_of_records_is_read_oldest_first() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let list = "BBC 中文\n------\n\n9-11 [一](/articles/%E8%8B%B1/999.md)\n\n\n";
    put(root, "lists/BBC 中文.md", list);
    put(root, "README.md", "# News\n");
    put(
        root,
        "articles/英/1000.md",
        record("0", "Tom &amp; &quot;J&quot;", "http://a.example/1"),
    );
    put(
        root,
        "articles/英/999_一.md",
        record("NaN", "一", "http://a.example/2"),
    );
    put(
        root,
        "articles/dw/5.md",
        record("-1000", "b", "http://b.example/3"),
    );
    put(root, "articles/dw/4.md", "<!--1-->\n[cut\n");
    put(root, "articles/dw/3.md", b"<!--1-->\n[\xff](x)\n");
    put(
        root,
        "articles/dw/2.md",
        record("1", "no address", "/relative"),
    );
    put(root, "articles/dw/1.md", "text\n");
    put(root, "articles/dw/notes.txt", "not an article");

    let (articles, unread) = read(root);
    let seen: Vec<_> = articles
        .iter()
        .map(|a| (a.site.as_str(), a.title.as_str(), a.url.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("dw", "b", "http://b.example/3"),
            ("BBC 中文", "Tom & \"J\"", "http://a.example/1"),
            ("BBC 中文", "一", "http://a.example/2"),
        ]
    );
    assert_eq!(articles[0].published.unwrap().at().millis(), -1000);
    assert_eq!(articles[2].published, None);
    assert_eq!(articles[0].html, "<p>b</p>");
    let file = root.join(&articles[1].path);
    assert_eq!(articles[1].bytes, fs::read(file).unwrap());
    assert_eq!(
        unread,
        [
            "`articles/dw/4.md`: it is no record: no line `[title](address)` with `------` and an empty line below it",
            "`articles/dw/3.md`: it is not UTF-8 text",
            "`articles/dw/2.md`: its address is none: `/relative`",
            "`articles/dw/1.md`: it begins neither as a record nor with front matter",
        ]
    );
}

const FRONT: &str = "layout: post\ntitle: \"标题 & more\"\nfrom: https://a.example/x\n";

#[test]
fn jekyll_posts_are_read_with_their_front_matter() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let record = "<!--NaN-->\n[标题](https://a.example/r)\n------\n\n<div>\n<p>x</p>\n</div>\n";
    put(
        root,
        "_posts/2021-05-11-标题.md",
        format!(
            "---\n{FRONT}date: 2021-05-11T15:58:09.716Z\nauthor: A &#38; B\ntags: [ 中参馆 ]\ncomments: True\ncategories: [ 中参馆, 评论 ]\n---\n{record}"
        ),
    );
    put(
        root,
        "_posts/2014-08-19-旧.md",
        format!(
            "---\r\n{FRONT}author: 泡泡\ncategories: [ 泡泡 ]\n---\n\n<article>\n <p>y</p>\n</article>"
        ),
    );
    let (articles, unread) = read(root);
    assert_eq!(unread, [""; 0]);
    let [old, new] = articles.as_slice() else {
        panic!("{articles:?}")
    };
    assert_eq!(
        (old.site.as_str(), old.title.as_str()),
        ("泡泡", "标题 & more")
    );
    assert_eq!(old.url.as_str(), "https://a.example/x");
    assert_eq!(old.html, "<article>\n <p>y</p>\n</article>");
    assert_eq!(old.dated.unwrap().to_string(), "2014-08-19T00:00:00Z");
    assert_eq!((old.authors.len(), old.tags.len()), (0, 0));
    assert_eq!((new.site.as_str(), new.title.as_str()), ("中参馆", "标题"));
    assert_eq!(new.url.as_str(), "https://a.example/r");
    assert_eq!(new.html, "<p>x</p>");
    assert_eq!(new.published, None);
    assert_eq!(new.dated.unwrap().at().millis(), 1_620_748_689_716);
    assert_eq!(new.authors, ["A & B"]);
    assert_eq!(new.tags, ["评论"]);
}

#[test]
fn a_plain_folder_is_read_and_what_is_no_article_is_named() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    put(root, "a.md", record("1", "a", "https://www.a.example/1"));
    put(
        root,
        "sub/b.markdown",
        record("2", "b", "https://b.example/2"),
    );
    put(root, ".git/c.md", record("3", "c", "https://c.example/3"));
    put(root, "README.md", "# Notes\n");
    let (articles, unread) = read(root);
    let sites: Vec<_> = articles.iter().map(|a| a.site.as_str()).collect();
    assert_eq!(sites, ["www.a.example", "sub"]);
    assert_eq!(
        unread,
        ["`README.md`: it begins neither as a record nor with front matter"]
    );
    assert!(Import::open(&root.join("none")).is_err());
}
