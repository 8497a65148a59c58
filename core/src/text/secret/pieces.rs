//! Secrets of which only a piece stands somewhere, or that stand in pieces: with colours, joined over lines.

use super::{Secrets, WITHHELD};

/// The access key of AWS's own documents.
const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The first 64 characters of a token, which those of others have too.
const HEAD: &str = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDxxxxxxxxx";
const REST: &str = "q7vT0mZk2RwY5uNcXeB9dLhS4pGaJ1oFiK8sQrMtVyCzEwUxHbDnAgPj6l3WfO+/Q2xTmZ5cRvN8yKdLpB1sJhG7";

fn token() -> String {
    [HEAD, REST].concat()
}

fn withheld(text: &str) -> (String, u64) {
    Secrets::of([KEY.to_owned(), token()]).withhold_text(text)
}

/// As grep marks what it found, over each other and at line breaks too.
#[test]
fn colours_part_no_secret() {
    let own = WITHHELD;
    let marked = "it is wJalrXUtn\x1b[01;31m\x1b[KFEMI\x1b[m\x1b[K/K7MDENG/bPxRfiCYEXAMPLEKEY!\n";
    assert_eq!(withheld(marked), (format!("it is {own}!\n"), 1));
    let wrapped = "wJalrXUtn\x1b[38:5:1m\x1b[0K\n  FEMI/K7MDENG\n/bPxRfiCYEXAMPLEKEY";
    assert_eq!(withheld(wrapped), (own.to_owned(), 1));
    // Its base64, and base64 of it marked.
    assert_eq!(
        withheld("d0phbHJYVXRuRkVN\x1b[1mSS9LN01E\x1b[mRU5HL2JQeFJmaUNZRVhBTVBMRUtFWQ=="),
        (format!("{own}Q=="), 1)
    );
    // A blank between colours is one blank.
    let phrase = Secrets::of(["correct horse battery staple".to_owned()]);
    assert_eq!(phrase.withhold_text("correct\x1b[1m horse\x1b[m battery staple").1, 1);
    // What moves the cursor says where text stands; the rest are no sequences.
    for other in
        ["wJalr\x1b[2AXUtnFEMI/K7", "wJalr\x1b[1XUtnFEMI/K7", "wJalr\x1bmXUtnFEMI/K7", "\x1b[1mbold\x1b[0m \x1b["]
    {
        assert_eq!(withheld(other), (other.to_owned(), 0));
    }
}

/// 24 characters anywhere behind the first 64, with what stands beside them; 23 are too few.
#[test]
fn a_piece_of_a_token_is_left_out() {
    let own = WITHHELD;
    for from in 0..=REST.len() - 24 {
        let piece = &REST[from..from + 24];
        assert_eq!(withheld(&format!("is <{piece}>!")), (format!("is <{own}>!"), 1), "{from}");
        let less = format!("is <{}>!", &REST[from..from + 23]);
        assert_eq!(withheld(&less), (less, 0), "{from}");
    }
    let most = &token()[20..140];
    assert_eq!(withheld(&format!("<{most}>")), (format!("<{own}>"), 1));
    // Behind a log's prefix, each piece of one that was wrapped; two together; base64 of one.
    let wrapped = format!("host app: {}\nhost app: {}\n", &REST[..40], &REST[40..]);
    assert_eq!(withheld(&wrapped), (format!("host app: {own}\nhost app: {own}\n"), 2));
    assert_eq!(withheld("NcXeB9dLhS4pGaJ1oFiK8sQrNcXeB9dLhS4pGaJ1oFiK8sQr"), (format!("{own}{own}"), 2));
    assert_eq!(withheld("TmNYZUI5ZExoUzRwR2FKMW9GaUs4c1Fy"), (own.to_owned(), 1));
}

#[test]
fn what_others_tokens_say_too_is_no_piece() {
    let others = format!("{HEAD}NoNeOfOuRsNoNeOfOuRsNoNeOfOuRs");
    assert_eq!(withheld(&others), (others.clone(), 0));
    // Zeros, blanks and hyphens in base64, in a token too; of the same token other characters are a piece.
    for padding in ["A", "ICAg", "LS0t", "PT09"] {
        let long = padding.repeat(48 / padding.len());
        let secrets = Secrets::of([format!("{HEAD}{long}{REST}")]);
        assert_eq!(secrets.withhold_text(&format!("<{long}>")), (format!("<{long}>"), 0));
        assert_eq!(secrets.withhold_text("<NcXeB9dLhS4pGaJ1oFiK8sQrMtVyCzEwUxH>").1, 1);
    }
    // base64 of common words, of an image's beginning and of a certificate's: no token holds them.
    for common in [
        "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw==",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "MIIDXTCCAkWgAwIBAgIJAKoK/heBjcOuMA0GCSqGSIb3DQEBBQUAMEUxCzAJ",
    ] {
        assert_eq!(withheld(common), (common.to_owned(), 0));
    }
}

/// Of a token in three pieces what it claims is in others too, and the signature is in none.
#[test]
fn of_a_signed_token_the_signature_is_looked_for() {
    let (header, claims) = ("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", "eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20ifQ");
    let signature = "4pGaJ1oFiK8sQrMtVyCzEwUxHbDnAgPj6l3WfO_-Q2x";
    let secrets = Secrets::of([format!("{header}.{claims}.{signature}")]);
    for others in [header.to_owned(), claims.to_owned(), format!("{header}.{claims}.another")] {
        assert_eq!(secrets.withhold_text(&format!("{others}!")), (format!("{others}!"), 0));
    }
    assert_eq!(secrets.withhold_text("<FiK8sQrMtVyCzEwUxHbDnAgP>"), (format!("<{WITHHELD}>"), 1));
    // One that is encrypted has five, and its first says for whom it is.
    let header = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00iLCJraWQiOiIyMDI2LTExLTAxIn0AbCdEfGh";
    let secrets = Secrets::of([format!("{header}.{signature}.{claims}.b.c")]);
    assert_eq!(secrets.withhold_text(&format!("{header}!")), (format!("{header}!"), 0));
    assert_eq!(secrets.withhold_text(signature), (WITHHELD.to_owned(), 1));
}

/// An address, a path, words and digits of one case are looked for whole.
#[test]
fn what_is_no_token_has_no_pieces() {
    let padding = "x".repeat(60);
    for other in [
        format!("https://sso.example.com/{padding}/Start1?user=aVeryLongNameOfSomebody"),
        format!("aVeryLongNameOfSomebody 1 {padding} aVeryLongNameOfSomebody"),
        format!("{padding}/usr/lib/python3/a-very-long-name-of-something"),
        format!("{}0123456789ABCDEFGHIJKLMNOPQRSTUVW", padding.to_uppercase()),
        format!("{padding}aVeryLongNameOfSomebodyWithoutDigits"),
        format!("T0kEn{}aVeryLongNameOfSomebody", &padding[..59]),
    ] {
        let secrets = Secrets::of([other.clone()]);
        let piece = &other[other.len() - 24..];
        assert_eq!(secrets.withhold_text(&format!("{piece}.")), (format!("{piece}."), 0), "{other}");
    }
}

#[test]
fn lines_that_are_joined_part_no_secret() {
    let (one, two) = KEY.split_at(9);
    for between in [
        "\\\n",
        "\\\r\n  ",
        "\" +\n    \"",
        "\"\n  + \"",
        "',\n '",
        "',\r\n\t'",
        "\" \\\n\"",
        "\" &\r\n\"",
        "\"\n\"",
        "\" .\n\"",
        // No mark of a line, as a plus is.
        "\"\n  . \"",
    ] {
        let text = format!("k = \"{one}{between}{two};\n");
        assert_eq!(withheld(&text), (format!("k = \"{WITHHELD};\n"), 1), "{text}");
    }
    // Its base64 joined.
    let encoded = "\"d0phbHJYVXRuRkVN\\\n  SS9LN01ERU5HL2JQeFJmaUNZRVhBTVBMRUtFWQ==\"";
    assert_eq!(withheld(encoded), (format!("\"{WITHHELD}Q==\""), 1));
    // Strings of one line, of other quotes and with words between are not joined; twelve characters are known anyway.
    for apart in ["\" + \"", "\",\n'", "\" + x\n\"", "\" +\n"] {
        let text = format!("wJalrXUtn{apart}FEMI/K7MDEN");
        assert_eq!(withheld(&text), (text.clone(), 0), "{text}");
        let whole = format!("{one}{apart}{two}");
        assert_eq!(withheld(&whole), (format!("{one}{apart}{WITHHELD}"), 1), "{whole}");
    }
}
