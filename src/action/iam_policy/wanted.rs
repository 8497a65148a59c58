//! What is asked for: whose policy, there or not.

use super::super::fields::{id, known, refuse, shown, text};
use super::super::request::Request;
use super::InlinePolicy;
use crate::problem::Problem;
use quell_core::incident::Plan;
use quell_core::text::id::{RoleName, UserName};
use quell_core::text::{Id, Shape, Untrusted};

/// Who is denied something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::action) enum Principal {
    User(Id<UserName>),
    Role(Id<RoleName>),
}

impl Principal {
    /// The name without path or account.
    pub(super) fn name(&self) -> &str {
        match self {
            Principal::User(name) => name.as_str(),
            Principal::Role(name) => name.as_str(),
        }
    }

    /// The field of an action block that names it.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Principal::User(_) => "user",
            Principal::Role(_) => "role",
        }
    }
}

/// The fields, read.
pub(super) struct Wanted {
    pub principal: Principal,
    pub on: bool,
    /// With off: what is put back.
    pub document: Option<String>,
}

impl Wanted {
    pub(super) fn of(kind: &InlinePolicy, request: &Request) -> Result<Self, Problem> {
        known(&kind.info, request)?;
        let principal = match (text(request, "user")?, text(request, "role")?) {
            (Some(user), None) => Principal::User(id("user", &user.text)?),
            (None, Some(role)) => Principal::Role(id("role", &role.text)?),
            _ => {
                return Err(refuse("either user or role must be given")
                    .next("name the IAM user or the IAM role that is to be contained"));
            }
        };
        let on = match text(request, "state")? {
            None => true,
            Some(word) if word.text == Untrusted::from("on") => true,
            Some(word) if word.text == Untrusted::from("off") => false,
            Some(word) => return Err(refuse(format!("state is on or off, not {}", shown(&word.text)))),
        };
        // A policy that a finding's author may have written is not put on anybody.
        let document = match text(request, "document")? {
            Some(_) if on => return Err(refuse("document is for state off: what is put back")),
            Some(word) if word.filled => return Err(refuse("document can't be filled from a finding")),
            Some(word) => Some(word.text.clean(Shape::Block).into_string()),
            None => None,
        };
        Ok(Self { principal, on, document })
    }
}

/// Whether a plan takes back what another has done.
pub(super) fn is_undo(plan: &Plan) -> bool {
    plan.undo_of.is_some()
}
