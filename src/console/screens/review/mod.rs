//! A past session with a cursor over its records: the whole screen is the state at the cursor.

mod view;

pub use view::draw;

use crate::console::core::command::Command;
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::core::prompt::Kind;
use crate::console::screens::incident::{Pane, evidence};
use crate::console::screens::text;
use quell_core::incident::{Incident, Link, StepRef, Timeline, Weight, describe};
use quell_core::record::Verification;
use quell_core::runbook::Runbook;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long play stays on a record.
const BEAT: Duration = Duration::from_millis(800);

/// A session under review.
#[derive(Debug)]
pub struct State {
    pub id: String,
    pub timeline: Timeline,
    pub chain: Verification,
    pub books: HashMap<Link, Arc<Runbook>>,
    /// The record under the cursor, from 0, and the state after it.
    pub cursor: usize,
    pub at: Incident,
    pub playing: bool,
    next: Option<Instant>,
    /// The incident's panes instead of the records.
    pub jumped: bool,
    pub pane: Pane,
    pub step: usize,
    pub scroll: [usize; 3],
    /// What was last searched.
    pub search: String,
}

/// Opens a session at its last record.
pub fn open(model: &mut Model, id: String, timeline: Timeline, chain: Verification, books: Vec<(Link, Arc<Runbook>)>) {
    let cursor = timeline.entries().len().saturating_sub(1);
    let at = timeline.incident().clone();
    model.review = Some(State {
        id,
        timeline,
        chain,
        books: books.into_iter().collect(),
        cursor,
        at,
        playing: false,
        next: None,
        jumped: false,
        pane: Pane::Steps,
        step: 0,
        scroll: [0; 3],
        search: String::new(),
    });
    model.show(Screen::Review);
}

impl State {
    fn go(&mut self, to: usize) {
        let last = self.timeline.entries().len().saturating_sub(1);
        let to = to.min(last);
        if to != self.cursor {
            self.cursor = to;
            self.at = self.timeline.at(to + 1);
            self.scroll = [0; 3];
            self.step = self.touched().unwrap_or(self.step);
        }
    }

    /// The step that the record under the cursor speaks of, counted over all open runbooks.
    fn touched(&self) -> Option<usize> {
        use quell_core::incident::Event;
        let entry = self.timeline.entries().get(self.cursor)?;
        let of_action = |link: &Link| self.at.actions.get(link)?.plan.step.clone();
        let step: StepRef = match &entry.event {
            Event::StepDone(d) => d.step.clone(),
            Event::StepSkipped(d) => d.step.clone(),
            Event::StepFailed(d) => d.step.clone(),
            Event::StepReopened(d) => d.step.clone(),
            Event::DecisionMade(d) => d.step.clone(),
            Event::ActionPlanned(d) => d.plan.step.clone()?,
            Event::ActionStarted(d) => of_action(&d.action)?,
            Event::ActionSucceeded(d) => of_action(&d.action)?,
            Event::ActionFailed(d) => of_action(&d.action)?,
            Event::ActionUnknown(d) => of_action(&d.action)?,
            _ => return None,
        };
        super::incident::steps(&self.at).iter().position(|s| *s == step)
    }

    fn seek(&self, forward: bool, wanted: Weight) -> Option<usize> {
        let entries = self.timeline.entries();
        let fits =
            |at: &usize| entries.get(*at).is_some_and(|e| describe(&e.event, self.timeline.incident()).0 == wanted);
        match forward {
            true => (self.cursor + 1..entries.len()).find(fits),
            false => (0..self.cursor).rev().find(fits),
        }
    }
}

/// Goes to a record.
pub fn go(model: &mut Model, to: usize) {
    if let Some(state) = &mut model.review {
        state.go(to);
    }
}

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let Some(state) = &mut model.review else { return };
    let last = state.timeline.entries().len().saturating_sub(1);
    if command != Command::Play {
        state.playing = false;
    }
    let found = match command {
        Command::NextRecord | Command::Down => Some(state.cursor + 1),
        Command::PrevRecord | Command::Up => Some(state.cursor.saturating_sub(1)),
        Command::HalfDown | Command::PageDown => Some(state.cursor + 10),
        Command::HalfUp | Command::PageUp => Some(state.cursor.saturating_sub(10)),
        Command::Top => Some(0),
        Command::Bottom => Some(last),
        Command::NextAction => state.seek(true, Weight::Action),
        Command::PrevAction => state.seek(false, Weight::Action),
        Command::NextFailure => state.seek(true, Weight::Failure),
        _ => return other(model, command, ctx, out),
    };
    match found {
        Some(to) => state.go(to),
        None if command == Command::NextFailure => model.say("there is no failure further on"),
        None => model.say("there is no action further on"),
    }
}

fn other(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let Some(state) = &mut model.review else { return };
    match command {
        Command::Play => {
            state.playing = !state.playing;
            state.next = Some(ctx.instant + BEAT);
            out.wake = state.next.filter(|_| state.playing);
        }
        Command::Jump => state.jumped = !state.jumped,
        Command::CopyLine => {
            if let Some(entry) = state.timeline.entries().get(state.cursor) {
                let words = describe(&entry.event, state.timeline.incident()).1;
                out.reads.push(Reads::Copy(format!("{} {words}", entry.happened())));
            }
        }
        Command::Dismiss => state.jumped = false,
        Command::ReadEvidence => match evidence(&state.at, &state.id) {
            Some(choice) => model.ask(Kind::Choice(choice), ctx),
            None => model.say("there was no evidence at this record"),
        },
        Command::NextPane => state.pane = state.pane.next(1),
        Command::PrevPane => state.pane = state.pane.next(3),
        Command::Report => {
            let (id, chain, timeline) = (state.id.clone(), state.chain.clone(), state.timeline.clone());
            text::report(model, &id, &timeline, &chain);
        }
        _ => {}
    }
}

/// Play goes on by itself.
pub fn wake(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(state) = &mut model.review else { return };
    if !state.playing || state.next.is_some_and(|next| ctx.instant < next) {
        if state.playing {
            out.wake = state.next;
        }
        return;
    }
    state.go(state.cursor + 1);
    state.playing = state.cursor + 1 < state.timeline.entries().len();
    state.next = Some(ctx.instant + BEAT);
    out.wake = state.next.filter(|_| state.playing);
}
