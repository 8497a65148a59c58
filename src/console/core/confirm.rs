//! Approvals: of one planned action, or of all that are staged in a set.

use super::editor::{area, edit, text_of};
use super::key::Key;
use super::prompt::Answer;
use crossterm::event::KeyCode;
use quell_core::incident::{Link, Plan};
use quell_core::text::{Untrusted, cut_end, cut_start};
use tui_textarea::TextArea;

/// So much of what was typed is said again.
const SHOWN: usize = 32;

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
    /// What of the set was planned for this approval alone, and is given up with it.
    pub fresh: Vec<Link>,
    /// What must be typed, one after the other: of a plan `y`, the last four characters of its token, or all of it; of a
    /// set its count and account, and then what each plan of danger 3 in it would ask for by itself.
    pub words: Vec<Word>,
    /// How many of them were typed.
    pub given: usize,
    pub typed: String,
    pub reason: TextArea<'static>,
    pub in_reason: bool,
    /// First line shown of the plan, as it is broken in a dialog of this width.
    pub scroll: (u16, usize),
    /// Whether all of the plan has been on screen.
    pub read: bool,
}

/// Something that must be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub token: String,
    /// Which of the plans asks for it; none where it is for the set.
    pub of: Option<usize>,
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
        let word = Word { token: gesture(&first.plan), of: Some(0) };
        Self::asking(None, first, Vec::new(), vec![word], reason)
    }

    /// An approval of a set, all of one account, by one gesture: how many, and where; what can't be undone or is wide
    /// asks for no less than by itself.
    pub fn of_set(
        (name, left_out): (Untrusted, Vec<String>),
        first: Proposed,
        more: Vec<Proposed>,
        reason: &Untrusted,
    ) -> Self {
        let token = format!("{} {}", more.len() + 1, first.plan.target.account.line());
        let all = std::iter::once(&first).chain(&more).enumerate();
        let wide = all.filter(|(_, one)| one.plan.danger > 2).map(|(at, one)| (gesture(&one.plan), Some(at)));
        let words = std::iter::once((token, None)).chain(wide).map(|(token, of)| Word { token, of }).collect();
        Self { left_out, ..Self::asking(Some(name), first, more, words, reason) }
    }

    fn asking(
        set: Option<Untrusted>,
        first: Proposed,
        more: Vec<Proposed>,
        words: Vec<Word>,
        reason: &Untrusted,
    ) -> Self {
        let (typed, reason) = (String::new(), area(reason));
        let (left_out, fresh) = (Vec::new(), Vec::new());
        let (given, in_reason, scroll, read) = (0, false, (0, 0), false);
        Self { set, first, more, left_out, fresh, words, given, typed, reason, in_reason, scroll, read }
    }

    /// All that it approves, in order.
    pub fn proposed(&self) -> impl Iterator<Item = &Proposed> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The highest danger in it.
    pub fn danger(&self) -> u8 {
        self.proposed().map(|one| one.plan.danger).max().unwrap_or(3)
    }

    /// What must be typed now.
    pub fn token(&self) -> &str {
        self.words.get(self.given).map(|word| word.token.as_str()).unwrap_or_default()
    }

    /// Whether what must be typed now is typed. A plan without a token can't be approved: nothing typed is no gesture.
    pub fn complete(&self) -> bool {
        !self.token().is_empty() && self.typed == self.token()
    }

    /// Whether nothing more must be typed than what must be now.
    pub fn at_last(&self) -> bool {
        self.given + 1 >= self.words.len()
    }

    /// What was typed in place of what had to be.
    pub fn mistyped(&self) -> String {
        let (typed, token) = (Untrusted::from(self.typed.as_str()).line(), Untrusted::from(self.token()).line());
        let case =
            if self.typed.eq_ignore_ascii_case(self.token()) { " (small and capital letters count)" } else { "" };
        format!("{} is not {}{case}", cut_end(typed.as_str(), SHOWN), cut_start(token.as_str(), SHOWN))
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
            KeyCode::Enter if self.complete() && self.at_last() => {
                let words: Vec<&str> = self.words.iter().map(|word| word.token.as_str()).collect();
                Answer::Approved { gesture: format!("typed {}", words.join(", ")), why: text_of(&self.reason) }
            }
            KeyCode::Enter if self.complete() => {
                self.given += 1;
                self.typed.clear();
                Answer::Stay
            }
            KeyCode::Enter if self.typed.is_empty() => Answer::Cancel,
            KeyCode::Enter => Answer::Mistyped,
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
