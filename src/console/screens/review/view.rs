//! How a review is drawn.
//!
//! ```text
//!  REVIEW session … record 33 of 57
//! --AT 14:08:29Z----------------------
//!  ..N....|.|.!..^....      the records as a strip: . event  N note  | action  ! failure  ^ cursor
//! --FINDING / STEPS at the cursor-----
//! --RECORDS*--------------------------
//!  #  UTC  +dt  WHO  WHAT
//! ```

use super::State;
use crate::console::core::model::Model;
use crate::console::screens::incident::{Pane, Scene, Values, panes, record_line};
use crate::console::screens::page;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::incident::{Weight, describe};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the review; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let state = model.review.as_ref()?;
    let look = model.look;
    let head = vec![(format!(" > {}", state.at.title.line()), look.plain())];
    let room = page::frame(model, now, area, &head, status(state, look), buf);
    let total = state.timeline.entries().len();
    let entry = state.timeline.entries().get(state.cursor);
    let when = entry.map_or(String::new(), |e| format!("AT {}", e.happened().strftime("%Y-%m-%d %H:%M:%SZ")));
    let right = format!("record {} of {total}", (state.cursor + 1).min(total));
    paint::rule(buf, room, "REVIEW", &when, &right, false, look);
    paint::line(buf, room, 1, &strip(state, usize::from(room.width), look));
    let below = Rect { y: room.y + 2, height: room.height.saturating_sub(2), ..room };
    let scene = Scene {
        incident: &state.at,
        entries: state.timeline.entries().get(..=state.cursor).unwrap_or_default(),
        books: &state.books,
        pane: state.pane,
        step: state.step,
        scroll: state.scroll,
        look,
        waiting: 0,
        values: Values {
            incident: &state.at,
            session: &state.id,
            responder: None,
            configured: None,
            book: None,
            aim: None,
            each: None,
        },
        me: None,
        by: entry.map(|e| &e.link.0),
        live: false,
        ready: None,
        drifted: false,
        trusted: None,
        latest: None,
    };
    // What ran then had run so long at that record.
    let now = entry.map_or(now, |e| e.happened());
    if state.jumped {
        return panes(&scene, now, below, buf);
    }
    let top = below.height * 3 / 5;
    panes(&Scene { pane: Pane::Steps, ..scene }, now, Rect { height: top, ..below }, buf);
    draw_records(state, look, Rect { y: below.y + top, height: below.height - top, ..below }, buf)
}

fn status(state: &State, look: Look) -> Vec<Piece> {
    let play = if state.playing { "playing" } else { "paused" };
    // An id may be as long as the line: what is cut off is its end, and not what the chain is worth.
    vec![(format!(" chain {}  {play}  {}", state.chain.verdict.as_str(), state.id), look.plain())]
}

/// The records as one character each, many in one where there is no room.
fn strip(state: &State, width: usize, look: Look) -> Vec<Piece> {
    let entries = state.timeline.entries();
    let room = width.saturating_sub(2).max(1);
    let per = entries.len().div_ceil(room).max(1);
    let mut text = String::from(" ");
    for (at, chunk) in entries.chunks(per).enumerate() {
        let weights: Vec<Weight> = chunk.iter().map(|e| describe(&e.event, state.timeline.incident()).0).collect();
        text.push(match () {
            () if state.cursor / per == at => '^',
            () if weights.contains(&Weight::Failure) => '!',
            () if weights.contains(&Weight::Action) => '|',
            () if weights.contains(&Weight::Note) => 'N',
            () => '.',
        });
    }
    vec![(text, look.strong())]
}

fn draw_records(state: &State, look: Look, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    paint::rule(buf, area, "RECORDS", "", "", true, look);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let entries = state.timeline.entries();
    let first = paint::first_row(state.cursor, entries.len(), usize::from(list.height));
    for (at, entry) in entries.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let row = (at - first) as u16;
        let before = at.checked_sub(1).and_then(|b| entries.get(b));
        let gap = before.map_or(0.0, |b| entry.happened().duration_since(b.happened()).as_secs_f64());
        // Less than a second back is how two clocks differ, and one thread from another: not that something was earlier.
        let gap = if gap > -1.0 { gap.max(0.0) } else { gap };
        let mark = if at == state.cursor { ">" } else { " " };
        let mut pieces = vec![(format!("{mark}{:>4} {gap:>8.1}s", at + 1), look.plain())];
        pieces.extend(record_line(entry, state.timeline.incident(), look));
        paint::line(buf, list, row, &pieces);
        if at == state.cursor {
            paint::select(buf, list, row, look);
        }
    }
    (list.height > 0).then_some((list.x, list.y + (state.cursor - first) as u16))
}
