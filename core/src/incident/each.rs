//! Steps that are done for each of a list: which values the list has, and how the step stands for each. Such a step is
//! as far as its values are; what somebody says of it as a whole stands until it is opened again.

use super::*;
use crate::runbook::each::List;
use crate::text::Untrusted;

/// A step is opened again for one value, by the rules that hold for a whole step.
pub(super) fn untick_each(
    incident: &Incident,
    step: StepRef,
    each: Untrusted,
    why: Untrusted,
) -> Result<Vec<Event>, Refusal> {
    let (book, _, state) = incident.step(&step).ok_or(Refusal::NoStep)?;
    let all = incident.each(&step);
    let slot = all.iter().find(|(value, _)| *value == each).map(|(_, slot)| *slot).ok_or(Refusal::NoValue)?;
    let undo = slot.action.as_ref().and_then(|action| incident.actions.get(action)?.undone_by.as_ref());
    let undoing = undo.and_then(|undo| incident.actions.get(undo)).is_some_and(|undo| undo.life == Life::Started);
    match slot.mark {
        _ if book.closed => Err(Refusal::NoStep),
        _ if state.whole => Err(Refusal::StepWhole),
        Mark::Running => Err(Refusal::StepBusy),
        _ if undoing => Err(Refusal::StepBusy),
        Mark::Todo => Err(Refusal::StepStands("open")),
        Mark::Unknown if why.is_empty() => Err(Refusal::WhyRequired),
        _ => Ok(vec![StepReopened { step, why, each: Some(each) }.into()]),
    }
}

/// How a step stands for a value that nothing was done for.
static OPEN: StepState = StepState::new();

impl Incident {
    /// The values of a list, each once, in the order of their coming; an entity that is cleared is none.
    pub fn list(&self, list: List) -> Vec<Untrusted> {
        let kind = match list {
            List::Findings => return self.findings.iter().map(|f| f.finding.id.clone()).collect(),
            List::Hosts => EntityKind::Host,
            List::Keys => EntityKind::Key,
            List::Principals => EntityKind::Principal,
            List::Buckets => EntityKind::Bucket,
            List::Ips => EntityKind::Ip,
            List::Unknown => return Vec::new(),
        };
        let counts = |e: &&Entity| e.kind == kind && e.state != EntityState::Cleared;
        self.entities.iter().filter(counts).map(|e| e.id.clone()).collect()
    }

    /// The values that a step is done for, and how it stands for each: those of its list, and those that are in it no
    /// more although something was done for them. None of a step that is done once.
    pub fn each(&self, step: &StepRef) -> Vec<(Untrusted, &StepState)> {
        let Some((_, line, state)) = self.step(step) else { return Vec::new() };
        let Some(list) = line.each else { return Vec::new() };
        let listed = self.list(list);
        let stands = |slot: &StepState| matches!(slot.mark, Mark::Running | Mark::Unknown | Mark::Done);
        let gone = state.values.iter().filter(|(value, slot)| stands(slot) && !listed.contains(value));
        let gone: Vec<_> = gone.map(|(value, slot)| (value.clone(), slot)).collect();
        let slot = |value: Untrusted| {
            let slot = state.values.get(&value).unwrap_or(&OPEN);
            (value, slot)
        };
        listed.into_iter().map(slot).chain(gone).collect()
    }

    /// For how many of its values a step is done, and how many there are.
    pub fn done_of(&self, step: &StepRef) -> (usize, usize) {
        let all = self.each(step);
        (all.iter().filter(|(_, slot)| slot.mark == Mark::Done).count(), all.len())
    }

    /// How a step stands, or how it stands for one value of its list.
    pub fn slot(&self, step: &StepRef, each: Option<&Untrusted>) -> Option<&StepState> {
        let (_, _, state) = self.step(step)?;
        match each.filter(|_| self.is_repeated(step)) {
            Some(value) => Some(state.values.get(value).unwrap_or(&OPEN)),
            None => Some(state),
        }
    }

    pub(super) fn slot_mut(&mut self, step: &StepRef, each: Option<&Untrusted>) -> Option<&mut StepState> {
        let repeated = self.is_repeated(step);
        let state = self.step_mut(step)?;
        match each.filter(|_| repeated) {
            Some(value) => Some(state.values.entry(value.clone()).or_default()),
            None => Some(state),
        }
    }

    /// Whether a step of a list was dealt with for single values, and not as a whole.
    pub fn by_value(&self, step: &StepRef) -> bool {
        self.step(step).is_some_and(|(_, line, state)| line.each.is_some() && !state.whole)
    }

    pub(super) fn is_repeated(&self, step: &StepRef) -> bool {
        self.step(step).is_some_and(|(_, line, _)| line.each.is_some())
    }

    /// Something was done for one value of a step: what was said of all of them counts no more.
    pub(super) fn settle_value(&mut self, step: &StepRef, each: Option<&Untrusted>, stamp: Option<Stamp>) {
        if let (Some(_), Some(stamp), true) = (each, stamp, self.is_repeated(step)) {
            if let Some(state) = self.step_mut(step) {
                state.whole = false;
            }
            self.settle(step, &stamp);
        }
    }

    /// A list may have other values now.
    pub(super) fn settle_lists(&mut self, event: &Event, stamp: &Stamp) {
        if !matches!(event, Event::EntityNoted(_) | Event::FindingAttached(_) | Event::FindingDetached(_)) {
            return;
        }
        let of_book = |book: &OpenBook| {
            let rows = book.outline.iter().enumerate().filter(|(_, line)| line.each.is_some());
            let step = |(row, line): (usize, &OutlineStep)| StepRef {
                rb: book.link.clone(),
                id: line.id.clone(),
                row: row as u32,
            };
            rows.map(step).collect::<Vec<_>>()
        };
        let steps: Vec<StepRef> = self.runbooks.iter().flat_map(of_book).collect();
        steps.iter().for_each(|step| self.settle(step, stamp));
    }

    /// The step is as far as its values are.
    pub(super) fn settle(&mut self, step: &StepRef, stamp: &Stamp) {
        let all = self.each(step);
        let any = |mark: Mark| all.iter().any(|(_, slot)| slot.mark == mark);
        let mark = match () {
            () if any(Mark::Running) => Mark::Running,
            () if any(Mark::Unknown) => Mark::Unknown,
            () if any(Mark::Failed) => Mark::Failed,
            () if any(Mark::Todo) || all.is_empty() => Mark::Todo,
            () => Mark::Done,
        };
        if let Some(state) = self.step_mut(step).filter(|state| !state.whole && state.mark != mark) {
            state.mark = mark;
            state.stamp = Some(stamp.clone());
            state.note = None;
        }
    }
}
