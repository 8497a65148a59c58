//! Running the remediation that AWS Config has for a rule, for one resource, and following it to its end.

mod state;
#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{id, known, plain, refuse, text};
use super::follow::Watch;
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::notice::{self, Words, member};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::seal::{self, Seal, arn, exact};
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::{Problem, clean};
use quell_core::incident::{FailClass, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::ConfigType;
use quell_core::text::{Id, Untrusted};
use serde_json::json;
use state::{Remedy, look, remedy};

/// The kind `config-remediation`.
pub(super) struct ConfigRemediation;

static INFO: KindInfo = KindInfo {
    name: "config-remediation",
    title: "Run the remediation of a rule of AWS Config for a resource",
    parameters: &[
        Parameter { name: "rule", required: true, what: "the Config rule's name" },
        Parameter { name: "resource", required: false, what: "the resource's id; else the finding's" },
        Parameter { name: "type", required: false, what: "its type, AWS::S3::Bucket; else the finding's" },
    ],
    operations: Operations {
        read: &[
            ("Config Service", "DescribeRemediationConfigurations"),
            ("Config Service", "DescribeRemediationExecutionStatus"),
        ],
        consume: &[],
        mutate: &[("Config Service", "StartRemediationExecution")],
    },
    permissions: &[],
    danger: notice::KNOWN_DANGER,
    destroys: "what the remediation's document destroys, which quell does not know",
};

/// The most characters of a rule's name and of a resource's id (Config's service model).
const RULE: usize = 128;
const RESOURCE: usize = 768;
const UNREADABLE: &str = "the plan can't be read";
const START: &str = "config:StartRemediationExecution";

impl Action for ConfigRemediation {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let (rule, kind, resource) = named(request)?;
            let target = target(request, resource.as_str())?;
            calls::caller(reader, &target).await?;
            let found = remedy(reader, &rule, (kind.as_str(), &resource)).await?;
            let key = json!({ "resourceType": kind.as_str(), "resourceId": resource });
            let input = json!({ "ConfigRuleName": rule, "ResourceKeys": [key] });
            let operation = "StartRemediationExecution".to_owned();
            let call = PlannedRequest { service: "config".to_owned(), operation, input };
            let words = Words {
                danger: notice::unknown(request),
                destroys: INFO.destroys,
                warnings: warnings(&found),
                undo: UNDO,
            };
            notice::plan(request, target, call, found.facts, words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["not known: whatever the remediation's document does".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((rule, resource)) = of(plan) else { return not_sent(UNREADABLE) };
            match remedy(reader, rule, resource).await {
                Err(problem) => {
                    return not_sent(format!("the remediation could not be read again: {}", problem.headline()));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &now.facts) {
                        return stopped;
                    }
                }
            }
            let ids = match writer.config().start_remediation_execution(rule, resource).await {
                Err(error) => return writer.outcome(START, &error),
                Ok(answer) if !answer.value.failed_items.is_empty() => {
                    let why = answer.value.failure_message.as_ref().map(|why| why.line().into_string());
                    let message =
                        format!("Config did not start it: {}", why.unwrap_or_else(|| "it says no why".into()));
                    let request_ids = calls::request_ids(&answer);
                    return Outcome::Failed { class: FailClass::Failed, message: message.into(), request_ids };
                }
                Ok(answer) => calls::request_ids(&answer),
            };
            progress.step("started", 0, 0);
            to_its_end(reader, plan, (rule, resource), ids, progress).await
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some((rule, resource)) = of(plan) else { return Found::CannotTell(UNREADABLE.into()) };
            match look(reader, plan, rule, resource).await {
                Ok(_) if state::automatic(plan) => Found::CannotTell(
                    "a run has begun since, but Config runs this remediation by itself too: look at it".into(),
                ),
                Ok(seen) => match seen.ended(Vec::new()) {
                    Some(outcome) => Found::Ended(outcome),
                    None => Found::Running(format!("{rule} for {}", resource.1).into()),
                },
                Err(failure) => Found::CannotTell(failure.problem(state::STATUS, &reader.scope()).headline().into()),
            }
        })
    }

    fn follow<'a>(
        &'a self,
        reader: &'a Reader,
        plan: &'a Plan,
        _running: &'a Untrusted,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match of(plan) {
                Some(named) => to_its_end(reader, plan, named, Vec::new(), progress).await,
                None => Outcome::Unknown { why: UNREADABLE.into() },
            }
        })
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "Config says how the run ended; what it changed, quell does not know, and the rule is evaluated later: \
                   read the resource";
        Box::pin(std::future::ready(calls::unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let Ok(Some(word)) = text(request, "rule") else { return Vec::new() };
            if word.text.is_empty() {
                return Vec::new();
            }
            let name = format!("remediation of {}", clean(word.text.line().as_str()));
            let found = state::configured(reader, word.text.line().as_str()).await;
            vec![match Need::read(name.clone(), found, state::DESCRIBE, reader) {
                Err(need) => need,
                Ok(None) => Need::new(name, State::Missing, "the rule has none"),
                Ok(Some(_)) => Need::new(name, State::Ok, ""),
            }]
        })
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // AWS adds an id of its own to the rule's name.
        let remedy = |rule: &str| arn(plan, "config", &format!("remediation-configuration/{}/*", exact(rule)));
        Seal::each(plan, |request| seal::text(request, "ConfigRuleName").map(remedy).into_iter().collect())
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

async fn to_its_end(
    reader: &Reader,
    plan: &Plan,
    (rule, resource): (&str, (&str, &str)),
    ids: Vec<Untrusted>,
    progress: &Progress,
) -> Outcome {
    let name = format!("of {rule} for {}", resource.1);
    let watch = Watch { reader, progress, operation: state::STATUS, name: &name };
    let ended = |seen: &state::Seen| seen.ended(ids.clone());
    watch.follow(|| Box::pin(look(reader, plan, rule, resource)), state::Seen::line, ended).await
}

/// The rule, and the resource's type and id: the block's, else the finding's.
fn named(request: &Request) -> Result<(String, Id<ConfigType>, String), Problem> {
    let rule = text(request, "rule")?.ok_or_else(|| refuse("rule is not given"))?;
    let rule = plain("rule", &rule.text, RULE)?;
    let found = request.finding.as_ref().map(|finding| &finding.resource);
    let own = |field: &str, else_: Option<&Untrusted>| -> Result<Untrusted, Problem> {
        let given = text(request, field)?.map(|word| word.text.clone());
        given
            .or_else(|| else_.cloned())
            .ok_or_else(|| refuse(format!("{field} is not given, and the finding names none")))
    };
    let kind = id::<ConfigType>("type", &own("type", found.and_then(|found| found.kind.as_ref()))?)?;
    let resource = own("resource", found.and_then(|found| found.id.as_ref().or(found.name.as_ref())))?;
    match plain("resource", &resource, RESOURCE)? {
        resource if resource.is_empty() || rule.trim().is_empty() => Err(refuse("rule or resource is empty")),
        resource => Ok((rule, kind, resource)),
    }
}

/// The plan's rule and resource, read back.
fn of(plan: &Plan) -> Option<(&str, (&str, &str))> {
    let [request] = plan.requests.as_slice() else { return None };
    let [key] = request.input.get("ResourceKeys")?.as_array()?.as_slice() else { return None };
    let text = |name: &str| key.get(name)?.as_str();
    Some((member(plan, "ConfigRuleName")?, (text("resourceType")?, text("resourceId")?)))
}

const UNDO: &str = "quell can't undo it: what the document changes, quell does not know.";

fn warnings(remedy: &Remedy) -> Vec<String> {
    let mut all = vec![
        "quell does not know what the document does: read it before approving.".to_owned(),
        "It acts with the role that the remediation names, and not with your own permissions.".to_owned(),
        "It acts on the resource as Config last saw it, which may be hours ago.".to_owned(),
    ];
    if remedy.automatic {
        all.push("Config runs this remediation by itself too: another run may be taken for this one.".to_owned());
    }
    all
}
