//! What stands in an approval: a row for each thing there is to know of each plan.

use super::{conflicts_of, plain};
use crate::action::{LOCAL, by_name};
use crate::console::core::confirm::{Confirm, Proposed};
use crate::console::core::model::Model;
use crate::console::core::planned::TARGET_FROM;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::Piece;
use quell_core::incident::{Fact as Read, Life, Link, Plan, PlannedRequest, Token};
use quell_core::text::{Id, Untrusted, json, width};
use ratatui::style::Style;

/// A row of what is approved: its name, its words, how they look.
type Fact = (&'static str, String, Style);

/// What is approved, action by action.
pub(super) fn facts(model: &Model, confirm: &Confirm, room: usize) -> Vec<Vec<Piece>> {
    let look = model.look;
    let mut rows: Vec<Fact> = Vec::new();
    rows.extend(conflicts_of(model, confirm).into_iter().map(|why| ("CONFLICT", why, look.bad())));
    rows.extend(confirm.left_out.iter().map(|why| ("LEFT OUT", why.clone(), look.bad())));
    let quiet = model.session.as_ref().is_some_and(|session| session.pending().quiet);
    if confirm.set.is_some() && quiet {
        rows.push((
            "quiet",
            "what others can read in the account goes last; the strike ends the quiet".into(),
            look.warn(),
        ));
    }
    let count = confirm.proposed().count();
    if confirm.set.is_some() {
        rows.push(("does", plain::of_set(model, confirm), look.strong()));
        for (at, one) in confirm.proposed().enumerate() {
            rows.push(in_short(at, &one.plan, look));
            let findings = plain::findings(model, &one.plan).into_iter();
            rows.extend(findings.map(|words| ("", format!("   {words}"), look.strong())));
        }
    }
    for (at, one) in confirm.proposed().enumerate() {
        if confirm.set.is_some() {
            let title = format!("{} (danger {})", one.plan.title.line(), one.plan.danger);
            rows.push(("", String::new(), look.plain()));
            rows.push(("ACTION", format!("{} of {count}: {title}", at + 1), look.strong()));
        }
        rows.extend(by_two(model, one));
        if confirm.set.is_none() {
            let style = if plain::is_here(&one.plan) { look.warn() } else { look.strong() };
            rows.push(("does", plain::sentence(model, &one.plan), style));
            let findings = plain::findings(model, &one.plan).into_iter();
            rows.extend(findings.map(|words| ("finding", words, look.strong())));
        } else if plain::is_here(&one.plan) {
            rows.push(("does", plain::sentence(model, &one.plan), look.warn()));
        }
        rows.extend(facts_of(model, one));
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

/// Where two people must approve: who has, and the hash by which both consoles can be held against each other.
fn by_two(model: &Model, one: &Proposed) -> Vec<Fact> {
    let look = model.look;
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return Vec::new() };
    let given = incident.actions.get(&one.action).filter(|action| action.life == Life::Approved);
    let mut rows: Vec<Fact> = Vec::new();
    if let Some(stamp) = given.and_then(|action| action.approved.as_ref()) {
        let who = incident.who(&stamp.by, stamp.n);
        let words =
            format!("once, by {} {}; it starts with a second approval", who.line(), stamp.at.strftime("%H:%M:%SZ"));
        rows.push(("approved", words, look.warn()));
    }
    if given.is_none() && model.account.two {
        let words = "by nobody yet: it takes two people; yours is the first approval and starts nothing";
        rows.push(("approved", words.to_owned(), look.warn()));
    }
    if given.is_some() || model.account.two {
        rows.push(("plan hash", one.plan_hash.clone(), look.plain()));
    }
    rows
}

/// An action of a set in one row: the list of all stands before what there is to know of each.
fn in_short(at: usize, plan: &Plan, look: Look) -> Fact {
    let (title, target) = (plan.title.line(), &plan.target);
    let what = format!("{}. {title}: {} in {}", at + 1, target.resource.line(), target.region.line());
    (if at == 0 { "all of" } else { "" }, what, look.strong())
}

/// So long, in bytes, is what is sent where it stands first.
const BRIEF: usize = 200;

/// What is called, on what, as whom; what it destroys and breaks, how it is undone, what to mind; then, byte for byte, what
/// is sent, and what was found.
fn facts_of(model: &Model, proposed: &Proposed) -> Vec<Fact> {
    let (look, plan) = (model.look, &proposed.plan);
    let target = &plan.target;
    let mut rows: Vec<Fact> = Vec::new();
    let requests = sent(model, plan, &proposed.action);
    let sends: Vec<Fact> = requests.iter().map(|request| sends(request, look)).collect();
    // What takes more than a line or two stands below what it comes to: at 24 rows it would hide that.
    let (brief, long) = match sends.iter().map(|(_, words, _)| words.len()).sum::<usize>() {
        ..=BRIEF => (sends, Vec::new()),
        // A program's words are what it does.
        _ if plain::runs_here(plan) => (sends, Vec::new()),
        _ => (vec![("calls", calls(&requests), look.strong())], sends),
    };
    rows.extend(brief);
    let from = plan.facts.iter().find(|fact| fact.name.line().as_str() == TARGET_FROM);
    let from = from.map(|fact| format!(", from {}", fact.value.line())).unwrap_or_default();
    rows.push(("target", format!("{}{from}", target.resource.line()), look.strong()));
    if plan.danger > 1 && (plan.set.is_none() || plan.danger > 2) && plan.confirm != target.resource {
        rows.push(("to type", plan.confirm.line().into_string(), look.strong()));
    }
    let place = format!("{} {} {}", target.account.line(), target.region.line(), target.partition.line());
    rows.push(("where", place, look.plain()));
    rows.extend(whom(model, plan));
    match plan.destroys.is_empty() {
        true if plain::runs_here(plan) => {
            rows.push(("DESTROYS", "not known: whatever the command does".into(), look.warn()))
        }
        true => rows.push(("destroys", "nothing".into(), look.plain())),
        false => rows.extend(plan.destroys.iter().map(|d| ("DESTROYS", d.line().into_string(), look.bad()))),
    }
    rows.extend(breaks(plan, look));
    if by_name(plan.kind.as_str()).and_then(|kind| kind.stands(plan)) == Some(false) {
        let words = format!("the containment of {}: what it kept out or in passes again", target.resource.line());
        rows.push(("LIFTS", words, look.bad()));
    }
    rows.push(("undo", plan.undo.line().into_string(), look.plain()));
    rows.extend(plan.warnings.iter().map(|w| ("NOTE", w.line().into_string(), look.warn())));
    rows.extend(long);
    // Who calls stands above as what is known now.
    for fact in plan.facts.iter().filter(|f| !["caller", TARGET_FROM].contains(&f.name.line().as_str())) {
        let before = before(model, plan, fact).unwrap_or_default();
        rows.push(("found", format!("{}: {}{before}", fact.name.line(), fact.value.line()), look.plain()));
    }
    rows
}

fn sends(request: &PlannedRequest, look: Look) -> Fact {
    let input = json::to_string(&request.input).unwrap_or_default();
    ("sends", format!("{}:{} {input}", request.service, request.operation), look.strong())
}

/// The operations, in their order, each with how often in a row.
fn calls(sent: &[PlannedRequest]) -> String {
    let mut all: Vec<(String, usize)> = Vec::new();
    for request in sent {
        let name = format!("{}:{}", request.service, request.operation);
        match all.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => all.push((name, 1)),
        }
    }
    let words = |(name, count): (String, usize)| if count > 1 { format!("{name} x{count}") } else { name };
    all.into_iter().map(words).collect::<Vec<_>>().join(", ")
}

/// Of an undo: what stood there before the action that it undoes, beside what stands there now.
fn before(model: &Model, plan: &Plan, now: &Read) -> Option<String> {
    let undone = model.session.as_ref()?.pending().actions.get(plan.undo_of.as_ref()?)?;
    let was = undone.plan.facts.iter().find(|fact| fact.name == now.name && fact.value != now.value)?;
    Some(format!("; before what it undoes: {}", was.value.line()))
}

/// What stops working, a row each.
fn breaks(plan: &Plan, look: Look) -> Vec<Fact> {
    if plan.breaks.is_empty() {
        return vec![(
            "breaks",
            "not said: it was planned by another quell than this; plan it again".into(),
            look.warn(),
        )];
    }
    let row = |text: &Untrusted| {
        let words = text.line().into_string();
        match words.starts_with("nothing") {
            true => ("breaks", words, look.plain()),
            false => ("BREAKS", words, look.warn()),
        }
    };
    plan.breaks.iter().map(row).collect()
}

/// What is sent of a plan, with what is made of its own record: nothing else goes with it.
pub fn sent(model: &Model, plan: &Plan, action: &Link) -> Vec<PlannedRequest> {
    let session = model.session.as_ref().and_then(|session| Id::new(&session.id).ok());
    match (by_name(plan.kind.as_str()), session) {
        (Some(kind), Some(session)) => kind.sends(plan, &Token::new(&session, action), action),
        _ => plan.requests.clone(),
    }
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
