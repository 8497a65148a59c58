//! SDK errors in words for a person, and as classes for plans and the poller. All text of AWS is outside text.

use super::SdkError;
use super::class::{ErrorClass, classify};
use super::guard::{barred, error_code};
use crate::problem::{Place, Problem};
use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use quell_core::incident::FailClass;
use quell_core::text::{Shape, Untrusted};
use std::error::Error;

/// Characters of a chain of causes that are kept.
const LONGEST: usize = 600;

const NO_CREDENTIALS: &str = "no credentials were found: not in the environment, the profile, nor this machine's role";

/// Where a call goes, for the words of its error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The caller's account, once it is known.
    pub account: Option<String>,
    pub region: String,
    /// The profile in use, for the command that renews it.
    pub profile: Option<String>,
}

/// A call's failure, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub class: ErrorClass,
    /// AWS's own code; empty where there was no answer.
    pub code: Untrusted,
    pub message: Untrusted,
    pub status: Option<u16>,
    pub request_id: Option<Untrusted>,
}

impl Failure {
    /// Reads an SDK error.
    pub fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> Self {
        let raw = error.raw_response();
        let status = raw.map(|r| r.status().as_u16());
        let code = error.as_service_error().and_then(|e| e.code()).map(str::to_owned);
        // An answer that the SDK could not read may still say by its headers what it is.
        let code = code.or_else(|| raw.filter(|raw| !raw.status().is_success()).and_then(error_code));
        let (code, said) = (code.unwrap_or_default(), error.as_service_error().and_then(|e| e.message()));
        let (class, message) = match (error, status) {
            _ if barred(error).is_some() => (ErrorClass::Refused, causes(error)),
            (SdkError::TimeoutError(_), _) => (ErrorClass::Transient, "AWS did not answer in time".to_owned()),
            (_, None) => before_the_answer(error),
            // Something on the way answered, not AWS, unless it says that there is too much to do.
            (_, Some(status)) if code.is_empty() => match status {
                429 => (ErrorClass::Throttled, format!("HTTP {status}")),
                500..=599 => (ErrorClass::Transient, format!("HTTP {status}")),
                200..=299 => (ErrorClass::Unreadable, causes(error)),
                _ => (ErrorClass::Unreadable, format!("HTTP {status} without an error code of AWS")),
            },
            (_, Some(status)) => {
                let message = said.unwrap_or_default();
                (classify(&code, message, status), message.to_owned())
            }
        };
        Self {
            class,
            code: Untrusted::from(code),
            message: Untrusted::from(message),
            status,
            request_id: raw.and_then(super::capture::request_id),
        }
    }

    /// An answer that came whole, with a good status, and can't be understood.
    pub fn unreadable(message: impl Into<Untrusted>, request_id: Option<Untrusted>) -> Self {
        Self {
            class: ErrorClass::Unreadable,
            code: Untrusted::default(),
            message: message.into(),
            status: None,
            request_id,
        }
    }

    /// The failure in words.
    pub fn problem(&self, operation: &str, scope: &Scope) -> Problem {
        let what = match (self.class, denial(&self.message)) {
            (ErrorClass::Denied, Some(denial)) => denial,
            _ => self.what(),
        };
        let (meaning, next) = match self.code.is_empty() && self.message == Untrusted::from(NO_CREDENTIALS) {
            true => no_credentials(scope),
            false => words(self.class, scope),
        };
        Problem::aws(what).meaning(meaning).next(next).at(Place::Aws {
            account: scope.account.clone().unwrap_or_default(),
            region: scope.region.clone(),
            operation: operation.to_owned(),
            request_id: self.request_id.as_ref().map(|id| id.line().into_string()).unwrap_or_default(),
        })
    }

    fn what(&self) -> String {
        match (self.code.is_empty(), self.message.is_empty()) {
            (true, _) => self.message.line().into_string(),
            (false, true) => self.code.line().into_string(),
            (false, false) => format!("{}: {}", self.code.line(), self.message.line()),
        }
    }
}

/// The class of a mutation's failure; `None` when it may have happened all the same: the connector had the request
/// and there is no answer, none that can be read, or a fault on AWS's side.
pub fn fail_class<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>, sent: bool) -> Option<FailClass> {
    let answered = matches!(error, SdkError::ServiceError(_) | SdkError::ResponseError(_));
    if !answered {
        return (!sent).then_some(FailClass::NotSent);
    }
    match Failure::of(error).class {
        ErrorClass::Throttled => Some(FailClass::Throttled),
        ErrorClass::Denied => Some(FailClass::Denied),
        ErrorClass::Expired => Some(FailClass::Expired),
        ErrorClass::NotFound => Some(FailClass::NotFound),
        ErrorClass::Conflict => Some(FailClass::Conflict),
        ErrorClass::Validation | ErrorClass::StaleToken => Some(FailClass::Validation),
        ErrorClass::NotEnabled => Some(FailClass::Other),
        ErrorClass::Other | ErrorClass::Transient | ErrorClass::Unreadable | ErrorClass::Refused => None,
    }
}

/// Class and words of a failure without an answer.
fn before_the_answer<E: Error + 'static>(error: &SdkError<E>) -> (ErrorClass, String) {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        match cause.downcast_ref::<CredentialsError>() {
            Some(CredentialsError::CredentialsNotLoaded(_)) => return (ErrorClass::Expired, NO_CREDENTIALS.to_owned()),
            Some(CredentialsError::ProviderTimedOut(_)) => return (ErrorClass::Transient, cause.to_string()),
            Some(_) if no_role(cause) => return (ErrorClass::Expired, NO_CREDENTIALS.to_owned()),
            Some(_) => return (ErrorClass::Expired, causes(cause)),
            None => next = cause.source(),
        }
    }
    let class = match error {
        SdkError::ConstructionFailure(_) => ErrorClass::Validation,
        _ => ErrorClass::Transient,
    };
    (class, causes(error))
}

/// Whether the last place to look, the machine's own metadata service, gave nothing: it is not there, does not
/// answer, or is forbidden.
fn no_role(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(ImdsError::FailedToLoadToken(_) | ImdsError::IoError(_)) = cause.downcast_ref() {
            return true;
        }
        next = cause.source();
    }
    false
}

/// What the causes say, the outermost first; the error's own words, which name no cause, are left out.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.ends_with(&words) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&words);
        }
        next = cause.source();
    }
    if text.is_empty() {
        text = error.to_string();
    }
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// IAM's own wording: "User: ARN is not authorized to perform: ACTION on resource: ARN because …".
fn denial(message: &Untrusted) -> Option<String> {
    let message = message.clean(Shape::Line).into_string();
    let (user, rest) = message.split_once(" is not authorized to perform: ")?;
    let user = user.rsplit_once("User: ").map_or(user, |(_, user)| user);
    let (action, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let because = rest.split_once("because ").map(|(_, why)| why);
    // EC2 adds a page of text that only sts:DecodeAuthorizationMessage can read.
    let because = because.map(|why| why.split(". Encoded authorization failure message").next().unwrap_or(why));
    let resource = rest.split_once("on resource: ").map(|(_, r)| r.split(' ').next().unwrap_or_default());
    let mut text = format!("{user} may not call {}", action.trim_end_matches(','));
    if let Some(resource) = resource {
        text.push_str(&format!(" on {resource}"));
    }
    if let Some(because) = because {
        text.push_str(&format!(" ({because})"));
    }
    Some(text)
}

fn words(class: ErrorClass, scope: &Scope) -> (String, String) {
    let (meaning, next) = match class {
        ErrorClass::Throttled => ("AWS asks for fewer requests", "wait a moment, then try again"),
        ErrorClass::Transient => ("AWS could not be reached or had a fault", "check the network, then try again"),
        ErrorClass::Denied => {
            ("the credentials lack a permission", "ask for the permission, or use a profile that has it")
        }
        ErrorClass::Expired => {
            let login = login(scope);
            return ("the credentials are expired, missing or not valid in this region".to_owned(), login);
        }
        ErrorClass::NotFound => ("it is not there, or not there yet", "look at the name, account and region"),
        ErrorClass::Conflict => ("it is in another state, or a limit is reached", "read its state, then plan again"),
        ErrorClass::Validation => ("AWS finds the request malformed", "look at the values"),
        ErrorClass::NotEnabled => (
            "the service is not switched on here; this is not \"no findings\"",
            "switch it on, or leave the region out",
        ),
        ErrorClass::StaleToken => ("the list changed under the reading", "try again"),
        ErrorClass::Refused => {
            ("quell's own guard stopped it; nothing was sent", "this is a fault in quell: report it")
        }
        ErrorClass::Unreadable => {
            ("the answer was cut off or makes no sense; this is not \"no findings\"", "try again")
        }
        ErrorClass::Other => ("AWS refused it", "read AWS's words"),
    };
    (meaning.to_owned(), next.to_owned())
}

fn no_credentials(scope: &Scope) -> (String, String) {
    let profile = scope.profile.as_deref().map_or("P".to_owned(), |p| crate::problem::clean(p).into_string());
    let next = format!(
        "log in, for SSO with: aws sso login --profile {profile} --use-device-code, and give --profile {profile}; \
         or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    );
    ("quell can't ask AWS anything".to_owned(), next)
}

fn login(scope: &Scope) -> String {
    let profile = scope.profile.as_deref().map(|p| format!(" --profile {}", crate::problem::clean(p)));
    format!("renew them, for SSO with: aws sso login{} --use-device-code", profile.unwrap_or_default())
}
