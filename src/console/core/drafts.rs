//! Words that were typed into a question and are not on disk yet. Each key keeps them, so that whatever closes the
//! question (Esc, a disk that is full, an arrival) loses nothing: they stand there again when the same is asked.

use super::effect::Reaction;
use super::model::Model;
use super::prompt::{FieldPurpose, Kind, Prompt};
use quell_core::incident::{Link, StepRef, Target};

/// What is said when a question with words is closed unanswered.
pub const KEPT: &str = "not saved; your words are kept until you leave quell: ask the same again";

/// What the title of a question says in which such words stand again.
const AGAIN: &str = " (from before; C-u deletes it)";

/// What a question with words is about; the same question finds its words by it.
#[derive(Clone, Debug)]
pub enum About {
    Field(FieldPurpose),
    /// Why an action is approved.
    Approval {
        kind: String,
        target: Box<Target>,
        step: Option<StepRef>,
        undo_of: Option<Link>,
    },
}

impl About {
    fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Field(field) => match &field.purpose {
                FieldPurpose::Filter { .. }
                | FieldPurpose::Search(_)
                | FieldPurpose::Palette
                | FieldPurpose::TriageField
                | FieldPurpose::Responder => None,
                purpose => Some(About::Field(purpose.clone())),
            },
            Kind::Confirm(confirm) => Some(About::Approval {
                kind: confirm.first.plan.kind.as_str().to_owned(),
                target: Box::new(confirm.first.plan.target.clone()),
                step: confirm.first.plan.step.clone(),
                undo_of: confirm.first.plan.undo_of.clone(),
            }),
            Kind::Choice(_) => None,
        }
    }

    /// Whether both ask about the same thing. A choice that was taken before the words does not count: whoever goes
    /// back to take another one means the same words.
    fn same(&self, other: &Self) -> bool {
        use FieldPurpose::{Because, Entity, Summary, Verdict};
        match (self, other) {
            (About::Field(a), About::Field(b)) => match (a, b) {
                (Summary(_), Summary(_)) | (Entity(_), Entity(_)) => true,
                (Verdict(a, _), Verdict(b, _)) => a == b,
                (Because(a, _), Because(b, _)) => a == b,
                _ => a == b,
            },
            (
                About::Approval { kind, target, step, undo_of },
                About::Approval { kind: k, target: t, step: s, undo_of: u },
            ) => (kind, target, step, undo_of) == (k, t, s, u),
            _ => false,
        }
    }
}

/// The words of one question.
#[derive(Debug)]
struct Draft {
    id: u64,
    session: String,
    about: About,
    text: String,
    /// The number of the record that has them, on its way to the disk.
    sent: Option<u64>,
}

/// All words that were typed and are not on disk, of all sessions.
#[derive(Debug, Default)]
pub struct Drafts {
    all: Vec<Draft>,
    next: u64,
}

impl Drafts {
    fn find(&self, session: &str, about: &About) -> Option<&Draft> {
        self.all.iter().find(|d| d.sent.is_none() && d.session == session && d.about.same(about))
    }

    /// Keeps what stands in a question; nothing is not kept. Gives what it is kept under.
    fn put(&mut self, id: Option<u64>, session: &str, about: About, text: &str) -> Option<u64> {
        let old = self.all.iter_mut().find(|d| Some(d.id) == id);
        if text.is_empty() {
            self.all.retain(|d| Some(d.id) != id);
            return None;
        }
        if let Some(old) = old {
            (old.about, old.text) = (about, text.to_owned());
            return id;
        }
        self.next += 1;
        let (id, session, text) = (self.next, session.to_owned(), text.to_owned());
        self.all.push(Draft { id, session, about, text, sent: None });
        Some(id)
    }

    /// The records of a session are on disk up to `n`: their words are used.
    pub fn saved(&mut self, session: &str, n: u64) {
        self.all.retain(|d| d.session != session || d.sent.is_none_or(|sent| sent > n));
    }

    /// The records of a session that were on their way are not on disk: their words are there to be used again. Says
    /// whether there are any.
    pub fn lost(&mut self, session: &str) -> bool {
        let mut any = false;
        for draft in self.all.iter_mut().filter(|d| d.session == session && d.sent.is_some()) {
            (draft.sent, any) = (None, true);
        }
        any
    }
}

fn session(model: &Model) -> &str {
    model.session.as_ref().map(|s| s.id.as_str()).unwrap_or_default()
}

/// A question opens with the words that were typed into it before, and says so: who goes on typing adds to them.
pub fn take_up(model: &Model, prompt: &mut Prompt) {
    let Some(about) = About::of(&prompt.kind) else { return };
    if let Some(draft) = model.incident.drafts.find(session(model), &about) {
        prompt.set_words(&draft.text);
        prompt.draft = Some(draft.id);
        if let Kind::Field(field) = &mut prompt.kind {
            field.title.push_str(AGAIN);
        }
    }
}

/// Keeps the words of the open question as they stand now.
pub fn keep(model: &mut Model) {
    let session = session(model).to_owned();
    let Some(prompt) = &mut model.prompt else { return };
    let (Some(about), Some(words)) = (About::of(&prompt.kind), prompt.words()) else { return };
    // What stood there from the start is there the next time anyway, and may be another then.
    let typed = if words.trim() == prompt.start.trim() { "" } else { words.trim() };
    prompt.draft = model.incident.drafts.put(prompt.draft, &session, about, typed);
}

/// The words of a question are in the last record that was made; they are forgotten when it is on disk.
pub fn used(model: &mut Model, draft: Option<u64>, out: &Reaction) {
    let n = out.entries.last().map(|e| e.link.1);
    model.incident.drafts.all.iter_mut().filter(|d| Some(d.id) == draft).for_each(|d| d.sent = n);
}

/// The same for a question that was closed before its record was made.
pub fn spent(model: &mut Model, purpose: FieldPurpose, is: impl Fn(&str) -> bool, out: &Reaction) {
    let draft = kept(model, purpose, is);
    used(model, draft, out);
}

/// Under what such words of a question are kept that was closed before its record was made.
pub fn kept(model: &Model, purpose: FieldPurpose, is: impl Fn(&str) -> bool) -> Option<u64> {
    model.incident.drafts.find(session(model), &About::Field(purpose)).filter(|d| is(&d.text)).map(|d| d.id)
}
