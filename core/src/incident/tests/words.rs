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
        (StepDone { step: step(0), note, each: None }.into(), Weight::Event, "done step 1 Step look: it \\u{202e}is"),
        (
            StepDone { step: step(0), note: None, each: Some("i-1".into()) }.into(),
            Weight::Event,
            "done step 1 Step look for i-1",
        ),
        (StepSkipped { step: step(1), why: "no".into() }.into(), Weight::Event, "skipped step 1 Step write: no"),
        (StepFailed { step: step(1), why: none() }.into(), Weight::Failure, "failed step 1 Step write"),
        (NoteAdded { text: "a\nb".into(), step: None }.into(), Weight::Note, "note: a b"),
        (
            DecisionMade { step: step(2), choice: "yes".into(), why: none(), to: None }.into(),
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

/// A record in words, of a session whose one action contains i-1.
fn words(event: impl Into<Event>) -> (Weight, String) {
    let mut pen = Pen::new();
    pen.start(3, "i-1");
    describe(&event.into(), pen.incident())
}

#[test]
fn an_actions_life_is_told() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    let planned = ActionPlanned { plan: plan(Some(3), "i-1"), plan_hash: String::new() };
    assert_eq!(words(planned), (Weight::Action, "planned Contain on i-1".into()));
    let (plan_hash, gesture, why) = (String::new(), "typed i-1".into(), none());
    let approved = ActionApproved { action: action.clone(), plan_hash, gesture, why, queued: false };
    assert_eq!(words(approved), (Weight::Action, "approved Contain on i-1 (typed i-1)".into()));
    let adopted = ActionAdopted { action: action.clone(), from: writer('b') };
    assert_eq!(words(adopted), (Weight::Action, "took over Contain on i-1".into()));
    let progress = |done, of| ActionProgress { action: action.clone(), text: "isolating".into(), done, of };
    assert_eq!(words(progress(2, 5)), (Weight::Event, "2/5 isolating".into()));
    assert_eq!(words(progress(0, 0)), (Weight::Event, "isolating".into()));
    let (outcome, request_ids) = ("isolated".into(), Vec::new());
    let succeeded = ActionSucceeded { action: action.clone(), outcome, request_ids, undo: None, facts: Vec::new() };
    assert_eq!(words(succeeded), (Weight::Action, "succeeded Contain on i-1: isolated".into()));
    let (class, message, request_ids) = (FailClass::Denied, "AccessDenied".into(), Vec::new());
    let failed = ActionFailed { action, class, message, request_ids, undo: None };
    assert_eq!(words(failed), (Weight::Failure, "failed Contain on i-1: AccessDenied".into()));
}

#[test]
fn what_a_session_is_made_of_is_told() {
    let open = SegOpen {
        format: 1,
        session: Id::new("s").unwrap(),
        salt: String::new(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: "alice".into(),
        caller: None,
        after: None,
        aside: None,
    };
    let change = FindingChanged {
        finding: "f".into(),
        changes: vec![Change { name: "count".into(), from: Some("9".into()), to: "46".into() }],
    };
    let evidence =
        EvidenceAdded { blob: "ab".into(), name: "a.pcap".into(), size: 7, how: none(), step: None, run: None };
    let variable = VariableSet { name: "role".into(), value: "r".into(), from: "typed".into() };
    let field = EntryCorrected { record: link('a', 1), field: "at".into(), value: "noon".into(), why: "late".into() };
    let told: [(Event, &str); 26] = [
        (open.into(), "console of alice on bastion attached"),
        (opened().into(), "opened: Miner"),
        (SessionJoined {}.into(), "joined"),
        (SessionDetached { why: "quell was ended".into() }.into(), "left: quell was ended"),
        (SessionReopened { why: "more".into() }.into(), "reopened: more"),
        (StepReopened { step: step(0), why: "again".into(), each: None }.into(), "reopened step 1 Step look: again"),
        (
            StepReopened { step: step(0), why: none(), each: Some("i-1".into()) }.into(),
            "reopened step 1 Step look for i-1",
        ),
        (RoleSet { role: "lead".into(), who: "bob".into(), on: true }.into(), "bob takes the role lead"),
        (RoleSet { role: "lead".into(), who: "bob".into(), on: false }.into(), "bob gives up the role lead"),
        (FindingAttached { finding: compact("f-1"), blob: None }.into(), "attached Recon:EC2/X"),
        (change.into(), "the finding changed: count 9 to 46"),
        (FindingDetached { finding: "f-1".into(), why: "other".into() }.into(), "detached f-1: other"),
        (book().into(), "runbook Book opened"),
        (RunbookClosed { rb: link('a', 1), why: "wrong".into() }.into(), "runbook closed: wrong"),
        (variable.into(), "role = r (typed)"),
        (evidence.into(), "evidence a.pcap (7 bytes)"),
        (
            EvidenceCustody { blob: "ab".into(), what: "exported".into(), why: "w".into(), ..Default::default() }
                .into(),
            "evidence exported: w",
        ),
        (
            EvidenceCustody {
                blob: "ab".into(),
                what: "released".into(),
                why: "w".into(),
                to: Some("carol\u{1b}".into()),
                ..Default::default()
            }
            .into(),
            "evidence released to carol\\u{1b}: w",
        ),
        (MilestoneSet { name: "contained".into(), at: at(61) }.into(), "milestone contained at 2026-11-21 14:01:01Z"),
        (
            VerdictSet { finding: "f-1".into(), verdict: Resolution::Benign, why: "w".into() }.into(),
            "verdict benign on f-1: w",
        ),
        (EntryAdded { lane: Lane::Attacker, text: "first login".into(), source: none() }.into(), "first login"),
        (field.into(), "corrected at to noon: late"),
        (
            EntryMasked { record: link('a', 7), field: "text".into(), why: "a password".into() }.into(),
            "masked text of record aaaaaaaaaa/7: a password",
        ),
        (checkpoint(Some("s".into())), "checkpoint over 12 records, signed"),
        (checkpoint(None), "checkpoint over 12 records, not signed"),
        (SessionClosed { resolution: Resolution::Duplicate, summary: none() }.into(), "closed as duplicate"),
    ];
    for (event, expected) in told {
        assert_eq!(words(event), (Weight::Event, expected.to_owned()));
    }
}

#[test]
fn an_entity_is_told_by_its_kind_and_its_state() {
    use EntityKind::*;
    let kinds = [
        (Principal, "principal"),
        (Key, "key"),
        (Host, "host"),
        (Bucket, "bucket"),
        (Account, "account"),
        (Ip, "address"),
        (Other, "entity"),
    ];
    let states = [
        (EntityState::Suspected, "suspected"),
        (EntityState::Confirmed, "confirmed"),
        (EntityState::Contained, "contained"),
        (EntityState::Cleared, "cleared"),
    ];
    for (kind, word) in kinds {
        for (state, so) in states {
            let noted = EntityNoted { kind, id: "x".into(), provenance: Provenance::Typed, state };
            assert_eq!(words(noted).1, format!("{word} x {so}"));
        }
    }
}

fn checkpoint(signature: Option<String>) -> Event {
    CheckpointMade { file: "c".into(), count: 12, head: String::new(), sha256: None, signature }.into()
}
