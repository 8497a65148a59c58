use super::*;
use crate::incident::SessionOpened;
use proptest::prelude::*;

fn aside(bytes: &[u8]) -> Option<Aside> {
    let mut running = Running::default();
    running.add(bytes);
    running.aside()
}

/// Three good records; then a commit of two that was written and whose sync failed; then a second segment that goes on
/// from the third record and declares `declared`.
fn after_a_failed_sync(declared: Option<Aside>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (mut pen, lines, _) = small(2);
    let good = lines.concat();
    let mut lost = pen.clone();
    let rest = [lost.note("lost 0"), lost.note("lost 1")].concat();
    let after = pen.after(0, good.len());
    let second = [pen.open(Some(after), declared), pen.note("sent again")].concat();
    (good, rest, second)
}

#[test]
fn an_unacknowledged_commit_is_set_aside_and_no_fork() {
    let (_, rest, _) = after_a_failed_sync(None);
    let (good, rest, second) = after_a_failed_sync(aside(&rest));
    // Whatever part of it reached the disk.
    for cut in 0..=rest.len() {
        let first = [good.as_slice(), &rest[..cut]].concat();
        let recovery = recover_session(&[files(&writer('a'), &[(0, &first), (1, &second)], None)]);
        assert_eq!(recovery.faults, [], "{cut} bytes of it");
        assert_eq!(notes(&recovery.records), ["note 0", "note 1", "sent again"]);
        let line = rest.iter().position(|b| *b == b'\n').unwrap() + 1;
        let expected: &[&str] = match cut {
            _ if cut < line => &[],
            _ if cut < rest.len() => &["lost 0"],
            _ => &["lost 0", "lost 1"],
        };
        assert_eq!(notes(&recovery.superseded), expected);
    }
}

#[test]
fn what_is_not_declared_is_a_fork_or_invalid() {
    let (good, rest, undeclared) = after_a_failed_sync(None);
    let first = [good.as_slice(), &rest].concat();
    assert_eq!(verdict(&[(0, &first), (1, &undeclared)], None), Verdict::Fork);
    let torn = &first[..good.len() + 10];
    assert_eq!(verdict(&[(0, torn), (1, &undeclared)], None), Verdict::InvalidRecord);
    // More than was declared: a record beyond it goes on from where the new segment does, other bytes are just too many.
    let (_, _, less) = after_a_failed_sync(aside(&rest[..rest.len() - 1]));
    assert_eq!(verdict(&[(0, &first), (1, &less)], None), Verdict::Fork);
    let (_, _, all) = after_a_failed_sync(aside(&rest));
    let more = [first.as_slice(), b"xx"].concat();
    assert_eq!(verdict(&[(0, &more), (1, &all)], None), Verdict::InvalidRecord);
    // As much, but something else: what stands there is set aside all the same, and told.
    let (_, _, other) = after_a_failed_sync(aside(&vec![b'x'; rest.len()]));
    let recovery = recover_session(&[files(&writer('a'), &[(0, &first), (1, &other)], None)]);
    assert_eq!(recovery.verdict(), Verdict::InvalidRecord);
    assert_eq!(notes(&recovery.superseded), ["lost 0", "lost 1"]);
}

#[test]
fn segments_that_failed_in_between_are_declared_with_the_rest() {
    let (mut pen, lines, _) = small(1);
    let first = lines.concat();
    let after = pen.after(0, first.len());
    // A second segment that never got its sync, a third that is empty, a fourth that holds.
    let mut failed = pen.clone();
    let second = [failed.open(Some(after.clone()), None), failed.note("lost")].concat();
    let fourth = [pen.open(Some(after), aside(&second)), pen.note("sent again")].concat();
    for cut in [0, 7, second.len()] {
        let segments = [(0, first.as_slice()), (1, &second[..cut]), (2, b"".as_slice()), (3, fourth.as_slice())];
        let recovery = recover_session(&[files(&pen.w, &segments, None)]);
        assert_eq!(recovery.faults, []);
        assert_eq!(notes(&recovery.records), ["note 0", "sent again"]);
    }
    // A head that remembers one of them as acknowledged speaks against it.
    let head = failed.head(1, second.len());
    let segments = [(0, first.as_slice()), (1, second.as_slice()), (3, fourth.as_slice())];
    assert_eq!(verdict(&segments, Some(&head)), Verdict::Fork);
}

#[test]
fn two_goings_on_from_one_record_are_a_fork() {
    // Two processes that both believed they were the writer.
    let (pen, lines, _) = small(1);
    let first = lines.concat();
    let after = pen.after(0, first.len());
    let go_on = |aside, note: &str| {
        let mut pen = pen.clone();
        [pen.open(Some(after.clone()), aside), pen.note(note)].concat()
    };
    let (second, third) = (go_on(None, "one"), go_on(aside(b"a few bytes"), "two"));
    assert_eq!(verdict(&[(0, &first), (1, &second), (2, &third)], None), Verdict::Fork);
}

#[test]
fn recovery_says_how_to_go_on_and_going_on_is_whole() {
    let (mut pen, lines, _) = small(2);
    let whole = lines.concat();
    let torn = &whole[..whole.len() - 9];
    let one = || files(&writer('a'), &[(0, torn), (1, b"")], None);
    let recovered = recover(&one());
    // The same again: reading changes nothing.
    assert_eq!(format!("{:?}", recover(&one())), format!("{recovered:?}"));
    let resume = recovered.resume.unwrap();
    assert_eq!((resume.segment, resume.n, resume.l), (2, 1, 2));
    assert_eq!(resume.file, "aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson");
    assert_eq!(resume.bytes, (lines[0].len() + lines[1].len()) as u64);
    pen = Pen { n: resume.n + 1, l: resume.l, h: resume.h, ..pen };
    let after = After { file: resume.file.into(), bytes: resume.bytes, n: resume.n, h: resume.h.to_string() };
    let third = [pen.open(Some(after), resume.rest.aside()), pen.note("after the crash")].concat();
    let recovery = recover_session(&[files(&pen.w, &[(0, torn), (1, b""), (2, &third)], None)]);
    assert_eq!(recovery.verdict(), Verdict::OkUnsigned);
    assert_eq!(notes(&recovery.records), ["note 0", "after the crash"]);
    assert_eq!(recovery.writers[0].resume.as_ref().unwrap().segment, 3);
}

#[test]
fn a_segment_opened_by_a_later_version_is_followed_by_number_and_hash() {
    let (mut pen, lines, _) = small(1);
    let first = lines.concat();
    let raw = serde_json::from_str("{\"other\":true}").unwrap();
    let second = [pen.write(Event::read("seg.open", raw), None), pen.note("newer")].concat();
    assert_eq!(verdict(&[(0, &first), (1, &second)], None), Verdict::OkUnsigned);
    assert_eq!(verdict(&[(0, &lines[0]), (1, &second)], None), Verdict::InvalidRecord);
}

/// Two writers; `b` has seen all of `a`.
fn two() -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>) {
    let (mut pen, mut lines, _) = small(1);
    let mut other = Pen::new('b');
    let seen = Some(BTreeMap::from([(pen.w.clone(), 1)]));
    other.l = pen.l;
    let b = [other.open(None, None), other.write(NoteAdded { text: "b sees a".into(), step: None }.into(), seen)];
    pen.l = other.l - 1;
    lines.push(pen.note("a at the same time"));
    (lines.concat(), b.concat(), lines)
}

#[test]
fn two_writers_merge_by_lamport_time_writer_and_number() {
    let (a, b, _) = two();
    let (wa, wb) = (writer('a'), writer('b'));
    let one = recover_session(&[files(&wa, &[(0, &a)], None), files(&wb, &[(0, &b)], None)]);
    let other = recover_session(&[files(&wb, &[(0, &b)], None), files(&wa, &[(0, &a)], None)]);
    assert_eq!(one.verdict(), Verdict::OkUnsigned);
    assert_eq!(notes(&one.records), ["note 0", "a at the same time", "b sees a"]);
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert_eq!(one.verification().writers, 2);
}

#[test]
fn what_another_writer_has_seen_must_be_there() {
    let (_, b, lines) = two();
    let (wa, wb) = (writer('a'), writer('b'));
    let judge = |a: &[(u32, &[u8])]| recover_session(&[files(&wa, a, None), files(&wb, &[(0, &b)], None)]).verdict();
    assert_eq!(judge(&[(0, &lines[..2].concat())]), Verdict::OkUnsigned);
    assert_eq!(judge(&[(0, &lines[0])]), Verdict::Truncated);
    assert_eq!(judge(&[]), Verdict::MissingSegment);
    assert_eq!(recover_session(&[files(&wb, &[(0, &b)], None)]).verdict(), Verdict::MissingSegment);
}

/// A record whose sync failed is there for others to see until its writer goes on without it; a crash may then leave
/// fewer records than they have seen.
#[test]
fn what_another_writer_has_seen_may_have_been_set_aside() {
    let (_, rest, _) = after_a_failed_sync(None);
    let (good, rest, second) = after_a_failed_sync(aside(&rest));
    let (first, wa, wb) = ([good, rest].concat(), writer('a'), writer('b'));
    let opening = second.iter().position(|b| *b == b'\n').unwrap() + 1;
    let judge = |seen: u64, end: usize| {
        let b =
            Pen::new('b').write(NoteAdded { text: "x".into(), step: None }.into(), Some([(wa.clone(), seen)].into()));
        let a = [(0, first.as_slice()), (1, &second[..end])];
        let recovery = recover_session(&[files(&wa, &a, None), files(&wb, &[(0, &b)], None)]);
        // Its time is lower than that of the record 3 that stands now; of record 2 it has no such excuse.
        let early = recovery.faults.iter().any(|fault| fault.detail.contains("a Lamport time that is not after"));
        assert_eq!(early, seen == 2, "{:?}", recovery.faults);
        recovery.faults.iter().filter(|fault| fault.file.starts_with('a')).map(|fault| fault.kind).min()
    };
    // 0 to 2 are good, 3 and 4 were set aside; the second segment's opening is the new 3.
    assert_eq!(judge(4, opening), None);
    assert_eq!((judge(3, opening), judge(2, opening)), (None, None));
    assert_eq!(judge(4, opening + 9), Some(Verdict::TornTail));
    assert_eq!(judge(5, opening), Some(Verdict::Truncated));
}

#[test]
fn a_session_without_its_beginning_is_not_whole() {
    let unopened = |files: &[WriterFiles<'_>]| {
        let fault = recover_session(files).unopened();
        fault.map(|fault| (fault.file, fault.kind, fault.detail))
    };
    let missing = |detail: &str| Some((String::new(), Verdict::MissingSegment, detail.to_owned()));
    let w = writer('a');
    let nothing = missing("there is no record: the files that held the session are not there");
    assert_eq!(unopened(&[]), nothing);
    assert_eq!(unopened(&[files(&w, &[(0, b"")], None)]), nothing);
    // Begun, and nothing says as what.
    let (_, lines, _) = small(1);
    let unknown = missing("no record opens the session: the file that held it is not there");
    assert_eq!(unopened(&[files(&w, &[(0, &lines.concat())], None)]), unknown);
    let torn = [lines.concat().as_slice(), b"{"].concat();
    assert_eq!(unopened(&[files(&w, &[(0, &torn)], None)]), unknown);
    // Never begun: a crash after the first record, or in it.
    assert_eq!(unopened(&[files(&w, &[(0, &lines[0])], None)]), None);
    assert_eq!(unopened(&[files(&w, &[(0, &lines[0][..9])], None)]), None);
    // Another fault says it already.
    assert_eq!(unopened(&[files(&w, &[(0, b"x\n")], None)]), None);
    let mut pen = Pen::new('a');
    let title = "Crypto mining".into();
    let opened = SessionOpened { title, severity: Default::default(), drill: false, simulated: false };
    let whole = [pen.open(None, None), pen.write(opened.into(), None), pen.note("one")].concat();
    assert_eq!(unopened(&[files(&w, &[(0, &whole)], None)]), None);
}

#[test]
fn a_file_of_another_session_is_found() {
    let (a, _, _) = two();
    let mut pen = Pen::new('b');
    let line = String::from_utf8(pen.open(None, None)).unwrap();
    let body = line.split_once(",\"h\"").unwrap().0.replace("k3j2h4g5", "aaaaaaaa");
    let b = format!("{body},\"h\":\"{}\"}}\n", Hash::of(body.as_bytes())).into_bytes();
    let session = [files(&writer('a'), &[(0, &a)], None), files(&writer('b'), &[(0, &b)], None)];
    assert_eq!(recover_session(&session).verdict(), Verdict::InvalidRecord);
}

proptest! {
    #[test]
    fn any_order_of_arrival_merges_the_same(order in Just((0..24usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut pens: Vec<Pen> = ['a', 'b', 'c'].map(Pen::new).to_vec();
        let mut records = Vec::new();
        for (i, pen) in pens.iter_mut().enumerate() {
            let bytes: Vec<u8> = (0..8).flat_map(|n| { pen.l += n % (i as u64 + 2); pen.note("x") }).collect();
            records.extend(read_segment(&bytes, &pen.w, 0).records);
        }
        let shuffled: Vec<Record> = order.iter().map(|at| records[*at].clone()).collect();
        prop_assert_eq!(format!("{:?}", merge(shuffled)), format!("{:?}", merge(records)));
    }
}

#[test]
fn logs_are_written_again_from_their_records_alone() {
    let (mut pen, lines, _) = small(2);
    let mut first = lines.concat();
    let after = pen.after(0, first.len());
    let torn = &pen.clone().note("never finished")[..40];
    let mut aside = Running::default();
    aside.add(torn);
    // The writer's number 1 was never used.
    let second = [pen.open(Some(after), aside.aside()), pen.note("x")].concat();
    let other = {
        let mut pen = Pen::new('b');
        [pen.open(None, None), pen.note("y")].concat()
    };
    let kept = first.clone();
    first.extend_from_slice(torn);
    let logs = [files(&writer('a'), &[(0, &first), (2, &second)], None), files(&writer('b'), &[(0, &other)], None)];
    let recovery = recover_session(&logs);
    assert_eq!(recovery.verdict(), Verdict::OkUnsigned);
    let mut entries: Vec<Entry> = recovery.records.into_iter().map(|record| record.entry).collect();
    entries.reverse();
    let again = rewrite(&entries).unwrap();
    let expected =
        [("aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson", kept), ("aaaaaaaaaaaaaaaaaaaaaaaaaa.0001.ndjson", second)];
    let expected = expected.into_iter().chain([("bbbbbbbbbbbbbbbbbbbbbbbbbb.0000.ndjson", other)]);
    assert_eq!(again.into_iter().collect::<Vec<_>>(), expected.map(|(n, b)| (n.to_owned(), b)).collect::<Vec<_>>());
}

#[test]
fn a_record_that_was_acknowledged_and_is_set_aside_is_a_fork() {
    let (good, rest, second) = {
        let (_, rest, _) = after_a_failed_sync(None);
        after_a_failed_sync(aside(&rest))
    };
    let first = [good.as_slice(), &rest].concat();
    // The second of the two, whose number no other record bears.
    let mut pen = small(2).0;
    let lost = [pen.note("lost 0"), pen.note("lost 1")];
    assert_eq!(lost.concat(), rest);
    let opening = second.split_inclusive(|b| *b == b'\n').next().unwrap();
    let head = pen.head(0, first.len());
    assert_eq!(verdict(&[(0, &first), (1, opening)], None), Verdict::OkUnsigned);
    assert_eq!(verdict(&[(0, &first), (1, opening)], Some(&head)), Verdict::Fork);
}

#[test]
fn a_segment_goes_on_from_an_earlier_one_of_its_writer() {
    for (file, expected) in [
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson", Verdict::OkUnsigned),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa.0001.ndjson", Verdict::MissingSegment),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa.0002.ndjson", Verdict::InvalidRecord),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaa.0003.ndjson", Verdict::InvalidRecord),
        ("bbbbbbbbbbbbbbbbbbbbbbbbbb.0000.ndjson", Verdict::InvalidRecord),
        ("0000", Verdict::InvalidRecord),
    ] {
        let (mut pen, lines, _) = small(1);
        let first = lines.concat();
        let after = After { file: file.into(), ..pen.after(0, first.len()) };
        let second = pen.open(Some(after), None);
        assert_eq!(verdict(&[(0, &first), (2, &second)], None), expected, "{file}");
    }
}

#[test]
fn a_segment_begins_with_an_opening_also_where_its_first_record_is_of_an_unknown_kind() {
    let (mut pen, lines, _) = small(1);
    let first = lines.concat();
    let raw = serde_json::from_str("{}").unwrap();
    let second = pen.write(Event::read("never.heard", raw), None);
    assert_eq!(verdict(&[(0, &first), (1, &second)], None), Verdict::InvalidRecord);
}

#[test]
fn a_record_is_later_than_what_it_has_seen() {
    for (l, expected) in [(3, Verdict::OkUnsigned), (2, Verdict::InvalidRecord)] {
        let (pen, lines, _) = small(1);
        let a = lines.concat();
        let mut other = Pen::new('b');
        let opened = other.open(None, None);
        other.l = l - 1;
        let seen = Some(BTreeMap::from([(pen.w.clone(), 1)]));
        let b = [opened, other.write(NoteAdded { text: "b sees a".into(), step: None }.into(), seen)].concat();
        let session = [files(&writer('a'), &[(0, &a)], None), files(&writer('b'), &[(0, &b)], None)];
        assert_eq!((pen.l, recover_session(&session).verdict()), (2, expected));
    }
}
