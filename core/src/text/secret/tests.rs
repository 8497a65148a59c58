//! What is withheld, and what is not.

use super::*;

const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Its base64 encoded once more, and the like.
const TWICE: [&str; 7] = [
    "ZDBwaGJISllWWFJ1UmtWTlNTOUxOMDFFUlU1SEwySlFlRkptYVVOWlJWaEJUVkJNUlV0RldRPT0=",
    "eGVYbDNTbUZzY2xoVmRHNUdSVTFKTDBzM1RVUkZUa2N2WWxCNFVtWnBRMWxGV0VGTlVFeEZTMFZa",
    "6430706862484a5956585275526b564e5353394c4e303145525535484c324a5165464a6d61554e5a525668425456424d5255744657513d3d",
    "Nzc0YTYxNmM3MjU4NTU3NDZlNDY0NTRkNDkyZjRiMzc0ZDQ0NDU0ZTQ3MmY2MjUwNzg1MjY2Njk0MzU5NDU1ODQxNGQ1MDRjNDU0YjQ1NTk=",
    "WkRCd2FHSklTbGxXV0ZKMVVtdFdUbE5UT1V4T01ERkZVbFUxU0V3eVNsRmxSa3B0WVZWT1dsSldhRUpVVmtKTlVsVjBSbGRSUFQwPQ==",
    "MQYHA2DCJBFFSVSYKJ2VE22WJZJVGOKMJYYDCRKSKU2UQTBSJJIWKRSKNVQVKTS2KJLGQQSUKZBE2USVORDFOUJ5HU======",
    "33373337333436313336333133363633333733323335333833353335333733343336363533343336333433353334363433343339333236363334363233333337333436343334333433343335333436353334333733323636333633323335333033373338333533323336333633363339333433333335333933343335333533383334333133343634333533303334363333343335333436323334333533353339",
];

/// base64 of coreutils, twice; a space is the end of a line.
const WRAPPED: &str = "YzI5dFpTQjNiM0prY3lCaVpXWnZjbVVnYVhRZ2MzUmhibVFnYUdWeVpTd2dZVzVrSUhSb1pXNGdk R2hsSUd0bGVUb2dkMHBoYkhKWQpWWFJ1UmtWTlNTOUxOMDFFUlU1SEwySlFlRkptYVVOWlJWaEJU VkJNUlV0RldRPT0K";

fn withheld(text: &str) -> (String, u64) {
    Secrets::of([KEY.to_owned(), "short".to_owned()]).withhold_text(text)
}

#[test]
fn a_known_secret_is_replaced_in_every_form() {
    let own = WITHHELD;
    assert_eq!(withheld(&format!("key = {KEY}\nshort {KEY}")), (format!("key = {own}\nshort {own}"), 2));
    assert_eq!(withheld(&format!("{KEY}{KEY}x")), (format!("{own}{own}x"), 2));
    assert_eq!(
        withheld("{\"k\":\"wJalrXUtnFEMI\\/K7MDENG\\/bPxRfiCYEXAMPLEKEY\"}"),
        (format!("{{\"k\":\"{own}\"}}"), 1)
    );
    assert_eq!(withheld("?k=wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY&x"), (format!("?k={own}&x"), 1));
    // It was cut at the end.
    assert_eq!(withheld("key = wJalrXUtn"), (format!("key = {own}"), 1));
    assert_eq!(withheld("key = wJalrXU"), ("key = wJalrXU".to_owned(), 0));
    assert_eq!(withheld("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEx"), (format!("{own}x"), 1));
}

/// Literals made with xxd and base64 of other packages.
#[test]
fn a_known_secret_is_found_in_what_was_encoded() {
    let own = WITHHELD;
    let hex = "774a616c725855746e46454d492f4b374d44454e472f62507852666943594558414d504c454b4559";
    assert_eq!(withheld(&format!("<{hex}>")), (format!("<{own}>"), 1));
    assert_eq!(withheld(&hex.to_uppercase()), (own.to_owned(), 1));
    // The key alone, then behind one and two bytes; what depends on its neighbours stays.
    let alone = "d0phbHJYVXRuRkVNSS9LN01ERU5HL2JQeFJmaUNZRVhBTVBMRUtFWQ==";
    assert_eq!(withheld(alone), (format!("{own}Q=="), 1));
    let behind_one = "eHdKYWxyWFV0bkZFTUkvSzdNREVORy9iUHhSZmlDWUVYQU1QTEVLRVkK";
    assert_eq!(withheld(behind_one), (format!("eH{own}kK"), 1));
    let behind_two = "eHl3SmFsclhVdG5GRU1JL0s3TURFTkcvYlB4UmZpQ1lFWEFNUExFS0VZCg==";
    assert_eq!(withheld(behind_two), (format!("eHl{own}Cg=="), 1));
    let wide: Vec<u8> = KEY.bytes().flat_map(|byte| [byte, 0]).collect();
    assert_eq!(Secrets::of([KEY.to_owned()]).withhold(wide), (own.as_bytes().to_vec(), 1));
    let big: Vec<u8> = KEY.bytes().flat_map(|byte| [0, byte]).collect();
    assert_eq!(Secrets::of([KEY.to_owned()]).withhold(big), (own.as_bytes().to_vec(), 1));
}

/// Lines are broken by whoever prints them; base64 of coreutils does so after 76 characters, xxd -p after 60.
#[test]
fn a_known_secret_is_found_across_broken_lines() {
    let own = WITHHELD;
    for broken in ["\n", "\r", "\r\n", "\n    ", "\r\n\t ", "\n\n"] {
        let text = format!("key = wJalrXUtnFEMI{broken}/K7MDENG{broken}/bPxRfiCYEXAMPLEKEY\nmore");
        assert_eq!(withheld(&text), (format!("key = {own}\nmore"), 1), "{broken:?}");
        let (first, rest) = KEY.split_at(1);
        assert_eq!(withheld(&format!("{first}{broken}{rest}")), (own.to_owned(), 1), "{broken:?}");
    }
    // Of other words between its parts nothing is left out.
    for between in [" ", "\n+", "\u{200b}", "\x1b[2A"] {
        let text = format!("wJalrXUtnFEMI{between}/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert_eq!(withheld(&text), (format!("{own}{between}{own}"), 2));
    }
    // base64 of 40 letters x and the key, xxd -p of the key.
    let wrapped = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHdKYWxyWFV0bkZFTUkvSzdN\nREVORy9i\
                   UHhSZmlDWUVYQU1QTEVLRVk=\n";
    assert_eq!(withheld(wrapped), (format!("{}{own}k=\n", &wrapped[..54]), 1));
    let hex = "774a616c725855746e46454d492f4b374d44454e472f6250785266694359\n4558414d504c454b4559\n";
    assert_eq!(withheld(hex), (format!("{own}\n"), 1));
    let wide = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "wJalrXUtnFEMI/K7MDENG\r\n /bPxRfiCYEXAMPLEKEY\r\n".encode_utf16().flat_map(to).collect()
    };
    let end = |end: &[u8]| [own.as_bytes(), end].concat();
    let secrets = Secrets::of([KEY.to_owned()]);
    assert_eq!(secrets.withhold(wide(u16::to_le_bytes)), (end(b"\r\0\n\0"), 1));
    assert_eq!(secrets.withhold(wide(u16::to_be_bytes)), (end(b"\0\r\0\n"), 1));
    // It was cut, behind a broken line and at one.
    assert_eq!(withheld("key = wJal\nrXUtn"), (format!("key = {own}"), 1));
    assert_eq!(withheld("key = wJalrXUtn\r\n"), (format!("key = {own}\r\n"), 1));
    assert_eq!(withheld("key = wJal\nrXU"), ("key = wJal\nrXU".to_owned(), 0));
}

#[test]
fn a_known_secret_of_several_lines_is_found_however_they_are_broken() {
    let own = WITHHELD;
    let secrets = Secrets::of(["-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n-----END KEY-----\n".to_owned()]);
    for broken in ["\n", "\r\n", "\n  ", "\\n", "\\r\\n", ""] {
        let text = format!("<-----BEGIN KEY-----{broken}AAAAB3NzaC1yc2E{broken}-----END KEY----->");
        assert_eq!(secrets.withhold_text(&text), (format!("<{own}>"), 1), "{broken:?}");
    }
    let wrapped = "-----BEGIN\nKEY-----\nAAAAB3NzaC1yc2E\n-----END\n  KEY-----";
    assert_eq!(secrets.withhold_text(wrapped), (own.to_owned(), 1));
    // base64 of it.
    let encoded = "LS0tLS1CRUdJTiBLRVktLS0tLQpBQUFBQjNOemFDMXljMkUKLS0tLS1FTkQgS0VZLS0tLS0K";
    assert_eq!(secrets.withhold_text(encoded), (format!("{own}0K"), 1));
}

/// Literals made with base32, base64, xxd, jq and Python's quopri and html.
#[test]
fn a_known_secret_is_found_in_what_was_encoded_otherwise_or_more_than_once() {
    let own = WITHHELD;
    let base32 = "O5FGC3DSLBKXI3SGIVGUSL2LG5GUIRKOI4XWEUDYKJTGSQ2ZIVMECTKQJRCUWRKZ";
    assert_eq!(withheld(base32), (own.to_owned(), 1));
    assert_eq!(withheld(&base32.to_lowercase()), (own.to_owned(), 1));
    let base32hex = "ET562R3IB1AN8RI68L6KIBQB6T6K8HAE8SNM4K3OA9J6IGQP8LC42JAG9H2KMHAP";
    assert_eq!(withheld(base32hex), (own.to_owned(), 1));
    // base64 of its base64, hexadecimal digits of its base64, base64 of its digits, three times base64.
    for twice in TWICE {
        let (text, count) = withheld(twice);
        assert_eq!(count, 1, "{twice}: {text}");
        // What depends on what stood beside it stays: no character of the key can be read from so few.
        assert!(text.len() <= own.len() + 14, "{text}");
    }
    // base64 of a file in which lines of base64 are broken.
    let wrapped = WRAPPED.replace(' ', "\n");
    let (text, count) = withheld(&wrapped);
    assert_eq!((count, text.contains("phbHJY")), (1, false), "{text}");
    for escaped in [
        "wJalrXUtnFEMI\\u002fK7MDENG\\u002FbPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI\\x2fK7MDENG\\/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI&#x2F;K7MDENG&#47;bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI=2FK7MDENG=2FbPx=\nRfiCYEXAMPLEKEY",
        "%77%4A%61%6C%72%58%55%74%6e%46%45%4d%49%2f%4b%37%4d%44%45%4e%47%2f%62%50%78%52%66%69%43%59%45%58%41%4d%50%4c%45%4b%45%59",
    ] {
        assert_eq!(withheld(&format!("<{escaped}>")), (format!("<{own}>"), 1), "{escaped}");
    }
    // No escapes: nothing is left out of what only looks so.
    for other in ["100%+1 &#; &#x; &#xfff; \\u12 \\", "=\n%zz%4"] {
        assert_eq!(withheld(other), (other.to_owned(), 0));
    }
}

#[test]
fn what_goes_on_from_words_before_is_left_out_too() {
    let secrets = Secrets::of([KEY.to_owned()]);
    let after = |before: &str, text: &str| {
        let (bytes, count) = secrets.withhold_after(before.as_bytes(), text.as_bytes());
        (String::from_utf8(bytes).unwrap(), count)
    };
    let own = WITHHELD;
    assert_eq!(after("key = wJalr\n", "XUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY it was"), (format!("{own} it was"), 1));
    assert_eq!(after("wJalr\nXUtnFEMI/K7MDENG\n", "/bPxRfiCYEXAMPLEKEY"), (own.to_owned(), 1));
    assert_eq!(after(&format!("{KEY}\n"), "and more"), ("and more".to_owned(), 0));
    assert_eq!(after(&format!("{KEY}\n"), KEY), (own.to_owned(), 1));
    assert_eq!(after("d0phbHJYVXRuRkVNSS9L\n", "N01ERU5HL2JQeFJmaUNZRVhBTVBMRUtFWQ=="), (format!("{own}Q=="), 1));
    assert_eq!(after("wJalr\nno\n", "XUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), (own.to_owned(), 1));
}

/// In the middle of text of two bytes each nothing beside the key is touched.
#[test]
fn a_known_secret_is_cut_out_of_wide_text_exactly() {
    let secrets = Secrets::of([KEY.to_owned()]);
    for (to, low) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], true), (u16::to_be_bytes, false)] {
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(to).collect() };
        let expected = [wide("key: "), WITHHELD.as_bytes().to_vec(), wide(".\n")].concat();
        assert_eq!(secrets.withhold(wide(&format!("key: {KEY}.\n"))), (expected, 1), "{low}");
    }
}

/// As shells, languages and old browsers write characters by their numbers.
#[test]
fn a_known_secret_is_found_in_every_escape() {
    let own = WITHHELD;
    let each = |write: fn(u8) -> String| KEY.bytes().map(write).collect::<String>();
    for written in [
        each(|byte| format!("\\{byte:03o}")),
        each(|byte| format!("\\0{byte:03o}")),
        each(|byte| format!("\\u{{{byte:x}}}")),
        each(|byte| format!("\\u{{{byte:04X}}}")),
        each(|byte| format!("\\U{byte:08x}")),
        each(|byte| format!("%u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("&#x{byte:x};")),
    ] {
        assert_eq!(withheld(&format!("<{written}>")), (format!("<{own}>"), 1), "{written}");
    }
    // A part of one among plain characters.
    assert_eq!(withheld("$'\\167Jalr\\130UtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'"), (format!("$'{own}'"), 1));
    // A number that is closed too late, that is none, or that is no byte, is no escape.
    let plain = "\\u{0000000077} \\u{} \\u{7z} \\489 \\777 %u00";
    assert_eq!(withheld(plain), (plain.to_owned(), 0));
}

/// The first line of a key of OpenSSH's is the same in everybody's.
#[test]
fn a_private_key_is_found_by_its_lines_and_by_its_bytes() {
    let own = WITHHELD;
    let first = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA";
    let (second, third) = ("5nKw0jH2vYzQ1sT9uXc4Ld7eRf3gAb8hPiOoJpNkMqWl", "Zy6xV1cU2bS3aR4qP5oN6mL7kJ8iHg==");
    let secrets = Secrets::of([[first, second, third].join("\n")]);
    let quoted = format!("> {first}\n> {second}\n> {third}\n");
    assert_eq!(secrets.withhold_text(&quoted), (format!("> {own}\n"), 1));
    let last = format!("> {second}\n> {third}\n");
    assert_eq!(secrets.withhold_text(&last), (format!("> {own}\n> {own}\n"), 2));
    assert_eq!(secrets.withhold_text(&format!("> {first}\n> more")), (format!("> {first}\n> more"), 0));
    assert_eq!(secrets.withhold_text(&format!("body: {third}")), (format!("body: {own}"), 1));
    let bytes = data_encoding::BASE64.decode([first, second, third].concat().as_bytes()).unwrap();
    let (kept, count) = secrets.withhold([b"raw: ", bytes.as_slice(), b"."].concat());
    assert_eq!((kept, count), ([b"raw: openssh-key-v1\0", own.as_bytes(), b"."].concat(), 1));
    // A key of another program has no such beginning; what is shorter than that says nothing.
    let secrets = Secrets::of([format!("{second}\nshort")]);
    assert_eq!(secrets.withhold_text(&format!("{second}, short")), (format!("{own}, short"), 1));
    // A value of one line has no others.
    let one = Secrets::of(["one two three four=five".to_owned(), format!("{second} x")]);
    assert_eq!(one.withhold_text(&format!("{second}.")), (format!("{second}."), 0));
}

/// Twelve characters in a row are no chance; of what is no access key of AWS the whole must stand there.
#[test]
fn a_part_of_an_access_key_is_left_out() {
    let own = WITHHELD;
    assert_eq!(withheld("the end is DENG/bPxRfiCYEXAMPLEKEY, she said"), (format!("the end is {own}, she said"), 1));
    assert_eq!(withheld("tnFEMI/K7MDE."), (format!("{own}."), 1));
    assert_eq!(withheld("tnFEMI/K7MD."), ("tnFEMI/K7MD.".to_owned(), 0));
    // base64 of its last twenty characters.
    assert_eq!(withheld("YlB4UmZpQ1lFWEFNUExFS0VZ"), (own.to_owned(), 1));
    // Of its last twelve; its last eleven are too few.
    assert_eq!(withheld("Q1lFWEFNUExFS0VZ"), (own.to_owned(), 1));
    assert_eq!(withheld("WUVYQU1QTEVLRVk="), ("WUVYQU1QTEVLRVk=".to_owned(), 0));
    let secrets = Secrets::of(["correct-horse-battery-staple".to_owned()]);
    assert_eq!(secrets.withhold_text("a horse-battery-staple"), ("a horse-battery-staple".to_owned(), 0));
    // As xxd and hexdump -C show it.
    let dump = "00000000: 774a 616c 7258 5574 6e46 454d 492f 4b37  wJalrXUtnFEMI/K7\n\
                00000010: 4d44 454e 472f 6250 7852 6669 4359 4558  MDENG/bPxRfiCYEX\n\
                00000020: 414d 504c 454b 4559 0a                   AMPLEKEY.\n";
    let (text, count) = withheld(dump);
    assert_eq!((text, count), (format!("00000000: {own}\n"), 1));
}

/// As od, ssh-keygen, C and others print them.
#[test]
fn digits_that_stand_apart_are_read_together() {
    let secrets = Secrets::of([KEY.to_owned()]);
    let pairs: Vec<String> = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    for between in [" ", ":", "-", ", ", ",0x", ", 0x", " 0X"] {
        let text = format!("<{}>", pairs.join(between));
        assert_eq!(secrets.withhold_text(&text), (format!("<{WITHHELD}>"), 1), "{between:?}");
    }
    let (text, count) = secrets.withhold_text(&format!("0x{}", pairs.join(", 0x")));
    assert_eq!((text, count), (format!("0x{WITHHELD}"), 1));
}

/// Whatever stands before it: a byte order mark, a name, nothing; and with or without more behind.
#[test]
fn a_known_secret_is_found_in_wide_text_wherever_it_begins() {
    let secrets = Secrets::of([KEY.to_owned()]);
    for to in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let wide: Vec<u8> = KEY.encode_utf16().flat_map(to).collect();
        for before in [&b""[..], b"\xff\xfe", b"\xfe\xff", b"key=", b"\0", b"x\0", b"\0x"] {
            for after in [&b""[..], b"x", b"\0", b"\r\0", b"\0\r"] {
                let (kept, count) = secrets.withhold([before, &wide, after].concat());
                assert_eq!(count, 1, "{before:?} {after:?}");
                assert!(kept.len() <= before.len() + WITHHELD.len() + after.len() + 1, "{before:?} {after:?}");
            }
        }
    }
}

/// Base64 of it, three and four times.
const DEEP: [&str; 2] = [
    "WkRCd2FHSklTbGxXV0ZKMVVtdFdUbE5UT1V4T01ERkZVbFUxU0V3eVNsRmxSa3B0WVZWT1dsSldhRUpVVmtKTlVsVjBSbGRSUFQwPQ==",
    "V2tSQ2QyRkhTa2xUYkd4WFYwWktNVlZ0ZEZkVWJFNVVUMVY0VDAxRVJrWlZiRlV4VTBWM2VWTnNSbXhTYTNCMFdWWldUMWRzU2xkaFJVcFZWbXRLVGxWc1ZqQlNiR1JTVUZRd1BRPT0=",
];

/// A line end that JSON writes is none of the three.
#[test]
fn so_deep_and_no_deeper_is_looked() {
    let [three, four] = DEEP;
    let (first, rest) = three.split_at(40);
    for text in [three.to_owned(), format!("{first}\\n{rest}"), format!("{first}\\r\\n  {rest}")] {
        assert_eq!(withheld(&text).1, 1, "{text}");
    }
    assert_eq!(withheld(four), (four.to_owned(), 0));
}

/// In the alphabet for URLs and file names; behind padding and white space; cut at the end.
#[test]
fn base64_is_found_in_both_alphabets_and_in_part() {
    let slashes = Secrets::of(["\u{3ef}\u{3ef}\u{3ef}\u{3ef}\u{3ef}\u{3ef}\u{3ef}\u{3ef}".to_owned()]);
    assert_eq!(slashes.withhold_text("z6_Pr8-vz6_Pr8-vz6_Prw").1, 1);
    assert_eq!(slashes.withhold_text("z6/Pr8+vz6/Pr8+vz6/Prw").1, 1);
    // `key is`, its first nine characters, and nothing behind them but padding and a line end; then a stop.
    assert_eq!(withheld("a2V5IGlzIHdKYWxyWFV0bg==\n").1, 1);
    assert_eq!(withheld("a2V5IGlzIHdKYWxyWFV0bg==\n.").1, 0);
}

/// Forty characters that are no access key, and a value with spaces in it.
#[test]
fn other_values_are_looked_for_whole() {
    let phrase = "four words of mine, and no access key at";
    assert_eq!(phrase.len(), 40);
    let secrets = Secrets::of([phrase.to_owned()]);
    assert_eq!(secrets.withhold_text("four words of mine."), ("four words of mine.".to_owned(), 0));
    let joined = format!("{}.", phrase.replacen(' ', "", 1));
    assert_eq!(secrets.withhold_text(&joined), (joined.clone(), 0));
    assert_eq!(secrets.withhold_text(&phrase.replacen(' ', "\n", 1)), (WITHHELD.to_owned(), 1));
}

#[test]
fn words_from_outside_lose_it_too() {
    let words: Untrusted = format!("the key is {KEY}.").as_str().into();
    let secrets = Secrets::of([KEY.to_owned()]);
    assert_eq!(secrets.withhold_words(&words), (format!("the key is {WITHHELD}.").as_str().into(), 1));
    assert_eq!(secrets.withhold_words(&"no key".into()), ("no key".into(), 0));
    // What stands wholly in what was kept before is not told again.
    assert_eq!(secrets.withhold_after(KEY.as_bytes(), b""), (vec![], 0));
    assert_eq!(secrets.withhold_after(KEY.as_bytes(), b" x"), (b" x".to_vec(), 0));
}

#[test]
fn debug_shows_no_secret() {
    assert_eq!(format!("{:?}", Secrets::of([KEY.to_owned()])), "1 forms of secrets");
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let bytes = [b"\xff\0\x1b[2J", KEY.as_bytes(), b"\xfe"].concat();
    let expected = [b"\xff\0\x1b[2J", WITHHELD.as_bytes(), b"\xfe"].concat();
    assert_eq!(Secrets::of([KEY.to_owned()]).withhold(bytes.clone()), (expected, 1));
    assert_eq!(Secrets::default().withhold(bytes.clone()), (bytes, 0));
}

#[test]
fn what_looks_like_a_secret_is_told_by_its_line() {
    let token = "A".repeat(120);
    let text = format!(
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {KEY}\n\"SecretAccessKey\": \"{KEY}\",\n\
         AWS_SESSION_TOKEN={token}\n-----BEGIN RSA PRIVATE KEY-----\nSecretAccessKey: withheld\n"
    );
    let found: Vec<(usize, &str)> = suspects(text.as_bytes()).into_iter().map(|s| (s.line, s.what)).collect();
    let key = "a secret access key";
    assert_eq!(found, [(2, key), (3, key), (4, "a session token"), (5, "a private key")]);
}

/// A port, a year or an address with blanks behind it, as tables have them.
#[test]
fn digits_with_blanks_behind_them_are_no_trouble() {
    let secrets = Secrets::of([KEY.to_owned()]);
    for line in ["8443      \n", "port\n8443      \nx\n", "ABCD        \n", "2026    ", "0000000   a       \n"] {
        assert_eq!(secrets.withhold_text(line), (line.to_owned(), 0));
    }
    // A blank at the end of a row of `od -c` is one of the bytes.
    let dump = "0000000   f   o   u   r       w   o   r   d   s       o   f       m    \n\
                0000020   i   n   e  \\n\n";
    assert_eq!(Secrets::of(["four words of m ine".to_owned()]).withhold_text(dump).1, 1);
}

proptest::proptest! {
    /// What stands in dumps, tables and quotations, in any order.
    #[test]
    fn no_lines_are_too_odd(pieces in proptest::collection::vec("[0-9a-fA-F]{0,17}|[ \\t]{0,9}|[|>:+*#.]{0,3}|\\PC?|\r?\n|\n|[\\\\%&=][0ux#\"n]?|0000020|   a", 0..40)) {
        let text = pieces.concat();
        let (one, two) = pieces.split_at(pieces.len() / 2);
        let secrets = Secrets::of([KEY.to_owned(), "0123456789abcdef".to_owned()]);
        let (_, count) = secrets.withhold_text(&text);
        proptest::prop_assert!(count as usize <= text.len());
        secrets.withhold_after(one.concat().as_bytes(), two.concat().as_bytes());
    }
}
