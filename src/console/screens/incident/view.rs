//! How the incident is drawn.
//!
//! ```text
//! narrow, 80x24                      wide, from 110 columns
//!  where am I                         where am I
//! --FINDING-------------------       --FINDING-----------|--STEPS*---------------
//!  facts                              facts              |  [x] 1 …
//! --STEPS*--------------------                           |> [ ] 2 …
//!  [x] 1 …                           --TIMELINE----------|--STEP 2---------------
//! > [ ] 2 …                           records            |  what to look at
//! --STEP 2--------------------        status
//!  what to look at                    keys
//! --TIMELINE------------------
//!  records, status, keys
//! ```

use super::ready::Ready;
use super::state::Pane;
use super::values::Values;
use super::{view_finding, view_step, view_steps};
use crate::console::core::active::Active;
use crate::console::core::model::Model;
use crate::console::screens::page;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::finding::Finding;
use quell_core::incident::{Entry, Incident, Link, StepRef, Weight, WriterId, describe};
use quell_core::runbook::Runbook;
use quell_core::text::{Untrusted, cut_end};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// From this width on the panes stand side by side.
const WIDE: u16 = 110;

/// What an incident is drawn from: the live session, or a past one at a record.
pub struct Scene<'a> {
    pub incident: &'a Incident,
    pub entries: &'a [Entry],
    pub books: &'a HashMap<Link, Arc<Runbook>>,
    pub pane: Pane,
    pub step: usize,
    pub scroll: [usize; 3],
    pub look: Look,
    /// Records on their way to the disk.
    pub waiting: u64,
    /// What the runbook's templates are shown as.
    pub values: Values<'a>,
    /// Who looks at it: the steps of others' roles are shown so; nobody in a past session.
    pub me: Option<&'a Untrusted>,
    /// The writer for whom the time of an open step runs: of a past session that of the record at hand.
    pub by: Option<&'a WriterId>,
    /// Whether keys do something to the steps.
    pub live: bool,
    /// What the actions of the runbooks need; nothing is said of it in the past.
    pub ready: Option<&'a BTreeMap<Link, Ready>>,
    /// Whether the text of an open runbook is another one by now.
    pub drifted: bool,
    /// The hashes of the runbooks whose actions may be planned.
    pub trusted: Option<&'a BTreeSet<String>>,
    /// The finding as the list has it now, which may be later than what is in the record.
    pub latest: Option<&'a Finding>,
}

impl Scene<'_> {
    /// Whether the actions of the selected step's runbook may be planned.
    pub(super) fn trusts(&self, step: &StepRef) -> bool {
        let book = self.books.get(&step.rb);
        self.trusted.is_none_or(|hashes| book.is_none_or(|book| hashes.contains(&book.sha256)))
    }
}

/// Draws the incident screen; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let Some(session) = &model.session else {
        let room = page::frame(model, now, area, &[], Vec::new(), buf);
        paint::text(buf, room, 1, " the session is being opened", model.look.plain());
        return None;
    };
    let head = headline(session.saved(), model.look);
    let room = page::frame(model, now, area, &head, page::log_state(model, now), buf);
    panes(&scene(model, session), now, room, buf)
}

fn scene<'a>(model: &'a Model, session: &'a Active) -> Scene<'a> {
    let state = &model.incident;
    Scene {
        incident: session.saved(),
        entries: session.timeline().entries(),
        books: &session.books,
        pane: state.pane,
        step: state.step,
        scroll: state.scroll,
        look: model.look,
        waiting: session.waiting(),
        values: Values::of(model, session, session.saved()),
        me: Some(&model.me),
        by: Some(&session.writer),
        live: true,
        ready: Some(&state.ready),
        drifted: super::drift::drifted(model).is_some(),
        trusted: Some(&model.trusted),
        latest: {
            let first = session.saved().findings.first().map(|f| &f.finding.id);
            let shown = super::aim::aimed(model).map(|aim| &aim.finding.id).or(first);
            shown.and_then(|id| model.findings.known(id))
        },
    }
}

/// Severity, type and resource of the incident, for the first line.
pub fn headline(incident: &Incident, look: Look) -> Vec<Piece> {
    let mut pieces = vec![(" > ".to_owned(), look.plain())];
    if let Some(closed) = &incident.closed {
        pieces.push((format!("closed as {} ", closed.resolution.word()), look.strong()));
    }
    if let Some(label) = incident.severity.label {
        pieces.push((label.short().to_owned(), look.severity(Some(label))));
        pieces.push((" ".to_owned(), look.plain()));
    }
    pieces.push((incident.title.line().into_string(), look.plain()));
    pieces
}

/// Draws the four panes of a scene.
pub fn panes(scene: &Scene, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let [finding, steps, step, timeline] = layout(area, scene.pane);
    view_finding::draw(scene, finding, buf);
    let cursor = view_steps::draw_steps(scene, steps, buf);
    view_step::draw(scene, now, step, buf);
    draw_timeline(scene, timeline, buf);
    if area.width >= WIDE {
        let x = steps.x.saturating_sub(1);
        for y in area.y..area.y + area.height {
            paint::text(buf, Rect { x, y, width: 1, height: 1 }, 0, scene.look.bar(), scene.look.rule(false));
        }
    }
    cursor
}

/// How many lines a pane has in a window of this size while it has the focus.
pub fn lines_of((width, height): (u16, u16), pane: Pane) -> usize {
    // The first line, the status and the keys are the frame's; a pane's own first line is its title.
    let [finding, steps, step, timeline] = layout(Rect::new(0, 0, width, height.saturating_sub(3)), pane);
    let area = match pane {
        Pane::Finding => finding,
        Pane::Steps => steps,
        Pane::Step => step,
        Pane::Timeline => timeline,
    };
    usize::from(area.height.saturating_sub(1))
}

/// The four panes: finding, steps, step, timeline. Each has its title rule; the focused one has most room.
fn layout(area: Rect, pane: Pane) -> [Rect; 4] {
    let h = area.height;
    if area.width >= WIDE {
        let left = (area.width * 2 / 5).min(64);
        let l = Rect { width: left, ..area };
        let r = Rect { x: area.x + left + 1, width: area.width - left - 1, ..area };
        let top = if pane == Pane::Timeline { h / 3 } else { h * 3 / 5 };
        let steps = if pane == Pane::Step { h / 3 } else { h * 11 / 20 };
        let [finding, timeline] = split(l, top);
        let [steps, step] = split(r, steps);
        return [finding, steps, step, timeline];
    }
    let (finding, step, timeline) = match pane {
        Pane::Steps => (h / 6 + 1, h / 3, 3),
        Pane::Step => (1, h.saturating_sub(h / 4 + 1), 1),
        Pane::Timeline => (1, 1, h * 3 / 5),
        Pane::Finding => (h * 3 / 5, h / 6, 1),
    };
    let steps = h.saturating_sub(finding + step + timeline);
    match paint::rows(area, &[finding, steps, step, timeline])[..] {
        [a, b, c, d] => [a, b, c, d],
        _ => [area; 4],
    }
}

fn split(area: Rect, top: u16) -> [Rect; 2] {
    let top = top.min(area.height);
    [Rect { height: top, ..area }, Rect { y: area.y + top, height: area.height - top, ..area }]
}

fn draw_timeline(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let focused = scene.pane == Pane::Timeline;
    let right = format!("{} records", scene.entries.len());
    paint::rule(buf, area, "TIMELINE", "", &right, focused, scene.look);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let height = usize::from(list.height);
    let saving = usize::from(scene.waiting > 0 && height > 1);
    let end = scene.entries.len().saturating_sub(scene.scroll[1].min(scene.entries.len().saturating_sub(1)));
    let start = end.saturating_sub(height - saving.min(height));
    for (row, entry) in scene.entries.iter().take(end).skip(start).enumerate() {
        paint::line(buf, list, row as u16, &record_line(entry, scene.incident, scene.look));
    }
    if saving > 0 {
        paint::text(buf, list, list.height - 1, &format!(" saving {} record(s)", scene.waiting), scene.look.warn());
    }
}

/// A record as one line: time, who, what.
pub fn record_line(entry: &Entry, incident: &Incident, look: Look) -> Vec<Piece> {
    let (weight, words) = describe(&entry.event, incident);
    let style = match weight {
        Weight::Event => look.plain(),
        Weight::Note => look.code(),
        Weight::Action => look.strong(),
        Weight::Failure => look.bad(),
    };
    let who = incident.who(&entry.link.0, entry.link.1).line();
    let jump = incident.jumps.get(&entry.link).map(|jump| format!("CLOCK -{}s ", jump.seconds));
    vec![
        (format!(" {} {:<8} ", entry.happened().strftime("%H:%M:%S"), cut_end(who.as_str(), 8)), look.plain()),
        (jump.unwrap_or_default(), look.warn()),
        (words, style),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_no_lines_has_panes_of_none() {
        for pane in [Pane::Steps, Pane::Step, Pane::Timeline, Pane::Finding] {
            assert_eq!(lines_of((1, 1), pane), 0);
        }
        assert_eq!(lines_of((80, 24), Pane::Step), 14);
    }
}
