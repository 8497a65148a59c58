//! Whose policies are simulated: the caller's own, named as IAM wants it, which is not how STS names a session.

use super::super::target::parts;
use super::{Need, State, said};
use crate::aws::{Failure, Reader};
use crate::problem::clean;
use quell_core::text::{Untrusted, id::Arn};

/// The user or the role behind an identity; else why its permissions can't be simulated.
pub(super) async fn source(reader: &Reader, arn: &Untrusted) -> Result<String, String> {
    let known = arn.parse::<Arn>().ok();
    let resource = known.as_ref().and_then(parts).map(|parts| parts.resource).unwrap_or_default();
    let path: Vec<&str> = resource.split('/').collect();
    match (known.as_ref(), path.as_slice()) {
        (Some(arn), ["user", .., _]) => Ok(arn.as_str().to_owned()),
        // STS leaves the role's path out, and without it IAM does not find the role.
        (_, ["assumed-role", name, _session]) => match found(reader, name).await {
            Ok(Some(arn)) => Ok(arn),
            Ok(None) => Err(format!("IAM does not say the ARN of the role {}", clean(name))),
            Err(failure) => {
                let said = said(&failure, "iam:GetRole", reader);
                Err(format!("the role behind the session can't be read, and its path belongs to its name: {said}"))
            }
        },
        (_, ["root"]) => Err("IAM does not simulate the root user: no policy of the account binds it".to_owned()),
        (_, ["federated-user", ..]) => {
            Err("IAM does not simulate federated users: their session's own policy counts, too".to_owned())
        }
        _ => Err("IAM simulates users and roles, and this is neither".to_owned()),
    }
}

/// The ARN of the role of that name.
async fn found(reader: &Reader, name: &str) -> Result<Option<String>, Failure> {
    let answer = reader.iam().get_role().role_name(name).send().await.map_err(|error| Failure::of(&error))?;
    Ok(answer.role().map(|role| role.arn().to_owned()))
}

/// A role that an action names by its ARN.
pub(in crate::action) async fn role(reader: &Reader, arn: &Untrusted) -> Need {
    let name = format!("role {}", arn.line());
    let known = arn.parse::<Arn>().ok();
    let named =
        known.as_ref().and_then(parts).and_then(|parts| Some((parts.account, parts.resource.strip_prefix("role/")?)));
    let Some((account, path)) = named else { return Need::new(name, State::Missing, "it is not the ARN of a role") };
    if reader.account().is_some_and(|own| own != account) {
        let why = format!("it is a role of account {}, not of this one", clean(account));
        return Need::new(name, State::Missing, why);
    }
    let short = path.rsplit('/').next().unwrap_or(path);
    match Need::read(name.clone(), found(reader, short).await, "iam:GetRole", reader) {
        Err(need) => need,
        Ok(Some(there)) if Untrusted::from(there.as_str()) != *arn => {
            Need::new(name, State::Missing, format!("the role of that name is {}", clean(&there)))
        }
        Ok(_) => Need::new(name, State::Ok, ""),
    }
}
