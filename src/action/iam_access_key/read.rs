//! A user's access keys as IAM gives them.

use super::super::calls;
use crate::aws::{ErrorClass, Failure, Reader};
use crate::problem::{Problem, clean};
use quell_core::text::Id;
use quell_core::text::id::{AccessKeyId, UserName};

/// A key, how it stands and when it was used.
pub(super) struct Key {
    pub id: String,
    pub status: String,
    /// In words.
    pub last_use: String,
}

/// The user that the key belongs to.
pub(super) async fn owner(reader: &Reader, key: &Id<AccessKeyId>) -> Result<String, Problem> {
    let answer = reader.iam().get_access_key_last_used().access_key_id(key.as_str()).send().await;
    let answer = answer.map_err(|e| {
        let problem = calls::problem(&e, reader, "iam:GetAccessKeyLastUsed");
        match Failure::of(&e).class {
            // IAM denies what it does not find here, so that nobody learns which keys there are.
            ErrorClass::Denied => Problem {
                meaning:
                    "there is no such key in this account (IAM says it in these words), or the permission is lacking"
                        .to_owned(),
                next: "compare the key's id and the finding's account; if both are right, ask for the permission"
                    .to_owned(),
                ..problem
            },
            _ => problem,
        }
    })?;
    let owner = answer.user_name().map(str::to_owned);
    owner.ok_or_else(|| {
        Problem::aws(format!("IAM names no user for {key}"))
            .meaning("the key is deleted, belongs to the root user or to another account; nothing was sent")
            .next("look at the finding's account")
    })
}

/// Ids and statuses of all keys of the user.
pub(super) async fn statuses(reader: &Reader, user: &Id<UserName>) -> Result<Vec<(String, String)>, Problem> {
    let mut all = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = reader.iam().list_access_keys().user_name(user.as_str()).set_marker(marker).send().await;
        let page = page.map_err(|e| calls::problem(&e, reader, "iam:ListAccessKeys"))?;
        all.extend(page.access_key_metadata().iter().filter_map(|key| {
            let status = key.status().map_or("unknown", |status| status.as_str());
            Some((key.access_key_id()?.to_owned(), status.to_owned()))
        }));
        marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
        // IAM gives a user two keys; a longer list is not one of keys.
        if marker.is_none() || all.len() > 100 {
            return Ok(all);
        }
    }
}

/// All keys of the user, with their last use.
pub(super) async fn keys(reader: &Reader, user: &Id<UserName>) -> Result<Vec<Key>, Problem> {
    let mut all = Vec::new();
    for (id, status) in statuses(reader, user).await? {
        let last_use = last_use(reader, &id).await;
        all.push(Key { id, status, last_use });
    }
    Ok(all)
}

async fn last_use(reader: &Reader, key: &str) -> String {
    let answer = match reader.iam().get_access_key_last_used().access_key_id(key).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let problem = calls::problem(&error, reader, "iam:GetAccessKeyLastUsed");
            return format!("not known ({})", problem.what);
        }
    };
    let Some(used) = answer.access_key_last_used() else { return "not known".to_owned() };
    match used.last_used_date() {
        None => "never".to_owned(),
        Some(date) => {
            let at = calls::time(date);
            format!("{at}, {} in {}", clean(used.service_name()), clean(used.region()))
        }
    }
}
