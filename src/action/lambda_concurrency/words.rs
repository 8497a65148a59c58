//! What a plan says of what stopping a function does not stop, and of what its undo lets run.

use super::call::State;
use crate::aws::lambda::Function;
use crate::problem::clean;

/// The events that are gone once it is stopped.
pub(super) const LOST: &str =
    "asynchronous events that come meanwhile, where the function has no dead-letter queue and no failure destination";

/// What to know before a function is stopped, the most important first.
pub(super) fn stopping(before: State, function: &Function) -> Vec<String> {
    let mut all = Vec::new();
    if before == State::STOPPED {
        all.push("It is stopped already; the call changes nothing.".to_owned());
    }
    all.push("It does NOT end invocations that run now: they go on to their end, up to 15 minutes.".to_owned());
    all.push(format!(
        "Credentials of its role {} that it has handed out stay valid until they expire: revoke the role's sessions \
         (iam-revoke-sessions).",
        role(function)
    ));
    all.extend(
        [
            "All its versions and aliases stop, for everybody who calls them. What calls it and waits gets an error.",
            "Queues and streams that feed it pile up and are worked off once it is lifted, the intruder's events among \
             them; what gets too old in them is lost.",
            "Where it has provisioned concurrency, Lambda may refuse the call: take that away first.",
            "Its code, its triggers and its URL stay as they are; so does every other function of the same code.",
        ]
        .map(str::to_owned),
    );
    all
}

/// What to know before an undo.
pub(super) fn restoring(wanted: State, now: State) -> Vec<String> {
    let mut all = Vec::new();
    if now == wanted {
        all.push("It stands so already; the call changes nothing.".to_owned());
    } else if now != State::STOPPED {
        let now = now.words();
        all.push(format!(
            "It is not as the stop left it: somebody has changed it since ({now}); the undo writes over that."
        ));
    }
    if wanted == State::STOPPED {
        return all;
    }
    all.push(
        "The function runs again, with the code and the role that it has now: read both before. What has piled up in \
         queues and streams is worked off at once, the intruder's events among it."
            .to_owned(),
    );
    all
}

/// The name of its role.
pub(super) fn role(function: &Function) -> String {
    let arn = function.role.line().into_string();
    clean(arn.rsplit('/').next().unwrap_or_default()).into_string()
}
