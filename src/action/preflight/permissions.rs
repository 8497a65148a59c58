//! Which calls of each kind IAM's policy simulator lets the caller make, on all resources.

use super::super::KindInfo;
use super::{Caller, KindNeeds, Need, State, listed, said};
use crate::aws::{Connection, Failure, Reader, global_region};
use crate::problem::Problem;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use std::collections::{BTreeMap, BTreeSet};

/// Actions that are asked for in one call.
const MOST: usize = 50;
/// Pages of one call's answer; it is shorter by far.
const PAGES: usize = 20;
const OPERATION: &str = "iam:SimulatePrincipalPolicy";

/// By the region of the call and the permission.
type Told = BTreeMap<(String, String), (State, String)>;

/// The permissions of these kinds in these regions, and the problem where they are not known.
pub(super) async fn of_kinds(
    connection: &Connection,
    caller: &Caller,
    regions: &[String],
    infos: &[&'static KindInfo],
) -> (Vec<KindNeeds>, Option<Problem>) {
    let (told, why, problem) = match &caller.source {
        None => (Told::new(), caller.why.clone(), None),
        Some(source) => {
            let reader = connection.reader(connection.region());
            match ask(&reader, source, &wanted(regions, infos)).await {
                Ok(told) => (told, "the simulation does not say".to_owned(), None),
                Err(failure) => {
                    let problem = failure.problem(OPERATION, &reader.scope());
                    (Told::new(), said(&failure, OPERATION, &reader), Some(problem))
                }
            }
        }
    };
    let need = |region: &str, name: String| {
        let found = told.get(&(place(&name, region), name.clone()));
        let (state, why) = found.cloned().unwrap_or((State::NotKnown, why.clone()));
        Need { name, state, why }
    };
    let of_kind = |region: &String, info: &'static KindInfo| KindNeeds {
        kind: info.name,
        region: region.clone(),
        needs: info.permissions().map(|name| need(region, name)).collect(),
    };
    let in_region = |region| infos.iter().map(move |info| of_kind(region, info));
    (regions.iter().flat_map(in_region).collect(), problem)
}

/// The region that a call of the permission goes to; IAM's is that of its partition.
fn place(permission: &str, region: &str) -> String {
    match permission.starts_with("iam:") {
        true => global_region(region).to_owned(),
        false => region.to_owned(),
    }
}

/// What is to be asked, by region.
fn wanted(regions: &[String], infos: &[&KindInfo]) -> BTreeMap<String, BTreeSet<String>> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for region in regions {
        for name in infos.iter().flat_map(|info| info.permissions()) {
            wanted.entry(place(&name, region)).or_default().insert(name);
        }
    }
    wanted
}

async fn ask(reader: &Reader, source: &str, wanted: &BTreeMap<String, BTreeSet<String>>) -> Result<Told, Failure> {
    let mut told = Told::new();
    for (region, names) in wanted {
        let names: Vec<String> = names.iter().cloned().collect();
        for names in names.chunks(MOST) {
            for result in simulated(reader, source, region, names).await? {
                told.insert((region.clone(), result.eval_action_name().to_owned()), verdict(&result));
            }
        }
    }
    Ok(told)
}

async fn simulated(
    reader: &Reader,
    source: &str,
    region: &str,
    names: &[String],
) -> Result<Vec<EvaluationResult>, Failure> {
    let context = context(reader, region);
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
fn context(reader: &Reader, region: &str) -> Vec<ContextEntry> {
    let entry = |name: &str, kind: ContextKeyTypeEnum, value: String| {
        ContextEntry::builder().context_key_name(name).context_key_type(kind).context_key_values(value).build()
    };
    vec![
        entry("aws:RequestedRegion", ContextKeyTypeEnum::String, region.to_owned()),
        entry("aws:CurrentTime", ContextKeyTypeEnum::Date, reader.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        // A role is given to an automation and to nothing else.
        entry("iam:PassedToService", ContextKeyTypeEnum::String, "ssm.amazonaws.com".to_owned()),
    ]
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
