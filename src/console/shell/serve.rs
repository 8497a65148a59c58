//! Carries out what updates ask for.

use super::beside::{self, Closing};
use super::desk::{Deliver, Elsewhere, Message, Open};
use super::rival;
use super::runner::Runner;
use super::{Connect, Own, step};
use crate::aws::{Allow, ConnectOptions, Connection, handed, secrets};
use crate::console::core::effect::Reaction;
use crate::console::core::input::Input;
use crate::console::core::model::{Mode, Model, Screen};
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::source::{Health, SourceEvent, SourceName, Sources};
use crate::timeline::{Gate, LogHandle, Reply, Sessions, Watch, Who};
use quell_core::finding::Via;
use quell_core::incident::Entry;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The world, as the loop holds it.
pub struct Shell {
    pub runtime: Runtime,
    pub(super) sessions: Sessions,
    pub(super) who: Who,
    pub(super) own: Own,
    pub(super) deliver: Deliver,
    /// What is known of all sessions.
    pub(super) watch: Arc<Mutex<Watch>>,
    /// Whether a list that shows what others do is on the screen.
    listing: Arc<AtomicBool>,
    /// Ends the look at other sessions when it is dropped.
    looking: Option<Sender<()>>,
    /// Ends the look at the runbooks' files when it is dropped.
    reading: Option<Sender<()>>,
    /// Held while a session is begun.
    gate: Option<Gate>,
    pub(super) runner: Option<Runner>,
    pub(super) sources: Option<Sources>,
    /// How to connect to the account when it is armed.
    pub(super) later: Option<(ConnectOptions, Allow, Duration)>,
    pub(super) open: Option<(LogHandle, Option<Sender<()>>)>,
    pub(super) closing: Closing,
    pub dirty: bool,
    pub redraw: bool,
    pub suspend: bool,
    /// The responder's editor has the terminal.
    pub away: bool,
    /// When it has ended last.
    pub returned: Option<Instant>,
    /// It has ended, and the terminal is to be taken back.
    pub back: bool,
    /// The keyboard, where there is one.
    pub keys: Option<super::keys::Keys>,
    pub ended: bool,
    pub wake: Option<Instant>,
    pub last: Option<String>,
    /// The state folder that must be named to find the session: of the command line, or where it went on.
    pub moved: Option<PathBuf>,
    /// The state folder that was chosen for the next session.
    chosen: Option<PathBuf>,
}

impl Shell {
    /// A shell without a connection or a session.
    pub fn new(runtime: Runtime, sessions: Sessions, who: Who, own: Own, deliver: Deliver) -> Self {
        let mut shell = Self {
            watch: Arc::new(Mutex::new(Watch::of(&sessions))),
            listing: Arc::default(),
            looking: None,
            reading: None,
            gate: None,
            runtime,
            sessions,
            who,
            own,
            deliver,
            runner: None,
            sources: None,
            later: None,
            open: None,
            closing: Closing::default(),
            dirty: true,
            redraw: false,
            suspend: false,
            away: false,
            returned: None,
            back: false,
            keys: None,
            ended: false,
            wake: None,
            last: None,
            moved: None,
            chosen: None,
        };
        shell.look();
        if !shell.own.runbooks.is_empty() {
            // Without the thread they are read when a session is opened, and by hand.
            let folders = shell.own.runbooks.clone();
            shell.reading = beside::books(&shell.runtime, folders, shell.deliver.clone()).ok();
        }
        shell
    }

    /// Looks at what other consoles do with all sessions, for as long as a list is on the screen.
    pub(super) fn look(&mut self) {
        self.watch = Arc::new(Mutex::new(Watch::of(&self.sessions)));
        let (watch, listing) = (self.watch.clone(), self.listing.clone());
        // Without the thread the list is what it was at the last look; Enter looks again by itself.
        self.looking = beside::watch(&self.runtime, watch, listing, self.deliver.clone()).ok();
    }

    /// Begins to connect; what comes of it arrives as inputs.
    pub fn connect(&mut self, model: &mut Model, connect: Connect, arm: bool, interval: Duration) {
        match connect {
            Connect::Ready(connection) => self.connected(model, connection, arm, interval),
            Connect::Load { options, allow } => self.load(options, allow, arm, interval),
            Connect::File { findings, damage, options, allow } => {
                if arm {
                    self.load(options.clone(), allow.clone(), arm, interval);
                }
                self.later = Some((options, allow, interval));
                let source = SourceName { via: Via::File, region: String::new() };
                let mut events =
                    vec![SourceEvent::Findings { source: source.clone(), findings, complete: damage.is_none() }];
                if let Some(problem) = damage {
                    model.lacking = true;
                    let now = self.runtime.now();
                    let problem = Box::new(problem);
                    let health = Health::Failing { since: now, as_of: None, problem, next_try: now };
                    events.push(SourceEvent::Health { source, health });
                }
                self.take(model, events.into_iter().map(Input::Source).collect());
            }
        }
    }

    pub(super) fn load(&self, options: ConnectOptions, allow: Allow, arm: bool, interval: Duration) {
        let (runtime, deliver) = (self.runtime.clone(), self.deliver.clone());
        self.runtime.task(async move {
            match Connection::load(options.clone(), allow, runtime).await {
                Ok(connection) => deliver(Message::Connected(Box::new((connection, arm, interval)))),
                Err(problem) => {
                    let told = vec![Input::Connected(Err(problem.clone())), Input::Trouble(problem)];
                    deliver(Message::Inputs(told));
                    // What there is no connection for (no region is set, say) may be handed out all the same, and pasted.
                    deliver(Message::Inputs(vec![Input::Secrets(handed(&options).await)]));
                }
            }
        });
    }

    fn connected(&mut self, model: &mut Model, connection: Connection, arm: bool, interval: Duration) {
        model.account.calls = connection.calls().clone();
        model.account.region = connection.region().to_owned();
        let url = match connection.kind() {
            crate::aws::ConnectionKind::Endpoint(url) => Some(url.clone()),
            _ => None,
        };
        let listed = match (&mut model.account.mode, url) {
            // The file is what was asked for: the account's own findings stay out of its list.
            (Mode::File { endpoint, .. }, url) => {
                *endpoint = url;
                false
            }
            (mode, Some(url)) => {
                *mode = Mode::Endpoint(url);
                true
            }
            _ => true,
        };
        let simulated = *connection.kind() == crate::aws::ConnectionKind::Simulated;
        let runner = Runner::new(connection.clone(), self.runtime.clone(), self.deliver.clone(), self.sessions.clone());
        let (asker, deliver, read_only) = (runner.clone(), self.deliver.clone(), model.account.read_only);
        self.runtime.task(async move {
            let identity = asker.connection.identity().await;
            let held = Input::Secrets(asker.connection.secrets().await);
            let mut inputs = vec![held, Input::Connected(identity.clone())];
            if let Err(problem) = identity {
                inputs.push(Input::Trouble(problem));
            } else if (arm || simulated) && !read_only {
                let armed = asker.arm().await;
                if !simulated {
                    inputs.push(Input::Armed(armed));
                }
            }
            deliver(Message::Inputs(inputs));
        });
        if listed {
            model.findings.sources = connection.regions().len() * crate::source::count();
            let deliver = self.deliver.clone();
            let tell = move |event| deliver(Message::Inputs(vec![Input::Source(event)]));
            self.sources = Some(Sources::start(connection, self.runtime.clone(), interval, tell));
        }
        self.runner = Some(runner);
        self.dirty = true;
    }

    /// Takes inputs through the machine, one at a time.
    pub fn take(&mut self, model: &mut Model, inputs: Vec<Input>) {
        for input in inputs {
            if matches!(input, Input::Wake) {
                self.wake = None;
            }
            if let (Input::Verified { .. }, Some(sources)) = (&input, &self.sources) {
                // A changed workflow moves no time of update, so only a full reading shows it.
                sources.refresh();
            }
            if let Input::Connected(Ok(identity)) = &input {
                // Whoever attaches from here on says in the log which principal acts.
                self.who.caller = Some(identity.arn.clone());
            }
            if matches!(input, Input::Key(_)) && model.account.armed_until.is_some() {
                let until = self.runner.as_ref().and_then(Runner::touch);
                model.account.armed_until = until.or(model.account.armed_until);
            }
            let asked = model.prompt.is_some();
            let reaction = step(model, input, &self.runtime);
            if !asked && model.prompt.is_some() {
                self.learn_secrets();
            }
            if self.who.actor != model.named {
                self.who.actor.clone_from(&model.named);
            }
            self.react(model, reaction);
        }
        let listing = matches!(model.screen(), Screen::Findings | Screen::Sessions);
        self.listing.store(listing, Ordering::Relaxed);
    }

    /// Words will be typed: what must not be kept of them is looked up as it is now.
    fn learn_secrets(&self) {
        let deliver = self.deliver.clone();
        self.runtime.blocking(move || deliver(Message::Inputs(vec![Input::Secrets(secrets::known())])));
    }

    /// Takes in what came from beside the loop.
    pub fn message(&mut self, model: &mut Model, message: Message) {
        match message {
            Message::Inputs(inputs) => self.take(model, inputs),
            Message::Back => self.back = true,
            Message::Connected(connected) => {
                let (connection, arm, interval) = *connected;
                self.connected(model, connection, arm, interval);
            }
            Message::Moved(moved) => {
                let Elsewhere { sessions, path, opened, left } = *moved;
                // The first folder's log is given up only now that there is another.
                self.leave();
                self.keep_in(sessions);
                let words = format!("the session goes on in {}", clean(&path.to_string_lossy()));
                self.moved = Some(path);
                self.message(model, Message::Attached(Box::new(opened)));
                let left = left.map(Input::Trouble);
                self.take(model, std::iter::once(Input::Said(words)).chain(left).collect());
            }
            Message::Chosen(chosen) => self.chosen(model, *chosen),
            Message::Attached(attached) => {
                let (Open { log, follow, remote, gate }, session) = *attached;
                self.gate = gate;
                let followed = beside::follow(&self.runtime, session.id.clone(), follow, self.deliver.clone());
                let (stop, trouble) = match followed {
                    Ok(stop) => (Some(stop), None),
                    Err(problem) => (None, Some(problem)),
                };
                self.open = Some((log, stop));
                self.last = Some(session.id.clone());
                self.moved = self.chosen.take().or(self.moved.take());
                let mut inputs = vec![Input::Attached(Box::new(session))];
                inputs.extend(remote.into_iter().chain(trouble).map(Input::Trouble));
                self.take(model, inputs);
            }
            Message::Log(Reply::Saved(mut saved)) => {
                // What was begun is there for everybody to see.
                self.gate = None;
                self.execute(model, saved.permits());
                let mut inputs = vec![Input::Saved(saved.entries().to_vec())];
                // Told when it begins and when it ends, not with every record.
                let behind = saved.second_copy().cloned();
                if model.session.as_ref().is_some_and(|session| session.behind != behind.is_some()) {
                    inputs.push(Input::Behind(behind));
                }
                if model.session.as_ref().is_some_and(|session| session.low != saved.is_low()) {
                    inputs.push(Input::Low(saved.is_low()));
                }
                self.take(model, inputs);
            }
            Message::Log(Reply::NotSaved(no)) => {
                self.gate = None;
                if let Some((log, _)) = &self.open {
                    log.heard(&no);
                }
                let (problem, next_n, last_l) = (no.problem, no.next_n, no.last_l);
                self.take(model, vec![Input::NotSaved { problem, next_n, last_l }]);
            }
        }
    }

    /// Keeps sessions elsewhere, unless one was begun meanwhile.
    fn chosen(&mut self, model: &mut Model, (sessions, path): (Sessions, PathBuf)) {
        if model.session.is_some() || model.incident.opening {
            let words = "a session was opened meanwhile: once in it, :move takes it along";
            return self.take(model, vec![Input::Said(words.to_owned())]);
        }
        self.keep_in(sessions);
        let name = path.to_string_lossy().as_ref().into();
        self.chosen = Some(path);
        self.take(model, vec![Input::Chosen(name)]);
    }

    /// Records of starts are on disk: the plans that they name are carried out.
    fn execute(&mut self, model: &Model, permits: Vec<crate::timeline::Permit>) {
        let Some(session) = &model.session else { return };
        let Some(runner) = self.runner.clone() else { return };
        let actions = &session.pending().actions;
        let planned = |permit: crate::timeline::Permit| {
            let plan = actions.get(permit.action())?.plan.clone();
            Some((permit, plan))
        };
        let all: Vec<_> = permits.into_iter().filter_map(planned).collect();
        if all.is_empty() {
            return;
        }
        let (sessions, id, runtime) = (self.sessions.clone(), session.id.clone(), self.runtime.clone());
        let watch = self.watch.clone();
        self.runtime.blocking(move || {
            for (permit, plan) in all {
                match rival::look(&sessions, &watch, &id, permit.action()) {
                    Ok(()) => {
                        let runner = runner.clone();
                        runtime.task(async move { runner.execute(permit, plan).await });
                    }
                    Err(why) => runner.refuse(&permit, &why),
                }
            }
        });
    }

    fn react(&mut self, model: &mut Model, reaction: Reaction) {
        self.dirty |= reaction.dirty || reaction.redraw;
        self.redraw |= reaction.redraw;
        self.suspend |= reaction.suspend;
        if let Some(at) = reaction.wake {
            self.wake = Some(self.wake.map_or(at, |w| w.min(at)));
        }
        self.write(reaction.entries, reaction.blobs);
        for desk in reaction.desk {
            self.desk(model, desk);
        }
        for reads in reaction.reads {
            self.read(model, reads);
        }
        if reaction.end {
            self.close();
            self.ended = true;
        }
    }

    /// Hands records, and the bytes that they name, to the log's thread.
    pub fn write(&mut self, entries: Vec<Entry>, blobs: Vec<Vec<u8>>) {
        if entries.is_empty() && blobs.is_empty() {
            return;
        }
        let sent = match &self.open {
            Some((log, _)) => log.send_with(blobs, entries),
            None => Err(Problem::local("no session is open")),
        };
        if let Err(problem) = sent {
            (self.deliver)(Message::Inputs(vec![Input::Trouble(problem)]));
        }
    }

    /// Writes what is queued and gives the session up, beside the loop.
    pub(super) fn leave(&mut self) {
        if let Some((log, _)) = self.open.take() {
            self.closing.close(log, &self.runtime);
        }
    }

    /// Gives the session up and waits for the disk.
    pub fn close(&mut self) {
        self.leave();
        self.closing.wait();
    }
}
