//! What may be done next: an intent and the state give events, or a refusal in words.
//!
//! The console asks this of the *pending* fold (acknowledged plus sent), so that a second Enter can't start an
//! action twice.

use super::approve::{self, By, approve};
use super::each::untick_each;
use super::proof::lacking;
use super::touch::meets;
use super::*;
use crate::finding::Compact;
use crate::text::Untrusted;

/// The source of an entry that hands the incident over.
pub const HAND_OVER: &str = "hand-over";

/// The events that carry out `intent`, or why it can't be.
pub fn decide(incident: &Incident, intent: Intent) -> Result<Vec<Event>, Refusal> {
    // The end of what runs, and leaving, are facts even when the session was closed meanwhile.
    let late = matches!(
        intent,
        Intent::End { .. }
            | Intent::Verified { .. }
            | Intent::Progress { .. }
            | Intent::Reopen { .. }
            | Intent::Leave { .. }
    );
    if incident.closed.is_some() && !late {
        return Err(Refusal::Closed);
    }
    match intent {
        Intent::Tick { .. } | Intent::Untick { .. } | Intent::Skip { .. } | Intent::Choose { .. } => {
            step(incident, intent)
        }
        Intent::TickEach { step, each, note } => tick_each(incident, step, each, note),
        Intent::UntickEach { step, each, why } => untick_each(incident, step, each, why),
        Intent::Plan(_) | Intent::Approve { .. } | Intent::Start { .. } | Intent::Cancel { .. } => {
            commit(incident, intent)
        }
        Intent::Progress { .. } | Intent::End { .. } | Intent::Verified { .. } => follow(incident, intent),
        Intent::Close { resolution, summary } => close(incident, resolution, summary),
        other => matter(incident, other),
    }
}

fn one(event: impl Into<Event>) -> Result<Vec<Event>, Refusal> {
    Ok(vec![event.into()])
}

fn step(incident: &Incident, intent: Intent) -> Result<Vec<Event>, Refusal> {
    let target = match &intent {
        Intent::Tick { step, .. }
        | Intent::Untick { step, .. }
        | Intent::Skip { step, .. }
        | Intent::Choose { step, .. } => step,
        _ => return Err(Refusal::NoStep),
    };
    let (book, outline, state) = incident.step(target).ok_or(Refusal::NoStep)?;
    if book.closed {
        return Err(Refusal::NoStep);
    }
    let undo = state.action.as_ref().and_then(|a| incident.actions.get(a)).and_then(|a| a.undone_by.as_ref());
    let undoing = undo.and_then(|u| incident.actions.get(u)).is_some_and(|u| u.life == Life::Started);
    if state.mark == Mark::Running || undoing {
        return Err(Refusal::StepBusy);
    }
    match intent {
        Intent::Tick { .. } if state.mark == Mark::Done => Err(Refusal::StepStands("done")),
        // Somebody else has decided while the question was open.
        Intent::Choose { .. } if state.mark == Mark::Done => Err(Refusal::StepStands("decided")),
        Intent::Tick { .. } | Intent::Choose { .. } if incident.lacks_evidence(target).is_some() => {
            lacking(incident, target)
        }
        Intent::Tick { note, .. } if outline.note_required && note.as_ref().is_none_or(Untrusted::is_empty) => {
            Err(Refusal::NoteRequired)
        }
        Intent::Tick { step, note } => one(StepDone { step, note: note.filter(|n| !n.is_empty()), each: None }),
        Intent::Untick { .. } if state.mark == Mark::Todo => Err(Refusal::StepStands("open")),
        // Its action may have worked: what opens it again is a decision of its own.
        Intent::Untick { why, .. } if state.mark == Mark::Unknown && why.is_empty() => Err(Refusal::WhyRequired),
        Intent::Untick { step, why } => one(StepReopened { step, why, each: None }),
        // What stands, an action most of all, is not made to look as if nobody had done it.
        Intent::Skip { .. } if state.mark == Mark::Done => Err(Refusal::StepStands("done")),
        Intent::Skip { .. } if state.mark == Mark::Skipped => Err(Refusal::StepStands("skipped")),
        Intent::Skip { why, .. } if why.is_empty() => Err(Refusal::WhyRequired),
        Intent::Skip { step, why } => one(StepSkipped { step, why }),
        Intent::Choose { why, .. } if outline.note_required && why.is_empty() => Err(Refusal::NoteRequired),
        Intent::Choose { step, choice, why, to } => one(DecisionMade { step, choice, why, to }),
        _ => Err(Refusal::NoStep),
    }
}

fn tick_each(
    incident: &Incident,
    step: StepRef,
    each: Untrusted,
    note: Option<Untrusted>,
) -> Result<Vec<Event>, Refusal> {
    let (book, outline, state) = incident.step(&step).ok_or(Refusal::NoStep)?;
    let slot = incident.each(&step).into_iter().find(|(value, _)| *value == each).map(|(_, slot)| slot.mark);
    let note = note.filter(|n| !n.is_empty());
    match slot {
        _ if book.closed => Err(Refusal::NoStep),
        None => Err(Refusal::NoValue),
        Some(Mark::Running) => Err(Refusal::StepBusy),
        Some(Mark::Done) => Err(Refusal::StepStands("done")),
        _ if state.mark == Mark::Done => Err(Refusal::StepStands("done")),
        _ if incident.lacks_evidence(&step).is_some() => lacking(incident, &step),
        _ if outline.note_required && note.is_none() => Err(Refusal::NoteRequired),
        _ => one(StepDone { step, note, each: Some(each) }),
    }
}

fn commit(incident: &Incident, intent: Intent) -> Result<Vec<Event>, Refusal> {
    match intent {
        Intent::Plan(plan) => propose(incident, *plan),
        Intent::Approve { actions, gesture, why, by, two } => {
            approve(incident, actions, &By { writer: by, two, gesture, why })
        }
        Intent::Start { action, token, by } => approve::start(incident, action, token, &by),
        Intent::Cancel { action, why } => {
            let state = incident.actions.get(&action).ok_or(Refusal::NoAction)?;
            match state.life {
                // One that waits for a second person's approval, or for its turn, is withdrawn.
                Life::Planned | Life::Approved | Life::Queued => one(ActionCancelled { action, why }),
                life => Err(Refusal::ActionStands(life.word())),
            }
        }
        _ => Err(Refusal::NoAction),
    }
}

fn propose(incident: &Incident, plan: Plan) -> Result<Vec<Event>, Refusal> {
    if let Some(step) = &plan.step {
        incident.step(step).ok_or(Refusal::NoStep)?;
        let slot = incident.slot(step, plan.each.as_ref());
        let open = slot.and_then(|slot| slot.action.as_ref()).and_then(|a| incident.actions.get(a)).map(|a| a.life);
        if matches!(open, Some(Life::Approved | Life::Queued | Life::Started)) {
            return Err(Refusal::StepBusy);
        }
    }
    busy(incident, &plan, None)?;
    let plan_hash = plan.hash().map_err(|e| Refusal::Unwritable(e.to_string()))?;
    one(ActionPlanned { plan, plan_hash })
}

/// What is under way on the same target, or may be: an outcome that nobody knows counts until it is looked up, or its
/// step is opened again with a reason.
fn under_way<'a>(incident: &'a Incident, plan: &Plan, but: Option<&Link>) -> Option<&'a ActionState> {
    let open = |a: &ActionState| match a.life {
        Life::Approved | Life::Queued | Life::Started => true,
        Life::Unknown => {
            let slot = a.plan.step.as_ref().and_then(|step| incident.slot(step, a.plan.each.as_ref()));
            slot.is_some_and(|slot| slot.mark == Mark::Unknown && slot.action.as_ref() == Some(&a.link))
        }
        _ => false,
    };
    let same = |a: &&ActionState| open(a) && meets(&a.plan, plan);
    // What undoes something is what one does about it.
    let undone = plan.undo_of.as_ref();
    incident.actions.values().filter(|a| Some(&a.link) != but && Some(&a.link) != undone).find(same)
}

/// An action under way that does the same on the same target as this one does: started by another writer, before
/// either had heard of the other.
pub fn rival<'a>(incident: &'a Incident, action: &Link) -> Option<&'a ActionState> {
    under_way(incident, &incident.actions.get(action)?.plan, Some(action))
}

/// One action on one target at a time, whoever started it.
pub(super) fn busy(incident: &Incident, plan: &Plan, but: Option<&Link>) -> Result<(), Refusal> {
    let resource = || plan.target.resource.line().into_string();
    match under_way(incident, plan, but).map(|other| other.life) {
        Some(Life::Unknown) => Err(Refusal::TargetUnknown(resource())),
        Some(_) => Err(Refusal::TargetBusy(resource())),
        None => Ok(()),
    }
}

fn follow(incident: &Incident, intent: Intent) -> Result<Vec<Event>, Refusal> {
    let action = match &intent {
        Intent::Progress { action, .. } | Intent::End { action, .. } | Intent::Verified { action, .. } => action,
        _ => return Err(Refusal::NoAction),
    };
    let life = incident.actions.get(action).ok_or(Refusal::NoAction)?.life;
    match intent {
        Intent::Verified { .. } if life != Life::Succeeded => Err(Refusal::ActionStands(life.word())),
        Intent::Verified { action, verified } => {
            one(ActionVerified { action, holds: verified.holds, facts: verified.facts })
        }
        _ if !matches!(life, Life::Started | Life::Unknown) => Err(Refusal::ActionStands(life.word())),
        Intent::Progress { action, text, done, of } => one(ActionProgress { action, text, done, of }),
        Intent::End { action, outcome } => Ok(vec![end(action, outcome)]),
        _ => Err(Refusal::NoAction),
    }
}

fn end(action: Link, outcome: Outcome) -> Event {
    match outcome {
        Outcome::Succeeded { outcome, request_ids, undo, facts } => {
            ActionSucceeded { action, outcome, request_ids, undo, facts }.into()
        }
        Outcome::Failed { class, message, request_ids } => {
            ActionFailed { action, class, message, request_ids, undo: None }.into()
        }
        Outcome::Partly { message, request_ids, undo } => {
            ActionFailed { action, class: FailClass::Failed, message, request_ids, undo }.into()
        }
        Outcome::Unknown { why } => ActionUnknown { action, why }.into(),
    }
}

fn close(incident: &Incident, resolution: Resolution, summary: Untrusted) -> Result<Vec<Event>, Refusal> {
    if summary.is_empty() {
        return Err(Refusal::WhyRequired);
    }
    // An outcome that nobody can tell stays open for ever; the report names it, and it holds nobody back.
    match incident.actions.values().filter(|a| a.life == Life::Started).count() {
        0 => {
            // A finding that nobody has judged on its own is judged with its incident.
            let open = incident.findings.iter().filter(|f| f.verdict.is_none()).map(|f| f.finding.id.clone());
            let verdict = |finding| VerdictSet { finding, verdict: resolution, why: "closed with its incident".into() };
            let mut events: Vec<Event> = open.map(|finding| verdict(finding).into()).collect();
            let waits = |a: &&ActionState| match a.life {
                Life::Planned => a.plan.set.is_some(),
                life => matches!(life, Life::Approved | Life::Queued),
            };
            let left = incident.actions.values().filter(waits).map(|a| a.link.clone());
            let cancelled = |action| ActionCancelled { action, why: "the session was closed".into() }.into();
            events.extend(left.map(cancelled));
            events.push(SessionClosed { resolution, summary }.into());
            Ok(events)
        }
        running => Err(Refusal::ActionsRun(running)),
    }
}

fn matter(incident: &Incident, intent: Intent) -> Result<Vec<Event>, Refusal> {
    if let Intent::Change { finding, .. } | Intent::Detach { finding, .. } | Intent::Verdict { finding, .. } = &intent
        && !incident.findings.iter().any(|f| f.finding.id == *finding)
    {
        return Err(Refusal::NoFinding);
    }
    match intent {
        Intent::Open { title, severity, drill, simulated } => one(SessionOpened { title, severity, drill, simulated }),
        Intent::Attach { finding, blob } => {
            let mut events: Vec<Event> = vec![FindingAttached { finding: (*finding).clone(), blob }.into()];
            events.extend(suspects(incident, &finding));
            Ok(events)
        }
        Intent::Change { finding, changes } => one(FindingChanged { finding, changes }),
        Intent::Detach { why, .. } if why.is_empty() => Err(Refusal::WhyRequired),
        Intent::Detach { finding, why } => one(FindingDetached { finding, why }),
        Intent::OpenBook(book) => one(book),
        Intent::CloseBook { rb, why } => close_book(incident, rb, why),
        Intent::Note { text, .. } if text.is_empty() => Err(Refusal::Empty),
        Intent::Note { text, step } => one(NoteAdded { text, step }),
        Intent::HandOver { text } if text.is_empty() => Err(Refusal::Empty),
        Intent::HandOver { text } => one(EntryAdded { lane: Lane::Communication, text, source: HAND_OVER.into() }),
        Intent::Entity { id, .. } if id.is_empty() => Err(Refusal::Empty),
        Intent::Entity { kind, id, provenance, state } => one(EntityNoted { kind, id, provenance, state }),
        Intent::Look(made) => one(*made),
        Intent::Variable { value, .. } if value.is_empty() => Err(Refusal::Empty),
        Intent::Variable { name, value, from } => one(VariableSet { name, value, from }),
        Intent::Quiet { on } => one(QuietSet { on }),
        Intent::Role { role, who, .. } if role.is_empty() || who.is_empty() => Err(Refusal::Empty),
        Intent::Role { role, who, on } if incident.holders(&role).any(|held| *held == who) == on => {
            Err(Refusal::RoleStands(role.line().into_string()))
        }
        Intent::Role { role, who, on } => one(RoleSet { role, who, on }),
        Intent::Milestone { name, at } => one(MilestoneSet { name, at }),
        Intent::Verdict { finding, verdict, why } => one(VerdictSet { finding, verdict, why }),
        Intent::Reopen { .. } if incident.closed.is_none() => Err(Refusal::Empty),
        Intent::Reopen { why } => one(SessionReopened { why }),
        Intent::Leave { why } => one(SessionDetached { why }),
        _ => Err(Refusal::Empty),
    }
}

/// A runbook is left with a reason, and with nothing of it under way.
fn close_book(incident: &Incident, rb: Link, why: Untrusted) -> Result<Vec<Event>, Refusal> {
    if why.is_empty() {
        return Err(Refusal::WhyRequired);
    }
    if !incident.runbooks.iter().any(|book| book.link == rb && !book.closed) {
        return Err(Refusal::NoStep);
    }
    let busy = |a: &ActionState| matches!(a.life, Life::Approved | Life::Queued | Life::Started | Life::Unknown);
    let of_book = |a: &&ActionState| a.plan.step.as_ref().is_some_and(|step| step.rb == rb);
    match incident.actions.values().filter(of_book).any(busy) {
        true => Err(Refusal::BookBusy),
        false => one(RunbookClosed { rb, why }),
    }
}

/// The principals, keys, hosts, buckets and addresses that a finding names, as suspects.
fn suspects(incident: &Incident, finding: &Compact) -> Vec<Event> {
    let class = finding.resource.kind.as_ref().map(|k| k.line().into_string()).unwrap_or_default();
    let resource = match class.as_str() {
        "AWS::EC2::Instance" => Some(EntityKind::Host),
        "AWS::S3::Bucket" => Some(EntityKind::Bucket),
        _ => None,
    };
    let named = [
        (resource, &finding.resource.id),
        (Some(EntityKind::Principal), &finding.actor.principal),
        (Some(EntityKind::Key), &finding.actor.access_key),
        (Some(EntityKind::Ip), &finding.actor.ip),
        (Some(EntityKind::Account), &finding.account),
    ];
    let new = |kind: EntityKind, id: &Untrusted| !incident.entities.iter().any(|e| e.kind == kind && e.id == *id);
    named
        .into_iter()
        .filter_map(|(kind, id)| Some((kind?, id.clone()?)))
        .filter(|(kind, id)| new(*kind, id))
        .map(|(kind, id)| {
            EntityNoted { kind, id, provenance: Provenance::Finding, state: EntityState::Suspected }.into()
        })
        .collect()
}

/// What a writer that comes back to its log had under way when it ended: of unknown outcome.
pub fn unfinished(incident: &Incident, writer: &WriterId) -> Vec<Event> {
    let unknown = |action: &ActionState| {
        let why = "the console ended before the outcome was recorded";
        ActionUnknown { action: action.link.clone(), why: why.into() }.into()
    };
    held_by(incident, writer).map(unknown).collect()
}

/// What a writer that comes back to its log had approved and not started: its console ended between the two records, or
/// before its turn. Where `two` people must approve, what one has approved waits for the other as before.
pub fn not_run(incident: &Incident, writer: &WriterId, two: bool) -> Vec<Event> {
    let own = |a: &&ActionState| match a.life {
        Life::Queued => a.is_queued_by(writer),
        Life::Approved => !two && a.approved.as_ref().is_some_and(|s| s.by == *writer),
        _ => false,
    };
    let why = "approved and NOT RUN: the console ended before it was started";
    let cancelled = |a: &ActionState| ActionCancelled { action: a.link.clone(), why: why.into() }.into();
    incident.actions.values().filter(own).map(cancelled).collect()
}

/// The actions that a writer follows, having started them or taken them over, and that no record says the end of.
pub fn held_by<'a>(incident: &'a Incident, writer: &'a WriterId) -> impl Iterator<Item = &'a ActionState> {
    let own = |a: &&ActionState| a.life == Life::Started && a.holder.as_ref() == Some(writer);
    incident.actions.values().filter(own)
}

/// The actions that a writer starts at their turn, in their order.
pub fn queued_by(incident: &Incident, writer: &WriterId) -> Vec<Link> {
    let mut own: Vec<&ActionState> = incident.actions.values().filter(|a| a.is_queued_by(writer)).collect();
    own.sort_by_key(|a| a.approver().map(|stamp| stamp.n));
    own.into_iter().map(|a| a.link.clone()).collect()
}

impl ActionState {
    /// Who has given the approval that counts: the second, where there is one.
    fn approver(&self) -> Option<&Stamp> {
        self.seconded.as_ref().or(self.approved.as_ref())
    }

    fn is_queued_by(&self, writer: &WriterId) -> bool {
        self.life == Life::Queued && self.approver().is_some_and(|stamp| stamp.by == *writer)
    }
}

impl Life {
    /// Whether nothing of it can have been sent.
    pub fn is_before_start(self) -> bool {
        matches!(self, Life::Planned | Life::Approved | Life::Queued | Life::Cancelled)
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Life::Planned => "planned",
            Life::Cancelled => "cancelled",
            Life::Approved => "approved",
            Life::Queued => "approved and waits for its turn",
            Life::Started => "started",
            Life::Succeeded => "succeeded",
            Life::Failed => "failed",
            Life::Unknown => "of unknown outcome",
        }
    }
}
