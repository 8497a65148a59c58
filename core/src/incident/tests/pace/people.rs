//! Whose clock it is, and when they were there.

use super::*;

#[test]
fn the_night_in_which_nobody_was_there_is_left_out() {
    let mut log = Log::new();
    log.done('a', "17:50:00", 0);
    log.add('a', "18:00:00", left());
    assert_eq!(log.says(1, 'a', "19:00:00").unwrap(), "target 15 min: it waits");
    let mut beside = Log(log.0.clone());
    let back = |log: &mut Log| {
        log.add_on('a', "2026-11-22T08:00:00Z", come());
        log.add_on('a', "2026-11-22T08:04:00Z", done(1));
    };
    back(&mut log);
    // Ten minutes before the night, four after it.
    assert_eq!(
        (log.took(1), log.said(1).unwrap().as_str()),
        ((840, 50400), "target 15 min: took 14 min, waited 840 min")
    );
    // An open one says the day where it is another than that of its beginning.
    let early = Log(log.0[..log.0.len() - 1].to_vec());
    let morning = Some((&writer('a'), "2026-11-22T08:01:00Z".parse().unwrap()));
    let open = early.incident().pace(&step(1), morning).unwrap();
    assert_eq!(open.words(), "target 15 min: until 2026-11-22 08:05:00Z");
    // Somebody else's night is not hers.
    beside.add('b', "18:30:00", come());
    beside.done('b', "18:40:00", 3);
    back(&mut beside);
    assert_eq!((beside.took(1), beside.took(3)), ((840, 50400), (600, 0)));
}

/// A file that gets too long is followed by another: that is no coming.
#[test]
fn another_segment_begins_nothing_anew() {
    let mut log = Log::new();
    log.add('a', "14:05:00", come());
    log.done('a', "14:11:00", 0);
    assert_eq!(log.took(0), (600, 0));
    // Who left once leaves no second time.
    log.add('a', "14:12:00", left());
    log.add('a', "14:14:00", left());
    log.add('a', "14:15:00", come());
    log.add('a', "14:17:00", come());
    log.done('a', "14:18:00", 1);
    // 14:11 to 14:18, less 14:12 to 14:15.
    assert_eq!(log.took(1), (240, 180));
}

#[test]
fn two_people_have_a_clock_each() {
    let mut log = Log::new();
    log.add('b', "14:06:00", come());
    log.done('a', "14:05:00", 0);
    log.done('b', "14:10:00", 1);
    log.done('a', "14:20:00", 4);
    log.done('b', "14:21:00", 3);
    assert_eq!([log.took(0), log.took(1), log.took(4), log.took(3)], [(240, 0), (240, 0), (900, 0), (660, 0)]);
    // Another runbook is another matter.
    log.add('a', "14:30:00", RunbookOpened { id: Id::new("other").unwrap(), ..timed() });
    let rb = log.0.last().unwrap().link.clone();
    let of = StepRef { rb, ..step(0) };
    log.add('a', "14:36:00", StepDone { step: of.clone(), note: None, each: None });
    assert_eq!(log.incident().pace(&of, None).unwrap().worked, 360);
    log.add('a', "14:40:00", StepReopened { step: step(0), why: "w".into(), each: None });
    // Her last in this one was at 14:20.
    assert_eq!(log.says(0, 'a', "14:41:00").unwrap(), "target 15 min: until 14:35:00Z");
    assert_eq!(log.says(0, 'b', "14:41:00").unwrap(), "target 15 min: until 14:36:00Z");
}

#[test]
fn a_clock_that_goes_back_makes_no_time_less_than_none() {
    let mut log = Log::new();
    // An action that ended before it began, a leave after the return.
    let action = log.start('b', "14:03:00", 3);
    log.add('b', "13:50:00", ended(&action));
    log.add('a', "14:04:00", left());
    log.add('a', "13:40:00", come());
    log.done('a', "13:45:00", 0);
    assert_eq!((log.took(0), log.said(0).unwrap().as_str()), ((0, 0), "target 15 min: took 0 min"));
    // Of 14:01, when it was opened, and 13:45 the later one counts.
    assert_eq!(log.says(1, 'a', "13:46:00").unwrap(), "target 15 min: until 14:16:00Z");
    log.done('a', "14:06:00", 1);
    assert_eq!(log.took(1), (300, 0));
    // Times at both ends of the calendar, and a target that no calendar reaches.
    let mut book = timed();
    book.outline[0].target = Some(u32::MAX);
    let mut log = Log(Vec::new());
    log.add_on('a', "-009998-01-01T00:00:00Z", come());
    log.add_on('a', "9998-01-01T00:00:00Z", book);
    let words = log.says(0, 'a', "14:00:00").unwrap();
    assert!(words.starts_with("target 4294967295 min: until 9999-12-3"), "{words}");
    log.add_on('a', "-009998-01-01T00:00:00Z", done(0));
    assert_eq!(log.incident().pace(&step(0), None).unwrap().worked, 0);
}

#[test]
fn a_step_of_an_older_record_has_no_target_and_no_pace() {
    let written = serde_json::to_value(timed()).unwrap();
    assert_eq!((&written["outline"][0]["target"], written["outline"][2].get("target")), (&15.into(), None));
    let mut older = written;
    for line in older["outline"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("target");
    }
    let mut log = Log(Vec::new());
    log.add('a', "14:00:00", come());
    log.add('a', "14:01:00", serde_json::from_value::<RunbookOpened>(older).unwrap());
    log.done('a', "14:08:00", 0);
    assert_eq!((log.said(0), log.says(1, 'a', "14:09:00")), (None, None));
    assert_eq!(log.incident().runbooks[0].steps[0].mark, Mark::Done);
}

/// Whatever comes first.
#[test]
fn records_in_any_order_give_the_same() {
    let mut log = Log::new();
    log.add('b', "14:02:00", come());
    let action = log.start('b', "14:03:00", 3);
    log.done('a', "14:06:00", 0);
    log.add('b', "14:07:00", ended(&action));
    log.add('a', "14:08:00", left());
    log.add('a', "14:10:00", come());
    log.done('a', "14:13:00", 1);
    let known = log.incident();
    // 5 less 3 minutes; 7 less one of b's action and two away; 5 less 4.
    assert_eq!([log.took(0), log.took(1), log.took(3)], [(120, 180), (240, 180), (60, 240)]);
    let count = log.0.len();
    for step_by in 1..count {
        for first in 0..count {
            let mixed = (0..count).map(|at| log.0[(first + at * step_by) % count].clone());
            let mut one_by_one = Timeline::default();
            mixed.for_each(|entry| one_by_one.insert(entry));
            log.0.iter().for_each(|entry| one_by_one.insert(entry.clone()));
            assert_eq!(one_by_one.incident(), &known, "{first} {step_by}");
        }
    }
    // Nothing of it stands in what the program prints.
    let printed = crate::text::json::to_string(&known).unwrap();
    for word in ["dealt", "halted", "stay", "away"] {
        assert!(!printed.contains(word), "{word} is in {printed}");
    }
}
