//! What may be done next, and what is refused.

use super::*;

fn tick(row: usize, note: Option<&str>) -> Intent {
    Intent::Tick { step: step(row), note: note.map(Into::into) }
}

#[test]
fn a_step_is_ticked_once_and_reopened() {
    let mut pen = Pen::new();
    pen.act(tick(0, None)).unwrap();
    assert_eq!(pen.mark(0), Mark::Done);
    assert_eq!(pen.act(tick(0, None)), Err(Refusal::StepStands("done")));
    pen.act(Intent::Untick { step: step(0), why: none() }).unwrap();
    assert_eq!(pen.mark(0), Mark::Todo);
    assert_eq!(pen.act(Intent::Untick { step: step(0), why: none() }), Err(Refusal::StepStands("open")));
    pen.act(tick(0, Some("again"))).unwrap();
    assert_eq!(pen.incident().step(&step(0)).unwrap().2.note, Some("again".into()));
}

#[test]
fn a_note_is_required_where_the_step_says_so() {
    let mut pen = Pen::new();
    assert_eq!(pen.act(tick(1, None)), Err(Refusal::NoteRequired));
    assert_eq!(pen.act(tick(1, Some(""))), Err(Refusal::NoteRequired));
    pen.act(tick(1, Some("xmrig"))).unwrap();
    assert_eq!(pen.mark(1), Mark::Done);
}

#[test]
fn a_skip_says_why() {
    let mut pen = Pen::new();
    assert_eq!(pen.act(Intent::Skip { step: step(0), why: none() }), Err(Refusal::WhyRequired));
    pen.act(Intent::Skip { step: step(0), why: "no owner".into() }).unwrap();
    assert_eq!(pen.mark(0), Mark::Skipped);
    let again = pen.act(Intent::Skip { step: step(0), why: "twice".into() });
    assert_eq!(again, Err(Refusal::StepStands("skipped")));
    // What was done is not skipped: an action that stands would look as if nobody had run it.
    let action = pen.start(3, "i-1");
    pen.end(&action, succeeded()).unwrap();
    let over = pen.act(Intent::Skip { step: step(3), why: "oops".into() });
    assert_eq!((over, pen.mark(3)), (Err(Refusal::StepStands("done")), Mark::Done));
}

#[test]
fn a_decision_keeps_its_choice() {
    let mut pen = Pen::new();
    pen.act(Intent::Choose { step: step(2), choice: "yes".into(), why: none(), to: None }).unwrap();
    let (_, _, state) = pen.incident().step(&step(2)).unwrap();
    assert_eq!((state.mark, &state.choice), (Mark::Done, &Some("yes".into())));
}

#[test]
fn a_step_that_is_in_no_open_runbook_is_refused() {
    let mut pen = Pen::new();
    let strange = [
        StepRef { rb: link('b', 1), ..step(0) },
        StepRef { row: 1, ..step(0) },
        StepRef { row: 99, ..step(0) },
        StepRef { id: Id::new("other").unwrap(), ..step(0) },
    ];
    for step in strange {
        assert_eq!(pen.act(Intent::Tick { step, note: None }), Err(Refusal::NoStep));
    }
    pen.write(RunbookClosed { rb: link('a', 1), why: none() }.into());
    assert_eq!(pen.act(tick(0, None)), Err(Refusal::NoStep));
}

#[test]
fn nothing_is_planned_while_the_steps_action_is_under_way() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    assert_eq!(pen.mark(3), Mark::Running);
    let plan_again = |resource| Intent::Plan(Box::new(plan(Some(3), resource)));
    assert_eq!(pen.act(plan_again("i-1")), Err(Refusal::StepBusy));
    assert_eq!(pen.act(plan_again("i-2")), Err(Refusal::StepBusy));
    assert_eq!(pen.act(tick(3, None)), Err(Refusal::StepBusy));
    assert_eq!(pen.act(Intent::Skip { step: step(3), why: "why".into() }), Err(Refusal::StepBusy));
    pen.end(&action, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Failed);
    pen.act(plan_again("i-1")).unwrap();
}

#[test]
fn one_target_has_one_action_at_a_time() {
    let mut pen = Pen::new();
    let waits = pen.act(Intent::Plan(Box::new(plan(Some(4), "i-1")))).unwrap();
    let runs = pen.start(3, "i-1");
    let busy = Err(Refusal::TargetBusy("i-1".into()));
    assert_eq!(pen.act(Intent::Plan(Box::new(plan(None, "i-1")))), busy);
    // A plan that was made before is held against what runs when it is approved.
    assert_eq!(pen.approve(&waits), busy);
    pen.act(Intent::Plan(Box::new(plan(None, "i-2")))).unwrap();
    pen.end(&runs, succeeded()).unwrap();
    pen.approve(&waits).unwrap();
    assert_eq!(pen.life(&waits), Life::Started);
}

#[test]
fn an_approval_names_the_plan_that_was_shown() {
    let mut pen = Pen::new();
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let approve = |action: &Link, hash: &str| Intent::Approve {
        actions: vec![Approval { action: action.clone(), plan_hash: hash.into(), token: "t".into() }],
        gesture: "typed i-1".into(),
        why: "because".into(),
        by: link('a', 0).0,
        two: false,
    };
    assert_eq!(pen.act(approve(&action, "")), Err(Refusal::PlanChanged));
    let other = plan(Some(3), "i-2").hash().unwrap();
    assert_eq!(pen.act(approve(&action, &other)), Err(Refusal::PlanChanged));
    assert_eq!(pen.act(approve(&link('z', 9), &other)), Err(Refusal::NoAction));
    let hash = plan(Some(3), "i-1").hash().unwrap();
    let events = decide(pen.incident(), approve(&action, &hash)).unwrap();
    let kinds: Vec<_> = events.iter().filter_map(Event::kind).collect();
    assert_eq!(kinds, ["action.approved", "action.started"]);
    pen.act(approve(&action, &hash)).unwrap();
    assert_eq!(pen.act(approve(&action, &hash)), Err(Refusal::ActionStands("started")));
}

#[test]
fn what_is_cancelled_or_ended_stays_so() {
    let mut pen = Pen::new();
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let cancel = |action: &Link| Intent::Cancel { action: action.clone(), why: "no".into() };
    assert_eq!(pen.end(&action, succeeded()), Err(Refusal::ActionStands("planned")));
    pen.act(cancel(&action)).unwrap();
    assert_eq!(pen.mark(3), Mark::Todo);
    assert_eq!(pen.approve(&action), Err(Refusal::ActionStands("cancelled")));
    let action = pen.start(3, "i-1");
    assert_eq!(pen.act(cancel(&action)), Err(Refusal::ActionStands("started")));
    pen.end(&action, succeeded()).unwrap();
    assert_eq!(pen.end(&action, failed()), Err(Refusal::ActionStands("succeeded")));
    assert_eq!(pen.act(cancel(&link('z', 0))), Err(Refusal::NoAction));
}

#[test]
fn an_unknown_outcome_is_cleared_up_and_never_comes_back() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, unknown()).unwrap();
    assert_eq!((pen.life(&action), pen.mark(3)), (Life::Unknown, Mark::Unknown));
    pen.end(&action, succeeded()).unwrap();
    assert_eq!((pen.life(&action), pen.mark(3)), (Life::Succeeded, Mark::Done));
    pen.write(ActionUnknown { action: action.clone(), why: none() }.into());
    assert_eq!(pen.life(&action), Life::Succeeded);
}

#[test]
fn a_session_with_running_actions_is_not_closed() {
    let mut pen = Pen::new();
    let close = |summary: &str| Intent::Close { resolution: Resolution::Benign, summary: summary.into() };
    assert_eq!(pen.act(close("")), Err(Refusal::WhyRequired));
    let one = pen.start(3, "i-1");
    let two = pen.start(4, "i-2");
    assert_eq!(pen.act(close("done")), Err(Refusal::ActionsRun(2)));
    pen.end(&one, succeeded()).unwrap();
    assert_eq!(pen.act(close("done")), Err(Refusal::ActionsRun(1)));
    // What nobody can tell holds nobody back.
    pen.end(&two, unknown()).unwrap();
    pen.act(close("done")).unwrap();
    let closed = pen.incident().closed.as_ref().unwrap();
    assert_eq!((closed.resolution, &closed.summary), (Resolution::Benign, &"done".into()));
}

#[test]
fn a_closed_session_takes_ends_leaving_and_reopening_alone() {
    let mut pen = Pen::new();
    let mut other = Pen::joined(&pen);
    let action = other.start(3, "i-1");
    pen.act(Intent::Close { resolution: Resolution::Duplicate, summary: "s".into() }).unwrap();
    // The other's records arrive after the session was closed here.
    other.timeline.entries().iter().cloned().for_each(|e| pen.timeline.insert(e));
    let refused = [
        tick(0, None),
        Intent::Note { text: "n".into(), step: None },
        Intent::Plan(Box::new(plan(None, "i-9"))),
        Intent::Attach { finding: Box::new(compact("f")), blob: None },
        Intent::OpenBook(book()),
        Intent::Variable { name: "a".into(), value: "b".into(), from: none() },
        Intent::Milestone { name: "contained".into(), at: at(1) },
        Intent::Close { resolution: Resolution::Benign, summary: "again".into() },
        Intent::Cancel { action: action.clone(), why: none() },
    ];
    for intent in refused {
        assert_eq!(pen.act(intent), Err(Refusal::Closed));
    }
    pen.act(Intent::Progress { action: action.clone(), text: "1".into(), done: 1, of: 2 }).unwrap();
    let verified =
        || Intent::Verified { action: action.clone(), verified: Verified { holds: None, facts: Vec::new() } };
    assert_eq!(pen.act(verified()), Err(Refusal::ActionStands("started")));
    pen.end(&action, succeeded()).unwrap();
    pen.act(verified()).unwrap();
    pen.act(Intent::Leave { why: none() }).unwrap();
    pen.act(Intent::Reopen { why: "more".into() }).unwrap();
    assert_eq!(pen.incident().closed, None);
    pen.act(tick(0, None)).unwrap();
    assert_eq!(pen.act(Intent::Reopen { why: none() }), Err(Refusal::Empty));
}

#[test]
fn nothing_empty_is_recorded() {
    let mut pen = Pen::new();
    for intent in [
        Intent::Note { text: none(), step: None },
        Intent::Variable { name: "a".into(), value: none(), from: none() },
        Intent::Entity {
            kind: EntityKind::Ip,
            id: none(),
            provenance: Provenance::Typed,
            state: EntityState::Confirmed,
        },
    ] {
        assert_eq!(pen.act(intent), Err(Refusal::Empty));
    }
}

#[test]
fn a_finding_brings_its_suspects_once() {
    let mut pen = Pen::new();
    for id in ["f-1", "f-2"] {
        pen.act(Intent::Attach { finding: Box::new(compact(id)), blob: None }).unwrap();
    }
    let entities: Vec<_> = pen.incident().entities.iter().map(|e| (e.kind, e.id.clone(), e.state)).collect();
    assert_eq!(
        entities,
        [
            (EntityKind::Host, "i-1".into(), EntityState::Suspected),
            (EntityKind::Ip, "198.51.100.7".into(), EntityState::Suspected),
            (EntityKind::Account, "111122223333".into(), EntityState::Suspected),
        ]
    );
    assert_eq!(pen.incident().findings.len(), 2);
}

#[test]
fn a_resume_ends_what_its_writer_started_and_nothing_else() {
    let mut pen = Pen::new();
    let one = pen.start(3, "i-1");
    let two = pen.start(4, "i-2");
    pen.end(&two, succeeded()).unwrap();
    pen.act(Intent::Plan(Box::new(plan(None, "i-3")))).unwrap();
    let mut other = Pen::joined(&pen);
    let theirs = other.act(Intent::Plan(Box::new(plan(None, "i-4")))).unwrap();
    other.approve(&theirs).unwrap();
    let ends = |letter| -> Vec<Link> {
        unfinished(other.incident(), &writer(letter))
            .into_iter()
            .map(|event| match event {
                Event::ActionUnknown(d) => d.action,
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(ends('a'), [one]);
    assert_eq!(ends('b'), [theirs]);
    assert_eq!(ends('c'), []);
}

#[test]
fn a_step_of_unknown_outcome_is_opened_again_only_with_a_reason() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, unknown()).unwrap();
    let untick = |why: &str| Intent::Untick { step: step(3), why: why.into() };
    assert_eq!(pen.act(untick("")), Err(Refusal::WhyRequired));
    pen.act(untick("seen by hand")).unwrap();
    assert_eq!(pen.mark(3), Mark::Todo);
}

#[test]
fn closing_judges_the_findings_that_nobody_has_judged() {
    let mut pen = Pen::new();
    for id in ["f-1", "f-2"] {
        pen.act(Intent::Attach { finding: Box::new(compact(id)), blob: None }).unwrap();
    }
    pen.act(Intent::Verdict { finding: "f-1".into(), verdict: Resolution::Benign, why: "a test".into() }).unwrap();
    pen.act(Intent::Close { resolution: Resolution::TruePositive, summary: "s".into() }).unwrap();
    let verdict = |id: &str| {
        let found = pen.incident().findings.iter().find(|f| f.finding.id == id.into());
        found.and_then(|f| f.verdict)
    };
    assert_eq!((verdict("f-1"), verdict("f-2")), (Some(Resolution::Benign), Some(Resolution::TruePositive)));
}

#[test]
fn a_finding_is_detached_only_with_a_reason() {
    let mut pen = Pen::new();
    pen.act(Intent::Attach { finding: Box::new(compact("f-1")), blob: None }).unwrap();
    let before = pen.incident().findings.len();
    let detach = |why: &str| Intent::Detach { finding: "f-1".into(), why: why.into() };
    assert_eq!(pen.act(detach("")), Err(Refusal::WhyRequired));
    pen.act(detach("another incident")).unwrap();
    assert_eq!(pen.incident().findings.len(), before - 1);
}

#[test]
fn what_a_dead_writer_had_under_way_is_known_and_nothing_else() {
    let mut pen = Pen::new();
    let own = pen.start(3, "i-1");
    let mut other = Pen::joined(&pen);
    let theirs = other.start(4, "i-2");
    other.timeline.entries().iter().cloned().for_each(|e| pen.timeline.insert(e));
    let started: Vec<_> = held_by(pen.incident(), &theirs.0).map(|action| action.link.clone()).collect();
    assert_eq!(started, std::slice::from_ref(&theirs));
    let events = unfinished(pen.incident(), &theirs.0);
    let [Event::ActionUnknown(unknown)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(unknown.action, theirs);
    assert_eq!(pen.life(&own), Life::Started);
}

#[test]
fn a_runbook_is_left_with_a_reason_and_with_nothing_under_way() {
    let mut pen = Pen::new();
    let gone = |why: &str| Intent::CloseBook { rb: step(0).rb, why: why.into() };
    assert_eq!(pen.act(gone("")), Err(Refusal::WhyRequired));
    let other = Intent::CloseBook { rb: link('a', 9), why: "w".into() };
    assert_eq!(pen.act(other), Err(Refusal::NoStep));
    let action = pen.start(3, "i-1");
    assert_eq!(pen.act(gone("w")), Err(Refusal::BookBusy));
    pen.end(&action, Outcome::Unknown { why: "lost".into() }).unwrap();
    assert_eq!(pen.act(gone("w")), Err(Refusal::BookBusy));
    pen.end(&action, succeeded()).unwrap();
    pen.act(gone("w")).unwrap();
    assert!(pen.incident().runbooks[0].closed);
    assert_eq!(pen.act(gone("w")), Err(Refusal::NoStep));
    assert_eq!(pen.act(tick(0, None)), Err(Refusal::NoStep));
}

/// The kinds of the events that an intent makes, of the state that a pen starts with.
fn kinds(intent: Intent) -> Vec<&'static str> {
    let pen = Pen::new();
    decide(pen.incident(), intent).unwrap().iter().filter_map(Event::kind).collect()
}

#[test]
fn each_plain_intent_is_one_event_of_its_kind() {
    let severity = Severity { label: Some(Label::High), score: Some(80.0) };
    let open = Intent::Open { title: "t".into(), severity, drill: false, simulated: true };
    assert_eq!(kinds(open), ["session.opened"]);
    assert_eq!(kinds(Intent::OpenBook(book())), ["runbook.opened"]);
    let to = Change { name: "count".into(), from: Some("9".into()), to: "46".into() };
    let change = Intent::Change { finding: "f-1".into(), changes: vec![to] };
    let mut pen = Pen::new();
    assert_eq!(decide(pen.incident(), change.clone()).unwrap_err(), Refusal::NoFinding);
    let verdict = Intent::Verdict { finding: "f-1".into(), verdict: Resolution::Benign, why: none() };
    assert_eq!(decide(pen.incident(), verdict).unwrap_err(), Refusal::NoFinding);
    pen.act(Intent::Attach { finding: Box::new(compact("f-1")), blob: None }).unwrap();
    let events = decide(pen.incident(), change).unwrap();
    assert_eq!(events.iter().filter_map(Event::kind).collect::<Vec<_>>(), ["finding.changed"]);
    assert_eq!(kinds(Intent::Note { text: "n".into(), step: None }), ["note.added"]);
    let entity = |id: &str| Intent::Entity {
        kind: EntityKind::Ip,
        id: id.into(),
        provenance: Provenance::Typed,
        state: EntityState::Confirmed,
    };
    assert_eq!(kinds(entity("198.51.100.7")), ["entity.noted"]);
    let variable = |value: &str| Intent::Variable { name: "v".into(), value: value.into(), from: "typed".into() };
    assert_eq!(kinds(variable("x")), ["variable.set"]);
    assert_eq!(kinds(Intent::Milestone { name: "contained".into(), at: at(1) }), ["milestone.set"]);
    let empty = [Intent::Note { text: none(), step: None }, entity(""), variable("")];
    for intent in empty {
        assert_eq!(decide(Pen::new().incident(), intent).unwrap_err(), Refusal::Empty);
    }
}

#[test]
fn a_decision_that_asks_for_a_note_is_not_taken_without() {
    let mut pen = Pen::new();
    let choose = |why: &str| Intent::Choose { step: step(1), choice: "c".into(), why: why.into(), to: None };
    assert_eq!(pen.act(choose("")), Err(Refusal::NoteRequired));
    pen.act(choose("it is ours")).unwrap();
    pen.act(Intent::Choose { step: step(2), choice: "c".into(), why: none(), to: None }).unwrap();
}

#[test]
fn a_bucket_and_whoever_shares_its_name_are_two_suspects() {
    let mut pen = Pen::new();
    let noted = |pen: &Pen| -> Vec<(EntityKind, String)> {
        let entities = pen.incident().entities.iter();
        entities.map(|e| (e.kind, e.id.line().into_string())).collect()
    };
    let mut bucket = compact("f-1");
    bucket.account = None;
    bucket.actor = Actor { ip: Some("198.51.100.7".into()), ..Actor::default() };
    bucket.resource = Resource { kind: Some("AWS::S3::Bucket".into()), id: Some("logs".into()), ..Resource::default() };
    pen.act(Intent::Attach { finding: Box::new(bucket.clone()), blob: None }).unwrap();
    let first = [(EntityKind::Bucket, "logs".to_owned()), (EntityKind::Ip, "198.51.100.7".to_owned())];
    assert_eq!(noted(&pen), first);
    // Another finding about the same, and a principal whose name is that of the bucket.
    bucket.id = "f-2".into();
    bucket.actor.principal = Some("logs".into());
    let attach = Intent::Attach { finding: Box::new(bucket.clone()), blob: None };
    let events = decide(pen.incident(), attach).unwrap();
    let kinds: Vec<_> = events.iter().filter_map(Event::kind).collect();
    assert_eq!(kinds, ["finding.attached", "entity.noted"]);
    pen.act(Intent::Attach { finding: Box::new(bucket), blob: None }).unwrap();
    let [a, b] = first;
    assert_eq!(noted(&pen), [a, b, (EntityKind::Principal, "logs".to_owned())]);
}

#[test]
fn a_step_whose_undo_runs_is_left_alone() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, succeeded()).unwrap();
    let undo = Plan { undo_of: Some(action.clone()), ..plan(None, "i-1") };
    let undo = pen.act(Intent::Plan(Box::new(undo))).unwrap();
    pen.approve(&undo).unwrap();
    assert_eq!(pen.act(Intent::Untick { step: step(3), why: "w".into() }), Err(Refusal::StepBusy));
}
