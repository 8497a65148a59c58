//! A plan with the session that it is carried out in, so that what is approved is what is allowed.

use super::super::calls;
use super::super::kind::Action;
use super::policy::{Sealed, sealed};
use crate::aws::{Reader, Session, permission};
use crate::problem::Problem;
use quell_core::incident::{Plan, Through};
use quell_core::text::Untrusted;
use serde_json::{Value, json};

/// The policy of a session that reads for a kind: what the kind reads by, and nothing that changes anything.
pub fn reading(kind: &dyn Action) -> Value {
    let actions: Vec<String> = kind.info().operations.read.iter().map(permission).collect();
    let (effect, actions) = match actions.is_empty() {
        true => ("Deny", vec!["*".to_owned()]),
        false => ("Allow", actions),
    };
    let mut statements = vec![json!({ "Effect": effect, "Action": actions, "Resource": "*" })];
    statements.extend(kind.keys().filter(|keys| !keys.read.is_empty()).map(|keys| {
        // The Region is not known to what reads, and in China the names end otherwise.
        let via = json!({ "kms:ViaService": format!("{}.*.amazonaws.com*", keys.via) });
        json!({ "Effect": "Allow", "Action": keys.read, "Resource": "*", "Condition": { "StringLike": via } })
    }));
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The plan as it is to be approved: where its reader reads in a role's session, with the role, the session's name, who
/// stands behind it, and all that the session may do.
///
/// # Errors
/// Where no session policy holds the plan.
pub fn bound(kind: &dyn Action, mut plan: Plan, reader: &Reader) -> Result<Plan, Problem> {
    let Some(session) = reader.session() else { return Ok(plan) };
    let Sealed { policy, warnings } = sealed(kind.seal(&plan))?;
    plan.warnings.extend(nameless(session).map(Untrusted::from));
    plan.warnings.extend(warnings);
    if owns(session, &plan) && !plan.warnings.contains(&calls::OWN_ACCESS.into()) {
        plan.warnings.insert(0, calls::OWN_ACCESS.into());
        plan.danger = 3;
    }
    plan.target.through = Some(Through {
        role: session.role.as_str().into(),
        session: session.name.as_str().into(),
        source: session.source.as_deref().map(Untrusted::from),
        policy,
    });
    Ok(plan)
}

/// What is said where CloudTrail does not name the person.
fn nameless(session: &Session) -> Option<&'static str> {
    match (&session.source, session.asked) {
        (Some(_), _) => None,
        (None, true) => Some(
            "CloudTrail will not say who you are: the role's trust does not let a source identity be set \
             (sts:SetSourceIdentity).",
        ),
        (None, false) => {
            Some("CloudTrail will not say who you are: quell knows no name of yours for the source identity.")
        }
    }
}

/// Whether the plan is about the very user or role that takes the role on: the kinds compare with the session alone.
fn owns(session: &Session, plan: &Plan) -> bool {
    let Some(name) = session.own.principal().rsplit(['/', ':']).next() else { return false };
    plan.target.account == Untrusted::from(session.own.account.as_str()) && plan.touches(name)
}
