//! Checkpoints against records, without a key: what a signature is worth is given.

use super::*;
use crate::incident::{CheckpointMade, SessionDetached};

/// A log of three notes with a checkpoint over all but the last, and the record that names it.
struct Bound {
    lines: Vec<Vec<u8>>,
    checkpoint: Checkpoint,
    made: CheckpointMade,
}

fn bound(signed: Signed) -> (Bound, CheckpointFile) {
    let (mut pen, mut lines, _) = small(2);
    let (bytes, head) = (lines.concat().len() as u64, pen.h);
    let checkpoint = Checkpoint {
        session: Id::new("20261121T180446Z-crypto-k3j2h4g5").unwrap(),
        writer: pen.w.clone(),
        file: segment_name(&pen.w, 0),
        count: 3,
        bytes,
        head,
        previous: (Hash::ZERO, Hash::ZERO),
        seen: BTreeMap::new(),
        time: "2026-11-21T18:05:00Z".parse().unwrap(),
    };
    let file = file(&checkpoint, signed);
    let sha256 = Some(Hash::of(&file.text).to_string());
    let signature = file.signature.as_ref().map(|bytes| Hash::of(bytes).to_string());
    let made = CheckpointMade { file: file.name.as_str().into(), count: 3, head: head.to_string(), sha256, signature };
    lines.push(pen.write_at("2026-11-21T18:05:00Z", made.clone().into(), None));
    (Bound { lines, checkpoint, made }, file)
}

fn file(checkpoint: &Checkpoint, signed: Signed) -> CheckpointFile {
    let signature = (signed != Signed::No).then(|| b"signature".to_vec());
    CheckpointFile { name: checkpoint.name(), text: checkpoint.encode().into_bytes(), signature, signed }
}

fn good() -> Signed {
    Signed::Good { principal: "alice".into(), key: "SHA256:k".into() }
}

/// The verdict on lines and checkpoints, and the words of what is wrong.
fn judged(lines: &[Vec<u8>], checkpoints: &[CheckpointFile]) -> (Verdict, Vec<String>) {
    let bytes = lines.concat();
    let files = [files(&writer('a'), &[(0, &bytes)], None)];
    let mut recovery = recover_session(&files);
    recovery.check(checkpoints);
    stream::agree(&files, &recovery, checkpoints);
    (recovery.verdict(), recovery.faults.into_iter().map(|fault| fault.detail).collect())
}

fn words(told: &(Verdict, Vec<String>)) -> (Verdict, Vec<&str>) {
    (told.0, told.1.iter().map(String::as_str).collect())
}

#[test]
fn only_a_good_signature_over_all_that_is_said_is_ok() {
    for (signed, verdict) in [
        (good(), Verdict::Ok),
        (Signed::No, Verdict::OkUnsigned),
        (Signed::Unchecked { why: "no ssh-keygen".into() }, Verdict::OkUnsigned),
        (Signed::Intact { key: "k".into() }, Verdict::OkUnsigned),
        (Signed::UnknownSigner { key: "k".into() }, Verdict::UnknownSigner),
        (Signed::Bad, Verdict::BadSignature),
    ] {
        let (bound, file) = bound(signed.clone());
        assert_eq!(judged(&bound.lines, &[file]).0, verdict, "{signed:?}");
    }
    assert_eq!(judged(&small(2).1, &[]).0, Verdict::OkUnsigned);
}

#[test]
fn a_note_after_the_last_signature_is_not_under_it() {
    let (pen, lines, _) = small(3);
    let (_, file) = bound(good());
    assert_eq!(judged(&lines[..3], std::slice::from_ref(&file)), (Verdict::Ok, vec![]));
    assert_eq!(judged(&lines, &[file]), (Verdict::OkUnsigned, vec![]));
    assert_eq!(pen.n, 4);
}

#[test]
fn the_record_of_the_signature_is_under_it_to_the_last_byte() {
    let (bound, file) = bound(good());
    let judged = |lines: &[Vec<u8>]| {
        let bytes = lines.concat();
        let files = [files(&writer('a'), &[(0, &bytes)], None)];
        let mut recovery = recover_session(&files);
        recovery.check(std::slice::from_ref(&file));
        stream::agree(&files, &recovery, std::slice::from_ref(&file));
        (recovery.verdict(), recovery.uncovered.map(|uncovered| uncovered.count()))
    };
    assert_eq!(judged(&bound.lines), (Verdict::Ok, Some(0)));
    // Whoever writes anything else in its place, and chains it well, is not believed as the signer is.
    const TIME: &str = "2026-11-21T18:05:00Z";
    let seen = BTreeMap::from([(writer('b'), 0)]);
    let other = CheckpointMade { count: 4, ..bound.made.clone() };
    let bare = CheckpointMade { signature: None, ..bound.made.clone() };
    let late = |pen: &mut Pen| pen.l += 1;
    let same = |_: &mut Pen| {};
    type Change = (fn(&mut Pen), &'static str, CheckpointMade, Option<BTreeMap<WriterId, u64>>, Verdict);
    let changes: [Change; 5] = [
        (same, "2026-11-21T18:05:00.001Z", bound.made.clone(), None, Verdict::OkUnsigned),
        (same, TIME, other, None, Verdict::OkUnsigned),
        (same, TIME, bare, None, Verdict::OkUnsigned),
        (late, TIME, bound.made.clone(), None, Verdict::OkUnsigned),
        // Of b there is no log: that is told first.
        (same, TIME, bound.made.clone(), Some(seen), Verdict::MissingSegment),
    ];
    for (change, time, made, seen, verdict) in changes {
        let (mut pen, mut lines, _) = small(2);
        change(&mut pen);
        lines.push(pen.write_at(time, made.into(), seen));
        assert_eq!(judged(&lines), (verdict, Some(1)));
    }
    // It stands for itself alone: who came and went behind it is not under it.
    let (mut pen, mut lines, _) = small(2);
    lines.push(pen.write_at(TIME, bound.made.clone().into(), None));
    lines.push(pen.write(SessionDetached { why: "left".into() }.into(), None));
    assert_eq!(judged(&lines), (Verdict::OkUnsigned, Some(1)));
    // A signature that nobody vouches for stands for nothing.
    let unasked = CheckpointFile { signed: Signed::Intact { key: "k".into() }, ..file.clone() };
    let bytes = bound.lines.concat();
    let mut recovery = recover_session(&[files(&writer('a'), &[(0, &bytes)], None)]);
    recovery.check(&[unasked]);
    assert_eq!((recovery.verdict(), recovery.uncovered), (Verdict::OkUnsigned, None));
}

#[test]
fn what_was_bound_must_be_there_as_it_was() {
    let (bound, file) = bound(good());
    // Another note in its place, chained as well as the first.
    let mut pen = Pen::new('a');
    let other = [pen.open(None, None), pen.note("note 0"), pen.note("forged")];
    let told = judged(&other, std::slice::from_ref(&file));
    assert_eq!(told.0, Verdict::Fork);
    assert_eq!(told.1, ["record 2 of aaaaaaaaaaaaaaaaaaaaaaaaaa has another content than was bound"]);
    let told = judged(&bound.lines[..2], std::slice::from_ref(&file));
    assert_eq!(told.0, Verdict::Truncated);
    assert_eq!(told.1, ["record 2 of aaaaaaaaaaaaaaaaaaaaaaaaaa was bound; its log ends with record 1"]);
    // Where the log itself shows a hole, or no log is there, that is what is wrong.
    let hole = [bound.lines[0].clone(), bound.lines[1].clone(), bound.lines[3].clone()];
    assert_eq!(judged(&hole, std::slice::from_ref(&file)).0, Verdict::Gap);
    let mut other = bound.checkpoint.clone();
    other.seen.insert(writer('b'), (7, Hash::ZERO));
    let told = judged(&bound.lines[..3], &[self::file(&other, good())]);
    assert_eq!(told.0, Verdict::MissingSegment);
    assert_eq!(told.1, ["record 7 of bbbbbbbbbbbbbbbbbbbbbbbbbb was bound; its log is not there"]);
}

#[test]
fn a_checkpoint_belongs_to_one_place() {
    let (bound, file) = bound(good());
    let moved = CheckpointFile { name: "aaaaaaaaaaaaaaaaaaaaaaaaaa.9.txt".into(), ..file.clone() };
    let told = judged(&bound.lines, &[file.clone(), moved]);
    assert_eq!(words(&told), (Verdict::InvalidRecord, vec!["no checkpoint, or one that belongs under another name"]));
    for (change, detail) in [
        (("session 2026", "session 2025"), "a checkpoint of another session"),
        (("bytes ", "bytes 1"), "its record stands at another place than it says"),
        ((".0000.ndjson", ".0001.ndjson"), "its record stands at another place than it says"),
    ] {
        let text = String::from_utf8(file.text.clone()).unwrap().replace(change.0, change.1).into_bytes();
        let told = judged(&bound.lines[..3], &[CheckpointFile { text, ..file.clone() }]);
        assert_eq!(words(&told), (Verdict::InvalidRecord, vec![detail]));
    }
}

#[test]
fn what_a_record_names_is_there_and_is_what_it_names() {
    let (bound, file) = bound(good());
    let told = judged(&bound.lines, &[]);
    let missing = "a record names this checkpoint, and it is not there";
    assert_eq!(words(&told), (Verdict::MissingSegment, vec![missing]));
    let later = Checkpoint { time: "2026-11-21T18:06:00Z".parse().unwrap(), ..bound.checkpoint.clone() };
    let told = judged(&bound.lines, &[self::file(&later, good())]);
    assert_eq!(words(&told), (Verdict::InvalidRecord, vec!["not the checkpoint that the record names"]));
    let bare = CheckpointFile { signature: None, signed: Signed::No, ..file.clone() };
    let told = judged(&bound.lines, &[bare]);
    assert_eq!(words(&told), (Verdict::MissingSegment, vec!["the signature is not there"]));
    let other = CheckpointFile { signature: Some(b"another".to_vec()), ..file };
    let told = judged(&bound.lines, &[other]);
    assert_eq!(words(&told), (Verdict::BadSignature, vec!["the signature is another one"]));
}

#[test]
fn each_checkpoint_holds_the_one_before_it() {
    let (bound, first) = bound(good());
    let previous = (Hash::of(&first.text), Hash::of(first.signature.as_deref().unwrap()));
    let mut pen = Pen::new('a');
    let one = pen.open(None, None);
    let second = Checkpoint { count: 1, bytes: one.len() as u64, head: pen.h, previous, ..bound.checkpoint.clone() };
    let second = file(&second, good());
    assert_eq!(judged(&bound.lines, &[first.clone(), second.clone()]), (Verdict::Ok, vec![]));
    let told = judged(&bound.lines[..3], std::slice::from_ref(&second));
    assert_eq!(words(&told), (Verdict::MissingSegment, vec!["the checkpoint before it is not there, or was changed"]));
    let bare = CheckpointFile { signature: None, ..first.clone() };
    let told = judged(&bound.lines[..3], &[bare, second.clone()]);
    let name = "aaaaaaaaaaaaaaaaaaaaaaaaaa.2.txt";
    assert_eq!(told, (Verdict::MissingSegment, vec![format!("of {name}, before it, the signature is not there")]));
    let other = CheckpointFile { signature: Some(b"another".to_vec()), ..first };
    let told = judged(&bound.lines[..3], &[other, second]);
    assert_eq!(told, (Verdict::BadSignature, vec![format!("of {name}, before it, the signature is another one")]));
}

#[test]
fn a_checkpoint_says_in_a_line_what_it_is_worth() {
    let (bound, file) = bound(good());
    let bytes = bound.lines.concat();
    let mut recovery = recover_session(&[files(&writer('a'), &[(0, &bytes)], None)]);
    recovery.check(&[file]);
    let mut checked = recovery.verification().checkpoints.remove(0);
    let mut line = |signed| {
        checked.signed = signed;
        checked.line().split_once("05:00Z: ").unwrap().1.to_owned()
    };
    assert_eq!(line(good()), "signed by alice, SHA256:k");
    assert_eq!(line(Signed::No), "chain only, not signed");
    assert_eq!(line(Signed::Bad), "BAD SIGNATURE");
    assert_eq!(line(Signed::Unchecked { why: "w".into() }), "signed, not checked: w");
    assert_eq!(line(Signed::Intact { key: "k".into() }), "signed by k; whose key that is was not checked");
    assert_eq!(line(Signed::UnknownSigner { key: "k".into() }), "signed by k, which is no allowed signer's");
}
