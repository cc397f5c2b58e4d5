//! Laws of profiles.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::{Lesson, MOST_PAGES, MOST_TEXTS, Profile, ProfileError, Text};

fn text() -> impl Strategy<Value = Text> {
    (0..200_u64, 0..5_u16, 1..128_u8, any::<bool>()).prop_map(|(key, place, weight, in_body)| {
        Text {
            key,
            place,
            weight,
            in_body,
        }
    })
}

/// Lessons of few pages, so that pages meet.
fn lesson() -> impl Strategy<Value = Lesson> {
    let texts = proptest::collection::vec(text(), 0..12);
    (0..4_u16, 0..60_u64, 0..3_u32, texts).prop_map(|(era, page, root, mut texts)| {
        texts.sort_unstable();
        texts.dedup_by_key(|text| text.key);
        Lesson {
            era: Reverse(era),
            page,
            root,
            texts,
        }
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    proptest::collection::vec(lesson(), 0..50).prop_map(|lessons| {
        let mut profile = Profile::default();
        for lesson in &lessons {
            profile.learn(lesson);
        }
        profile
    })
}

fn merged(one: &Profile, other: &Profile) -> Profile {
    let mut merged = one.clone();
    merged.merge(other);
    merged
}

proptest! {
    #[test]
    fn merging_knows_no_order(a in profile(), b in profile(), c in profile()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert_eq!(merged(&a, &Profile::default()), a);
    }

    #[test]
    fn learning_is_merging_one_page(a in profile(), more in lesson()) {
        let (mut learned, mut alone) = (a.clone(), Profile::default());
        learned.learn(&more);
        alone.learn(&more);
        prop_assert_eq!(learned, merged(&a, &alone));
    }

    #[test]
    fn bytes_and_back(a in profile()) {
        let bytes = a.to_bytes();
        let back = Profile::from_bytes(&bytes);
        prop_assert_eq!(back.as_ref(), Ok(&a));
        prop_assert_eq!(back.map(|back| back.digest()), Ok(a.digest()));
        prop_assert!(a.pages() <= MOST_PAGES);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(profile) = Profile::from_bytes(&bytes) {
            prop_assert_eq!(profile.to_bytes(), bytes);
        }
    }
}

#[test]
fn a_full_profile_is_small() {
    let mut profile = Profile::default();
    for page in 0..100 {
        let texts = (0..MOST_TEXTS as u64).map(|key| Text {
            key: key << 30,
            place: 7,
            weight: 127,
            in_body: true,
        });
        profile.learn(&Lesson {
            era: Reverse(700),
            page,
            root: 1,
            texts: texts.collect(),
        });
    }
    assert_eq!(profile.pages(), MOST_PAGES);
    assert!(profile.to_bytes().len() <= 13_000);
}

#[test]
fn what_is_no_profile_is_told() {
    assert_eq!(Profile::from_bytes(&[]), Err(ProfileError::Damaged));
    assert_eq!(Profile::from_bytes(&[9]), Err(ProfileError::Form(9)));
    assert_eq!(Profile::from_bytes(&[1, 0, 0]), Err(ProfileError::Damaged));
    assert_eq!(Profile::from_bytes(&[1]), Ok(Profile::default()));
}
