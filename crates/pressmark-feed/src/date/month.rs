//! Months by name, in the languages in which feeds write them.

/// The month, from 1, of a name or its beginning in lower case.
pub(super) fn by_name(word: &str) -> Option<u8> {
    let found = NAMES.iter().find(|(start, _)| word.starts_with(start));
    found.map(|(_, month)| *month)
}

/// Beginnings of names; where one begins with another, the longer stands first. Weekdays that look
/// the same (`mar.`, mardi) stand before the month in a date, and the last name counts.
#[rustfmt::skip]
const NAMES: [(&str, u8); 162] = [
    ("červenec", 7), ("července", 7), ("marras", 11),
    // English and what it shares with others.
    ("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4), ("may", 5), ("jun", 6),
    ("jul", 7), ("aug", 8), ("sep", 9), ("oct", 10), ("nov", 11), ("dec", 12),
    // German, Dutch, the Nordic languages.
    ("jän", 1), ("mär", 3), ("mrz", 3), ("maart", 3), ("mrt", 3), ("mai", 5), ("mei", 5), ("maj", 5),
    ("okt", 10), ("dez", 12), ("des", 12), ("tammi", 1), ("helmi", 2), ("maalis", 3), ("huhti", 4),
    ("touko", 5), ("kesä", 6), ("heinä", 7), ("elo", 8), ("syys", 9), ("loka", 10), ("joulu", 12),
    // Romance languages.
    ("fév", 2), ("fev", 2), ("avr", 4), ("juin", 6), ("juil", 7), ("aoû", 8), ("aou", 8), ("déc", 12),
    ("ene", 1), ("abr", 4), ("ago", 8), ("dic", 12), ("gen", 1), ("mag", 5), ("giu", 6), ("lug", 7),
    ("set", 9), ("ott", 10), ("out", 10), ("ian", 1), ("iun", 6), ("iul", 7),
    // Slavic languages, Hungarian, Turkish.
    ("led", 1), ("úno", 2), ("bře", 3), ("dub", 4), ("kvě", 5), ("čer", 6), ("srp", 8), ("zář", 9),
    ("říj", 10), ("lis", 11), ("pro", 12), ("sty", 1), ("lut", 2), ("kwi", 4), ("cze", 6), ("lip", 7),
    ("sie", 8), ("wrz", 9), ("paź", 10), ("pazd", 10), ("gru", 12), ("янв", 1), ("фев", 2), ("мар", 3),
    ("апр", 4), ("май", 5), ("мая", 5), ("июн", 6), ("июл", 7), ("авг", 8), ("сен", 9), ("окт", 10),
    ("ноя", 11), ("дек", 12), ("січ", 1), ("лют", 2), ("бер", 3), ("кві", 4), ("тра", 5), ("чер", 6),
    ("лип", 7), ("сер", 8), ("вер", 9), ("жов", 10), ("лис", 11), ("гру", 12), ("máj", 5), ("jún", 6),
    ("júl", 7), ("oca", 1), ("şub", 2), ("nis", 4), ("haz", 6), ("tem", 7), ("ağu", 8), ("eyl", 9),
    ("eki", 10), ("kas", 11),
    // Greek.
    ("ιαν", 1), ("φεβ", 2), ("μαρ", 3), ("μάρ", 3), ("απρ", 4), ("μάι", 5), ("μαΐ", 5), ("μαϊ", 5),
    ("ιουν", 6), ("ιούν", 6), ("ιουλ", 7), ("ιούλ", 7), ("αυγ", 8), ("αύγ", 8), ("σεπ", 9),
    ("οκτ", 10), ("νοε", 11), ("νοέ", 11), ("δεκ", 12),
    // Arabic, Hebrew.
    ("يناير", 1), ("فبراير", 2), ("مارس", 3), ("أبريل", 4), ("إبريل", 4), ("ابريل", 4), ("مايو", 5),
    ("يونيو", 6), ("يوليو", 7), ("أغسطس", 8), ("سبتمبر", 9), ("أكتوبر", 10), ("نوفمبر", 11),
    ("ديسمبر", 12), ("ינו", 1), ("פבר", 2), ("מרץ", 3), ("אפר", 4), ("מאי", 5), ("יונ", 6),
    ("יול", 7), ("אוג", 8), ("ספט", 9), ("אוק", 10), ("נוב", 11), ("דצמ", 12),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_the_month_it_says() {
        for (name, month) in NAMES {
            assert_eq!(by_name(name), Some(month), "{name}");
        }
        for word in ["wed", "gmt", "st", "mon", "пн", "年", "mo"] {
            assert_eq!(by_name(word), None, "{word}");
        }
    }
}
