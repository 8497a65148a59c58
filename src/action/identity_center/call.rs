//! An assignment as Identity Center's operations name it, and who has the permission set now.

use super::super::calls;
use super::super::fields::{id, refuse, shown, text};
use super::super::request::Request;
use super::super::seal::exact;
use super::super::target::parts;
use crate::aws::Reader;
use crate::aws::sso::{PermissionSet, Turn};
use crate::problem::Problem;
use quell_core::incident::{Fact, Plan, PlannedRequest};
use quell_core::text::id::{AccountId, Arn, IdentityId};
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The facts that are read again before the call.
const ASSIGNMENT: &str = "permission set of the user";
const GROUPS: &str = "groups that have it too";
const SERVICE: &str = "sso-admin";

/// A user, a permission set and an account, and what is to become of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub turn: Turn,
    pub instance: String,
    pub set: String,
    pub account: Id<AccountId>,
    pub user: Id<IdentityId>,
}

/// Who has the permission set in the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub assigned: bool,
    /// Groups, by their ids.
    pub groups: Vec<String>,
}

impl Seen {
    pub(super) fn word(&self) -> &'static str {
        if self.assigned { "assigned" } else { "not assigned" }
    }
}

/// The instance of a permission set's ARN: `arn:aws:sso:::permissionSet/ssoins-…/ps-…`.
fn instance(set: &Id<Arn>) -> Option<String> {
    let arn = parts(set).filter(|arn| arn.service == "sso" && arn.region.is_empty() && arn.account.is_empty())?;
    let ["permissionSet", instance, set] = *arn.resource.split('/').collect::<Vec<_>>() else { return None };
    let word = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let named = instance.strip_prefix("sso").unwrap_or(instance).strip_prefix("ins-")?;
    let fits = word(named) && set.strip_prefix("ps-").is_some_and(word);
    fits.then(|| format!("arn:{}:sso:::instance/{instance}", arn.partition))
}

impl Assignment {
    /// What a request asks for.
    pub(super) fn asked(request: &Request) -> Result<Self, Problem> {
        let given = |name: &str| text(request, name)?.ok_or_else(|| refuse(format!("{name} is not given")));
        let set = id::<Arn>("permission_set", &given("permission_set")?.text)?;
        let instance = instance(&set).ok_or_else(|| {
            refuse(format!("permission_set is another thing's ARN: {set}"))
                .next("give permission_set: arn:aws:sso:::permissionSet/ssoins-…/ps-…")
        })?;
        let user = id::<IdentityId>("user", &given("user")?.text)?;
        let named = text(request, "in_account")?.map(|word| &word.text);
        let named = named.or_else(|| request.finding.as_ref()?.account.as_ref());
        let account = id::<AccountId>("in_account", named.ok_or_else(|| refuse("in_account is not given"))?)?;
        let turn = match text(request, "state")? {
            None => Turn::Delete,
            Some(word) if word.text == Untrusted::from("removed") => Turn::Delete,
            Some(word) if word.text == Untrusted::from("assigned") => Turn::Create,
            Some(word) => return Err(refuse(format!("state is removed or assigned, not {}", shown(&word.text)))),
        };
        Ok(Self { turn, instance, set: set.as_str().to_owned(), account, user })
    }

    /// The plan's one call, read back.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let turn = [Turn::Create, Turn::Delete].into_iter().find(|turn| turn.operation() == request.operation)?;
        let text = |name: &str| request.input.get(name)?.as_str();
        let (instance, set) = (text("InstanceArn")?.to_owned(), text("PermissionSetArn")?.to_owned());
        let (account, user) = (Id::new(text("TargetId")?).ok()?, Id::new(text("PrincipalId")?).ok()?);
        let all = Self { turn, instance, set, account, user };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (all.request() == *request).then_some(all)
    }

    pub(super) fn input(&self) -> Json {
        json!({
            "InstanceArn": self.instance,
            "PermissionSetArn": self.set,
            "PrincipalId": self.user.as_str(),
            "PrincipalType": "USER",
            "TargetId": self.account.as_str(),
            "TargetType": "AWS_ACCOUNT",
        })
    }

    pub(super) fn request(&self) -> PlannedRequest {
        let (service, operation) = (SERVICE.to_owned(), self.turn.operation().to_owned());
        PlannedRequest { service, operation, input: self.input() }
    }

    /// What names it: one user has many of them.
    pub(super) fn name(&self) -> String {
        let set = self.set.rsplit('/').next().unwrap_or_default();
        format!("{}/{set}/{}", self.account, self.user)
    }

    /// The ARNs that AWS checks it against (Service Authorization Reference).
    pub(super) fn arns(&self, plan: &Plan) -> Vec<String> {
        let account = format!("arn:{}:sso:::account/{}", plan.target.partition.line(), self.account);
        vec![account, exact(&self.instance), exact(&self.set)]
    }

    /// Who has the permission set in the account now; that the caller can't see its instance is a problem.
    pub(super) async fn look(&self, reader: &Reader) -> Result<Seen, Problem> {
        let instances = reader.sso().list_instances().await;
        let instances = instances.map_err(|error| calls::problem(&error, reader, "sso:ListInstances"))?;
        if !instances.iter().any(|one| one.instance_arn == Untrusted::from(self.instance.as_str())) {
            return Err(refuse(format!("no {} is to be seen from this account and Region", self.instance)).next(
                "name the organisation's management account (or the delegated one) as admin_account, and the Region of \
                 Identity Center as home_region",
            ));
        }
        let (account, sso) = (self.account.as_str(), reader.sso());
        let found = sso.list_account_assignments(&self.instance, account, &self.set).await;
        let found = found.map_err(|error| calls::problem(&error, reader, "sso:ListAccountAssignments"))?;
        let user = (Untrusted::from("USER"), Untrusted::from(self.user.as_str()));
        let assigned = found.iter().any(|one| (&one.principal_type, &one.principal_id) == (&user.0, &user.1));
        let groups = found.iter().filter(|one| one.principal_type == Untrusted::from("GROUP"));
        let mut groups: Vec<String> = groups.map(|one| one.principal_id.line().into_string()).collect();
        groups.sort_unstable();
        Ok(Seen { assigned, groups })
    }

    /// The permission set itself.
    pub(super) async fn described(&self, reader: &Reader) -> Result<PermissionSet, Problem> {
        let found = reader.sso().describe_permission_set(&self.instance, &self.set).await;
        found.map_err(|error| calls::problem(&error, reader, "sso:DescribePermissionSet"))
    }

    pub(super) fn facts(&self, seen: &Seen, set: Option<&PermissionSet>) -> Vec<Fact> {
        let groups = if seen.groups.is_empty() { "none".to_owned() } else { seen.groups.join(", ") };
        let mut all = vec![Fact::new(ASSIGNMENT, seen.word()), Fact::new(GROUPS, groups)];
        if let Some(set) = set {
            all.push(Fact::new("permission set", set.name.clone()));
            all.push(Fact::new("its sessions last at most", duration(set)));
            all.push(Fact::new("instance", self.instance.as_str()));
        }
        all
    }

    /// Whether it is as wanted.
    pub(super) fn holds(&self, now: &Seen) -> bool {
        now.assigned == (self.turn == Turn::Create)
    }

    /// Whether the caller works by this very permission set.
    pub(super) fn is_own(&self, caller: &Untrusted, set: &PermissionSet) -> bool {
        let arn = caller.parse::<Arn>().ok();
        let Some(arn) = arn.as_ref().and_then(parts) else { return false };
        let role = arn.resource.split('/').nth(1).unwrap_or_default();
        let of_set = role.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
        self.turn == Turn::Delete
            && arn.account == self.account.as_str()
            && of_set.is_some_and(|(name, _)| set.name == Untrusted::from(name))
    }

    pub(super) fn warnings(&self, seen: &Seen, set: &PermissionSet, own: bool) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(own.then(|| "You work by this very permission set in this account; it may be your own.".to_owned()));
        if self.turn == Turn::Create {
            all.push("The user can take the permission set on again, with what stands in it now.".to_owned());
            return all;
        }
        if !seen.groups.is_empty() {
            all.push(format!(
                "{} group(s) have the permission set here too: whoever is in one of them keeps it. Take the user out of \
                 them as well.",
                seen.groups.len()
            ));
        }
        all.push(format!(
            "Sessions that were handed out live on: their credentials work until they expire, after {} at most. To cut \
             these, deny all with identitystore:UserId of this user by a service control policy, or in the permission \
             set's inline policy; quell does neither.",
            duration(set)
        ));
        all.push(
            "The user is not disabled: it can sign in, and has its other permission sets and accounts. Identity Center \
             has no API to disable a user: do it in its console, or in the identity provider; end its portal sessions \
             there too."
                .to_owned(),
        );
        all
    }

    /// How it is undone, in words.
    pub(super) fn undone(&self) -> &'static str {
        match self.turn {
            Turn::Delete => "Assign the permission set to the user in the account again.",
            Turn::Create => "Take it away again, by a plan of its own.",
        }
    }
}

fn duration(set: &PermissionSet) -> String {
    set.session_duration.as_ref().map_or_else(|| "PT1H".to_owned(), |said| said.line().into_string())
}
