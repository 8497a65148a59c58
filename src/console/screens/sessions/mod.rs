//! The list of sessions: resume an open one, review a past one, read its report.

use crate::console::core::command::Command;
use crate::console::core::effect::{LoadFor, Reaction, Reads};
use crate::console::core::input::SessionRow;
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::core::update::switch;
use crate::console::screens::page;
use crate::console::widgets::paint;
use jiff::Timestamp;
use quell_core::text::{Untrusted, cut_end, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// The list.
#[derive(Debug, Default)]
pub struct State {
    pub rows: Vec<SessionRow>,
    pub selected: usize,
    /// Whether the list was read once.
    pub listed: bool,
    /// Whether open sessions shall be offered at the start.
    pub offer: bool,
    /// The sessions that the question at the start names.
    pub offered: Vec<String>,
    /// What was last searched.
    pub search: String,
    by_finding: BTreeMap<Untrusted, String>,
}

impl State {
    /// An empty list; whether open sessions shall be offered as soon as it is read.
    pub fn offering(offer: bool) -> Self {
        Self { offer, ..Self::default() }
    }

    /// Takes in the list as it was read.
    pub fn take(&mut self, rows: Vec<SessionRow>) {
        self.listed = true;
        self.set(rows);
    }

    /// Takes in one session as it is known here.
    pub fn keep(&mut self, row: SessionRow) {
        let mut rows = self.rows.clone();
        rows.retain(|r| r.id != row.id);
        rows.push(row);
        self.set(rows);
    }

    /// The latest first. Of several open sessions that have a finding the latest counts; a triage session is no
    /// incident of its findings.
    fn set(&mut self, mut rows: Vec<SessionRow>) {
        rows.sort_by(|a, b| b.id.cmp(&a.id));
        self.by_finding.clear();
        for row in rows.iter().filter(|r| r.open && !is_triage(&r.title)) {
            for finding in &row.findings {
                self.by_finding.entry(finding.clone()).or_insert_with(|| row.id.clone());
            }
        }
        // What others begin comes in above; the cursor stays on its session.
        let stays = self.rows.get(self.selected).and_then(|row| rows.iter().position(|r| r.id == row.id));
        self.selected = stays.unwrap_or(self.selected).min(rows.len().saturating_sub(1));
        self.rows = rows;
    }

    /// When the latest session of a finding that is closed was opened.
    pub fn closed_with(&self, finding: &Untrusted) -> Option<Timestamp> {
        let closed = self.rows.iter().filter(|r| !r.open && !is_triage(&r.title));
        closed.filter(|r| r.findings.contains(finding)).find_map(|r| r.opened)
    }

    /// Whether an open session of the finding holds back what others could read in the account.
    pub fn quiet_on(&self, finding: &Untrusted) -> bool {
        self.rows.iter().any(|r| r.open && r.quiet && r.findings.contains(finding))
    }

    /// The findings of all open sessions that are not this console's own.
    pub fn open_findings(&self) -> impl Iterator<Item = Untrusted> {
        self.by_finding.keys().cloned()
    }

    /// Who works on a finding in an open session, and since when.
    pub fn worked_on(&self, finding: &Untrusted) -> Option<String> {
        let id = self.by_finding.get(finding)?;
        let row = self.rows.iter().find(|row| row.id == *id)?;
        let who: Vec<String> = row.responders.iter().map(|who| who.line().into_string()).collect();
        let since = row.opened.map_or_else(String::new, |at| at.strftime(" since %H:%MZ").to_string());
        Some(format!("{}{since}", who.join(", ")))
    }

    /// The open session that has a finding.
    pub fn with_finding(&self, finding: &Untrusted) -> Option<String> {
        self.by_finding.get(finding).cloned()
    }
}

/// How the title of a triage session of the day starts.
pub const TRIAGE: &str = "Triage ";

/// Whether this is the title of a triage session.
pub fn is_triage(title: &Untrusted) -> bool {
    title.line().as_str().starts_with(TRIAGE)
}

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let last = model.sessions.rows.len().saturating_sub(1);
    let page = usize::from(model.size.1.saturating_sub(6)).max(1);
    let state = &mut model.sessions;
    match command {
        Command::Down => state.selected = (state.selected + 1).min(last),
        Command::Up => state.selected = state.selected.saturating_sub(1),
        Command::Top => state.selected = 0,
        Command::Bottom => state.selected = last,
        Command::HalfDown | Command::PageDown => state.selected = (state.selected + page / 2).min(last),
        Command::HalfUp | Command::PageUp => state.selected = state.selected.saturating_sub(page / 2),
        Command::Resume => resume(model, ctx, out),
        Command::CopyId => {
            if let Some(row) = state.rows.get(state.selected) {
                out.reads.push(Reads::Copy(row.id.clone()));
            }
        }
        Command::Review => load(model, LoadFor::Review, out),
        Command::Reopen => take_up(model, ctx, out),
        Command::Report => load(model, LoadFor::Report, out),
        _ => {}
    }
}

fn resume(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(row) = model.sessions.rows.get(model.sessions.selected).cloned() else { return };
    if !row.open {
        return load(model, LoadFor::Review, out);
    }
    if model.session.as_ref().is_some_and(|s| s.id == row.id) {
        return model.show(Screen::Incident);
    }
    if switch(model, Some(&row.id), ctx, out) {
        model.show(Screen::Incident);
    }
}

/// A closed session is taken up as it stands; `:reopen` in it asks why.
fn take_up(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(row) = model.sessions.rows.get(model.sessions.selected).cloned() else { return };
    if row.open {
        return model.say("this session is open; Enter resumes it");
    }
    if model.session.as_ref().is_some_and(|s| s.id == row.id) || switch(model, Some(&row.id), ctx, out) {
        model.show(Screen::Incident);
    }
}

fn load(model: &mut Model, why: LoadFor, out: &mut Reaction) {
    if let Some(row) = model.sessions.rows.get(model.sessions.selected) {
        out.reads.push(Reads::Load { session: row.id.clone(), why });
    }
}

/// Draws the list; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let room = page::frame(model, now, area, &[], page::log_state(model, now), buf);
    let state = &model.sessions;
    let look = model.look;
    paint::rule(buf, room, "SESSIONS", &format!("{}", state.rows.len()), "", true, look);
    let who = room_of_who(usize::from(room.width));
    let head = format!("  {:<17} {:<7} {:>7}  {:<11} {:<who$} TITLE", "OPENED", "STATUS", "RECORDS", "CHAIN", "WHO");
    paint::text(buf, room, 1, &head, look.strong());
    let whole = state.rows.get(state.selected).map(|r| page::wrap(&titled(r), usize::from(area.width)));
    let whole = whole.unwrap_or_default();
    let below = if room.height >= 10 { 1 + whole.len().max(1) as u16 } else { 0 };
    let list = Rect { y: room.y + 2, height: room.height.saturating_sub(2 + below), ..room };
    if let (Some(row), true) = (state.rows.get(state.selected), below > 0) {
        let at = Rect { y: list.y + list.height, height: below, ..room };
        paint::rule(buf, at, "SELECTED", "", &format!("{} finding(s)", row.findings.len()), false, look);
        for (at_row, words) in whole.iter().enumerate() {
            paint::text(buf, at, 1 + at_row as u16, words, look.plain());
        }
    }
    if state.rows.is_empty() {
        let words = if state.listed { " no session was kept yet" } else { " reading" };
        paint::text(buf, list, 0, words, look.plain());
        return None;
    }
    let first = paint::first_row(state.selected, state.rows.len(), usize::from(list.height));
    for (at, row) in state.rows.iter().enumerate().skip(first).take(usize::from(list.height)) {
        let y = (at - first) as u16;
        let selected = at == state.selected;
        paint::text(buf, list, y, &line(row, selected, usize::from(room.width)), look.plain());
        if selected {
            paint::select(buf, list, y, look);
        }
    }
    Some((list.x, list.y + (state.selected - first) as u16))
}

/// What a session is called, and whether it is a drill of the simulated account.
fn titled(row: &SessionRow) -> String {
    format!("{}{}", row.title.line(), if row.simulated { " (simulated)" } else { "" })
}

/// In a narrow window the title has more of the room.
fn room_of_who(room: usize) -> usize {
    if room < 100 { 8 } else { 14 }
}

fn line(row: &SessionRow, selected: bool, room: usize) -> String {
    let opened = row.opened.map_or(String::new(), |t| t.strftime("%Y-%m-%d %H:%MZ").to_string());
    let who: Vec<String> = row.responders.iter().map(|r| r.line().into_string()).collect();
    let cells = room_of_who(room);
    let who = cut_end(&who.join(","), cells);
    let pad = " ".repeat(cells.saturating_sub(width(&who)));
    let mark = if selected { ">" } else { " " };
    let status = if row.open { "open" } else { "closed" };
    let chain = cut_end(&row.chain, 11);
    let head = format!("{mark} {opened:<17} {status:<7} {:>7}  {chain:<11} {who}{pad} ", row.records);
    let title = cut_end(&titled(row), room.saturating_sub(width(&head)));
    format!("{head}{title}")
}
