//! The part of the fold that follows actions through their life:
//! planned, approved, started, then succeeded, failed or unknown, then verified.

use super::*;

impl Incident {
    pub(super) fn apply_action(&mut self, entry: &Entry, stamp: Stamp) {
        match &entry.event {
            Event::ActionPlanned(d) => self.plan((&entry.link, entry.l), d, stamp),
            Event::ActionApproved(d) => self.change(&d.action, |a| {
                if a.life == Life::Planned {
                    a.life = Life::Approved;
                    a.approved = Some(stamp);
                    a.gesture = Some(d.gesture.clone());
                } else if a.life == Life::Approved {
                    a.seconded = Some(stamp);
                }
                if d.queued && a.life == Life::Approved {
                    a.life = Life::Queued;
                }
            }),
            Event::ActionCancelled(d) => self.change(&d.action, |a| {
                if matches!(a.life, Life::Planned | Life::Approved | Life::Queued) {
                    a.life = Life::Cancelled;
                    a.words = Some(d.why.clone());
                    a.ended = Some(stamp);
                }
            }),
            Event::ActionStarted(d) => self.change(&d.action, |a| {
                if matches!(a.life, Life::Approved | Life::Queued) {
                    a.life = Life::Started;
                    a.holder = Some(stamp.by.clone());
                    a.started = Some(stamp);
                    a.token = Some(d.token.clone());
                }
            }),
            Event::ActionAdopted(d) => self.change(&d.action, |a| {
                // The first who takes it over has it.
                if a.life == Life::Started && a.holder.as_ref() == Some(&d.from) {
                    a.holder = Some(stamp.by);
                }
            }),
            Event::ActionProgress(d) => self.change(&d.action, |a| {
                a.progress = Some((d.text.clone(), d.done, d.of));
                // What nobody could tell is told by whoever follows it now: it goes on.
                if a.life == Life::Unknown {
                    a.life = Life::Started;
                    a.holder = Some(stamp.by);
                    (a.ended, a.halted, a.words) = (None, None, None);
                }
            }),
            Event::ActionVerified(d) => self.change(&d.action, |a| {
                a.verified = Some((d.holds, d.facts.clone()));
            }),
            event => self.end(event, stamp),
        }
    }

    fn plan(&mut self, (link, l): (&Link, u64), d: &ActionPlanned, stamp: Stamp) {
        let action = ActionState {
            link: link.clone(),
            l,
            stamp,
            plan: d.plan.clone(),
            plan_hash: d.plan_hash.clone(),
            life: Life::Planned,
            approved: None,
            seconded: None,
            gesture: None,
            started: None,
            token: None,
            holder: None,
            progress: None,
            ended: None,
            halted: None,
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
                self.undoes(of, link);
            }
            None => {
                if let Some(step) = &d.plan.step {
                    let slots = [None, d.plan.each.as_ref().filter(|_| self.is_repeated(step))];
                    for each in slots {
                        if let Some(slot) = self.slot_mut(step, each) {
                            slot.action = Some(link.clone());
                        }
                    }
                }
            }
        }
        self.actions.insert(link.clone(), action);
    }

    /// An end counts once; an unknown outcome may be cleared up later, or prove to go on, never the other way round.
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
                    a.undo = d.undo.clone();
                }
            }),
            Event::ActionUnknown(d) => self.change(&d.action, |a| {
                if a.life == Life::Started {
                    a.life = Life::Unknown;
                    a.ended = Some(stamp);
                }
                // It may have been looked up since, and nobody could tell.
                if a.life == Life::Unknown {
                    a.words = Some(d.why.clone());
                }
            }),
            _ => {}
        }
    }

    /// What was undone is to do again, unless another action of the step has come since.
    fn reopen(&mut self, undone: &Link, stamp: Option<Stamp>) {
        let Some((step, each)) =
            self.actions.get(undone).and_then(|a| Some((a.plan.step.clone()?, a.plan.each.clone())))
        else {
            return;
        };
        let set = |link: &Link| self.actions.get(link).and_then(|a| a.plan.set.clone());
        let shown = self.slot(&step, each.as_ref()).and_then(|state| state.action.clone());
        let together = shown.as_ref().is_some_and(|shown| set(shown).is_some() && set(shown) == set(undone));
        let held = together || shown.as_ref() == Some(undone);
        if let Some(state) = self.slot_mut(&step, each.as_ref()).filter(|s| held && s.mark == Mark::Done) {
            state.mark = Mark::Todo;
            state.stamp = stamp.clone();
        }
        self.settle_value(&step, each.as_ref(), stamp);
    }

    /// Changes an action, and lets the step that it belongs to follow.
    fn change(&mut self, action: &Link, change: impl FnOnce(&mut ActionState)) {
        let Some(state) = self.actions.get_mut(action) else { return };
        let before = state.life;
        change(state);
        let (life, undo_of) = (state.life, state.plan.undo_of.clone());
        let stamp = state.ended.clone().or_else(|| state.started.clone());
        if let Some(undone) = undo_of {
            if before != life {
                self.undoes(&undone, action);
            }
            if life == Life::Succeeded && before != life {
                self.reopen(&undone, stamp);
            }
            return;
        }
        // Work that ended badly has changed something; all else that failed has not.
        let nothing_done = life == Life::Failed && !matches!(state.class, Some(FailClass::Failed | FailClass::Other));
        let each = state.plan.each.clone();
        let Some(step) = state.plan.step.clone().filter(|_| before != life) else { return };
        if life == Life::Cancelled {
            self.give_up(&step, action);
            return if before == Life::Queued {
                self.without(&step, action, stamp)
            };
        }
        let beside = || nothing_done.then(|| self.stands_beside(&step, action)).flatten();
        let (mark, stamp, action) = match self.of_set(&step, action, 2).or_else(beside) {
            Some(other) => other,
            None => match mark_of(life) {
                Some(mark) => (mark, stamp, action.clone()),
                None => return,
            },
        };
        if let Some(slot) = self.slot_mut(&step, each.as_ref()) {
            slot.mark = mark;
            slot.stamp = stamp.clone();
            slot.note = None;
            slot.action = Some(action);
        }
        self.settle_value(&step, each.as_ref(), stamp);
    }

    /// Of several that undo one action the one counts that has worked, else one that may have, else the latest.
    fn undoes(&mut self, undone: &Link, by: &Link) {
        let rank = |link: &Link| {
            self.actions.get(link).map_or(0, |a| match a.life {
                Life::Succeeded => 3,
                Life::Started | Life::Unknown => 2,
                Life::Planned | Life::Approved | Life::Queued => 1,
                Life::Cancelled | Life::Failed => 0,
            })
        };
        let known = self.actions.get(undone).and_then(|a| a.undone_by.as_ref());
        // One that is only planned is not among the actions yet.
        let better = known.is_none_or(|known| known == by || rank(known) <= rank(by).max(1));
        if let Some(action) = self.actions.get_mut(undone).filter(|_| better) {
            action.undone_by = Some(by.clone());
        }
    }

    /// Whether an undo of it has worked.
    fn is_undone(&self, action: &ActionState) -> bool {
        let undo = action.undone_by.as_ref().and_then(|undo| self.actions.get(undo));
        undo.is_some_and(|undo| undo.life == Life::Succeeded)
    }

    /// What the step of an action that came to nothing stands for all the same: another one of it that did not.
    fn stands_beside(&self, step: &StepRef, action: &Link) -> Option<(Mark, Option<Stamp>, Link)> {
        let sent = |a: &&ActionState| {
            let counts = matches!(a.life, Life::Started | Life::Unknown | Life::Succeeded) && !self.is_undone(a);
            counts && a.link != *action && a.plan.undo_of.is_none() && a.plan.step.as_ref() == Some(step)
        };
        let each = self.actions.get(action).and_then(|a| a.plan.each.clone());
        let sent = |a: &&ActionState| a.plan.each == each && sent(a);
        let other = self.actions.values().filter(sent).max_by(|a, b| a.link.cmp(&b.link))?;
        let stamp = other.ended.clone().or_else(|| other.started.clone());
        Some((mark_of(other.life)?, stamp, other.link.clone()))
    }

    /// Where a step has several actions of one set, so many at least, it is as far as the one that is furthest behind.
    fn of_set(&self, step: &StepRef, action: &Link, least: usize) -> Option<(Mark, Option<Stamp>, Link)> {
        let plan = &self.actions.get(action)?.plan;
        let (set, each) = (plan.set.clone()?, plan.each.clone());
        let together = |a: &&ActionState| {
            (a.plan.set.as_ref(), &a.plan.each) == (Some(&set), &each)
                && a.plan.undo_of.is_none()
                && a.plan.step.as_ref() == Some(step)
        };
        let rank = |mark| match mark {
            Mark::Running => 3,
            Mark::Unknown => 2,
            Mark::Failed => 1,
            _ => 0,
        };
        let marked = |a: &ActionState| {
            let stamp = a.ended.clone().or_else(|| a.started.clone());
            // What is still to be started is as far behind as what runs.
            let mark = if a.life == Life::Queued { Mark::Running } else { mark_of(a.life)? };
            Some((mark, stamp, a.link.clone()))
        };
        let members: Vec<_> = self.actions.values().filter(together).filter_map(marked).collect();
        (members.len() >= least).then_some(members)?.into_iter().max_by_key(|(mark, ..)| rank(*mark))
    }

    /// One of a set did not start: the step is as far as the others of it.
    fn without(&mut self, step: &StepRef, action: &Link, stamp: Option<Stamp>) {
        let others = self.of_set(step, action, 1);
        let each = self.actions.get(action).and_then(|a| a.plan.each.clone());
        if let Some(slot) = self.slot_mut(step, each.as_ref()).filter(|slot| slot.mark == Mark::Running) {
            match others {
                Some((mark, stamp, other)) => (slot.mark, slot.stamp, slot.action) = (mark, stamp, Some(other)),
                None => (slot.mark, slot.stamp) = (Mark::Todo, stamp.clone()),
            }
        }
        self.settle_value(step, each.as_ref(), stamp);
    }

    /// A plan that was given up leaves its step to what ran before it.
    fn give_up(&mut self, step: &StepRef, cancelled: &Link) {
        let each = self.actions.get(cancelled).and_then(|a| a.plan.each.clone());
        let ran = |a: &&ActionState| {
            let ran = a.plan.each == each && !a.life.is_before_start();
            ran && a.plan.undo_of.is_none() && a.plan.step.as_ref() == Some(step)
        };
        let before = self.actions.values().filter(ran).max_by_key(|a| (a.ended.as_ref().map(|s| s.at), &a.link));
        let before = before.map(|a| a.link.clone());
        if let (Some(before), Some(state)) = (before, self.slot_mut(step, each.as_ref()))
            && state.action.as_ref() == Some(cancelled)
        {
            state.action = Some(before);
        }
    }
}

/// How the step of an action stands by its life.
fn mark_of(life: Life) -> Option<Mark> {
    match life {
        Life::Started => Some(Mark::Running),
        Life::Succeeded => Some(Mark::Done),
        Life::Failed => Some(Mark::Failed),
        Life::Unknown => Some(Mark::Unknown),
        Life::Planned | Life::Cancelled | Life::Approved | Life::Queued => None,
    }
}
