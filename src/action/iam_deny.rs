//! Denying an IAM user or role everything, by an inline policy.

use super::iam_policy::{InlinePolicy, OPERATIONS, PARAMETERS, Principal};
use super::kind::KindInfo;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The kind `iam-deny`.
pub(super) static IAM_DENY: InlinePolicy = InlinePolicy {
    info: KindInfo {
        name: "iam-deny",
        title: "Deny an IAM user or role everything",
        parameters: PARAMETERS,
        operations: OPERATIONS,
        permissions: &[],
        danger: 2,
        destroys: "",
    },
    policy: "quell-deny-all",
    document,
    ages: false,
    warnings,
    breaks,
    done: "is denied everything",
};

fn document(_: Timestamp) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] })
}

fn breaks(principal: &Principal) -> &'static str {
    match principal {
        Principal::User(_) => {
            "everything that the user does, by console, keys and temporary sessions alike, and every program that runs as \
             the user"
        }
        Principal::Role(_) => {
            "every workload and person on the role, at once: sessions that run now too, and new ones do not help"
        }
    }
}

fn warnings(principal: &Principal) -> Vec<String> {
    match principal {
        Principal::User(user) => vec![
            format!("Sessions of roles that {user} has taken on live on: they have the roles' permissions."),
            format!("{user} can do nothing any more, whatever work depends on it."),
        ],
        Principal::Role(role) => vec![
            format!("Every workload that has the role {role} is denied at once, and so is every new session."),
            "Sessions of other roles that were taken on from it live on.".to_owned(),
        ],
    }
}
