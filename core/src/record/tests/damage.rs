use super::*;

/// Two segments: three records, then a torn tail that the second declares, then three records. With the head.
struct Whole {
    segments: [Vec<u8>; 2],
    head: Vec<u8>,
}

fn whole() -> Whole {
    let (mut pen, lines, _) = small(2);
    let mut first = lines.concat();
    let after = pen.after(0, first.len());
    let torn = &pen.clone().note("never finished")[..40];
    let mut aside = Running::default();
    aside.add(torn);
    first.extend_from_slice(torn);
    let second = [pen.open(Some(after), aside.aside()), pen.note("x"), pen.note("y")].concat();
    let head = pen.head(1, second.len());
    Whole { segments: [first, second], head }
}

fn judge(whole: &Whole) -> Verdict {
    verdict(&[(0, &whole.segments[0]), (1, &whole.segments[1])], Some(&whole.head))
}

#[test]
fn a_cut_at_any_byte_is_named() {
    let (_, lines, head) = small(5);
    let bytes = lines.concat();
    let ends: Vec<usize> = lines
        .iter()
        .scan(0, |end, line| {
            *end += line.len();
            Some(*end)
        })
        .collect();
    for cut in 0..bytes.len() {
        let rest = &bytes[..cut];
        let alone = if cut == 0 || ends.contains(&cut) { Verdict::OkUnsigned } else { Verdict::TornTail };
        assert_eq!(verdict(&[(0, rest)], None), alone, "cut at {cut}");
        assert_eq!(verdict(&[(0, rest)], Some(&head)), Verdict::Truncated, "cut at {cut} under a head");
    }
    assert_eq!(verdict(&[(0, &bytes)], Some(&head)), Verdict::OkUnsigned);
}

#[test]
fn a_torn_tail_takes_no_record_with_it() {
    let (pen, lines, _) = small(3);
    let bytes = lines.concat();
    let recovered = recover(&files(&pen.w, &[(0, &bytes[..bytes.len() - 1])], None));
    assert_eq!(notes(&recovered.records), ["note 0", "note 1"]);
    let fault = &recovered.faults[0];
    let start = (bytes.len() - lines[3].len()) as u64;
    assert_eq!((fault.line, fault.byte, fault.kind), (4, start, Verdict::TornTail));
    assert_eq!(fault.file, "aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson");
}

/// What is right for a bit that is flipped in a byte of one of the three files.
fn right(whole: &Whole, part: usize, at: usize, byte: u8) -> Verdict {
    let good = whole.segments[0].len() - 40;
    match part {
        // The line that the second segment goes on from has no end any more, and so is none.
        0 if at == good - 1 => Verdict::Truncated,
        // Its last line has no end, and the head knows it.
        1 if at == whole.segments[1].len() - 1 => Verdict::Truncated,
        0 | 1 => Verdict::InvalidRecord,
        _ => {
            let n = whole.head.windows(4).position(|part| part == b"\"n\":").unwrap() + 4;
            let h = n + 1 + ",\"h\":\"".len();
            assert_eq!(whole.head[n], b'5');
            match (at, byte) {
                // Records 4 and 1 are there, with other hashes; a record 7 is not.
                (at, b'1' | b'4') if at == n => Verdict::Fork,
                (at, b'7') if at == n => Verdict::Truncated,
                (at, b'0'..=b'9' | b'a'..=b'f') if (h..h + 64).contains(&at) => Verdict::Fork,
                _ => Verdict::InvalidRecord,
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_two_segments_and_a_head_is_named() {
    let mut damaged = whole();
    let whole = whole();
    assert_eq!(judge(&damaged), Verdict::OkUnsigned);
    for part in 0..3 {
        let len = if part < 2 { whole.segments[part].len() } else { whole.head.len() };
        for bit in 0..len * 8 {
            let bytes = if part < 2 { &mut damaged.segments[part] } else { &mut damaged.head };
            bytes[bit / 8] ^= 1 << (bit % 8);
            let byte = bytes[bit / 8];
            assert_eq!(judge(&damaged), right(&whole, part, bit / 8, byte), "bit {bit} of part {part}");
            let bytes = if part < 2 { &mut damaged.segments[part] } else { &mut damaged.head };
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_flipped_bit_is_named_by_byte_and_line_and_hides_nothing_else() {
    let (pen, lines, head) = small(4);
    let mut bytes = lines.concat();
    let start = lines[0].len() + lines[1].len();
    bytes[start + 30] ^= 1;
    let recovery = recover_session(&[files(&pen.w, &[(0, &bytes)], Some(&head))]);
    let [fault] = recovery.faults.as_slice() else { panic!("one fault: {:?}", recovery.faults) };
    assert_eq!((fault.line, fault.byte, fault.kind), (3, start as u64, Verdict::InvalidRecord));
    assert_eq!(notes(&recovery.records), ["note 0", "note 2", "note 3"]);
    let chained: Vec<bool> = recovery.records.iter().map(|record| record.chained).collect();
    assert_eq!(chained, [true, true, false, false]);
    assert!(recovery.writers[0].resume.is_none());
}

#[test]
fn a_deleted_line_is_a_gap_and_the_last_one_a_truncation() {
    let (_, lines, head) = small(5);
    for gone in 0..lines.len() {
        let mut left = lines.clone();
        left.remove(gone);
        let expected = if gone == 5 { Verdict::Truncated } else { Verdict::Gap };
        assert_eq!(verdict(&[(0, &left.concat())], Some(&head)), expected, "line {gone} deleted");
    }
    let left = [&lines[..2], &lines[4..]].concat().concat();
    let recovery = recover_session(&[files(&writer('a'), &[(0, &left)], None)]);
    assert_eq!(recovery.faults[0].detail, "records 2 to 3 are missing");
}

#[test]
fn a_line_deleted_before_the_one_that_a_segment_goes_on_from_is_a_gap_and_no_more() {
    let (mut pen, lines, _) = small(3);
    let after = pen.after(0, lines.concat().len());
    let second = [pen.open(Some(after), None), pen.note("x")].concat();
    let left = [&lines[..2], &lines[3..]].concat().concat();
    let recovery = recover_session(&[files(&pen.w, &[(0, &left), (1, &second)], None)]);
    let kinds: Vec<Verdict> = recovery.faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [Verdict::Gap]);
}

#[test]
fn a_head_is_held_against_its_record_also_where_the_log_ends_in_a_torn_line() {
    let (pen, lines, _) = small(2);
    let whole = lines.concat();
    let torn = [whole.as_slice(), b"{\"v\":1"].concat();
    let head = pen.head(0, whole.len());
    assert_eq!(verdict(&[(0, &torn)], Some(&head)), Verdict::TornTail);
    let elsewhere = pen.head(0, whole.len() - 1);
    assert_eq!(verdict(&[(0, &torn)], Some(&elsewhere)), Verdict::InvalidRecord);
}

#[test]
fn swapped_and_repeated_lines_are_invalid() {
    let (_, lines, head) = small(5);
    for at in 0..lines.len() - 1 {
        let mut other = lines.clone();
        other.swap(at, at + 1);
        assert_eq!(verdict(&[(0, &other.concat())], Some(&head)), Verdict::InvalidRecord, "swapped at {at}");
    }
    for at in 0..lines.len() {
        let mut other = lines.clone();
        other.insert(at, lines[at].clone());
        assert_eq!(verdict(&[(0, &other.concat())], Some(&head)), Verdict::InvalidRecord, "repeated at {at}");
    }
}

#[test]
fn a_line_put_in_place_of_another_is_found() {
    let (_, lines, head) = small(4);
    // The third record with other content, its own hash right.
    let mut pen = Pen::new('a');
    let forged = [pen.open(None, None), pen.note("note 0"), pen.note("forged")];
    assert_eq!(forged[1], lines[1]);
    let one = [&lines[0], &lines[1], &forged[2], &lines[3], &lines[4]].map(|l| l.as_slice()).concat();
    assert_eq!(verdict(&[(0, &one)], Some(&head)), Verdict::InvalidRecord);
    // Both of them.
    let both = [&lines[0], &lines[1], &lines[2], &forged[2], &lines[3], &lines[4]].map(|l| l.as_slice()).concat();
    assert_eq!(verdict(&[(0, &both)], Some(&head)), Verdict::Fork);
}

#[test]
fn a_log_chained_anew_by_force_is_a_fork_under_its_head() {
    let (_, _, head) = small(4);
    let mut pen = Pen::new('a');
    let forged = [pen.open(None, None), pen.note("note 0"), pen.note("forged"), pen.note("note 2"), pen.note("note 3")];
    assert_eq!(verdict(&[(0, &forged.concat())], Some(&head)), Verdict::Fork);
}

#[test]
fn whole_files_that_are_gone_swapped_or_repeated_are_found() {
    let Whole { segments: [first, second], head } = whole();
    let head = Some(head.as_slice());
    assert_eq!(verdict(&[(1, &second)], head), Verdict::MissingSegment);
    assert_eq!(verdict(&[(0, &first)], head), Verdict::MissingSegment);
    assert_eq!(verdict(&[], head), Verdict::MissingSegment);
    assert_eq!(verdict(&[(0, &second), (1, &first)], head), Verdict::InvalidRecord);
    assert_eq!(verdict(&[(0, &first), (1, &second), (2, &second)], head), Verdict::InvalidRecord);
    assert_eq!(verdict(&[(0, &first), (1, &second), (2, &first)], head), Verdict::InvalidRecord);
    // Another writer's file under this one's name.
    let other: Vec<u8> = Pen::new('b').open(None, None);
    assert_eq!(verdict(&[(0, &other)], None), Verdict::InvalidRecord);
}

#[test]
fn a_first_segment_cut_under_a_second_is_truncated() {
    let Whole { segments: [first, second], .. } = whole();
    let good = first.len() - 40;
    for cut in 1..good {
        assert_eq!(verdict(&[(0, &first[..cut]), (1, &second)], None), Verdict::Truncated, "cut at {cut}");
    }
    // What was set aside was never acknowledged: less of it is no loss.
    for cut in good..first.len() {
        assert_eq!(verdict(&[(0, &first[..cut]), (1, &second)], None), Verdict::OkUnsigned, "cut at {cut}");
    }
}

#[test]
fn a_head_that_names_another_place_is_not_believed() {
    let (pen, lines, _) = small(2);
    let bytes = lines.concat();
    let heads = [pen.head(0, bytes.len() - 1), pen.head(1, bytes.len()), b"{}\n".to_vec(), Vec::new()];
    for head in heads {
        assert_eq!(verdict(&[(0, &bytes)], Some(&head)), Verdict::InvalidRecord);
    }
}

/// What the chain is for: a reader that holds each line against its own hash alone takes what this one names.
#[test]
fn without_the_chain_a_deletion_and_a_swap_go_unnoticed() {
    let (_, lines, _) = small(4);
    let own_hash_holds = |line: &[u8]| {
        let (hashed, end) = line.split_at(line.len() - 73);
        end[6..70] == *Hash::of(hashed).to_string().as_bytes()
    };
    let (mut deleted, mut swapped) = (lines.clone(), lines);
    deleted.remove(2);
    swapped.swap(2, 3);
    for (damaged, expected) in [(deleted, Verdict::Gap), (swapped, Verdict::InvalidRecord)] {
        assert!(damaged.iter().all(|line| own_hash_holds(line)));
        assert_eq!(verdict(&[(0, &damaged.concat())], None), expected);
    }
}

#[test]
fn a_segments_opening_stands_first_and_nowhere_else() {
    let (mut pen, mut lines, _) = small(2);
    lines.push(pen.open(None, None));
    assert_eq!(verdict(&[(0, &lines.concat())], None), Verdict::InvalidRecord);
}

/// Memory must not grow with each bad line, and the verdict must be that of all.
#[test]
fn of_a_log_of_bad_lines_a_hundred_are_told_and_the_rest_is_counted() {
    let (_, lines, _) = small(3);
    // Ten thousand lines that are no records, then two that stand in each other's place.
    let bytes = [lines[0].as_slice(), &b"x\n".repeat(10_000), &lines[2], &lines[1]].concat();
    let recovery = recover_session(&[files(&writer('a'), &[(0, &bytes)], None)]);
    assert_eq!(recovery.verdict(), Verdict::InvalidRecord);
    assert_eq!(notes(&recovery.records), ["note 0", "note 1"]);
    let told: Vec<_> = recovery.faults.iter().skip(99).map(|f| (f.line, f.detail.as_str())).collect();
    let end = "the line does not end with a hash";
    assert_eq!(told, [(101, end), (102, "the line does not end with a hash; and 9,900 more that are invalid-record")]);
    // A worse one behind them is not hidden.
    let mut pen = Pen::new('a');
    let other = [pen.open(None, None), pen.note("another")];
    let bytes = [lines.concat().as_slice(), &b"x\n".repeat(10_000), &other[1]].concat();
    let recovery = recover_session(&[files(&writer('a'), &[(0, &bytes)], None)]);
    assert_eq!((recovery.verdict(), recovery.faults.len()), (Verdict::Fork, 102));
}

#[test]
fn a_second_content_of_any_record_of_a_segment_is_a_fork() {
    let (_, lines, head) = small(4);
    let mut pen = Pen::new('a');
    let other = [pen.open(None, None), pen.note("another")];
    let bytes = [lines.concat().as_slice(), &other[1]].concat();
    assert_eq!(verdict(&[(0, &bytes)], Some(&head)), Verdict::Fork);
}
