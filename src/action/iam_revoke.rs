//! Revoking the sessions of an IAM role or user that were issued before now, as the AWS console does: an inline policy
//! that denies everything to older tokens.

use super::iam_policy::{InlinePolicy, OPERATIONS, PARAMETERS, Principal};
use super::kind::KindInfo;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The kind `iam-revoke-sessions`.
pub(super) static IAM_REVOKE: InlinePolicy = InlinePolicy {
    info: KindInfo {
        name: "iam-revoke-sessions",
        title: "Revoke older sessions of an IAM role or user",
        parameters: PARAMETERS,
        operations: OPERATIONS,
        permissions: &[],
        danger: 2,
        destroys: "",
    },
    // The console's own name, so that both see what the other has set.
    policy: "AWSRevokeOlderSessions",
    document,
    ages: true,
    warnings,
    breaks,
    done: "has its older sessions revoked",
};

/// IAM takes some seconds to spread a change; the console allows for as much.
const SPREAD: SignedDuration = SignedDuration::from_secs(30);

fn document(now: Timestamp) -> Value {
    let before = now.checked_add(SPREAD).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": before } },
    }] })
}

fn breaks(principal: &Principal) -> &'static str {
    match principal {
        Principal::User(_) => "temporary sessions of the user that are older than now, until they are taken on anew",
        Principal::Role(_) => {
            "every workload and person on the role, until they have new credentials: most programs fetch them within minutes \
             to hours, some only when they are started again"
        }
    }
}

fn warnings(principal: &Principal) -> Vec<String> {
    match principal {
        Principal::User(user) => {
            vec![format!("The long-term keys of {user} work on; so do sessions of roles that it has taken on.")]
        }
        Principal::Role(role) => vec![
            format!("Every workload that has the role {role} fails until it has fetched new credentials."),
            "Whoever holds the host, or may take the role on, gets new sessions at once: cut that off first."
                .to_owned(),
        ],
    }
}
