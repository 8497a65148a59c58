//! The finding's facts, beside the steps.

use super::state::Pane;
use super::view::Scene;
use crate::console::screens::page::broken_words;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{self, Piece};
use jiff::Timestamp;
use quell_core::finding::{Compact, Finding, Status, Workflow};
use quell_core::incident::Attached;
use quell_core::text::{Untrusted, cut_end, width as cells};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(scene: &Scene, area: Rect, buf: &mut Buffer) {
    let focused = scene.pane == Pane::Finding;
    let count = scene.incident.findings.len();
    let right = match scene.values.aim {
        Some(aim) => cut_end(&format!("aimed at {}", aim.words), usize::from(area.width).saturating_sub(20)),
        None if count > 1 => format!("{count} findings"),
        None => String::new(),
    };
    paint::rule(buf, area, "FINDING", "", &right, focused, scene.look);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let height = usize::from(list.height);
    let lines = whole(lines(scene, scene.look), usize::from(list.width), height);
    let first = scene.scroll[2].min(lines.len().saturating_sub(height));
    for (row, pieces) in lines.iter().skip(first).take(height).enumerate() {
        paint::line(buf, list, row as u16, pieces);
    }
}

/// Values that do not fit beside their name go on below it, as long as no other line has to leave for that.
fn whole(lines: Vec<Vec<Piece>>, width: usize, height: usize) -> Vec<Vec<Piece>> {
    let wrapped = lines.iter().flat_map(|line| match line.as_slice() {
        [(name, of), (value, style)] if cells(name) + cells(value) > width => {
            let room = width.saturating_sub(cells(name)).max(1);
            let blank = " ".repeat(cells(name));
            let names = std::iter::once(name.clone()).chain(std::iter::repeat(blank));
            let values = broken_words(value, room).into_iter();
            names.zip(values).map(|(name, value)| vec![(name, *of), (value.trim_start().to_owned(), *style)]).collect()
        }
        _ => vec![line.clone()],
    });
    let wrapped: Vec<Vec<Piece>> = wrapped.collect();
    if wrapped.len() <= height { wrapped } else { lines }
}

/// All facts, the ones that matter most first: those of the finding that steps are aimed at, else of the first.
fn lines(scene: &Scene, look: Look) -> Vec<Vec<Piece>> {
    let incident = scene.incident;
    let mut lines = Vec::new();
    let mut findings: Vec<&Attached> = incident.findings.iter().collect();
    if let Some(aim) = scene.values.aim {
        findings.sort_by_key(|attached| attached.finding.id != aim.finding.id);
        // An entity has no facts of its own; the finding that it is from says the rest.
        if !findings.iter().any(|attached| attached.finding == aim.finding) {
            lines.push(pair("aimed at", &aim.words, look));
        }
    }
    for (at, attached) in findings.into_iter().enumerate() {
        let head = lines.len();
        facts(&attached.finding, look, &mut lines);
        if let (0, Some(news)) = (at, scene.latest.and_then(|f| news(&attached.finding, f))) {
            lines.insert(head + 1, vec![(news, look.warn())]);
        }
        if let Some(verdict) = attached.verdict {
            lines.push(pair("verdict", verdict.word(), look));
        }
    }
    if incident.findings.is_empty() {
        lines.push(vec![(" an incident without a finding".into(), look.plain())]);
    }
    for entity in &incident.entities {
        lines.push(pair(entity.kind.word(), &format!("{} {}", entity.id.line(), entity.state.word()), look));
    }
    for looked in &incident.lookups {
        let made = &looked.made;
        let head = format!("{} ({}) {}", made.subject.line(), made.lookup.line(), stamp(looked.stamp.at));
        lines.push(pair("looked up", &head, look));
        lines.extend(made.told.iter().map(|t| pair("", &format!("{} {}", t.name.line(), t.value.line()), look)));
    }
    for (name, at) in &incident.milestones {
        lines.push(pair("milestone", &format!("{} {}", name.line(), stamp(*at)), look));
    }
    for (name, variable) in &incident.variables {
        lines.push(pair("variable", &format!("{} = {}", name.line(), variable.value.line()), look));
    }
    for evidence in &incident.evidence {
        lines.push(pair("evidence", &format!("{} {} bytes", evidence.name.line(), evidence.size), look));
    }
    lines
}

/// What has become of the finding since it was attached.
fn news(then: &Compact, now: &Finding) -> Option<String> {
    let later = now.last_seen.filter(|at| then.last_seen.is_none_or(|then| *at > then));
    let count = now.count.filter(|count| then.count != Some(*count));
    let mut words = Vec::new();
    words.extend(count.map(|count| format!("x{count}")));
    words.extend(later.map(|at| format!("seen {}", stamp(at))));
    if now.status == Status::Archived && then.status != Some(Status::Archived) {
        words.push("archived".to_owned());
    }
    let untouched = then.workflow.unwrap_or(Workflow::New);
    let workflow = now.workflow.filter(|workflow| *workflow != untouched);
    words.extend(workflow.map(|workflow| format!("workflow {}", workflow.word())));
    let label = now.severity.label.filter(|_| now.severity.label != then.severity.label);
    words.extend(label.map(|label| label.word().to_owned()));
    (!words.is_empty()).then(|| format!(" now       {}", words.join("  ")))
}

fn facts(f: &Compact, look: Look, lines: &mut Vec<Vec<Piece>>) {
    let label = f.severity.label;
    let kind = word(f.kind.as_ref().or(f.title.as_ref()));
    lines.push(vec![
        (format!(" {:<5}", label.map_or("", |l| l.short())), look.severity(label)),
        (kind, look.strong()),
        (f.count.map_or(String::new(), |c| format!("  x{c}")), look.plain()),
    ]);
    lines.push(pair("on", &words(&[&f.resource.id, &f.resource.name, &f.resource.kind]), look));
    if let Some(title) = f.title.as_ref().filter(|_| f.kind.is_some()) {
        lines.push(pair("title", title.line().as_str(), look));
    }
    let actor =
        [("from", &f.actor.ip), ("in", &f.actor.country), ("as", &f.actor.principal), ("key", &f.actor.access_key)];
    let actor: Vec<String> = actor.iter().filter_map(|(w, v)| Some(format!("{w} {}", v.as_ref()?.line()))).collect();
    if !actor.is_empty() {
        lines.push(pair("actor", &actor.join("  "), look));
    }
    // A line each: beside the steps there is no room for two times.
    let seen = [("seen", f.last_seen), ("first", f.first_seen)];
    lines.extend(seen.into_iter().filter_map(|(name, at)| Some(pair(name, &stamp(at?), look))));
    lines.push(pair("where", &format!("{}  {}", words(&[&f.account, &f.region]), word(f.source.as_ref())), look));
    lines.push(pair("id", f.id.line().as_str(), look));
}

fn pair(name: &str, value: &str, look: Look) -> Vec<Piece> {
    vec![(format!(" {name:<9} "), look.rule(false)), (value.to_owned(), look.plain())]
}

fn word(text: Option<&Untrusted>) -> String {
    text.map(|t| t.line().into_string()).unwrap_or_default()
}

fn words(parts: &[&Option<Untrusted>]) -> String {
    let mut seen: Vec<String> = Vec::new();
    for part in parts.iter().filter_map(|p| p.as_ref()) {
        let part = part.line().into_string();
        if !seen.contains(&part) {
            seen.push(part);
        }
    }
    seen.join("  ")
}

/// A time as people read it: absolute, UTC.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
