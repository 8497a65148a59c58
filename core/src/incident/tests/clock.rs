//! Clocks that run backwards, and clocks that differ: order stands, and what can't be true is marked.

use super::*;
use std::collections::BTreeMap;

fn open(user: &str) -> SegOpen {
    SegOpen {
        format: 1,
        session: Id::new("s").unwrap(),
        salt: String::new(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: user.into(),
        caller: None,
        after: None,
        aside: None,
    }
}

fn note(text: &str) -> NoteAdded {
    NoteAdded { text: text.into(), step: None }
}

fn timed(entry: Entry, t: &str) -> Entry {
    Entry { t: format!("2026-11-21T{t}Z").parse().unwrap(), ..entry }
}

fn seen(entry: Entry, letter: char, n: u64) -> Entry {
    Entry { seen: Some(BTreeMap::from([(writer(letter), n)])), ..entry }
}

/// a's clock jumps back by an hour; b's is 42.5 s behind that of a, whose note it has seen.
fn entries() -> Vec<Entry> {
    vec![
        timed(entry('a', 0, 1, open("alice")), "14:00:00"),
        timed(entry('a', 1, 2, opened()), "14:00:05"),
        timed(entry('a', 2, 3, note("before the jump")), "13:00:05"),
        timed(entry('a', 3, 4, note("after it")), "13:00:04.5"),
        seen(timed(entry('b', 0, 5, open("bob")), "12:59:22"), 'a', 3),
        timed(entry('b', 1, 6, note("by bob")), "12:59:23"),
        seen(timed(entry('a', 4, 7, note("heard")), "13:00:30"), 'b', 1),
    ]
}

#[test]
fn clock_jumps_change_no_order() {
    let mut shuffled = entries();
    shuffled.reverse();
    shuffled.swap(1, 4);
    let timeline = Timeline::new(shuffled);
    let links: Vec<_> = timeline.entries().iter().map(|e| e.link.clone()).collect();
    assert_eq!(
        links,
        [("a", 0), ("a", 1), ("a", 2), ("a", 3), ("b", 0), ("b", 1), ("a", 4)]
            .map(|(w, n)| { link(w.chars().next().unwrap(), n) })
    );
    let notes: Vec<String> = timeline.incident().notes.iter().map(|n| n.text.line().into_string()).collect();
    assert_eq!(notes, ["before the jump", "after it", "by bob", "heard"]);
}

#[test]
fn a_time_that_cant_be_true_is_marked() {
    let incident = Incident::fold(&entries());
    let jumps: Vec<_> = incident.jumps.values().map(|j| (j.link.clone(), j.seconds, j.seen.clone())).collect();
    // Half a second is no jump: threads look at the clock one after the other.
    assert_eq!(jumps, [(link('a', 2), 3600, None), (link('b', 0), 42, Some(writer('a')))]);
    let words: Vec<String> = incident.jumps.values().map(|jump| incident.jump_words(jump)).collect();
    let expected = ["the clock went back by 3600 s", "the clock is 42 s behind that of alice, who had written before"];
    assert_eq!(words, expected);
    // Singly or together, the same.
    let mut timeline = Timeline::default();
    entries().into_iter().rev().for_each(|entry| timeline.insert(entry));
    assert_eq!(timeline.incident(), &incident);
}

#[test]
fn a_new_segment_goes_on_from_the_writers_clock() {
    let mut all = entries();
    all.push(timed(entry('a', 5, 8, open("alice")), "12:00:30"));
    assert_eq!(Incident::fold(&all).jumps[&link('a', 5)].seconds, 3600);
}

#[test]
fn the_greatest_difference_to_aws_is_kept() {
    let witness = |date: &str, local: &str| ClockWitnessed {
        service: "GuardDuty".into(),
        operation: "ListFindings".into(),
        request_id: Some("r-1".into()),
        date: format!("2026-11-21T{date}Z").parse().unwrap(),
        local: format!("2026-11-21T{local}Z").parse().unwrap(),
    };
    let event = |n, witness: ClockWitnessed| timed(entry('a', n, n + 1, witness), "14:00:00");
    let mut all = vec![timed(entry('a', 0, 1, open("alice")), "14:00:00")];
    assert_eq!(Incident::fold(&all).skew, None);
    all.push(event(1, witness("14:00:00", "14:00:03.9")));
    all.push(event(2, witness("14:01:00", "14:00:50")));
    all.push(event(3, witness("14:02:00", "14:02:07")));
    let skew = Incident::fold(&all).skew.unwrap();
    assert_eq!((skew.seconds, skew.stamp.n), (-10, 2));
    let words = describe(&all[2].event, &Incident::default()).1;
    assert_eq!(words, "AWS says 14:01:00Z where this clock says 14:00:50Z (GuardDuty:ListFindings, request r-1)");
}
