//! How the list is drawn.
//!
//! ```text
//!  where am I
//! --FINDINGS* 37 of 212--------------------------filter: sev>=med
//!   SEV  LAST SEEN    xN TYPE                RESOURCE       ACCOUNT  STATE
//! > CRIT 11-21 14:05   9 UnauthorizedAcc~    i-0abc…        1111…    new
//! --SELECTED-------------------------------------------------------
//!  what the finding says, and which runbook fits
//!  each source that brings nothing, and what to do
//!  the other sources, status, keys
//! ```

use super::sources;
use super::state::State;
use crate::console::core::model::Model;
use crate::console::screens::page;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::finding::{Finding, Status};
use quell_core::incident::Life;
use quell_core::runbook::matching::best;
use quell_core::text::{Untrusted, cut_end, cut_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the list; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let room = page::frame(model, now, area, &[], status(model), buf);
    // Two lines of titles and five rows stay for the list.
    let most = if model.findings.count() > 0 { usize::from(room.height.saturating_sub(7)) } else { 0 };
    let quiet = sources::quiet(model, usize::from(room.width), most);
    let told = if model.findings.count() > 0 { quiet.len() as u16 } else { 0 };
    let below = if room.height >= 12 + told && model.findings.total() > 0 { 5 } else { 0 };
    let parts = paint::rows(room, &[room.height - below - told, below, told]);
    let [list, detail, foot] = &parts[..] else { return None };
    for (row, pieces) in quiet.iter().take(usize::from(told)).enumerate() {
        paint::line(buf, *foot, row as u16, pieces);
    }
    let state = &model.findings;
    let right = match &state.trouble {
        Some(trouble) => format!("filter: {} ({trouble})", crate::problem::clean(&state.filter)),
        None if state.filter.is_empty() => String::new(),
        None => format!("filter: {}", crate::problem::clean(&state.filter)),
    };
    let right = cut_end(&right, usize::from(list.width) / 2);
    let more = format!("{} of {}", state.count(), state.total());
    paint::rule(buf, *list, "FINDINGS", &more, &right, true, model.look);
    let columns = Columns::of(usize::from(list.width));
    paint::line(buf, *list, 1, &[(columns.head(), model.look.strong())]);
    let rows = Rect { y: list.y + 2, height: list.height.saturating_sub(2), ..*list };
    let cursor = draw_rows(model, &columns, rows, buf);
    if detail.height > 0 {
        draw_detail(model, *detail, buf);
    }
    cursor
}

fn draw_rows(model: &Model, columns: &Columns, rows: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let state = &model.findings;
    if state.count() == 0 {
        for (row, pieces) in empty(model, usize::from(rows.width), usize::from(rows.height)).iter().enumerate() {
            paint::line(buf, rows, row as u16, pieces);
        }
        return None;
    }
    let first = paint::first_row(state.selected, state.count(), usize::from(rows.height));
    for (at, finding) in state.shown().enumerate().skip(first).take(usize::from(rows.height)) {
        let y = (at - first) as u16;
        let selected = at == state.selected;
        paint::line(buf, rows, y, &columns.row(state, finding, selected, model.look));
        if selected {
            paint::select(buf, rows, y, model.look);
        }
    }
    Some((rows.x, rows.y + (state.selected - first) as u16))
}

/// An empty list says why: nothing found, nothing read yet, not enabled, hidden by the filter.
fn empty(model: &Model, room: usize, rows: usize) -> Vec<Vec<Piece>> {
    let state = &model.findings;
    let plain = |words: String| vec![(words, model.look.plain())];
    if state.total() > 0 && state.trouble.is_some() {
        return vec![plain(" the filter can't be read yet; the rows are those of what was typed before".into())];
    }
    if state.total() > 0 {
        return vec![plain(format!(" the filter hides {} finding(s); Esc clears it", state.total()))];
    }
    if state.health.is_empty() {
        return vec![plain(" connecting; the findings come as they are read".into())];
    }
    let mut lines = vec![plain(" no findings to show:".to_owned())];
    lines.extend(sources::answering(model, room).into_iter().map(plain));
    let left = rows.saturating_sub(lines.len());
    lines.extend(sources::quiet(model, room, left));
    lines
}

fn draw_detail(model: &Model, area: Rect, buf: &mut Buffer) {
    let look = model.look;
    paint::rule(buf, area, "SELECTED", "", "", false, look);
    let Some(finding) = model.findings.selected() else { return };
    let line = |t: &Option<Untrusted>| t.as_ref().map(|t| t.line().into_string()).unwrap_or_default();
    let what = finding.kind.as_ref().map(|k| k.line().into_string());
    let class = finding.resource.kind.as_ref().map(|k| k.line().into_string());
    let book = best(&model.library, what.as_deref(), class.as_deref());
    let book = book.map_or("none".to_owned(), |(b, _)| {
        let actions = b.steps.iter().filter(|s| s.action.is_some()).count();
        format!("{} ({} steps, {actions} actions)", b.id, b.steps.len())
    });
    let (id, name) = (line(&finding.resource.id), line(&finding.resource.name));
    // What is called by its id is said once.
    let name = if name == id { String::new() } else { name };
    let mut where_it_is = vec![id, name, class.unwrap_or_default(), line(&finding.region)];
    where_it_is.retain(|part| !part.is_empty());
    let lines = [
        what.unwrap_or_default(),
        line(&finding.title),
        where_it_is.join("  "),
        match model.sessions.worked_on(&finding.id) {
            Some(session) => format!("in a session of {session}; runbook: {book}"),
            None => format!("runbook: {book}"),
        },
    ];
    for (row, words) in lines.iter().enumerate() {
        let style = if row == 0 { look.strong() } else { look.plain() };
        paint::text(buf, area, row as u16 + 1, &format!(" {words}"), style);
    }
}

fn status(model: &Model) -> Vec<Piece> {
    let look = model.look;
    let state = &model.findings;
    let mut pieces = Vec::new();
    if state.waiting() > 0 {
        pieces.push((format!(" +{} new (r)", state.waiting()), look.warn()));
        if let Some((label, count)) = state.waiting_worst() {
            pieces.push((format!(" {count} {}", label.short()), look.severity(Some(label))));
        }
    }
    if !state.marked.is_empty() {
        pieces.push((format!(" {} marked", state.marked.len()), look.strong()));
    }
    if let Some(session) = &model.session {
        let incident = session.saved();
        let runs = incident.actions.values().filter(|a| a.life == Life::Started).count();
        if runs > 0 {
            pieces.push((format!(" {runs} action(s) running "), look.warn()));
        }
        let word = if incident.closed.is_some() { "closed" } else { "open" };
        let title = cut_end(incident.title.line().as_str(), 24);
        pieces.push((format!(" {word}: {title} "), look.plain()));
    }
    pieces.extend(sources::status(model));
    pieces
}

/// Widths of the columns that share what is left beside the fixed ones.
struct Columns {
    kind: usize,
    resource: usize,
    account: usize,
    state: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let left = width.saturating_sub(27);
        let state = if width >= 100 { 10 } else { 5 };
        let account = if width >= 100 { 13 } else { 5 };
        let rest = left.saturating_sub(state + account + 2);
        let resource = rest * 2 / 5;
        Self { kind: rest - resource, resource, account, state }
    }

    fn head(&self) -> String {
        format!(
            "  {:<4}  {:<11} {:>4}  {} {} {} {}",
            "SEV",
            "LAST SEEN",
            "xN",
            fit("TYPE", self.kind),
            fit("RESOURCE", self.resource),
            fit("ACCOUNT", self.account),
            fit("STATE", self.state)
        )
    }

    fn row(&self, state: &State, f: &Finding, selected: bool, look: Look) -> Vec<Piece> {
        let marker = match (selected, state.marked.contains(&f.id)) {
            (true, true) => ">*",
            (true, false) => "> ",
            (false, true) => " *",
            (false, false) => "  ",
        };
        let text = |t: &Option<Untrusted>| t.as_ref().map(|t| t.line().into_string()).unwrap_or_default();
        let kind = what(f, self.kind);
        let resource = f.resource.id.as_ref().or(f.resource.name.as_ref()).map(|r| r.line().into_string());
        let seen = f.last_seen.or(f.updated).map_or(String::new(), |t| t.strftime("%m-%d %H:%M").to_string());
        let account = match state.alias(f) {
            Some(alias) => cut_end(crate::problem::clean(alias).as_str(), self.account),
            None => cut_start(&text(&f.account), self.account),
        };
        let label = f.severity.label;
        vec![
            (marker.to_owned(), look.strong()),
            (format!("{:<4}  ", label.map_or("", |l| l.short())), look.severity(label)),
            (format!("{seen:<11} {:>4}  ", f.count.map_or(String::new(), |c| c.to_string())), look.plain()),
            (format!("{kind} "), look.plain()),
            (format!("{} ", fit(&resource.unwrap_or_default(), self.resource)), look.plain()),
            (format!("{} ", fit(&account, self.account)), look.plain()),
            (fit(&state_word(state, f, self.state), self.state), look.plain()),
        ]
    }
}

/// What the finding is, in so many cells: its type, cut in the middle since types differ at both ends; after a short
/// one, such as a control's id, the title.
fn what(f: &Finding, cells: usize) -> String {
    let line = |t: &Option<Untrusted>| t.as_ref().map(|t| t.line().into_string()).unwrap_or_default();
    let (kind, title) = (line(&f.kind), line(&f.title));
    if kind.is_empty() || width(&kind) + 12 < cells {
        return fit(format!("{kind}  {title}").trim_start(), cells);
    }
    if width(&kind) <= cells {
        return fit(&kind, cells);
    }
    let head = cells * 3 / 4 + 1;
    let cut = cut_end(&kind, head) + cut_start(&kind, (cells + 1).saturating_sub(head)).trim_start_matches('~');
    fit(&cut, cells)
}

/// Where the finding stands, in so many cells: archived, Security Hub's workflow, open in a session; a star for one
/// that is in a session and has another word.
fn state_word(state: &State, f: &Finding, cells: usize) -> String {
    use quell_core::finding::Workflow;
    let attached = state.attached.contains(&f.id);
    let word = match (f.status, f.workflow) {
        (Status::Archived, _) => f.status.word(),
        (_, None | Some(Workflow::New)) if attached => return "open".into(),
        (_, None) => "new",
        (_, Some(workflow)) => workflow.word(),
    };
    let star = if attached { "*" } else { "" };
    match width(word) + star.len() <= cells {
        true => format!("{word}{star}"),
        false => word.chars().take(4).chain(star.chars()).collect(),
    }
}

fn fit(text: &str, cells: usize) -> String {
    let cut = cut_end(text, cells);
    let pad = cells.saturating_sub(width(&cut));
    cut + &" ".repeat(pad)
}
