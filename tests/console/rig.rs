//! The console without a terminal, a disk and an account: real keys go in, and a shell of straw acknowledges
//! records or refuses them, makes sessions, and answers what is read. Nothing happens by itself.

use super::account::account;
use super::fixtures;
use jiff::{SignedDuration, Timestamp};
use quell::aws::CallLog;
use quell::console::core::confirm::Confirm;
use quell::console::core::effect::{Desk, Reaction, Reads};
use quell::console::core::input::{AttachedSession, Input};
use quell::console::core::key::Key;
use quell::console::core::keymap::{DEFAULT, Keymap};
use quell::console::core::model::{Account, Ctx, Mode, Model, Screen};
use quell::console::core::prompt::Kind;
use quell::console::core::update::update;
use quell::console::screens::{incident, sessions, text};
use quell::console::widgets::look::Look;
use quell::problem::Problem;
use quell::source::{SourceEvent, SourceName};
use quell_core::finding::{Finding, Via};
use quell_core::incident::{
    ActorFrom, Entry, Event, Found, Link, Mark, Outcome, Plan, SegOpen, Timeline, Verified, WriterId, WriterNamed,
};
use quell_core::text::{Id, Untrusted};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The whole of it.
pub struct Rig {
    /// Whether the runbooks at hand are trusted.
    pub trusting: bool,
    pub model: Model,
    pub now: Timestamp,
    pub instant: Instant,
    /// Sent to the log and not yet answered.
    pub unsaved: Vec<Entry>,
    /// On disk, in the order in which they came there.
    pub saved: Vec<Entry>,
    pub reads: Vec<Reads>,
    /// What was asked of the needs of actions.
    pub ready: Vec<Reads>,
    pub desk: Vec<Desk>,
    pub sessions: u32,
    /// The console has ended.
    pub ended: bool,
}

/// The first look: sixteen colours, lines of Unicode.
pub const COLOUR: Look = Look { colour: true, ascii: false };
/// The last one: no colour, ASCII.
pub const MONO: Look = Look { colour: false, ascii: true };

pub fn writer(letter: char) -> WriterId {
    Id::new(&letter.to_string().repeat(26)).unwrap()
}

fn model(mode: Mode) -> Model {
    Model {
        size: (80, 24),
        keymap: Arc::new(Keymap::read("default.toml", DEFAULT).unwrap()),
        look: COLOUR,
        account: Account {
            mode,
            read_only: false,
            two: false,
            triage_limit: 50,
            region: "eu-west-1".into(),
            identity: Some(Ok(account().0.clone())),
            armed_until: None,
            calls: CallLog::default(),
        },
        me: "alice".into(),
        named: Some(WriterNamed { actor: "alice".into(), from: ActorFrom::User, detail: None }),
        library: Arc::new(vec![fixtures::book()]),
        screens: vec![Screen::Findings],
        findings: Default::default(),
        incident: incident::State::default(),
        sessions: sessions::State::offering(true),
        review: None,
        runbooks: Default::default(),
        text: text::State::default(),
        session: None,
        prompt: None,
        chord: Vec::new(),
        toast: None,
        trouble: None,
        generation: 0,
        planning: None,
        deaf: None,
        leaving: false,
        clock: fixtures::time("2025-11-21T14:07:00Z"),
        variables: BTreeMap::new(),
        farewell: BTreeMap::new(),
        farewell_open: false,
        leaving_signed: false,
        secrets: Default::default(),
        trusted: Default::default(),
        triage: None,
        lift: None,
        wanted: None,
        lacking: false,
    }
}

impl Rig {
    /// A console on a simulated account without findings.
    pub fn empty() -> Self {
        Self::of(Mode::Simulated)
    }

    pub fn of(mode: Mode) -> Self {
        Self {
            model: model(mode),
            trusting: true,
            now: fixtures::time("2025-11-21T14:07:00Z"),
            // Only differences of instants count; this one is where they start.
            instant: Instant::now(),
            unsaved: Vec::new(),
            saved: Vec::new(),
            reads: Vec::new(),
            ready: Vec::new(),
            desk: Vec::new(),
            sessions: 0,
            ended: false,
        }
    }

    /// A console that shows the four findings.
    pub fn listed() -> Self {
        let mut rig = Self::empty();
        rig.arrive(fixtures::findings());
        rig
    }

    /// A console in the incident of the worst finding, all on disk.
    pub fn opened() -> Self {
        let mut rig = Self::listed();
        rig.keys("Enter");
        rig.settle();
        rig
    }

    /// Findings of the source.
    pub fn arrive(&mut self, findings: Vec<Finding>) {
        let source = SourceName { via: Via::Guardduty, region: "eu-west-1".into() };
        self.feed(Input::Source(SourceEvent::Findings { source, findings, complete: true }));
    }

    pub fn feed(&mut self, input: Input) -> Reaction {
        if self.trusting {
            self.model.trusted = self.model.library.iter().map(|book| book.sha256.clone()).collect();
        }
        let ctx = Ctx { now: self.now, instant: self.instant };
        let mut out = update(&mut self.model, input, &ctx);
        self.ended |= out.end;
        self.unsaved.append(&mut out.entries.clone());
        // What the actions need is asked beside everything else, and the runbooks are read anew; few tests are about it.
        out.reads.retain(|read| !matches!(read, Reads::Library { show: false }));
        let (ready, reads): (Vec<Reads>, Vec<Reads>) =
            std::mem::take(&mut out.reads).into_iter().partition(|read| matches!(read, Reads::Ready { .. }));
        self.ready.extend(ready);
        self.reads.extend(reads);
        self.desk.append(&mut out.desk);
        out
    }

    /// Lets time go by.
    pub fn wait(&mut self, millis: u64) {
        self.instant += Duration::from_millis(millis);
        self.now += SignedDuration::from_millis(millis as i64);
    }

    /// Keys by their names, each a second after the one before.
    pub fn keys(&mut self, names: &str) {
        for name in names.split(' ') {
            self.wait(1000);
            self.key(name);
        }
    }

    /// Keys in one read: no time goes by between them.
    pub fn burst(&mut self, names: &str) {
        names.split(' ').for_each(|name| {
            self.key(name);
        });
    }

    pub fn key(&mut self, name: &str) -> Reaction {
        let key = Key::parse(name).unwrap_or_else(|| panic!("{name} is no key"));
        self.feed(Input::Key(key))
    }

    /// Text, a key for each character.
    pub fn type_in(&mut self, text: &str) {
        for c in text.chars() {
            self.key(if c == ' ' { "Space".to_owned() } else { c.to_string() }.as_str());
        }
    }

    pub fn paste(&mut self, text: &str) -> Reaction {
        self.feed(Input::Paste(text.into()))
    }

    /// The log has all that was sent.
    pub fn save(&mut self) {
        let entries = std::mem::take(&mut self.unsaved);
        if !entries.is_empty() {
            self.saved.extend(entries.clone());
            self.feed(Input::Saved(entries));
        }
    }

    /// The log has none of it.
    pub fn refuse(&mut self) {
        self.unsaved.clear();
        let Some(session) = &self.model.session else { return };
        let own = self.saved.iter().filter(|e| e.link.0 == session.writer);
        let next_n = own.map(|e| e.link.1 + 1).max().unwrap_or(0);
        let last_l = self.saved.iter().map(|e| e.l).max().unwrap_or(0);
        let problem = Problem::local("the disk is full").next("free some room; the next key tries again");
        self.feed(Input::NotSaved { problem, next_n, last_l });
    }

    /// Makes the session that was asked for.
    pub fn attach(&mut self) {
        let made = self.desk.iter().any(|d| matches!(d, Desk::Create { .. }));
        self.desk.clear();
        if made {
            self.sessions += 1;
            let letter = char::from(b'a' + (self.sessions - 1) as u8 % 26);
            let entry = self.first(letter);
            self.saved = vec![entry.clone()];
            self.feed(Input::Attached(Box::new(AttachedSession {
                id: format!("20251121T140701Z-test-{}", letter.to_string().repeat(6)),
                writer: writer(letter),
                timeline: Timeline::new(vec![entry]),
                next_n: 1,
                last_l: 1,
                books: Vec::new(),
                joined: false,
                dead: Vec::new(),
            })));
        }
    }

    /// The first record of a writer's first segment.
    pub fn first(&self, letter: char) -> Entry {
        let open = SegOpen {
            format: 1,
            session: Id::new("20251121t140701z-test").unwrap(),
            salt: "00".repeat(16),
            tool: "quell".into(),
            host: "bastion".into(),
            user: if letter == 'z' { "bob" } else { "alice" }.into(),
            caller: None,
            after: None,
            aside: None,
        };
        let link = Link(writer(letter), 0);
        Entry { link, l: 1, t: self.now, at: None, seen: None, event: open.into() }
    }

    /// Answers the first thing that was asked to be read; false when there is none.
    pub fn answer(&mut self) -> bool {
        if self.reads.is_empty() {
            return false;
        }
        match self.reads.remove(0) {
            Reads::Plan { generation, request } => {
                let result = Box::new(Ok(fixtures::plan(&request)));
                self.feed(Input::Planned { generation, result });
            }
            Reads::PlanUndo { generation, plan, set, .. } => {
                let title = format!("Undo: {}", plan.title.line()).into();
                let result = Box::new(Ok(Plan { title, danger: 1, set, ..*plan }));
                self.feed(Input::Planned { generation, result });
            }
            Reads::PlanSignal { generation, plan, .. } => {
                let title = format!("Stop: {}", plan.title.line()).into();
                let kind = quell_core::text::Id::new("ssm-signal").unwrap();
                let confirm: quell_core::text::Untrusted = "71bf0f37-40fe-4404-9bb0-2eb5e33d550c".into();
                let mut target = plan.target.clone();
                target.resource = confirm.clone();
                let result = Box::new(Ok(Plan { title, kind, step: None, target, confirm, ..*plan }));
                self.feed(Input::Planned { generation, result });
            }
            Reads::Check { action, .. } => {
                self.feed(Input::Checked { action, found: Found::Ended(succeeded()) });
            }
            Reads::Verify { action, .. } => {
                let facts = vec![quell_core::incident::Fact::new("state", "isolated")];
                self.feed(Input::Verified { action, verified: Verified { holds: Some(true), facts } });
            }
            _ => {}
        }
        true
    }

    /// Makes sessions, saves and answers until nothing is left to do.
    pub fn settle(&mut self) {
        loop {
            self.attach();
            self.save();
            if !self.answer() && self.unsaved.is_empty() && self.desk.is_empty() {
                return;
            }
        }
    }

    /// The action that runs.
    pub fn running(&self) -> Option<Link> {
        let session = self.model.session.as_ref()?;
        let life = quell_core::incident::Life::Started;
        session.saved().actions.values().find(|a| a.life == life).map(|a| a.link.clone())
    }

    /// The action that runs comes to its end.
    pub fn end(&mut self, outcome: Outcome) {
        if let Some(action) = self.running() {
            self.feed(Input::Ended { action, outcome });
        }
    }

    pub fn confirm(&self) -> Option<&Confirm> {
        match self.model.prompt.as_ref().map(|p| &p.kind) {
            Some(Kind::Confirm(confirm)) => Some(confirm),
            _ => None,
        }
    }

    /// The kinds of what is on disk.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.saved.iter().map(|e| e.event.kind().unwrap_or("?")).collect()
    }

    /// How many records of a kind were made, on disk or on the way.
    pub fn count(&self, kind: &str) -> usize {
        self.saved.iter().chain(&self.unsaved).filter(|e| e.event.kind() == Some(kind)).count()
    }

    /// The mark of the step of that row.
    pub fn mark(&self, row: usize) -> Mark {
        self.model.saved().unwrap().runbooks[0].steps[row].mark
    }

    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.saved.iter().chain(&self.unsaved).map(|e| &e.event)
    }

    pub fn buffer(&self) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.0, self.model.size.1);
        let mut buf = Buffer::empty(area);
        quell::console::draw(&self.model, self.now, area, &mut buf);
        buf
    }

    /// What stands on the screen, a line each, without spaces at their ends.
    pub fn screen(&self) -> String {
        lines(&self.buffer(), |cell| cell.symbol().to_owned())
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.feed(Input::Resize(width, height));
    }

    /// Panics with the screen unless it shows `words`.
    pub fn sees(&self, words: &str) {
        let screen = self.screen();
        assert!(screen.contains(words), "{words:?} is not in\n{screen}");
    }

    pub fn sees_not(&self, words: &str) {
        let screen = self.screen();
        assert!(!screen.contains(words), "{words:?} is in\n{screen}");
    }
}

/// A buffer as lines of text.
pub fn lines(buf: &Buffer, of: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let area = buf.area;
    let mut text = String::new();
    for y in 0..area.height {
        let line: String = (0..area.width).map(|x| of(&buf[(x, y)])).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub fn succeeded() -> Outcome {
    Outcome::Succeeded {
        outcome: "it is isolated".into(),
        request_ids: vec!["req-1".into()],
        undo: Some(serde_json::json!({ "State": "active", "Workflow": { "0001": "NEW" } })),
        facts: Vec::new(),
    }
}

pub fn untrusted(text: &str) -> Untrusted {
    text.into()
}
