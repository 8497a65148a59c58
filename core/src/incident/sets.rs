//! Sets: actions that are planned one by one, shown as one list, and approved together.

use super::*;
use crate::text::Untrusted;
use std::collections::BTreeSet;

/// Why what was staged is cancelled when it is planned anew: it had got too old.
pub const STALE: &str = "staged too long ago";

impl Incident {
    /// The plans that wait for an approval, the first or the second, in the order in which they are carried out: that of their planning.
    pub fn staged(&self) -> Vec<&ActionState> {
        self.in_order(
            self.actions.values().filter(|a| matches!(a.life, Life::Planned | Life::Approved) && a.plan.set.is_some()),
        )
    }

    /// The place of an action in its set: what was planned anew, since it had got too old, keeps the place of its first plan.
    fn place(&self, action: &ActionState) -> (u64, Link) {
        let key = |a: &ActionState| (a.plan.set.clone(), a.plan.kind.clone(), a.plan.step.clone(), a.plan.each.clone());
        let same = |a: &&ActionState| a.plan.set.is_some() && a.l < action.l && key(a) == key(action);
        let mut before: Vec<&ActionState> = self.actions.values().filter(same).collect();
        before.sort_by_key(|a| std::cmp::Reverse((a.l, a.link.clone())));
        let stale = |a: &&&ActionState| a.life == Life::Cancelled && a.words.as_ref() == Some(&STALE.into());
        let first = before.iter().take_while(stale).last().copied().unwrap_or(action);
        (first.l, first.link.clone())
    }

    fn in_order<'a>(&self, actions: impl Iterator<Item = &'a ActionState>) -> Vec<&'a ActionState> {
        let mut actions: Vec<&ActionState> = actions.collect();
        // Never by their times: clocks jump.
        actions.sort_by_cached_key(|action| self.place(action));
        actions
    }

    /// What a set holds, in the order of its planning: all that was not taken out of it again.
    pub fn set(&self, name: &Untrusted) -> Vec<&ActionState> {
        self.in_order(self.actions.values().filter(|a| a.plan.set.as_ref() == Some(name) && a.life != Life::Cancelled))
    }

    /// The names of all sets, the oldest first.
    pub fn sets(&self) -> Vec<&Untrusted> {
        let mut names: Vec<&Untrusted> = Vec::new();
        for action in self.in_order(self.actions.values().filter(|a| a.life != Life::Cancelled)) {
            names.extend(action.plan.set.as_ref().filter(|name| !names.contains(name)));
        }
        names
    }

    /// The set that a next plan is staged in: the one that waits for its first approval, else a new one. To what
    /// somebody has approved nothing is added.
    pub fn open_set(&self) -> Untrusted {
        self.unapproved_set().unwrap_or_else(|| self.new_set())
    }

    fn unapproved_set(&self) -> Option<Untrusted> {
        let staged = self.staged();
        let given = |name: &Option<Untrusted>| staged.iter().any(|a| a.life == Life::Approved && a.plan.set == *name);
        staged.iter().map(|a| &a.plan.set).find(|name| !given(name)).cloned().flatten()
    }

    /// The set that is shown to be approved: one that nobody has approved yet goes before one that waits for a second
    /// person.
    pub fn set_to_approve(&self) -> Option<Untrusted> {
        self.unapproved_set().or_else(|| self.staged().first().and_then(|action| action.plan.set.clone()))
    }

    /// The name of a set that there is not yet.
    pub fn new_set(&self) -> Untrusted {
        let known: BTreeSet<_> = self.actions.values().filter_map(|a| a.plan.set.clone()).collect();
        format!("set {}", known.len() + 1).into()
    }

    /// What of a set can be undone, in the order in which that is done: the last first.
    pub fn undoable(&self, name: &Untrusted) -> Vec<&ActionState> {
        let undone = |a: &ActionState| a.undone_by.as_ref().and_then(|undo| self.actions.get(undo));
        // What failed half-way has something to undo, too.
        let done = |a: &ActionState| a.life == Life::Succeeded || (a.life == Life::Failed && a.undo.is_some());
        let stands = |a: &&ActionState| {
            done(a)
                && a.plan.undo_of.is_none()
                && undone(a).is_none_or(|undo| matches!(undo.life, Life::Cancelled | Life::Failed | Life::Planned))
        };
        let mut found: Vec<&ActionState> = self.set(name).into_iter().filter(stands).collect();
        found.reverse();
        found
    }
}
