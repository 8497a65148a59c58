//! `/`, `n` and `N`: in a text they find a line; elsewhere a step by its words, a record, a session,
//! or a runbook, and go there.
//! Each screen and pane keeps its own word. A search that is given up goes back to where it began.

use super::incident::{self, Pane};
use super::{runbooks, text};
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::core::prompt::{Field, FieldPurpose, Kind};
use quell_core::incident::{Entry, Incident, StepRef, describe};
use quell_core::text::{Shape, Untrusted};

/// Where a search began, and what was looked for there before.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    word: String,
    spot: Spot,
}

#[derive(Clone, Debug, PartialEq)]
enum Spot {
    Nowhere,
    Text { top: usize, hit: Option<usize> },
    Incident { pane: Pane, step: usize, scroll: [usize; 3], follow: bool },
    Sessions { selected: usize },
    Runbooks { selected: usize, scroll: usize },
    Review { cursor: usize, step: usize, scroll: [usize; 3] },
}

/// Asks what to look for.
pub fn ask(model: &mut Model, ctx: &Ctx) {
    if let Some(review) = &mut model.review {
        // What moves by itself can't be searched.
        review.playing = false;
    }
    let begun = Begun { word: word(model).cloned().unwrap_or_default(), spot: spot(model) };
    let field = Field::new("SEARCH", FieldPurpose::Search(Box::new(begun)), &Untrusted::default(), false);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

/// Goes to the first match from where the search began, while the word is typed.
pub fn set(model: &mut Model, begun: &Begun, typed: &str) {
    model.toast = None;
    put_back(model, &begun.spot);
    if let Some(word) = word_mut(model) {
        *word = typed.to_lowercase();
    }
    match model.screen() {
        Screen::Text => text::find_from_top(model),
        _ => go(model, Way::Typed),
    }
}

/// Back to where the search began, and to the word that was looked for before.
pub fn give_up(model: &mut Model, begun: Begun) {
    put_back(model, &begun.spot);
    if let Some(word) = word_mut(model) {
        *word = begun.word;
    }
}

/// Goes to the next match, or to the one before; past the end it begins again.
pub fn next(model: &mut Model, forward: bool) {
    if word(model).is_none_or(String::is_empty) {
        return model.say("nothing is searched here yet; / searches");
    }
    match model.screen() {
        Screen::Text => text::find(model, forward),
        _ => go(model, if forward { Way::Next } else { Way::Before }),
    }
}

/// What is looked for here.
fn word(model: &Model) -> Option<&String> {
    match model.screen() {
        Screen::Findings => None,
        Screen::Incident => model.incident.search.get(slot(model.incident.pane)),
        Screen::Sessions => Some(&model.sessions.search),
        Screen::Review => model.review.as_ref().map(|r| &r.search),
        Screen::Runbooks => Some(&model.runbooks.search),
        Screen::Text => Some(&model.text.search),
    }
}

fn word_mut(model: &mut Model) -> Option<&mut String> {
    match model.screen() {
        Screen::Findings => None,
        Screen::Incident => model.incident.search.get_mut(slot(model.incident.pane)),
        Screen::Sessions => Some(&mut model.sessions.search),
        Screen::Review => model.review.as_mut().map(|r| &mut r.search),
        Screen::Runbooks => Some(&mut model.runbooks.search),
        Screen::Text => Some(&mut model.text.search),
    }
}

/// The steps and their text are searched as one, and so is the timeline from all other panes.
fn slot(pane: Pane) -> usize {
    usize::from(!matches!(pane, Pane::Steps | Pane::Step))
}

fn spot(model: &Model) -> Spot {
    match (model.screen(), &model.review) {
        (Screen::Text, _) => Spot::Text { top: model.text.top, hit: model.text.hit },
        (Screen::Incident, _) => {
            let incident::State { pane, step, scroll, follow, .. } = model.incident;
            Spot::Incident { pane, step, scroll, follow }
        }
        (Screen::Sessions, _) => Spot::Sessions { selected: model.sessions.selected },
        (Screen::Runbooks, _) => Spot::Runbooks { selected: model.runbooks.selected, scroll: model.runbooks.scroll },
        (Screen::Review, Some(r)) => Spot::Review { cursor: r.cursor, step: r.step, scroll: r.scroll },
        (Screen::Review, None) | (Screen::Findings, _) => Spot::Nowhere,
    }
}

fn put_back(model: &mut Model, spot: &Spot) {
    match *spot {
        Spot::Nowhere => {}
        Spot::Text { top, hit } => (model.text.top, model.text.hit) = (top, hit),
        Spot::Incident { pane, step, scroll, follow } => {
            let state = &mut model.incident;
            (state.pane, state.step, state.scroll, state.follow) = (pane, step, scroll, follow);
        }
        Spot::Sessions { selected } => model.sessions.selected = selected,
        Spot::Runbooks { selected, scroll } => {
            (model.runbooks.selected, model.runbooks.scroll) = (selected, scroll);
        }
        Spot::Review { cursor, step, scroll } => {
            super::review::go(model, cursor);
            if let Some(review) = &mut model.review {
                (review.step, review.scroll) = (step, scroll);
            }
        }
    }
}

/// Which match is wanted.
#[derive(Clone, Copy)]
enum Way {
    /// The first from where the search began, while its word is typed.
    Typed,
    Next,
    Before,
}

fn go(model: &mut Model, way: Way) {
    let word = word(model).cloned().unwrap_or_default();
    if word.is_empty() {
        return;
    }
    let (at, texts) = texts(model);
    let runbooks = model.screen() == Screen::Runbooks;
    let titles = titles(model);
    // Of a whole runbook each word may stand anywhere.
    let words: Vec<&str> = if runbooks { word.split_whitespace().collect() } else { vec![&word] };
    let has = |text: &String| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let hits = |all: &[String]| (0..all.len()).filter(|i| all.get(*i).is_some_and(has)).collect::<Vec<usize>>();
    // What is called so comes before what only speaks of it.
    let mut all = hits(&titles);
    let named = all.len();
    let rest: Vec<usize> = hits(&texts).into_iter().filter(|hit| !all.contains(hit)).collect();
    all.extend(rest);
    let nearest = &all[..if named > 0 { named } else { all.len() }];
    match wanted(way, at, &all, nearest) {
        Some(found) => {
            let nth = all.iter().position(|i| *i == found).map_or(0, |n| n + 1);
            place(model, found, texts.len());
            model.say(format!("match {nth} of {}, in the title or the text", all.len()));
        }
        None => model.say("not found"),
    }
}

/// The match to go to: from one that is selected the next in their order, else the nearest of the best.
fn wanted(way: Way, at: usize, all: &[usize], nearest: &[usize]) -> Option<usize> {
    let selected = all.iter().position(|hit| *hit == at);
    let found = match (way, selected) {
        (Way::Next, Some(nth)) => all.get((nth + 1) % all.len()),
        (Way::Before, Some(nth)) => all.get((nth + all.len() - 1) % all.len()),
        (Way::Before, None) => nearest.iter().rev().find(|hit| **hit < at).or(nearest.last()),
        (Way::Typed | Way::Next, _) => nearest.iter().find(|hit| **hit >= at).or(nearest.first()),
    };
    found.copied()
}

/// Where one is, and the texts that are searched, in their order.
fn texts(model: &Model) -> (usize, Vec<String>) {
    match model.screen() {
        Screen::Incident => match (&model.session, model.incident.pane) {
            (Some(session), Pane::Steps | Pane::Step) => (model.incident.step, steps(model, session.saved())),
            (Some(session), _) => {
                let entries = session.timeline().entries();
                let at = entries.len().saturating_sub(1 + model.incident.scroll[1]);
                (at, records(entries, session.saved()))
            }
            (None, _) => (0, Vec::new()),
        },
        Screen::Sessions => {
            let line = |r: &crate::console::core::input::SessionRow| format!("{} {}", r.id, r.title.line());
            (model.sessions.selected, model.sessions.rows.iter().map(line).collect())
        }
        Screen::Runbooks => (model.runbooks.selected, runbooks::searched(&model.library, &model.runbooks)),
        Screen::Review => match &model.review {
            Some(review) => (review.cursor, records(review.timeline.entries(), review.timeline.incident())),
            None => (0, Vec::new()),
        },
        Screen::Findings | Screen::Text => (0, Vec::new()),
    }
}

/// What each of the texts is called, where it is called something.
fn titles(model: &Model) -> Vec<String> {
    match (model.screen(), &model.session) {
        (Screen::Runbooks, _) => runbooks::titles(&model.library, &model.runbooks),
        (Screen::Incident, Some(session)) if matches!(model.incident.pane, Pane::Steps | Pane::Step) => {
            let incident = session.saved();
            incident::steps(incident).iter().map(|step| title(incident, step)).collect()
        }
        _ => Vec::new(),
    }
}

fn title(incident: &Incident, step: &StepRef) -> String {
    incident.step(step).map(|(_, line, _)| line.title.line().into_string()).unwrap_or_default()
}

fn steps(model: &Model, incident: &Incident) -> Vec<String> {
    let text = |step: &StepRef| {
        let title = title(incident, step);
        let body = incident::book_step(model, step).map(|s| s.body.clean(Shape::Block).into_string());
        format!("{title} {}", body.unwrap_or_default())
    };
    incident::steps(incident).iter().map(text).collect()
}

fn records(entries: &[Entry], incident: &Incident) -> Vec<String> {
    entries.iter().map(|entry| describe(&entry.event, incident).1).collect()
}

fn place(model: &mut Model, found: usize, texts: usize) {
    match model.screen() {
        Screen::Incident if matches!(model.incident.pane, Pane::Steps | Pane::Step) => {
            model.incident.step = found;
            model.incident.scroll[0] = 0;
            model.incident.follow = false;
        }
        // The timeline is counted from its end.
        Screen::Incident => {
            model.incident.pane = Pane::Timeline;
            model.incident.scroll[1] = texts.saturating_sub(1 + found);
        }
        Screen::Sessions => model.sessions.selected = found,
        Screen::Runbooks => model.runbooks.selected = found,
        Screen::Review => super::review::go(model, found),
        Screen::Findings | Screen::Text => {}
    }
}
