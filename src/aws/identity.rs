//! Who quell is to AWS, as `sts:GetCallerIdentity` says.

use quell_core::incident::{WriterNamed, of_session};
use quell_core::text::Untrusted;
use quell_core::text::id::{AccountId, Id};

/// The caller. A GetCallerIdentity answer without an account, or with an ARN that is none, is an error instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account that pays and is changed.
    pub account: Id<AccountId>,
    /// The caller's ARN: a user, or a role's session.
    pub arn: Untrusted,
    /// The unique id, with the session's name for a role.
    pub user_id: Untrusted,
    /// `aws`, `aws-cn`, `aws-us-gov`: the ARN's second part.
    pub partition: String,
    /// The ARN without a role session's name: stays the same when the credentials are renewed.
    principal: String,
}

impl Identity {
    /// The identity out of the answer's members; what is missing or malformed is the error's text.
    pub(super) fn new(account: Option<&str>, arn: Option<&str>, user_id: Option<&str>) -> Result<Self, &'static str> {
        let account = account.ok_or("the answer names no account")?;
        let account = Id::new(account).map_err(|_| "the answer's account is not an account id")?;
        let arn = arn.ok_or("the answer names no ARN")?;
        let mut parts = arn.splitn(6, ':');
        let partition = match (parts.next(), parts.next()) {
            (Some("arn"), Some(partition)) if partition.starts_with("aws") => partition.to_owned(),
            _ => return Err("the answer's ARN is none"),
        };
        Ok(Self {
            account,
            partition,
            principal: principal(arn),
            arn: Untrusted::from(arn),
            user_id: Untrusted::from(user_id.unwrap_or_default()),
        })
    }

    /// Who the person is, where the session of an assumed role bears a person's name.
    pub fn person(&self) -> Option<WriterNamed> {
        of_session(self.arn.line().as_str())
    }

    /// The ARN without a role session's name.
    pub fn principal(&self) -> &str {
        &self.principal
    }
}

fn principal(arn: &str) -> String {
    match arn.rsplit_once('/') {
        Some((role, _session)) if arn.contains(":assumed-role/") => role.to_owned(),
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_the_same_principal_after_renewal() {
        let of = |arn: &str| Identity::new(Some("111122223333"), Some(arn), Some("AROA:x")).unwrap();
        let before = of("arn:aws:sts::111122223333:assumed-role/Responder/one");
        let after = of("arn:aws:sts::111122223333:assumed-role/Responder/two");
        assert_eq!(before.principal(), "arn:aws:sts::111122223333:assumed-role/Responder");
        assert_eq!(before.principal(), after.principal());
        let user = of("arn:aws-cn:iam::111122223333:user/ops/jo");
        assert_eq!(user.principal(), "arn:aws-cn:iam::111122223333:user/ops/jo");
        assert_eq!(user.partition, "aws-cn");
    }

    #[test]
    fn an_answer_without_an_account_is_no_identity() {
        assert!(Identity::new(None, Some("arn:aws:iam::111122223333:root"), None).is_err());
        assert!(Identity::new(Some("1111"), Some("arn:aws:iam::111122223333:root"), None).is_err());
        assert!(Identity::new(Some("111122223333"), Some("no arn"), None).is_err());
    }
}
