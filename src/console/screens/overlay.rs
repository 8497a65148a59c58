//! What stands over a screen: questions as dialogs, which-key, the window that is too small.

use crate::console::core::keymap::spell;
use crate::console::core::model::{Model, Screen};
use crate::console::core::palette;
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind, Prompt};
use crate::console::screens::{approval, page};
use crate::console::widgets::dialog::{frame, hints};
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::text::{cut_end, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// Draws what stands over the screen; gives the cursor's place, if it moved there.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    match &model.prompt {
        Some(prompt) => match &prompt.kind {
            Kind::Confirm(confirm) => approval::draw(model, prompt, confirm, now, area, buf),
            Kind::Choice(choice) => draw_choice(model, choice, area, buf),
            Kind::Field(field) => match field.purpose {
                FieldPurpose::Filter { .. } | FieldPurpose::Search(_) => draw_line(model, field, area, buf),
                FieldPurpose::Palette => draw_palette(model, field, area, buf),
                _ => draw_field(model, prompt, field, area, buf),
            },
        },
        None if !model.chord.is_empty() => {
            which_key(model, area, buf);
            None
        }
        None => None,
    }
}

/// The keys that may follow the ones that were pressed.
fn which_key(model: &Model, area: Rect, buf: &mut Buffer) {
    let place = model.place();
    let follow: Vec<(String, String)> = model
        .keymap
        .at(place)
        .flat_map(|b| b.on.iter().map(move |on| (on, b)))
        .filter(|(on, _)| on.len() > model.chord.len() && on.starts_with(&model.chord))
        .map(|(on, b)| (spell(&on[model.chord.len()..]), b.desc.clone()))
        .collect();
    let height = follow.len() as u16 + 2;
    let wide = follow.iter().map(|(k, d)| width(k) + width(d) + 6).max().unwrap_or(20) as u16;
    let bottom = Rect { y: area.y + area.height.saturating_sub(height + 2), height: height.min(area.height), ..area };
    let room = frame(buf, bottom, (wide + 4, height), &format!("{} ...", spell(&model.chord)), model.look);
    for (row, (key, desc)) in follow.iter().enumerate() {
        let pieces = [(format!("{key:<4}"), model.look.key()), (desc.clone(), model.look.plain())];
        paint::line(buf, room, row as u16, &pieces);
    }
}

fn draw_line(model: &Model, field: &Field, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let at = Rect { y: area.y + area.height.saturating_sub(2), height: 1, ..area };
    let searches = matches!(field.purpose, FieldPurpose::Search(_));
    let words = if searches { " / " } else { " filter: " };
    paint::text(buf, at, 0, &" ".repeat(usize::from(area.width)), model.look.plain());
    paint::text(buf, at, 0, words, model.look.key());
    let x = at.x + width(words) as u16;
    let room = Rect { x, width: area.width.saturating_sub(width(words) as u16), ..at };
    (&field.area).render(room, buf);
    let keys = Rect { y: at.y + 1, ..at };
    paint::text(buf, keys, 0, &" ".repeat(usize::from(area.width)), model.look.plain());
    let (enter, esc) = if searches { ("stay there", "back to where it began") } else { ("keep", "cancel") };
    let mut below = hints(&[("Enter", enter), ("Esc", esc), ("C-u", "clear")], model.look);
    if searches && model.toast.as_deref() == Some("not found") {
        below.push((" not found".to_owned(), model.look.bad()));
    }
    if let (FieldPurpose::Filter { .. }, Some(trouble)) = (&field.purpose, &model.findings.trouble) {
        // What is wrong needs all the room there is.
        below = vec![(format!(" {trouble}"), model.look.bad())];
    }
    paint::line(buf, keys, 0, &below);
    Some((x + (field.area.cursor().1 as u16).min(room.width.saturating_sub(1)), at.y))
}

fn draw_field(model: &Model, prompt: &Prompt, field: &Field, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let look = model.look;
    let wide = area.width.saturating_sub(4).min(90);
    let tall = if field.lines { 9 } else { 5 };
    // In an incident the step's text stays in sight: the field stands above it.
    let area = match model.screen() {
        Screen::Incident => Rect { y: area.y + 1, height: tall.min(area.height.saturating_sub(1)), ..area },
        _ => area,
    };
    let room = frame(buf, area, (wide, tall), &field.title, look);
    if room.height == 0 {
        return None;
    }
    let text = Rect { height: room.height.saturating_sub(2), ..room };
    (&field.area).render(text, buf);
    let between = room.height.saturating_sub(2);
    match (&prompt.trouble, field.hint.is_empty()) {
        (Some(trouble), _) => paint::text(buf, room, between, trouble, look.bad()),
        (None, false) => paint::text(buf, room, between, &field.hint, look.plain()),
        (None, true) => {}
    }
    let enter = match field.purpose {
        FieldPurpose::Evidence(_) => "attach",
        FieldPurpose::Entity(_) | FieldPurpose::NewVariable => "next",
        FieldPurpose::Summary(_) => "close the session",
        FieldPurpose::TriageField => "plan",
        _ => "save",
    };
    let keys: &[(&str, &str)] = match field.lines {
        true => &[("Enter", enter), ("C-j", "new line"), ("Esc", "cancel")],
        false => &[("Enter", enter), ("Esc", "cancel")],
    };
    paint::line(buf, room, room.height - 1, &hints(keys, look));
    let (row, column) = (field.area.cursor().0, field.area.cursor().1);
    let place = |at: u16, by: usize, max: u16| at + (by as u16).min(max.saturating_sub(1));
    Some((place(text.x, column, text.width), place(text.y, row, text.height)))
}

fn draw_palette(model: &Model, field: &Field, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let look = model.look;
    let found = palette::found(model);
    let tall = area.height.saturating_sub(4).min(18);
    let room = frame(buf, area, (area.width.saturating_sub(6).min(80), tall), &field.title, look);
    if room.height < 3 {
        return None;
    }
    paint::text(buf, room, 0, ":", look.key());
    let input = Rect { x: room.x + 1, width: room.width.saturating_sub(1), height: 1, ..room };
    (&field.area).render(input, buf);
    let list = Rect { y: room.y + 1, height: room.height - 2, ..room };
    let first = paint::first_row(field.selected, found.len(), usize::from(list.height));
    if found.is_empty() {
        paint::text(buf, list, 0, " no command is called that", look.plain());
    }
    for (at, binding) in found.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let row = (at - first) as u16;
        let mark = if at == field.selected { ">" } else { " " };
        let pieces: [Piece; 3] = [
            (format!("{mark} {:<18}", binding.run.name()), look.strong()),
            (format!("{:<10} ", cut_end(&binding.keys(), 10)), look.key()),
            (binding.desc.clone(), look.plain()),
        ];
        paint::line(buf, list, row, &pieces);
        if at == field.selected {
            paint::select(buf, list, row, look);
        }
    }
    paint::line(buf, room, room.height - 1, &hints(&[("Enter", "run"), ("Down", "next"), ("Esc", "close")], look));
    Some((input.x + field.area.cursor().1 as u16, input.y))
}

fn draw_choice(model: &Model, choice: &Choice, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let look = model.look;
    let keys = choice_keys(choice, look);
    let foot: usize = keys.iter().map(|(words, _)| width(words)).sum();
    let least = [width(&choice.title) + 10, foot + 4, 44];
    let about = choice.about.iter().map(|line| width(line) + 6);
    let digits = choice.choices.len().to_string().len();
    let wide = choice.choices.iter().map(|c| width(c) + 7 + digits).chain(least).chain(about).max().unwrap_or(44);
    let wide = (wide as u16).min(area.width.saturating_sub(4)).min(116);
    let most = usize::from(area.height.saturating_sub(7)).saturating_sub(choice.choices.len());
    let about = about_lines(choice, usize::from(wide).saturating_sub(4), most);
    let tall = ((choice.choices.len() + about.len()) as u16 + 4).min(area.height.saturating_sub(2));
    let room = frame(buf, area, (wide, tall), &choice.title, look);
    for (row, line) in about.iter().enumerate() {
        paint::text(buf, room, row as u16, line, look.plain());
    }
    let above = (about.len() as u16).min(room.height);
    let list = Rect { y: room.y + above, height: room.height.saturating_sub(1 + above), ..room };
    let first = paint::first_row(choice.selected, choice.choices.len(), usize::from(list.height));
    for (at, words) in choice.choices.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let row = (at - first) as u16;
        let selected = at == choice.selected;
        let mark = if selected { ">" } else { " " };
        paint::text(buf, list, row, &format!("{mark} {} {words}", at + 1), look.plain());
        if selected {
            paint::select(buf, list, row, look);
        }
    }
    if room.height > 1 {
        paint::line(buf, room, room.height - 1, &keys);
    }
    (room.height > 0).then_some((list.x, list.y + (choice.selected - first) as u16))
}

/// What stands above the choices, with an empty line below it; what has no room is counted.
fn about_lines(choice: &Choice, room: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = choice.about.iter().flat_map(|line| page::broken(line, room)).collect();
    if lines.len() > most {
        let shown = most.saturating_sub(1);
        let left = format!("... {} more line(s)", lines.len() - shown);
        lines.truncate(shown);
        lines.push(left);
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A digit selects and does no more: only Enter takes what is selected.
fn choice_keys(choice: &Choice, look: Look) -> Vec<Piece> {
    let select = match choice.choices.len().min(9) {
        0 | 1 => "j k".to_owned(),
        last => format!("j k 1-{last}"),
    };
    let esc = match choice.purpose {
        ChoicePurpose::Resume => "to the findings",
        ChoicePurpose::Leave | ChoicePurpose::Close | ChoicePurpose::Drift(_) | ChoicePurpose::Beside(_) => "stay",
        _ => "cancel",
    };
    hints(&[(&select, "select"), ("Enter", "take"), ("Esc", esc)], look)
}
