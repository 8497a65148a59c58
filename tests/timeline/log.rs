use super::*;
use quell_core::incident::{ActionStarted, writer_id};
use quell_core::record::Verdict;
use std::fs;

#[test]
fn what_is_acknowledged_is_in_the_file_line_by_line() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let saved = attached.log.commit(vec![pen.opened("Crypto mining"), pen.note("one\ntwo")]).unwrap();
    assert_eq!(saved.entries().len(), 2);
    let file = session.path().join(format!("log/{}.0000.ndjson", attached.log.writer()));
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].contains(r#""n":0,"l":1,"t":"2026-11-21T18:04:47.000000000Z","k":"seg.open""#), "{}", lines[0]);
    assert!(lines[2].contains(r#""d":{"text":"one\ntwo","step":null}"#), "{}", lines[2]);
    assert!(lines[2].ends_with(&format!("\"h\":\"{}\"}}", saved.head())));
}

#[test]
fn an_empty_commit_is_saved_and_writes_nothing() {
    let state = state();
    let (_, mut attached) = state.attach(&state.session());
    assert_eq!(attached.log.commit(Vec::new()).unwrap().entries().len(), 0);
}

#[test]
fn what_does_not_follow_is_refused_and_nothing_is_written() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let log = &mut attached.log;
    let good = pen.clone().note("good");
    let gap = Entry { link: Link(good.link.0.clone(), 2), ..good.clone() };
    let again = Entry { link: Link(good.link.0.clone(), 0), ..good.clone() };
    let other = Entry { link: Link(writer_id(&[7; 16]).unwrap(), 1), ..good.clone() };
    let early = Entry { l: 1, ..good.clone() };
    let open = Entry { event: attached.entries[0].event.clone(), ..good.clone() };
    let big = NoteAdded { text: "x".repeat(70_000).into(), step: None };
    let big = Entry { event: big.into(), ..good.clone() };
    for (entry, what) in [
        (gap, "event 2 comes where event 1 must"),
        (again, "event 0 comes where event 1 must"),
        (other, "the event is another writer's"),
        (early, "event 1 has a Lamport time that does not grow"),
        (open, "only the log itself opens segments"),
        (big, "the event note.added takes 70277 bytes; a record holds at most 65536"),
    ] {
        let no = log.commit(vec![entry]).unwrap_err();
        assert_eq!(no.problem.what, format!("not written to the timeline: {what}"));
        assert_eq!((no.next_n, no.last_l), (1, 1));
    }
    // A batch goes whole or not at all.
    let bad = pen.clone().note("bad");
    assert!(log.commit(vec![good, bad]).is_err());
    log.commit(vec![pen.note("good")]).unwrap();
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["good"]);
}

#[test]
fn each_started_action_permits_once() {
    let state = state();
    let (mut pen, mut attached) = state.attach(&state.session());
    let action = pen.link.clone();
    let started = |token: &str| ActionStarted { action: action.clone(), plan_hash: "ab".into(), token: token.into() };
    let entries = vec![pen.event(started("t1")), pen.note("between"), pen.event(started("t2"))];
    let mut saved = attached.log.commit(entries).unwrap();
    let permits = saved.permits();
    assert_eq!(permits.iter().map(|p| p.token()).collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!((permits[0].action(), permits[0].plan_hash()), (&action, "ab"));
    assert_eq!(saved.permits().len(), 0);
}

#[test]
fn the_head_shows_that_a_log_was_cut_at_the_end_of_a_record() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let writer = attached.log.writer().clone();
    for _ in 0..3 {
        attached.log.commit(vec![pen.note("x")]).unwrap();
    }
    attached.log.close().unwrap();
    let file = session.path().join(format!("log/{writer}.0000.ndjson"));
    let whole = fs::read_to_string(&file).unwrap();
    let head = fs::read_to_string(session.path().join(format!("log/{writer}.head"))).unwrap();
    let h = &whole[whole.len() - 67..whole.len() - 3];
    let expected = format!("{{\"file\":\"{writer}.0000.ndjson\",\"bytes\":{},\"n\":3,\"h\":\"{h}\"}}\n", whole.len());
    assert_eq!(head, expected);
    let cut = whole[..whole.len() - 1].rfind('\n').unwrap() + 1;
    fs::write(&file, &whole[..cut]).unwrap();
    let verification = session.read().unwrap().verification();
    assert_eq!(verification.verdict, Verdict::Truncated);
    assert_eq!(verification.problems[0].detail, "record 3 was acknowledged and is not there");
}

/// What no reader would take is not acknowledged: a clock in another age, a time beyond all.
#[test]
fn what_nobody_could_read_again_is_refused() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.opened("Crypto mining")]).unwrap();
    let far = Entry { t: "9999-06-01T00:00:00Z".parse().unwrap(), ..pen.clone().note("far") };
    let high = Entry { l: 9_007_199_254_740_992, ..pen.clone().note("high") };
    for entry in [far, high] {
        let no = attached.log.commit(vec![entry]).unwrap_err();
        let what = no.problem.what;
        assert!(
            what.starts_with("not written to the timeline: nobody could read the event note.added again"),
            "{what}"
        );
        assert!(no.problem.next.starts_with("look at this machine's clock"), "{}", no.problem.next);
    }
    let highest = Entry { l: 9_007_199_254_740_991, ..pen.clone().note("highest") };
    attached.log.commit(vec![highest]).unwrap();
    attached.log.close().unwrap();
    assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned);
    // Nobody can write after that, and whoever tries is told.
    let no = session.attach(&who("bob"), &state.runtime).err().unwrap();
    assert!(no.what.contains("nobody could read the event seg.open again"), "{}", no.what);
    assert_eq!(session.read().unwrap().verdict(), Verdict::OkUnsigned);
    drop(pen.note("unused"));
}
