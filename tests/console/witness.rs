//! AWS's clock beside this machine's, in the log and in the report.

use super::account::calls_at;
use super::fixtures::findings;
use super::rig::{Rig, succeeded};
use super::thread::running_at;
use quell::console::core::effect::Reaction;
use quell::console::core::input::Input;
use quell::console::core::model::{Ctx, Mode};
use quell::console::core::witness;
use quell_core::incident::{ClockWitnessed, Entry, Event};
use std::time::{Duration, Instant};

fn on_account(theirs: &'static str, ours: &'static str) -> Rig {
    let mut rig = Rig::of(Mode::Endpoint("http://127.0.0.1:1".into()));
    rig.model.account.calls = calls_at(theirs, ours);
    rig.arrive(findings());
    rig
}

fn witnessed(rig: &Rig) -> Vec<ClockWitnessed> {
    let of = |event: &Event| match event {
        Event::ClockWitnessed(d) => Some(d.clone()),
        _ => None,
    };
    rig.events().filter_map(of).collect()
}

#[test]
fn a_session_that_is_opened_takes_down_what_time_aws_has() {
    let mut rig = on_account("2025-11-21T14:06:30Z", "2025-11-21T14:07:12.5Z");
    rig.keys("Enter");
    rig.settle();
    let all = witnessed(&rig);
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].service.clone(), all[0].operation.clone()), ("STS".into(), "GetCallerIdentity".into()));
    assert_eq!((all[0].date.to_string(), all[0].ahead()), ("2025-11-21T14:06:30Z".to_owned(), 42));
    assert!(all[0].request_id.as_ref().is_some_and(|id| id.len() == 36));
    assert_eq!(rig.kinds()[..2], ["seg.open", "session.opened"]);
    rig.keys("j Space");
    rig.settle();
    assert_eq!(witnessed(&rig).len(), 1);
}

#[test]
fn it_is_told_again_only_when_the_difference_has_changed() {
    let mut rig = on_account("2025-11-21T14:06:30Z", "2025-11-21T14:06:30Z");
    rig.keys("Enter");
    rig.settle();
    for (ours, count) in [("2025-11-21T14:06:35.9Z", 1), ("2025-11-21T14:06:36Z", 2), ("2025-11-21T14:06:33Z", 2)] {
        rig.model.account.calls = calls_at("2025-11-21T14:06:30Z", ours);
        rig.feed(Input::Said("something arrives".into()));
        rig.settle();
        assert_eq!(witnessed(&rig).len(), count, "{ours}");
    }
}

#[test]
fn each_end_of_an_action_has_its_witness() {
    let mut rig = running_at(3);
    rig.model.account.mode = Mode::Endpoint("http://127.0.0.1:1".into());
    rig.model.account.calls = calls_at("2025-11-21T14:06:30Z", "2025-11-21T14:06:30Z");
    rig.feed(Input::Said("something arrives".into()));
    rig.settle();
    assert_eq!(witnessed(&rig).len(), 1);
    rig.model.account.calls = calls_at("2025-11-21T14:09:00Z", "2025-11-21T14:09:01Z");
    rig.end(succeeded());
    rig.settle();
    assert_eq!(witnessed(&rig).len(), 2);
    let kinds = rig.kinds();
    let end = kinds.iter().position(|kind| *kind == "action.succeeded").unwrap();
    assert_eq!(kinds[end + 1], "clock.witnessed");
}

/// Its clock is this machine's own.
#[test]
fn the_simulated_account_is_no_witness() {
    let mut rig = Rig::listed();
    rig.model.account.calls = calls_at("2025-11-21T14:06:30Z", "2025-11-21T14:07:12Z");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(witnessed(&rig), []);
}

/// A clock that goes forward leaves no other trace: the times of the records only grow.
#[test]
fn a_clock_that_goes_forward_is_taken_down() {
    let mut rig = Rig::empty();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    let begin = Instant::now();
    let mut at = |now: &str, seconds: u64| {
        let ctx = Ctx { now: now.parse().unwrap(), instant: begin + Duration::from_secs(seconds) };
        let seconds = witness::tick(&mut rig.model, &ctx);
        let mut out = Reaction::default();
        witness::jumped(&mut rig.model, seconds, &ctx, &mut out);
        let said = |entry: &Entry| match &entry.event {
            Event::EntryAdded(d) => d.text.line().into_string(),
            other => panic!("{other:?}"),
        };
        out.entries.iter().map(said).collect::<Vec<_>>()
    };
    assert_eq!(at("2025-11-21T14:07:00Z", 0), Vec::<String>::new());
    assert_eq!(at("2025-11-21T14:09:04Z", 120), Vec::<String>::new());
    assert_eq!(
        at("2025-11-21T15:09:10Z", 126),
        ["CLOCK +3600s: this machine's clock went forward, or the machine slept"]
    );
    assert_eq!(at("2025-11-21T15:09:11Z", 127), Vec::<String>::new());
    // What goes back shows in the records.
    assert_eq!(at("2025-11-21T14:09:12Z", 128), Vec::<String>::new());
    assert_eq!(at("2025-11-21T14:09:18Z", 129), ["CLOCK +5s: this machine's clock went forward, or the machine slept"]);
}
