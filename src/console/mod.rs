//! The only room that draws: the machine, its screens, what they are drawn with, and the shell around them.

pub mod core;
pub mod screens;
pub mod shell;
pub mod widgets;

use self::core::model::{Model, Screen};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws all of the console; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let (width, height) = screens::page::SMALLEST;
    if area.width < width || area.height < height {
        let words = format!("window too small: {width}x{height} needed");
        widgets::paint::text(buf, area, 0, &words, model.look.strong());
        return None;
    }
    let below = match model.screen() {
        Screen::Findings => screens::findings::draw(model, now, area, buf),
        Screen::Incident => screens::incident::draw(model, now, area, buf),
        Screen::Sessions => screens::sessions::draw(model, now, area, buf),
        Screen::Review => screens::review::draw(model, now, area, buf),
        Screen::Runbooks => screens::runbooks::draw(model, now, area, buf),
        Screen::Text => screens::text::draw(model, now, area, buf),
    };
    let cursor = screens::overlay::draw(model, now, area, buf).or(below);
    if model.look.ascii {
        reduce(buf);
    }
    cursor
}

/// What came from outside may hold letters that a terminal without UTF-8 can't show: each stands as `?`, in its cells.
fn reduce(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol("?");
        }
    }
}
