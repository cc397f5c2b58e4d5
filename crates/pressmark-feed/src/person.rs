//! Names and e-mail addresses in one line of text.

use pressmark_model::Person;

use crate::text::collapse;

/// The longest line that is looked at, in bytes.
const LONGEST: usize = 1024;

/// Reads `ann@example.org (Ann Lee)`, `Ann Lee <ann@example.org>` and what lies between. None when
/// nothing is there.
pub(crate) fn parse(text: &str) -> Option<Person> {
    let text = collapse(text);
    if text.is_empty() {
        return None;
    }
    let email = if text.len() > LONGEST {
        None
    } else {
        text.split(is_around).find(|word| is_email(word))
    };
    let Some(email) = email else {
        return Some(Person {
            name: text,
            ..Person::default()
        });
    };
    let name = text.replacen(email, "", 1).replace("mailto:", "");
    let name = collapse(&name.replace("<>", " ").replace("()", " "));
    let name = name
        .strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'))
        .unwrap_or(&name);
    let name = name.trim_matches([' ', ',', '"', '\'', '-', ':']);
    let name = if name.is_empty() { email } else { name };
    Some(Person {
        name: name.to_owned(),
        email: Some(email.to_owned()),
        uri: None,
    })
}

fn is_around(character: char) -> bool {
    character.is_whitespace() || matches!(character, '<' | '>' | '(' | ')' | '"' | ',' | ';' | ':')
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.contains('@') && host.contains('.') && !host.ends_with('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_an_address_in_any_order() {
        for text in [
            "ann@example.org (Ann Lee)",
            "Ann Lee <ann@example.org>",
            "Ann Lee (ann@example.org)",
            "\"Ann Lee\" <mailto:ann@example.org>",
            "Ann Lee, ann@example.org",
        ] {
            let person = parse(text).unwrap();
            assert_eq!(
                (&*person.name, person.email.as_deref()),
                ("Ann Lee", Some("ann@example.org")),
                "{text}"
            );
        }
        assert_eq!(parse("ann@example.org").unwrap().name, "ann@example.org");
        assert_eq!(parse("Ann (Paris)").unwrap().name, "Ann (Paris)");
        assert_eq!(parse(" \n"), None);
    }
}
