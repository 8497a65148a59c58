//! The part of the fold that follows actions through their life:
//! planned, approved, started, then succeeded, failed or unknown, then verified.

use super::*;

impl Incident {
    pub(super) fn apply_action(&mut self, entry: &Entry, stamp: Stamp) {
        match &entry.event {
            Event::ActionPlanned(d) => self.plan(&entry.link, d, stamp),
            Event::ActionApproved(d) => self.change(&d.action, |a| {
                if a.life == Life::Planned {
                    a.life = Life::Approved;
                    a.approved = Some(stamp);
                    a.gesture = Some(d.gesture.clone());
                }
            }),
            Event::ActionCancelled(d) => self.change(&d.action, |a| {
                if matches!(a.life, Life::Planned | Life::Approved) {
                    a.life = Life::Cancelled;
                    a.words = Some(d.why.clone());
                    a.ended = Some(stamp);
                }
            }),
            Event::ActionStarted(d) => self.change(&d.action, |a| {
                if a.life == Life::Approved {
                    a.life = Life::Started;
                    a.started = Some(stamp);
                    a.token = Some(d.token.clone());
                }
            }),
            Event::ActionProgress(d) => self.change(&d.action, |a| {
                a.progress = Some((d.text.clone(), d.done, d.of));
            }),
            Event::ActionVerified(d) => self.change(&d.action, |a| {
                a.verified = Some((d.holds, d.facts.clone()));
            }),
            event => self.end(event, stamp),
        }
    }

    fn plan(&mut self, link: &Link, d: &ActionPlanned, stamp: Stamp) {
        let action = ActionState {
            link: link.clone(),
            stamp,
            plan: d.plan.clone(),
            plan_hash: d.plan_hash.clone(),
            life: Life::Planned,
            approved: None,
            gesture: None,
            started: None,
            token: None,
            progress: None,
            ended: None,
            words: None,
            class: None,
            request_ids: Vec::new(),
            undo: None,
            facts: Vec::new(),
            verified: None,
            undone_by: None,
        };
        match &d.plan.undo_of {
            Some(of) => {
                if let Some(undone) = self.actions.get_mut(of) {
                    undone.undone_by = Some(link.clone());
                }
            }
            None => {
                if let Some(state) = d.plan.step.as_ref().and_then(|s| self.step_mut(s)) {
                    state.action = Some(link.clone());
                }
            }
        }
        self.actions.insert(link.clone(), action);
    }

    /// An end counts once; an unknown outcome may be cleared up later, never the other way round.
    fn end(&mut self, event: &Event, stamp: Stamp) {
        match event {
            Event::ActionSucceeded(d) => self.change(&d.action, |a| {
                if matches!(a.life, Life::Started | Life::Unknown) {
                    a.life = Life::Succeeded;
                    a.ended = Some(stamp);
                    a.words = Some(d.outcome.clone());
                    a.request_ids = d.request_ids.clone();
                    a.undo = d.undo.clone();
                    a.facts = d.facts.clone();
                }
            }),
            Event::ActionFailed(d) => self.change(&d.action, |a| {
                if matches!(a.life, Life::Started | Life::Unknown) {
                    a.life = Life::Failed;
                    a.ended = Some(stamp);
                    a.words = Some(d.message.clone());
                    a.class = Some(d.class);
                    a.request_ids = d.request_ids.clone();
                }
            }),
            Event::ActionUnknown(d) => self.change(&d.action, |a| {
                if a.life == Life::Started {
                    a.life = Life::Unknown;
                    a.ended = Some(stamp);
                    a.words = Some(d.why.clone());
                }
            }),
            _ => {}
        }
    }

    /// What was undone is to do again, unless another action of the step has come since.
    fn reopen(&mut self, undone: &Link, stamp: Option<Stamp>) {
        let Some(step) = self.actions.get(undone).and_then(|a| a.plan.step.clone()) else { return };
        let state = self.step_mut(&step).filter(|s| s.action.as_ref() == Some(undone) && s.mark == Mark::Done);
        if let Some(state) = state {
            state.mark = Mark::Todo;
            state.stamp = stamp;
        }
    }

    /// Changes an action, and lets the step that it belongs to follow.
    fn change(&mut self, action: &Link, change: impl FnOnce(&mut ActionState)) {
        let Some(state) = self.actions.get_mut(action) else { return };
        let before = state.life;
        change(state);
        let (life, undo_of) = (state.life, state.plan.undo_of.clone());
        let stamp = state.ended.clone().or_else(|| state.started.clone());
        if let Some(undone) = undo_of {
            if life == Life::Succeeded && before != life {
                self.reopen(&undone, stamp);
            }
            return;
        }
        let never_sent = life == Life::Failed && state.class == Some(FailClass::NotSent);
        let Some(step) = state.plan.step.clone().filter(|_| before != life) else { return };
        let (mark, stamp, action) = match never_sent.then(|| self.running_beside(&step, action)).flatten() {
            Some(other) => other,
            None => match mark_of(life) {
                Some(mark) => (mark, stamp, action.clone()),
                None => return,
            },
        };
        if let Some(step) = self.step_mut(&step) {
            step.mark = mark;
            step.stamp = stamp;
            step.note = None;
            step.action = Some(action);
        }
    }

    /// What the step of an action that was never sent stands for all the same: another one of it that was.
    fn running_beside(&self, step: &StepRef, action: &Link) -> Option<(Mark, Option<Stamp>, Link)> {
        let sent = |a: &&ActionState| {
            let counts = matches!(a.life, Life::Started | Life::Unknown | Life::Succeeded) && a.undone_by.is_none();
            counts && a.link != *action && a.plan.undo_of.is_none() && a.plan.step.as_ref() == Some(step)
        };
        let other = self.actions.values().filter(sent).max_by(|a, b| a.link.cmp(&b.link))?;
        let stamp = other.ended.clone().or_else(|| other.started.clone());
        Some((mark_of(other.life)?, stamp, other.link.clone()))
    }
}

/// How the step of an action stands by its life.
fn mark_of(life: Life) -> Option<Mark> {
    match life {
        Life::Started => Some(Mark::Running),
        Life::Succeeded => Some(Mark::Done),
        Life::Failed => Some(Mark::Failed),
        Life::Unknown => Some(Mark::Unknown),
        Life::Planned | Life::Cancelled | Life::Approved => None,
    }
}
