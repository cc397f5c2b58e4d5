//! Cases on what sites taught.

use pressmark_archive::site::{InUse, Profile, Site};

use super::Pair;
use super::samples::at;

/// A profile that remembers one page, without a line.
fn profile(page: u8) -> Profile {
    let bytes = [1, 0, 0, 0, 0, 0, 0, 0, page, 0, 7, 0, 0, 0, 1, 0];
    Profile::from_bytes(&bytes).unwrap()
}

fn site(taught: u64, used: Option<u8>) -> Site {
    Site {
        taught,
        learning: profile(u8::try_from(taught).unwrap()),
        in_use: used.map(|page| InUse {
            profile: profile(page),
            taught: u64::from(page),
            since: at(i64::from(page)),
        }),
        ..Site::new("public", "news.test")
    }
}

pub(super) async fn teach_and_are_read_with_a_profile(pair: Pair) {
    let Pair { one, other } = pair;
    assert_eq!(one.site("public", "news.test").await.unwrap(), None);
    assert!(one.store_site(&site(3, None), 0).await.unwrap());
    let stored = other.site("public", "news.test").await.unwrap();
    assert_eq!(stored, Some(site(3, None)));
    let in_use = other.profile_in_use("public", "news.test");
    assert_eq!(in_use.await.unwrap(), None);
    assert_eq!(other.profiles_in_use().await.unwrap(), [""; 0]);

    assert!(other.store_site(&site(8, Some(8)), 3).await.unwrap());
    let stored = one.site("public", "news.test").await.unwrap();
    assert_eq!(stored, Some(site(8, Some(8))));
    let name = profile(8).name();
    let in_use = one.profile_in_use("public", "news.test").await.unwrap();
    assert_eq!(in_use.as_ref(), Some(&name));
    let all = one.profiles_in_use().await.unwrap();
    assert_eq!(all, [format!("public news.test {name}")]);
    assert_eq!(one.profile(&name).await.unwrap(), Some(profile(8)));
    let elsewhere = one.profile_in_use("source:1", "news.test").await.unwrap();
    assert_eq!(elsewhere, None, "scopes are apart");
}

pub(super) async fn are_taught_by_one_at_a_time(pair: Pair) {
    let Pair { one, other } = pair;
    assert!(one.store_site(&site(1, None), 0).await.unwrap());
    assert!(!other.store_site(&site(2, None), 0).await.unwrap());
    assert!(one.store_site(&site(4, Some(4)), 1).await.unwrap());
    assert!(!other.store_site(&site(5, Some(5)), 1).await.unwrap());
    let stored = other.site("public", "news.test").await.unwrap();
    assert_eq!(stored, Some(site(4, Some(4))));
}

pub(super) async fn keep_every_profile_that_was_in_use(pair: Pair) {
    let Pair { one, other } = pair;
    assert!(one.store_site(&site(8, Some(8)), 0).await.unwrap());
    assert!(one.store_site(&site(32, Some(32)), 8).await.unwrap());
    for page in [8, 32] {
        let kept = other.profile(&profile(page).name()).await.unwrap();
        assert_eq!(kept, Some(profile(page)));
    }
    assert_eq!(other.profile("unknown").await.unwrap(), None);
}
