//! A runbook as lines to read: what it is and covers, its sections, then its steps as an incident lays them out.

use crate::console::screens::incident::phase_word;
use crate::console::screens::page;
use crate::problem::{Problem, clean};
use quell_core::runbook::render::{self, Style};
use quell_core::runbook::{Match, Origin, Runbook, Specificity, Step, StepKind};
use quell_core::text::Untrusted;

/// A line, clean, in pieces.
pub type Line = Vec<(Style, String)>;

/// So many lines are laid out; a screen is no place for more.
const MOST: usize = 10_000;

/// A runbook in lines of at most `width` cells (code excepted).
pub fn of_book(book: &Runbook, covers: &[(&'static str, Specificity)], trusted: bool, width: usize) -> Vec<Line> {
    let mut page = Page { lines: Vec::new(), width };
    page.head(book, covers.len(), trusted);
    for section in book.context.iter().filter(|section| !section.body.is_empty()) {
        page.blank();
        page.say(Style::Heading, section.title.line().as_str());
        page.body(&section.body, 0);
    }
    let mut above = None;
    for step in &book.steps {
        if page.lines.len() > MOST {
            page.say(Style::Quote, "... the rest: quell runbooks show");
            break;
        }
        let heading = (step.phase, &step.group);
        if above != Some(heading) {
            page.blank();
            page.say(Style::Heading, &under(step));
            above = Some(heading);
        }
        page.step(step);
    }
    page.blank();
    page.say(Style::Heading, "COVERS");
    for (kind, specificity) in covers {
        page.say(Style::Plain, &format!("{kind}  ({})", specificity.word()));
    }
    if covers.is_empty() {
        page.say(Style::Plain, "no type or control gets this runbook by itself; an incident can open it all the same");
    }
    page.lines
}

/// What could not be read, likewise.
pub fn of_problem(problem: &Problem, width: usize) -> Vec<Line> {
    let mut page = Page { lines: Vec::new(), width };
    page.say(Style::Strong, &problem.headline());
    page.say(Style::Plain, &problem.meaning);
    page.say(Style::Plain, &problem.next);
    page.lines
}

/// The phase and the groups that a step stands under.
fn under(step: &Step) -> String {
    let phase = step.phase.map_or("STEPS", phase_word);
    let groups = step.group.iter().map(|group| group.line().into_string());
    std::iter::once(phase.to_owned()).chain(groups).collect::<Vec<_>>().join(" / ")
}

struct Page {
    lines: Vec<Line>,
    width: usize,
}

impl Page {
    fn say(&mut self, style: Style, words: &str) {
        self.lines.extend(page::broken(words, self.width).into_iter().map(|line| vec![(style, line)]));
    }

    fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    fn head(&mut self, book: &Runbook, covers: usize, trusted: bool) {
        self.say(Style::Strong, book.title.line().as_str());
        let mut facts = vec![format!("id {}", book.id)];
        for (name, value) in [("version", &book.version), ("owner", &book.owner), ("reviewed", &book.reviewed)] {
            facts.extend(value.as_ref().map(|value| format!("{name} {}", value.line())));
        }
        self.say(Style::Plain, &facts.join(", "));
        let actions = book.steps.iter().filter(|step| step.action.is_some()).count();
        match &book.origin {
            Origin::BuiltIn => self.say(Style::Plain, "built in"),
            Origin::User(file) => {
                self.say(Style::Plain, &format!("file {}", clean(file)));
                if !trusted && actions > 0 {
                    self.say(Style::Quote, "READ ONLY: nobody has trusted its text. Once it is read:");
                    self.say(Style::Code, &format!("quell runbooks trust {}", clean(file)));
                }
            }
        }
        self.say(Style::Plain, &format!("steps {}, of them actions {actions}", book.steps.len()));
        let matches: Vec<String> = book.matches.iter().map(Match::text).collect();
        if !matches.is_empty() {
            self.say(Style::Plain, &format!("matches {}", clean(&matches.join(", "))));
        }
        self.say(Style::Plain, &format!("{covers} types and controls get it: they stand at the end"));
    }

    fn step(&mut self, step: &Step) {
        let indent = step.depth.min(4) * 2;
        let kind = match step.kind {
            StepKind::Action => "  ACTION",
            StepKind::Decision => "  DECIDE",
            StepKind::Manual | StepKind::Command => "",
        };
        let words = format!("{:indent$}[ ] {:>2} {}{kind}", "", step.number, step.title.line());
        self.say(Style::Strong, &words);
        let mut facts = Vec::new();
        facts.extend(step.role.as_ref().map(|role| format!("role {}", role.line())));
        facts.extend(step.target_minutes.map(|minutes| format!("target {minutes} min")));
        facts.extend(step.each.map(|list| format!("for each of {}", list.name())));
        facts.extend(step.note_required.then(|| "a note is required".to_owned()));
        facts.extend(step.evidence.as_ref().map(|what| format!("evidence is required: {}", what.line())));
        facts.extend(step.lookup.as_ref().map(|lookup| format!("look-up {lookup}")));
        if !facts.is_empty() {
            self.say(Style::Quote, &format!("{:indent$}    {}", "", facts.join(", ")));
        }
        if let Some(action) = &step.action {
            let words = format!("{:indent$}    ACTION {}: {}", "", action.kind, action.title.line());
            self.say(Style::Emphasis, &words);
        }
        self.body(&step.body, indent + 4);
    }

    fn body(&mut self, text: &Untrusted, indent: usize) {
        for line in render::lines(text, self.width.saturating_sub(indent).max(8)) {
            let mut pieces = vec![(Style::Plain, " ".repeat(indent))];
            pieces.extend(line.spans.iter().map(|(style, text)| (*style, text.as_str().to_owned())));
            self.lines.push(pieces);
        }
    }
}
