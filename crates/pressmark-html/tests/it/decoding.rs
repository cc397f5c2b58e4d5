//! Pages in every encoding of the news, labelled rightly, wrongly and not at all.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254,
};
use pressmark_html::{ToldBy, decode};

const SIMPLIFIED: &str = "据新华社报道，国务院总理今天上午在北京主持召开常务会议，研究部署下一步的经济工作。会议指出，当前经济运行总体平稳，但是仍然面临不少困难和挑战，需要继续努力。";
const TRADITIONAL: &str = "中央社台北電，行政院長今天上午主持院會，聽取各部會的報告。他表示，經濟情勢雖然有許多困難，但是政府會繼續努力，讓人民的生活變得更好，也請大家放心。";
const JAPANESE: &str = "気象庁によりますと、きょうの午後から関東地方では雨が強く降る見込みで、川の増水や低い土地の浸水に十分注意するよう呼びかけています。電車の遅れも予想されます。";
const KOREAN: &str = "기상청은 오늘 오후부터 서울과 경기 지역에 많은 비가 내릴 것으로 예상된다고 밝혔습니다. 시민들은 하천 근처에 가지 말고 안전에 주의해 달라고 당부했습니다.";
const RUSSIAN: &str = "Как сообщили в министерстве, сегодня в столице ожидается сильный дождь, и жителей просят быть осторожными на дорогах. Поезда ходят по обычному расписанию.";
const GERMAN: &str = "Wie die Behörde mitteilte, müssen die Bürger für die nächsten Tage mit größeren Störungen rechnen, weil die Brücke über den Fluß geprüft wird. Züge fahren später.";
const POLISH: &str = "Jak podało ministerstwo, mieszkańcy muszą się liczyć z dużymi utrudnieniami, ponieważ most nad rzeką będzie zamknięty. Służby proszą o ostrożność i cierpliwość.";
const GREEK: &str = "Σύμφωνα με την υπηρεσία, σήμερα το απόγευμα αναμένεται δυνατή βροχή στην πρωτεύουσα και οι κάτοικοι καλούνται να είναι προσεκτικοί στους δρόμους της πόλης.";
const TURKISH: &str = "Bakanlığın açıklamasına göre, bugün öğleden sonra başkentte şiddetli yağış bekleniyor ve sürücülerin dikkatli olması isteniyor. Çalışmalar sürüyor, değişiklik olmadı.";

fn cases() -> Vec<(&'static Encoding, &'static str)> {
    vec![
        (GBK, SIMPLIFIED),
        (GB18030, SIMPLIFIED),
        (BIG5, TRADITIONAL),
        (SHIFT_JIS, JAPANESE),
        (EUC_JP, JAPANESE),
        (EUC_KR, KOREAN),
        (WINDOWS_1251, RUSSIAN),
        (WINDOWS_1252, GERMAN),
        (WINDOWS_1250, POLISH),
        (WINDOWS_1253, GREEK),
        (WINDOWS_1254, TURKISH),
        (encoding_rs::UTF_8, SIMPLIFIED),
        (encoding_rs::UTF_8, GERMAN),
    ]
}

fn page(encoding: &'static Encoding, label: &str, text: &str) -> Vec<u8> {
    let meta = if label.is_empty() {
        String::new()
    } else {
        format!("<meta charset=\"{label}\">")
    };
    let html = format!(
        "<!doctype html><html><head>{meta}</head><body><p>{text}</p><p>{text}</p></body></html>"
    );
    encoding.encode(&html).0.into_owned()
}

#[test]
fn a_right_label_is_believed_wherever_it_stands() {
    for (encoding, text) in cases() {
        let header = format!("text/html; charset={}", encoding.name());
        let by_header = decode(&page(encoding, "", text), Some(&header));
        assert!(
            by_header.text.contains(text),
            "{} by header: {}",
            encoding.name(),
            by_header.encoding
        );
        assert_eq!(by_header.told_by, ToldBy::Header, "{}", encoding.name());
        let by_meta = decode(&page(encoding, encoding.name(), text), Some("text/html"));
        assert!(
            by_meta.text.contains(text),
            "{} by meta: {}",
            encoding.name(),
            by_meta.encoding
        );
    }
}

#[test]
fn a_page_without_a_label_is_read() {
    for (encoding, text) in cases() {
        let found = decode(&page(encoding, "", text), None);
        assert!(
            found.text.contains(text),
            "{} detected as {}",
            encoding.name(),
            found.encoding
        );
    }
}

/// Every page with every label that is not its own, in the header and in the page.
#[test]
fn a_wrong_label_is_not_believed() {
    let mut wrong = Vec::new();
    let mut all = 0;
    for (encoding, text) in cases() {
        for (label, _) in cases() {
            // One-byte encodings differ in letters that no detector can tell on a short page.
            if label == encoding || (label.is_single_byte() && encoding.is_single_byte()) {
                continue;
            }
            for (header, meta) in [
                (Some(label), ""),
                (None, label.name()),
                (Some(label), encoding.name()),
            ] {
                let header = header.map(|h| format!("text/html; charset={}", h.name()));
                let found = decode(&page(encoding, meta, text), header.as_deref());
                all += 1;
                if !found.text.contains(text) {
                    wrong.push((
                        encoding.name(),
                        label.name(),
                        header.is_some(),
                        !meta.is_empty(),
                        found.encoding,
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {all}: {wrong:?}", wrong.len());
}

#[test]
fn a_byte_order_mark_wins() {
    let utf16: Vec<u8> = "\u{FEFF}<p>文"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let found = decode(&utf16, Some("text/html; charset=iso-8859-1"));
    assert_eq!(
        (found.text.as_str(), found.told_by),
        ("<p>文", ToldBy::ByteOrderMark)
    );
    let utf8 = decode(b"\xEF\xBB\xBF<meta charset=gbk>\xC3\xA9", None);
    assert_eq!(
        (utf8.text.as_str(), utf8.encoding),
        ("<meta charset=gbk>é", "UTF-8")
    );
}

#[test]
fn one_broken_byte_does_not_change_the_encoding() {
    let mut bytes = page(encoding_rs::UTF_8, "utf-8", SIMPLIFIED);
    bytes.truncate(bytes.len() - 20);
    bytes.pop();
    bytes.push(0xE4);
    let found = decode(&bytes, Some("text/html; charset=utf-8"));
    assert_eq!((found.encoding, found.had_errors), ("UTF-8", true));
    assert!(found.text.contains(SIMPLIFIED));
}

#[test]
fn a_declaration_in_a_comment_does_not_count() {
    let found = decode(
        b"<!-- <meta charset=utf-16> --><meta charset=utf-16le><p>plain",
        None,
    );
    assert_eq!(
        (found.encoding, found.text.contains("plain")),
        ("UTF-8", true)
    );
    let xml = decode(b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><p>\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0", None);
    assert_eq!(xml.encoding, "windows-1251");
}
