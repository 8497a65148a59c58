//! Builds the SDK clients of one region, each with its guard.

use super::allow::{Access, Lists};
use super::calls::CallLog;
use super::connection::Known;
use super::endpoint;
use super::guard::Guard;
use super::pin::{Pin, Service};
use super::sent::{Sent, noting};
use super::thin::{Thin, autoscaling, config, ec2, elb, events, lambda, resolver, s3, s3control, sfn, sns, sso};
use super::webhook::{Hook, Posted, post};
use crate::runtime::Runtime;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use quell_core::text::Id;
use quell_core::text::id::WebhookUrl;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The clients that are both read and written with, as methods of whoever holds [`Clients`] as `clients`.
macro_rules! services {
    () => {
        services! {
            "Findings of GuardDuty." guardduty aws_sdk_guardduty::Client,
            "Findings of Security Hub." securityhub aws_sdk_securityhub::Client,
            "Documents and automations." ssm aws_sdk_ssm::Client,
            "Users, roles, keys." iam aws_sdk_iam::Client,
            "Instances, interfaces, security groups." ec2 crate::aws::thin::ec2::Client,
            "Buckets." s3 crate::aws::thin::s3::Client,
            "Instances of Auto Scaling groups." autoscaling crate::aws::thin::autoscaling::Client,
            "Target groups of load balancers." elb crate::aws::thin::elb::Client,
            "The account's block of public access." s3control crate::aws::thin::s3control::Client,
            "Functions." lambda crate::aws::thin::lambda::Client,
            "Topics." sns crate::aws::thin::sns::Client,
            "Event buses." events crate::aws::thin::events::Client,
            "State machines." sfn crate::aws::thin::sfn::Client,
            "Remediations of rules." config crate::aws::thin::config::Client,
            "Rule groups of the DNS Firewall." resolver crate::aws::thin::resolver::Client,
            "Who may take on what in which account." sso crate::aws::thin::sso::Client,
        }
    };
    ($($doc:literal $name:ident $client:ty,)*) => {$(
        #[doc = $doc]
        pub fn $name(&self) -> &$client {
            self.clients.$name()
        }
    )*};
}
pub(super) use services;

/// How long a connection may take to come about.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 3;

/// What all clients of a connection are built from.
#[derive(Clone)]
pub(super) struct Base {
    pub sdk: SdkConfig,
    pub lists: Arc<Lists>,
    /// Whose the credentials are.
    pub known: Known,
    pub log: CallLog,
    pub runtime: Runtime,
    pub simulated: bool,
    /// Where may be posted to, by name.
    pub webhooks: Arc<BTreeMap<String, Id<WebhookUrl>>>,
}

/// The clients of one region, built when first asked for.
pub(super) struct Clients {
    sdk: SdkConfig,
    guard: Guard,
    webhooks: Arc<BTreeMap<String, Id<WebhookUrl>>>,
    guardduty: OnceLock<aws_sdk_guardduty::Client>,
    securityhub: OnceLock<aws_sdk_securityhub::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    ec2: OnceLock<ec2::Client>,
    s3: OnceLock<s3::Client>,
    s3control: OnceLock<s3control::Client>,
    lambda: OnceLock<lambda::Client>,
    sns: OnceLock<sns::Client>,
    events: OnceLock<events::Client>,
    autoscaling: OnceLock<autoscaling::Client>,
    elb: OnceLock<elb::Client>,
    sfn: OnceLock<sfn::Client>,
    config: OnceLock<config::Client>,
    resolver: OnceLock<resolver::Client>,
    sso: OnceLock<sso::Client>,
}

impl Clients {
    /// Clients that may only read; they try a call up to three times.
    pub(super) fn reading(base: &Base, region: &str) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        Self::new(base, region, Access::Read, retry, None)
    }

    /// Clients that may change things; they try once, and `sent` says whether the last call left.
    pub(super) fn writing(base: &Base, region: &str, sent: Sent) -> Self {
        Self::new(base, region, Access::Write, RetryConfig::disabled(), Some(sent))
    }

    /// Clients that may only take roles on; they try a call up to three times.
    pub(super) fn taking(base: &Base, region: &str) -> Self {
        let retry = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        Self::new(base, region, Access::Take, retry, None)
    }

    fn new(base: &Base, region: &str, access: Access, retry: RetryConfig, sent: Option<Sent>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(WHOLE)
            .build();
        let mut sdk = base.sdk.to_builder();
        sdk.set_region(Region::new(region.to_owned()));
        sdk.set_retry_config(Some(retry));
        sdk.set_timeout_config(Some(timeouts));
        if let (Some(sent), Some(http)) = (&sent, base.sdk.http_client()) {
            sdk.set_http_client(Some(noting(http, sent.clone())));
        }
        let pin = Pin { service: Service::Sts, region: region.to_owned(), endpoint: None, simulated: base.simulated };
        let guard = Guard {
            access,
            lists: base.lists.clone(),
            pin,
            known: base.known.clone(),
            log: base.log.clone(),
            runtime: base.runtime.clone(),
            sent,
        };
        Self {
            sdk: sdk.build(),
            guard,
            webhooks: base.webhooks.clone(),
            guardduty: OnceLock::new(),
            securityhub: OnceLock::new(),
            ssm: OnceLock::new(),
            iam: OnceLock::new(),
            sts: OnceLock::new(),
            ec2: OnceLock::new(),
            s3: OnceLock::new(),
            s3control: OnceLock::new(),
            lambda: OnceLock::new(),
            sns: OnceLock::new(),
            events: OnceLock::new(),
            autoscaling: OnceLock::new(),
            elb: OnceLock::new(),
            sfn: OnceLock::new(),
            config: OnceLock::new(),
            resolver: OnceLock::new(),
            sso: OnceLock::new(),
        }
    }

    /// The region that all clients are pinned to.
    pub(super) fn region(&self) -> &str {
        &self.guard.pin.region
    }

    /// The time of this machine.
    pub(super) fn now(&self) -> jiff::Timestamp {
        self.guard.runtime.now()
    }

    /// The address of that name, if the configuration has one.
    pub(super) fn webhook(&self, name: &str) -> Option<Hook> {
        self.webhooks.get(name).cloned().map(Hook::new)
    }

    /// Posts once, and notes it in the call log with that line; to the simulated account where there is no other.
    pub(super) async fn post(&self, hook: &Hook, body: &str, line: Option<String>) -> Posted {
        let simulated = self.guard.pin.simulated.then(|| self.sdk.http_client()).flatten();
        post(&self.sdk, simulated, &self.guard, (hook, body, line)).await
    }

    fn guard(&self, service: Service) -> SharedInterceptor {
        SharedInterceptor::permanent(self.guard_of(service))
    }

    fn guard_of(&self, service: Service) -> Guard {
        let mut guard = self.guard.clone();
        guard.pin.service = service;
        guard.pin.endpoint = endpoint::of(&self.sdk, service);
        guard
    }

    pub(super) fn ec2(&self) -> &ec2::Client {
        self.ec2.get_or_init(|| ec2::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Ec2))))
    }

    pub(super) fn s3(&self) -> &s3::Client {
        self.s3.get_or_init(|| s3::Client::new(Thin::new(&self.sdk, self.guard_of(Service::S3))))
    }

    pub(super) fn autoscaling(&self) -> &autoscaling::Client {
        let made = || autoscaling::Client::new(Thin::new(&self.sdk, self.guard_of(Service::AutoScaling)));
        self.autoscaling.get_or_init(made)
    }

    pub(super) fn elb(&self) -> &elb::Client {
        self.elb.get_or_init(|| elb::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Elb))))
    }

    pub(super) fn s3control(&self) -> &s3control::Client {
        self.s3control.get_or_init(|| s3control::Client::new(Thin::new(&self.sdk, self.guard_of(Service::S3Control))))
    }

    pub(super) fn lambda(&self) -> &lambda::Client {
        self.lambda.get_or_init(|| lambda::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Lambda))))
    }

    pub(super) fn sns(&self) -> &sns::Client {
        self.sns.get_or_init(|| sns::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Sns))))
    }

    pub(super) fn events(&self) -> &events::Client {
        self.events.get_or_init(|| events::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Events))))
    }

    pub(super) fn sfn(&self) -> &sfn::Client {
        self.sfn.get_or_init(|| sfn::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Sfn))))
    }

    pub(super) fn config(&self) -> &config::Client {
        self.config.get_or_init(|| config::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Config))))
    }

    pub(super) fn resolver(&self) -> &resolver::Client {
        self.resolver.get_or_init(|| resolver::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Resolver))))
    }

    pub(super) fn sso(&self) -> &sso::Client {
        self.sso.get_or_init(|| sso::Client::new(Thin::new(&self.sdk, self.guard_of(Service::Sso))))
    }

    pub(super) fn guardduty(&self) -> &aws_sdk_guardduty::Client {
        self.guardduty.get_or_init(|| {
            let mut config = aws_sdk_guardduty::config::Builder::from(&self.sdk);
            config.push_interceptor(self.guard(Service::GuardDuty));
            aws_sdk_guardduty::Client::from_conf(config.build())
        })
    }

    pub(super) fn securityhub(&self) -> &aws_sdk_securityhub::Client {
        self.securityhub.get_or_init(|| {
            let mut config = aws_sdk_securityhub::config::Builder::from(&self.sdk);
            config.push_interceptor(self.guard(Service::SecurityHub));
            aws_sdk_securityhub::Client::from_conf(config.build())
        })
    }

    pub(super) fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm.get_or_init(|| {
            let mut config = aws_sdk_ssm::config::Builder::from(&self.sdk);
            config.push_interceptor(self.guard(Service::Ssm));
            aws_sdk_ssm::Client::from_conf(config.build())
        })
    }

    pub(super) fn iam(&self) -> &aws_sdk_iam::Client {
        self.iam.get_or_init(|| {
            let mut config = aws_sdk_iam::config::Builder::from(&self.sdk);
            config.push_interceptor(self.guard(Service::Iam));
            aws_sdk_iam::Client::from_conf(config.build())
        })
    }

    pub(super) fn sts(&self) -> &aws_sdk_sts::Client {
        self.sts.get_or_init(|| {
            let mut config = aws_sdk_sts::config::Builder::from(&self.sdk);
            config.push_interceptor(self.guard(Service::Sts));
            aws_sdk_sts::Client::from_conf(config.build())
        })
    }
}
