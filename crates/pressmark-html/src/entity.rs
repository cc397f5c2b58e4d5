//! Character references: HTML standard, 13.2.5.72 and following.

/// The named references of the standard (13.5), sorted by bytes: a name, then its code points.
const NAMED: &str = include_str!("../data/entities.txt");
/// The longest name that may stand without a semicolon.
const LONGEST_BARE: usize = 6;
/// The longest name with its semicolon.
const LONGEST: usize = 33;

/// Appends `raw` to `out` with its references resolved, CR LF as LF and NUL left out.
pub(crate) fn decode_into(out: &mut String, raw: &str, in_attribute: bool) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr3(b'&', b'\r', b'\0', rest.as_bytes()) {
        let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        rest = match from.as_bytes().first() {
            Some(b'&') => {
                let used = reference(out, from, in_attribute);
                from.get(used..).unwrap_or_default()
            }
            Some(b'\r') => {
                if from.as_bytes().get(1) != Some(&b'\n') {
                    out.push('\n');
                }
                from.get(1..).unwrap_or_default()
            }
            _ => {
                if in_attribute {
                    out.push('\u{FFFD}');
                }
                from.get(1..).unwrap_or_default()
            }
        };
    }
    out.push_str(rest);
}

/// Resolves the reference at the start of `text` (an ampersand); returns how many bytes it took.
fn reference(out: &mut String, text: &str, in_attribute: bool) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'#') => numeric(out, bytes),
        Some(c) if c.is_ascii_alphanumeric() => named(out, text, in_attribute),
        _ => {
            out.push('&');
            1
        }
    }
}

fn numeric(out: &mut String, bytes: &[u8]) -> usize {
    let hex = matches!(bytes.get(2), Some(b'x' | b'X'));
    let (start, radix) = if hex { (3, 16) } else { (2, 10) };
    let mut code: u32 = 0;
    let mut end = start;
    while let Some(digit) = bytes.get(end).and_then(|b| char::from(*b).to_digit(radix)) {
        code = code.saturating_mul(radix).saturating_add(digit);
        end += 1;
    }
    if end == start {
        out.push('&');
        return 1;
    }
    out.push(scalar(code));
    if bytes.get(end) == Some(&b';') {
        end + 1
    } else {
        end
    }
}

/// The character of a numeric reference: windows-1252 in the C1 range, U+FFFD for what is none.
fn scalar(code: u32) -> char {
    const C1: [u32; 32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013,
        0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
    ];
    let code = match code {
        0 => 0xFFFD,
        0x80..=0x9F => C1.get(code as usize - 0x80).copied().unwrap_or(code),
        other => other,
    };
    char::from_u32(code).unwrap_or('\u{FFFD}')
}

fn named(out: &mut String, text: &str, in_attribute: bool) -> usize {
    let bytes = text.as_bytes();
    let run = bytes
        .iter()
        .skip(1)
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    if bytes.get(1 + run) == Some(&b';') {
        let end = run + 2;
        if let Some(codes) = text.get(1..end).and_then(find) {
            push_codes(out, codes);
            return end;
        }
    }
    for length in (2..=run.min(LONGEST_BARE)).rev() {
        let Some(codes) = text.get(1..=length).and_then(find) else {
            continue;
        };
        let next = bytes.get(1 + length);
        if in_attribute && next.is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric()) {
            break;
        }
        push_codes(out, codes);
        return 1 + length;
    }
    out.push('&');
    1
}

fn push_codes(out: &mut String, codes: &str) {
    let points = codes
        .split(' ')
        .filter_map(|hex| u32::from_str_radix(hex, 16).ok());
    out.extend(points.filter_map(char::from_u32));
}

/// The code points of a name (with its semicolon, if it has one), as they stand in the table.
fn find(name: &str) -> Option<&'static str> {
    match name {
        "amp;" => return Some("26"),
        "quot;" => return Some("22"),
        "lt;" => return Some("3c"),
        "gt;" => return Some("3e"),
        "nbsp;" => return Some("a0"),
        _ => {}
    }
    let (mut low, mut high) = (0, NAMED.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = NAMED.get(..middle)?.rfind('\n').map_or(0, |at| at + 1);
        let line = NAMED.get(start..)?.split('\n').next()?;
        let (key, codes) = line.split_once(' ')?;
        match key.as_bytes().cmp(name.as_bytes()) {
            std::cmp::Ordering::Equal => return Some(codes),
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str, in_attribute: bool) -> String {
        let mut out = String::new();
        decode_into(&mut out, raw, in_attribute);
        out
    }

    #[test]
    fn references_are_resolved_as_the_standard_says() {
        for (raw, want) in [
            ("a &amp; b", "a & b"),
            ("&notin; &notit; &not", "∉ ¬it; ¬"),
            ("&#128; &#x4e2d;&#0;&#xD800;", "€ 中\u{FFFD}\u{FFFD}"),
            ("&AMP &nosuch; & &; &#; &#x;", "& &nosuch; & &; &#; &#x;"),
            ("&NotEqualTilde;", "≂̸"),
            ("&CounterClockwiseContourIntegral;", "∳"),
            ("a\r\nb\rc\0", "a\nb\nc"),
        ] {
            assert_eq!(decoded(raw, false), want, "{raw}");
        }
        assert_eq!(decoded("?a=1&copy=2&lt;&para", true), "?a=1&copy=2<¶");
    }

    #[test]
    fn every_name_of_the_table_is_found() {
        assert_eq!(NAMED.lines().count(), 2231);
        for line in NAMED.lines() {
            let (name, codes) = line.split_once(' ').unwrap();
            assert_eq!(find(name), Some(codes), "{name}");
        }
    }
}
