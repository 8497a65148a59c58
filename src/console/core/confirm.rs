//! Approvals: of one planned action, or of all that are staged in a set.

use super::editor::{area, edit, text_of};
use super::key::Key;
use super::prompt::Answer;
use crossterm::event::KeyCode;
use quell_core::incident::{Link, Plan};
use quell_core::text::Untrusted;
use tui_textarea::TextArea;

/// A planned action that waits for its approval.
#[derive(Clone, Debug)]
pub struct Proposed {
    pub action: Link,
    pub plan: Plan,
    pub plan_hash: String,
}

/// An approval of one planned action, or of all that are staged in a set.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The set's name, where it is one.
    pub set: Option<Untrusted>,
    pub first: Proposed,
    /// The others of the set, in their order.
    pub more: Vec<Proposed>,
    /// Why others that were wanted are not in the set.
    pub left_out: Vec<String>,
    /// What must be typed: `y`, the last four characters of the token, or all of it; of a set its count and account.
    pub token: String,
    pub typed: String,
    pub reason: TextArea<'static>,
    pub in_reason: bool,
    /// First line shown of the plan, as it is broken in a dialog of this width.
    pub scroll: (u16, usize),
    /// Whether all of the plan has been on screen.
    pub read: bool,
}

/// How far the plan of an approval is scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Up,
    Down,
    PageUp,
    PageDown,
}

impl Confirm {
    /// An approval of one plan, with the reason filled in beforehand.
    pub fn new(first: Proposed, reason: &Untrusted) -> Self {
        let token = gesture(&first.plan);
        Self::asking(None, first, Vec::new(), token, reason)
    }

    /// An approval of a set, all of one account, by one gesture: how many, and where.
    pub fn of_set(
        (name, left_out): (Untrusted, Vec<String>),
        first: Proposed,
        more: Vec<Proposed>,
        reason: &Untrusted,
    ) -> Self {
        let token = format!("{} {}", more.len() + 1, first.plan.target.account.line());
        Self { left_out, ..Self::asking(Some(name), first, more, token, reason) }
    }

    fn asking(set: Option<Untrusted>, first: Proposed, more: Vec<Proposed>, token: String, reason: &Untrusted) -> Self {
        let (typed, reason) = (String::new(), area(reason));
        let left_out = Vec::new();
        Self { set, first, more, left_out, token, typed, reason, in_reason: false, scroll: (0, 0), read: false }
    }

    /// All that it approves, in order.
    pub fn proposed(&self) -> impl Iterator<Item = &Proposed> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The highest danger in it.
    pub fn danger(&self) -> u8 {
        self.proposed().map(|one| one.plan.danger).max().unwrap_or(3)
    }

    /// Whether the gesture is complete. A plan without a token can't be approved: nothing typed is no gesture.
    pub fn complete(&self) -> bool {
        !self.token.is_empty() && self.typed == self.token
    }

    pub(super) fn key(&mut self, key: Key) -> Answer {
        match key.code {
            KeyCode::Esc => Answer::Cancel,
            KeyCode::Char('c') if key.ctrl => Answer::Cancel,
            KeyCode::Tab | KeyCode::BackTab => {
                self.in_reason = !self.in_reason;
                // What is typed now goes on after the words that stand there.
                if self.in_reason && self.reason.lines().iter().any(|l| !l.is_empty() && !l.ends_with(' ')) {
                    self.reason.insert_char(' ');
                }
                Answer::Stay
            }
            KeyCode::Up => Answer::Turned(Turn::Up),
            KeyCode::Down => Answer::Turned(Turn::Down),
            KeyCode::PageUp => Answer::Turned(Turn::PageUp),
            KeyCode::PageDown => Answer::Turned(Turn::PageDown),
            KeyCode::Enter if self.in_reason => {
                self.in_reason = false;
                Answer::Stay
            }
            KeyCode::Enter if self.complete() => {
                Answer::Approved { gesture: format!("typed {}", self.token), why: text_of(&self.reason) }
            }
            KeyCode::Enter => Answer::Cancel,
            _ if self.in_reason => edit(&mut self.reason, key, false),
            KeyCode::Backspace => match self.typed.pop() {
                Some(_) => Answer::Stay,
                None => Answer::Ignored,
            },
            _ => match key.typed() {
                Some(c) if self.typed.chars().count() < 2048 => {
                    self.typed.push(c);
                    Answer::Stay
                }
                _ => Answer::Ignored,
            },
        }
    }
}

/// What a plan's danger asks to be typed.
fn gesture(plan: &Plan) -> String {
    let token = plan.confirm.line().into_string();
    match plan.danger {
        0 | 1 => "y".to_owned(),
        2 => {
            let chars: Vec<char> = token.chars().collect();
            chars.iter().skip(chars.len().saturating_sub(4)).collect()
        }
        _ => token,
    }
}
