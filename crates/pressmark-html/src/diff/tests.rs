use super::*;

fn shown(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece.side {
        Side::Both => piece.text.clone(),
        Side::Old => format!("[-{}-]", piece.text),
        Side::New => format!("[+{}+]", piece.text),
    };
    pieces.iter().map(piece).collect()
}

fn listed<C>(blocks: &[Block<'_, C>], changed: impl Fn(&C) -> String) -> Vec<String> {
    let block = |block: &Block<'_, C>| match block {
        Block::Same(text) => format!("={text}"),
        Block::Skipped(n) => format!("…{n}"),
        Block::Changed(change) => changed(change),
    };
    blocks.iter().map(block).collect()
}

fn inline(old: &str, new: &str) -> Vec<String> {
    listed(&Diff::of(old, new).inline(1), |pieces| shown(pieces))
}

fn beside(old: &str, new: &str) -> Vec<String> {
    listed(&Diff::of(old, new).side_by_side(0), |pair| {
        format!("{} | {}", shown(&pair.old), shown(&pair.new))
    })
}

#[test]
fn words_and_characters_are_what_changes() {
    assert_eq!(
        shown(&line(
            "The board put it at 4.2 million.",
            "The board put it at 5.1 million."
        )),
        "The board put it at [-4.2-][+5.1+] million."
    );
    assert_eq!(
        shown(&line("首班渡轮清晨六点启航", "首班渡轮清晨六点十分启航")),
        "首班渡轮清晨六点[+十分+]启航"
    );
    assert_eq!(shown(&line("same", "same")), "same");
    assert_eq!(shown(&line("", "new")), "[+new+]");
}

#[test]
fn a_rewritten_sentence_is_not_cut_into_shreds() {
    let found = shown(&line(
        "He resigned on a rainy morning in the capital",
        "She would fight on, her office said, and in court",
    ));
    assert!(found.matches("[-").count() <= 1, "{found}");
}

#[test]
fn unchanged_paragraphs_far_from_a_change_are_left_out() {
    assert_eq!(
        inline("a\nb\nc\nd old\ne\nf\ng", "a\nb\nc\nd new\ne\nf\ng\nh"),
        ["…2", "=c", "d [-old-][+new+]", "=e", "…1", "=g", "[+h+]"]
    );
    assert_eq!(inline("a\nb", "a\nb"), ["…2"]);
    assert_eq!(inline("", ""), Vec::<String>::new());
    assert!(Diff::of("a\nb", "a\nb").is_same());
    let all = Diff::of("a\nb\nc", "a\nb\nd").inline(usize::MAX);
    assert_eq!(
        listed(&all, |pieces| shown(pieces)),
        ["=a", "=b", "[-c-][+d+]"]
    );
}

#[test]
fn paragraphs_stand_beside_their_counterparts() {
    assert_eq!(
        beside(
            "first\nThe tide was low at noon.\nlast",
            "first\nA new paragraph.\nThe tide was high at noon.\nlast"
        ),
        [
            "…1",
            " | [+A new paragraph.+]",
            "The tide was [-low-] at noon. | The tide was [+high+] at noon.",
            "…1"
        ]
    );
    assert_eq!(beside("gone\nb", "b"), ["[-gone-] | ", "…1"]);
    assert_eq!(
        beside("一二三四", "五六七八"),
        ["[-一二三四-] | [+五六七八+]"]
    );
}

#[test]
fn a_paragraph_cut_in_two_stands_beside_its_larger_part() {
    assert_eq!(
        beside(
            "The harbour office said so on Monday. Nobody asked.",
            "The harbour office said so on Monday.\nNobody asked."
        ),
        [
            "The harbour office said so on Monday.[- -]Nobody asked. | The harbour office said so on Monday.",
            " | Nobody asked."
        ]
    );
}

#[test]
fn either_text_can_be_read_out_of_the_comparison() {
    let (old, new) = (
        "one two\nthree\nfour five six",
        "one 2\nfour fünf six\n三四",
    );
    let diff = Diff::of(old, new);
    let read = |side: Side| -> String {
        let mut text = String::new();
        for block in diff.side_by_side(usize::MAX) {
            match block {
                Block::Same(line) => text.push_str(line),
                Block::Skipped(_) => {}
                Block::Changed(pair) => {
                    let pieces = if side == Side::Old {
                        pair.old
                    } else {
                        pair.new
                    };
                    assert!(
                        pieces
                            .iter()
                            .all(|p| p.side == side || p.side == Side::Both)
                    );
                    text.extend(pieces.into_iter().map(|piece| piece.text));
                }
            }
        }
        text
    };
    assert_eq!(read(Side::Old), old.replace('\n', ""));
    assert_eq!(read(Side::New), new.replace('\n', ""));
}

#[test]
fn a_text_too_large_to_compare_is_shown_as_replaced() {
    let (old, new) = ("a b ".repeat(5_000), "c d ".repeat(5_000));
    assert_eq!(line(&old, &new).len(), 2);
}
