//! What updates ask of the shell: work beside the loop, at the desk and through the connection.

use super::clipboard;
use super::desk::{self, Deliver, Message, Open};
use super::edit;
use super::serve::Shell;
use crate::action::ready;
use crate::aws::Bearer;
use crate::console::core::effect::{Desk, LoadFor, Reads};
use crate::console::core::input::Input;
use crate::console::core::model::Model;
use crate::files::runbooks::{self, Library};
use crate::files::trust;
use crate::lookup;
use crate::problem::Problem;
use crate::timeline::Sessions;
use quell_core::incident::Token;
use quell_core::text::Id;

impl Shell {
    fn beside(&self, work: impl FnOnce(&Sessions, &Deliver) -> Message + Send + 'static) {
        let (sessions, deliver) = (self.sessions.clone(), self.deliver.clone());
        self.runtime.blocking(move || deliver(work(&sessions, &deliver)));
    }

    /// Sessions are kept there from here on. What stands is looked up in both, by the plans to come too.
    pub(super) fn keep_in(&mut self, sessions: Sessions) {
        self.sessions = sessions.after(self.sessions.clone());
        if let Some(runner) = &mut self.runner {
            runner.keep_in(self.sessions.clone());
        }
        self.look();
    }

    pub(super) fn desk(&mut self, model: &mut Model, desk: Desk) {
        let (who, runtime, closing) = (self.who.clone(), self.runtime.clone(), self.closing.clone());
        let said = |result: Result<(Open, _), Problem>| match result {
            Ok(attached) => Message::Attached(Box::new(attached)),
            Err(problem) => Message::Inputs(vec![Input::NotAttached(problem)]),
        };
        match desk {
            Desk::Create { title, simulated, finding } => {
                let watch = self.watch.clone();
                self.beside(move |sessions, deliver| {
                    closing.wait();
                    let what = (&title, simulated, finding.as_ref());
                    said(desk::create(sessions, what, &watch, (&who, &runtime), deliver))
                });
            }
            Desk::Resume { session } => {
                self.beside(move |sessions, deliver| {
                    closing.wait();
                    said(desk::resume(sessions, &session, &who, &runtime, deliver))
                });
            }
            Desk::Move { session, to, entries } => self.beside(move |sessions, deliver| {
                match desk::go_elsewhere((sessions, &session), &to, &entries, (&who, &runtime), deliver) {
                    Ok(moved) => Message::Moved(Box::new(moved)),
                    Err(problem) => Message::Inputs(vec![Input::Trouble(problem)]),
                }
            }),
            Desk::Choose { to } => self.beside(move |sessions, _| match desk::choose(sessions, &to) {
                Ok(chosen) => Message::Chosen(Box::new(chosen)),
                Err(problem) => Message::Inputs(vec![Input::Trouble(problem)]),
            }),
            Desk::Leave => self.leave(),
            Desk::Edit { file } => edit::begin(self, model, &file),
            Desk::Export { session, name, text, signed } => self.beside(move |sessions, _| {
                let rest = if signed { "" } else { "; no checkpoint is made: the session is not open here" };
                Message::Inputs(vec![match desk::export(sessions, &session, &name, &text) {
                    Ok(path) => Input::Said(format!("written to {}{rest}", crate::problem::clean(&path))),
                    Err(problem) => Input::Trouble(problem),
                }])
            }),
        }
    }

    pub(super) fn read(&mut self, model: &mut Model, reads: Reads) {
        match reads {
            Reads::Copy(text) => self.take(model, vec![Input::Copied(clipboard::copy(&text))]),
            Reads::ListSessions => self.beside(|sessions, _| Message::Inputs(desk::list(sessions))),
            Reads::InForce => self.beside(|sessions, _| Message::Inputs(vec![desk::in_force(sessions)])),
            Reads::Library { show } => {
                let folders = self.own.runbooks.clone();
                self.beside(move |_, _| {
                    let Library { books, problems } = runbooks::load(&folders);
                    Message::Inputs(vec![Input::Library { books, problems, show }])
                });
            }
            Reads::Trust => {
                let path = self.own.trust.clone();
                self.beside(move |_, _| {
                    let (hashes, problem) = trust::hashes(&path);
                    Message::Inputs(vec![Input::Trusted(hashes, problem)])
                });
            }
            Reads::Load { session, why } => self.beside(move |sessions, _| {
                let loaded = desk::load(sessions, &session, why == LoadFor::Review);
                Message::Inputs(vec![loaded.unwrap_or_else(Input::Trouble)])
            }),
            Reads::ReadEvidence { session, blob, name } => self.beside(move |sessions, _| {
                let read = desk::evidence(sessions, &session, &blob);
                Message::Inputs(vec![match read {
                    Ok(bytes) => Input::Evidence { session, name, blob, bytes },
                    Err(problem) => Input::Trouble(problem),
                }])
            }),
            Reads::ReadFile { session, path, step } => {
                let known = model.secrets.clone();
                self.beside(move |_, _| {
                    let result = desk::read_file(path.line().as_str(), known);
                    Message::Inputs(vec![Input::File { session, step, name: path, result }])
                });
            }
            Reads::Sign { session, writer } => {
                // A task, so that it goes with the console where nobody waits for it.
                let (sessions, key) = (self.sessions.clone(), self.own.key.clone());
                let (runtime, deliver) = (self.runtime.clone(), self.deliver.clone());
                self.runtime.task(async move {
                    let result = desk::sign(&sessions, &session, &writer, key, &runtime).await;
                    deliver(Message::Inputs(vec![Input::Signed { session, result }]));
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
        let bearer = bearer(model);
        let deliver = self.deliver.clone();
        self.runtime.task(async move {
            match reads {
                Reads::Plan { generation, request } => runner.plan(generation, *request, &bearer).await,
                Reads::PlanUndo { generation, action, plan, outcome, set, quiet } => {
                    runner.plan_undo(generation, action, &bearer, (*plan, *outcome), (set, quiet)).await;
                }
                Reads::PlanSignal { generation, action, plan, which } => {
                    if let Some(session) = session {
                        let token = Token::new(&session, &action);
                        runner.plan_signal(generation, &bearer, *plan, (token, which)).await;
                    }
                }
                Reads::Check { action, plan, .. } => {
                    if let Some(session) = session {
                        let token = Token::new(&session, &action);
                        runner.check(action, *plan, token).await;
                    }
                }
                Reads::Follow { action, plan, running } => runner.follow(action, *plan, running).await,
                Reads::Verify { action, plan, outcome } => runner.verify(action, *plan, *outcome).await,
                Reads::Ready { session, book, runbook, sites, variables } => {
                    let result = ready(&runner.connection, &runbook, &sites, &variables, &bearer).await;
                    deliver(Message::Inputs(vec![Input::Ready { session, book, result }]));
                }
                Reads::LookUp { session, question } => {
                    let result = Box::new(lookup::look(&runner.connection, *question, &bearer).await);
                    deliver(Message::Inputs(vec![Input::Looked { session, result }]));
                }
                Reads::Arm => deliver(Message::Inputs(vec![Input::Armed(runner.arm().await)])),
                Reads::Disarm => {
                    runner.disarm().await;
                    deliver(Message::Inputs(vec![Input::Armed(Ok(None))]));
                }
                Reads::Copy(_)
                | Reads::ListSessions
                | Reads::InForce
                | Reads::Trust
                | Reads::Library { .. }
                | Reads::Load { .. }
                | Reads::ReadEvidence { .. }
                | Reads::ReadFile { .. }
                | Reads::Sign { .. } => {}
            }
        });
    }
}

/// Who takes roles on for the open incident: sessions are named by its id, and by no word of its title while it is quiet.
fn bearer(model: &Model) -> Bearer {
    let session = model.session.as_ref().map(|session| session.id.as_str());
    let bearer = Bearer::new(session, Some(&model.me));
    match model.session.as_ref().is_some_and(|session| session.pending().quiet) {
        true => bearer.quietly(session),
        false => bearer,
    }
}
