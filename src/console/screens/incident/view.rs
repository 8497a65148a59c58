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
use super::row::{doubtful, right_of};
use super::state::{Pane, Row, rows, shown, steps};
use super::values::Values;
use super::{view_finding, view_step};
use crate::action::State;
use crate::console::core::active::Active;
use crate::console::core::model::Model;
use crate::console::screens::page;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::finding::Finding;
use quell_core::incident::{
    Entry, Incident, Link, Mark, OutlineStep, PassedOver, StepRef, StepState, Weight, describe,
};
use quell_core::runbook::template::fill_words;
use quell_core::runbook::{Phase, Runbook};
use quell_core::text::{Untrusted, cut_end, cut_start, width};
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
    let cursor = draw_steps(scene, steps, buf);
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

/// Which runbook the steps are of, and how far they are.
fn steps_title(scene: &Scene, rows: &[Row]) -> (String, String) {
    let incident = scene.incident;
    let all: Vec<&StepState> = incident.runbooks.iter().filter(|b| !b.closed).flat_map(|b| &b.steps).collect();
    let done = all.iter().filter(|s| matches!(s.mark, Mark::Done | Mark::Skipped)).count();
    let is_for = |row: &&Row| matches!(row, Row::Step(step) if scene.values.left_out(step).is_none());
    let all_passed = incident.passed_over();
    let was_passed = |row: &&Row| matches!(row, Row::Step(step) if all_passed.has(step));
    let passed = rows.iter().filter(is_for).filter(was_passed).count();
    // What a decision has passed over is neither to do nor done.
    let total = rows.iter().filter(is_for).count() - passed;
    // Of several it is the one that the selected step is of.
    let mut of_step = rows.iter().filter_map(|row| match row {
        Row::Step(step) => Some(&step.rb),
        _ => None,
    });
    let book = of_step.nth(scene.step).and_then(|rb| incident.runbooks.iter().find(|b| b.link == *rb));
    let book = book.or_else(|| incident.runbooks.iter().rev().find(|b| !b.closed));
    let name = book.map(|b| format!("{} v{}", b.id, b.version.as_ref().map_or("-".into(), |v| v.line().to_string())));
    let passed = if passed > 0 { format!(", {passed} passed over") } else { String::new() };
    let right = match incident.staged().len() {
        0 => format!("{done}/{total} done{passed}"),
        n => format!("{n} STAGED {done}/{total} done{passed}"),
    };
    let open = incident.runbooks.iter().filter(|b| !b.closed);
    let lacks = open.filter_map(|b| scene.ready?.get(&b.link)?.words()).min();
    let right = lacks.map_or(right.clone(), |lacks| format!("{lacks}  {right}"));
    let right = if scene.drifted { format!("CHANGED: :drift  {right}") } else { right };
    (name.unwrap_or_default(), right)
}

fn draw_steps(scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let incident = scene.incident;
    let at = steps(incident).into_iter().nth(scene.step);
    let (name, right) = steps_title(scene, &rows(incident));
    let rows = shown(incident, at.as_ref());
    let focused = scene.pane == Pane::Steps;
    paint::rule(buf, area, "STEPS", &name, &right, focused, scene.look);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if rows.is_empty() {
        let words = if scene.live { " no runbook is open; :runbook opens one" } else { " no runbook was open" };
        paint::text(buf, list, 0, words, scene.look.plain());
        return None;
    }
    let is_selected = |row: &Row| matches!(row, Row::Step(step) if Some(step) == at.as_ref());
    let selected = rows.iter().position(is_selected).unwrap_or(0);
    let passed = incident.passed_over();
    let first = paint::first_row(selected, rows.len(), usize::from(list.height));
    for (at, row) in rows.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let y = (at - first) as u16;
        match row {
            Row::Book(index) => {
                let title = incident.runbooks.get(*index).map(|b| b.title.line().into_string()).unwrap_or_default();
                paint::text(buf, list, y, &format!(" {title}"), scene.look.strong());
            }
            Row::Phase(phase) => {
                paint::text(buf, list, y, &format!("  {}", phase_word(*phase)), scene.look.rule(false))
            }
            Row::Folded { steps, done } => draw_folded(scene, (*steps, *done), list, y, buf),
            Row::Step(step) => draw_row(scene, step, (at == selected, passed.has(step)), list, y, buf),
        }
    }
    let y = list.y + (selected.saturating_sub(first)) as u16;
    (list.height > 0).then_some((list.x, y))
}

/// What stands for steps that are folded away.
fn draw_folded(scene: &Scene, (steps, done): (usize, usize), area: Rect, row: u16, buf: &mut Buffer) {
    let head = format!("  {}", phase_word(Phase::Prepare));
    let words = if steps == 1 { "1 step" } else { &format!("{steps} steps") };
    let tail = format!("  {words}, {done} done: go up to open");
    let look = scene.look;
    paint::line(buf, area, row, &[(head, look.rule(false)), (tail, look.rule(false))]);
}

/// A phase as the steps stand under it.
pub fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Prepare => "PREPARE",
        Phase::Detect => "DETECT",
        Phase::Analyze => "ANALYZE",
        Phase::Contain => "CONTAIN",
        Phase::Eradicate => "ERADICATE",
        Phase::Recover => "RECOVER",
        Phase::Post => "POST-INCIDENT",
    }
}

fn draw_row(scene: &Scene, step: &StepRef, (selected, passed): (bool, bool), area: Rect, row: u16, buf: &mut Buffer) {
    let Some((_, line, state)) = scene.incident.step(step) else { return };
    let look = scene.look;
    let room = usize::from(area.width);
    let indent = "  ".repeat((line.depth as usize).min(4));
    let text = format!(" {indent}{:>2} {}", line.number.line(), titled(scene, step, line));
    let left_out = scene.values.left_out(step);
    let mark = match (&left_out, passed) {
        (Some(_), _) => "   ",
        (None, true) => PassedOver::SIGN,
        (None, false) => state.mark.sign(),
    };
    let head = format!("{} ", if selected { ">" } else { " " });
    let beside = room.saturating_sub(width(&head) + width(mark) + 2);
    let dim = left_out.is_some() || passed;
    let words = if dim { look.rule(false) } else { look.plain() };
    let (right, right_style) = match left_out {
        Some(why) => {
            let right = format!("not for this: {why}");
            (cut_end(&right, beside.saturating_sub(width(&text)).max(room / 2)), look.rule(false))
        }
        None if passed => ("passed over".to_owned(), look.rule(false)),
        None => right(scene, step, (line, state), room),
    };
    let space = beside.saturating_sub(width(&right));
    let text = cut_end(&text, space);
    let pad = " ".repeat(space - width(&text) + 1);
    let pieces: Vec<Piece> = vec![
        (head, look.plain()),
        (mark.to_owned(), if passed { look.rule(false) } else { look.mark(state.mark) }),
        (text, words),
        (pad, look.plain()),
        (right, right_style),
    ];
    paint::line(buf, area, row, &pieces);
    if selected && scene.pane == Pane::Steps {
        paint::select(buf, area, row, look);
    }
}

/// A step's title with what its names stand for.
fn titled(scene: &Scene, step: &StepRef, line: &OutlineStep) -> String {
    let title = line.title.line().into_string();
    if !title.contains("{{") {
        return title;
    }
    let each = super::each::next(scene.incident, step);
    let values = scene.values.within(&step.rb).of_each(each.as_ref());
    fill_words(&title, &|name| values.get(name))
}

/// What stands at the right of a step that is for this incident.
fn right(
    scene: &Scene,
    step: &StepRef,
    (line, state): (&OutlineStep, &StepState),
    room: usize,
) -> (String, ratatui::style::Style) {
    let look = scene.look;
    let right = match super::each::tally(scene.incident, step, line) {
        Some(tally) => format!("{tally}  {}", right_of(scene.incident, line, state)).trim_end().to_owned(),
        None => right_of(scene.incident, line, state),
    };
    let ready = scene.ready.and_then(|ready| ready.get(&step.rb)).filter(|_| state.mark == Mark::Todo);
    let lacks = ready.is_some_and(|ready| ready.of_step(step).iter().any(|need| need.state == State::Missing));
    let right = if lacks { format!("MISSING, {right}") } else { right };
    let right = match super::role::of_another(scene, step, state) {
        Some(role) => format!("{role}  {right}").trim_end().to_owned(),
        None => right,
    };
    let style = match (lacks, doubtful(scene.incident, state)) {
        (true, _) => look.bad(),
        (false, true) => look.warn(),
        (false, false) => look.mark(state.mark),
    };
    (cut_start(&right, room / 2), style)
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
