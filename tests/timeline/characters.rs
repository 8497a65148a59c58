//! Which characters a record may hold raw, all of them: the document's list, the verifier of docs/ and quell's reader.

use super::*;
use crate::outside::python;
use quell_core::record::{Hash, SegmentBytes, WriterFiles, recover_session};
use quell_core::text::Id;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const WRITER: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Prints what the verifier forbids, as ranges.
const DRIVER: &str = r#"
import importlib.util, sys
spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
never = [code for code in range(0x110000) if verifier.NEVER_RAW.search(chr(code))]
for code in never:
    print("%x" % code)
"#;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// What the document forbids: its ranges, and the last two of each plane.
fn documented() -> BTreeSet<u32> {
    let page = fs::read_to_string(docs("timeline-format.md")).unwrap();
    let list = page.split_once("stands in them raw (hexadecimal): ").unwrap().1;
    let list = list.split_once(", and the last two of each plane").unwrap().0;
    let hex = |code: &str| u32::from_str_radix(code, 16).unwrap();
    let range =
        |word: &str| word.split_once('-').map_or_else(|| hex(word)..=hex(word), |(from, to)| hex(from)..=hex(to));
    let planes = (0..=16).flat_map(|plane| [plane << 16 | 0xfffe, plane << 16 | 0xffff]);
    list.split_whitespace().flat_map(range).chain(planes).collect()
}

/// What the verifier forbids.
fn forbidden() -> Option<BTreeSet<u32>> {
    let output = python("json, hashlib")?.args(["-c", DRIVER]).arg(docs("verify-timeline.py")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    Some(told.lines().map(|code| u32::from_str_radix(code, 16).unwrap()).collect())
}

/// A line whose hash is right.
fn line(n: usize, text: &str) -> String {
    let zeros = "0".repeat(64);
    let body = format!(
        "{{\"v\":1,\"w\":\"{WRITER}\",\"n\":{n},\"l\":{n},\"t\":\"2026-11-21T18:10:00.000000000Z\",\"k\":\"note.added\",\
         \"d\":{{\"text\":\"{text}\",\"step\":null}},\"p\":\"{zeros}\""
    );
    let h = Hash::of(body.as_bytes());
    format!("{body},\"h\":\"{h}\"}}\n")
}

/// How many of these lines quell reads as records.
fn read(texts: &[String]) -> usize {
    let bytes: String = texts.iter().enumerate().map(|(n, text)| line(n, text)).collect();
    let segment = SegmentBytes { number: 0, bytes: bytes.as_bytes() };
    let writer = WriterFiles { writer: Id::new(WRITER).unwrap(), segments: vec![segment], head: None };
    recover_session(&[writer]).records.len()
}

#[test]
fn the_document_and_both_readers_forbid_the_same_characters() {
    let documented = documented();
    // Each alone: none of them makes a record.
    let (never, free): (Vec<char>, Vec<char>) = (0..=0x10_ffff).filter_map(char::from_u32).partition(|c| {
        let code = u32::from(*c);
        documented.contains(&code)
    });
    let alone: Vec<String> = never.iter().filter(|c| **c != '\n').map(char::to_string).collect();
    assert_eq!(read(&alone), 0);
    // All others, some thousands in a note; two of them JSON itself asks to escape.
    let free: Vec<char> = free.into_iter().filter(|c| !"\"\\".contains(*c)).collect();
    let together: Vec<String> = free.chunks(4000).map(|some| some.iter().collect()).collect();
    assert_eq!(read(&together), together.len());
    assert!(free.contains(&'\u{fffd}') && never.contains(&'\u{fffe}'));
    let Some(mut forbidden) = forbidden() else { return };
    // Half a character is none: the verifier refuses it elsewhere.
    forbidden.retain(|code| char::from_u32(*code).is_some());
    let differ: Vec<String> = documented.symmetric_difference(&forbidden).map(|code| format!("{code:x}")).collect();
    assert_eq!(differ, [""; 0]);
}

/// Bytes that are no text become U+FFFD, which both verifiers read.
#[test]
fn a_note_of_bytes_that_are_no_text_is_verified_by_both() {
    let (state, session) = super::cli::session();
    let run = state.quell_given(b"caf\xe9\n", &["sessions", "note", session.short(), "-"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["first", "caf\u{fffd}"]);
    let verified = state.json(&["sessions", "verify", session.short(), "--json"]);
    assert_eq!((&verified["verdict"], &verified["records"]), (&"ok-unsigned".into(), &7.into()));
    let Some(mut python) = python("json, hashlib") else { return };
    let output = python.arg(docs("verify-timeline.py")).arg("--json").arg(session.path()).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["verdict"], &told["records"]), (&"ok-unsigned".into(), &7.into()));
}
