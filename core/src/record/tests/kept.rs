//! A session against what was kept of it elsewhere.

use super::*;

/// The verdict and the words of what is wrong, by the full recovery; the pass over lines says whole where there is nothing.
fn judged(files: &[WriterFiles<'_>], kept: &str) -> (Verdict, Vec<String>) {
    let kept = Kept::read(format!("noted {kept}").as_bytes());
    assert_eq!(kept.len(), 1);
    let mut recovery = recover_session(files);
    let before = recovery.faults.len();
    recovery.check(&[]);
    recovery.hold(&kept);
    let full = recovery.verification();
    assert_eq!(full.kept, Some(1));
    let whole = stream::pass(files, &[], Some(&kept));
    assert_eq!(whole.is_some(), recovery.faults.is_empty() && recovery.superseded.is_empty());
    if let Some(whole) = whole {
        assert_eq!(whole.verification, full);
    }
    (
        full.verdict,
        full.problems.into_iter().skip(before).map(|fault| format!("{}: {}", fault.file, fault.detail)).collect(),
    )
}

#[test]
fn what_was_kept_must_be_there_as_it_was() {
    let (pen, lines, _) = small(2);
    let (a, h) = (pen.w.as_str().to_owned(), pen.h);
    let bytes = lines.concat();
    let all = [files(&pen.w, &[(0, &bytes)], None)];
    let (whole, n) = (Verdict::OkUnsigned, pen.n - 1);
    assert_eq!(judged(&all, &format!("{a} {n} {h}")), (whole, vec![]));
    let short = lines[..lines.len() - 1].concat();
    let cut = [files(&pen.w, &[(0, &short)], None)];
    let words = format!("kept: record {n} of {a} was kept elsewhere; its log ends with record {}", n - 1);
    assert_eq!(judged(&cut, &format!("{a} {n} {h}")), (Verdict::Truncated, vec![words]));
    let other = "0".repeat(64);
    let words = format!("kept: record {n} of {a} was kept elsewhere; it has another content");
    assert_eq!(judged(&all, &format!("{a} {n} {other}")), (Verdict::Fork, vec![words]));
    let b = "b".repeat(26);
    let words = format!("kept: record 3 of {b} was kept elsewhere; its log is not there");
    assert_eq!(judged(&all, &format!("{b} 3 {other}")), (Verdict::MissingSegment, vec![words]));
}

#[test]
fn what_was_kept_and_then_set_aside_is_a_fork() {
    let (mut pen, lines, _) = small(2);
    let before = lines.concat();
    let after = pen.after(0, before.len());
    let mut lost = pen.clone();
    let aside = lost.note("acknowledged, and kept");
    let sha256 = Hash::of(&aside).to_string();
    let next = pen.open(Some(after), Some(Aside { bytes: aside.len() as u64, sha256 }));
    let first = [before, aside].concat();
    let all = [files(&pen.w, &[(0, &first), (1, &next)], None)];
    let kept = format!("{} {} {}", lost.w, lost.n - 1, lost.h);
    let words = format!("kept: record {} of {} was kept elsewhere; it was set aside", lost.n - 1, lost.w);
    assert_eq!(judged(&all, &kept), (Verdict::Fork, vec![words]));
}

/// A hole is a gap, and nothing more is to be said of what was kept in it.
#[test]
fn what_was_kept_of_a_hole_is_told_once() {
    let (pen, lines, _) = small(3);
    let hashes: Vec<String> =
        lines.iter().map(|line| String::from_utf8_lossy(&line[line.len() - 67..line.len() - 3]).into()).collect();
    let holed = [&lines[..2], &lines[3..]].concat().concat();
    let all = [files(&pen.w, &[(0, &holed)], None)];
    let (verdict, words) = judged(&all, &format!("{} 2 {}", pen.w, hashes[2]));
    assert_eq!((verdict, words.len()), (Verdict::Gap, 0));
}
