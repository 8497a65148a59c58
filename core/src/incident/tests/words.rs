//! Records in words.

use super::*;

fn said(event: impl Into<Event>, incident: &Incident) -> (Weight, String) {
    describe(&event.into(), incident)
}

#[test]
fn records_are_told_by_step_action_and_weight() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    let incident = pen.incident().clone();
    let note = Some("it \u{202e}is".into());
    for (event, weight, words) in [
        (StepDone { step: step(0), note }.into(), Weight::Event, "done step 1 Step look: it \\u{202e}is"),
        (StepSkipped { step: step(1), why: "no".into() }.into(), Weight::Event, "skipped step 1 Step write: no"),
        (StepFailed { step: step(1), why: none() }.into(), Weight::Failure, "failed step 1 Step write"),
        (NoteAdded { text: "a\nb".into(), step: None }.into(), Weight::Note, "note: a b"),
        (
            DecisionMade { step: step(2), choice: "yes".into(), why: none() }.into(),
            Weight::Event,
            "decided step 1 Step choose: yes",
        ),
        (
            ActionStarted { action: action.clone(), plan_hash: String::new(), token: String::new() }.into(),
            Weight::Action,
            "started Contain on i-1",
        ),
        (
            ActionUnknown { action: action.clone(), why: "timeout".into() }.into(),
            Weight::Failure,
            "unknown outcome of Contain on i-1: timeout",
        ),
        (
            ActionVerified { action: action.clone(), holds: Some(false), facts: Vec::new() }.into(),
            Weight::Failure,
            "read back and NOT as wanted: Contain on i-1",
        ),
        (
            SessionClosed { resolution: Resolution::FalsePositive, summary: "test".into() }.into(),
            Weight::Event,
            "closed as false positive: test",
        ),
    ] {
        assert_eq!(describe(&event, &incident), (weight, words.to_owned()));
    }
}

#[test]
fn what_the_incident_does_not_know_is_named_by_its_id() {
    let incident = Incident::default();
    assert_eq!(said(StepStarted { step: step(0) }, &incident).1, "started step look");
    let cancelled = ActionCancelled { action: link('b', 7), why: none() };
    assert_eq!(said(cancelled, &incident).1, "cancelled action bbbbbbbbbb/7");
}

#[test]
fn a_kind_of_the_future_is_shown_raw_and_harmless() {
    let data = serde_json::value::RawValue::from_string("{\"x\":\"\u{202e}\"}".into()).unwrap();
    let event = Event::read("weather.changed", &data);
    assert_eq!(said(event, &Incident::default()), (Weight::Event, "weather.changed {\"x\":\"\\u{202e}\"}".into()));
}
