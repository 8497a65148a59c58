//! Which calls of each kind IAM's policy simulator lets whoever would act make, on all resources.

use super::super::Action;
use super::actor::Actor;
use super::caller::source;
use super::{KindNeeds, Need, State, listed, said};
use crate::aws::{Failure, Reader, global_region};
use crate::problem::Problem;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use quell_core::text::{Id, id::Arn};
use std::collections::{BTreeMap, BTreeSet};

/// Actions that are asked for in one call.
const MOST: usize = 50;
/// Pages of one call's answer; it is shorter by far.
const PAGES: usize = 20;
const OPERATION: &str = "iam:SimulatePrincipalPolicy";

/// What a role is given to a service by; whom it may be given to is a condition of policies.
const PASS: &str = "iam:PassRole";
/// What is asked in one go: calls to a region, and the service that a role is given to.
type Question = (String, Option<&'static str>);
/// By the question and the permission.
type Told = BTreeMap<(Question, String), (State, String)>;

/// The permissions of these kinds in these regions for whoever would act there, and the problem where they are not known.
pub(super) async fn of_kinds(
    actor: &Actor<'_>,
    regions: &[String],
    kinds: &[&'static dyn Action],
) -> (Vec<KindNeeds>, Option<Problem>) {
    let (told, why, problem) = match &actor.source {
        Err(why) => (Told::new(), why.clone(), None),
        Ok(source) => match ask(&actor.reader, source, &wanted(regions, kinds)).await {
            Ok(told) => (told, "the simulation does not say".to_owned(), None),
            Err(failure) => {
                let problem = failure.problem(OPERATION, &actor.reader.scope());
                (Told::new(), said(&failure, OPERATION, &actor.reader), Some(problem))
            }
        },
    };
    let need = |region: &str, (name, service): (String, Option<&'static str>)| {
        let found = told.get(&((place(&name, region), service), name.clone()));
        let (state, why) = found.cloned().unwrap_or((State::NotKnown, why.clone()));
        let name = service.map_or_else(|| name.clone(), |service| format!("{name} to {service}"));
        Need { name, state, why: actor.asked(why) }
    };
    let of_kind = |region: &String, kind: &&'static dyn Action| KindNeeds {
        kind: kind.info().name,
        account: actor.account.clone(),
        role: actor.role.clone(),
        region: region.clone(),
        needs: asked(*kind).map(|asked| need(region, asked)).collect(),
    };
    let in_region = |region| kinds.iter().map(move |kind| of_kind(region, kind));
    (regions.iter().flat_map(in_region).collect(), problem)
}

/// The permissions of a kind; that of giving a role once for each service that it gives one to.
fn asked(kind: &'static dyn Action) -> impl Iterator<Item = (String, Option<&'static str>)> {
    kind.info().permissions().flat_map(move |name| -> Vec<_> {
        match name == PASS {
            true => kind.passes().iter().map(|service| (name.clone(), Some(*service))).collect(),
            false => vec![(name, None)],
        }
    })
}

/// The region that a call of the permission goes to; IAM's is that of its partition.
fn place(permission: &str, region: &str) -> String {
    match permission.starts_with("iam:") {
        true => global_region(region).to_owned(),
        false => region.to_owned(),
    }
}

/// What is to be asked.
fn wanted(regions: &[String], kinds: &[&'static dyn Action]) -> BTreeMap<Question, BTreeSet<String>> {
    let mut wanted: BTreeMap<Question, BTreeSet<String>> = BTreeMap::new();
    for region in regions {
        for (name, service) in kinds.iter().flat_map(|kind| asked(*kind)) {
            wanted.entry((place(&name, region), service)).or_default().insert(name);
        }
    }
    wanted
}

async fn ask(reader: &Reader, source: &str, wanted: &BTreeMap<Question, BTreeSet<String>>) -> Result<Told, Failure> {
    let mut told = Told::new();
    for (question, names) in wanted {
        let names: Vec<String> = names.iter().cloned().collect();
        for names in names.chunks(MOST) {
            for result in simulated(reader, source, question, names).await? {
                told.insert((question.clone(), result.eval_action_name().to_owned()), verdict(&result));
            }
        }
    }
    Ok(told)
}

async fn simulated(
    reader: &Reader,
    source: &str,
    question: &Question,
    names: &[String],
) -> Result<Vec<EvaluationResult>, Failure> {
    let context = context(reader, question);
    let mut all = Vec::new();
    let mut marker: Option<String> = None;
    for _ in 0..PAGES {
        let call = reader.iam().simulate_principal_policy().policy_source_arn(source);
        let call = call.set_action_names(Some(names.to_vec())).set_context_entries(Some(context.clone()));
        let page = call.set_marker(marker).send().await.map_err(|error| Failure::of(&error))?;
        all.extend_from_slice(page.evaluation_results());
        marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    Ok(all)
}

/// What is known of the calls beforehand, for the conditions of policies.
fn context(reader: &Reader, (region, service): &Question) -> Vec<ContextEntry> {
    let entry = |name: &str, kind: ContextKeyTypeEnum, value: String| {
        ContextEntry::builder().context_key_name(name).context_key_type(kind).context_key_values(value).build()
    };
    let mut all = vec![
        entry("aws:RequestedRegion", ContextKeyTypeEnum::String, region.clone()),
        entry("aws:CurrentTime", ContextKeyTypeEnum::Date, reader.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    ];
    let passed = |service: &&str| entry("iam:PassedToService", ContextKeyTypeEnum::String, (*service).to_owned());
    all.extend(service.as_ref().map(passed));
    all
}

/// Whether whoever the reader reads for may do this on a KMS key, by that service; the key's own policy is not asked.
pub(in crate::action) async fn on_key(
    reader: &Reader,
    actions: &[&str],
    key: &Id<Arn>,
    via: Option<&str>,
) -> Vec<Need> {
    let name = |action: &str| format!("{action} on {key}");
    let unknown = |why: String| actions.iter().map(|one| Need::new(name(one), State::NotKnown, why.clone())).collect();
    let source = match acting(reader).await {
        Ok(source) => source,
        Err(why) => return unknown(why),
    };
    let entry = |name: &str, kind: ContextKeyTypeEnum, value: &str| {
        ContextEntry::builder().context_key_name(name).context_key_type(kind).context_key_values(value).build()
    };
    let mut context = context(reader, &(reader.region().to_owned(), None));
    context.push(entry("kms:GrantIsForAWSResource", ContextKeyTypeEnum::Boolean, "true"));
    context.extend(via.map(|via| entry("kms:ViaService", ContextKeyTypeEnum::String, via)));
    let call = reader.iam().simulate_principal_policy().policy_source_arn(&source).resource_arns(key.as_str());
    let names = actions.iter().map(|action| (*action).to_owned()).collect();
    let call = call.set_action_names(Some(names)).set_context_entries(Some(context));
    let results = match call.send().await {
        Ok(answer) => answer.evaluation_results().to_vec(),
        Err(error) => return unknown(said(&Failure::of(&error), OPERATION, reader)),
    };
    let told = |action: &&str| {
        let found = results.iter().find(|result| result.eval_action_name() == *action).map(verdict);
        let (state, why) = match found {
            None => (State::NotKnown, "the simulation does not say".to_owned()),
            Some((State::Missing, why)) if !why.contains("denie") => {
                (State::NotKnown, format!("{why}; the key's own policy may"))
            }
            Some(found) => found,
        };
        Need::new(name(action), state, why)
    };
    actions.iter().map(told).collect()
}

/// The user or role that a reader reads for.
async fn acting(reader: &Reader) -> Result<String, String> {
    if let Some(session) = reader.session() {
        return Ok(session.role.clone());
    }
    let answer = reader.sts().get_caller_identity().send().await;
    let answer = answer.map_err(|error| reader.problem("sts:GetCallerIdentity", &error).what)?;
    source(reader, &answer.arn().unwrap_or_default().into()).await
}

/// A result in words. What hangs on values that only a real call has is not known.
fn verdict(result: &EvaluationResult) -> (State, String) {
    use PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
    let keys = listed(result.missing_context_values());
    let organization = result.organizations_decision_detail().is_some_and(|of| !of.allowed_by_organizations());
    let bounded = result.permissions_boundary_decision_detail().is_some_and(|of| !of.allowed_by_permissions_boundary());
    let policies: BTreeSet<String> =
        result.matched_statements().iter().filter_map(|one| one.source_policy_id()).map(str::to_owned).collect();
    let missing = |why: String| (State::Missing, why);
    match result.eval_decision() {
        Allowed if keys.is_empty() => (State::Ok, String::new()),
        Allowed => (State::Ok, format!("unless a condition on {keys} forbids it")),
        ExplicitDeny | ImplicitDeny if !keys.is_empty() => {
            (State::NotKnown, format!("refused as long as {keys} is not known, which only the call itself has"))
        }
        ExplicitDeny | ImplicitDeny if organization => missing("the organization does not allow it".to_owned()),
        ExplicitDeny if !policies.is_empty() => missing(format!("denied by {}", listed(&policies))),
        ExplicitDeny => missing("a policy denies it".to_owned()),
        ImplicitDeny if bounded => missing("the permissions boundary does not allow it".to_owned()),
        ImplicitDeny => missing("no policy allows it on all resources".to_owned()),
        other => (State::NotKnown, format!("the simulation says {}", crate::problem::clean(other.as_str()))),
    }
}
