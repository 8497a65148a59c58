//! What every kind of action says of itself and can do.

use super::preflight::Need;
use super::progress::Progress;
use super::request::Request;
use super::seal::Seal;
use crate::aws::{BoxFuture, Operation, Reader, Writer, permission};
use crate::problem::Problem;
use jiff::Timestamp;
use quell_core::finding::Said;
use quell_core::incident::{Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is said where nothing stops working.
pub(super) const NOTHING: &str = "nothing";
/// What is said by a kind that does not say it.
pub(super) const UNSAID: &str = "not known: this kind does not say what stops working";

/// A kind of action, by its own words.
#[derive(Debug)]
pub struct KindInfo {
    /// As action blocks name it.
    pub name: &'static str,
    /// What it does, for help and pages.
    pub title: &'static str,
    pub parameters: &'static [Parameter],
    pub operations: Operations,
    /// IAM permissions that its calls need beside those named like its operations.
    pub permissions: &'static [&'static str],
    /// The least danger of any plan of this kind, from 1 to 3; a runbook may only raise it.
    pub danger: u8,
    /// What it destroys; empty when nothing.
    pub destroys: &'static str,
}

/// A field of the kind's action block.
#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub required: bool,
    pub what: &'static str,
}

/// The service and operation, as AWS names them, of every call that the kind makes.
#[derive(Debug)]
pub struct Operations {
    pub read: &'static [Operation],
    /// Calls that change nothing but use something up.
    pub consume: &'static [Operation],
    pub mutate: &'static [Operation],
}

impl KindInfo {
    /// The IAM permissions of all its calls.
    pub fn permissions(&self) -> impl Iterator<Item = String> {
        let Operations { read, consume, mutate } = &self.operations;
        let calls = read.iter().chain(*consume).chain(*mutate).filter(|(service, _)| *service != super::LOCAL);
        calls.map(permission).chain(self.permissions.iter().map(|name| (*name).to_owned()))
    }
}

/// What is needed of KMS where what an action is about lies under a customer's key: the service uses the key in the name
/// of whoever calls.
#[derive(Debug, PartialEq, Eq)]
pub struct Keys {
    /// The service, as `kms:ViaService` names it before the Region.
    pub via: &'static str,
    /// For the calls that change something.
    pub mutate: &'static [&'static str],
    /// For reading it beforehand.
    pub read: &'static [&'static str],
}

/// What several kinds write ([`Action::writes`]): the groups of an instance's interfaces, by the instance.
pub(super) const INTERFACES: &str = "the groups of an instance's interfaces";
/// The inline policies of a user or a role.
pub(super) const PRINCIPAL: &str = "iam-principal";
/// What the names of all that belongs to IAM begin with: it is one for all Regions.
pub(super) const IAM: &str = "iam-";
/// Of a bucket; its name is one for all Regions.
pub(super) const BUCKET: &str = "bucket: ";
pub(super) const BUCKET_POLICY: &str = "bucket: its policy";
pub(super) const BUCKET_BLOCK: &str = "bucket: its block of public access";

/// So many characters of an id tell it from the others.
const ENDS: usize = 36;

/// What a plan writes, with the resource whose it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// One of the names above, or the kind's.
    pub what: &'static str,
    pub resource: Untrusted,
    /// The parts of it that are written, each with what the plan had read of it; none where the plan does not say which.
    pub found: Option<BTreeMap<Untrusted, Untrusted>>,
}

impl Written {
    /// All there is of the plan's target.
    pub(super) fn whole(what: &'static str, plan: &Plan) -> Self {
        Self { what, resource: plan.target.resource.clone(), found: None }
    }

    /// These of the many things of one sort that an account has in a Region, by the ends of their ids: another plan's
    /// are other things. A plan is one record, which has no room for whole ids.
    pub(super) fn some(what: &'static str, plan: &Plan, ids: impl Iterator<Item = Untrusted>) -> Self {
        let end = |id: Untrusted| {
            let all: Vec<char> = id.line().as_str().chars().collect();
            Untrusted::from(all.iter().skip(all.len().saturating_sub(ENDS)).collect::<String>())
        };
        let found: BTreeMap<_, _> = ids.map(|id| (end(id), Untrusted::default())).collect();
        match found.is_empty() {
            true => Self::whole(what, plan),
            false => Self { what, resource: Untrusted::default(), found: Some(found) },
        }
    }

    /// The parts that the plan's facts of these names say.
    pub(super) fn parts(what: &'static str, plan: &Plan, is: impl Fn(&str) -> bool) -> Self {
        let facts = plan.facts.iter().filter(|fact| is(fact.name.line().as_str()));
        let found: BTreeMap<_, _> = facts.map(|fact| (fact.name.clone(), fact.value.clone())).collect();
        Self { found: (!found.is_empty()).then_some(found), ..Self::whole(what, plan) }
    }
}

/// What a runbook can do.
pub trait Action: Send + Sync {
    /// What the kind says of itself.
    fn info(&self) -> &KindInfo;

    /// The requests that one request stands for, where it is for each of several targets; none where it is for one.
    fn each<'a>(&'a self, _reader: &'a Reader, _request: &'a Request) -> BoxFuture<'a, Result<Vec<Request>, Problem>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Reads what there is and says what would be sent, to what, and what comes of it. Sends nothing that changes.
    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>>;

    /// Sends the plan's requests, each once. What proves that nothing was sent is a failure of class not-sent; what
    /// leaves it open is unknown.
    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome>;

    /// Looks for what came of a plan whose outcome is unknown. Sends nothing that changes.
    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found>;

    /// Follows to its end what [`Action::check`] found to go on, under the name that it gave. Sends nothing that changes.
    fn follow<'a>(
        &'a self,
        _reader: &'a Reader,
        _plan: &'a Plan,
        _running: &'a Untrusted,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        let why = "it goes on, and actions of this kind are not followed: look it up again".into();
        Box::pin(std::future::ready(Outcome::Unknown { why }))
    }

    /// Whether its one call only sets a state: where that does not stand minutes later, nothing of the call is under way.
    fn settles(&self) -> bool {
        false
    }

    /// Reads the resource back.
    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified>;

    /// What an action block needs beside permissions, as far as it can be read before there is an incident: templates
    /// that have no value yet are empty words.
    fn needs<'a>(&'a self, _reader: &'a Reader, _request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// The account and the region that the request itself names, by an ARN; none where they are the finding's.
    fn place(&self, _request: &Request) -> Option<(Untrusted, Untrusted)> {
        None
    }

    /// Whether a plan of the kind contains something once it has worked (true), lifts what contained it (false), or
    /// does neither.
    fn stands(&self, _plan: &Plan) -> Option<bool> {
        None
    }

    /// What a plan of the kind writes: two plans that name the same, of whatever kinds, write over each other. What one kind
    /// alone writes needs no other name than the kind's.
    fn writes(&self, plan: &Plan) -> Vec<Written> {
        vec![Written::whole(self.info().name, plan)]
    }

    /// What a plan of the kind reaches beside what its target and requests name, by ids that it has read, of which the
    /// configuration may say that they are never touched. All of a sort is an ARN that ends with `*`.
    fn reaches(&self, _plan: &Plan) -> Vec<Untrusted> {
        Vec::new()
    }

    /// The kinds whose own state a plan of the kind may disturb beside what it writes; none where that is not known, so
    /// that it may touch anything of its target.
    fn disturbs(&self, _plan: &Plan) -> Option<&'static [&'static str]> {
        Some(&[])
    }

    /// Whether what a plan of the kind found is what another of the kind may have left, which its undo puts back.
    fn repeats(&self, _plan: &Plan) -> bool {
        false
    }

    /// Whether what it does is there to be read for whoever reads the account, and stops nobody: a note, a tag, an
    /// archived finding. It waits for the strike while an incident is quiet.
    fn tells(&self) -> bool {
        false
    }

    /// What a plan of the kind says of which findings once it has worked, which readings may not show for minutes; of a
    /// part, that is told by what its undo needs.
    fn told(&self, _plan: &Plan, _undo: Option<&Value>) -> Vec<(Untrusted, Said)> {
        Vec::new()
    }

    /// When a plan of the kind is too old to be carried out: what it says gets old.
    fn lapses(&self, _plan: &Plan) -> Option<Timestamp> {
        None
    }

    /// Whether a plan of the kind leaves a tag that says so.
    fn tags(&self, _plan: &Plan) -> bool {
        false
    }

    /// What stops working once a plan of the kind has worked: for whom, from when, and until when, beside what it destroys
    /// for good; [`NOTHING`] where that is all there is to say. A reader of it decides whether the cure is worse.
    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec![UNSAID.to_owned()]
    }

    /// What can be said to a run of the kind while it goes on, in words; `told` is what it said last of where it is.
    fn signals(&self, _told: &str) -> &'static [&'static str] {
        &[]
    }

    /// The request that says it: to the run of a plan that AWS calls `running`; `which` counts the words.
    fn signal(&self, _plan: &Plan, _running: &Untrusted, _which: usize) -> Option<Request> {
        None
    }

    /// What a session that carries out the plan must be allowed, and nothing more: the permission of each of its
    /// requests as IAM names it, with the ARNs that AWS checks it against (Service Authorization Reference), and what the
    /// calls need besides, such as passing a role. `execute` must need no other permission over its [`Writer`]; what it
    /// reads goes over its [`Reader`]. Left as it is, each request is allowed on all resources, and the plan says that
    /// it can't be limited.
    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |_| Vec::new())
    }

    /// The services that a plan of the kind gives a role to (`iam:PassRole`), as IAM's `iam:PassedToService` names them.
    fn passes(&self) -> &'static [&'static str] {
        &[]
    }

    /// What a plan of the kind needs of KMS where a customer's key is involved.
    fn keys(&self) -> Option<&'static Keys> {
        None
    }

    /// What is sent of the plan, to the last member: its requests, with what is made of the action's token and its record.
    fn sends(&self, plan: &Plan, _token: &Token, _action: &Link) -> Vec<PlannedRequest> {
        plan.requests.clone()
    }

    /// What undoes it, if anything does; the caller says which action it undoes.
    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request>;
}
