//! The log on disk. Only the permit stands here until the log itself is merged.

use quell_core::incident::Link;

/// Leave to carry out one action, given for a record that is on disk.
#[derive(Debug)]
pub struct Permit {
    action: Link,
    plan_hash: String,
    token: String,
}

impl Permit {
    /// The action's planned record.
    pub fn action(&self) -> &Link {
        &self.action
    }

    /// The hash of the plan that was approved.
    pub fn plan_hash(&self) -> &str {
        &self.plan_hash
    }

    /// The token that makes the call idempotent where AWS knows one.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A permit out of nothing, for tests of other rooms.
    #[cfg(test)]
    pub fn for_test(action: Link, plan_hash: &str, token: &str) -> Self {
        Self { action, plan_hash: plan_hash.to_owned(), token: token.to_owned() }
    }
}
