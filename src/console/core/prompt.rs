//! Questions to the responder, as values: the screen draws them as dialogs.
//!
//! An approval ([`Confirm`]) is the strictest: Cancel is focused, nothing counts in the first 300 ms, a paste never
//! becomes a gesture, and Enter before the gesture is complete cancels. A complete gesture counts once the whole plan
//! was on screen ([`crate::console::screens::approval`]).

use super::confirm::{Confirm, Turn};
use super::editor::{area, edit, insert, text_of};
use super::key::Key;
use crate::action::Standing;
use crate::console::screens::incident::{At, By};
use crate::console::screens::search::Begun;
use crate::lookup::Question;
use crossterm::event::KeyCode;
use quell_core::incident::{EntityKind, Link, Resolution, StepRef};
use quell_core::text::Untrusted;
use std::time::{Duration, Instant};
use tui_textarea::TextArea;

/// Input that arrives this soon after an approval opened was meant for something else.
pub const DEAD_TIME: Duration = Duration::from_millis(300);

/// A question.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub kind: Kind,
    pub opened: Instant,
    /// What was wrong with the last answer.
    pub trouble: Option<String>,
    /// The words that it opened with, and under what those are kept that were typed since.
    pub start: String,
    pub draft: Option<u64>,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Confirm(Box<Confirm>),
    Choice(Choice),
    Field(Box<Field>),
}

/// One of several answers.
#[derive(Clone, Debug)]
pub struct Choice {
    pub title: String,
    /// What must be known to choose, above the choices.
    pub about: Vec<String>,
    pub purpose: ChoicePurpose,
    pub choices: Vec<String>,
    pub selected: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChoicePurpose {
    Decide(StepRef),
    Resolution,
    Milestone,
    /// Open the runbook of this SHA-256 in the incident.
    Beside(String),
    /// Which of these variables, or one by its name.
    Variable(Vec<String>),
    /// What is noted: a new one by its kind, or one of these, which the incident has.
    Entity(Vec<(EntityKind, Untrusted)>),
    /// How sure one is of what was typed.
    EntityState(EntityKind, Untrusted),
    /// Which finding the verdict is of.
    VerdictOf(Vec<Untrusted>),
    Verdict(Untrusted),
    /// Which finding does not belong here.
    Detach(Vec<Untrusted>),
    /// Which evidence to read, and of which session; none of what is masked.
    Evidence(String, Vec<Option<String>>),
    /// What to look up.
    LookUp(Vec<Question>),
    /// Which command of a step to copy.
    Copy(Vec<Untrusted>),
    /// What the actions are aimed at.
    Aim(Vec<At>),
    /// Which action to undo, or to look up.
    Undo(Vec<Link>),
    /// What is said to this action while it runs.
    Signal(Link),
    /// Which command of this step to run.
    Run(StepRef, Vec<Untrusted>),
    /// Go on with the changed text of this open runbook.
    Drift(Link),
    /// Which containment to lift.
    Lift(Vec<Standing>),
    /// Close although what contains stays in force.
    Close,
    /// Leave although actions run.
    Leave,
    /// The marked findings, or this one alone.
    OpenOf(Untrusted),
    /// For which of these values of the step's list something is done, and how.
    Each(StepRef, Vec<Untrusted>, By),
    /// Which of these roles the responder takes, or gives up.
    Role(Vec<Untrusted>),
    /// The sessions that were left open.
    Resume,
    /// The severity that findings shall have in Security Hub.
    TriageSeverity,
    /// What GuardDuty is told of findings.
    TriageFeedback,
}

/// A line or several of text.
#[derive(Clone, Debug)]
pub struct Field {
    pub title: String,
    pub purpose: FieldPurpose,
    pub area: TextArea<'static>,
    pub lines: bool,
    /// In the palette: which match is selected.
    pub selected: usize,
    /// What is meant by the question, below what is typed.
    pub hint: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FieldPurpose {
    Note(Option<StepRef>),
    Tick(StepRef),
    /// For one value of the step's list.
    TickEach(StepRef, Untrusted),
    Skip(StepRef),
    /// Why a step whose action may have worked is opened again.
    Untick(StepRef),
    /// The same for one value of its list.
    UntickEach(StepRef, Untrusted),
    /// Why a choice was taken, where the step asks for a note.
    Because(StepRef, Untrusted),
    Verdict(Untrusted, Resolution),
    Detach(Untrusted),
    /// Why a runbook is closed.
    CloseBook(Link),
    /// When a milestone was reached.
    Reached(&'static str),
    Summary(Resolution),
    Reopen,
    /// Who takes over, and what they must know.
    HandOver,
    /// Another state folder to go on in.
    Move,
    /// Who the responder is.
    Responder,
    /// A name without a value, which the action of a step waits for.
    Variable {
        name: String,
        step: Option<StepRef>,
    },
    NewVariable,
    Entity(EntityKind),
    /// For the step, if one is selected.
    Evidence(Option<StepRef>),
    Filter {
        before: String,
    },
    /// From where, to go back there.
    Search(Box<Begun>),
    Palette,
    /// A field of the team's own in Security Hub.
    TriageField,
}

/// What became of a key that a prompt took.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing to do but draw.
    Stay,
    /// Nothing changed.
    Ignored,
    /// More of the plan is wanted.
    Turned(Turn),
    Cancel,
    /// What was typed is not what an approval asks for: it closes, and says so.
    Mistyped,
    /// The text was given.
    Text(Untrusted),
    /// One was chosen.
    Chosen(usize),
    Approved {
        gesture: String,
        why: Untrusted,
    },
}

impl Prompt {
    /// A question that opens now.
    pub fn new(kind: Kind, now: Instant) -> Self {
        let mut prompt = Self { kind, opened: now, trouble: None, start: String::new(), draft: None };
        prompt.start = prompt.words().unwrap_or_default();
        prompt
    }

    /// The words that stand in it, where it asks for any.
    pub fn words(&self) -> Option<String> {
        match &self.kind {
            Kind::Field(field) => Some(field.text()),
            Kind::Confirm(confirm) => Some(confirm.reason.lines().join("\n")),
            Kind::Choice(_) => None,
        }
    }

    /// Puts words there in place of those that stand in it.
    pub fn set_words(&mut self, words: &str) {
        match &mut self.kind {
            Kind::Field(field) => field.area = area(&words.into()),
            Kind::Confirm(confirm) => confirm.reason = area(&words.into()),
            Kind::Choice(_) => {}
        }
    }

    /// Whether typed text has somewhere to go, so that a paste is meant for it.
    pub fn takes_paste(&self) -> bool {
        match &self.kind {
            Kind::Confirm(confirm) => confirm.in_reason,
            Kind::Field(_) => true,
            Kind::Choice(_) => false,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key, now: Instant) -> Answer {
        match &mut self.kind {
            Kind::Confirm(confirm) if now.duration_since(self.opened) < DEAD_TIME => {
                // Even Esc waits: it may belong to what the dialog covered.
                let _ = confirm;
                Answer::Ignored
            }
            // It opens by itself: the keys were meant for what it covers.
            Kind::Field(field)
                if field.purpose == FieldPurpose::Responder && now.duration_since(self.opened) < DEAD_TIME =>
            {
                Answer::Ignored
            }
            Kind::Confirm(confirm) => confirm.key(key),
            Kind::Choice(choice) => choice.key(key),
            Kind::Field(field) => field.key(key),
        }
    }

    /// Takes a paste; never for a gesture.
    pub fn paste(&mut self, text: &Untrusted) -> bool {
        match &mut self.kind {
            Kind::Confirm(confirm) if confirm.in_reason => insert(&mut confirm.reason, text, false),
            Kind::Field(field) => insert(&mut field.area, text, field.lines),
            _ => return false,
        }
        true
    }
}

impl Choice {
    fn key(&mut self, key: Key) -> Answer {
        let last = self.choices.len().saturating_sub(1);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => Answer::Cancel,
            KeyCode::Char('c') if key.ctrl => Answer::Cancel,
            KeyCode::Enter => Answer::Chosen(self.selected.min(last)),
            KeyCode::Char('j') | KeyCode::Down | KeyCode::Tab => {
                self.selected = (self.selected + 1).min(last);
                Answer::Stay
            }
            KeyCode::Char('k') | KeyCode::Up | KeyCode::BackTab => {
                self.selected = self.selected.saturating_sub(1);
                Answer::Stay
            }
            KeyCode::Char(c) => match c.to_digit(10).map(|d| d as usize) {
                Some(d) if (1..=self.choices.len()).contains(&d) => {
                    self.selected = d - 1;
                    Answer::Stay
                }
                _ => Answer::Ignored,
            },
            _ => Answer::Ignored,
        }
    }
}

impl Field {
    /// A field that starts with `text`.
    pub fn new(title: impl Into<String>, purpose: FieldPurpose, text: &Untrusted, lines: bool) -> Self {
        Self { title: title.into(), purpose, area: area(text), lines, selected: 0, hint: String::new() }
    }

    /// The same with words below it that say what is meant.
    pub fn hinting(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// What stands in it.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    fn key(&mut self, key: Key) -> Answer {
        let palette = self.purpose == FieldPurpose::Palette;
        match key.code {
            KeyCode::Esc => Answer::Cancel,
            KeyCode::Char('c') if key.ctrl => Answer::Cancel,
            KeyCode::Enter if palette => Answer::Chosen(self.selected),
            KeyCode::Enter => Answer::Text(text_of(&self.area)),
            KeyCode::Down | KeyCode::Tab if palette => {
                self.selected = self.selected.saturating_add(1);
                Answer::Stay
            }
            KeyCode::Up | KeyCode::BackTab if palette => {
                self.selected = self.selected.saturating_sub(1);
                Answer::Stay
            }
            _ => {
                self.selected = 0;
                edit(&mut self.area, key, self.lines)
            }
        }
    }
}
