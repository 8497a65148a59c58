//! Boxes over a screen: questions, which-key, the palette.

use super::look::Look;
use super::paint::{Piece, line, text};
use quell_core::text::cut_end;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Clears and frames a box of the wanted size in the middle of `area`; gives the room inside.
pub fn frame(buf: &mut Buffer, area: Rect, wanted: (u16, u16), title: &str, look: Look) -> Rect {
    let width = wanted.0.min(area.width);
    let height = wanted.1.min(area.height);
    let outer = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    Clear.render(outer, buf);
    if width < 4 || height < 3 {
        return Rect { width: 0, height: 0, ..outer };
    }
    let style = look.rule(true);
    let [tl, tr, bl, br] = look.corners();
    let dashes = look.dash().repeat(usize::from(width) - 2);
    text(buf, outer, 0, &format!("{tl}{dashes}{tr}"), style);
    for row in 1..height - 1 {
        text(buf, outer, row, look.bar(), style);
        text(buf, Rect { x: outer.x + width - 1, width: 1, ..outer }, row, look.bar(), style);
    }
    text(buf, outer, height - 1, &format!("{bl}{dashes}{br}"), style);
    let head = Rect { x: outer.x + 2, width: width - 4, ..outer };
    text(buf, head, 0, &format!(" {} ", cut_end(title, usize::from(width).saturating_sub(8))), style);
    Rect { x: outer.x + 2, y: outer.y + 1, width: width - 4, height: height - 2 }
}

/// Keys and words for a footer: `Enter open  Space mark`.
pub fn hints(pairs: &[(&str, &str)], look: Look) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (key, word) in pairs {
        pieces.push((format!(" {key}"), look.key()));
        pieces.push((format!(" {word} "), look.plain()));
    }
    pieces
}

/// Writes lines into a box, those that fit.
pub fn lines(buf: &mut Buffer, area: Rect, from: u16, lines: &[Vec<Piece>]) -> u16 {
    let mut row = from;
    for pieces in lines {
        line(buf, area, row, pieces);
        row += 1;
    }
    row
}
