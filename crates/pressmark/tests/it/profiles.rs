//! `extract --profile` and `--learn`.

use pressmark_testkit::Internet;

use crate::program::Program;

const NOTE: &str = "The paper lives from what its readers give it, and from nothing else.";

fn story(word: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>On {word}</title><article><h1>On {word}</h1>\
         <p>The council spoke of {word} for the whole of its meeting, and of what the {word} cost.</p>\
         <div class=funds-note><p>{NOTE}</p></div>\
         <p>It was late when the talk of {word} came to its end, and nobody was sorry for that.</p>\
         </article>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_in_a_file_grows_and_is_used() {
    let net = Internet::start().await;
    let program = Program::on(&net);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let profile = place("news.profile");
    let page = place("page.html");
    let extract = async |word: &str, options: &[&str]| {
        std::fs::write(&page, story(word)).unwrap();
        let url = format!("https://news.test/{word}");
        let asked = ["extract", &page, "--url", &url, "--profile", &profile];
        program.run(&[asked.as_slice(), options].concat()).await
    };
    extract("ferries", &[])
        .await
        .assert_refused("cannot be read");
    for (word, is_new) in [("ferries", true), ("trams", true), ("buses", false)] {
        let found = extract(word, &["--learn"]).await;
        assert_eq!(
            (found.code, found.stdout.contains(NOTE)),
            (0, is_new),
            "{found:?}"
        );
    }
    let learned = std::fs::read(&profile).unwrap();
    let found = extract("bridges", &[]).await;
    assert!(found.stdout.contains("came to its end"), "{found:?}");
    assert!(!found.stdout.contains(NOTE), "{found:?}");
    let told = extract("bridges", &["--explain"]).await;
    let reason = "repeats on 3 of 3 other pages of its site";
    assert!(told.stdout.contains(reason), "{told:?}");
    assert_eq!(std::fs::read(&profile).unwrap(), learned, "only read");

    std::fs::write(&profile, "no profile").unwrap();
    let refused = extract("bridges", &["--learn"]).await;
    refused.assert_refused("cannot be used: the profile is of form 110");
    assert_eq!(std::fs::read(&profile).unwrap(), b"no profile");
}
