//! The steps: which runbook, which phase, how far each is.

use super::row::{doubtful, right_of};
use super::state::{Pane, Row, rows, shown, steps};
use super::view::Scene;
use crate::action::State;
use crate::console::widgets::paint::{self, Piece};
use quell_core::incident::{Mark, OutlineStep, PassedOver, StepRef, StepState};
use quell_core::runbook::Phase;
use quell_core::runbook::template::fill_words;
use quell_core::text::{Untrusted, cut_end, cut_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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
    let version = |version: &Untrusted| format!(" v{}", version.line());
    let name = book.map(|b| format!("{}{}", b.id, b.version.as_ref().map(version).unwrap_or_default()));
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

/// Draws the pane; gives the cursor's place.
pub(super) fn draw_steps(scene: &Scene, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
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
