//! `/` where there is no text to read: it finds a step by its words, a record, or a session, and goes there.

use super::incident::{self, Pane};
use crate::console::core::model::{Model, Screen};
use quell_core::incident::{Entry, Incident, describe};
use quell_core::text::Shape;

/// Goes to the first match from where one is, while the word is typed.
pub fn set(model: &mut Model, word: &str) {
    model.text.search = word.to_lowercase();
    go(model, |at, texts, hit| (at..texts).chain(0..at).find(|i| hit(*i)));
}

/// Goes to the next match, or to the one before; past the end it begins again.
pub fn next(model: &mut Model, forward: bool) {
    if model.text.search.is_empty() {
        return model.say("/ searches first");
    }
    go(model, |at, texts, hit| match forward {
        true => (at + 1..texts).chain(0..texts.min(at + 1)).find(|i| hit(*i)),
        false => (0..at).rev().chain((at..texts).rev()).find(|i| hit(*i)),
    });
}

fn go(model: &mut Model, find: impl Fn(usize, usize, &dyn Fn(usize) -> bool) -> Option<usize>) {
    let word = model.text.search.clone();
    if word.is_empty() {
        return;
    }
    let (at, texts) = texts(model);
    let hit = |i: usize| texts.get(i).is_some_and(|text| text.to_lowercase().contains(&word));
    match find(at, texts.len(), &hit) {
        Some(found) => {
            let all: Vec<usize> = (0..texts.len()).filter(|i| hit(*i)).collect();
            let nth = all.iter().position(|i| *i == found).map_or(0, |n| n + 1);
            place(model, found, texts.len());
            model.say(format!("match {nth} of {}, in the title or the text", all.len()));
        }
        None => model.say("not found"),
    }
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
        Screen::Review => match &model.review {
            Some(review) => (review.cursor, records(review.timeline.entries(), review.timeline.incident())),
            None => (0, Vec::new()),
        },
        Screen::Findings | Screen::Text => (0, Vec::new()),
    }
}

fn steps(model: &Model, incident: &Incident) -> Vec<String> {
    let text = |step: &quell_core::incident::StepRef| {
        let title = incident.step(step).map(|(_, line, _)| line.title.line().into_string()).unwrap_or_default();
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
        Screen::Review => super::review::go(model, found),
        Screen::Findings | Screen::Text => {}
    }
}
