//! Writings of secrets as tools print them, one after the other.

use super::{Secrets, WITHHELD};

/// No access key, and shorter than what is looked for in parts.
const SHORT: &str = "IQoJb3JpZ2luX2VjEJrExAmPlEtOkEn0123456789abcd";
/// A token whose first 64 characters those of others have too.
const HEAD: &str = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDxxxxxxxxx";
const REST: &str = "q7vT0mZk2RwY5uNcXeB9dLhS4pGaJ1oFiK8sQrMtVyCzEwUxHbDnAgPj6l3WfO+/Q2xTmZ5cRvN8yKdLpB1sJhG7";
/// The access key of AWS's own documents.
const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn token() -> String {
    [HEAD, REST].concat()
}

fn withheld(text: &str) -> (String, u64) {
    Secrets::of([SHORT.to_owned(), KEY.to_owned(), token()]).withhold_text(text)
}

#[test]
fn a_secret_is_found_in_every_print_of_its_bytes() {
    for (tool, print) in PRINTS {
        let (text, count) = withheld(&format!("before\n{print}after\n"));
        assert!(count >= 1, "{tool}: {text}");
        assert!(text.starts_with("before\n") && text.ends_with("after\n"), "{tool}: {text}");
        // Of the last bytes nothing is left.
        for left in
            ["abcd", "c   d", "62, 0x63", "6162", "62 63", "25185", "25442", "98,99", "98, 99", "98  99", "142 143"]
        {
            assert!(!text.contains(left), "{tool}: {text}");
        }
    }
}

#[test]
fn colours_part_no_secret() {
    let (one, two) = KEY.split_at(9);
    let coloured = format!("it is {one}\u{1b}[01;31m\u{1b}[K{}\u{1b}[m\u{1b}[K{}!\n", &two[..4], &two[4..]);
    assert_eq!(withheld(&coloured), (format!("it is {WITHHELD}!\n"), 1));
    let harmless = "\u{1b}[1mbold\u{1b}[0m and \u{1b}[ no end".to_owned();
    assert_eq!(withheld(&harmless), (harmless, 0));
}

#[test]
fn parts_of_a_token_are_found_without_what_others_begin_with_too() {
    // 24 characters anywhere behind the first 64, with all that stands around them.
    for from in 0..12 {
        let part = &REST[from..from + 24];
        assert_eq!(withheld(&format!("is {part}!")), (format!("is {WITHHELD}!"), 1), "{from}");
        let less = format!("is {}!", &REST[from..from + 22]);
        assert_eq!(withheld(&less), (less, 0), "{from}");
    }
    let most = &token()[20..140];
    assert_eq!(withheld(&format!("<{most}>")), (format!("<{WITHHELD}>"), 1));
    // Another's token begins in the same way.
    let others = format!("{HEAD}NoNeOfOuRsNoNeOfOuRsNoNeOfOuRs");
    assert_eq!(withheld(&others), (others.clone(), 0));
    // Behind a prefix of a log, each piece of a wrapped one.
    let wrapped = format!("Nov 21 host app: {}\nNov 21 host app: {}\n", &REST[..40], &REST[40..]);
    assert_eq!(withheld(&wrapped), (format!("Nov 21 host app: {WITHHELD}\nNov 21 host app: {WITHHELD}\n"), 2));
}

/// What others' tokens of the same issuer say too is none; the signature is.
#[test]
fn of_a_token_in_three_pieces_the_signature_is_looked_for() {
    let jwt = format!("{HEAD}.{REST}.{}", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef".repeat(2));
    let secrets = Secrets::of([jwt.replace(['/', '+'], "_")]);
    let claims = REST.replace(['/', '+'], "_");
    assert_eq!(secrets.withhold_text(&claims), (claims.clone(), 0));
    assert_eq!(secrets.withhold_text("<456789ABCDEFGHIJKLMNOPQRS>"), (format!("<{WITHHELD}>"), 1));
}

#[test]
fn strings_and_lines_that_go_on_part_no_secret() {
    let (one, two) = KEY.split_at(17);
    for between in ["\\\n", "\\\r\n  ", "\" +\n    \"", "\"\n  + \"", "',\n '", "\" \\\n\"", "\" &\r\n\""] {
        let text = format!("k = {one}{between}{two};\n");
        assert_eq!(withheld(&text), (format!("k = {WITHHELD};\n"), 1), "{text}");
    }
    let text = format!("{one}\" and \"{two}");
    // Two parts, each long enough to be known by itself.
    assert_eq!(withheld(&text), (format!("{WITHHELD}\" and \"{WITHHELD}"), 2));
}

const PRINTS: [(&str, &str); 16] = [
    (
        "xxd -i -c 16",
        "unsigned char _tmp_w_audit_v[] = {\n\
             \x20 0x49, 0x51, 0x6f, 0x4a, 0x62, 0x33, 0x4a, 0x70, 0x5a, 0x32, 0x6c, 0x75, 0x58, 0x32, 0x56, 0x6a,\n\
             \x20 0x45, 0x4a, 0x72, 0x45, 0x78, 0x41, 0x6d, 0x50, 0x6c, 0x45, 0x74, 0x4f, 0x6b, 0x45, 0x6e, 0x30,\n\
             \x20 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x0a\n\
             };\n\
             unsigned int _tmp_w_audit_v_len = 46;\n",
    ),
    (
        "xxd -c 64",
        "00000000: 4951 6f4a 6233 4a70 5a32 6c75 5832 566a 454a 7245 7841 6d50 6c45 744f 6b45 6e30 3132 3334 3536 3738 3961 6263 640a                                               IQoJb3JpZ2luX2VjEJrExAmPlEtOkEn0123456789abcd.\n",
    ),
    (
        "xxd -g 8",
        "00000000: 49516f4a62334a70 5a326c755832566a  IQoJb3JpZ2luX2Vj\n\
             00000010: 454a724578416d50 6c45744f6b456e30  EJrExAmPlEtOkEn0\n\
             00000020: 3132333435363738 39616263640a      123456789abcd.\n",
    ),
    (
        "xxd -g 4",
        "00000000: 49516f4a 62334a70 5a326c75 5832566a  IQoJb3JpZ2luX2Vj\n\
             00000010: 454a7245 78416d50 6c45744f 6b456e30  EJrExAmPlEtOkEn0\n\
             00000020: 31323334 35363738 39616263 640a      123456789abcd.\n",
    ),
    (
        "xxd -g 3",
        "00000000: 49516f 4a6233 4a705a 326c75 583256 6a  IQoJb3JpZ2luX2Vj\n\
             00000010: 454a72 457841 6d506c 45744f 6b456e 30  EJrExAmPlEtOkEn0\n\
             00000020: 313233 343536 373839 616263 640a       123456789abcd.\n",
    ),
    (
        "od -An -tx1",
        "\x2049 51 6f 4a 62 33 4a 70 5a 32 6c 75 58 32 56 6a\n\
             \x2045 4a 72 45 78 41 6d 50 6c 45 74 4f 6b 45 6e 30\n\
             \x2031 32 33 34 35 36 37 38 39 61 62 63 64 0a\n",
    ),
    (
        "od -An -tx2",
        "\x205149 4a6f 3362 704a 325a 756c 3258 6a56\n\
             \x204a45 4572 4178 506d 456c 4f74 456b 306e\n\
             \x203231 3433 3635 3837 6139 6362 0a64\n",
    ),
    (
        "od -tx8",
        "0000000 704a33624a6f5149 6a563258756c325a\n\
             0000020 506d417845724a45 306e456b4f74456c\n\
             0000040 3837363534333231 00000a6463626139\n\
             0000056\n",
    ),
    (
        "od -An -c",
        "\x20  I   Q   o   J   b   3   J   p   Z   2   l   u   X   2   V   j\n\
             \x20  E   J   r   E   x   A   m   P   l   E   t   O   k   E   n   0\n\
             \x20  1   2   3   4   5   6   7   8   9   a   b   c   d  \\n\n",
    ),
    (
        "od -An -tu1",
        "\x20 73  81 111  74  98  51  74 112  90  50 108 117  88  50  86 106\n\
             \x20 69  74 114  69 120  65 109  80 108  69 116  79 107  69 110  48\n\
             \x20 49  50  51  52  53  54  55  56  57  97  98  99 100  10\n",
    ),
    (
        "od -tu2",
        "0000000 20809 19055 13154 28746 12890 30060 12888 27222\n\
             0000020 19013 17778 16760 20589 17772 20340 17771 12398\n\
             0000040 12849 13363 13877 14391 24889 25442  2660\n\
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
        "od -An -b",
        "\x20111 121 157 112 142 063 112 160 132 062 154 165 130 062 126 152\n\
             \x20105 112 162 105 170 101 155 120 154 105 164 117 153 105 156 060\n\
             \x20061 062 063 064 065 066 067 070 071 141 142 143 144 012\n",
    ),
    (
        "jq -c explode",
        "[73,81,111,74,98,51,74,112,90,50,108,117,88,50,86,106,69,74,114,69,120,65,109,80,108,69,116,79,107,69,110,48,49,50,51,52,53,54,55,56,57,97,98,99,100]\n",
    ),
    (
        "list(bytes)",
        "[73, 81, 111, 74, 98, 51, 74, 112, 90, 50, 108, 117, 88, 50, 86, 106, 69, 74, 114, 69, 120, 65, 109, 80, 108, 69, 116, 79, 107, 69, 110, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100]\n",
    ),
    (
        "jq explode",
        "[\n  73,\n  81,\n  111,\n  74,\n  98,\n  51,\n  74,\n  112,\n  90,\n  50,\n  108,\n  117,\n  88,\n  50,\n  86,\n  106,\n  69,\n  74,\n  114,\n  69,\n  120,\n  65,\n  109,\n  80,\n  108,\n  69,\n  116,\n  79,\n  107,\n  69,\n  110,\n  48,\n  49,\n  50,\n  51,\n  52,\n  53,\n  54,\n  55,\n  56,\n  57,\n  97,\n  98,\n  99,\n  100\n]\n",
    ),
];
