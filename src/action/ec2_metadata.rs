//! Shutting the metadata service of an EC2 instance: off altogether, or to whoever has no token (IMDSv1). Security groups
//! do not filter it, so that an isolated host gets new credentials of its role all the same. The undo gives it back as it
//! was.

use super::calls;
use super::fields::{known, refuse, shown, text};
use super::instance;
use super::kind::{KindInfo, NOTHING, Operations, Parameter};
use super::request::{Request, Value, Word};
use super::seal::{self, Seal};
use super::setting::{Draft, Fit, Setting, planned, sent};
use super::target::target;
use crate::aws::ec2::{Change, Instance, Metadata};
use crate::aws::{Reader, Writer};
use crate::problem::Problem;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::InstanceId;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

#[cfg(test)]
mod tests;

/// The kind `ec2-metadata`.
pub(super) struct Ec2Metadata;

static INFO: KindInfo = KindInfo {
    name: "ec2-metadata",
    title: "Shut the metadata service of an EC2 instance",
    parameters: &[
        instance::PARAMETER,
        Parameter {
            name: "endpoint",
            required: false,
            what: "disabled (the default where tokens is not given) or enabled",
        },
        Parameter { name: "tokens", required: false, what: "required: only IMDSv2 is answered; or optional" },
    ],
    operations: Operations {
        read: &[("EC2", "DescribeInstances")],
        consume: &[],
        mutate: &[("EC2", "ModifyInstanceMetadataOptions")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

/// The facts that are read again before the call.
const ENDPOINT: &str = "metadata service";
const TOKENS: &str = "its tokens";
const DISABLED: &str = "disabled";
const ENABLED: &str = "enabled";
const REQUIRED: &str = "required";
const OPTIONAL: &str = "optional";
const LOOKS: u32 = 6;
const NOTE: &str = "credentials that were handed out before stay valid until they expire, for up to six hours";

/// The one call of a plan: what is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    instance: Id<InstanceId>,
    endpoint: Option<&'static str>,
    tokens: Option<&'static str>,
}

impl Call {
    fn change(&self) -> Change {
        Change::metadata(self.instance.as_str(), self.endpoint, self.tokens)
    }

    fn request(&self) -> PlannedRequest {
        let mut input = json!({ "InstanceId": self.instance.as_str() });
        for (name, value) in [("HttpEndpoint", self.endpoint), ("HttpTokens", self.tokens)] {
            if let Some(value) = value {
                input[name] = value.into();
            }
        }
        PlannedRequest { service: "ec2".to_owned(), operation: "ModifyInstanceMetadataOptions".to_owned(), input }
    }

    fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let word = |name: &str, words: [&'static str; 2]| {
            let said = request.input.get(name)?.as_str()?;
            words.into_iter().find(|word| *word == said)
        };
        let call = Self {
            instance: Id::new(request.input.get("InstanceId")?.as_str()?).ok()?,
            endpoint: word("HttpEndpoint", [DISABLED, ENABLED]),
            tokens: word("HttpTokens", [REQUIRED, OPTIONAL]),
        };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    /// Whether it shuts something.
    fn shuts(&self) -> bool {
        self.endpoint == Some(DISABLED) || self.tokens == Some(REQUIRED)
    }
}

/// What is asked for. A finding's author may not say it.
fn wanted(request: &Request, instance: Id<InstanceId>) -> Result<Call, Problem> {
    let choice = |name: &str, words: [&'static str; 2]| match text(request, name)? {
        None => Ok(None),
        Some(word) if word.filled => Err(refuse(format!("{name} can't be filled from a finding"))),
        Some(word) => match words.into_iter().find(|one| word.text == Untrusted::from(*one)) {
            None => Err(refuse(format!("{name} is {}, not {}", words.join(" or "), shown(&word.text)))),
            found => Ok(found),
        },
    };
    let endpoint = choice("endpoint", [DISABLED, ENABLED])?;
    let tokens = choice("tokens", [REQUIRED, OPTIONAL])?;
    let endpoint = endpoint.or_else(|| tokens.is_none().then_some(DISABLED));
    Ok(Call { instance, endpoint, tokens })
}

fn metadata(seen: &Instance) -> Result<&Metadata, Problem> {
    seen.metadata.as_ref().ok_or_else(|| {
        Problem::aws(format!("EC2 does not say how the metadata service of {} is set", seen.id.line()))
            .next("look at it in the EC2 console")
    })
}

fn warnings(call: &Call, seen: &Instance, own: bool) -> Vec<String> {
    let mut all = Vec::new();
    if call.endpoint.is_none() && call.tokens == Some(OPTIONAL) {
        all.push(
            "Requests without a token (IMDSv1) pass again: whoever can make a program on the host fetch an address (SSRF) \
             can have the credentials of its instance profile."
                .to_owned(),
        );
        return all;
    }
    if !call.shuts() {
        let profile = instance::profile(seen).unwrap_or_else(|| "none".to_owned());
        all.push(format!(
            "Whoever is on the host can ask for credentials of its instance profile ({profile}) again, with what its role \
             may do now."
        ));
        return all;
    }
    all.extend(own.then(|| format!("{} It works by this very service.", instance::OWN)));
    all.push(
        "Credentials that were handed out before live on until they expire, for up to six hours, wherever they were taken \
         to: after this revoke the sessions of the role (iam-revoke-sessions)."
            .to_owned(),
    );
    match call.endpoint {
        Some(DISABLED) => all.push(
            "What works on the instance by its role fails when its credentials expire: Systems Manager (so no automation \
             and no memory capture by it), logs, backups, the workload itself. What asks for its id, Region or user data \
             fails at once, at a boot too."
                .to_owned(),
        ),
        _ => {
            all.push(
                "It stops requests without a token, as forged ones mostly are. Whoever runs commands on the host gets a \
                 token, and credentials by it: against that set endpoint to disabled."
                    .to_owned(),
            );
            all.push("Programs that know IMDSv1 alone fail at once: old SDKs and agents.".to_owned());
            let hops = seen.metadata.as_ref().and_then(|metadata| metadata.hops);
            all.extend(hops.filter(|hops| *hops < 2).map(|hops| {
                format!("Its hop limit is {hops}: containers behind a bridge of their own get no token at all.")
            }));
        }
    }
    all.push(
        "It cuts no connection: isolate the host as well (ec2-isolate), before this. DNS by the VPC's resolver goes on \
         in any case; security groups do not filter it."
            .to_owned(),
    );
    all
}

impl Setting for Ec2Metadata {
    type Call = Call;
    type State = Instance;

    fn info(&self) -> &'static KindInfo {
        &INFO
    }

    async fn planned(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        known(&INFO, request)?;
        let id = instance::named(request, "cut off from its metadata")?;
        let target = target(request, id.as_str())?;
        let caller = calls::caller(reader, &target).await?;
        let own = instance::is_own(&caller, id.as_str());
        let seen = instance::described(reader, &id).await?;
        if instance::is_gone(&seen) {
            return Err(refuse(format!("{id} is {}", seen.state.line())));
        }
        metadata(&seen)?;
        let call = wanted(request, id)?;
        if self.fit(&call, &seen) == Fit::As {
            return Err(refuse(format!("the metadata service of {} is so already", call.instance))
                .next("plan ec2-isolate or ec2-instance-profile, or revoke the role's sessions"));
        }
        let (dry, refused) = instance::dry_run(reader, &[call.change()]).await;
        let mut facts = self.facts(&seen);
        facts.push(dry);
        facts.extend(instance::facts(&seen));
        let all = refused.into_iter().chain(warnings(&call, &seen, own)).collect();
        let undo = match call.shuts() {
            true => "Set the metadata service as it was.",
            false if call.endpoint.is_none() => "Ask for a token again (tokens: required), by a plan of its own.",
            false => "Shut it again, by a plan of its own.",
        };
        let danger = if own { 3 } else { INFO.danger };
        let call = call.request();
        Draft { target, call, facts, danger, destroys: Vec::new(), warnings: all, undo: undo.to_owned() }.plan(request)
    }

    fn call(&self, plan: &Plan) -> Option<Call> {
        Call::of(plan)
    }

    async fn now(&self, reader: &Reader, call: &Call) -> Result<Instance, Problem> {
        let seen = instance::described(reader, &call.instance).await?;
        metadata(&seen)?;
        Ok(seen)
    }

    fn facts(&self, state: &Instance) -> Vec<Fact> {
        let Some(Metadata { endpoint, tokens, .. }) = &state.metadata else { return Vec::new() };
        vec![Fact::new(ENDPOINT, endpoint.clone()), Fact::new(TOKENS, tokens.clone())]
    }

    fn fit(&self, call: &Call, state: &Instance) -> Fit {
        let Some(now) = &state.metadata else { return Fit::Not };
        let is = |wanted: Option<&str>, now: &Untrusted| wanted.is_none_or(|word| *now == Untrusted::from(word));
        match (is(call.endpoint, &now.endpoint) && is(call.tokens, &now.tokens), now.pending) {
            (true, false) => Fit::As,
            (true, true) => Fit::Coming("pending, while EC2 applies it".to_owned()),
            (false, _) => Fit::Not,
        }
    }

    async fn send(&self, writer: &Writer, call: &Call) -> Result<Vec<Untrusted>, Outcome> {
        let change = call.change();
        sent(writer, &format!("ec2:{}", change.operation()), writer.ec2().change(&change).await)
    }

    fn seal(&self, plan: &Plan) -> Seal {
        Seal::each(plan, |request| seal::instances(plan, request))
    }

    fn breaks(&self, _plan: &Plan, call: &Call) -> Vec<String> {
        let words = match (call.shuts(), call.endpoint) {
            (false, _) => NOTHING,
            (true, Some(DISABLED)) => {
                "programs on it that get credentials, user data or the instance's identity from the metadata service, \
                 as soon as what they have got ends; until it is set as it was"
            }
            (true, _) => {
                "programs on it that ask the metadata service without a token (IMDSv1), at once; until it is set as it was"
            }
        };
        vec![words.to_owned()]
    }

    fn done(&self, plan: &Plan, call: &Call) -> (String, Option<Json>) {
        let mut words = Vec::new();
        let mut undo = json!({});
        for (name, fact, set) in [("Endpoint", ENDPOINT, call.endpoint), ("Tokens", TOKENS, call.tokens)] {
            let Some(set) = set else { continue };
            words.push(match fact {
                ENDPOINT => format!("the metadata service of {} is {set}", call.instance),
                _ => format!("tokens are {set}"),
            });
            if let Some(before) = planned(plan, fact).filter(|before| **before != Untrusted::from(set)) {
                undo[name] = json!(before);
            }
        }
        let words = words.join(", ");
        match call.shuts() {
            true => (format!("{words}; {NOTE}"), Some(undo)),
            false => (words, Some(undo)),
        }
    }

    fn undoing(&self, plan: &Plan, undo: &Json) -> Option<Request> {
        let own = |text: Untrusted| Value::Text(Word::own(text));
        let mut request = Request::undoing(plan, [("instance", own(plan.target.resource.clone()))]);
        for (name, field) in [("Endpoint", "endpoint"), ("Tokens", "tokens")] {
            if let Some(before) = undo.get(name).and_then(Json::as_str) {
                request.fields.insert(field.into(), own(before.into()));
            }
        }
        (request.fields.len() > 1).then_some(request)
    }

    fn contains(&self, _plan: &Plan, call: &Call) -> Option<bool> {
        Some(call.shuts())
    }

    fn note(&self, call: &Call) -> Option<&'static str> {
        call.shuts().then_some(NOTE)
    }

    fn looks(&self) -> u32 {
        LOOKS
    }
}
