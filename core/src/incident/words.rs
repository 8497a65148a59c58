//! A record in one line of plain words, for the timeline strip, the review and the report.

use super::*;
use crate::text::Untrusted;

/// How much a record weighs in a strip or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Event,
    Note,
    Action,
    Failure,
}

/// A record in words; `incident` is a state at or after it, for the names of steps and actions.
pub fn describe(event: &Event, incident: &Incident) -> (Weight, String) {
    match event.kind().and_then(|k| k.split_once('.')) {
        Some(("action", _)) => action(event, incident),
        Some(("step" | "decision" | "note", _)) => step(event, incident),
        _ => (Weight::Event, matter(event)),
    }
}

fn name(step: &StepRef, incident: &Incident) -> String {
    match incident.step(step) {
        Some((_, line, _)) => format!("step {} {}", line.number.line(), line.title.line()),
        None => format!("step {}", step.id),
    }
}

fn with(text: String, more: &Untrusted) -> String {
    match more.is_empty() {
        true => text,
        false => format!("{text}: {}", more.line()),
    }
}

fn step(event: &Event, incident: &Incident) -> (Weight, String) {
    let none = Untrusted::default();
    match event {
        Event::StepStarted(d) => (Weight::Event, format!("started {}", name(&d.step, incident))),
        Event::StepDone(d) => {
            let each = d.each.as_ref().map(|each| format!(" for {}", each.line())).unwrap_or_default();
            let words = format!("done {}{each}", name(&d.step, incident));
            (Weight::Event, with(words, d.note.as_ref().unwrap_or(&none)))
        }
        Event::StepSkipped(d) => (Weight::Event, with(format!("skipped {}", name(&d.step, incident)), &d.why)),
        Event::StepFailed(d) => (Weight::Failure, with(format!("failed {}", name(&d.step, incident)), &d.why)),
        Event::StepReopened(d) => {
            let each = d.each.as_ref().map(|each| format!(" for {}", each.line())).unwrap_or_default();
            (Weight::Event, with(format!("reopened {}{each}", name(&d.step, incident)), &d.why))
        }
        Event::DecisionMade(d) => {
            (Weight::Event, with(format!("decided {}: {}", name(&d.step, incident), d.choice.line()), &d.why))
        }
        Event::NoteAdded(d) => (Weight::Note, format!("note: {}", d.text.line())),
        _ => (Weight::Event, String::new()),
    }
}

fn action(event: &Event, incident: &Incident) -> (Weight, String) {
    let title = |link: &Link| match incident.actions.get(link) {
        Some(a) => format!("{} on {}", a.plan.title.line(), a.plan.target.resource.line()),
        None => format!("action {}/{}", short(&link.0), link.1),
    };
    match event {
        Event::ActionPlanned(d) => {
            let staged = d.plan.set.as_ref().map_or(String::new(), |set| format!(", staged in {}", set.line()));
            (Weight::Action, format!("planned {} on {}{staged}", d.plan.title.line(), d.plan.target.resource.line()))
        }
        Event::ActionApproved(d) => (Weight::Action, format!("approved {} ({})", title(&d.action), d.gesture.line())),
        Event::ActionCancelled(d) => (Weight::Action, with(format!("cancelled {}", title(&d.action)), &d.why)),
        Event::ActionStarted(d) => (Weight::Action, format!("started {}", title(&d.action))),
        Event::ActionAdopted(d) => (Weight::Action, format!("took over {}", title(&d.action))),
        Event::ActionProgress(d) if d.of == 0 => (Weight::Event, d.text.line().into_string()),
        Event::ActionProgress(d) => (Weight::Event, format!("{}/{} {}", d.done, d.of, d.text.line())),
        Event::ActionSucceeded(d) => (Weight::Action, with(format!("succeeded {}", title(&d.action)), &d.outcome)),
        Event::ActionFailed(d) => (Weight::Failure, with(format!("failed {}", title(&d.action)), &d.message)),
        Event::ActionUnknown(d) => (Weight::Failure, with(format!("unknown outcome of {}", title(&d.action)), &d.why)),
        Event::ActionVerified(d) => match d.holds {
            Some(true) => (Weight::Action, format!("verified {}", title(&d.action))),
            Some(false) => (Weight::Failure, format!("read back and NOT as wanted: {}", title(&d.action))),
            None if nothing_to_verify(&d.facts) => (Weight::Action, format!("nothing to verify: {}", title(&d.action))),
            None => (Weight::Action, format!("not verified: {}", title(&d.action))),
        },
        _ => (Weight::Action, String::new()),
    }
}

fn matter(event: &Event) -> String {
    match event {
        Event::SegOpen(d) => format!("console of {} on {} attached", d.user.line(), d.host.line()),
        Event::SessionOpened(d) => format!("opened: {}", d.title.line()),
        Event::SessionJoined(_) => "joined".into(),
        Event::SessionDetached(d) => with("left".into(), &d.why),
        Event::SessionClosed(d) => with(format!("closed as {}", d.resolution.word()), &d.summary),
        Event::SessionReopened(d) => with("reopened".into(), &d.why),
        Event::WriterNamed(d) => with(
            format!("named {} by {}", d.actor.line(), d.from.word()),
            d.detail.as_ref().unwrap_or(&Untrusted::default()),
        ),
        Event::FindingAttached(d) => {
            let kind = d.finding.kind.as_ref().or(d.finding.title.as_ref()).unwrap_or(&d.finding.id);
            format!("attached {}", kind.line())
        }
        Event::FindingChanged(d) => {
            let words = |c: &Change| match &c.from {
                Some(from) => format!("{} {} to {}", c.name.line(), from.line(), c.to.line()),
                None => format!("{} is {}", c.name.line(), c.to.line()),
            };
            let changes: Vec<String> = d.changes.iter().map(words).collect();
            format!("the finding changed: {}", changes.join(", "))
        }
        Event::FindingDetached(d) => with(format!("detached {}", d.finding.line()), &d.why),
        Event::EntityNoted(d) => format!("{} {} {}", d.kind.word(), d.id.line(), d.state.word()),
        Event::RunbookOpened(d) => format!("runbook {} opened", d.title.line()),
        Event::RunbookClosed(d) => with("runbook closed".into(), &d.why),
        Event::LookupMade(d) => {
            let told: Vec<String> = d.told.iter().map(|t| format!("{} {}", t.name.line(), t.value.line())).collect();
            with(format!("looked up {} ({})", d.subject.line(), d.lookup.line()), &told.join(", ").into())
        }
        Event::VariableSet(d) => format!("{} = {} ({})", d.name.line(), d.value.line(), d.from.line()),
        Event::EvidenceAdded(d) => format!("evidence {} ({} bytes)", d.name.line(), d.size),
        Event::EvidenceCustody(d) => {
            let to = d.to.as_ref().map_or(String::new(), |to| format!(" to {}", to.line()));
            with(format!("evidence {}{to}", d.what.line()), &d.why)
        }
        Event::QuietSet(d) if d.on => "quiet: tags, notes and archiving wait for the strike".into(),
        Event::QuietSet(_) => "quiet no more".into(),
        Event::RoleSet(d) if d.on => format!("{} takes the role {}", d.who.line(), d.role.line()),
        Event::RoleSet(d) => format!("{} gives up the role {}", d.who.line(), d.role.line()),
        Event::MilestoneSet(d) => format!("milestone {} at {}", d.name.line(), d.at.strftime("%Y-%m-%d %H:%M:%SZ")),
        Event::VerdictSet(d) => with(format!("verdict {} on {}", d.verdict.word(), d.finding.line()), &d.why),
        Event::EntryAdded(d) if d.lane == Lane::Communication => with(d.source.line().into_string(), &d.text),
        Event::EntryAdded(d) => d.text.line().into_string(),
        Event::EntryCorrected(d) => with(format!("corrected {} to {}", d.field.line(), d.value.line()), &d.why),
        Event::EntryMasked(d) => {
            let Link(writer, n) = &d.record;
            with(format!("masked {} of record {}/{n}", d.field.line(), short(writer)), &d.why)
        }
        Event::CheckpointMade(d) => {
            let signed = if d.signature.is_some() { "signed" } else { "not signed" };
            format!("checkpoint over {} records, {signed}", d.count)
        }
        Event::ClockWitnessed(d) => {
            let (date, of) = (d.date.strftime("%H:%M:%SZ"), format!("{}:{}", d.service.line(), d.operation.line()));
            let id = d.request_id.as_ref().map_or(String::new(), |id| format!(", request {}", id.line()));
            format!("AWS says {date} where this clock says {} ({of}{id})", d.local.strftime("%H:%M:%SZ"))
        }
        Event::Unknown { kind, data } => format!("{} {}", kind.line(), Untrusted::from(data.get()).line()),
        _ => String::new(),
    }
}

impl Resolution {
    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Resolution::TruePositive => "true positive",
            Resolution::FalsePositive => "false positive",
            Resolution::Benign => "benign",
            Resolution::Duplicate => "duplicate",
        }
    }
}

impl EntityKind {
    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            EntityKind::Principal => "principal",
            EntityKind::Key => "key",
            EntityKind::Host => "host",
            EntityKind::Bucket => "bucket",
            EntityKind::Account => "account",
            EntityKind::Ip => "address",
            EntityKind::Other => "entity",
        }
    }
}

impl EntityState {
    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            EntityState::Suspected => "suspected",
            EntityState::Confirmed => "confirmed",
            EntityState::Contained => "contained",
            EntityState::Cleared => "cleared",
        }
    }
}
