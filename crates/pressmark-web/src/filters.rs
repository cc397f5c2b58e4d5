//! Which changes a request asks for: the parameters of the page and of the feed of changes.

use pressmark_archive::change::ChangeQuery;
use pressmark_archive::edit::{EditClass, EditClasses};
use pressmark_model::LeafIndex;

use crate::ui::Ui;

/// The name of what is no class of edit: deletions, and returns.
pub(crate) const DELETED: &str = "deleted";

/// The changes that the parameters ask for: `class` (names with commas between them, or several
/// times), `size`, `removed`, `silent=1`, `before`. `None` if one of them cannot be read.
pub(crate) fn changes(ui: &Ui, limit: u32) -> Option<ChangeQuery> {
    let mut query = ChangeQuery::all(limit);
    let names: Vec<&str> = ui
        .parameters("class")
        .flat_map(|value| value.split(','))
        .filter(|name| !name.is_empty())
        .collect();
    if !names.is_empty() {
        query.deletions = names.contains(&DELETED);
        let classes = names.iter().filter(|name| **name != DELETED);
        let classes: Option<EditClasses> = classes.map(|name| EditClass::from_name(name)).collect();
        query.classes = classes?;
    }
    let given = |name| ui.parameter(name).filter(|value| !value.trim().is_empty());
    if let Some(size) = given("size") {
        query.min_size = size.trim().parse().ok()?;
    }
    if let Some(leaf) = given("before") {
        query.before = Some(LeafIndex(leaf.parse().ok()?));
    }
    query.removed = given("removed").map(|text| text.trim().to_owned());
    query.silent = given("silent") == Some("1");
    Some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str) -> Option<ChangeQuery> {
        changes(&Ui::of(&uri.parse().unwrap(), None), 9)
    }

    #[test]
    fn the_parameters_say_what_is_asked_for() {
        assert_eq!(asked("/changes"), Some(ChangeQuery::all(9)));
        assert_eq!(
            asked("/changes?size=&class=&removed="),
            Some(ChangeQuery::all(9))
        );
        let some = asked("/changes?class=number,quote&class=headline&size=20&silent=1").unwrap();
        assert_eq!(some.classes.iter().count(), 3);
        assert_eq!(
            (some.min_size, some.silent, some.deletions),
            (20, true, false)
        );
        let gone = asked("/changes?class=deleted&removed=%E6%B8%A1%E8%BD%AE&before=7").unwrap();
        assert!(gone.deletions && gone.classes == EditClasses::default());
        assert_eq!(gone.removed.as_deref(), Some("渡轮"));
        assert_eq!(gone.before, Some(LeafIndex(7)));
        for wrong in [
            "/changes?class=nonsense",
            "/changes?size=big",
            "/changes?before=x",
        ] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
    }
}
