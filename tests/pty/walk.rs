//! A whole runbook, step by step, in its own order.

use super::rig::{Rig, run, selected};
use std::path::Path;

/// What a scenario does with one of a runbook's steps, beside ticking, deciding and skipping.
pub type Act<'a> = (&'a str, &'a dyn Fn(&mut Rig));

/// A step of a runbook.
pub struct Step {
    pub number: u64,
    pub title: String,
    pub kind: String,
}

/// The steps of a runbook, as `runbooks show` tells them.
pub fn steps(state: &Path, book: &str) -> Vec<Step> {
    let (_, out) = run(state, &["runbooks", "show", book, "--json"]);
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    let text = |step: &serde_json::Value, name: &str| step[name].as_str().unwrap().to_owned();
    let steps = out["steps"].as_array().unwrap().iter();
    steps
        .map(|s| Step { number: text(s, "number").parse().unwrap(), title: text(s, "title"), kind: text(s, "kind") })
        .collect()
}

/// The mark of a step that is on the screen: `x` in `[x]  7`.
pub fn mark(screen: &str, number: u64) -> Option<char> {
    let label = format!("] {number:>2} ");
    screen.lines().find(|l| l.get(4..).is_some_and(|rest| rest.starts_with(&label)))?.chars().nth(3)
}

/// The number of the step that the cursor stands on.
fn stands(screen: &str) -> Option<u64> {
    selected(screen)?.split_whitespace().next()?.parse().ok()
}

/// Whether the step was of those that are folded away once the cursor has gone on.
fn folded(screen: &str, number: u64) -> bool {
    screen.contains("  PREPARE  ") && stands(screen) == Some(number + 1)
}

/// What is said where a choice leads past the next step.
const LED: &str = ": it goes on with ";
/// What a step says that asks for evidence.
const PROOF: &str = "EVIDENCE this step asks for";

impl Rig {
    /// Moves the cursor to a step by its number.
    pub fn stand_on(&mut self, number: u64) {
        loop {
            let screen = self.wait("the steps", |s| selected(s).is_some());
            let line = selected(&screen).unwrap();
            let at = stands(&screen).unwrap();
            if at == number {
                return;
            }
            self.keys(if at < number { "j" } else { "k" });
            self.wait("the cursor to move", |s| selected(s).is_some_and(|l| l != line));
        }
    }

    /// Writes into the field that is open, and closes it.
    pub fn answer(&mut self, field: &str, text: &str) {
        self.see(field);
        self.text(text);
        self.see(text);
        self.keys("Enter");
        self.gone(field);
    }

    fn marked(&self, number: u64, wanted: char) {
        self.wait(&format!("step {number} to be {wanted}"), |s| mark(s, number) == Some(wanted));
    }

    /// Walks all steps, with a file as evidence where one asks for it: ticks what is done by hand, takes the first choice of what is decided, does what `acts` says for
    /// the actions that it names, and skips the others.
    pub fn walk(&mut self, steps: &[Step], acts: &[Act]) {
        for step in steps {
            let number = step.number;
            self.stand_on(number);
            let act = acts.iter().find(|(title, _)| *title == step.title);
            match (act, step.kind.as_str()) {
                (Some((_, act)), _) => {
                    act(self);
                    self.wait("the step to end", |s| matches!(mark(s, number), Some('x' | '-')));
                }
                (None, "action") => {
                    self.keys("x");
                    self.answer("SKIP", &format!("no need of step {number}"));
                    self.marked(number, '-');
                }
                (None, kind) => {
                    // Right after an answer an Enter counts as its second press, and does nothing.
                    let decision = kind == "decision";
                    let asks = |s: &str| match decision {
                        true => s.contains("> 1 "),
                        false => s.contains("─ NOTE") || mark(s, number) == Some('x') || folded(s, number),
                    };
                    self.press_until("Enter", |s| s.contains(PROOF) || asks(s));
                    if self.screen().contains(PROOF) {
                        let file = tempfile::NamedTempFile::new().unwrap();
                        std::fs::write(file.path(), "{}").unwrap();
                        self.answer(PROOF, &file.path().to_string_lossy());
                        self.see("attached: the step can be done now");
                        self.press_until("Enter", asks);
                    }
                    if decision {
                        self.keys("Enter");
                    }
                    // A choice may lead so far away that its own step is not seen any more.
                    let away = |s: &str| folded(s, number) || (decision && s.contains(LED));
                    let done = |s: &str| mark(s, number) == Some('x') || away(s);
                    let asked = self.wait("a tick or a note", |s| s.contains("─ NOTE") || done(s));
                    if asked.contains("─ NOTE") {
                        self.answer("─ NOTE", &format!("words of step {number}"));
                        self.wait("the step to end", done);
                    }
                    self.stand_on(number);
                    self.marked(number, 'x');
                }
            }
        }
    }

    /// Plans the action of the selected step, answers what it asks for, and approves it.
    pub fn act(&mut self, values: &[(&str, &str)], gesture: &str) {
        self.press_until("Enter", |s| s.contains("CONFIRM") || s.contains("VALUE of"));
        for (name, value) in values {
            self.answer(&format!("VALUE of var.{name}"), value);
        }
        self.approve(gesture);
    }

    /// Undoes the action of a step, and sees that the step says so.
    pub fn undo(&mut self, step: &Step, title: &str, gesture: &str) {
        self.stand_on(step.number);
        self.keys("u");
        self.see(&format!("CONFIRM: Undo: {title}"));
        self.approve(gesture);
        let line = format!("] {:>2} ", step.number);
        self.wait("the undo to end", |s| s.lines().any(|l| l.contains(&line) && l.contains("undone")));
    }
}
