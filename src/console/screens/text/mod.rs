//! Text to read: the report, the help, the call log. It scrolls and is searched.

mod sets;

use crate::action::{Standing, standing, words};
use crate::aws::Call;
use crate::console::core::command::Command;
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::keymap::Where;
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::screens::incident::{self, ready_lines};
use crate::console::screens::page;
use crate::console::widgets::paint;
use crate::problem::Problem;
use jiff::Timestamp;
use quell_core::export::report as report_of;
use quell_core::incident::{EvidenceCustody, Timeline};
use quell_core::record::Verification;
use quell_core::text::{Untrusted, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const SETS: &str = "SETS";

/// The text on screen.
#[derive(Debug, Default)]
pub struct State {
    pub title: String,
    /// Clean lines.
    pub lines: Vec<String>,
    /// What is copied of a line, where that is more than stands there.
    pub whole: Vec<Option<String>>,
    pub top: usize,
    pub search: String,
    /// The line of the current match.
    pub hit: Option<usize>,
    /// The session and the Markdown of a report.
    pub report: Option<(String, String)>,
    /// The containments that are listed.
    pub standing: Vec<Standing>,
    /// The evidence that is shown.
    pub piece: Option<Piece>,
    /// The text that this one was opened over.
    pub under: Option<Box<State>>,
}

/// A piece of evidence: the session that holds it, and its name in the records.
#[derive(Clone, Debug)]
pub struct Piece {
    pub session: String,
    pub blob: String,
}

/// Shows a text over what is on screen; a report that it covers comes back when it is closed.
fn over(model: &mut Model, title: String, lines: Vec<String>) {
    let covered = std::mem::take(&mut model.text);
    let under = match model.screen() {
        Screen::Text => beneath(covered, &title),
        _ => None,
    };
    model.text = State { title, lines, under, ..State::default() };
    model.show(Screen::Text);
}

/// What a text of that title covers: the texts below it, without one of the same title.
fn beneath(covered: State, title: &str) -> Option<Box<State>> {
    match covered.title == title {
        true => covered.under,
        false => {
            let under = covered.under.and_then(|under| beneath(*under, title));
            Some(Box::new(State { under, ..covered }))
        }
    }
}

/// Shows the report of a session.
pub fn report(model: &mut Model, session: &str, timeline: &Timeline, chain: &Verification) {
    let (incident, entries) = (timeline.incident(), timeline.entries());
    let text = report_of(incident, entries, chain, &standing(incident, entries));
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let lines = text.lines().flat_map(|l| page::broken(Untrusted::from(l).line().as_str(), room)).collect();
    let report = Some((session.to_owned(), text));
    model.text = State { title: "REPORT".into(), lines, report, ..State::default() };
    model.show(Screen::Text);
}

/// Shows the keys of the screen on top, from the keymap.
pub fn help(model: &mut Model) {
    let place = model.place();
    let mut lines = intro(place);
    for wanted in place.scopes() {
        lines.push(String::new());
        lines.push(format!("Keys: {}", wanted.title()));
        let bindings = model.keymap.bindings.iter().filter(|b| b.place == *wanted);
        lines.extend(bindings.flat_map(|b| {
            let keys = if b.on.is_empty() { format!(":{}", b.run.name()) } else { b.keys() };
            // What goes on stands below its own column.
            let desc = page::broken(&b.desc, usize::from(model.size.0).saturating_sub(20).max(20));
            let column = |at: usize| if at == 0 { keys.clone() } else { String::new() };
            desc.into_iter()
                .enumerate()
                .map(move |(at, part)| format!("  {:<14} {part}", column(at)))
                .collect::<Vec<_>>()
        }));
    }
    lines.push(String::new());
    lines.push("Step marks: [ ] to do  [>] running  [x] done  [!] failed  [-] skipped".into());
    lines.push("            [~] open, passed over by a decision; Enter does it all the same".into());
    lines.push("            [?] unknown outcome: Enter looks up what happened".into());
    lines.push("Outside text shows hidden characters as escapes, such as \\u{202e}.".into());
    over(model, format!("HELP {}", place.title()), lines);
}

/// What the screen is for, in the words of someone who shows it to a colleague.
fn intro(place: Where) -> Vec<String> {
    let words: &[&str] = match place {
        Where::Findings => &[
            "Security findings, the worst first. Enter opens the selected one as an",
            "incident: its runbook beside it, and a log on disk of all that you do.",
            "Space marks several, so that they open together. STATE is where it stands:",
            "new, open in a session, notified, suppressed, resolved, archived; a",
            "star marks one that is in a session too. / filters, such as",
            "  sev>=high account:111122223333 type:*Crypto* -is:archived age<2h",
        ],
        Where::Incident => &[
            "One incident. Walk the steps with j and k; Enter does the selected one: it",
            "ticks a manual step, asks for a decision, or plans an action. A planned",
            "action is shown whole, and nothing is sent before you approve it. u undoes",
            "an action that succeeded. a notes what you see, o reads what actions gave",
            "out. :close ends the session with a resolution, R shows the report. Tab goes",
            "to the step's text, the timeline and the finding, to read more of them.",
            "To strike several at once: s a stages an action, s s approves all of them.",
            "Danger 1 is reversible without service impact, 2 reversible with it, 3",
            "irreversible or wide. ARMED: an approved action is sent.",
        ],
        Where::Sessions => {
            &["Every incident that was worked here. Enter resumes an open one or reviews", "a closed one."]
        }
        Where::Runbooks => &[
            "The runbooks at hand: yours, what of your folders could not be read, and the",
            "built-in ones. TYPES is how many types and controls get it. ACTIONS: trusted",
            "ones can be planned, READ ONLY ones once quell runbooks trust has the file.",
            "Enter opens the runbook in the incident that you come from, else in one of",
            "the finding that is selected in the list: the first line says which. e edits",
            "a file of yours, and shows what lint finds in it.",
        ],
        Where::Review => &[
            "A session as it was: h and l go from record to record, and the screen shows",
            "the state at that record. Nothing can be changed here. Enter shows the whole",
            "incident at the cursor.",
        ],
        _ => &["Text to read: j and k scroll, / searches, n and N go from match to match."],
    };
    words.iter().map(|w| (*w).to_owned()).collect()
}

/// So much of a piece of evidence is shown; a screen is no place for more.
const SHOWN: usize = 1 << 20;

/// Shows evidence as lines: JSON laid out, all else as it stands, made harmless and broken at the window's width. In the
/// open session that it was read is recorded.
pub fn evidence(model: &mut Model, name: &str, piece: Piece, bytes: &[u8], ctx: &Ctx, out: &mut Reaction) {
    let laid_out = serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let laid_out = laid_out.and_then(|json| serde_json::to_string_pretty(&json).ok());
    let head = bytes.get(..SHOWN).unwrap_or(bytes);
    let text = laid_out.unwrap_or_else(|| String::from_utf8_lossy(head).into_owned());
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let mut lines = Vec::new();
    for line in text.lines() {
        let clean = Untrusted::from(line).line().into_string();
        lines.extend(page::pieces(&clean, room));
    }
    if bytes.len() > SHOWN {
        lines.push(format!("... {} bytes in all; the whole file is in the session's evidence folder", bytes.len()));
    }
    over(model, format!("EVIDENCE {}", crate::problem::clean(name)), lines);
    model.text.piece = Some(piece);
    custody(model, "accessed", "read on the screen".to_owned(), None, ctx, out);
}

/// Shows what containment stands, over all sessions.
pub fn in_force(model: &mut Model, standing: Vec<Standing>, problems: &[Problem]) {
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let mut lines: Vec<String> = Vec::new();
    for problem in problems {
        lines.extend(page::broken(&format!("NOT READ: {}", problem.headline()), room));
    }
    if standing.is_empty() {
        lines.push("No containment stands that quell has set and knows of.".to_owned());
    }
    if !standing.is_empty() {
        lines.extend(page::broken(crate::action::AS_RECORDED, room));
    }
    for one in &standing {
        lines.extend(words(one).iter().flat_map(|line| page::broken(line, room)));
    }
    over(model, format!("IN FORCE {}", standing.len()), lines);
    model.text.standing = standing;
}

/// Shows what came of each action of the session's sets, the latest set first.
pub fn sets(model: &mut Model) {
    let lines = set_lines(model);
    over(model, SETS.to_owned(), lines);
}

/// Shows the same as it is now that more is on disk, where it is on screen.
pub fn refresh(model: &mut Model) {
    if model.screen() == Screen::Text && model.text.title == SETS {
        let lines = set_lines(model);
        if lines != model.text.lines {
            (model.text.lines, model.text.hit) = (lines, None);
        }
    }
}

fn set_lines(model: &Model) -> Vec<String> {
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let lines = model.saved().map(sets::lines).unwrap_or_default();
    lines.iter().flat_map(|line| page::broken(line, room)).collect()
}

/// Shows what is wrong with a runbook that was edited.
pub fn faults(model: &mut Model, file: &str, faults: &[String]) {
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let lines = faults.iter().flat_map(|line| page::broken(line, room)).collect();
    over(model, format!("LINT {} in {}", faults.len(), crate::problem::clean(file)), lines);
}

/// Shows what the actions of the open runbooks need.
pub fn ready(model: &mut Model) {
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let lines = ready_lines(model).iter().flat_map(|line| page::broken(line, room)).collect();
    over(model, "READY?".to_owned(), lines);
}

/// Shows the calls to AWS: what changed something first, then what was read, each the latest first.
pub fn calls(model: &mut Model) {
    let mut calls = model.account.calls.calls();
    calls.reverse();
    let room = usize::from(model.size.0).saturating_sub(2).max(8);
    let (writes, reads): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(|c| c.writer);
    let mut lines = vec![("Changes, the latest first (y y: the top one, or the match)".to_owned(), None)];
    lines.extend(call_lines(&writes, "nothing was changed", room));
    lines.push((String::new(), None));
    lines.push(("Reads, the latest first".to_owned(), None));
    lines.extend(call_lines(&reads, "nothing was read", room));
    let texts = lines.iter().map(|(text, _)| text.clone()).collect();
    over(model, "CALLS to AWS".into(), texts);
    model.text.whole = lines.into_iter().map(|(_, whole)| whole).collect();
}

/// Lines, and with those of a call the whole command that repeats it.
fn call_lines(calls: &[Call], none: &str, room: usize) -> Vec<(String, Option<String>)> {
    let of_call = |c: &Call| {
        let command = c.command.clone();
        let words = command.iter().flat_map(|words| page::broken(&format!("  {words}"), room)).collect::<Vec<_>>();
        call_line(c, room).into_iter().chain(words).map(move |line| (line, command.clone()))
    };
    let lines: Vec<_> = calls.iter().flat_map(of_call).collect();
    if lines.is_empty() { vec![(format!("  {none}"), None)] } else { lines }
}

/// A call in one line, or in two where its region and request would be cut.
fn call_line(c: &Call, room: usize) -> Vec<String> {
    let status = c.status.map_or("-".to_owned(), |s| s.to_string());
    let what = format!("{}:{}", c.service, c.operation);
    let at = c.at.strftime("%H:%M:%S");
    let column = room.saturating_sub(34).min(44);
    let head = format!("{at} {what:<column$} {status:>4} {:>5} ms  {}", c.elapsed.as_millis(), c.class.line());
    let request = c.request_id.as_ref().map(|r| format!("request {}", r.line())).unwrap_or_default();
    // Before STS has answered for the first time nobody knows who calls.
    let account = c.account.clone().unwrap_or_else(|| "account not told yet".to_owned());
    let place = format!("{account} {}", c.region);
    let caller = c.caller.as_ref().map(|arn| format!("as {}", arn.line())).unwrap_or_default();
    let mut lines = vec![head];
    for part in [place, request, caller].into_iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(last) if width(last) + 2 + width(&part) <= room => last.push_str(&format!("  {part}")),
            _ => lines.push(format!("  {part}")),
        }
    }
    lines.into_iter().flat_map(|line| page::broken(line.trim_end(), room)).collect()
}

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let page = usize::from(model.size.1.saturating_sub(4)).max(1);
    let state = &mut model.text;
    // Of the calls any one can be brought to the top, where it is copied.
    let last = state.lines.len().saturating_sub(if state.whole.is_empty() { page } else { 1 });
    match command {
        Command::Down => state.top = (state.top + 1).min(last),
        Command::Up => state.top = state.top.saturating_sub(1),
        Command::HalfDown => state.top = (state.top + page / 2).min(last),
        Command::HalfUp => state.top = state.top.saturating_sub(page / 2),
        Command::PageDown => state.top = (state.top + page).min(last),
        Command::PageUp => state.top = state.top.saturating_sub(page),
        Command::Top => state.top = 0,
        Command::Bottom => state.top = last,
        Command::CopyLine => {
            let at = state.hit.unwrap_or(state.top);
            let whole = state.whole.get(at..).and_then(|rest| rest.iter().flatten().next());
            if let Some(line) = whole.or_else(|| state.lines.get(at)) {
                out.reads.push(Reads::Copy(line.clone()));
                custody(model, "copied", format!("line {} as shown", at + 1), Some("the clipboard"), ctx, out);
            }
        }
        Command::Write => write(model, ctx, out),
        Command::Undo => incident::choose_lift(model, ctx, out),
        _ => {}
    }
}

/// Writes the report; where its session is the open one, what it holds is signed with that.
fn write(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some((session, text)) = model.text.report.clone() else { return model.say("only a report is written") };
    let name = format!("report-{}.md", ctx.now.strftime("%Y%m%dT%H%M%SZ"));
    let own = model.session.as_ref().is_some_and(|open| open.id == session);
    out.desk.push(Desk::Export { session, name, text, signed: own });
    if own {
        incident::sign_part(model, out);
    }
}

/// Records what was done with the evidence on the screen, if it is of the open session. Its bytes had their hash when they
/// were read for it.
fn custody(model: &mut Model, what: &str, why: String, to: Option<&str>, ctx: &Ctx, out: &mut Reaction) {
    let (Some(Piece { session, blob }), Some(open)) = (model.text.piece.clone(), &mut model.session) else { return };
    if open.id == session && open.saved().evidence.iter().any(|piece| piece.blob == blob) {
        // What was copied is a part of it, and says nothing of the whole.
        let (to, after) = (to.map(Untrusted::from), to.is_none().then(|| blob.clone()));
        let custody = EvidenceCustody { blob, what: what.into(), why: why.into(), to, after, ..Default::default() };
        out.entries.extend(open.emit(vec![custody.into()], ctx.now, &model.secrets));
    }
}

/// Goes to the first match from the top of the screen on.
pub fn find_from_top(model: &mut Model) {
    model.text.hit = model.text.top.checked_sub(1);
    find(model, true);
}

/// Goes to the next match, or to the one before; past the end it begins again.
pub fn find(model: &mut Model, forward: bool) {
    let page = usize::from(model.size.1.saturating_sub(4)).max(1);
    let state = &mut model.text;
    if state.search.is_empty() {
        state.hit = None;
        return;
    }
    let hits = |at: &usize| state.lines.get(*at).is_some_and(|l| l.to_lowercase().contains(&state.search));
    let from = state.hit;
    let found = match forward {
        true => (from.map_or(0, |f| f + 1)..state.lines.len()).find(hits).or_else(|| (0..state.lines.len()).find(hits)),
        false => (0..from.unwrap_or(0)).rev().find(hits).or_else(|| (0..state.lines.len()).rev().find(hits)),
    };
    match found {
        Some(at) => {
            state.hit = Some(at);
            if at < state.top || at >= state.top + page {
                state.top = at.saturating_sub(page / 2).min(state.lines.len().saturating_sub(page));
            }
        }
        None => {
            state.hit = None;
            model.say("not found");
        }
    }
}

/// Draws the text; gives the cursor's place.
pub fn draw(model: &Model, now: Timestamp, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let state = &model.text;
    let room = page::frame(model, now, area, &[], page::log_state(model, now), buf);
    let height = usize::from(room.height.saturating_sub(1));
    let end = (state.top + height).min(state.lines.len());
    let right = format!("{}-{end} of {}", state.top + 1, state.lines.len());
    paint::rule(buf, room, &state.title, "", &right, true, model.look);
    let list = Rect { y: room.y + 1, height: room.height.saturating_sub(1), ..room };
    for (row, line) in state.lines.iter().skip(state.top).take(height).enumerate() {
        paint::text(buf, list, row as u16, &format!(" {line}"), style(line, model));
        if state.hit == Some(state.top + row) {
            paint::select(buf, list, row as u16, model.look);
        }
    }
    let row = state.hit.and_then(|hit| hit.checked_sub(state.top)).unwrap_or(0) as u16;
    Some((list.x, list.y + row.min(list.height.saturating_sub(1))))
}

fn style(line: &str, model: &Model) -> ratatui::style::Style {
    match line.starts_with('#') || line.starts_with("Keys:") {
        true => model.look.strong(),
        false => model.look.plain(),
    }
}
