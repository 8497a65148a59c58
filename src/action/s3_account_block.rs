//! Blocking public access to all S3 buckets of an account: the four switches of the account's own block, all on. The undo
//! puts back the former four, or deletes the configuration where there was none.

use super::calls;
use super::fields::{id, known, refuse, text};
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::s3_block_public::state::{self, State};
use super::seal::Seal;
use super::setting::{Draft, Fit, Setting, planned, sent};
use super::target::target;
use crate::aws::{Failure, Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::AccountId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `s3-block-public-account`.
pub(super) struct S3BlockPublicAccount;

static INFO: KindInfo = KindInfo {
    name: "s3-block-public-account",
    title: "Block public access to all S3 buckets of the account",
    parameters: &[Parameter {
        name: "restore",
        required: false,
        what: "for the undo: how the account's block stood before, in words",
    }],
    operations: Operations {
        read: &[("S3 Control", "GetPublicAccessBlock")],
        consume: &[],
        mutate: &[("S3 Control", "DeletePublicAccessBlock"), ("S3 Control", "PutPublicAccessBlock")],
    },
    permissions: &[],
    // All buckets of the account, in all its Regions.
    danger: 3,
    destroys: "",
};

/// The fact that is read again before the call.
const BLOCK: &str = "public access block of the account";
const LAG: &str = "S3 takes up to some minutes to spread a configuration over all Regions";

/// Brings the account's block into a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    account: Id<AccountId>,
    wanted: State,
}

impl Call {
    fn request(&self) -> PlannedRequest {
        let account = self.account.as_str();
        let (operation, input) = match self.wanted.input() {
            Some(block) => {
                ("PutPublicAccessBlock", json!({ "AccountId": account, "PublicAccessBlockConfiguration": block }))
            }
            None => ("DeletePublicAccessBlock", json!({ "AccountId": account })),
        };
        PlannedRequest { service: "s3control".to_owned(), operation: operation.to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let wanted = match request.input.get("PublicAccessBlockConfiguration") {
            Some(block) => State::of_input(block)?,
            None => State(None),
        };
        let call = Self { account: Id::new(request.input.get("AccountId")?.as_str()?).ok()?, wanted };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}

async fn block(reader: &Reader, account: &Id<AccountId>) -> Result<State, Problem> {
    match reader.s3control().get_public_access_block(account).await {
        Ok(block) => Ok(State(Some(block))),
        Err(error) => {
            let failure = Failure::of(&error);
            match failure.code == Untrusted::from("NoSuchPublicAccessBlockConfiguration") {
                true => Ok(State(None)),
                false => Err(reader.problem("s3:GetAccountPublicAccessBlock", &error)),
            }
        }
    }
}

/// The state that is asked for: all switches on, or what an undo puts back. A finding's author may not say it.
fn wanted(request: &Request) -> Result<State, Problem> {
    match text(request, "restore")? {
        None => Ok(State(Some(state::ALL))),
        Some(word) if word.filled => Err(refuse("restore can't be filled from a finding")),
        Some(word) => State::of(&word.text).ok_or_else(|| refuse("restore is no state of a public access block")),
    }
}

fn prior(plan: &Plan) -> Option<State> {
    State::of(planned(plan, BLOCK)?)
}

fn blocking(before: State) -> Vec<String> {
    let mut all = Vec::new();
    if before.blocks_all() {
        all.push("All four switches are on already; the call changes nothing.".to_owned());
    }
    all.extend(
        [
            "It is about EVERY bucket and access point of the account, in all its Regions: web sites, downloads and \
             whatever else is meant to be public go dark at once. Where one bucket is the matter, block that one \
             (s3-block-public).",
            "It does NOT stop presigned URLs, nor other accounts that a list names or a policy that is not public, nor \
             principals of the account itself, nor what was copied already.",
            "Policies and lists stay as they are: what was public is so again once the block is lifted. Of the account's \
             block and a bucket's own the stricter holds.",
            "CloudFront that was given access by name goes on serving. Deployments that set a public policy or list are \
             refused from then on.",
            "Where the organization sets the block for its accounts, S3 refuses the call.",
        ]
        .map(str::to_owned),
    );
    all
}

fn restoring(wanted: State, now: State) -> Vec<String> {
    let mut all = Vec::new();
    if now == wanted {
        all.push("It stands so already; the call changes nothing.".to_owned());
    } else if !now.blocks_all() {
        let now = now.words();
        all.push(format!(
            "It is not as the block left it: somebody has changed it since, to {now}; the undo writes over that."
        ));
    }
    all.push(
        "Every bucket of the account is as public again as its own policy, lists and block let it be: the state before \
         may be the intruder's."
            .to_owned(),
    );
    all
}

/// How it is undone, in words.
fn undo(before: State, wanted: State) -> String {
    match before {
        _ if before == wanted => "Nothing to undo: it stands so already.".to_owned(),
        State(None) => "Delete the account's configuration: there was none before.".to_owned(),
        State(Some(_)) => format!("Put the account's four switches back: {}.", before.words()),
    }
}

impl Setting for S3BlockPublicAccount {
    type Call = Call;
    type State = State;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let wanted = wanted(request)?;
        // The account is the thing that is acted on.
        let mut target = target(request, "")?;
        target.resource = target.account.clone();
        calls::caller(reader, &target).await?;
        let account: Id<AccountId> = id("the account", &target.account)?;
        let before = block(reader, &account).await?;
        let mut facts = self.facts(&before);
        facts.push(Fact::new("dry run", "S3 has none"));
        let warnings = match request.fields.contains_key("restore") {
            true => restoring(wanted, before),
            false => blocking(before),
        };
        let call = Call { account, wanted }.request();
        let undo = undo(before, wanted);
        Draft { target, call, facts, danger: INFO.danger, destroys: Vec::new(), warnings, undo }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<State, Problem> {
        block(reader, &call.account).await
    }

    fn facts(&self, state: &State) -> Vec<Fact> {
        vec![Fact::new(BLOCK, state.words())]
    }

    fn fit(&self, call: &Call, state: &State) -> Fit {
        Fit::is(call.wanted == *state)
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let client = writer.s3control();
        match call.wanted.0 {
            Some(block) => {
                let operation = "s3:PutAccountPublicAccessBlock";
                sent(writer, operation, client.put_public_access_block(&call.account, block).await)
            }
            None => {
                let operation = "s3:PutAccountPublicAccessBlock";
                sent(writer, operation, client.delete_public_access_block(&call.account).await)
            }
        }
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // AWS checks it against no resource: it is the account's own.
        Seal::each(plan, |_| Vec::new())
    }

    fn breaks(&self, plan: &Plan, call: &Call) -> Vec<String> {
        let own =
            |fact: &Fact| fact.name == Untrusted::from(BLOCK) && fact.value == Untrusted::from(call.wanted.words());
        if plan.facts.iter().any(own) || !call.wanted.blocks_all() {
            return vec![NOTHING.to_owned()];
        }
        vec![
            "every public web site, download and list of any bucket of the account, in all its Regions".to_owned(),
            "other accounts that a public policy lets in, those that it names too; log delivery by them".to_owned(),
            "deployments that set a public policy or access list: they are refused".to_owned(),
        ]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let prior = prior(plan).filter(|prior| *prior != call.wanted);
        let words = format!("public access block of account {}: {}", call.account, call.wanted.words());
        (words, prior.map(|prior| json!({ "PublicAccessBlock": prior.words() })))
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let prior = Untrusted::from(undo.get("PublicAccessBlock")?.as_str()?);
        State::of(&prior)?;
        Some(Request::undoing(plan, [("restore", Value::Text(Word::own(prior)))]))
    }

    fn reaches(&self, plan: &Plan) -> Vec<Untrusted> {
        // Which buckets the account has is not read, and a bucket's ARN does not say whose it is.
        vec![format!("arn:{}:s3:::*", plan.target.partition.line()).into()]
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(call.wanted.blocks_all())
    }

    fn note(&self, _call: &Call) -> Option<&'static str> {
        Some(LAG)
    }
}
