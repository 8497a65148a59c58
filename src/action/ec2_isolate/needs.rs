//! What isolating needs before it is wanted: the security group. Which VPC the instance will be in is not known yet.

use super::super::fields::text;
use super::super::preflight::{Need, State};
use super::super::request::Request;
use super::wanted::{self, Named};
use crate::aws::{Failure, Reader};
use crate::problem::clean;
use std::collections::BTreeSet;

/// The group; none where its name comes with the incident.
pub(super) async fn group(reader: &Reader, request: &Request) -> Option<Need> {
    let later = text(request, "group").ok().flatten().is_some_and(|word| word.filled && word.text.is_empty());
    if later {
        return None;
    }
    let (filter, value) = match wanted::group(request) {
        Ok(Named::Id(id)) => ("group-id", id.as_str().to_owned()),
        Ok(Named::Name(name)) => ("group-name", name),
        Err(problem) => return Some(Need::new("security group", State::Missing, problem.what)),
    };
    let need = format!("security group {}", clean(&value));
    let found = reader.ec2().describe_security_groups(&[(filter, vec![&value])]).await;
    let found = found.map_err(|error| Failure::of(&error));
    let groups = match Need::read(need.clone(), found, "ec2:DescribeSecurityGroups", reader) {
        Ok(groups) => groups,
        Err(need) => return Some(need),
    };
    let vpcs: BTreeSet<String> = groups.iter().filter_map(|one| Some(one.vpc.as_ref()?.line().into_string())).collect();
    Some(match vpcs.is_empty() {
        true => Need::new(need, State::Missing, "no VPC has it"),
        false => Need::new(need, State::Ok, format!("in {} alone", vpcs.into_iter().collect::<Vec<_>>().join(", "))),
    })
}
