//! The fold: an incident is what its records say, in their order, and nothing else.
//!
//! [`Incident::apply`] is total: an event that does not fit the state it meets (a step of a runbook that no
//! record opened, an end of an action that no record planned) changes nothing, because the record that would make
//! it fit may still arrive from another writer. [`Timeline`] keeps the records in order and refolds when one
//! arrives late, so that any order of arrival gives the same state.

use super::*;
use crate::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

impl Incident {
    /// Folds entries that are already in order.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut incident = Incident::default();
        entries.into_iter().for_each(|entry| incident.apply(entry));
        incident
    }

    /// Takes in the next event.
    pub fn apply(&mut self, entry: &Entry) {
        let stamp = Stamp::of(entry);
        match &entry.event {
            Event::Unknown { .. } => self.unknown += 1,
            event => match event.kind().and_then(|k| k.split_once('.')) {
                Some(("action", _)) => self.apply_action(entry, stamp),
                Some(("step", _)) => self.apply_step(event, stamp),
                Some(("seg" | "session" | "writer", _)) => self.apply_session(event, stamp),
                _ => {
                    self.apply_matter(&entry.link, event, stamp.clone());
                    self.settle_lists(event, &stamp);
                }
            },
        }
        self.keep_pace(entry);
        self.look_at_clock(entry);
    }

    fn apply_session(&mut self, event: &Event, stamp: Stamp) {
        match event {
            Event::SegOpen(d) => {
                let known = self.writers.remove(&stamp.by);
                let known = known.map(|known| (known.named, known.times, known.callers, known.stay));
                let (named, times, mut callers, mut stay) = known.unwrap_or_default();
                stay.come(stamp.at);
                let (user, host, caller) = (d.user.clone(), d.host.clone(), d.caller.clone());
                callers.extend(caller.clone().filter(|caller| !callers.contains(caller)));
                let (attached, segment) = (true, stamp.n);
                let writer = Writer { user, host, caller, callers, attached, named, segment, times, stay };
                self.writers.insert(stamp.by, writer);
            }
            Event::WriterNamed(d) => {
                if let Some(writer) = self.writers.get_mut(&stamp.by) {
                    let n = writer.segment;
                    writer.named.retain(|known| known.n < n);
                    writer.named.push(Named { n, named: d.clone() });
                }
            }
            Event::SessionOpened(d) => {
                self.title = d.title.clone();
                self.severity = d.severity;
                self.drill = d.drill;
                self.simulated = d.simulated;
                self.opened.get_or_insert(stamp);
            }
            Event::SessionDetached(_) => {
                if let Some(writer) = self.writers.get_mut(&stamp.by) {
                    writer.attached = false;
                    writer.stay.leave(stamp.at);
                }
            }
            Event::SessionClosed(d) => {
                self.closed = Some(Closed { stamp, resolution: d.resolution, summary: d.summary.clone() });
            }
            Event::SessionReopened(_) => self.closed = None,
            _ => {}
        }
    }

    fn apply_matter(&mut self, link: &Link, event: &Event, stamp: Stamp) {
        match event {
            Event::FindingAttached(d) => self.attach(link, d, stamp),
            Event::FindingChanged(d) => {
                for attached in self.findings.iter_mut().filter(|f| f.finding.id == d.finding) {
                    attached.changed.extend(d.changes.iter().map(|c| (c.name.clone(), c.to.clone())));
                }
            }
            Event::FindingDetached(d) => self.findings.retain(|f| f.finding.id != d.finding),
            Event::VerdictSet(d) => {
                for attached in self.findings.iter_mut().filter(|f| f.finding.id == d.finding) {
                    attached.verdict = Some(d.verdict);
                }
            }
            Event::EntityNoted(d) => self.note_entity(d, stamp),
            Event::RunbookOpened(d) => self.open_book(link, d, stamp),
            Event::RunbookClosed(d) => {
                if let Some(book) = self.runbooks.iter_mut().find(|b| b.link == d.rb) {
                    book.closed = true;
                }
            }
            Event::DecisionMade(d) => {
                if let Some(state) = self.step_mut(&d.step) {
                    let (note, choice) = ((!d.why.is_empty()).then(|| d.why.clone()), Some(d.choice.clone()));
                    let (action, to) = (state.action.clone(), d.to.clone());
                    let mark = Mark::Done;
                    *state = StepState { mark, stamp: Some(stamp), note, choice, to, action, ..StepState::default() };
                }
            }
            Event::VariableSet(d) if d.from == CONFIGURED.into() => {
                for book in self.runbooks.iter_mut().filter(|book| !book.closed) {
                    book.configured.insert(d.name.line().as_str().into(), d.value.clone());
                }
            }
            Event::VariableSet(d) => {
                self.variables.insert(d.name.clone(), Variable { value: d.value.clone(), from: d.from.clone() });
            }
            Event::NoteAdded(d) => {
                self.notes.push(Note { link: link.clone(), stamp, text: d.text.clone(), step: d.step.clone() });
            }
            Event::EvidenceAdded(_) | Event::EvidenceCustody(_) | Event::EntryMasked(_) => {
                self.apply_evidence(link, event, stamp);
            }
            Event::LookupMade(d) => self.look(link, d, stamp),
            Event::QuietSet(d) => self.quiet = d.on,
            Event::RoleSet(d) => self.set_role(d, stamp),
            Event::MilestoneSet(d) => {
                self.milestones.retain(|(name, _)| *name != d.name);
                self.milestones.push((d.name.clone(), d.at));
            }
            Event::ClockWitnessed(d) => self.witness(d, stamp),
            Event::EntryAdded(d) => self.entries.push((d.lane, d.text.clone(), stamp)),
            _ => {}
        }
    }

    fn apply_evidence(&mut self, link: &Link, event: &Event, stamp: Stamp) {
        match event {
            Event::EvidenceAdded(d) => {
                // The same bytes under another name are no less masked.
                let masked = self.evidence.iter().find(|known| known.blob == d.blob).and_then(|k| k.masked.clone());
                self.evidence.push(Evidence {
                    link: link.clone(),
                    stamp,
                    blob: d.blob.clone(),
                    name: d.name.clone(),
                    size: d.size,
                    how: d.how.clone(),
                    step: d.step.clone(),
                    run: d.run.clone(),
                    masked,
                    custody: Vec::new(),
                });
            }
            Event::EvidenceCustody(d) => {
                for piece in self.evidence.iter_mut().filter(|piece| piece.blob == d.blob) {
                    piece.custody.push(Custody::of(d, stamp.clone()));
                }
            }
            Event::EntryMasked(d) if d.field == mask::CONTENT.into() => {
                let blob = self.evidence.iter().find(|piece| piece.link == d.record).map(|piece| piece.blob.clone());
                for piece in self.evidence.iter_mut().filter(|piece| blob.as_ref() == Some(&piece.blob)) {
                    piece.masked = Some(d.why.clone());
                }
            }
            _ => {}
        }
    }

    fn attach(&mut self, link: &Link, d: &FindingAttached, stamp: Stamp) {
        let attached = Attached {
            link: link.clone(),
            stamp,
            finding: d.finding.clone(),
            blob: d.blob.clone(),
            verdict: None,
            changed: BTreeMap::new(),
        };
        match self.findings.iter_mut().find(|f| f.finding.id == d.finding.id) {
            Some(known) => *known = Attached { verdict: known.verdict, ..attached },
            None => self.findings.push(attached),
        }
    }

    fn note_entity(&mut self, d: &EntityNoted, stamp: Stamp) {
        let entity = Entity { kind: d.kind, id: d.id.clone(), provenance: d.provenance, state: d.state, stamp };
        match self.entities.iter_mut().find(|e| e.kind == d.kind && e.id == d.id) {
            Some(known) => *known = entity,
            None => self.entities.push(entity),
        }
    }

    fn open_book(&mut self, link: &Link, d: &RunbookOpened, stamp: Stamp) {
        self.runbooks.push(OpenBook {
            link: link.clone(),
            stamp,
            id: d.id.clone(),
            title: d.title.clone(),
            version: d.version.clone(),
            sha256: d.sha256.clone(),
            blob: d.blob.clone(),
            steps: vec![StepState::default(); d.outline.len()],
            outline: d.outline.clone(),
            variables: d.variables.clone(),
            configured: d.configured.clone(),
            closed: false,
            dealt: Vec::new(),
        });
    }

    fn apply_step(&mut self, event: &Event, stamp: Stamp) {
        let (step, mark, note) = match event {
            Event::StepStarted(d) => (&d.step, Mark::Running, None),
            Event::StepDone(d) => (&d.step, Mark::Done, d.note.clone()),
            Event::StepSkipped(d) => (&d.step, Mark::Skipped, Some(d.why.clone())),
            Event::StepFailed(d) => (&d.step, Mark::Failed, Some(d.why.clone())),
            Event::StepReopened(d) => (&d.step, Mark::Todo, None),
            _ => return,
        };
        let each = match event {
            Event::StepDone(StepDone { each, .. }) | Event::StepReopened(StepReopened { each, .. }) => {
                each.as_ref().filter(|_| self.is_repeated(step))
            }
            _ => None,
        };
        if let Some(state) = self.slot_mut(step, each) {
            state.mark = mark;
            state.stamp = Some(stamp.clone());
            state.note = note;
            state.whole = each.is_none() && mark != Mark::Todo;
            if mark == Mark::Todo {
                (state.choice, state.to) = (None, None);
                state.values.values_mut().for_each(|slot| slot.mark = Mark::Todo);
            }
        }
        self.settle_value(step, each, Some(stamp));
    }

    pub(super) fn step_mut(&mut self, step: &StepRef) -> Option<&mut StepState> {
        let book = self.runbooks.iter_mut().find(|b| b.link == step.rb)?;
        let row = step.row as usize;
        match book.outline.get(row) {
            Some(line) if line.id == step.id => book.steps.get_mut(row),
            _ => None,
        }
    }

    /// The state of a step, when its runbook is open and the step is in it.
    pub fn step(&self, step: &StepRef) -> Option<(&OpenBook, &OutlineStep, &StepState)> {
        let book = self.runbooks.iter().find(|b| b.link == step.rb)?;
        let row = step.row as usize;
        let outline = book.outline.get(row).filter(|line| line.id == step.id)?;
        Some((book, outline, book.steps.get(row)?))
    }

    /// The name of the person behind a writer's record.
    pub fn who(&self, writer: &WriterId, n: u64) -> Untrusted {
        let Some(known) = self.writers.get(writer) else { return short(writer).into() };
        let named = known.named.iter().rev().find(|named| named.n <= n);
        named.map_or(&known.user, |named| &named.named.actor).clone()
    }

    /// The name of the person behind a writer, as it was told last.
    pub fn who_now(&self, writer: &WriterId) -> Untrusted {
        self.who(writer, u64::MAX)
    }

    /// The accounts of its findings, each once.
    pub fn accounts(&self) -> impl Iterator<Item = &Untrusted> {
        let all: BTreeSet<&Untrusted> = self.findings.iter().filter_map(|f| f.finding.account.as_ref()).collect();
        all.into_iter()
    }

    /// Actions whose outcome is still open: started without an end, or unknown.
    pub fn open_actions(&self) -> impl Iterator<Item = &ActionState> {
        self.actions.values().filter(|a| matches!(a.life, Life::Started | Life::Unknown))
    }
}

/// Records in order, with their fold. What a later record masks is not shown in an earlier one either.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    /// What the masked ones among them say.
    originals: BTreeMap<Link, Event>,
    /// All that some record masks, there or not.
    named: BTreeSet<Link>,
    incident: Incident,
}

impl Timeline {
    /// Takes in records in any order.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        entries.dedup_by(|a, b| a.link == b.link);
        let mut timeline = Self { entries, ..Self::default() };
        timeline.refold();
        timeline
    }

    /// Takes in one record; a late one refolds, one that is known already changes nothing.
    pub fn insert(&mut self, entry: Entry) {
        let place = self.entries.partition_point(|known| known.order() < entry.order());
        let masks = matches!(entry.event, Event::EntryMasked(_));
        match self.entries.get(place) {
            None if !masks && !self.named.contains(&entry.link) => {
                self.incident.apply(&entry);
                self.entries.push(entry);
            }
            Some(known) if known.link == entry.link => {}
            _ => {
                self.entries.insert(place, entry);
                self.refold();
            }
        }
    }

    /// Takes in several: however many are late, the fold is made anew once.
    pub fn extend(&mut self, entries: Vec<Entry>) {
        let last = self.entries.last().map(Entry::order);
        if entries.iter().all(|entry| last < Some(entry.order())) && entries.is_sorted_by(|a, b| a.order() < b.order())
        {
            return entries.into_iter().for_each(|entry| self.insert(entry));
        }
        let known = std::mem::take(&mut self.entries);
        *self = Self::new([known, entries].concat());
    }

    /// Leaves out records that their writer has gone on without: it was never told that they are on disk.
    pub fn forget(&mut self, links: &[Link]) {
        let count = self.entries.len();
        self.entries.retain(|entry| !links.contains(&entry.link));
        if self.entries.len() < count {
            self.refold();
        }
    }

    fn refold(&mut self) {
        for entry in &mut self.entries {
            if let Some(original) = self.originals.remove(&entry.link) {
                entry.event = original;
            }
        }
        self.named = mask::named(&self.entries).map(|mask| mask.record.clone()).collect();
        self.originals = mask::apply(&mut self.entries);
        self.incident = Incident::fold(&self.entries);
    }

    /// The records as they were written, in order: what goes to another disk.
    pub fn written(&self) -> Vec<Entry> {
        let as_written = |entry: &Entry| match self.originals.get(&entry.link) {
            Some(event) => Entry { event: event.clone(), ..entry.clone() },
            None => entry.clone(),
        };
        self.entries.iter().map(as_written).collect()
    }

    /// The records as they are shown, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The state that they give.
    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The state after the first `count` records.
    pub fn at(&self, count: usize) -> Incident {
        let mut incident = Incident::fold(self.entries.iter().take(count));
        for piece in &mut incident.evidence {
            let now = self.incident.evidence.iter().find(|known| known.link == piece.link);
            piece.masked = now.and_then(|known| known.masked.clone());
        }
        incident
    }
}
