//! Secrets of fewer than 16 characters: where they are taken for one, and where for the word that they also are.

use super::{Secrets, WITHHELD};

fn withheld(value: &str, text: &str) -> (String, u64) {
    Secrets::of([value.to_owned()]).withhold_text(text)
}

/// What stands in the text is replaced where it is between the angle brackets of the expectation.
fn assert_withheld(value: &str, before: &str, behind: &str) {
    let text = format!("{before}{value}{behind}");
    assert_eq!(withheld(value, &text), (format!("{before}{WITHHELD}{behind}"), 1), "{text}");
}

fn assert_kept(value: &str, before: &str, behind: &str) {
    let text = format!("{before}{value}{behind}");
    assert_eq!(withheld(value, &text), (text.clone(), 0), "{text}");
}

/// Letters with a digit, or letters with both cases and signs, from eight characters on.
#[test]
fn a_short_one_is_found_where_it_is_a_word_of_its_own() {
    for value in ["hunter21", "Summer-Rain", "aB3$5678901234x"] {
        for (before, behind) in
            [("", ""), ("it is ", "!"), ("<", ">\n"), ("x=", " y"), ("a\x1b[01;31m\x1b[K", "\x1b[m")]
        {
            assert_withheld(value, before, behind);
        }
        for (before, behind) in [
            ("x", ""),
            ("the word has more before it", ""),
            ("\x1b[2A", ""),
            ("_", " "),
            ("", "4"),
            ("", "_a"),
            ("1", "b"),
        ] {
            assert_kept(value, before, behind);
        }
    }
    // Words, numbers and a date are not enough, and seven characters neither.
    for value in ["password", "MondayNight", "us-east", "correct-horse", "2026-11-21", "20261121", "a1B2$c7"] {
        assert_kept(value, "it is ", " of");
    }
}

/// What a layer says is looked through as well, however short it is.
#[test]
fn a_short_one_is_found_in_what_was_encoded() {
    let own = WITHHELD;
    // printf hunter21 | base64; printf carol:hunter21 | base64; with xxd -p; with xxd; in UTF-16.
    assert_eq!(withheld("hunter21", "<aHVudGVyMjE=>"), (format!("<{own}E=>"), 1));
    assert_eq!(withheld("hunter21", "Y2Fyb2w6aHVudGVyMjE="), (format!("Y2Fyb2w6{own}E="), 1));
    assert_eq!(withheld("hunter21", "68756e7465723231"), (own.to_owned(), 1));
    let dump = "00000000: 6875 6e74 6572 3231                      hunter21\n";
    assert_eq!(withheld("hunter21", dump), (format!("00000000: {own}\n"), 1));
    let wide: Vec<u8> = "hunter21".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(Secrets::of(["hunter21".to_owned()]).withhold(wide), (own.as_bytes().to_vec(), 1));
    assert_eq!(withheld("hunter21", "hunter%32%31"), (own.to_owned(), 1));
}

/// Any word from four characters on, behind a name.
#[test]
fn a_word_is_found_where_a_password_stands() {
    for value in ["monday", "1234", "hunter2", "correct-horse", "a$b1"] {
        for before in [
            "DB_PASSWORD=",
            "password: ",
            "{\"Password\": \"",
            "--password ",
            "passwd='",
            "<passphrase>",
            "api_key = \"",
            "mysql -p",
            "-p",
            "sshpass -p ",
            "the token [",
            "secret\t",
            "SecretString\\\":\\\"password\\\":\\\"",
        ] {
            assert_withheld(value, before, "\" ");
        }
        assert_withheld(value, "https://carol:", "@db.example.com/");
        for (before, behind) in [
            ("on ", ""),
            ("day: ", ""),
            ("password", ""),
            ("passwords: ", ""),
            ("password is ", ""),
            ("password=", "x"),
            ("password=x", ""),
            ("carol:", " "),
            ("x-p", ""),
            ("", "@db"),
        ] {
            assert_kept(value, before, behind);
        }
    }
    // Nothing is looked for that has three.
    assert_kept("abc", "password=", "");
}

/// The longer one is meant where both stand, and another value keeps the words of a short one.
#[test]
fn a_short_one_stands_beside_a_long_one() {
    let secrets = Secrets::of(["hunter21".to_owned(), "hunter21-and-some-more-of-it".to_owned()]);
    let own = WITHHELD;
    assert_eq!(secrets.withhold_text("hunter21-and-some-more-of-it hunter21-and."), (format!("{own} {own}-and."), 2));
    // The beginning of one at the very end counts, from eight characters on.
    assert_eq!(withheld("hunter2100", "is hunter21"), (format!("is {own}"), 1));
    assert_eq!(withheld("hunter2100", "is hunter2"), ("is hunter2".to_owned(), 0));
}
