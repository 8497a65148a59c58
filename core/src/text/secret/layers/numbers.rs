//! Bytes as rows of numbers, wherever they stand: as od and hexdump print them without addresses, and languages their
//! lists: `73, 81, 111`. Hexadecimal digits in the order of the bytes are an alphabet ([`super::runs`]).

use super::{Layer, Places};

/// Numbers that each stand for so many bytes, the last of them first.
struct Numbers {
    radix: u32,
    /// Of a number that is written with its zeros, how many digits it has; of one that is not, the most.
    digits: usize,
    bytes: usize,
}

const NUMBERS: [Numbers; 7] = [
    Numbers { radix: 16, digits: 4, bytes: 2 },
    Numbers { radix: 16, digits: 8, bytes: 4 },
    Numbers { radix: 16, digits: 16, bytes: 8 },
    Numbers { radix: 8, digits: 3, bytes: 1 },
    Numbers { radix: 8, digits: 6, bytes: 2 },
    Numbers { radix: 10, digits: 3, bytes: 1 },
    Numbers { radix: 10, digits: 5, bytes: 2 },
];

/// Gives what every row of numbers says.
pub(super) fn numbers(bytes: &[u8], give: &mut dyn FnMut(&Layer)) {
    for numbers in &NUMBERS {
        let (mut said, mut places, mut at) = (Vec::new(), Places::default(), 0);
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let parted = rest.iter().take_while(|byte| b" \t\r\n,;".contains(byte)).count();
            match rest.get(..length).and_then(|word| numbers.value(word)) {
                Some(value) => {
                    for byte in value.to_le_bytes().into_iter().take(numbers.bytes) {
                        places.add(said.len(), at, length);
                        said.push(byte);
                    }
                }
                None if parted > 0 => {}
                None => super::lines::flush(&mut said, &mut places, give),
            }
            at += length.max(parted).max(1);
        }
        super::lines::flush(&mut said, &mut places, give);
    }
}

impl Numbers {
    fn value(&self, word: &[u8]) -> Option<u64> {
        let prefixed = word.strip_prefix(b"0x").filter(|_| self.radix == 16);
        let word = std::str::from_utf8(prefixed.unwrap_or(word)).ok()?;
        let fits = word.len() == self.digits || (self.radix == 10 && word.len() < self.digits);
        let value = u64::from_str_radix(word, self.radix).ok().filter(|_| fits)?;
        (self.bytes == 8 || value >> (8 * self.bytes) == 0).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::text::secret::{Secrets, WITHHELD};

    const TOKEN: &str = "IQoJb3JpZ2luX2VjEJrExAmPlEtOkEn0123456789abcd";

    fn withheld(text: &str) -> (String, u64) {
        Secrets::of([TOKEN.to_owned()]).withhold_text(text)
    }

    /// As the tools print the token and a line end; what is left is the line end, where it has a number of its own.
    #[test]
    fn a_secret_is_found_in_numbers_of_every_kind() {
        for (tool, rows, left) in ROWS {
            let text = format!("before:\n {rows}\nafter\n");
            assert_eq!(withheld(&text), (format!("before:\n {WITHHELD}{left}\nafter\n"), 1), "{tool}");
        }
    }

    /// As jq, Python and C write it.
    #[test]
    fn a_secret_is_found_in_a_list() {
        let numbers: Vec<String> = TOKEN.bytes().map(|byte| byte.to_string()).collect();
        for between in [",", ", ", ",\n    ", "; "] {
            let text = format!("x = [{}]\n", numbers.join(between));
            assert_eq!(withheld(&text), (format!("x = [{WITHHELD}]\n"), 1), "{text}");
        }
        let words = "{ 0x5149, 0x4a6f, 0x3362, 0x704a, 0x325a, 0x756c, 0x3258, 0x6a56, 0x4a45, 0x4572, 0x4178, 0x506d, \
                     0x456c, 0x4f74, 0x456b, 0x306e, 0x3231, 0x3433, 0x3635, 0x3837, 0x6139, 0x6362, 0x0064 }";
        assert_eq!(withheld(words), (format!("{{ {WITHHELD} }}"), 1));
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            // Too large for a byte, a sign, a word between.
            "73 81 111 74 98 51 74 112 90 50 108 300 88 50\n",
            "73 81 111 74 98 51 74 112 90 50 108 117 88 50 86 106\n69 74 x 114 69 120 65 109 80 108 69 116\n",
            "4a6f5149 704a3362 756c325a 6a563258\n45724a45 506d4178 4f74456c 306e456b 3433323\n",
        ] {
            assert_eq!(withheld(text), (text.to_owned(), 0));
        }
        // A word or another sign ends a row.
        let numbers: Vec<String> = TOKEN.bytes().map(|byte| byte.to_string()).collect();
        let (one, two) = numbers.split_at(20);
        for between in [" x ", " ] [ ", " | "] {
            let text = format!("{}{between}{}\n", one.join(" "), two.join(" "));
            assert_eq!(withheld(&text), (text.clone(), 0));
        }
    }

    const ROWS: [(&str, &str, &str); 9] = [
        (
            "od -An -tx2",
            "5149 4a6f 3362 704a 325a 756c 3258 6a56\n 4a45 4572 4178 506d 456c 4f74 456b 306e\n \
             3231 3433 3635 3837 6139 6362 0a64",
            "",
        ),
        (
            "od -An -tx4",
            "4a6f5149 704a3362 756c325a 6a563258\n 45724a45 506d4178 4f74456c 306e456b\n \
             34333231 38373635 63626139 00000a64",
            "",
        ),
        (
            "od -An -tx8",
            "704a33624a6f5149 6a563258756c325a\n 506d417845724a45 306e456b4f74456c\n \
             3837363534333231 00000a6463626139",
            "",
        ),
        (
            "od -An -to1",
            "111 121 157 112 142 063 112 160 132 062 154 165 130 062 126 152\n 105 112 162 105 170 101 155 120 154 105 \
             164 117 153 105 156 060\n 061 062 063 064 065 066 067 070 071 141 142 143 144 012",
            " 012",
        ),
        (
            "od -An -to2",
            "050511 045157 031542 070112 031132 072554 031130 065126\n 045105 042562 040570 050155 042554 047564 \
             042553 030156\n 031061 032063 033065 034067 060471 061542 005144",
            "",
        ),
        (
            "od -An -tu1",
            "73  81 111  74  98  51  74 112  90  50 108 117  88  50  86 106\n  69  74 114  69 120  65 109  80 108  69 \
             116  79 107  69 110  48\n  49  50  51  52  53  54  55  56  57  97  98  99 100  10",
            "  10",
        ),
        (
            "od -An -tu2",
            "20809 19055 13154 28746 12890 30060 12888 27222\n 19013 17778 16760 20589 17772 20340 17771 12398\n \
             12849 13363 13877 14391 24889 25442  2660",
            "",
        ),
        (
            "od -An -td1",
            "73   81  111   74   98   51   74  112   90   50  108  117   88   50   86  106\n   69   74  114   69  120   \
             65  109   80  108   69  116   79  107   69  110   48\n   49   50   51   52   53   54   55   56   57   97   \
             98   99  100   10",
            "   10",
        ),
        (
            "od -An -td2",
            "20809  19055  13154  28746  12890  30060  12888  27222\n  19013  17778  16760  20589  17772  20340  17771  \
             12398\n  12849  13363  13877  14391  24889  25442   2660",
            "",
        ),
    ];
}
