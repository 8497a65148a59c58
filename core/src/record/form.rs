//! The one form of a record's text, beyond what JSON asks: nothing in it that two readers could read in two ways, and
//! nothing that hangs on the version of Unicode that a reader knows. docs/timeline-format.md says the same in words.

use crate::incident::Event;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The highest number that every reader of JSON holds exactly: 2^53 - 1.
pub(super) const MOST: u64 = (1 << 53) - 1;
/// How deep arrays and objects may stand within one another, the record itself included.
const DEPTH: usize = 64;

/// The keys so far of each array and object that is open.
type Open<'a> = Vec<BTreeSet<Cow<'a, str>>>;

/// Whether JSON text is in that form: no white space, no key twice in an object, not too deep, strings as they must be.
pub(super) fn is_plain(json: &str) -> bool {
    let mut open: Open<'_> = Vec::new();
    let mut rest = json;
    while let Some((bare, after)) = rest.split_once('"') {
        let Some((text, after)) = string(after) else { return false };
        if !is_plain_bare(bare, &mut open) || !is_plain_string(text) {
            return false;
        }
        rest = after;
        let keys = open.last_mut().filter(|_| rest.starts_with(':'));
        if keys.is_some_and(|keys| !keys.insert(meant(text))) {
            return false;
        }
    }
    is_plain_bare(rest, &mut open)
}

/// What stands outside of strings.
fn is_plain_bare(bare: &str, open: &mut Open<'_>) -> bool {
    bare.bytes().all(|byte| {
        match byte {
            b'{' | b'[' => open.push(BTreeSet::new()),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
        open.len() <= DEPTH && !byte.is_ascii_whitespace()
    })
}

/// What stands between the quotes, and what comes after them.
fn string(rest: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let end = from + rest.get(from..)?.find('"')?;
        let text = rest.get(..end)?;
        let slashes = text.len() - text.trim_end_matches('\\').len();
        if slashes.is_multiple_of(2) {
            return Some((text, rest.get(end + 1..)?));
        }
        from = end + 1;
    }
}

/// The text that a JSON string stands for.
fn meant(text: &str) -> Cow<'_, str> {
    match text.contains('\\') {
        true => serde_json::from_str(&format!("\"{text}\"")).map_or(Cow::Borrowed(text), Cow::Owned),
        false => Cow::Borrowed(text),
    }
}

fn is_plain_string(text: &str) -> bool {
    // Most are; JSON itself holds no raw control character but this one.
    if text.is_ascii() && !text.contains('\\') && !text.contains('\u{7f}') {
        return true;
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if is_never_raw(c) || (c == '\\' && !is_plain_escape(&mut chars)) {
            return false;
        }
    }
    true
}

/// What follows a backslash.
fn is_plain_escape(chars: &mut std::str::Chars<'_>) -> bool {
    match chars.next() {
        Some('"' | '\\' | 'b' | 'f' | 'n' | 'r' | 't') => true,
        Some('u') => match unit(chars) {
            // What has a short form, or is printable ASCII.
            None | Some(0x08..=0x0a | 0x0c | 0x0d | 0x20..=0x7e | 0xdc00..=0xdfff) => false,
            Some(0xd800..=0xdbff) => {
                let next = (chars.next(), chars.next(), unit(chars));
                matches!(next, (Some('\\'), Some('u'), Some(0xdc00..=0xdfff)))
            }
            Some(_) => true,
        },
        _ => false,
    }
}

/// Four lower-case hexadecimal digits.
fn unit(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| {
        let digit = chars.next().filter(|c| !c.is_ascii_uppercase())?;
        Some(unit * 16 + digit.to_digit(16)?)
    })
}

/// Whether a character may stand in a record only as an escape. The list is fixed: what Unicode gives a meaning to
/// later is read raw and escaped.
pub(super) fn is_never_raw(c: char) -> bool {
    let code = u32::from(c);
    match code {
        0x20..=0x7e => false,
        0..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890 | 0x891 | 0x8e2 => true,
        0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e => true,
        0x2060..=0x2064 | 0x2066..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef => true,
        0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff9..=0xfffc | 0x110bd | 0x110cd | 0x13430..=0x1343f => true,
        0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..=0x10ffff => true,
        _ => code & 0xfffe == 0xfffe,
    }
}

/// Whether a time is of the years 0001 to 9998: what every library of dates can hold.
pub(super) fn is_in_years(t: Timestamp) -> bool {
    (-62_135_596_800..253_370_764_800).contains(&t.as_second())
}

/// The event of a record. Its data is an object; an opening whose parts are arrays is of no known shape.
pub(super) fn event(kind: &str, data: &RawValue) -> Event {
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow, default)]
        after: Option<&'a RawValue>,
        #[serde(borrow, default)]
        aside: Option<&'a RawValue>,
    }
    match Event::read(kind, data) {
        Event::SegOpen(open) => {
            let object = |part: Option<&RawValue>| part.is_none_or(|part| part.get().starts_with('{'));
            match serde_json::from_str::<Parts<'_>>(data.get()) {
                Ok(Parts { after, aside }) if object(after) && object(aside) => Event::SegOpen(open),
                _ => Event::Unknown { kind: kind.into(), data: data.to_owned() },
            }
        }
        event => event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_hidden;
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

    #[test]
    fn text_has_one_form() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let good = [
            r#"{"a":[1,-0.5e-7,true,null,"b"],"c":{"a":1}}"#,
            r#"["\"\\\b\f\n\r\t\u0000\u001f\u00e9\u202e\uffff\ud83d\ude00"]"#,
            "[\"\u{e9} \u{1f600} \u{378}\"]",
            r#"[{"a":1},{"a":1}]"#,
            r#"["a","a",":"]"#,
            &deep(64),
        ];
        for text in good {
            assert!(is_plain(text), "{text}");
        }
        let bad = [
            r#"{"a": 1}"#,
            "[1,\t2]",
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":{"\u00e9":1,"\u{e9}":2}}"#.replace("\\u{e9}", "\u{e9}").as_str(),
            r#"["\/"]"#,
            r#"["\u0061"]"#,
            r#"["\u000a"]"#,
            r#"["\u00E9"]"#,
            r#"["\u20"]"#,
            r#"["\ud83d"]"#,
            r#"["\ud83d\u0000"]"#,
            r#"["\ude00"]"#,
            "[\"\u{7f}\"]",
            "[\"\u{fffe}\"]",
            "[\"open",
            &deep(65),
        ]
        .map(str::to_owned);
        for text in bad {
            assert!(!is_plain(&text), "{text}");
        }
    }

    #[test]
    fn what_is_never_raw_is_all_that_is_hidden_but_what_unicode_may_still_name() {
        for c in '\0'..=char::MAX {
            let unnamed = c.general_category() == GeneralCategory::Unassigned;
            assert!(is_hidden(c) || !is_never_raw(c), "{c:?} may not be raw, and quell writes it so");
            assert!(is_never_raw(c) || unnamed || !is_hidden(c), "{c:?} is hidden");
        }
        // No character for ever.
        assert!(is_never_raw('\u{fdd0}') && is_never_raw('\u{1ffff}') && is_never_raw('\u{10fffe}'));
        assert!(!is_never_raw('\u{378}'));
    }
}
