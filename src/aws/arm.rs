//! Leave to change something, which lapses by itself; and every reason for which a writer is refused.

use super::identity::Identity;
use crate::problem::{Problem, clean};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, OnceLock};

/// How long an armed connection stays so without a key being pressed.
pub const ARMED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// Leave to change something, of one connection. It is not `Clone`: whoever holds it, alone, is armed.
#[derive(Debug)]
pub struct Armed {
    /// Which connection gave it.
    pub(super) of: Arc<()>,
    /// For whom it holds: the caller when it was given; where that was not known, the first one that it is used for.
    principal: OnceLock<String>,
    /// `None`: never lapses, since nothing real can be changed.
    lapses: Option<Timestamp>,
}

impl Armed {
    pub(super) fn new(of: Arc<()>, identity: Option<&Identity>, now: Option<Timestamp>) -> Self {
        let principal = identity.map(|i| OnceLock::from(i.principal().to_owned())).unwrap_or_default();
        Self { of, principal, lapses: now.map(later) }
    }

    /// Refuses a caller for whom it was not given.
    pub(super) fn admit(&self, caller: &Identity) -> Result<(), Refused> {
        let armed = self.principal.get_or_init(|| caller.principal().to_owned());
        match armed == caller.principal() {
            true => Ok(()),
            false => Err(Refused::OtherPrincipal { armed: armed.clone(), caller: caller.principal().to_owned() }),
        }
    }

    /// Somebody is at the keyboard: the time to the lapse starts again, unless it has passed.
    pub fn touch(&mut self, now: Timestamp) {
        if let Some(lapses) = self.lapses
            && now < lapses
        {
            self.lapses = Some(later(now));
        }
    }

    /// Whether it still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.lapses.is_none_or(|lapses| now < lapses)
    }

    /// When it lapses if nobody touches it; `None` if never.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.lapses
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(ARMED_FOR).unwrap_or(Timestamp::MAX)
}

/// Why a connection can't be armed or a writer is not given. Nothing was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// quell was started with `--read-only`.
    ReadOnly,
    /// The leave has lapsed, or is another connection's.
    NotArmed,
    /// The plan is not the one that was approved.
    OtherPlan,
    /// The target's words are no account, partition or region.
    BadTarget(&'static str),
    /// The caller is in another account or partition than the target.
    OtherAccount { target: String, caller: String },
    /// The caller is not who it was when the connection was armed.
    OtherPrincipal { armed: String, caller: String },
    /// The plan is about something that the configuration forbids to touch.
    Never(String),
    /// The caller could not be found out.
    NoIdentity(Problem),
    /// The role could not be taken on, or is not the one that was approved.
    NoRole(Problem),
}

impl Refused {
    /// The refusal in words.
    pub fn problem(&self) -> Problem {
        let sent = "nothing was sent";
        match self {
            Refused::ReadOnly => Problem::input("quell was started with --read-only")
                .meaning("the connection can't be armed; ".to_owned() + sent)
                .next("start quell again without --read-only"),
            Refused::NotArmed => Problem::input("the connection is not armed")
                .meaning("it starts READ ONLY and falls back to it after 30 idle minutes; ".to_owned() + sent)
                .next("arm it with :arm, then approve the action again"),
            Refused::Never(id) => Problem::input(format!("the plan touches {}, which never is touched", clean(id)))
                .meaning("the configuration's `never` names it; ".to_owned() + sent)
                .next("leave it as it is, or take it out of `never` in the configuration and start quell again"),
            Refused::OtherPlan => Problem::local("the plan is not the one that was approved")
                .meaning(sent)
                .next("plan the action again, read it and approve it"),
            Refused::BadTarget(what) => Problem::input(format!("the target's {what}"))
                .meaning("quell can't make sure that the call hits what the plan names; ".to_owned() + sent)
                .next("look at the finding's account and region"),
            Refused::OtherAccount { target, caller } => {
                let (target, caller) = (clean(target), clean(caller));
                Problem::input(format!("the target is in {target}, the credentials are for {caller}"))
                    .meaning("the call would have hit another account; ".to_owned() + sent)
                    .next("start quell with a profile for the target's account")
            }
            Refused::OtherPrincipal { armed, caller } => {
                let (armed, caller) = (clean(armed), clean(caller));
                Problem::input(format!("the credentials are now {caller}, the connection was armed as {armed}"))
                    .meaning(sent)
                    .next("arm the connection again if that is meant")
            }
            Refused::NoIdentity(problem) | Refused::NoRole(problem) => problem.clone(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        refused.problem()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn armed_lapses_after_thirty_idle_minutes() {
        let mut armed = Armed::new(Arc::new(()), None, Some(at("2026-03-01T10:00:00Z")));
        assert!(armed.is_live(at("2026-03-01T10:29:59Z")));
        assert!(!armed.is_live(at("2026-03-01T10:30:00Z")));
        armed.touch(at("2026-03-01T10:20:00Z"));
        assert_eq!(armed.lapses_at(), Some(at("2026-03-01T10:50:00Z")));
        assert!(armed.is_live(at("2026-03-01T10:49:59Z")));
        // Once lapsed, a key press does not bring it back.
        armed.touch(at("2026-03-01T10:50:00Z"));
        assert!(!armed.is_live(at("2026-03-01T10:50:00Z")));
    }

    #[test]
    fn what_can_change_nothing_real_never_lapses() {
        let armed = Armed::new(Arc::new(()), None, None);
        assert!(armed.is_live(at("2046-03-01T10:00:00Z")));
        assert_eq!(armed.lapses_at(), None);
    }
}
