//! Which operations quell may call at all: the lists of the action kinds and the sources, as values.

use std::collections::HashSet;
use std::fmt;

/// A service and an operation as the SDK's own metadata names them: `("GuardDuty", "ListFindings")`,
/// `("SecurityHub", …)`, `("SSM", …)`, `("IAM", …)`, `("STS", …)`, `("EC2", …)`, `("S3", …)`, `("S3 Control", …)`,
/// `("Lambda", …)`, `("SNS", …)`, `("EventBridge", …)`, `("Auto Scaling", …)`,
/// `("Elastic Load Balancing v2", …)`, `("SFN", …)`,
/// `("Config Service", …)`, `("Route53Resolver", …)`, `("SSO Admin", …)`.
pub type Operation = (&'static str, &'static str);

/// By which a role is taken on.
pub(super) const TAKE: Operation = ("STS", "AssumeRole");
/// How the name of an operation ends that is only rehearsed: EC2's `DryRun`.
pub(super) const DRY_RUN: &str = " (dry run)";

/// What may be called, by class. A reader may call `read` alone, a writer all three.
#[derive(Clone, Debug, Default)]
pub struct Allow {
    /// Changes nothing.
    pub read: Vec<Operation>,
    /// Changes nothing in the account's resources, but costs something: a quota, a running automation.
    pub consume: Vec<Operation>,
    /// Changes something.
    pub mutate: Vec<Operation>,
}

/// The class of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    /// Takes roles on, and asks who it is; nothing else.
    Take,
}

/// The lists, ready to be asked.
#[derive(Debug)]
pub(super) struct Lists {
    read: HashSet<Operation>,
    write: HashSet<Operation>,
}

/// Why a call was refused before anything left the machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// The request does not say which operation it is.
    Unnamed,
    /// The operation is not on the list for the client's class.
    NotListed { service: String, operation: String, access: Access },
    /// The answer must be taken as bytes, and the call does not.
    Typed,
    /// It is called a dry run and does not say that it is one.
    NotDry,
    /// The request is signed for another region than the client is pinned to.
    Region { pinned: String, signed: String },
    /// The request goes to a host that is not the service's in the pinned region.
    Host { host: String },
}

impl From<Allow> for Lists {
    fn from(allow: Allow) -> Self {
        let read: HashSet<Operation> = allow.read.into_iter().collect();
        let write = read.iter().copied().chain(allow.consume).chain(allow.mutate).collect();
        Self { read, write }
    }
}

impl Lists {
    /// Whether a client of the class may call the operation.
    pub(super) fn check(&self, access: Access, service: &str, operation: &str) -> Result<(), Barred> {
        let listed = match access {
            Access::Read => self.read.contains(&(service, operation)),
            Access::Write => self.write.contains(&(service, operation)),
            Access::Take => (service, operation) == TAKE,
        };
        // The identity check that comes before every write belongs to the connection itself.
        let own = (service, operation) == ("STS", "GetCallerIdentity");
        // A rehearsal of what may be done changes nothing; the guard sees to it that the request says that it is one.
        let rehearsed = operation.strip_suffix(DRY_RUN).is_some_and(|name| self.write.contains(&(service, name)));
        match own || rehearsed || listed {
            true => Ok(()),
            false => Err(Barred::NotListed { service: service.to_owned(), operation: operation.to_owned(), access }),
        }
    }
}

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Barred::Unnamed => write!(f, "the request does not say which operation it is"),
            Barred::NotListed { service, operation, access: Access::Read } => {
                write!(f, "{service} {operation} is not on quell's list of reading operations")
            }
            Barred::NotListed { service, operation, access: Access::Write | Access::Take } => {
                write!(f, "{service} {operation} is not on quell's list of operations")
            }
            Barred::Typed => {
                write!(f, "findings of Security Hub are read by captured! alone: their types overflow the stack")
            }
            Barred::NotDry => write!(f, "the request is called a dry run, and does not say that it is one"),
            Barred::Region { pinned, signed } => {
                write!(f, "the request is signed for {signed}, the client is pinned to {pinned}")
            }
            Barred::Host { host } => write!(f, "the request goes to {host}, which is not the service's own host"),
        }
    }
}

impl std::error::Error for Barred {}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        Lists::from(Allow {
            read: vec![("GuardDuty", "ListFindings")],
            consume: vec![("SSM", "StartAutomationExecution")],
            mutate: vec![("IAM", "UpdateAccessKey")],
        })
    }

    #[test]
    fn a_reader_may_only_read() {
        let lists = lists();
        assert_eq!(lists.check(Access::Read, "GuardDuty", "ListFindings"), Ok(()));
        assert_eq!(lists.check(Access::Read, "STS", "GetCallerIdentity"), Ok(()));
        assert!(lists.check(Access::Read, "IAM", "UpdateAccessKey").is_err());
        assert!(lists.check(Access::Read, "SSM", "StartAutomationExecution").is_err());
        assert!(lists.check(Access::Read, "SecurityHub", "ListFindings").is_err());
    }

    #[test]
    fn who_takes_roles_on_does_nothing_else() {
        let lists = lists();
        assert_eq!(lists.check(Access::Take, "STS", "AssumeRole"), Ok(()));
        assert_eq!(lists.check(Access::Take, "STS", "GetCallerIdentity"), Ok(()));
        assert!(lists.check(Access::Take, "GuardDuty", "ListFindings").is_err());
        assert!(lists.check(Access::Take, "IAM", "UpdateAccessKey").is_err());
        assert!(lists.check(Access::Read, "STS", "AssumeRole").is_err());
    }

    #[test]
    fn a_dry_run_of_what_may_be_changed_is_no_change() {
        let lists = lists();
        assert_eq!(lists.check(Access::Read, "IAM", "UpdateAccessKey (dry run)"), Ok(()));
        assert!(lists.check(Access::Read, "IAM", "DeleteUser (dry run)").is_err());
        assert!(lists.check(Access::Read, "EC2", "UpdateAccessKey (dry run)").is_err());
    }

    #[test]
    fn a_writer_may_call_what_is_listed_and_no_more() {
        let lists = lists();
        assert_eq!(lists.check(Access::Write, "IAM", "UpdateAccessKey"), Ok(()));
        assert_eq!(lists.check(Access::Write, "SSM", "StartAutomationExecution"), Ok(()));
        assert_eq!(lists.check(Access::Write, "GuardDuty", "ListFindings"), Ok(()));
        assert!(lists.check(Access::Write, "STS", "AssumeRole").is_err());
        let refused = lists.check(Access::Write, "IAM", "DeleteUser").unwrap_err();
        assert_eq!(refused.to_string(), "IAM DeleteUser is not on quell's list of operations");
    }
}
