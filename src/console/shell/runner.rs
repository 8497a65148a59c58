//! Carries plans to AWS and back: planning, execution by permit, looking up, reading back.

use super::desk::{Deliver, Message};
use crate::action::{self, Action, Meeting, Progress, Report, Request};
use crate::aws::{Armed, Bearer, Connection, Reader, secrets};
use crate::console::core::input::{Blob, Input};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::{Permit, Sessions};
use jiff::Timestamp;
use quell_core::incident::{Fact, FailClass, Found, Incident, Link, Outcome, Plan, Token, Verified};
use quell_core::text::Untrusted;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What a plan says where the sessions could not be looked through.
const NOT_LOOKED_UP: &str = "What stands already could not be looked up: see :in-force before this is approved.";

/// The connection, and the leave to change something over it.
#[derive(Clone)]
pub struct Runner {
    pub connection: Connection,
    pub runtime: Runtime,
    armed: Arc<Mutex<Option<Armed>>>,
    deliver: Deliver,
    /// What others have done to the same is there.
    sessions: Sessions,
}

impl Runner {
    /// A runner that tells what happens to `deliver`.
    pub fn new(connection: Connection, runtime: Runtime, deliver: Deliver, sessions: Sessions) -> Self {
        Self { connection, runtime, armed: Arc::default(), deliver, sessions }
    }

    /// Sessions are kept elsewhere from here on.
    pub fn keep_in(&mut self, sessions: Sessions) {
        self.sessions = sessions;
    }

    fn tell(&self, input: Input) {
        (self.deliver)(Message::Inputs(vec![input]));
    }

    /// Allows actions; says until when.
    pub async fn arm(&self) -> Result<Option<Timestamp>, Problem> {
        let armed = self.connection.arm(self.runtime.now())?;
        let until = armed.lapses_at();
        *self.armed.lock().await = Some(armed);
        Ok(until)
    }

    /// Back to read only.
    pub async fn disarm(&self) {
        *self.armed.lock().await = None;
    }

    /// Somebody is at the keyboard; says until when the leave holds now.
    pub fn touch(&self) -> Option<Timestamp> {
        // While an action is being let through the leave is held; the next key touches it again.
        let mut armed = self.armed.try_lock().ok()?;
        let armed = armed.as_mut()?;
        armed.touch(self.runtime.now());
        armed.lapses_at()
    }

    /// Plans a request; says so where it is for several actions. Where a role is taken on for it, the bearer does.
    pub async fn plan(&self, generation: u64, request: Request, bearer: &Bearer) {
        let result = match action::by_name(request.kind.as_str()) {
            Some(kind) => match self.planned(kind, &request, bearer).await {
                Ok(Planned::Several(requests)) => return self.tell(Input::Several { generation, requests }),
                Ok(Planned::One(plan)) => Ok(*plan),
                Err(problem) => Err(problem),
            },
            None => Err(Problem::input(format!("quell has no action of kind {}", request.kind))
                .meaning("this step of the runbook can't be run from here")
                .next("do it by hand and tick the step with Space")),
        };
        let result = result.and_then(|plan| self.spared(&plan).map(|()| plan));
        self.tell(Input::Planned { generation, result: Box::new(result) });
    }

    /// Whether the configuration lets all be touched that a plan names or reaches.
    fn spared(&self, plan: &Plan) -> Result<(), Problem> {
        let reaches = action::by_name(plan.kind.as_str()).map(|kind| kind.reaches(plan)).unwrap_or_default();
        self.connection.spares(plan, &reaches).map_err(|refused| refused.problem())
    }

    async fn planned(&self, kind: &dyn Action, request: &Request, bearer: &Bearer) -> Result<Planned, Problem> {
        let (finding, place) = (request.finding.as_ref(), kind.place(request));
        let (named, region) = place.map_or((None, None), |(account, region)| (Some(account), Some(region)));
        let region = region.as_ref().or(request.region.as_ref()).or_else(|| finding?.region.as_ref());
        let region = region.map(|region| region.line().into_string());
        let region = region.as_deref().unwrap_or_else(|| self.connection.region());
        let account = named.as_ref().or(request.account.as_ref()).or_else(|| finding?.account.as_ref());
        let reader = self.connection.reader_in(account, region, bearer, &action::reading(kind)).await?;
        if reader.session().is_some() {
            self.learn().await;
        }
        let requests = kind.each(&reader, request).await?;
        if !requests.is_empty() {
            return Ok(Planned::Several(requests));
        }
        let mut plan = kind.plan(&reader, request).await?;
        plan.breaks = kind.breaks(&plan).into_iter().map(Untrusted::from).collect();
        plan.writes = action::writes(kind, &plan);
        let met = self.met(kind, &plan).await?;
        plan.warnings.splice(0..0, met.warnings.into_iter().map(Untrusted::from));
        plan.warnings.splice(0..0, self.doubts(&kind.reaches(&plan)));
        plan.facts.extend(met.facts);
        action::bound(kind, plan, &reader).map(|plan| Planned::One(Box::new(plan)))
    }

    /// What the configuration may mean by what it says is never touched.
    fn doubts(&self, reaches: &[Untrusted]) -> Option<Untrusted> {
        let names = self.connection.doubted(reaches);
        let words = format!(
            "The configuration's `never` names {}: if that is a bucket, this is about it too. Only what stands there by its \
             ARN is refused.",
            names.join(", ")
        );
        (!names.is_empty()).then(|| words.into())
    }

    /// What stands, over all sessions, where the plan writes. A session that can't be read is told where it is listed.
    async fn met(&self, kind: &dyn Action, plan: &Plan) -> Result<Meeting, Problem> {
        if kind.stands(plan).is_none() {
            return Ok(Meeting::default());
        }
        let (sessions, plan) = (self.sessions.clone(), plan.clone());
        let met = self.runtime.aside(move || {
            let read: Vec<(String, Incident)> = sessions.incidents().into_iter().flatten().collect();
            action::meeting(&plan, read.iter().map(|(id, incident)| (id.as_str(), incident)))
        });
        met.await.unwrap_or_else(|| Ok(Meeting { warnings: vec![NOT_LOOKED_UP.to_owned()], facts: Vec::new() }))
    }

    /// What a role's session was given is a secret that must not be kept with evidence.
    async fn learn(&self) {
        self.tell(Input::Secrets(self.connection.secrets().await));
    }

    /// A reader as whom the plan is carried out.
    async fn reader(&self, kind: &dyn Action, plan: &Plan) -> Result<Reader, Problem> {
        self.connection.reader_of(&plan.target, &action::reading(kind)).await
    }

    /// Plans what undoes an action.
    pub async fn plan_undo(
        &self,
        generation: u64,
        link: Link,
        bearer: &Bearer,
        (plan, outcome): (Plan, Outcome),
        (set, quiet): (Option<Untrusted>, bool),
    ) {
        let request = action::by_name(plan.kind.as_str()).and_then(|kind| kind.undo(&plan, &outcome));
        match request {
            Some(mut request) => {
                request.undo_of = Some(link);
                (request.set, request.quiet) = (set, quiet);
                self.plan(generation, request, bearer).await;
            }
            None => {
                let problem = Problem::input("this action can't be undone by quell")
                    .meaning(plan.undo.line().into_string())
                    .next("undo it by hand where that is possible, and add a note");
                self.tell(Input::Planned { generation, result: Box::new(Err(problem)) });
            }
        }
    }

    /// Plans what is said to an action that runs.
    pub async fn plan_signal(&self, generation: u64, bearer: &Bearer, plan: Plan, (token, which): (Token, usize)) {
        let refused = |what: String| {
            let meaning = "there is nothing that could be stopped or answered";
            Problem::input(what).meaning(meaning).next("wait for its end; Enter on [?] looks up what happened")
        };
        let request = match action::by_name(plan.kind.as_str()) {
            None => Err(refused("quell has no action of this kind".to_owned())),
            Some(kind) => match self.reader(kind, &plan).await {
                Err(problem) => Err(problem),
                Ok(reader) => match kind.check(&reader, &plan, token).await {
                    Found::Running(running) => kind
                        .signal(&plan, &running, which)
                        .ok_or_else(|| refused("this action takes no answer while it runs".to_owned())),
                    Found::CannotTell(why) => Err(refused(format!("it is not known whether it runs: {}", why.line()))),
                    Found::NotSent | Found::Ended(_) | Found::DoesNotStand(_) => {
                        Err(refused("the action does not run".to_owned()))
                    }
                },
            },
        };
        match request {
            Ok(request) => self.plan(generation, request, bearer).await,
            Err(problem) => self.tell(Input::Planned { generation, result: Box::new(Err(problem)) }),
        }
    }

    /// Ends what a permit allows without sending anything.
    pub fn refuse(&self, permit: &Permit, why: &str) {
        self.tell(Input::Ended { action: permit.action().clone(), outcome: not_sent(why) });
    }

    /// Carries out what a permit allows, once.
    pub async fn execute(&self, permit: Permit, plan: Plan) {
        let link = permit.action().clone();
        let outcome = match action::by_name(plan.kind.as_str()) {
            Some(kind) => self.run(kind, permit, &plan).await,
            None => not_sent("quell has no action of this kind"),
        };
        self.tell(Input::Ended { action: link, outcome });
    }

    async fn run(&self, kind: &dyn Action, permit: Permit, plan: &Plan) -> Outcome {
        let link = permit.action().clone();
        // It may have been planned and approved where the configuration is another.
        if let Err(problem) = self.spared(plan) {
            return not_sent(&problem.headline());
        }
        let writer = {
            // The leave is checked again, now that the record is on disk.
            let armed = self.armed.lock().await;
            let Some(armed) = armed.as_ref() else { return not_sent("the connection is not armed") };
            match self.connection.writer(armed, permit, plan).await {
                Ok(writer) => writer,
                Err(refused) => return not_sent(&refused.problem().headline()),
            }
        };
        let reader = match self.reader(kind, plan).await {
            Ok(reader) => reader,
            Err(problem) => return not_sent(&problem.headline()),
        };
        let progress = self.progress(link, plan).await;
        kind.execute(writer, &reader, plan, &progress).await
    }

    /// Where a running action tells how far it is.
    async fn progress(&self, link: Link, plan: &Plan) -> Progress {
        if plan.target.through.is_some() {
            self.learn().await;
        }
        let deliver = self.deliver.clone();
        // What the account or a program answers may hold what the calls are signed with.
        let known = secrets::known().and(self.connection.secrets().await);
        Progress::new(self.runtime.clone(), move |report| {
            let action = link.clone();
            let input = match report {
                Report::Step(step) => {
                    let text = known.withhold_words(&step.text).0;
                    Input::Progress { action, text, done: step.done, of: step.of }
                }
                Report::Output { name, bytes } => Input::Output { action, name, blob: Blob::without(&known, bytes) },
            };
            deliver(Message::Inputs(vec![input]));
        })
    }

    /// Follows to its end what a look-up has found to go on.
    pub async fn follow(&self, link: Link, plan: Plan, running: Untrusted) {
        let outcome = match action::by_name(plan.kind.as_str()) {
            Some(kind) => match self.reader(kind, &plan).await {
                Ok(reader) => {
                    let progress = self.progress(link.clone(), &plan).await;
                    kind.follow(&reader, &plan, &running, &progress).await
                }
                Err(problem) => Outcome::Unknown { why: problem.headline().into() },
            },
            None => Outcome::Unknown { why: "quell has no action of this kind".into() },
        };
        self.tell(Input::Ended { action: link, outcome });
    }

    /// Looks up what became of an action.
    pub async fn check(&self, link: Link, plan: Plan, token: Token) {
        let found = match action::by_name(plan.kind.as_str()) {
            Some(kind) => match self.reader(kind, &plan).await {
                Ok(reader) => look_up(kind, &reader, &plan, token).await,
                Err(problem) => Found::CannotTell(problem.headline().into()),
            },
            None => Found::CannotTell("quell has no action of this kind".into()),
        };
        self.tell(Input::Checked { action: link, found });
    }

    /// Reads the resource back.
    pub async fn verify(&self, link: Link, plan: Plan, outcome: Outcome) {
        let verified = match action::by_name(plan.kind.as_str()) {
            Some(kind) => match self.reader(kind, &plan).await {
                Ok(reader) => kind.verify(&reader, &plan, &outcome).await,
                Err(problem) => Verified { holds: None, facts: vec![Fact::new("not verified", problem.headline())] },
            },
            None => Verified { holds: None, facts: Vec::new() },
        };
        self.tell(Input::Verified { action: link, verified });
    }
}

/// What a request was planned as.
enum Planned {
    One(Box<Plan>),
    /// A request for each of several targets.
    Several(Vec<Request>),
}

/// What came of a plan. Where the kind can't tell by what it finds, a state that is not as the plan would have set it says
/// that nothing of the plan stands.
async fn look_up(kind: &dyn Action, reader: &Reader, plan: &Plan, token: Token) -> Found {
    let found = kind.check(reader, plan, token).await;
    let Found::CannotTell(why) = found else { return found };
    // Nothing is known of its outcome: what it is read back for is whether it stands.
    let unknown = Outcome::Unknown { why: why.clone() };
    match kind.settles() && kind.verify(reader, plan, &unknown).await.holds == Some(false) {
        true => Found::DoesNotStand(why),
        false => Found::CannotTell(why),
    }
}

fn not_sent(why: &str) -> Outcome {
    Outcome::Failed { class: FailClass::NotSent, message: why.into(), request_ids: Vec::new() }
}

#[cfg(test)]
mod tests;
