//! The approval of a planned action: what it does, to what and as whom stands first, then what will be sent.
//!
//! ```text
//! +- CONFIRM: Contain the instance (danger 2) ------+
//! | does      Contain the instance: i-0abc… in …    |   one plain sentence
//! | sends     ssm:StartAutomationExecution {…}      |   all of the plan, scrolled where it does not fit
//! | target    i-0abc…                               |
//! | …                                               |
//! | Type the last four characters of i-0abc…: []    |
//! | reason: …      reason (required): where a step  |   asks for a note
//! | 4 more lines below: PgDn or Down first          |   until then Enter approves nothing
//! | [ Cancel ] Enter cancels      approve           |
//! |  keys                                           |
//! +-------------------------------------------------+
//! ```

mod facts;
mod plain;

use crate::console::core::confirm::{Confirm, Proposed, Turn};
use crate::console::core::model::Model;
use crate::console::core::prompt::{Kind, Prompt};
use crate::console::widgets::dialog::{frame, hints, lines};
use crate::console::widgets::paint::{self, Piece};
use facts::facts;
pub use facts::sent;
use jiff::Timestamp;
use quell_core::incident::{self, Life, conflicts};
use quell_core::text::{Untrusted, cut_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// What is said to an approval of a plan that has not been on screen to its end.
pub const MORE: &str = "nothing was sent: more below, PgDn or Down first";
/// What is said to an approval of what can't go ahead.
pub const CONFLICT: &str = "nothing was sent: what stands at CONFLICT, at the top, forbids it";
const FORBIDDEN: &str = "  approve (CONFLICT, at the top, forbids it)";
/// What is said to an approval without the words that its step asks for.
pub const NOTE: &str = "nothing was sent: a step here asks for a note; Tab, then say why";
/// The lines below the plan.
const FOOT: u16 = 5;

/// The plan as lines of a dialog in a window of some size, and which of them are shown.
struct Layout {
    lines: Vec<Vec<Piece>>,
    /// The dialog's size.
    size: (u16, u16),
    /// How many lines of the plan it shows, and the first of them.
    height: usize,
    first: usize,
}

impl Layout {
    fn of(model: &Model, confirm: &Confirm, (width, height): (u16, u16)) -> Self {
        let wide = width.saturating_sub(2).min(110);
        let lines = facts(model, confirm, usize::from(wide).saturating_sub(4));
        let tall = (lines.len() as u16).saturating_add(FOOT + 2).min(height.saturating_sub(2));
        let room = usize::from(tall.saturating_sub(FOOT + 2));
        // In a dialog of another width the lines are others: it begins at its first again.
        let wanted = if confirm.scroll.0 == wide { confirm.scroll.1 } else { 0 };
        let first = wanted.min(lines.len().saturating_sub(room));
        Self { lines, size: (wide, tall), height: room, first }
    }

    fn below(&self) -> usize {
        self.lines.len().saturating_sub(self.first + self.height)
    }
}

fn open(model: &Model) -> Option<&Confirm> {
    match model.prompt.as_ref().map(|p| &p.kind) {
        Some(Kind::Confirm(confirm)) => Some(confirm),
        _ => None,
    }
}

/// Whether the open approval is of a plan that must be read whole, and was not.
pub fn unread(model: &Model) -> bool {
    open(model).is_some_and(|confirm| lacks(confirm, &Layout::of(model, confirm, model.size)))
}

/// Whether what is asked about can't go ahead as things stand now.
pub fn conflict(model: &Model) -> bool {
    open(model).is_some_and(|confirm| !conflicts_of(model, confirm).is_empty())
}

/// Why it can't.
fn conflicts_of(model: &Model, confirm: &Confirm) -> Vec<String> {
    let Some(session) = &model.session else { return Vec::new() };
    let actions = confirm.proposed().map(|one| &one.action);
    conflicts(session.pending(), actions, &session.writer).iter().map(ToString::to_string).collect()
}

/// Whether a step that is asked about wants a note, which nobody has given yet.
pub fn asks_note(model: &Model) -> bool {
    let Some((confirm, session)) = open(model).zip(model.session.as_ref()) else { return false };
    let incident = session.pending();
    let first = |one: &Proposed| incident.actions.get(&one.action).is_some_and(|a| a.life == Life::Planned);
    confirm.proposed().any(|one| first(one) && incident::asks_note(incident, &one.plan))
}

/// A danger of 1 can be undone and disturbs nothing; all else, and a set, is approved when its end has been seen.
fn lacks(confirm: &Confirm, layout: &Layout) -> bool {
    (confirm.danger() > 1 || confirm.set.is_some()) && !confirm.read && layout.below() > 0
}

/// Shows more of the plan, never leaving out a line.
pub fn turn(model: &mut Model, turn: Turn) {
    let Some(confirm) = open(model) else { return };
    let layout = Layout::of(model, confirm, model.size);
    let page = layout.height.saturating_sub(1).max(1);
    let first = match turn {
        Turn::Up => layout.first.saturating_sub(1),
        Turn::PageUp => layout.first.saturating_sub(page),
        Turn::Down => layout.first + 1,
        Turn::PageDown => layout.first + page,
    };
    let end = layout.lines.len().saturating_sub(layout.height);
    let (first, wide) = (first.min(end), layout.size.0);
    let Some(prompt) = &mut model.prompt else { return };
    if let Kind::Confirm(confirm) = &mut prompt.kind {
        confirm.scroll = (wide, first);
        confirm.read |= first == end;
        prompt.trouble = None;
    }
}

/// Draws the approval; gives the cursor's place.
pub fn draw(
    model: &Model,
    prompt: &Prompt,
    confirm: &Confirm,
    now: Timestamp,
    area: Rect,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    let look = model.look;
    let layout = Layout::of(model, confirm, (area.width, area.height));
    let at = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let what = match &confirm.set {
        Some(name) => {
            let undoes = confirm.proposed().all(|one| one.plan.undo_of.is_some());
            let verb = if undoes { "undo, " } else { "" };
            format!("{verb}{}, {} action(s)", name.line(), confirm.proposed().count())
        }
        None => confirm.first.plan.title.line().into_string(),
    };
    let title = format!("CONFIRM: {what} (danger {})", confirm.danger());
    let room = frame(buf, at, layout.size, &title, look);
    if room.height <= FOOT {
        return None;
    }
    let list = Rect { height: room.height - FOOT, ..room };
    lines(buf, list, 0, layout.lines.get(layout.first..).unwrap_or_default());
    let bottom = Rect { y: room.y + room.height - FOOT, height: FOOT, ..room };
    let (above, below, lacks) = (layout.first, layout.below(), lacks(confirm, &layout));
    let count = if below == 1 { "1 more line".to_owned() } else { format!("{below} more lines") };
    let (words, style) = match &prompt.trouble {
        // In a larger window there may be nothing below any more.
        Some(trouble) if lacks || trouble != MORE => (trouble.clone(), look.bad()),
        _ if lacks => (format!("{count} below: PgDn or Down first"), look.bad()),
        _ if below + above > 0 => (format!("{count} below, {above} above: Down and Up read them"), look.warn()),
        _ => (String::new(), look.plain()),
    };
    paint::text(buf, bottom, 2, &words, style);
    draw_gesture(model, confirm, now, lacks, bottom, buf)
}

fn draw_gesture(
    model: &Model,
    confirm: &Confirm,
    now: Timestamp,
    lacks: bool,
    area: Rect,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    let look = model.look;
    let typed = Untrusted::from(confirm.typed.as_str()).line();
    let ask = asked(confirm, usize::from(area.width));
    paint::line(
        buf,
        area,
        0,
        &[(format!("{ask} ["), look.strong()), (typed.to_string(), look.key()), ("]".into(), look.strong())],
    );
    // That a note is needed is said before the gesture, not after it.
    let label = if asks_note(model) { "reason (required):" } else { "reason:" };
    paint::text(buf, area, 1, label, look.strong());
    let from = label.len() as u16 + 1;
    let reason = Rect { x: area.x + from, y: area.y + 1, width: area.width.saturating_sub(from), height: 1 };
    let mut words = confirm.reason.clone();
    if !confirm.in_reason {
        words.set_cursor_style(look.plain());
    }
    (&words).render(reason, buf);
    let words = choice(confirm, lacks, conflict(model));
    paint::text(buf, area, 3, &words, if confirm.complete() { look.bad() } else { look.strong() });
    paint::line(buf, area, 4, &leave(model, confirm, now, lacks));
    let y = area.y + u16::from(confirm.in_reason);
    let x = match confirm.in_reason {
        true => reason.x + confirm.reason.cursor().1 as u16,
        false => area.x + (width(&ask) + 2 + typed.width()) as u16,
    };
    Some((x.min(area.x + area.width.saturating_sub(1)), y))
}

/// What Enter does now.
fn choice(confirm: &Confirm, lacks: bool, forbidden: bool) -> String {
    let (cancel, approve) = match (confirm.complete(), confirm.at_last()) {
        _ if confirm.in_reason => ("  Cancel  ", "  approve (Enter leaves the reason first)"),
        // Told before anything is typed, and wherever the plan is scrolled to.
        (true, _) if forbidden => ("  Cancel  ", FORBIDDEN),
        (false, _) if forbidden => ("[ Cancel ] Enter cancels", FORBIDDEN),
        (true, false) => ("  Cancel  ", "[ Go on ] Enter asks for the id of what is danger 3"),
        (true, true) if lacks => ("  Cancel  ", "  approve (read to the end first)"),
        (true, true) => ("  Cancel  ", "[ Approve ] Enter sends it"),
        (false, _) => ("[ Cancel ] Enter cancels", "  approve (type first)"),
    };
    let count = confirm.words.len();
    let of = if count > 1 { format!("    {} of {count}", confirm.given + 1) } else { String::new() };
    format!("{cancel}    {approve}{of}")
}

/// What is asked to be typed.
fn asked(confirm: &Confirm, wide: usize) -> String {
    let asks = confirm.words.get(confirm.given).and_then(|word| confirm.proposed().nth(word.of?));
    let Some(Proposed { plan, .. }) = asks else {
        return format!("Type {} (how many, and in which account):", confirm.token());
    };
    let room = wide.saturating_sub(confirm.token().len().min(24) + 4);
    let token = plan.confirm.line();
    // An id that is too long is cut at its start: its end is what must be typed.
    let of = |words: &str| format!("{words} {}:", cut_start(token.as_str(), room.saturating_sub(width(words) + 2)));
    match plan.danger {
        0 | 1 => "Type y to approve:".to_owned(),
        // Of four characters or fewer the last four are all.
        2 if token.as_str() == confirm.token() => of("Type"),
        2 => of("Type the last four characters of"),
        _ => of("Type the whole of"),
    }
}

/// The keys of an approval; where none can be given, why, and what to do about it.
fn leave(model: &Model, confirm: &Confirm, now: Timestamp, lacks: bool) -> Vec<Piece> {
    let look = model.look;
    let why = match (model.account.armed(now), model.account.read_only) {
        (true, _) if confirm.in_reason => return hints(&[("Esc", "cancel"), ("Enter", "back to the approval")], look),
        (true, _) if lacks => return hints(&[("PgDn", "read on"), ("Esc", "cancel"), ("Tab", "reason")], look),
        (true, _) => return hints(&[("Esc", "cancel"), ("Tab", "reason"), ("Enter", "on the choice above")], look),
        (_, true) => "READ ONLY: approving sends nothing; quell was started with --read-only",
        _ => "READ ONLY: approving sends nothing; cancel, then :arm",
    };
    vec![(why.to_owned(), look.bad())]
}
