//! SimulatePrincipalPolicy: what the policies of a user or a role decide about calls that are not made. Judged as the
//! account judges the calls themselves: all is allowed but what the scenario or an inline policy denies.

use super::{invalid, roles, size};
use crate::simulator::caller::Service;
use crate::simulator::page;
use crate::simulator::policy::{Policy, matches};
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// Members that would change the result, and that this account does not know what to do with.
const UNKNOWN: [&str; 5] =
    ["ResourcePolicy", "ResourceOwner", "CallerArn", "ResourceHandlingOption", "PolicyExclusionList"];

pub(super) fn principal(world: &World, form: &Form) -> Result<Vec<Element>, Failure> {
    let simulation = Simulation::of(world, form)?;
    let actions = actions(form)?;
    let resources = form.list("ResourceArns.member");
    if let Some(member) =
        UNKNOWN.iter().find(|member| form.names().any(|name| name.split('.').next() == Some(**member)))
    {
        return Err(input(format!("The simulated account does not simulate {member}.")));
    }
    let size = size(form)?;
    let (page, next) =
        page::of(&actions, form.get("Marker"), size, "simulate").ok_or_else(|| input("Invalid Marker".to_owned()))?;
    let results = page.iter().map(|action| simulation.result(action, &resources)).collect();
    let mut elements =
        vec![Element::Nest("EvaluationResults", results), Element::text("IsTruncated", next.is_some().to_string())];
    elements.extend(next.map(|marker| Element::text("Marker", marker)));
    Ok(elements)
}

fn input(message: String) -> Failure {
    Failure::new("InvalidInput", 400, message)
}

fn actions(form: &Form) -> Result<Vec<&str>, Failure> {
    let actions = form.list("ActionNames.member");
    if actions.is_empty() {
        form.need(Service::Iam, "ActionNames")?;
    }
    for action in &actions {
        if !(3..=128).contains(&action.chars().count()) {
            let rule = "failed to satisfy constraint: Member must have length between 3 and 128";
            return Err(invalid(format!("1 validation error detected: Value '{action}' at 'actionNames' {rule}")));
        }
        if action.split_once(':').is_none_or(|(service, name)| service.is_empty() || name.is_empty()) {
            return Err(input(format!("Invalid Action: {action} does not name a service and an operation.")));
        }
    }
    Ok(actions)
}

/// Whose policies are simulated, and with what beside them.
struct Simulation<'a> {
    /// What the scenario lets nobody do.
    denied: &'a [String],
    /// `user` or `role`.
    word: &'static str,
    /// By the name that a result gives them.
    policies: Vec<(String, Policy)>,
    boundary: Option<Policy>,
    /// Context keys in lower case, with their values.
    context: BTreeMap<String, Vec<&'a str>>,
}

impl<'a> Simulation<'a> {
    fn of(world: &'a World, form: &'a Form) -> Result<Self, Failure> {
        let arn = form.need(Service::Iam, "PolicySourceArn")?;
        if !(20..=2048).contains(&arn.chars().count()) {
            let rule = "failed to satisfy constraint: Member must have length between 20 and 2048";
            return Err(invalid(format!("1 validation error detected: Value '{arn}' at 'policySourceArn' {rule}")));
        }
        let (word, name, attached) = source(world, arn)?;
        let named =
            |(policy, text): (&String, &String)| Some((format!("{word}_{name}_{policy}"), Policy::parse(text)?));
        let mut policies: Vec<(String, Policy)> = attached.iter().filter_map(named).collect();
        for (n, text) in form.list("PolicyInputList.member").into_iter().enumerate() {
            policies.push((format!("PolicyInputList.{}", n + 1), document(text)?));
        }
        let boundary = form.get("PermissionsBoundaryPolicyInputList.member.1").map(document).transpose()?;
        Ok(Self { denied: &world.scenario.denied, word, policies, boundary, context: context(form) })
    }

    fn result(&self, action: &str, resources: &[&str]) -> Element {
        let each: Vec<(&str, Judged)> = resources.iter().map(|on| (*on, self.judge(action, on))).collect();
        let whole = each.iter().map(|(_, judged)| judged.clone()).reduce(Judged::and);
        let whole = whole.unwrap_or_else(|| self.judge(action, "*"));
        let mut elements = vec![
            Element::text("EvalActionName", action),
            Element::text("EvalResourceName", "*"),
            Element::text("EvalDecision", whole.decision.word()),
        ];
        elements.extend(self.details(&whole));
        if !each.is_empty() {
            let one = |(on, judged): &(&str, Judged)| {
                let mut elements = vec![
                    Element::text("EvalResourceName", *on),
                    Element::text("EvalResourceDecision", judged.decision.word()),
                ];
                elements.extend(self.details(judged));
                Element::Nest("member", elements)
            };
            elements.push(Element::Nest("ResourceSpecificResults", each.iter().map(one).collect()));
        }
        Element::Nest("member", elements)
    }

    fn judge(&self, action: &str, resource: &str) -> Judged {
        let issued = self.context.get("aws:tokenissuetime").and_then(|values| values.first()?.parse().ok());
        let denies = |policy: &Policy| policy.denies(action, resource, issued);
        let matched: BTreeSet<String> =
            self.policies.iter().filter(|(_, policy)| denies(policy)).map(|(name, _)| name.clone()).collect();
        let all = self.policies.iter().map(|(_, policy)| policy).chain(&self.boundary);
        let keys = all.flat_map(|policy| policy.context_keys(action, resource));
        let missing = keys.filter(|key| !self.context.contains_key(&key.to_lowercase())).map(str::to_owned).collect();
        let within = self.boundary.as_ref().map(|boundary| boundary.allows(action, resource));
        let decision = match () {
            () if !matched.is_empty() || self.boundary.as_ref().is_some_and(denies) => Decision::ExplicitDeny,
            () if within == Some(false) || self.denied.iter().any(|pattern| matches(pattern, action)) => {
                Decision::ImplicitDeny
            }
            () => Decision::Allowed,
        };
        Judged { decision, matched, missing, within }
    }

    fn details(&self, judged: &Judged) -> Vec<Element> {
        let statement = |name: &String| {
            let kind = if name.starts_with("PolicyInputList.") { "none" } else { self.word };
            Element::Nest(
                "member",
                vec![Element::text("SourcePolicyId", name), Element::text("SourcePolicyType", kind)],
            )
        };
        let keys = judged.missing.iter().map(|key| Element::text("member", key)).collect();
        let mut elements = vec![
            Element::Nest("MatchedStatements", judged.matched.iter().map(statement).collect()),
            Element::Nest("MissingContextValues", keys),
        ];
        let allowed = |within: bool| vec![Element::text("AllowedByPermissionsBoundary", within.to_string())];
        elements.extend(judged.within.map(|w| Element::Nest("PermissionsBoundaryDecisionDetail", allowed(w))));
        elements
    }
}

/// The user or the role that an ARN names, with its inline policies.
fn source<'a>(
    world: &'a World,
    arn: &'a str,
) -> Result<(&'static str, &'a str, &'a BTreeMap<String, String>), Failure> {
    let unclear = || input(format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."));
    let own = format!("arn:aws:iam::{}:", world.scenario.account);
    let (kind, path) = arn.strip_prefix(&own).and_then(|rest| rest.split_once('/')).ok_or_else(unclear)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let gone = |word: &str| super::no_such(format!("The {word} with name {name} cannot be found."));
    match kind {
        "user" => {
            let user = world.account.users.get(name).filter(|_| arn == world.user_arn(name));
            Ok(("user", name, &user.ok_or_else(|| gone("user"))?.policies))
        }
        "role" => {
            let role = world.account.roles.get(name).filter(|_| arn == roles::arn(world, name));
            Ok(("role", name, role.ok_or_else(|| gone("role"))?))
        }
        "group" => Err(gone("group")),
        _ => Err(unclear()),
    }
}

fn document(text: &str) -> Result<Policy, Failure> {
    Policy::parse(text).ok_or_else(|| input("Syntax errors in policy.".to_owned()))
}

fn context(form: &Form) -> BTreeMap<String, Vec<&str>> {
    let entry = |n: usize| {
        let key = form.get(&format!("ContextEntries.member.{n}.ContextKeyName"))?;
        Some((key.to_lowercase(), form.list(&format!("ContextEntries.member.{n}.ContextKeyValues.member"))))
    };
    (1..).map_while(entry).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl Decision {
    fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitDeny => "implicitDeny",
            Self::ExplicitDeny => "explicitDeny",
        }
    }
}

/// What comes of an action on a resource.
#[derive(Clone, Debug)]
struct Judged {
    decision: Decision,
    /// The policies that decided it.
    matched: BTreeSet<String>,
    /// Context keys that conditions ask for and that were not given.
    missing: BTreeSet<String>,
    /// Whether the permissions boundary allows it, where there is one.
    within: Option<bool>,
}

impl Judged {
    /// Of several resources the strictest decision counts.
    fn and(mut self, mut other: Self) -> Self {
        self.matched.append(&mut other.matched);
        self.missing.append(&mut other.missing);
        self.within = self.within.map(|within| within && other.within != Some(false));
        Self { decision: self.decision.max(other.decision), ..self }
    }
}
