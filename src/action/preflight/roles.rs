//! Whether the roles of the configuration can be taken on, account by account: in a session that can do nothing.

use super::{Need, State};
use crate::aws::{Bearer, Connection};
use serde_json::json;

/// A need for each account that is named.
pub(super) async fn of_accounts(connection: &Connection, bearer: &Bearer) -> Vec<Need> {
    let nothing = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }],
    });
    let mut all = Vec::new();
    for (role, tried) in connection.roles(bearer, &nothing).await {
        let name = format!("role {role}");
        all.push(match tried {
            Ok(session) if session.source.is_none() => {
                let why = "taken on without a source identity: CloudTrail will not say who you are";
                Need::new(name, State::Ok, why)
            }
            Ok(_) => Need::new(name, State::Ok, ""),
            Err(not) if not.refused => Need::new(name, State::Missing, not.problem.what),
            Err(not) => Need::new(name, State::NotKnown, not.problem.what),
        });
    }
    all
}
