//! The words of a field: how they are put there, typed and taken out.

use super::key::Key;
use super::prompt::Answer;
use crossterm::event::KeyCode;
use quell_core::text::{Shape, Untrusted};
use tui_textarea::TextArea;

pub(super) fn area(text: &Untrusted) -> TextArea<'static> {
    let clean = text.clean(Shape::Block);
    let mut area = TextArea::new(clean.as_str().split('\n').map(str::to_owned).collect());
    area.set_cursor_line_style(ratatui::style::Style::new());
    area.move_cursor(tui_textarea::CursorMove::Bottom);
    area.move_cursor(tui_textarea::CursorMove::End);
    area
}

pub(super) fn text_of(area: &TextArea<'static>) -> Untrusted {
    let text = area.lines().join("\n");
    text.trim().into()
}

pub(super) fn edit(area: &mut TextArea<'static>, key: Key, lines: bool) -> Answer {
    use crossterm::event::{KeyEvent, KeyModifiers};
    match key.code {
        KeyCode::Char('j') if key.ctrl && lines => area.insert_newline(),
        KeyCode::Char('j' | 'm') if key.ctrl => return Answer::Ignored,
        KeyCode::Char('u') if key.ctrl => {
            area.delete_line_by_head();
        }
        // A tab or a hidden character has no place in a field.
        KeyCode::Char(c) if quell_core::text::is_hidden(c) => return Answer::Ignored,
        KeyCode::Tab | KeyCode::BackTab | KeyCode::Enter => return Answer::Ignored,
        code => {
            let mut modifiers = KeyModifiers::NONE;
            modifiers.set(KeyModifiers::CONTROL, key.ctrl);
            modifiers.set(KeyModifiers::ALT, key.alt);
            area.input(KeyEvent::new(code, modifiers));
        }
    }
    Answer::Stay
}

pub(super) fn insert(area: &mut TextArea<'static>, text: &Untrusted, lines: bool) {
    let clean = text.clean(Shape::Block);
    match lines {
        true => area.insert_str(clean.as_str()),
        // What stood on several lines stands on one, whole.
        false => area.insert_str(clean.as_str().split('\n').map(str::trim).collect::<Vec<_>>().join(" ").trim()),
    };
}
