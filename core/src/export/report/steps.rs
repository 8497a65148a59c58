//! The runbooks of the report: where each step stands, since when, and how it stands to its time target.

use super::Out;
use crate::export::markdown::{code, prose, span};
use crate::incident::*;

impl Out<'_> {
    pub(super) fn books(&mut self) {
        let passed = self.incident.passed_over();
        for book in &self.incident.runbooks {
            let version = book.version.as_ref().map_or(String::new(), |version| format!(" version {}", code(version)));
            self.line(format!("- {}{version}, opened {}", code(&book.title), self.stamp(&book.stamp)));
            self.line(format!("  - SHA-256 of the file: {}", span(&book.sha256)));
            let mut kept: Vec<bool> = Vec::new();
            for (row, (step, state)) in book.outline.iter().zip(&book.steps).enumerate() {
                let of = StepRef { rb: book.link.clone(), id: step.id.clone(), row: row as u32 };
                kept.extend(self.incident.pace(&of, None).and_then(|pace| pace.kept()));
                self.step(&of, (step, state), &passed);
            }
            if !kept.is_empty() {
                let (all, kept) = (kept.len(), kept.into_iter().filter(|kept| *kept).count());
                self.line(format!("  - Time targets: {kept} of {all} kept; waiting is left out"));
            }
        }
    }

    fn step(&mut self, of: &StepRef, (step, state): (&OutlineStep, &StepState), passed: &PassedOver) {
        let title = format!("{} {}", code(&step.number), code(&step.title));
        if let Some(why) = self.incident.left_out(of, Outside::NOTHING) {
            return self.line(format!("  - {title}: not for this: {}", code(&why.into())));
        }
        let (when, target) = (self.when(state), self.target(of, (step, state)));
        self.line(match passed.has(of) {
            true => format!("  - `{}` {title}: passed over, a decision led past it", PassedOver::SIGN),
            false => format!("  - `{}` {title}{when}{target}", state.mark.sign()),
        });
        for (value, slot) in self.incident.each(of) {
            let when = self.when(slot);
            self.line(format!("    - `{}` {}{when}", slot.mark.sign(), code(&value)));
        }
        for (name, value) in [("Choice", &state.choice), ("Note", &state.note)] {
            if let Some(value) = value {
                self.line(format!("    - {name}: {}", prose(value, 6)));
            }
        }
    }

    /// How a step stands to its time target; of one that is not done only that there is one, of a skipped one nothing.
    fn target(&self, of: &StepRef, (step, state): (&OutlineStep, &StepState)) -> String {
        let words = self.incident.pace(of, None).map(|pace| pace.words());
        let open =
            || step.target.filter(|_| state.mark != Mark::Skipped).map(|minutes| format!("target {minutes} min"));
        words.or_else(open).map_or(String::new(), |words| format!(", {words}"))
    }

    /// When a step came to where it is; of one whose action was undone, that it was done and undone.
    fn when(&self, state: &StepState) -> String {
        let of = |link: &Option<Link>| self.incident.actions.get(link.as_ref()?);
        let action = of(&state.action).filter(|_| state.mark == Mark::Todo);
        let undo = action.and_then(|a| of(&a.undone_by)).filter(|undo| undo.life == Life::Succeeded);
        match (action.and_then(|a| a.ended.as_ref()), undo.and_then(|undo| undo.ended.as_ref())) {
            (Some(done), Some(undone)) => format!(", done {}, undone {}", self.stamp(done), self.stamp(undone)),
            _ => state.stamp.as_ref().map_or(String::new(), |stamp| format!(", {}", self.stamp(stamp))),
        }
    }
}
