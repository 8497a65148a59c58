//! What arrives by itself: findings, acknowledgements, plans, the progress and end of actions.

use super::active::Active;
use super::drafts;
use super::effect::{Reaction, Reads};
use super::input::{AttachedSession, Blob, Input, SessionRow};
use super::model::{Ctx, Model, Screen};
use super::naming;
use super::prompt::{Choice, ChoicePurpose, FieldPurpose, Kind};
use super::unsaved;
use super::witness;
use super::{approve, follow, lookup, planned, strike};
use crate::console::screens::sessions::is_triage;
use crate::console::screens::text::Piece;
use crate::console::screens::{findings, incident, review, runbooks, text};
use crate::problem::{Problem, clean};
use quell_core::incident::{Entry, Event, HAND_OVER, Life, Link, StepRef, WriterId, held_by, not_run, unfinished};
use quell_core::text::Untrusted;
use std::time::Duration;

/// While an action runs its elapsed time is drawn once a second.
const TICK: Duration = Duration::from_secs(1);

/// Takes in what arrived.
pub fn arrive(model: &mut Model, input: Input, ctx: &Ctx, out: &mut Reaction) {
    out.dirty = true;
    match input {
        Input::Connected(identity) => {
            findings::connected(model, identity.as_ref().err(), ctx);
            let person = identity.as_ref().ok().and_then(crate::aws::Identity::person);
            model.account.identity = Some(identity);
            ask_after(model, ctx, out);
            incident::look_ready(model, out);
            naming::learn(model, person, ctx, out);
            naming::ask(model, ctx);
        }
        Input::Armed(Ok(until)) => {
            model.account.armed_until = until;
            match until {
                Some(_) => model.say("ARMED: actions may start; it lapses after 30 idle minutes"),
                None => model.say("READ ONLY"),
            }
        }
        Input::Armed(Err(problem)) | Input::Trouble(problem) => model.complain(problem),
        Input::NotAttached(problem) => unsaved::not_attached(model, problem, ctx, out),
        Input::Chosen(folder) => unsaved::chosen(model, &folder, out),
        Input::Secrets(secrets) => model.secrets = std::mem::take(&mut model.secrets).and(secrets),
        Input::Library { books, problems, show } => incident::reread(model, books, problems, show, ctx),
        Input::Edited { file, found } => runbooks::edited(model, &file, found),
        Input::Trusted(hashes, problem) => incident::trusted(model, hashes, problem, ctx, out),
        Input::InForce(standing, problems) => text::in_force(model, standing, &problems),
        Input::Said(text) => model.say(text),
        Input::Copied(text) => match model.incident.copied.take() {
            Some(more) => model.say(format!("{text}; {more}")),
            None => model.say(text),
        },
        Input::Source(event) => findings::take(model, event, ctx, out),
        Input::Saved(entries) => saved(model, entries, ctx, out),
        Input::Behind(why) => {
            model.session.iter_mut().for_each(|session| session.behind = why.is_some());
            match why {
                Some(problem) => model.complain(problem),
                None => model.say("the second copy has caught up"),
            }
        }
        Input::Low(low) => {
            if let Some(session) = &mut model.session {
                session.low = low;
            }
        }
        Input::Signed { session, result } => incident::signed(model, &session, result, ctx, out),
        Input::NotSaved { problem, next_n, last_l } => {
            unsaved::not_saved(model, problem, (next_n, last_l), ctx, out);
        }
        Input::Foreign { session, entries, superseded } => heard(model, &session, entries, &superseded),
        Input::Attached(attached) => attach(model, *attached, ctx, out),
        Input::Sessions(rows) => {
            sessions(model, rows, ctx);
            findings::open_wanted(model, ctx, out);
        }
        Input::Gone { session, writers } => gone(model, &session, &writers, ctx, out),
        Input::Loaded { session, review, timeline, chain, books } => match review {
            true => review::open(model, session, *timeline, chain, books),
            false => text::report(model, &session, &timeline, &chain),
        },
        Input::Planned { generation, result } => planned::planned(model, generation, *result, ctx, out),
        Input::Several { generation, requests } => incident::several(model, generation, requests, ctx, out),
        Input::Ready { session, book, result } => incident::ready(model, &session, book, result),
        Input::Looked { session, result } => incident::looked(model, &session, *result, ctx, out),
        Input::Evidence { session, name, blob, bytes } => {
            text::evidence(model, &name, Piece { session, blob }, &bytes, ctx, out);
        }
        Input::File { session, name, .. } if model.session.as_ref().is_none_or(|s| s.id != session) => {
            model.complain(left(&name));
        }
        Input::File { step, name, result: Ok(blob), .. } => file(model, name, step, blob, ctx, out),
        Input::File { result: Err(problem), .. } => model.complain(problem),
        other => follow::action(model, other, ctx, out),
    }
    witness::note(model, false, ctx, out);
    tick(model, ctx, out);
}

fn left(name: &Untrusted) -> Problem {
    Problem::input(format!("{} was not attached", name.line()))
        .meaning("the incident that it was meant for was left while it was read")
        .next("go back to the incident and attach it again")
}

/// The timer that was asked for.
pub fn wake(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    out.dirty = true;
    if model.account.armed_until.is_some_and(|until| ctx.now >= until) {
        model.account.armed_until = None;
        out.reads.push(Reads::Disarm);
    }
    review::wake(model, ctx, out);
    tick(model, ctx, out);
}

/// Asks for the next second while something on screen changes by itself.
fn tick(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let runs = model.saved().is_some_and(|i| i.actions.values().any(|a| a.life == Life::Started));
    if runs && model.screen() == Screen::Incident {
        out.wake = Some(ctx.instant + TICK);
    } else if let Some(left) = model.account.armed_until.and_then(|until| until.duration_since(ctx.now).try_into().ok())
    {
        let left: Duration = left;
        out.wake = Some(out.wake.map_or(ctx.instant + left, |w| w.min(ctx.instant + left)));
    }
    strike::go_on(model, ctx, out);
}

/// Whether a record closes its session or opens it again.
fn turns(entry: &quell_core::incident::Entry) -> bool {
    matches!(entry.event, Event::SessionClosed(_) | Event::SessionReopened(_))
}

/// Another console's records of the open session.
fn heard(model: &mut Model, session: &str, entries: Vec<quell_core::incident::Entry>, superseded: &[Link]) {
    let turned = entries.iter().any(turns);
    let Some(open) = model.session.as_mut().filter(|s| s.id == session) else { return };
    open.hear(entries.clone(), superseded);
    if turned {
        model.remember(model.clock);
    }
    approve::heard(model, &entries);
    findings::mark_attached(model);
}

fn saved(model: &mut Model, entries: Vec<Entry>, ctx: &Ctx, out: &mut Reaction) {
    model.findings.not_saved = None;
    if let Some(session) = &mut model.session {
        let started = |e: &quell_core::incident::Entry| matches!(e.event, Event::ActionStarted(_));
        if entries.iter().any(started) {
            // What was said about waiting for the disk is true no more; the status line shows what runs.
            model.toast = None;
        }
        let turned = entries.iter().any(turns);
        let own = entries.iter().filter(|e| e.link.0 == session.writer).map(|e| e.link.1).max();
        let own_part_ends = entries.iter().any(|e| e.link.0 == session.writer && ends_a_part(e));
        session.turn.saved(&entries, ctx.instant);
        session.acknowledge(entries.clone());
        own.into_iter().for_each(|n| model.incident.drafts.saved(&session.id, n));
        if turned {
            model.remember(model.clock);
        }
        follow::tell(model, &entries, ctx);
        text::refresh(model);
        if own_part_ends {
            incident::sign_part(model, out);
        }
    }
    findings::mark_attached(model);
    incident::advance(model);
}

/// What a timeline is signed after: the session's end, and its passing into other hands.
fn ends_a_part(entry: &Entry) -> bool {
    match &entry.event {
        Event::SessionClosed(_) => true,
        Event::EntryAdded(entry) => entry.source.line().as_str() == HAND_OVER,
        _ => false,
    }
}

fn attach(model: &mut Model, attached: AttachedSession, ctx: &Ctx, out: &mut Reaction) {
    let AttachedSession { id, writer, timeline, next_n, last_l, books, joined, dead } = attached;
    let fresh = timeline.incident().opened.is_none();
    let ends = unfinished(timeline.incident(), &writer);
    let mut session = Active::new(id, writer, timeline, next_n, last_l);
    session.books.extend(books);
    let mut events: Vec<Event> = Vec::new();
    if joined && !fresh {
        events.push(quell_core::incident::SessionJoined {}.into());
    }
    events.extend(ends);
    let left = not_run(session.pending(), &session.writer, model.account.two);
    let not_run = left.len();
    events.extend(left);
    let entries = session.emit(events, ctx.now, &model.secrets);
    out.entries.extend(entries);
    model.session = Some(session);
    model.incident.opening = false;
    if !fresh {
        // Attaching has written to it.
        model.findings.not_saved = None;
    }
    model.incident.reset();
    match fresh {
        true => incident::begin(model, ctx, out),
        false => {
            let theirs = joined_theirs(model);
            incident::follow_first(model);
            let elsewhere = elsewhere(model);
            let actions = model.session.as_ref().map(|s| s.pending().actions.values());
            let unknown: Vec<&Link> =
                actions.into_iter().flatten().filter(|a| a.life == Life::Unknown).map(|a| &a.link).collect();
            let how = follow::looks_up(model, model.triage.is_none(), unknown.iter().copied());
            model.say(match unknown.len() {
                n if not_run > 0 => left_over(n, how, not_run),
                0 if theirs => {
                    "somebody has opened an incident on this finding meanwhile: you are in theirs".to_owned()
                }
                0 => match (approve::awaited(model), others_here(model)) {
                    (Some(waits), _) => format!("resumed; {waits}"),
                    (None, None) => "resumed; all that was done is here".to_owned(),
                    (None, Some(others)) => format!("resumed; also here: {others}"),
                },
                n => format!("resumed; {n} action(s) of unknown outcome: {how}"),
            });
            let own = model.session.as_ref().map(|session| session.id.clone()).unwrap_or_default();
            gone(model, &own, &dead, ctx, out);
            if let Some(problem) = elsewhere {
                model.complain(problem);
            }
            if let Some(book) = model.incident.chosen.take() {
                incident::open_beside(model, &book, ctx, out);
            }
        }
    }
    incident::look_ready(model, out);
    out.reads.push(Reads::Library { show: false });
    naming::state(model, ctx, out);
    incident::keep_configured(model, ctx, out);
    findings::mark_attached(model);
    findings::changed(model, ctx, out);
    if model.triage.is_some() {
        return findings::go_on(model, ctx, out);
    }
    model.screens.truncate(1);
    model.show(Screen::Incident);
    match model.lift.take() {
        Some(action) => incident::lift_here(model, &action, ctx, out),
        None => naming::ask(model, ctx),
    }
}

/// What is said of what a console had approved when it ended.
fn left_over(unknown: usize, how: &str, not_run: usize) -> String {
    let first = match unknown {
        0 => "resumed".to_owned(),
        n => format!("resumed; {n} action(s) of unknown outcome: {how}"),
    };
    format!("{first}; {not_run} approved and NOT RUN: Enter on the step plans it anew, s a stages it")
}

/// Whether this console wanted to begin a session, and another had begun one for the same. Findings that were marked
/// to come along, and that theirs does not have, are marked again.
fn joined_theirs(model: &mut Model) -> bool {
    let wanted = std::mem::take(&mut model.incident.begin);
    model.incident.title = None;
    let has = |id: &Untrusted| model.saved().is_some_and(|i| i.findings.iter().any(|f| f.finding.id == *id));
    let back: Vec<Untrusted> = wanted.iter().map(|f| f.id.clone()).filter(|id| !has(id)).collect();
    model.findings.marked.extend(back);
    !wanted.is_empty()
}

/// Who else is in the session now, by their records.
fn others_here(model: &Model) -> Option<String> {
    let session = model.session.as_ref()?;
    let incident = session.saved();
    let others = incident.writers.iter().filter(|(id, writer)| writer.attached && **id != session.writer);
    let mut names: Vec<String> = others.map(|(id, _)| incident.who_now(id).line().into_string()).collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What to say of an incident none of whose findings is of the account that the console is connected to.
fn elsewhere(model: &Model) -> Option<Problem> {
    let own = model.account.identity.as_ref()?.as_ref().ok()?.account.clone();
    let accounts: Vec<String> = model.saved()?.accounts().map(|a| a.line().into_string()).collect();
    let here = accounts.is_empty() || accounts.iter().any(|account| account == own.as_str());
    (!here).then(|| {
        Problem::input(format!("this incident is of account {}, and you are connected to {own}", accounts.join(", ")))
            .meaning("its steps and notes can be kept; its actions are refused here")
            .next("leave, and start quell with that account's --profile")
    })
}

/// Consoles of other writers have ended: what they had under way is looked up, and then taken over with what was found.
/// Where nobody can be asked, that waits for a connection: until then it counts as under way.
fn gone(model: &mut Model, session: &str, writers: &[WriterId], ctx: &Ctx, out: &mut Reaction) {
    let connected = matches!(model.account.identity, Some(Ok(_)));
    let Some(open) = model.session.as_ref().filter(|s| s.id == session) else { return };
    let left = writers
        .iter()
        .flat_map(|writer| held_by(open.pending(), writer).map(move |action| (action.link.clone(), writer.clone())));
    let left: Vec<(Link, WriterId)> = left.collect();
    let who: Vec<String> = writers.iter().map(|w| open.pending().who_now(w).line().into_string()).collect();
    let not_run = strike::gone(model, writers, ctx, out);
    if left.is_empty() && not_run == 0 {
        return;
    }
    let looked = match (left.len(), connected) {
        (0, _) => None,
        (_, true) => Some("what it had running is looked up".to_owned()),
        (_, false) => Some("what it had running is looked up once connected".to_owned()),
    };
    let not_run = (not_run > 0).then(|| format!("{not_run} that it had approved were NOT RUN"));
    let what: Vec<String> = looked.into_iter().chain(not_run).collect();
    let words = format!("the console of {} has ended; {}", who.join(", "), what.join(", "));
    match connected {
        true => lookup::take_over(model, left, out),
        false => model.incident.ended.extend(writers.iter().cloned()),
    }
    model.say(words);
}

/// There is somebody to ask now.
fn ask_after(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let writers: Vec<WriterId> = std::mem::take(&mut model.incident.ended).into_iter().collect();
    if let Some(id) = model.session.as_ref().map(|session| session.id.clone()) {
        gone(model, &id, &writers, ctx, out);
    }
}

fn sessions(model: &mut Model, rows: Vec<SessionRow>, ctx: &Ctx) {
    let offer = !model.sessions.listed && model.screen() == Screen::Findings && model.prompt.is_none();
    model.sessions.take(rows);
    findings::mark_attached(model);
    let simulated = model.account.mode == super::model::Mode::Simulated;
    let mut open: Vec<&SessionRow> =
        model.sessions.rows.iter().filter(|r| r.open && r.simulated == simulated && r.records > 1).collect();
    // An incident is resumed more often than what was triaged beside it.
    open.sort_by_key(|r| is_triage(&r.title));
    open.truncate(8);
    if !offer || open.is_empty() || model.session.is_some() || !model.sessions.offer {
        return;
    }
    let own = model.account.identity.as_ref().and_then(|i| i.as_ref().ok());
    let own: Option<Untrusted> = own.map(|i| i.account.as_str().into());
    let mut choices: Vec<String> = open
        .iter()
        .map(|r| {
            let opened = r.opened.map_or_else(String::new, |t| t.strftime("%Y-%m-%d %H:%MZ").to_string());
            let other = r.accounts.iter().filter(|a| own.as_ref().is_some_and(|own| own != *a));
            let other: String = other.map(|a| format!("({}) ", a.line())).collect();
            let id = r.id.rsplit('-').next().unwrap_or_default();
            let who: Vec<String> = r.responders.iter().map(|who| who.line().into_string()).collect();
            format!("resume {opened} {other}{}  {} [{}]", r.title.line(), who.join(","), clean(id))
        })
        .collect();
    choices.push("go to the findings".into());
    model.sessions.offered = open.iter().map(|r| r.id.clone()).collect();
    let title = "Sessions were left open".to_owned();
    model.ask(
        Kind::Choice(Choice { title, about: Vec::new(), purpose: ChoicePurpose::Resume, choices, selected: 0 }),
        ctx,
    );
}

/// Keeps a file as evidence; its path need not be asked for again.
fn file(model: &mut Model, name: Untrusted, step: Option<StepRef>, blob: Blob, ctx: &Ctx, out: &mut Reaction) {
    let mut how = "file attached by the responder".to_owned();
    if blob.withheld > 0 {
        how.push_str(&format!("; credentials of the responder withheld: {}", blob.withheld));
        model.say(format!("attached without {} credentials of yours that stood in it", blob.withheld));
    }
    let asked = step.as_ref().is_some_and(|step| incident::lacks(model, step).is_some());
    follow::keep(model, (name.clone(), how), step.clone(), blob, ctx, out);
    if asked && step.as_ref().is_some_and(|step| incident::lacks(model, step).is_none()) {
        let before = model.toast.take().map(|said| format!("{said}; ")).unwrap_or_default();
        model.say(format!("{before}attached: the step can be done now"));
    }
    drafts::spent(model, FieldPurpose::Evidence(step), |path| name == path.into(), out);
}
