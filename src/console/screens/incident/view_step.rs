//! The selected step's text: what to look at, what its action does and how far it is.

use super::state::{Pane, steps};
use super::values::stands;
use super::view::Scene;
use crate::action::State;
use crate::console::core::follow::{output_of, told};
use crate::console::screens::page::wrap;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use crate::lookup;
use jiff::Timestamp;
use quell_core::incident::{ActionState, Life, Mark, StepRef, StepState, nothing_to_verify};
use quell_core::runbook::placeholder;
use quell_core::runbook::template::{fill_command, fill_words};
use quell_core::runbook::variables::named_in;
use quell_core::runbook::{Step, render};
use quell_core::text::{Clean, Shape, Untrusted, cut_end, width as cells};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(scene: &Scene, now: Timestamp, area: Rect, buf: &mut Buffer) {
    let all = steps(scene.incident);
    let step = all.get(scene.step);
    let found = step.and_then(|s| scene.incident.step(s));
    let each = step.and_then(|step| super::each::next(scene.incident, step));
    let title = found.map(|(book, line, _)| {
        let values = scene.values.within(&book.link).of_each(each.as_ref());
        format!("{} {}", line.number.line(), fill_words(line.title.line().as_str(), &|name| values.get(name)))
    });
    let lines = match (step, found) {
        (Some(step), Some((_, _, state))) => lines(scene, step, state, now, usize::from(area.width)),
        _ => Vec::new(),
    };
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let height = usize::from(list.height);
    let first = scene.scroll[0].min(lines.len().saturating_sub(height));
    let below = lines.len().saturating_sub(first + height);
    let right = match below {
        0 => String::new(),
        1 => "1 more line, Tab".to_owned(),
        n => format!("{n} more lines, Tab"),
    };
    let focused = scene.pane == Pane::Step;
    paint::rule(buf, area, "STEP", &title.unwrap_or_default(), &right, focused, scene.look);
    for (row, pieces) in lines.iter().skip(first).take(height).enumerate() {
        paint::line(buf, list, row as u16, pieces);
    }
}

fn lines(scene: &Scene, step: &StepRef, state: &StepState, now: Timestamp, width: usize) -> Vec<Vec<Piece>> {
    let look = scene.look;
    let mut lines = Vec::new();
    if let Some(why) = scene.values.left_out(step) {
        let words = format!("not for this: {why}; once that changes, it comes back");
        lines.extend(
            wrap(&words, width.saturating_sub(1)).into_iter().map(|line| vec![(format!(" {line}"), look.warn())]),
        );
        return lines;
    }
    if scene.incident.passed_over().has(step) {
        lines.push(vec![(" passed over: a decision led past it; it is open all the same".to_owned(), look.warn())]);
    }
    if let Some(choice) = &state.choice {
        lines.push(vec![(format!(" decided: {}", choice.line()), look.strong())]);
    }
    if let Some(note) = state.note.as_ref().filter(|n| !n.is_empty()) {
        lines.push(vec![(format!(" note: {}", note.line()), look.code())]);
    }
    if let Some(action) = state.action.as_ref().and_then(|a| scene.incident.actions.get(a)) {
        progress(action, scene, now, width, &mut lines);
        if let Some(undo) = action.undone_by.as_ref().and_then(|u| scene.incident.actions.get(u)) {
            progress(undo, scene, now, width, &mut lines);
        }
    }
    for note in scene.incident.notes.iter().filter(|n| n.step.as_ref() == Some(step)) {
        let who = scene.incident.who(&note.stamp.by, note.stamp.n).line();
        let text = format!(" {} {who}: ", note.stamp.at.strftime("%H:%M:%S"));
        lines.push(vec![(text, look.plain()), (note.text.line().into_string(), look.code())]);
    }
    lines.extend(super::each::lines(scene.incident, step, look));
    lacks(scene, step, state, width, &mut lines);
    match scene.books.get(&step.rb).and_then(|b| b.steps.get(step.row as usize)) {
        Some(text) => body(scene, (text, step), (state, now), width, &mut lines),
        None => lines.push(vec![(" the runbook's text is not at hand".into(), look.warn())]),
    }
    lines
}

fn body(
    scene: &Scene,
    (step, of): (&Step, &StepRef),
    (state, now): (&StepState, Timestamp),
    width: usize,
    lines: &mut Vec<Vec<Piece>>,
) {
    let look = scene.look;
    if let Some(action) = &step.action {
        let offer = if scene.live { format!("  {}", offer(scene, of, state)) } else { String::new() };
        let words = format!(" ACTION {}: {}", action.kind, action.title.line());
        let words = cut_end(&words, width.saturating_sub(offer.len()));
        lines.push(vec![(words, look.warn()), (offer, look.key())]);
    }
    if let Some(lookup) = step.lookup.as_deref().and_then(lookup::by_name) {
        let offer = if scene.live { "  L looks it up" } else { "" };
        let words = format!(" LOOK UP {}: {}", lookup.info().name, lookup.info().title);
        let words = cut_end(&words, width.saturating_sub(offer.len()));
        lines.push(vec![(words, look.warn()), (offer.to_owned(), look.key())]);
    }
    let mut facts = Vec::new();
    facts.extend(step.role.as_ref().map(|role| super::role::words(scene, role)));
    facts.extend(target(scene, (step, of), now));
    facts.extend(step.note_required.then(|| "a note is required".to_owned()));
    let given = scene.incident.lacks_evidence(of).is_none();
    let words = if given { "evidence attached" } else { "evidence is required" };
    facts.extend(step.evidence.as_ref().map(|what| format!("{words}: {}", what.line())));
    lines.extend(wrap(&facts.join(", "), width).into_iter().map(|line| vec![(line, look.rule(false))]));
    let each = super::each::next(scene.incident, of);
    let values = scene.values.within(&of.rb).of_each(each.as_ref());
    for told in named_in(step).iter().filter_map(|name| values.book?.declared(name)) {
        let style = if values.variable(&told.name).is_some() { look.plain() } else { look.warn() };
        let words = format!("var.{}", stands(values, told));
        lines.extend(wrap(&words, width.saturating_sub(1)).into_iter().map(|line| vec![(format!(" {line}"), style)]));
    }
    if scene.books.get(&of.rb).is_some_and(|book| book.foreign) {
        let open = placeholder::left_to_people(step).into_iter().filter(|name| values.variable(name).is_none());
        let open: Vec<String> = open.map(String::from).collect();
        if !open.is_empty() {
            let words = format!("left open: {}; v fills it in", open.join(", "));
            let lines_of = wrap(&words, width.saturating_sub(1)).into_iter();
            lines.extend(lines_of.map(|line| vec![(format!(" {line}"), look.warn())]));
        }
    }
    for line in render::lines_with(&step.body, width.saturating_sub(2), &|name| values.get(name)) {
        let mut pieces = vec![(" ".to_owned(), look.plain())];
        pieces.extend(line.spans.iter().map(|(style, text)| (shown(scene, of, *style, text), style_of(*style, look))));
        lines.push(pieces);
    }
}

/// A step's time target and how the step stands to it: no figure runs while nothing else is drawn.
fn target(scene: &Scene, (step, of): (&Step, &StepRef), now: Timestamp) -> Option<String> {
    let pace = scene.incident.pace(of, scene.by.map(|by| (by, now)));
    pace.map(|pace| pace.words()).or_else(|| step.target_minutes.map(|minutes| format!("target {minutes} min")))
}

/// What a step's action lacks here, before it has run.
fn lacks(scene: &Scene, step: &StepRef, state: &StepState, width: usize, lines: &mut Vec<Vec<Piece>>) {
    let Some(ready) = scene.ready.and_then(|ready| ready.get(&step.rb)) else { return };
    if !matches!(state.mark, Mark::Todo | Mark::Failed | Mark::Skipped) {
        return;
    }
    let (missing, unknown): (Vec<_>, Vec<_>) = ready.of_step(step).into_iter().partition(|n| n.state == State::Missing);
    for need in missing {
        let words = format!("MISSING {}: {}", need.name, need.why);
        lines.extend(
            wrap(&words, width.saturating_sub(1)).into_iter().map(|l| vec![(format!(" {l}"), scene.look.bad())]),
        );
    }
    let (by_hand, unknown): (Vec<_>, Vec<_>) = unknown.into_iter().partition(|n| n.state == State::ByHand);
    for need in by_hand {
        let words = format!("by hand, {}: {}", need.name, need.why);
        lines.extend(
            wrap(&words, width.saturating_sub(1)).into_iter().map(|l| vec![(format!(" {l}"), scene.look.warn())]),
        );
    }
    if !unknown.is_empty() {
        let words = format!("{} of its needs are not known: :ready", unknown.len());
        lines.push(vec![(format!(" {words}"), scene.look.warn())]);
    }
}

/// Whether something can be said to an action while it runs.
fn can_be_answered(action: &ActionState) -> bool {
    !super::undo::signals(action).is_empty()
}

/// What Enter does to an action's step as it is now.
fn offer(scene: &Scene, step: &StepRef, state: &StepState) -> &'static str {
    let ran = state.action.as_ref().and_then(|a| scene.incident.actions.get(a));
    let output = ran.map(|a| output_of(&a.link));
    let told = scene.incident.evidence.iter().any(|e| output.as_ref().is_some_and(|of| e.how == of.as_str().into()));
    let undone = ran.and_then(|a| scene.incident.actions.get(a.undone_by.as_ref()?));
    let half = ran.is_some_and(|a| a.undo.is_some()) && undone.is_none_or(|undo| undo.life != Life::Succeeded);
    match state.mark {
        Mark::Done if told && ran.is_some_and(|a| a.undo.is_some()) => "o reads its output, u undoes it",
        Mark::Done if told => "o reads its output",
        Mark::Todo | Mark::Failed | Mark::Skipped if ran.is_some_and(|a| a.life == Life::Approved) => {
            "approved once: Enter of another person approves it too, u withdraws it"
        }
        Mark::Todo | Mark::Failed | Mark::Skipped if ran.is_some_and(|a| a.life == Life::Queued) => {
            "approved: it starts at its turn, u withdraws it"
        }
        Mark::Todo | Mark::Failed | Mark::Skipped
            if ran.is_some_and(|a| a.life == Life::Planned && a.plan.set.is_some()) =>
        {
            "staged: s s shows the set, s a takes it out"
        }
        Mark::Failed if half => "u undoes what was done",
        Mark::Todo | Mark::Failed | Mark::Skipped if !scene.trusts(step) => "VIEW ONLY: not trusted, Enter says more",
        Mark::Todo | Mark::Failed | Mark::Skipped => "Enter plans it, s a stages it",
        Mark::Running if ran.is_some_and(can_be_answered) => "it runs; u stops or answers it",
        Mark::Running => "it runs",
        Mark::Unknown => "Enter looks up what happened",
        Mark::Done if ran.is_some_and(|a| a.undo.is_some()) => "u undoes it",
        Mark::Done => "done",
    }
}

/// Code is shown with its templates filled and quoted, as it is copied; what has no value stays as it was written.
fn shown(scene: &Scene, step: &StepRef, style: render::Style, text: &Clean) -> String {
    let each = super::each::next(scene.incident, step);
    let values = scene.values.within(&step.rb).of_each(each.as_ref());
    let lookup = |name: &str| values.get(name);
    match style {
        render::Style::Code if scene.books.get(&step.rb).is_some_and(|book| book.foreign) => {
            placeholder::fill(&Untrusted::from(text), &lookup).text.clean(Shape::Block).into_string()
        }
        render::Style::Code if text.as_str().contains("{{") => {
            let filled = fill_command(&Untrusted::from(text), &lookup);
            filled.text.clean(Shape::Block).into_string()
        }
        _ => text.as_str().to_owned(),
    }
}

/// A rendered style in the look's colours.
pub fn style_of(style: render::Style, look: Look) -> ratatui::style::Style {
    match style {
        render::Style::Plain => look.plain(),
        render::Style::Strong | render::Style::Heading => look.strong(),
        render::Style::Emphasis | render::Style::Quote => look.warn(),
        render::Style::Code => look.code(),
        render::Style::Link => look.key(),
    }
}

/// How far an action is; of one that was undone only that, whatever it had come to.
fn progress(action: &ActionState, scene: &Scene, now: Timestamp, width: usize, lines: &mut Vec<Vec<Piece>>) {
    let look = scene.look;
    let undo = action.undone_by.as_ref().and_then(|undo| scene.incident.actions.get(undo));
    if undo.is_some_and(|undo| undo.life == Life::Succeeded) {
        return lines.push(vec![(format!(" {}: undone", action.plan.title.line()), look.plain())]);
    }
    let what = action.plan.title.line();
    let mut words = action.words.as_ref().map(|w| w.line().into_string()).unwrap_or_default();
    let style = match action.life {
        Life::Succeeded => look.good(),
        Life::Failed | Life::Unknown => look.bad(),
        _ => look.warn(),
    };
    if action.life == Life::Started {
        let since = action.started.as_ref().map_or(0, |s| now.duration_since(s.at).as_secs().max(0));
        words = match &action.progress {
            Some((text, done, of)) if *of > 0 => format!("{since}s {done}/{of} {}", text.line()),
            Some((text, ..)) => format!("{since}s {}", text.line()),
            None => format!("{since}s"),
        };
    }
    let head = format!(" {what}: {}", action.life.word());
    // What went wrong must be readable whole, so words that do not fit beside stand below.
    if cells(&head) + 2 + cells(&words) <= width {
        lines.push(vec![(head, style), (format!("  {words}"), look.plain())]);
    } else {
        lines.push(vec![(head, style)]);
        let below = wrap(&words, width.saturating_sub(2)).into_iter();
        lines.extend(below.map(|line| vec![(format!("  {line}"), look.plain())]));
    }
    let ids = join(&action.request_ids);
    if !ids.is_empty() {
        lines.push(vec![(format!("   request {ids}"), look.plain())]);
    }
    if let Some((holds, facts)) = &action.verified {
        let (word, style) = match holds {
            Some(true) => ("verified", look.good()),
            Some(false) => ("NOT as wanted when read back", look.bad()),
            None if nothing_to_verify(facts) => ("succeeded, nothing to verify", look.good()),
            None => ("succeeded, not verified", look.warn()),
        };
        lines.push(vec![(format!("   {word}"), style), (format!("  {}", told(facts)), look.plain())]);
    }
}

fn join(words: &[Untrusted]) -> String {
    words.iter().map(|w| w.line().into_string()).collect::<Vec<_>>().join(" ")
}
