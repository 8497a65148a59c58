//! Instances: the groups of their interfaces, what lets connections live on, and whether they are cut off.

use super::super::super::ec2_isolate::{self as isolation, Interface};
use super::super::super::fields::id;
use super::super::super::instance;
use super::super::super::way::{Ways, ways};
use super::super::Start;
use super::{PUBLIC, Seen};
use crate::aws::Reader;
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan, Target, Verified};
use quell_core::text::id::{Id, InstanceId};

const NOT_SEEN: &str = "connections that were open before may live on; flow logs show whether they do";

pub(super) async fn interfaces(reader: &Reader, target: &Target) -> Result<Vec<Interface>, Problem> {
    isolation::interfaces_of(reader, &id::<InstanceId>("the instance", &target.resource)?).await
}

pub(super) async fn host(reader: &Reader, target: &Target, contains: bool) -> Result<Seen, Problem> {
    let id = id::<InstanceId>("the instance", &target.resource)?;
    let (there, all) = (instance::described(reader, &id).await?, interfaces(reader, target).await?);
    let mut facts: Vec<Fact> = all.iter().map(isolation::interface_fact).collect();
    facts.push(Fact::new("instance", there.state.line().into_string()));
    facts.extend(instance::facts(&there));
    let mut public: Vec<String> =
        all.iter().flat_map(|one| &one.public).map(|address| address.line().into_string()).collect();
    public.dedup();
    if !public.is_empty() {
        facts.push(Fact::new(PUBLIC, public.join(", ")));
    }
    let ways = ways(reader, &isolation::subnets(&all)).await;
    facts.extend(ways.facts.iter().cloned());
    let (warnings, exposed) = if contains { exposure(&public, &ways) } else { (Vec::new(), false) };
    Ok(Seen { facts, warnings, exposed })
}

/// What the document's two steps do to an instance with these addresses and ways out.
fn exposure(public: &[String], ways: &Ways) -> (Vec<String>, bool) {
    let mut warnings = Vec::new();
    if !public.is_empty() {
        warnings.push(format!(
            "Its first step OPENS EVERY PORT to the internet at {} for a moment; ec2-isolate does not.",
            public.join(", ")
        ));
    }
    if !ways.tracked.is_empty() {
        let through = ways.tracked.join(", ");
        warnings.push(format!(
            "Connections through {through} live on: AWS always tracks those, and the run cuts them not."
        ));
    }
    warnings.extend(ways.unseen.then(|| isolation::UNSEEN.to_owned()));
    (warnings, !public.is_empty())
}

pub(super) fn host_states(all: &[Interface]) -> Vec<Fact> {
    all.iter().map(isolation::interface_fact).collect()
}

/// An instance is cut off where no group of any interface lets anything through; one that has its former groups is not.
pub(super) async fn cut_off(reader: &Reader, plan: &Plan, start: &Start) -> Result<Verified, Problem> {
    let now = interfaces(reader, &plan.target).await?;
    let mut facts = host_states(&now);
    let own: Vec<&Interface> = now.iter().filter(|one| one.managed.is_none()).collect();
    let as_before = own.iter().any(|one| plan.facts.contains(&isolation::interface_fact(one)));
    let mut ids: Vec<&str> = own.iter().flat_map(|one| one.groups.iter().map(Id::as_str)).collect();
    ids.sort_unstable();
    ids.dedup();
    let groups = isolation::groups(reader, &[("group-id", ids.clone())]).await?;
    let open: Vec<Fact> = groups.iter().filter_map(isolation::open_fact).collect();
    let holds = match (own.is_empty() || as_before, groups.len() == ids.len() && open.is_empty()) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        // What the parameters leave open is as wanted; what they do not is not known to be.
        (false, false) => None,
    };
    facts.extend(open);
    let wanted = ["IngressTrafficRules", "EgressTrafficRules"].iter().any(|name| start.parameters.contains_key(*name));
    if holds.is_none() {
        let why = if wanted { "compare with the traffic rules that were given" } else { "its groups are not closed" };
        facts.push(Fact::new("not verified", why));
    }
    facts.push(Fact::new("note", NOT_SEEN));
    Ok(Verified { holds, facts })
}
