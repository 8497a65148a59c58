//! A set that was approved goes on: each of its actions starts at its turn, by a record of its own. What a crash, a disk
//! or a lapsed leave keeps from starting was not sent, and the timeline says so.

use super::effect::Reaction;
use super::model::{Ctx, Model};
use crate::problem::Problem;
use quell_core::incident::{Entry, Event, Intent, Life, Link, Token, WriterId, queued_by};
use quell_core::text::Id;
use std::time::{Duration, Instant};

/// An action starts when the one before it has ended, or so long after that began: what takes long, or fails, keeps
/// nothing back.
const BETWEEN: Duration = Duration::from_secs(1);

/// Where the set is that goes on.
#[derive(Debug, Default)]
pub struct Turn {
    /// The last that was started, and since when its record is on disk.
    last: Option<(Link, Option<Instant>)>,
    /// What waited for its turn when a record was not saved: it is not started any more.
    stopped: Vec<Link>,
}

impl Turn {
    /// An action's start is on its way to the disk.
    pub fn started(&mut self, action: Link) {
        self.last = Some((action, None));
    }

    /// These are on disk.
    pub fn saved(&mut self, entries: &[Entry], now: Instant) {
        for entry in entries {
            if let (Event::ActionStarted(d), Some((last, begun))) = (&entry.event, &mut self.last)
                && d.action == *last
            {
                *begun = Some(now);
            }
        }
    }

    /// What was on its way to the disk is lost; these were approved before, and wait.
    pub fn lost(&mut self, queue: Vec<Link>) {
        (self.last, self.stopped) = (None, queue);
    }
}

/// Starts the next of the set that this console has approved, if it is its turn; else asks for when it may be.
pub fn go_on(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = &mut model.session else { return };
    if session.not_saved.is_some() {
        return;
    }
    let mut stopped = std::mem::take(&mut session.turn.stopped);
    let queue = queued_by(session.pending(), &session.writer);
    stopped.retain(|action| queue.contains(action));
    if !stopped.is_empty() {
        give_up(model, stopped, "NOT RUN: a record before it was not saved", ctx, out);
        return go_on(model, ctx, out);
    }
    let Some(next) = queue.first().cloned() else { return };
    if let Some((last, begun)) = &session.turn.last {
        let runs = session.pending().actions.get(last).is_some_and(|action| action.life == Life::Started);
        match begun.map(|begun| begun + BETWEEN) {
            None if runs => return,
            Some(until) if runs && until > ctx.instant => {
                out.wake = Some(out.wake.map_or(until, |wake| wake.min(until)));
                return;
            }
            _ => {}
        }
    }
    if !model.account.armed(ctx.now) {
        return give_up(model, queue, "NOT RUN: the connection was not armed any more at its turn", ctx, out);
    }
    start(model, next, ctx, out);
}

fn start(model: &mut Model, action: Link, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = &mut model.session else { return };
    let Ok(id) = Id::new(&session.id) else { return };
    let (by, token) = (session.writer.clone(), Token::new(&id, &action).as_str().to_owned());
    session.turn.started(action.clone());
    model.act(Intent::Start { action, token, by }, ctx, out);
    // It may not have started: then the next is at its turn.
    let ended = |model: &Model| {
        let session = model.session.as_ref()?;
        let (last, _) = session.turn.last.as_ref()?;
        Some(session.pending().actions.get(last)?.life == Life::Cancelled)
    };
    if ended(model) == Some(true) {
        go_on(model, ctx, out);
    }
}

/// What a console has approved and does not start any more is on record as that.
fn give_up(model: &mut Model, queue: Vec<Link>, why: &str, ctx: &Ctx, out: &mut Reaction) {
    let count = queue.len();
    for action in queue {
        model.act(Intent::Cancel { action, why: why.into() }, ctx, out);
    }
    model.complain(
        Problem::local(format!("{count} approved action(s) did not start"))
            .meaning(why)
            .next("plan them again: Enter on their steps, s a stages one"),
    );
}

/// The session is left: nobody starts what waits for its turn.
pub fn left(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let queue = model.session.as_ref().map(|session| queued_by(session.pending(), &session.writer));
    let queue = queue.unwrap_or_default();
    if !queue.is_empty() {
        give_up(model, queue, "NOT RUN: the session was left before its turn", ctx, out);
    }
}

/// The consoles of these writers have ended: they start nothing any more. Says how much that was.
pub fn gone(model: &mut Model, writers: &[WriterId], ctx: &Ctx, out: &mut Reaction) -> usize {
    let Some(session) = &model.session else { return 0 };
    let queue: Vec<Link> = writers.iter().flat_map(|writer| queued_by(session.pending(), writer)).collect();
    let count = queue.len();
    for action in queue {
        let why = "NOT RUN: the console that had approved it ended before its turn".into();
        model.act(Intent::Cancel { action, why }, ctx, out);
    }
    count
}
