//! A machine's clock that runs backwards, in a log on disk.

use super::cli::session;
use super::*;
use quell::timeline::Draft;
use quell_core::record::Verdict;

#[test]
fn a_clock_that_runs_backwards_changes_no_order_and_is_told() {
    let (state, session) = session();
    let back = AtomicI64::new(0);
    let start: Timestamp = "2026-11-21T18:00:00Z".parse().unwrap();
    let runtime = Runtime::new(
        move || start.checked_sub(back.fetch_add(1, Ordering::Relaxed).hours()).unwrap(),
        |bytes| {
            bytes.fill(9);
            Ok(())
        },
    );
    let mut bob = session.attach(&who("bob"), &runtime).unwrap();
    let mut pen = Pen::of(&bob);
    let mut note = |text: &str| Entry { t: runtime.now(), ..pen.note(text) };
    bob.log.commit(vec![note("one"), note("two")]).unwrap();
    bob.log.commit(vec![note("three")]).unwrap();
    bob.log.close().unwrap();
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned);
    assert_eq!(recorded(&timeline.recovery.records), ["first", "one", "two", "three"]);
    let shown = state.json(&["sessions", "show", session.short(), "--json"]);
    let jumps: Vec<_> = shown["jumps"].as_array().unwrap().iter().map(|j| (&j["link"][1], &j["seconds"])).collect();
    let own = (serde_json::json!(1), serde_json::json!(3600));
    assert!(jumps.contains(&(&own.0, &own.1)), "{jumps:?}");
    let report = state.quell(&["sessions", "report", session.short()]).out;
    assert!(report.contains("`note: two` **`the clock went back by 3600 s`**\n"), "{report}");
    assert!(report.contains("## Clocks\n\n- Record `"), "{report}");
}

/// What is signed has no parts of a second: it is the second that has begun, and never one that is to come.
#[test]
fn a_checkpoint_is_not_of_a_time_that_is_to_come() {
    let (state, session) = session();
    let now: Timestamp = "2026-11-21T18:59:59.999999999Z".parse().unwrap();
    let late = Runtime::new(move || now, |_| Ok(()));
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("before it")]).unwrap();
    let draft = Draft::of(&session, attached.log.writer(), &late).unwrap();
    assert!(draft.text().contains("\ntime 2026-11-21T18:59:59Z\n"), "{}", draft.text());
}
