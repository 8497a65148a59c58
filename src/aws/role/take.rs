//! One AssumeRole: with the policy that limits the session, with who stands behind it, and whether what comes of it is in
//! the account that it was wanted for.

use super::super::class::ErrorClass;
use super::super::clients::{Base, Clients};
use super::super::connection::Known;
use super::super::errors::{Failure, Scope};
use super::super::identity::Identity;
use super::Handed;
use crate::problem::{Problem, clean};
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::Credentials as Given;
use quell_core::text::{Untrusted, json};
use serde_json::Value;
use std::time::SystemTime;

const OPERATION: &str = "sts:AssumeRole";
const NOTHING: &str = "nothing was sent to the account";

/// What a role is taken on with: the responder's own credentials, in the region where these are at home.
#[derive(Clone)]
pub(in crate::aws) struct Desk {
    pub base: Base,
    pub home: String,
    pub profile: Option<String>,
    pub handed: Handed,
}

/// The source identity that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Source {
    /// This one; without it, if the role's trust does not let it be set.
    Try(String),
    /// This one or none, as was approved.
    Exactly(Option<String>),
}

impl Source {
    fn wanted(&self) -> Option<&str> {
        match self {
            Self::Try(name) => Some(name),
            Self::Exactly(name) => name.as_deref(),
        }
    }
}

/// The session that is wanted.
#[derive(Clone)]
pub(in crate::aws) struct Want {
    /// The role's ARN.
    pub role: String,
    pub session: String,
    pub source: Source,
    /// What the session may do; none: all that the role may.
    pub policy: Option<Value>,
    pub seconds: i32,
    /// Where it must be, and the region in which that is asked.
    pub account: String,
    pub partition: String,
    pub region: String,
}

/// A session that stands.
pub(in crate::aws) struct Taken {
    pub credentials: Credentials,
    pub identity: Identity,
    /// The source identity that it has: what was asked for, or what the credentials bear that took the role on.
    pub source: Option<String>,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq)]
pub struct NotTaken {
    pub problem: Problem,
    /// It was said to be so, and not only not known.
    pub refused: bool,
}

impl From<NotTaken> for Problem {
    fn from(not: NotTaken) -> Self {
        not.problem
    }
}

/// Takes the role on, and asks STS with the new credentials whose they are.
pub(in crate::aws) async fn take(desk: &Desk, want: &Want) -> Result<Taken, NotTaken> {
    let (credentials, source) = assume(desk, want).await?;
    desk.handed.add(&credentials, desk.base.runtime.now());
    let identity = who(desk, want, &credentials).await.map_err(|problem| NotTaken { problem, refused: false })?;
    if identity.account.as_str() != want.account || identity.partition != want.partition {
        let found = format!("{} {}", identity.partition, identity.account);
        let problem = Problem::input(format!(
            "the role {} is in {}, the target in {} {}",
            clean(&want.role),
            clean(&found),
            clean(&want.partition),
            clean(&want.account)
        ))
        .meaning(format!("the call would have hit another account; {NOTHING}"))
        .next("correct [roles] in the configuration, and start quell again");
        return Err(NotTaken { problem, refused: true });
    }
    Ok(Taken { credentials, identity, source })
}

/// A configuration that signs with these credentials. They are given out by their own clock and not by the SDK's.
pub(in crate::aws) fn signed_with(sdk: &SdkConfig, provider: SharedCredentialsProvider) -> SdkConfig {
    sdk.to_builder().credentials_provider(provider).identity_cache(IdentityCache::no_cache()).build()
}

type Assumed = (Credentials, Option<String>);

async fn assume(desk: &Desk, want: &Want) -> Result<Assumed, NotTaken> {
    let failure = match ask(desk, want, want.source.wanted()).await {
        Ok(assumed) => return Ok(assumed),
        Err(failure) => failure,
    };
    // A trust that does not let a source identity be set refuses the whole call.
    let failure = match (&want.source, failure.class) {
        (Source::Try(_), ErrorClass::Denied) => match ask(desk, want, None).await {
            Ok(assumed) => return Ok(assumed),
            Err(failure) => failure,
        },
        _ => failure,
    };
    let refused = matches!(failure.class, ErrorClass::Denied | ErrorClass::Validation | ErrorClass::NotFound);
    Err(NotTaken { problem: said(&failure, desk, want), refused })
}

async fn ask(desk: &Desk, want: &Want, source: Option<&str>) -> Result<Assumed, Failure> {
    let clients = Clients::taking(&desk.base, &desk.home);
    let policy = want.policy.as_ref().map(json::to_string).transpose();
    let policy = policy.map_err(|_| Failure::unreadable("the policy could not be written", None))?;
    let call = clients.sts().assume_role().role_arn(&want.role).role_session_name(&want.session);
    let call = call.duration_seconds(want.seconds).set_policy(policy).set_source_identity(source.map(str::to_owned));
    let answer = call.send().await.map_err(|error| Failure::of(&error))?;
    let given = answer.credentials().and_then(held);
    let given = given.ok_or_else(|| Failure::unreadable("the answer holds no credentials", None))?;
    Ok((given, answer.source_identity().map(str::to_owned)))
}

fn held(given: &Given) -> Option<Credentials> {
    let expires = SystemTime::try_from(*given.expiration()).ok()?;
    let (key, secret) = (given.access_key_id(), given.secret_access_key());
    if key.is_empty() || secret.is_empty() || given.session_token().is_empty() {
        return None;
    }
    let token = Some(given.session_token().to_owned());
    Some(Credentials::new(key, secret, token, Some(expires), "quell-role"))
}

async fn who(desk: &Desk, want: &Want, credentials: &Credentials) -> Result<Identity, Problem> {
    let sdk = signed_with(&desk.base.sdk, SharedCredentialsProvider::new(credentials.clone()));
    let clients = Clients::taking(&Base { sdk, known: Known::default(), ..desk.base.clone() }, &want.region);
    let scope = scope(desk, want, &want.region);
    let operation = "sts:GetCallerIdentity";
    let answer = clients.sts().get_caller_identity().send().await;
    let answer = answer.map_err(|error| Failure::of(&error).problem(operation, &scope))?;
    Identity::new(answer.account(), answer.arn(), answer.user_id())
        .map_err(|what| Failure::unreadable(what, None).problem(operation, &scope))
}

fn scope(desk: &Desk, want: &Want, region: &str) -> Scope {
    Scope { account: Some(want.account.clone()), region: region.to_owned(), profile: desk.profile.clone() }
}

/// Why the role was not taken on, in words.
fn said(failure: &Failure, desk: &Desk, want: &Want) -> Problem {
    let problem = failure.problem(OPERATION, &scope(desk, want, &desk.home));
    let role = clean(&want.role);
    if failure.code == Untrusted::from("PackedPolicyTooLarge") {
        return problem
            .meaning(format!("the policy that would limit the session to this plan is too large for STS; {NOTHING}"))
            .next("act on fewer resources at a time");
    }
    match failure.class {
        ErrorClass::Denied => {
            problem.meaning(format!("the role {role} is not there, or it can't be taken on by you; {NOTHING}")).next(
                "its trust must name you, and your own policy must allow sts:AssumeRole on it (docs/iam says how); or \
                 correct [roles] in the configuration",
            )
        }
        _ => {
            let meaning = format!("the role {role} could not be taken on; {NOTHING}: {}", problem.meaning);
            problem.meaning(meaning)
        }
    }
}
