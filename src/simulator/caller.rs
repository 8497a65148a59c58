//! Who calls what: the credential scope of a signed request, the services by their signing names, and the caller.
//!
//! Signatures are not verified (the account has nothing to protect); the key, the token and the scope are.

use super::policy::Policy;
use super::wire::{Failure, Protocol, Request};
use super::world::World;
use jiff::Timestamp;

/// A service that the account answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    GuardDuty,
    SecurityHub,
    Ssm,
    Iam,
    Sts,
    Ec2,
    S3,
    S3Control,
    Lambda,
    Sns,
    Events,
    AutoScaling,
    Elb,
    Sfn,
    Config,
    Resolver,
    Sso,
}

impl Service {
    pub const ALL: [Self; 17] = [
        Self::GuardDuty,
        Self::SecurityHub,
        Self::Ssm,
        Self::Iam,
        Self::Sts,
        Self::Ec2,
        Self::S3,
        Self::S3Control,
        Self::Lambda,
        Self::Sns,
        Self::Events,
        Self::AutoScaling,
        Self::Elb,
        Self::Sfn,
        Self::Config,
        Self::Resolver,
        Self::Sso,
    ];

    /// The service of a signing name; it is the prefix of IAM's action names too. S3 Control signs as S3,
    /// and load balancers' names differ.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "elasticloadbalancing" => Some(Self::Elb),
            name => Self::ALL.into_iter().find(|s| s.prefix() == name),
        }
    }

    pub fn prefix(self) -> &'static str {
        match self {
            Self::GuardDuty => "guardduty",
            Self::SecurityHub => "securityhub",
            Self::Ssm => "ssm",
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Ec2 => "ec2",
            Self::S3 => "s3",
            Self::S3Control => "s3control",
            Self::Lambda => "lambda",
            Self::Sns => "sns",
            Self::Events => "events",
            Self::AutoScaling => "autoscaling",
            Self::Elb => "elbv2",
            Self::Sfn => "states",
            Self::Config => "config",
            Self::Resolver => "route53resolver",
            Self::Sso => "sso",
        }
    }

    pub fn protocol(self) -> Protocol {
        match self {
            Self::GuardDuty | Self::SecurityHub | Self::Lambda => Protocol::RestJson,
            Self::Ssm | Self::Events | Self::Sfn | Self::Config | Self::Resolver | Self::Sso => Protocol::AwsJson,
            Self::Iam | Self::Sts | Self::Sns | Self::AutoScaling | Self::Elb => Protocol::Query,
            Self::Ec2 => Protocol::Ec2,
            Self::S3 | Self::S3Control => Protocol::RestXml,
        }
    }

    /// What stands before the operation's name in the header of the JSON protocols, and the protocol's version.
    pub fn target(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Ssm => Some(("AmazonSSM", "1.1")),
            Self::Events => Some(("AWSEvents", "1.1")),
            Self::Sfn => Some(("AWSStepFunctions", "1.0")),
            Self::Config => Some(("StarlingDoveService", "1.1")),
            Self::Resolver => Some(("Route53Resolver", "1.1")),
            Self::Sso => Some(("SWBExternalService", "1.1")),
            _ => None,
        }
    }

    /// The XML namespace of the services that have one.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
            Self::S3Control => "http://awss3control.amazonaws.com/doc/2018-08-20/",
            Self::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
            Self::Elb => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
            _ => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }

    /// What the service calls a request that breaks a rule of its model.
    pub fn validation(self) -> &'static str {
        match self {
            Self::GuardDuty => "BadRequestException",
            Self::SecurityHub => "InvalidInputException",
            Self::Ssm | Self::Events | Self::Sfn | Self::Config | Self::Resolver | Self::Sso => "ValidationException",
            Self::Iam | Self::Sts | Self::AutoScaling | Self::Elb => "ValidationError",
            Self::Ec2 => "InvalidParameterValue",
            Self::S3 | Self::S3Control => "InvalidRequest",
            Self::Lambda => "InvalidParameterValueException",
            Self::Sns => "InvalidParameter",
        }
    }
}

/// `Credential=KEY/DATE/REGION/SERVICE/aws4_request` of the Authorization header (AWS Signature Version 4).
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub key: String,
    pub region: String,
    pub service: String,
}

impl Scope {
    /// None for an unsigned request, or one that is signed in another way.
    pub fn of(request: &Request) -> Option<Self> {
        let credential =
            request.header("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?.split(", ").flat_map(|p| p.split(','));
        let credential = credential.filter_map(|part| part.trim().strip_prefix("Credential=")).next()?;
        let mut parts = credential.split('/');
        let (key, _date, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let ours = parts.next() == Some("aws4_request") && parts.next().is_none();
        ours.then(|| Self { key: key.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }
}

/// The identity behind a request.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub arn: String,
    pub user_id: String,
    /// The IAM user's name, when it is one.
    pub user: Option<String>,
    /// The role's name, and when the session was issued, when it is one.
    pub role: Option<(String, Timestamp)>,
    pub policy: Option<Policy>,
}

impl Caller {
    /// Whether an inline policy of the caller's user or role denies it.
    pub fn is_denied(&self, world: &World, action: &str, resource: &str) -> bool {
        let user = self.user.as_ref().and_then(|name| world.account.users.get(name)).map(|user| &user.policies);
        let role = self.role.as_ref().and_then(|(name, _)| world.account.roles.get(name));
        let issued = self.role.as_ref().map(|(_, at)| *at);
        let texts = user.into_iter().chain(role).flat_map(|policies| policies.values());
        let mut policies = texts.filter_map(|text| Policy::parse(text));
        policies.any(|policy| policy.denies(action, resource, issued))
    }
}

/// Credentials that AssumeRole gave out.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub token: String,
    pub expires: Timestamp,
    pub caller: Caller,
}

/// Finds the caller of a request; an expired session is told apart from an unknown key.
pub(super) fn authenticate(
    world: &World,
    service: Service,
    scope: &Scope,
    request: &Request,
    real: Timestamp,
) -> Result<Caller, Failure> {
    if let Some(session) = world.sessions.get(&scope.key) {
        if request.header("x-amz-security-token") != Some(session.token.as_str()) {
            return Err(super::front::unknown_key(service));
        }
        if real >= session.expires {
            return Err(super::front::expired(service));
        }
        return Ok(session.caller.clone());
    }
    let known = world.account.users.iter().find(|(_, user)| user.keys.iter().any(|k| k.id == scope.key && k.active));
    match known {
        Some((name, user)) => {
            let (arn, user_id) = (world.user_arn(name), user.id.clone());
            Ok(Caller { arn, user_id, user: Some(name.clone()), role: None, policy: None })
        }
        None => Err(super::front::unknown_key(service)),
    }
}
