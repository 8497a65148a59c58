use super::*;
use crate::incident::SessionJoined;
use proptest::prelude::*;
use serde_json::value::RawValue;

const W: &str = "abcdefghijklmnopqrstuvwxyz";
/// Worked out with another SHA-256 than ours, over the line's bytes before `,"h":"`.
const FIRST: &str = concat!(
    r#"{"v":1,"w":"abcdefghijklmnopqrstuvwxyz","n":0,"l":1,"t":"2026-11-21T18:04:46.123456789Z","k":"session.joined","#,
    r#""d":{},"p":"0000000000000000000000000000000000000000000000000000000000000000","#,
    r#""h":"ccea0d966bc438809ac3736f8f5cb5ed168f1a81613f87329ecd24b9a73ee340"}"#,
    "\n"
);
const SECOND: &str = concat!(
    r#"{"v":1,"w":"abcdefghijklmnopqrstuvwxyz","n":1,"l":7,"t":"2026-11-21T18:05:00.000000000Z","#,
    r#""at":"2026-11-21T17:00:00.500000000Z","seen":{"bcdefghijklmnopqrstuvwxyza":17},"k":"note.added","#,
    r#""d":{"text":"na\u202eme \u001b[31m","step":null},"#,
    r#""p":"ccea0d966bc438809ac3736f8f5cb5ed168f1a81613f87329ecd24b9a73ee340","#,
    r#""h":"c177505df61af2bdd15b419a364679e9c9f5a60d795b92782d7764c80ca1e994"}"#,
    "\n"
);

fn two() -> [Entry; 2] {
    let w: WriterId = Id::new(W).unwrap();
    let entry = |n, l, t: &str, event| Entry {
        link: Link(w.clone(), n),
        l,
        t: t.parse().unwrap(),
        at: None,
        seen: None,
        event,
    };
    let first = entry(0, 1, "2026-11-21T18:04:46.123456789Z", SessionJoined {}.into());
    let note = NoteAdded { text: "na\u{202e}me \u{1b}[31m".into(), step: None };
    let second = entry(1, 7, "2026-11-21T18:05:00Z", note.into());
    let at = Some("2026-11-21T17:00:00.5Z".parse().unwrap());
    let seen = Some(BTreeMap::from([(Id::new("bcdefghijklmnopqrstuvwxyza").unwrap(), 17)]));
    [Entry { at: Some(first.t), ..first }, Entry { at, seen, ..second }]
}

#[test]
fn two_lines_are_as_worked_out_by_hand() {
    let mut out = Vec::new();
    let [first, second] = two();
    let h = append_line(&mut out, &first, &Hash::ZERO).unwrap();
    append_line(&mut out, &second, &h).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), format!("{FIRST}{SECOND}"));
}

#[test]
fn what_was_written_is_read() {
    let bytes = format!("{FIRST}{SECOND}");
    let segment = read_segment(bytes.as_bytes(), &Id::new(W).unwrap(), 0);
    assert_eq!(segment.faults, []);
    assert_eq!(segment.good_bytes, bytes.len() as u64);
    let [first, second] = segment.records.as_slice() else { panic!("two records") };
    assert_eq!(first.place, Place { segment: 0, start: 0, end: 260, line: 1 });
    assert_eq!(second.p, first.h);
    assert_eq!(second.entry.at, Some("2026-11-21T17:00:00.5Z".parse().unwrap()));
    assert_eq!(second.entry.seen.as_ref().unwrap().values().collect::<Vec<_>>(), [&17]);
    let Event::NoteAdded(note) = &second.entry.event else { panic!("a note") };
    assert_eq!(note.text, "na\u{202e}me \u{1b}[31m".into());
}

/// The line with other hashed bytes and the hash that fits them.
fn rehashed(line: &str, from: &str, to: &str) -> String {
    let body = line.split_once(",\"h\"").unwrap().0.replace(from, to);
    assert!(!line.contains(&body));
    format!("{body},\"h\":\"{}\"}}\n", Hash::of(body.as_bytes()))
}

#[test]
fn a_record_has_one_form_only() {
    let w = Id::new(W).unwrap();
    let others = [
        ("\"v\":1,", "\"v\": 1,"),
        ("\"n\":0,\"l\":1", "\"l\":1,\"n\":0"),
        (".123456789Z", ".1234567890Z"),
        ("46.123456789Z", "46.123456789+00:00"),
        (",\"k\"", ",\"at\":\"2026-11-21T18:04:46.123456789Z\",\"k\""),
        (",\"k\"", ",\"seen\":null,\"k\""),
        (",\"k\"", ",\"x\":1,\"k\""),
        ("\"d\":{}", "\"d\":{\"a\":\"\u{202e}\"}"),
        ("\"d\":{}", "\"d\":{"),
        ("\"l\":1", "\"l\":-1"),
        ("\"l\":1", "\"l\":1,\"l\":1"),
        ("\"v\":1", "\"v\":0"),
        ("session.joined", "session\\u002ejoined"),
        (W, "bcdefghijklmnopqrstuvwxyza"),
        ("\"l\":1", "\"l\":9007199254740992"),
        ("\"n\":0", "\"n\":-0"),
        ("2026-11-21", "9999-11-21"),
        ("2026-11-21", "0000-11-21"),
        ("18:04:46.", "18:04:60."),
        (",\"k\"", ",\"seen\":{\"abcdefghijklmnopqrstuvwxyz\":0},\"k\""),
        (",\"k\"", ",\"seen\":{\"bbbbbbbbbbbbbbbbbbbbbbbbbb\":0,\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":0},\"k\""),
        (",\"k\"", ",\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":9007199254740992},\"k\""),
        ("\"d\":{}", "\"d\":[]"),
        ("\"d\":{}", "\"d\":{\"a\":1,\"a\":1}"),
        ("\"d\":{}", "\"d\":{\"a\":\"\\u0061\"}"),
        ("\"d\":{}", "\"d\":{ }"),
    ];
    assert_eq!(read_segment(FIRST.as_bytes(), &w, 0).faults, []);
    for (from, to) in others {
        let segment = read_segment(rehashed(FIRST, from, to).as_bytes(), &w, 0);
        let kinds: Vec<Verdict> = segment.faults.iter().map(|fault| fault.kind).collect();
        assert_eq!((kinds.as_slice(), segment.records.len()), ([Verdict::InvalidRecord].as_slice(), 0), "{from} {to}");
    }
}

#[test]
fn what_is_not_known_is_kept_raw() {
    let w = Id::new(W).unwrap();
    let to = "session.dreamt\",\"d\":{\"deep\":[1,{\"a\":null}]}";
    let line = rehashed(FIRST, "session.joined\",\"d\":{}", to);
    let segment = read_segment(line.as_bytes(), &w, 0);
    assert_eq!(segment.faults, []);
    let Event::Unknown { data, .. } = &segment.records[0].entry.event else { panic!("{to} is unknown") };
    assert_eq!(data.get(), "{\"deep\":[1,{\"a\":null}]}");
    // A known kind with a shape of its own is kept too, and written again as it is.
    let raw: Box<RawValue> = serde_json::from_str("{\"text\":7}").unwrap();
    let [first, _] = two();
    let entry = Entry { event: Event::read("note.added", &raw), ..first };
    let mut out = Vec::new();
    append_line(&mut out, &entry, &Hash::ZERO).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains(r#""k":"note.added","d":{"text":7},"p""#), "{text}");
    assert_eq!(read_segment(text.as_bytes(), &w, 0).faults, []);
}

#[test]
fn a_record_of_another_version_is_not_taken_for_one_of_this() {
    let w = Id::new(W).unwrap();
    let newer = "the record has a version that this quell does not know; a newer quell may read it";
    let said = |line: &[u8]| {
        let segment = read_segment(line, &w, 0);
        assert_eq!((segment.records.len(), segment.faults[0].kind), (0, Verdict::InvalidRecord));
        segment.faults[0].detail.clone()
    };
    for to in ["\"v\":2", "\"v\":2,\"new\":{}", "\"v\":10"] {
        assert_eq!(said(rehashed(FIRST, "\"v\":1", to).as_bytes()), newer, "{to}");
    }
    // Its lines may have another end and be longer; one whose hash is there and does not fit is damaged.
    assert_eq!(said(b"{\"v\":2,\"w\":\"x\"}\n"), newer);
    assert_eq!(said(format!("{{\"v\":2,\"x\":\"{}\"}}\n", "y".repeat(70_000)).as_bytes()), newer);
    assert_eq!(said(FIRST.replace("\"v\":1", "\"v\":3").as_bytes()), "the hash does not fit the line");
    assert_eq!(said(rehashed(FIRST, "\"v\":1", "\"v\":0").as_bytes()), "the record has version 0");
    assert_eq!(said(b"{\"v\":two}\n"), "the line does not end with a hash");
}

#[test]
fn a_line_holds_64_kib_and_no_more() {
    let mut pen = Pen::new('a');
    let empty = pen.clone().note("").len();
    let line = pen.clone().note(&"x".repeat(65_536 - empty));
    assert_eq!(line.len(), 65_536);
    assert_eq!(read_segment(&line, &pen.w, 0).faults, []);
    let [first, _] = two();
    let note = NoteAdded { text: "x".repeat(65_537 - empty).into(), step: None };
    let big = Entry { link: Link(pen.w.clone(), 0), at: None, event: note.into(), ..first };
    let mut out = b"before".to_vec();
    let error = append_line(&mut out, &big, &Hash::ZERO).unwrap_err();
    assert_eq!(error.to_string(), "the event note.added takes 65537 bytes; a record holds at most 65536");
    assert_eq!(out, b"before");
    let long = [pen.note("x").as_slice(), &b"y".repeat(70_000), b"\n"].concat();
    assert_eq!(read_segment(&long, &pen.w, 0).faults[0].detail, "the line is longer than 65536 bytes");
}

proptest! {
    #[test]
    fn any_text_is_one_line_and_comes_back(texts in proptest::collection::vec(any::<String>(), 1..5)) {
        let mut pen = Pen::new('a');
        let bytes: Vec<u8> = texts.iter().flat_map(|text| pen.note(text)).collect();
        prop_assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), texts.len());
        let segment = read_segment(&bytes, &pen.w, 0);
        prop_assert_eq!(segment.faults, []);
        let back = segment.records.iter().map(|r| r.entry.event.data().unwrap()).collect::<Vec<_>>();
        let put = texts.iter().map(|text| Event::from(NoteAdded { text: text.as_str().into(), step: None }));
        prop_assert_eq!(back, put.map(|event| event.data().unwrap()).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>(), cut in 0usize..700, junk in any::<Vec<u8>>()) {
        let w: WriterId = Id::new(W).unwrap();
        read_segment(&bytes, &w, 0);
        let mut mixed = format!("{FIRST}{SECOND}").into_bytes();
        let at = cut.min(mixed.len());
        mixed.splice(at..at, junk);
        let segments = [(0, mixed.as_slice()), (1, bytes.as_slice())];
        recover_session(&[files(&w, &segments, Some(&bytes))]);
        Head::read(&bytes);
    }
}
