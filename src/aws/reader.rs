//! The clients that may only read.

use super::SdkError;
use super::clients::Clients;
use super::connection::Known;
use super::errors::{Failure, Scope};
use super::role::Session;
use super::thin::{autoscaling, config, ec2, elb, events, lambda, resolver, s3, s3control, sfn, sns, sso};
use super::webhook::Hook;
use crate::problem::Problem;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::sync::Arc;

/// SDK clients of one region whose operations change nothing; the guard refuses all others. Each tries a call up to
/// three times: connect 3 s, an attempt 10 s, all of it 30 s.
#[derive(Clone)]
pub struct Reader {
    clients: Arc<Clients>,
    known: Known,
    profile: Option<Arc<str>>,
    session: Option<Arc<Session>>,
}

impl Reader {
    pub(super) fn new(clients: Clients, known: Known, profile: Option<Arc<str>>) -> Self {
        Self { clients: Arc::new(clients), known, profile, session: None }
    }

    /// A reader in a role's session.
    pub(super) fn within(self, session: Session) -> Self {
        Self { session: Some(Arc::new(session)), ..self }
    }

    /// The role's session that it reads in; none where it reads with the responder's own credentials.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Findings of GuardDuty.
    pub fn guardduty(&self) -> &aws_sdk_guardduty::Client {
        self.clients.guardduty()
    }

    /// Findings of Security Hub.
    pub fn securityhub(&self) -> &aws_sdk_securityhub::Client {
        self.clients.securityhub()
    }

    /// Documents and automations.
    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.clients.ssm()
    }

    /// Users, roles, keys.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        self.clients.iam()
    }

    /// Instances, interfaces, security groups.
    pub fn ec2(&self) -> &ec2::Client {
        self.clients.ec2()
    }

    /// Buckets.
    pub fn s3(&self) -> &s3::Client {
        self.clients.s3()
    }

    /// Instances of Auto Scaling groups.
    pub fn autoscaling(&self) -> &autoscaling::Client {
        self.clients.autoscaling()
    }

    /// Target groups of load balancers.
    pub fn elb(&self) -> &elb::Client {
        self.clients.elb()
    }

    /// The account's block of public access.
    pub fn s3control(&self) -> &s3control::Client {
        self.clients.s3control()
    }

    /// Functions.
    pub fn lambda(&self) -> &lambda::Client {
        self.clients.lambda()
    }

    /// Topics.
    pub fn sns(&self) -> &sns::Client {
        self.clients.sns()
    }

    /// Event buses.
    pub fn events(&self) -> &events::Client {
        self.clients.events()
    }

    /// State machines.
    pub fn sfn(&self) -> &sfn::Client {
        self.clients.sfn()
    }

    /// Remediations of rules.
    pub fn config(&self) -> &config::Client {
        self.clients.config()
    }

    /// Rule groups of the DNS Firewall.
    pub fn resolver(&self) -> &resolver::Client {
        self.clients.resolver()
    }

    /// Who may take on what in which account.
    pub fn sso(&self) -> &sso::Client {
        self.clients.sso()
    }

    /// Where may be posted to by that name; none where the configuration has no such name.
    pub fn webhook(&self, name: &str) -> Option<Hook> {
        self.clients.webhook(name)
    }

    /// Who the caller is.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.clients.sts()
    }

    /// The region that the clients are pinned to.
    pub fn region(&self) -> &str {
        self.clients.region()
    }

    /// The time of this machine.
    pub fn now(&self) -> jiff::Timestamp {
        self.clients.now()
    }

    /// The caller's account, once an identity call has said it.
    pub fn account(&self) -> Option<String> {
        self.known.account()
    }

    /// Where this reader's calls go, for the words of an error.
    pub fn scope(&self) -> Scope {
        Scope {
            account: self.account(),
            region: self.region().to_owned(),
            profile: self.profile.as_deref().map(str::to_owned),
        }
    }

    /// A failed call in words.
    pub fn problem<E>(&self, operation: &str, error: &SdkError<E>) -> Problem
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Failure::of(error).problem(operation, &self.scope())
    }
}
