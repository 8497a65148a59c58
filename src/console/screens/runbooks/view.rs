//! How the runbooks are drawn.
//!
//! ```text
//! narrow, 80x24                      wide, from 110 columns
//!  where am I > for: the finding      where am I > for: the finding
//! --RUNBOOKS* 36-----------------    --RUNBOOKS* 36-------|--TEXT title-----------
//! > id  source  trust  types title   > id  source  trust  | what it is
//! --TEXT title-------------------      …                  | its sections and steps
//!  what it is, its steps              status, keys
//! ```

use super::state::{Pane, Row, State, rows};
use crate::console::core::model::{Model, Screen};
use crate::console::screens::incident::style_of;
use crate::console::screens::page;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::runbook::{Origin, Runbook};
use quell_core::text::{cut_end, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From this width on the panes stand side by side.
const WIDE: u16 = 110;

/// The cells of a line of the list before its title.
pub(super) const BEFORE: usize = 53;

/// The list and the text. While the list has the focus it is as wide as its titles want, up to two thirds.
fn layout(area: Rect, (pane, wants): (Pane, usize)) -> [Rect; 2] {
    if area.width >= WIDE {
        let half = (area.width / 2).min(76);
        let left = match pane {
            Pane::List => half.max((wants as u16).min(area.width * 2 / 3)),
            Pane::Text => half,
        };
        let right = Rect { x: area.x + left + 1, width: area.width - left - 1, ..area };
        return [Rect { width: left, ..area }, right];
    }
    let list = match pane {
        Pane::List => area.height * 2 / 5 + 1,
        Pane::Text => area.height / 4,
    };
    let list = list.min(area.height);
    [Rect { height: list, ..area }, Rect { y: area.y + list, height: area.height - list, ..area }]
}

/// The panes in a window of this size: the first line, the status and the keys are the frame's.
fn panes((width, height): (u16, u16), state: &State) -> [Rect; 2] {
    layout(Rect::new(0, 0, width, height.saturating_sub(3)), (state.pane, state.wants))
}

/// Cells and lines of the text in a window of this size.
pub(super) fn text_room(size: (u16, u16), state: &State) -> (usize, usize) {
    let [_, text] = panes(size, state);
    (usize::from(text.width.saturating_sub(2)).max(8), usize::from(text.height.saturating_sub(1)))
}

/// Lines of the list in a window of this size.
pub(super) fn list_rows(size: (u16, u16), state: &State) -> usize {
    let [list, _] = panes(size, state);
    usize::from(list.height.saturating_sub(2))
}

/// Draws the runbooks; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let head = against(model);
    let room = page::frame(model, now, area, &head, page::log_state(model, now), buf);
    let [list, text] = layout(room, (model.runbooks.pane, model.runbooks.wants));
    let cursor = draw_list(model, list, buf);
    draw_text(model, text, buf);
    if area.width >= WIDE {
        let x = text.x.saturating_sub(1);
        for y in room.y..room.y + room.height {
            paint::text(buf, Rect { x, y, width: 1, height: 1 }, 0, model.look.bar(), model.look.rule(false));
        }
    }
    cursor
}

/// What a runbook would be opened for.
fn against(model: &Model) -> Vec<Piece> {
    let of_incident = model.saved().filter(|_| model.screens.contains(&Screen::Incident));
    let words = match (of_incident, model.findings.selected()) {
        (Some(incident), _) => format!("in {}", incident.title.line()),
        (None, Some(finding)) => {
            let line = |text: &Option<quell_core::text::Untrusted>| text.as_ref().map(|text| text.line().into_string());
            let what = [line(&finding.kind), line(&finding.resource.id)];
            format!("for {}", what.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        (None, None) => return Vec::new(),
    };
    vec![(format!(" > {words}"), model.look.plain())]
}

fn draw_list(model: &Model, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let (state, look) = (&model.runbooks, model.look);
    let right = match state.problems.len() {
        0 => String::new(),
        n => format!("{n} NOT READ"),
    };
    let count = format!("{}", model.library.len());
    paint::rule(buf, area, "RUNBOOKS", &count, &right, state.pane == Pane::List, look);
    let head = format!("  {:<24} {:<8} {:<9} {:>5}  TITLE", "ID", "SOURCE", "ACTIONS", "TYPES");
    paint::text(buf, area, 1, &head, look.strong());
    let list = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let rows = rows(&model.library, &state.problems);
    if rows.is_empty() {
        paint::text(buf, list, 0, " there are no runbooks", look.plain());
        return None;
    }
    let first = paint::first_row(state.selected, rows.len(), usize::from(list.height));
    for (at, row) in rows.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let y = (at - first) as u16;
        let mark = if at == state.selected { ">" } else { " " };
        match row {
            Row::Book(place) => {
                let Some(book) = model.library.get(*place) else { continue };
                let words = line(model, book, state.covers(*place).len(), usize::from(list.width));
                paint::text(buf, list, y, &format!("{mark} {words}"), look.plain());
            }
            Row::Problem(place) => {
                let words = state.problems.get(*place).map(|p| p.headline()).unwrap_or_default();
                let words = cut_end(&words, usize::from(list.width).saturating_sub(12));
                paint::text(buf, list, y, &format!("{mark} NOT READ {words}"), look.bad());
            }
        }
        if at == state.selected && state.pane == Pane::List {
            paint::select(buf, list, y, look);
        }
    }
    (list.height > 0).then_some((list.x, list.y + state.selected.saturating_sub(first) as u16))
}

/// A runbook in a line: what it is, where it came from, whether its actions may be planned, how many types get it.
fn line(model: &Model, book: &Runbook, covers: usize, room: usize) -> String {
    let id = cut_end(book.id.as_str(), 24);
    let source = if book.origin == Origin::BuiltIn { "built in" } else { "yours" };
    let actions = book.steps.iter().any(|step| step.action.is_some());
    let trust = match (actions, model.trusted.contains(&book.sha256)) {
        (false, _) => "none",
        (true, true) => "trusted",
        (true, false) => "READ ONLY",
    };
    let head = format!("{id:<24} {source:<8} {trust:<9} {covers:>5}  ");
    let title = cut_end(book.title.line().as_str(), room.saturating_sub(width(&head) + 2));
    format!("{head}{title}")
}

fn draw_text(model: &Model, area: Rect, buf: &mut Buffer) {
    let (state, look) = (&model.runbooks, model.look);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let height = usize::from(list.height);
    let below = state.page.len().saturating_sub(state.scroll + height);
    let right = match below {
        0 => String::new(),
        1 => "1 more line, Tab".to_owned(),
        n => format!("{n} more lines, Tab"),
    };
    paint::rule(buf, area, "TEXT", "", &right, state.pane == Pane::Text, look);
    for (row, pieces) in state.page.iter().skip(state.scroll).take(height).enumerate() {
        let mut line = vec![(" ".to_owned(), look.plain())];
        line.extend(pieces.iter().map(|(style, words)| (words.clone(), style_of(*style, look))));
        paint::line(buf, list, row as u16, &line);
    }
}
