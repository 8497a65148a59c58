//! Whose access key it is, whether it works, where it was used last, and which other keys its user has.

use super::read::{entity, told};
use super::{Lookup, LookupInfo};
use crate::aws::{BoxFuture, Reader};
use crate::problem::{Problem, clean};
use aws_sdk_iam::types::{AccessKeyLastUsed, AccessKeyMetadata};
use aws_smithy_types::date_time::Format;
use quell_core::incident::{EntityKind, Told};
use quell_core::text::id::AccessKeyId;
use quell_core::text::{Id, Untrusted};

/// The look-up `iam-access-key`.
pub(super) struct IamAccessKey;

static INFO: LookupInfo = LookupInfo {
    name: "iam-access-key",
    title: "whose access key it is, whether it works, and where it was used last",
    subject: EntityKind::Key,
    operations: &[("IAM", "GetAccessKeyLastUsed"), ("IAM", "ListAccessKeys")],
    tells: &["user", "status", "created", "last use", "other key", "status of the other key"],
};

/// Pages of keys that are read: a user has two keys.
const PAGES: usize = 10;

impl Lookup for IamAccessKey {
    fn info(&self) -> &LookupInfo {
        &INFO
    }

    /// Long-term keys: of those of a session (ASIA) IAM tells nothing.
    fn fits(&self, subject: &Untrusted) -> bool {
        subject.parse::<AccessKeyId>().is_ok_and(|key| key.as_str().starts_with("AKIA"))
    }

    fn look<'a>(&'a self, reader: &'a Reader, subject: &'a Untrusted) -> BoxFuture<'a, Result<Vec<Told>, Problem>> {
        Box::pin(async move {
            let key: Id<AccessKeyId> = subject.parse().map_err(|_| {
                Problem::input(format!("{} is no access key's id", subject.line())).meaning("nothing was looked up")
            })?;
            let answer = reader.iam().get_access_key_last_used().access_key_id(key.as_str()).send().await;
            let answer = answer.map_err(|error| reader.problem("iam:GetAccessKeyLastUsed", &error))?;
            let Some(user) = answer.user_name() else {
                return Err(Problem::aws(format!("IAM names no user for {key}"))
                    .meaning("the key is deleted, or belongs to the root user or to another account")
                    .next("look at the finding's account, and at CloudTrail for the key's id"));
            };
            let mut out = vec![entity("user", EntityKind::Principal, user)];
            let keys = keys(reader, user).await?;
            let own = keys.iter().find(|one| one.access_key_id() == Some(key.as_str()));
            out.extend(own.map(|one| told("status", status(one))));
            out.extend(own.and_then(created).map(|at| told("created", at)));
            out.push(told("last use", answer.access_key_last_used().map_or_else(|| "not known".into(), used)));
            for other in keys.iter().filter(|one| one.access_key_id() != Some(key.as_str())) {
                out.extend(other.access_key_id().map(|id| entity("other key", EntityKind::Key, id)));
                out.push(told("status of the other key", status(other)));
            }
            Ok(out)
        })
    }
}

async fn keys(reader: &Reader, user: &str) -> Result<Vec<AccessKeyMetadata>, Problem> {
    let (mut all, mut marker) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let page = reader.iam().list_access_keys().user_name(user).set_marker(marker).send().await;
        let page = page.map_err(|error| reader.problem("iam:ListAccessKeys", &error))?;
        all.extend_from_slice(page.access_key_metadata());
        marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    Ok(all)
}

fn status(key: &AccessKeyMetadata) -> &str {
    key.status().map_or("not known", |status| status.as_str())
}

fn created(key: &AccessKeyMetadata) -> Option<String> {
    key.create_date()?.fmt(Format::DateTime).ok()
}

/// When, in which service and Region; IAM knows of none before it began to keep this.
fn used(used: &AccessKeyLastUsed) -> String {
    match used.last_used_date().and_then(|date| date.fmt(Format::DateTime).ok()) {
        None => "never".to_owned(),
        Some(at) => format!("{at}, {} in {}", clean(used.service_name()), clean(used.region())),
    }
}
