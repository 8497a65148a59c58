//! What is written line by line: dumps of bytes as xxd, hexdump and od print them, and text with a mark or a number
//! before each line.

use super::{Layer, Places};

/// How a dump writes bytes.
#[derive(Clone, Copy)]
enum Style {
    /// Digits of this base for so many bytes, the first of them first, or last.
    Digits { radix: u32, digits: usize, bytes: usize, last_first: bool },
    /// The characters themselves, as `od -c` writes them.
    Characters,
}

const STYLES: [Style; 11] = [
    Style::Digits { radix: 16, digits: 2, bytes: 1, last_first: false },
    Style::Digits { radix: 16, digits: 4, bytes: 2, last_first: false },
    Style::Digits { radix: 16, digits: 4, bytes: 2, last_first: true },
    Style::Digits { radix: 16, digits: 8, bytes: 4, last_first: true },
    Style::Digits { radix: 16, digits: 16, bytes: 8, last_first: false },
    Style::Digits { radix: 16, digits: 16, bytes: 8, last_first: true },
    Style::Digits { radix: 8, digits: 3, bytes: 1, last_first: false },
    Style::Digits { radix: 8, digits: 6, bytes: 2, last_first: true },
    Style::Digits { radix: 10, digits: 3, bytes: 1, last_first: false },
    Style::Digits { radix: 10, digits: 5, bytes: 2, last_first: true },
    Style::Characters,
];

/// So many bytes a line of a dump has at most; what follows them is the same as text.
const ROW: usize = 256;

/// Gives what every dump in the bytes says.
pub(super) fn dumps(bytes: &[u8], give: &mut dyn FnMut(&Layer)) {
    if !rows(bytes).any(|(at, row)| address(at, row).is_some()) {
        return;
    }
    for style in STYLES {
        let (mut said, mut places) = (Vec::new(), Places::default());
        for (at, row) in rows(bytes) {
            let before = said.len();
            if let Some(from) = address(at, row) {
                dumped(&style, row.get(from - at..).unwrap_or_default(), from, &mut said, &mut places);
            }
            // A line that says nothing ends a dump, but for the star that stands for lines like the one before.
            if said.len() == before && row.trim_ascii() != b"*" {
                flush(&mut said, &mut places, give);
            }
        }
        flush(&mut said, &mut places, give);
    }
}

/// Gives what was said up to here, where a secret could stand in it, and begins anew.
pub(super) fn flush(said: &mut Vec<u8>, places: &mut Places, give: &mut dyn FnMut(&Layer)) {
    let (bytes, places) = (std::mem::take(said), std::mem::take(places));
    if bytes.len() >= super::SHORT {
        give(&Layer { bytes, rate: (1, 1), first: 0, places: &places });
    }
}

/// The lines with where they begin.
fn rows(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.split_inclusive(|byte| *byte == b'\n').scan(0, |at, row| {
        let start = *at;
        *at += row.len();
        Some((start, row))
    })
}

/// Where what stands behind a line's address begins.
fn address(at: usize, row: &[u8]) -> Option<usize> {
    let indent = row.len() - row.trim_ascii_start().len();
    let digits = row.get(indent..)?.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let rest = row.get(indent + digits..)?;
    let colon = usize::from(rest.first() == Some(&b':'));
    let apart = rest.get(colon).is_some_and(u8::is_ascii_whitespace);
    ((4..=16).contains(&digits) && apart).then_some(at + indent + digits + colon)
}

/// Adds what a line says in a style; `from` is where it begins. Each of its words stands for all that follows it: the
/// same may stand there as text.
fn dumped(style: &Style, row: &[u8], from: usize, said: &mut Vec<u8>, places: &mut Places) {
    let end = from + row.trim_ascii_end().len();
    let mut added: Vec<(Vec<u8>, usize)> = Vec::new();
    let mut at = 0;
    let mut count = 0;
    while let Some((word, next)) = word(style, row, at) {
        let Some(bytes) = value(style, word) else { break };
        count += bytes.len();
        if count > ROW {
            break;
        }
        added.push((bytes, from + next - word.len()));
        at = next;
    }
    for (bytes, at) in added {
        for byte in bytes {
            // `od -c` writes blanks as they are: a word of them may stand behind the end of the text.
            places.add(said.len(), at, end.max(at + 1) - at);
            said.push(byte);
        }
    }
}

/// The next word of a line, and where it ends. `od -c` gives every byte four columns, of which a space takes the last.
fn word<'a>(style: &Style, row: &'a [u8], at: usize) -> Option<(&'a [u8], usize)> {
    if let Style::Characters = style {
        let cell = row.get(at..at + 4).filter(|cell| cell.starts_with(b" "))?;
        let word = cell.trim_ascii_start();
        return Some((if word.is_empty() { b" " } else { word }, at + 4));
    }
    let rest = row.get(at..)?;
    let start = at + (rest.len() - rest.trim_ascii_start().len());
    let rest = row.get(start..)?;
    let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    Some((rest.get(..length).filter(|word| !word.is_empty())?, start + length))
}

/// The bytes that a word stands for.
fn value(style: &Style, word: &[u8]) -> Option<Vec<u8>> {
    let word = std::str::from_utf8(word).ok()?;
    match *style {
        Style::Characters => Some(match word {
            "\\n" => vec![b'\n'],
            "\\r" => vec![b'\r'],
            "\\t" => vec![b'\t'],
            "\\0" => vec![0],
            _ if word.len() == 1 => word.as_bytes().to_vec(),
            _ => vec![u8::from_str_radix(word, 8).ok()?],
        }),
        Style::Digits { radix, digits, bytes, last_first } => {
            // The last word may be of fewer bytes.
            let short = radix == 16 && bytes > 1 && !last_first && word.len() < digits && word.len().is_multiple_of(2);
            // Decimal numbers stand without their zeros.
            let fits = word.len() == digits || (radix == 10 && word.len() < digits);
            let right = fits && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            let number = u64::from_str_radix(word, radix).ok().filter(|_| right || short)?;
            let bytes = if short { word.len() / 2 } else { bytes };
            let mut all = number.to_le_bytes().to_vec();
            if all.iter().skip(bytes).any(|byte| *byte != 0) {
                return None;
            }
            all.truncate(bytes);
            if !last_first {
                all.reverse();
            }
            Some(all)
        }
    }
}

/// Gives the bytes without what stands before each line: the mark of a quotation, a remark or a difference, or a number.
pub(super) fn marked(bytes: &[u8], give: &mut dyn FnMut(&Layer)) {
    let (mut plain, mut places, mut any) = (Vec::new(), Places::default(), false);
    for (at, row) in rows(bytes) {
        let mark = mark(row);
        any |= mark > 0;
        for (index, byte) in row.iter().enumerate().skip(mark) {
            places.add(plain.len(), at + index, 1);
            plain.push(*byte);
        }
    }
    places.end = bytes.len();
    if any {
        give(&Layer { bytes: plain, rate: (1, 1), first: 0, places: &places });
    }
}

/// How long the mark is that a line begins with.
fn mark(row: &[u8]) -> usize {
    let is_apart = |byte: &u8| matches!(byte, b' ' | b'\t');
    let indent = row.iter().take_while(|byte| is_apart(byte)).count();
    let rest = row.get(indent..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let signs = rest.iter().take_while(|byte| b">|#/*+-;".contains(byte)).count();
    let (mark, closed) = match (digits, signs) {
        (1..=7, _) => (digits, rest.get(digits).is_some_and(|byte| is_apart(byte) || b":|.)".contains(byte))),
        (0, 1..=3) => (signs, rest.get(signs).is_some_and(is_apart) || rest.starts_with(b">")),
        _ => (0, false),
    };
    if !closed {
        return 0;
    }
    let behind = rest.get(mark..).unwrap_or_default();
    let sign = usize::from(behind.first().is_some_and(|byte| b":|.)".contains(byte)));
    let space = behind.iter().skip(sign).take_while(|byte| is_apart(byte)).count();
    indent + mark + sign + space
}

#[cfg(test)]
mod tests {
    use crate::text::secret::{Secrets, WITHHELD};

    const TOKEN: &str = "IQoJb3JpZ2luX2VjEJrExAmPlEtOkEn0123456789abcd";

    fn withheld(text: &str) -> (String, u64) {
        Secrets::of([TOKEN.to_owned()]).withhold_text(text)
    }

    /// As the tools print the token and a line end. What stands in the same line behind it goes with it, and so do the
    /// addresses between.
    #[test]
    fn a_secret_is_found_in_every_dump() {
        for (tool, dump) in DUMPS {
            let (text, count) = withheld(&format!("before\n{dump}after\n"));
            assert_eq!(count, 1, "{tool}: {text}");
            let (address, rest) = text.strip_prefix("before\n").unwrap().split_once(WITHHELD).unwrap();
            let zeros = address.trim();
            assert!((7..=9).contains(&zeros.len()) && zeros.trim_end_matches(':').bytes().all(|b| b == b'0'), "{tool}");
            // Of the last line nothing is left but, where the line end has a word of its own, that.
            let left = rest.strip_suffix("after\n").unwrap();
            assert!(left.lines().next().unwrap().len() <= 24, "{tool}: {left}");
            assert!(!left.contains("abcd") && !left.contains("6162") && !left.contains("141 142"), "{tool}: {left}");
        }
    }

    #[test]
    fn a_dump_of_something_else_stays() {
        let dump = "00000000: 6861 726d 6c65 7373 2077 6f72 6473 2068  harmless words h\n*\n00000020: 6572 65  ere\n";
        assert_eq!(withheld(dump), (dump.to_owned(), 0));
        // A line between two dumps parts them.
        let parted = "0000000 49 51 6f 4a 62 33 4a 70\nand\n0000010 5a 32 6c 75 58 32 56 6a\n";
        assert_eq!(withheld(parted), (parted.to_owned(), 0));
    }

    #[test]
    fn marks_before_lines_part_no_secret() {
        let (first, rest) = TOKEN.split_at(20);
        for (one, two) in [
            ("> ", "> "),
            (">", ">"),
            (">> ", ">> "),
            ("| ", "| "),
            ("+ ", "+ "),
            ("# ", "# "),
            ("// ", "// "),
            ("  * ", "  * "),
            ("     1\t", "     2\t"),
            ("7:", "8:"),
            ("12. ", "13. "),
            ("1) ", "2) "),
            ("1 | ", "2 | "),
        ] {
            let text = format!("{one}{first}\n{two}{rest}\n");
            assert_eq!(withheld(&text), (format!("{one}{WITHHELD}\n"), 1), "{text}");
        }
        // Digits and signs that stand in the text are no marks.
        for text in ["1234567890 of them\n", "+49 40\n", "########\n", "x > y\n"] {
            assert_eq!(withheld(text), (text.to_owned(), 0));
        }
    }

    const DUMPS: [(&str, &str); 14] = [
        (
            "xxd",
            "00000000: 4951 6f4a 6233 4a70 5a32 6c75 5832 566a  IQoJb3JpZ2luX2Vj\n\
             00000010: 454a 7245 7841 6d50 6c45 744f 6b45 6e30  EJrExAmPlEtOkEn0\n\
             00000020: 3132 3334 3536 3738 3961 6263 640a       123456789abcd.\n",
        ),
        (
            "xxd -g1",
            "00000000: 49 51 6f 4a 62 33 4a 70 5a 32 6c 75 58 32 56 6a  IQoJb3JpZ2luX2Vj\n\
             00000010: 45 4a 72 45 78 41 6d 50 6c 45 74 4f 6b 45 6e 30  EJrExAmPlEtOkEn0\n\
             00000020: 31 32 33 34 35 36 37 38 39 61 62 63 64 0a        123456789abcd.\n",
        ),
        (
            "xxd -c 64",
            "00000000: 4951 6f4a 6233 4a70 5a32 6c75 5832 566a 454a 7245 7841 6d50 6c45 744f 6b45 6e30 3132 3334 3536 \
             3738 3961 6263 640a          IQoJb3JpZ2luX2VjEJrExAmPlEtOkEn0123456789abcd.\n",
        ),
        (
            "xxd -g8",
            "00000000: 49516f4a62334a70 5a326c755832566a  IQoJb3JpZ2luX2Vj\n\
             00000010: 454a724578416d50 6c45744f6b456e30  EJrExAmPlEtOkEn0\n\
             00000020: 3132333435363738 39616263640a      123456789abcd.\n",
        ),
        (
            "hexdump -C",
            "00000000  49 51 6f 4a 62 33 4a 70  5a 32 6c 75 58 32 56 6a  |IQoJb3JpZ2luX2Vj|\n\
             00000010  45 4a 72 45 78 41 6d 50  6c 45 74 4f 6b 45 6e 30  |EJrExAmPlEtOkEn0|\n\
             00000020  31 32 33 34 35 36 37 38  39 61 62 63 64 0a        |123456789abcd.|\n\
             0000002e\n",
        ),
        (
            "hexdump",
            "0000000 5149 4a6f 3362 704a 325a 756c 3258 6a56\n\
             0000010 4a45 4572 4178 506d 456c 4f74 456b 306e\n\
             0000020 3231 3433 3635 3837 6139 6362 0a64     \n\
             000002e\n",
        ),
        (
            "od",
            "0000000 050511 045157 031542 070112 031132 072554 031130 065126\n\
             0000020 045105 042562 040570 050155 042554 047564 042553 030156\n\
             0000040 031061 032063 033065 034067 060471 061542 005144\n\
             0000056\n",
        ),
        (
            "od -b",
            "0000000 111 121 157 112 142 063 112 160 132 062 154 165 130 062 126 152\n\
             0000020 105 112 162 105 170 101 155 120 154 105 164 117 153 105 156 060\n\
             0000040 061 062 063 064 065 066 067 070 071 141 142 143 144 012\n\
             0000056\n",
        ),
        (
            "od -c",
            "0000000   I   Q   o   J   b   3   J   p   Z   2   l   u   X   2   V   j\n\
             0000020   E   J   r   E   x   A   m   P   l   E   t   O   k   E   n   0\n\
             0000040   1   2   3   4   5   6   7   8   9   a   b   c   d  \\n\n\
             0000056\n",
        ),
        (
            "od -x",
            "0000000 5149 4a6f 3362 704a 325a 756c 3258 6a56\n\
             0000020 4a45 4572 4178 506d 456c 4f74 456b 306e\n\
             0000040 3231 3433 3635 3837 6139 6362 0a64\n\
             0000056\n",
        ),
        (
            "od -tx4",
            "0000000 4a6f5149 704a3362 756c325a 6a563258\n\
             0000020 45724a45 506d4178 4f74456c 306e456b\n\
             0000040 34333231 38373635 63626139 00000a64\n\
             0000056\n",
        ),
        (
            "od -tx8",
            "0000000 704a33624a6f5149 6a563258756c325a\n\
             0000020 506d417845724a45 306e456b4f74456c\n\
             0000040 3837363534333231 00000a6463626139\n\
             0000056\n",
        ),
        (
            "hexdump -d",
            "0000000   20809   19055   13154   28746   12890   30060   12888   27222\n\
             0000010   19013   17778   16760   20589   17772   20340   17771   12398\n\
             0000020   12849   13363   13877   14391   24889   25442   02660        \n\
             000002e\n",
        ),
        (
            "od -tu1",
            "0000000  73  81 111  74  98  51  74 112  90  50 108 117  88  50  86 106\n\
             0000020  69  74 114  69 120  65 109  80 108  69 116  79 107  69 110  48\n\
             0000040  49  50  51  52  53  54  55  56  57  97  98  99 100  10\n\
             0000056\n",
        ),
    ];
}
