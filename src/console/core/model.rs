//! All that the console knows. `update` alone changes it; drawing only reads it.

use super::active::Active;
use super::drafts;
use super::effect::{Desk, Reaction, Reads};
use super::input::SessionRow;
use super::key::Key;
use super::keymap::{Keymap, Where};
use super::prompt::{Kind, Prompt};
use super::{approve, strike};
use crate::action::in_force;
use crate::aws::{CallLog, Identity};
use crate::console::screens::{findings, incident, review, runbooks, sessions, text};
use crate::console::widgets::look::Look;
use crate::problem::Problem;
use jiff::Timestamp;
use quell_core::incident::{Incident, Intent, Life, Link, StepRef, WriterNamed, decide};
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;
use quell_core::text::secret::Secrets;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// What an update may know of the moment.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    pub now: Timestamp,
    pub instant: Instant,
}

/// Which screen is on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Findings,
    Incident,
    Sessions,
    Review,
    Runbooks,
    /// Report, help, call log.
    Text,
}

/// What kind of account the console is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    Simulated,
    Real,
    /// AWS_ENDPOINT_URL is set.
    Endpoint(String),
    /// Findings of a file; an account only once it is armed.
    File {
        name: String,
        /// AWS_ENDPOINT_URL of that account.
        endpoint: Option<String>,
    },
}

/// The account that the console works on, as far as it is known.
#[derive(Debug)]
pub struct Account {
    pub mode: Mode,
    pub read_only: bool,
    /// Two people must approve each action.
    pub two: bool,
    /// So many findings are triaged at once at most.
    pub triage_limit: usize,
    pub region: String,
    pub identity: Option<Result<Identity, Problem>>,
    /// Until when actions may start; a simulated account needs no leave.
    pub armed_until: Option<Timestamp>,
    pub calls: CallLog,
}

impl Account {
    /// Whether there is nothing to act on: findings of a file, and no account connected.
    pub fn lacks(&self) -> bool {
        matches!(self.mode, Mode::File { .. }) && !matches!(self.identity, Some(Ok(_)))
    }

    /// Whether an action may start now.
    pub fn armed(&self, now: Timestamp) -> bool {
        match self.mode {
            Mode::Simulated => !self.read_only,
            Mode::Real | Mode::Endpoint(_) | Mode::File { .. } => self.armed_until.is_some_and(|until| now < until),
        }
    }
}

/// What is being planned, and for what.
#[derive(Clone, Debug, PartialEq)]
pub enum Planning {
    Step(StepRef),
    /// A command of a step, which says nothing of whether the step is done.
    Command(StepRef),
    Undo(Link),
    /// Something that is said to an action while it runs.
    Signal(Link),
    /// Of the finding that these words name.
    Triage(String),
    /// Of a triage that can't be recorded: to be copied, and for nothing else.
    Unsaved,
    /// Into the set that is being staged, of a step if it has one.
    Stage(Option<StepRef>),
    StageUndo(Link),
}

impl Planning {
    /// Whether its plan waits in a set, and no question comes of it.
    pub fn stages(&self) -> bool {
        matches!(self, Planning::Stage(_) | Planning::StageUndo(_))
    }
}

/// All that the console knows.
#[derive(Debug)]
pub struct Model {
    pub size: (u16, u16),
    pub keymap: Arc<Keymap>,
    pub look: Look,
    pub account: Account,
    /// The name that records carry.
    pub me: Untrusted,
    /// The same with where it comes from; `None` while only the user's name is known.
    pub named: Option<WriterNamed>,
    pub library: Arc<Vec<Runbook>>,
    pub screens: Vec<Screen>,
    pub findings: findings::State,
    pub incident: incident::State,
    pub sessions: sessions::State,
    pub review: Option<review::State>,
    pub runbooks: runbooks::State,
    pub text: text::State,
    pub session: Option<Active>,
    pub prompt: Option<Prompt>,
    /// Keys of a sequence so far.
    pub chord: Vec<Key>,
    pub toast: Option<String>,
    pub trouble: Option<Problem>,
    pub generation: u64,
    pub planning: Option<Planning>,
    /// Until when Enter and Space do nothing: a question has just been answered, and the key may be its second press.
    pub deaf: Option<Instant>,
    /// C-c at the top was pressed once.
    pub leaving: bool,
    /// The time of the input that is taken in.
    pub clock: Timestamp,
    /// Values of templates that the configuration gives, by name without `var.`.
    pub variables: BTreeMap<String, Untrusted>,
    /// Of sessions that were left: how many actions succeeded, how many have no end, and how many things stand contained.
    pub farewell: BTreeMap<String, (usize, usize, usize)>,
    /// Whether the session that was left last is still open.
    pub farewell_open: bool,
    /// quell is to end as soon as the timeline is signed.
    pub leaving_signed: bool,
    /// Credentials of the responder, which must not get into what is kept.
    pub secrets: Secrets,
    /// The hashes of the runbooks whose actions may be planned, as they were when last looked up.
    pub trusted: BTreeSet<String>,
    /// A triage that waits for its session.
    pub triage: Option<findings::Triage>,
    /// A containment of the session that is being opened, whose undo is planned then.
    pub lift: Option<Link>,
    /// A finding that shall be opened as soon as it is there.
    pub wanted: Option<String>,
    /// What was asked for is not all there: an id that no source has, a file with records that can't be read.
    pub lacking: bool,
}

impl Model {
    /// The screen on top.
    pub fn screen(&self) -> Screen {
        self.screens.last().copied().unwrap_or(Screen::Findings)
    }

    /// The part of the keymap that holds now.
    pub fn place(&self) -> Where {
        match self.screen() {
            Screen::Findings => Where::Findings,
            Screen::Incident => Where::Incident,
            Screen::Sessions => Where::Sessions,
            Screen::Review => Where::Review,
            Screen::Runbooks => Where::Runbooks,
            Screen::Text if self.text.report.is_some() => Where::Report,
            Screen::Text if !self.text.standing.is_empty() => Where::InForce,
            Screen::Text => Where::Text,
        }
    }

    /// Puts a screen on top.
    pub fn show(&mut self, screen: Screen) {
        if self.screen() != screen {
            self.screens.push(screen);
        }
    }

    /// Says something in the status line until the next key.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(text.into());
        self.trouble = None;
    }

    /// Shows a problem until the next key.
    pub fn complain(&mut self, problem: Problem) {
        self.trouble = Some(problem);
        self.toast = None;
    }

    /// Opens a question, with the words that were typed into it before.
    pub fn ask(&mut self, kind: Kind, ctx: &Ctx) {
        self.chord.clear();
        let mut prompt = Prompt::new(kind, ctx.instant);
        drafts::take_up(self, &mut prompt);
        self.prompt = Some(prompt);
    }

    /// The incident as it is drawn: what is on disk.
    pub fn saved(&self) -> Option<&Incident> {
        self.session.as_ref().map(Active::saved)
    }

    /// Carries out an intent on the open session; a refusal is said.
    pub fn act(&mut self, intent: Intent, ctx: &Ctx, out: &mut Reaction) -> bool {
        let Some(session) = &mut self.session else {
            self.say("no session is open");
            return false;
        };
        match decide(session.pending(), intent) {
            Ok(events) => {
                let entries = session.emit(events, ctx.now, &self.secrets);
                out.entries.extend(entries);
                out.dirty = true;
                true
            }
            Err(refusal) => {
                self.say(refusal.to_string());
                out.dirty = true;
                false
            }
        }
    }

    /// Starts a plan; the answer carries the generation, so that a stale one is dropped.
    pub fn plan(&mut self, planning: Planning, reads: impl FnOnce(u64) -> Reads, ctx: &Ctx, out: &mut Reaction) {
        if self.planning.as_ref() == Some(&planning) {
            self.say("the plan is being made");
        } else {
            if !planning.stages() {
                // Whatever was still to be staged was given up for this.
                incident::give_up(self, ctx, out);
            }
            self.generation += 1;
            self.planning = Some(planning);
            out.reads.push(reads(self.generation));
            self.say("planning: reading what is there now");
        }
        out.dirty = true;
    }

    /// The list of sessions knows the one that is being left as it stands now, before it is read again.
    pub fn remember(&mut self, now: Timestamp) {
        let Some(session) = &self.session else { return };
        let incident = session.saved();
        self.sessions.keep(SessionRow {
            id: session.id.clone(),
            title: incident.title.clone(),
            open: incident.closed.is_none(),
            opened: incident.opened.as_ref().map(|s| s.at).or(Some(now)),
            simulated: incident.simulated,
            responders: vec![self.me.clone()],
            records: session.timeline().entries().len(),
            accounts: incident.accounts().cloned().collect(),
            findings: incident.findings.iter().map(|f| f.finding.id.clone()).collect(),
            quiet: incident.quiet,
            chain: "being written".into(),
        });
    }

    /// Gives up the session that is open.
    pub fn leave(&mut self, why: &str, ctx: &Ctx, out: &mut Reaction) {
        if self.session.is_some() {
            // What was still to be planned was for that session.
            incident::give_up(self, ctx, out);
            approve::left(self, ctx, out);
            strike::left(self, ctx, out);
        }
        if let Some(session) = &self.session {
            // What is signed to its end stays so; that its log is let go says the same.
            if !session.ends_signed() {
                self.act(Intent::Leave { why: why.into() }, ctx, out);
            }
            if let Some(session) = &self.session {
                let done = session.pending().actions.values().filter(|a| a.life == Life::Succeeded).count();
                let standing = in_force([(session.id.as_str(), session.pending())]).len();
                self.farewell.insert(session.id.clone(), (done, session.pending().open_actions().count(), standing));
            }
            out.desk.push(Desk::Leave);
            self.farewell_open = self.saved().is_some_and(|incident| incident.closed.is_none());
            self.remember(ctx.now);
            self.session = None;
            self.planning = None;
            self.incident.held = None;
        }
    }
}
