//! What stands over a screen: questions as dialogs, which-key, the window that is too small.

use crate::console::core::answer::palette;
use crate::console::core::keymap::spell;
use crate::console::core::model::{Model, Screen};
use crate::console::core::prompt::{Choice, ChoicePurpose, Confirm, Field, FieldPurpose, Kind, Prompt};
use crate::console::widgets::dialog::{frame, hints, lines};
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::text::{Untrusted, cut_end, cut_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// Draws what stands over the screen; gives the cursor's place, if it moved there.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    match &model.prompt {
        Some(prompt) => match &prompt.kind {
            Kind::Confirm(confirm) => draw_confirm(model, prompt, confirm, now, area, buf),
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
    if let Some(trouble) = &prompt.trouble {
        paint::text(buf, room, room.height.saturating_sub(2), trouble, look.bad());
    }
    let enter = match field.purpose {
        FieldPurpose::Evidence(_) => "attach",
        FieldPurpose::Entity(_) | FieldPurpose::NewVariable => "next",
        FieldPurpose::Summary(_) => "close the session",
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
    let found = palette(model);
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
    let wide = choice.choices.iter().map(|c| width(c) + 8).chain(least).max().unwrap_or(44);
    let wide = (wide as u16).min(area.width.saturating_sub(4));
    let tall = (choice.choices.len() as u16 + 4).min(area.height.saturating_sub(2));
    let room = frame(buf, area, (wide, tall), &choice.title, look);
    let list = Rect { height: room.height.saturating_sub(1), ..room };
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

/// A digit selects and does no more: only Enter takes what is selected.
fn choice_keys(choice: &Choice, look: Look) -> Vec<Piece> {
    let select = match choice.choices.len().min(9) {
        0 | 1 => "j k".to_owned(),
        last => format!("j k 1-{last}"),
    };
    let esc = match choice.purpose {
        ChoicePurpose::Resume => "to the findings",
        ChoicePurpose::Leave => "stay",
        _ => "cancel",
    };
    hints(&[(&select, "select"), ("Enter", "take"), ("Esc", esc)], look)
}

fn draw_confirm(
    model: &Model,
    prompt: &Prompt,
    confirm: &Confirm,
    now: Timestamp,
    area: Rect,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    let look = model.look;
    let plan = &confirm.plan;
    let wide = area.width.saturating_sub(2).min(110);
    let facts = facts(model, confirm, usize::from(wide).saturating_sub(4));
    let foot = 5;
    let tall = (facts.len() as u16 + foot + 2).min(area.height.saturating_sub(2));
    let at = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let title = format!("CONFIRM: {} (danger {})", plan.title.line(), plan.danger);
    let room = frame(buf, at, (wide, tall), &title, look);
    if room.height <= foot {
        return None;
    }
    let list = Rect { height: room.height - foot, ..room };
    let height = usize::from(list.height);
    let first = confirm.scroll.min(facts.len().saturating_sub(height));
    lines(buf, list, 0, facts.get(first..).unwrap_or_default());
    let below = facts.len().saturating_sub(first + height);
    let bottom = Rect { y: room.y + room.height - foot, height: foot, ..room };
    if below + first > 0 {
        let words = format!("{below} more lines below, {first} above: Down and Up read them");
        paint::text(buf, bottom, 2, &words, look.warn());
    }
    if let Some(trouble) = &prompt.trouble {
        paint::text(buf, bottom, 2, &format!("{trouble:<60}"), look.bad());
    }
    draw_gesture(model, confirm, now, bottom, buf)
}

fn draw_gesture(model: &Model, confirm: &Confirm, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let look = model.look;
    let typed = Untrusted::from(confirm.typed.as_str()).line();
    let room = usize::from(area.width).saturating_sub(confirm.token.len().min(24) + 4);
    // An id that is too long is cut at its start: its end is what must be typed.
    let of = |words: &str| {
        let id = cut_start(confirm.plan.confirm.line().as_str(), room.saturating_sub(width(words) + 2));
        format!("{words} {id}:")
    };
    let ask = match confirm.plan.danger {
        0 | 1 => "Type y to approve:".to_owned(),
        2 => of("Type the last four characters of"),
        _ => of("Type the whole of"),
    };
    paint::line(
        buf,
        area,
        0,
        &[(format!("{ask} ["), look.strong()), (typed.to_string(), look.key()), ("]".into(), look.strong())],
    );
    paint::text(buf, area, 1, "reason:", look.strong());
    let reason = Rect { x: area.x + 8, y: area.y + 1, width: area.width.saturating_sub(8), height: 1 };
    let mut words = confirm.reason.clone();
    if !confirm.in_reason {
        words.set_cursor_style(look.plain());
    }
    (&words).render(reason, buf);
    let (cancel, approve) = match confirm.complete() {
        _ if confirm.in_reason => ("  Cancel  ", "  approve (Enter leaves the reason first)"),
        true => ("  Cancel  ", "[ Approve ] Enter sends it"),
        false => ("[ Cancel ] Enter cancels", "  approve (type first)"),
    };
    let words = format!("{cancel}    {approve}");
    paint::text(buf, area, 3, &words, if confirm.complete() { look.bad() } else { look.strong() });
    paint::line(buf, area, 4, &leave(model, confirm, now));
    let y = area.y + u16::from(confirm.in_reason);
    let x = match confirm.in_reason {
        true => reason.x + confirm.reason.cursor().1 as u16,
        false => area.x + (width(&ask) + 2 + typed.width()) as u16,
    };
    Some((x.min(area.x + area.width.saturating_sub(1)), y))
}

/// The keys of an approval; where none can be given, why, and what to do about it.
fn leave(model: &Model, confirm: &Confirm, now: Timestamp) -> Vec<Piece> {
    let look = model.look;
    let why = match (model.account.armed(now), model.account.read_only) {
        (true, _) if confirm.in_reason => return hints(&[("Esc", "cancel"), ("Enter", "back to the approval")], look),
        (true, _) => return hints(&[("Esc", "cancel"), ("Tab", "reason"), ("Enter", "on the choice above")], look),
        (_, true) => "READ ONLY: approving sends nothing; quell was started with --read-only",
        _ => "READ ONLY: approving sends nothing; cancel, then :arm",
    };
    vec![(why.to_owned(), look.bad())]
}

/// All that is sent, to what, as whom, what it destroys and how it is undone.
fn facts(model: &Model, confirm: &Confirm, room: usize) -> Vec<Vec<Piece>> {
    let look = model.look;
    let plan = &confirm.plan;
    let target = &plan.target;
    let mut rows: Vec<(&str, String, ratatui::style::Style)> =
        vec![("target", target.resource.line().into_string(), look.strong())];
    if plan.danger > 1 && plan.confirm != target.resource {
        rows.push(("to type", plan.confirm.line().into_string(), look.strong()));
    }
    let place = format!("{} {} {}", target.account.line(), target.region.line(), target.partition.line());
    rows.push(("where", place, look.plain()));
    if let Some(Ok(identity)) = &model.account.identity {
        rows.push(("as", identity.arn.line().into_string(), look.plain()));
    }
    match plan.destroys.is_empty() {
        true => rows.push(("destroys", "nothing".into(), look.plain())),
        false => rows.extend(plan.destroys.iter().map(|d| ("DESTROYS", d.line().into_string(), look.bad()))),
    }
    rows.push(("undo", plan.undo.line().into_string(), look.plain()));
    rows.extend(plan.warnings.iter().map(|w| ("NOTE", w.line().into_string(), look.warn())));
    // Who calls stands above as what is known now.
    for fact in plan.facts.iter().filter(|f| f.name.line().as_str() != "caller") {
        rows.push(("found", format!("{}: {}", fact.name.line(), fact.value.line()), look.plain()));
    }
    for request in &plan.requests {
        let input = quell_core::text::json::to_string(&request.input).unwrap_or_default();
        rows.push(("sends", format!("{}:{} {input}", request.service, request.operation), look.strong()));
    }
    let mut lines = Vec::new();
    for (name, words, style) in rows {
        for (at, part) in fold(&words, room.saturating_sub(10)).into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            lines.push(vec![(format!("{name:<9} "), look.rule(false)), (part, style)]);
        }
    }
    lines
}

/// Breaks words into lines; a word that is too long (JSON, an ARN) is broken where the room ends.
fn fold(words: &str, room: usize) -> Vec<String> {
    let room = room.max(8);
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split(' ') {
        let mut rest = word.to_owned();
        let last = lines.last().map_or(0, |l| width(l));
        if last > 0 && last + 1 + width(&rest) > room {
            lines.push(String::new());
        } else if last > 0 {
            lines.iter_mut().last().into_iter().for_each(|l| l.push(' '));
        }
        while !rest.is_empty() {
            let free = room - lines.last().map_or(0, |l| width(l)).min(room - 1);
            let mut head = String::new();
            while let Some(c) = rest.chars().next().filter(|c| width(&head) + width(&c.to_string()) <= free) {
                head.push(c);
                rest.remove(0);
            }
            if head.is_empty() && width(lines.last().map_or("", |l| l)) == 0 {
                break;
            }
            lines.iter_mut().last().into_iter().for_each(|l| l.push_str(&head));
            if !rest.is_empty() {
                lines.push(String::new());
            }
        }
    }
    lines
}
