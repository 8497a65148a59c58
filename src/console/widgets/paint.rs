//! Writing cleaned text into the screen's cells, never beyond an area.

use super::look::Look;
use quell_core::text::{cut_end, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A piece of a line with its style; the text is clean already.
pub type Piece = (String, Style);

/// Writes one line at `row` of `area` (from 0), cut at its end with `~`.
pub fn line(buf: &mut Buffer, area: Rect, row: u16, pieces: &[Piece]) {
    if row >= area.height {
        return;
    }
    let mut x = area.x;
    let end = area.x.saturating_add(area.width);
    for (text, style) in pieces {
        let room = usize::from(end.saturating_sub(x));
        if room == 0 {
            return;
        }
        let shown = cut_end(text, room);
        let (next, _) = buf.set_stringn(x, area.y + row, &shown, room, *style);
        if shown != *text {
            return;
        }
        x = next;
    }
}

/// Writes one line of one style.
pub fn text(buf: &mut Buffer, area: Rect, row: u16, text: &str, style: Style) {
    line(buf, area, row, &[(text.to_owned(), style)]);
}

/// Marks a whole line as selected.
pub fn select(buf: &mut Buffer, area: Rect, row: u16, look: Look) {
    if row < area.height {
        buf.set_style(Rect { y: area.y + row, height: 1, ..area }, look.selected());
    }
}

/// A pane's title rule: `──STEPS* name──────right──`. The focused pane's title ends with `*`.
pub fn rule(buf: &mut Buffer, area: Rect, title: &str, more: &str, right: &str, focused: bool, look: Look) {
    if area.height == 0 {
        return;
    }
    let style = look.rule(focused);
    let full = look.dash().repeat(usize::from(area.width));
    text(buf, area, 0, &full, style);
    let star = if focused { "*" } else { "" };
    let room = usize::from(area.width).saturating_sub(width(right) + 6);
    let mut head = format!("{title}{star}");
    if !more.is_empty() {
        head = format!("{head} {more}");
    }
    let head = cut_end(&head, room);
    let at = |x: u16, w: usize| Rect {
        x: area.x + x.min(area.width),
        width: area.width.saturating_sub(x).min(w as u16),
        ..area
    };
    text(buf, at(2, width(&head)), 0, &head, style);
    let w = width(right);
    if w > 0 && usize::from(area.width) > w + 4 {
        text(buf, at(area.width - w as u16 - 2, w), 0, right, style);
    }
}

/// The first row to show, so that `selected` of `count` rows is seen: it moves by half a page at the edges, which
/// costs fewer bytes than a line at a time.
pub fn first_row(selected: usize, count: usize, height: usize) -> usize {
    if height == 0 || count <= height {
        return 0;
    }
    let half = (height / 2).max(1);
    let mut first = 0;
    while selected >= first + height {
        first += half;
    }
    first.min(count.saturating_sub(height).max(selected.saturating_sub(height - 1)))
}

/// Splits an area's rows: the first `heights` and what is left.
pub fn rows(area: Rect, heights: &[u16]) -> Vec<Rect> {
    let mut y = area.y;
    let bottom = area.y.saturating_add(area.height);
    heights
        .iter()
        .map(|h| {
            let height = (*h).min(bottom.saturating_sub(y));
            let rect = Rect { y, height, ..area };
            y += height;
            rect
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_seen() {
        for count in 0..60 {
            for height in 1..20 {
                for selected in 0..count {
                    let first = first_row(selected, count, height);
                    assert!(first <= selected && selected < first + height, "{selected} of {count} in {height}");
                }
            }
        }
        assert_eq!(first_row(10, 40, 10), 5);
        assert_eq!(first_row(39, 40, 10), 30);
        assert_eq!(first_row(9, 40, 10), 0);
    }

    #[test]
    fn a_line_stays_in_its_area() {
        let area = Rect::new(0, 0, 8, 2);
        let mut buf = Buffer::empty(area);
        line(&mut buf, Rect::new(2, 0, 4, 1), 0, &[("abc".into(), Style::new()), ("defg".into(), Style::new())]);
        let row: String = (0..8).map(|x| buf[(x, 0)].symbol().to_owned()).collect();
        assert_eq!(row, "  abc~  ");
    }
}
