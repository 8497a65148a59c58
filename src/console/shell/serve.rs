//! Carries out what updates ask for.

use super::beside::{self, Closing};
use super::clipboard;
use super::desk::{self, Deliver, Message, Open};
use super::rival;
use super::runner::Runner;
use super::{Connect, step};
use crate::aws::{Allow, ConnectOptions, Connection};
use crate::console::core::effect::{Desk, LoadFor, Reaction, Reads};
use crate::console::core::input::Input;
use crate::console::core::model::{Mode, Model};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::source::{Health, SourceEvent, SourceName, Sources};
use crate::timeline::{LogHandle, Reply, Sessions, Who};
use quell_core::finding::Via;
use quell_core::incident::{Entry, Token};
use quell_core::text::Id;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// The world, as the loop holds it.
pub struct Shell {
    pub runtime: Runtime,
    sessions: Sessions,
    who: Who,
    /// The key that the configuration names to sign with.
    key: Option<PathBuf>,
    deliver: Deliver,
    runner: Option<Runner>,
    sources: Option<Sources>,
    /// How to connect to the account when it is armed.
    later: Option<(ConnectOptions, Allow, Duration)>,
    open: Option<(LogHandle, Option<Sender<()>>)>,
    closing: Closing,
    pub dirty: bool,
    pub redraw: bool,
    pub suspend: bool,
    pub ended: bool,
    pub wake: Option<Instant>,
    pub last: Option<String>,
}

impl Shell {
    /// A shell without a connection or a session.
    pub fn new(runtime: Runtime, sessions: Sessions, who: Who, key: Option<PathBuf>, deliver: Deliver) -> Self {
        Self {
            runtime,
            sessions,
            who,
            key,
            deliver,
            runner: None,
            sources: None,
            later: None,
            open: None,
            closing: Closing::default(),
            dirty: true,
            redraw: false,
            suspend: false,
            ended: false,
            wake: None,
            last: None,
        }
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

    fn load(&self, options: ConnectOptions, allow: Allow, arm: bool, interval: Duration) {
        let (runtime, deliver) = (self.runtime.clone(), self.deliver.clone());
        self.runtime.task(async move {
            let message = match Connection::load(options, allow, runtime).await {
                Ok(connection) => Message::Connected(Box::new((connection, arm, interval))),
                Err(problem) => Message::Inputs(vec![Input::Connected(Err(problem.clone())), Input::Trouble(problem)]),
            };
            deliver(message);
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
        let runner = Runner::new(connection.clone(), self.runtime.clone(), self.deliver.clone());
        let (asker, deliver, read_only) = (runner.clone(), self.deliver.clone(), model.account.read_only);
        self.runtime.task(async move {
            let identity = asker.connection.identity().await;
            let mut inputs = vec![Input::Connected(identity.clone())];
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
            let reaction = step(model, input, &self.runtime);
            if self.who.actor != model.named {
                self.who.actor.clone_from(&model.named);
            }
            self.react(model, reaction);
        }
    }

    /// Takes in what came from beside the loop.
    pub fn message(&mut self, model: &mut Model, message: Message) {
        match message {
            Message::Inputs(inputs) => self.take(model, inputs),
            Message::Connected(connected) => {
                let (connection, arm, interval) = *connected;
                self.connected(model, connection, arm, interval);
            }
            Message::Attached(attached) => {
                let (Open { log, follow, remote }, session) = *attached;
                let followed = beside::follow(&self.runtime, session.id.clone(), follow, self.deliver.clone());
                let (stop, trouble) = match followed {
                    Ok(stop) => (Some(stop), None),
                    Err(problem) => (None, Some(problem)),
                };
                self.open = Some((log, stop));
                self.last = Some(session.id.clone());
                let mut inputs = vec![Input::Attached(Box::new(session))];
                inputs.extend(remote.into_iter().chain(trouble).map(Input::Trouble));
                self.take(model, inputs);
            }
            Message::Log(Reply::Saved(mut saved)) => {
                for permit in saved.permits() {
                    self.execute(model, permit);
                }
                self.take(model, vec![Input::Saved(saved.entries().to_vec())]);
            }
            Message::Log(Reply::NotSaved(no)) => {
                if let Some((log, _)) = &self.open {
                    log.heard(&no);
                }
                let (problem, next_n, last_l) = (no.problem, no.next_n, no.last_l);
                self.take(model, vec![Input::NotSaved { problem, next_n, last_l }]);
            }
        }
    }

    /// A record of a start is on disk: the plan that it names is carried out.
    fn execute(&mut self, model: &Model, permit: crate::timeline::Permit) {
        let Some(session) = &model.session else { return };
        let Some(action) = session.pending().actions.get(permit.action()) else { return };
        let Some(runner) = self.runner.clone() else { return };
        let plan = action.plan.clone();
        let (sessions, id, runtime) = (self.sessions.clone(), session.id.clone(), self.runtime.clone());
        self.runtime.blocking(move || match rival::look(&sessions, &id, permit.action()) {
            Ok(()) => drop(runtime.task(async move { runner.execute(permit, plan).await })),
            Err(why) => runner.refuse(&permit, &why),
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
            self.desk(desk);
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
    fn leave(&mut self) {
        if let Some((log, _)) = self.open.take() {
            self.closing.close(log, &self.runtime);
        }
    }

    /// Gives the session up and waits for the disk.
    pub fn close(&mut self) {
        self.leave();
        self.closing.wait();
    }

    fn beside(&self, work: impl FnOnce(&Sessions, &Deliver) -> Message + Send + 'static) {
        let (sessions, deliver) = (self.sessions.clone(), self.deliver.clone());
        self.runtime.blocking(move || deliver(work(&sessions, &deliver)));
    }

    fn desk(&mut self, desk: Desk) {
        let (who, runtime, closing) = (self.who.clone(), self.runtime.clone(), self.closing.clone());
        let said = |result: Result<(Open, _), Problem>| match result {
            Ok(attached) => Message::Attached(Box::new(attached)),
            Err(problem) => Message::Inputs(vec![Input::NotAttached(problem)]),
        };
        match desk {
            Desk::Create { title, .. } => {
                self.beside(move |sessions, deliver| {
                    closing.wait();
                    said(desk::create(sessions, &title, &who, &runtime, deliver))
                });
            }
            Desk::Resume { session } => {
                self.beside(move |sessions, deliver| {
                    closing.wait();
                    said(desk::resume(sessions, &session, &who, &runtime, deliver))
                });
            }
            Desk::Leave => self.leave(),
            Desk::Export { session, name, text } => self.beside(move |sessions, _| {
                Message::Inputs(vec![match desk::export(sessions, &session, &name, &text) {
                    Ok(path) => Input::Said(format!("written to {}", crate::problem::clean(&path))),
                    Err(problem) => Input::Trouble(problem),
                }])
            }),
        }
    }

    fn read(&mut self, model: &mut Model, reads: Reads) {
        match reads {
            Reads::Copy(text) => self.take(model, vec![Input::Said(clipboard::copy(&text))]),
            Reads::ListSessions => self.beside(|sessions, _| Message::Inputs(desk::list(sessions))),
            Reads::Load { session, why } => self.beside(move |sessions, _| {
                let loaded = desk::load(sessions, &session, why == LoadFor::Review);
                Message::Inputs(vec![loaded.unwrap_or_else(Input::Trouble)])
            }),
            Reads::ReadEvidence { session, blob, name } => self.beside(move |sessions, _| {
                let read = desk::evidence(sessions, &session, &blob);
                Message::Inputs(vec![match read {
                    Ok(bytes) => Input::Evidence { name, bytes },
                    Err(problem) => Input::Trouble(problem),
                }])
            }),
            Reads::ReadFile { session, path, step } => self.beside(move |_, _| {
                let result = desk::read_file(path.line().as_str());
                Message::Inputs(vec![Input::File { session, step, name: path, result }])
            }),
            Reads::Sign { session, writer } => {
                let (runtime, key) = (self.runtime.clone(), self.key.clone());
                self.beside(move |sessions, _| {
                    let result = desk::sign(sessions, &session, &writer, key.as_deref(), &runtime);
                    Message::Inputs(vec![Input::Signed { session, result }])
                });
            }
            other => self.call(model, other),
        }
    }

    /// What needs the connection.
    fn call(&mut self, model: &mut Model, reads: Reads) {
        if self.runner.is_none()
            && matches!(reads, Reads::Arm)
            && let Some((options, allow, interval)) = self.later.clone()
        {
            return self.load(options, allow, true, interval);
        }
        let Some(runner) = self.runner.clone() else {
            model.planning = None;
            let problem = Problem::input("there is no connection to an account")
                .meaning("nothing can be planned or looked up")
                .next("wait until it stands, or look at the problem that it had");
            return self.take(model, vec![Input::Trouble(problem)]);
        };
        let session = model.session.as_ref().and_then(|s| Id::new(&s.id).ok());
        let deliver = self.deliver.clone();
        self.runtime.task(async move {
            match reads {
                Reads::Plan { generation, request } => runner.plan(generation, *request).await,
                Reads::PlanUndo { generation, action, plan, outcome } => {
                    runner.plan_undo(generation, action, *plan, *outcome).await;
                }
                Reads::Check { action, plan, .. } => {
                    if let Some(session) = session {
                        let token = Token::new(&session, &action);
                        runner.check(action, *plan, token).await;
                    }
                }
                Reads::Verify { action, plan, outcome } => runner.verify(action, *plan, *outcome).await,
                Reads::Arm => deliver(Message::Inputs(vec![Input::Armed(runner.arm().await)])),
                Reads::Disarm => {
                    runner.disarm().await;
                    deliver(Message::Inputs(vec![Input::Armed(Ok(None))]));
                }
                Reads::Copy(_)
                | Reads::ListSessions
                | Reads::Load { .. }
                | Reads::ReadEvidence { .. }
                | Reads::ReadFile { .. }
                | Reads::Sign { .. } => {}
            }
        });
    }
}
