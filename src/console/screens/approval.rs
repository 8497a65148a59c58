//! The approval of a planned action: what will be sent, to what and as whom stands first.
//!
//! ```text
//! +- CONFIRM: Contain the instance (danger 2) ------+
//! | sends     ssm:StartAutomationExecution {…}      |   all of the plan, scrolled where it does not fit
//! | target    i-0abc…                               |
//! | …                                               |
//! | Type the last four characters of i-0abc…: []    |
//! | reason: …                                       |
//! | 4 more lines below: PgDn or Down first          |   until then Enter approves nothing
//! | [ Cancel ] Enter cancels      approve           |
//! |  keys                                           |
//! +-------------------------------------------------+
//! ```

use crate::action::LOCAL;
use crate::console::core::confirm::{Confirm, Turn};
use crate::console::core::model::Model;
use crate::console::core::prompt::{Kind, Prompt};
use crate::console::widgets::dialog::{frame, hints, lines};
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::incident::Plan;
use quell_core::text::{Untrusted, cut_start, json, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// What is said to an approval of a plan that has not been on screen to its end.
pub const MORE: &str = "nothing was sent: more below, PgDn or Down first";
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

/// A danger of 1 can be undone and disturbs nothing; all else is approved when its end has been seen.
fn lacks(confirm: &Confirm, layout: &Layout) -> bool {
    confirm.danger() > 1 && !confirm.read && layout.below() > 0
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
    paint::text(buf, area, 1, "reason:", look.strong());
    let reason = Rect { x: area.x + 8, y: area.y + 1, width: area.width.saturating_sub(8), height: 1 };
    let mut words = confirm.reason.clone();
    if !confirm.in_reason {
        words.set_cursor_style(look.plain());
    }
    (&words).render(reason, buf);
    let (cancel, approve) = match confirm.complete() {
        _ if confirm.in_reason => ("  Cancel  ", "  approve (Enter leaves the reason first)"),
        true if lacks => ("  Cancel  ", "  approve (read to the end first)"),
        true => ("  Cancel  ", "[ Approve ] Enter sends it"),
        false => ("[ Cancel ] Enter cancels", "  approve (type first)"),
    };
    let words = format!("{cancel}    {approve}");
    paint::text(buf, area, 3, &words, if confirm.complete() { look.bad() } else { look.strong() });
    paint::line(buf, area, 4, &leave(model, confirm, now, lacks));
    let y = area.y + u16::from(confirm.in_reason);
    let x = match confirm.in_reason {
        true => reason.x + confirm.reason.cursor().1 as u16,
        false => area.x + (width(&ask) + 2 + typed.width()) as u16,
    };
    Some((x.min(area.x + area.width.saturating_sub(1)), y))
}

/// What is asked to be typed.
fn asked(confirm: &Confirm, wide: usize) -> String {
    if confirm.set.is_some() {
        return format!("Type {} (how many, and in which account):", confirm.token);
    }
    let room = wide.saturating_sub(confirm.token.len().min(24) + 4);
    let token = confirm.first.plan.confirm.line();
    // An id that is too long is cut at its start: its end is what must be typed.
    let of = |words: &str| format!("{words} {}:", cut_start(token.as_str(), room.saturating_sub(width(words) + 2)));
    match confirm.first.plan.danger {
        0 | 1 => "Type y to approve:".to_owned(),
        // Of four characters or fewer the last four are all.
        2 if token.as_str() == confirm.token => of("Type"),
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

/// A row of what is approved: its name, its words, how they look.
type Fact = (&'static str, String, Style);

/// What is approved, action by action.
fn facts(model: &Model, confirm: &Confirm, room: usize) -> Vec<Vec<Piece>> {
    let look = model.look;
    let mut rows: Vec<Fact> = Vec::new();
    rows.extend(confirm.left_out.iter().map(|why| ("LEFT OUT", why.clone(), look.bad())));
    let count = confirm.proposed().count();
    if confirm.set.is_some() {
        rows.extend(confirm.proposed().enumerate().map(|(at, one)| in_short(at, &one.plan, look)));
    }
    for (at, one) in confirm.proposed().enumerate() {
        if confirm.set.is_some() {
            let title = format!("{} (danger {})", one.plan.title.line(), one.plan.danger);
            rows.push(("", String::new(), look.plain()));
            rows.push(("ACTION", format!("{} of {count}: {title}", at + 1), look.strong()));
        }
        rows.extend(facts_of(model, &one.plan));
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

/// An action of a set in one row: the list of all stands before what there is to know of each.
fn in_short(at: usize, plan: &Plan, look: Look) -> Fact {
    let (title, target) = (plan.title.line(), &plan.target);
    let what = format!("{}. {title}: {} in {}", at + 1, target.resource.line(), target.region.line());
    (if at == 0 { "all of" } else { "" }, what, look.strong())
}

/// What is sent, to what, as whom; then what it destroys, how it is undone, what to mind, and what was found.
fn facts_of(model: &Model, plan: &Plan) -> Vec<Fact> {
    let look = model.look;
    let target = &plan.target;
    let mut rows: Vec<Fact> = Vec::new();
    for request in &plan.requests {
        let input = json::to_string(&request.input).unwrap_or_default();
        rows.push(("sends", format!("{}:{} {input}", request.service, request.operation), look.strong()));
    }
    rows.push(("target", target.resource.line().into_string(), look.strong()));
    if plan.danger > 1 && plan.set.is_none() && plan.confirm != target.resource {
        rows.push(("to type", plan.confirm.line().into_string(), look.strong()));
    }
    let place = format!("{} {} {}", target.account.line(), target.region.line(), target.partition.line());
    rows.push(("where", place, look.plain()));
    rows.extend(whom(model, plan));
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
    rows
}

/// As whom it is done, and what whoever it is may do then.
fn whom(model: &Model, plan: &Plan) -> Vec<Fact> {
    let look = model.look;
    let own = model.account.identity.as_ref().and_then(|told| told.as_ref().ok()).map(|own| own.arn.line());
    let Some(through) = &plan.target.through else {
        let far = plan.requests.iter().any(|request| request.service != LOCAL);
        let all = if far { ", all its rights" } else { "" };
        return own.map(|own| ("as", format!("{own}{all}"), look.plain())).into_iter().collect();
    };
    let source = match &through.source {
        Some(name) => format!("source identity {}", name.line()),
        None => "no source identity".to_owned(),
    };
    let mut rows =
        vec![("as", format!("{}, session {}, {source}", through.role.line(), through.session.line()), look.plain())];
    match through.permitted() {
        None => rows.push(("SEALED", "no: the session may do all that the role may".into(), look.bad())),
        Some(all) => rows.extend(all.iter().map(|one| {
            let style = if one.wide { look.warn() } else { look.plain() };
            ("SEALED", one.words.line().into_string(), style)
        })),
    }
    rows
}

/// Breaks words into lines; a word that is too long (JSON, an ARN) is broken after a comma, else where the room ends.
fn fold(words: &str, room: usize) -> Vec<String> {
    let room = room.max(8);
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split(' ') {
        let mut rest = word.to_owned();
        let last = lines.last().map_or(0, |l| width(l));
        if last > 0 && last + 1 + width(&rest) > room && width(&rest) <= room {
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
            if let Some(comma) = head.rfind(',').filter(|_| !rest.is_empty()) {
                rest.insert_str(0, &head.split_off(comma + 1));
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
