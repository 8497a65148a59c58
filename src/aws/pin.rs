//! Whether a signed request goes where its client was pinned to: threat T19, the confused deputy.
//!
//! The signing region stands in the credential scope of the Authorization header (AWS General Reference, "Elements
//! of an AWS API request signature"); hosts follow the partitions table that the SDKs share.

use super::allow::Barred;

/// A service as its hosts, its metadata and its configuration keys name it.
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
    /// Its name in the scope of a signature.
    pub(super) fn signing(self) -> &'static str {
        match self {
            Service::S3Control => "s3",
            other => other.prefix(),
        }
    }

    /// The first label of its hosts; of S3 Control, the first after the account.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Service::GuardDuty => "guardduty",
            Service::SecurityHub => "securityhub",
            Service::Ssm => "ssm",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ec2 => "ec2",
            Service::S3 => "s3",
            Service::S3Control => "s3-control",
            Service::Lambda => "lambda",
            Service::Sns => "sns",
            Service::Events => "events",
            Service::AutoScaling => "autoscaling",
            Service::Elb => "elasticloadbalancing",
            Service::Sfn => "states",
            Service::Config => "config",
            Service::Resolver => "route53resolver",
            Service::Sso => "sso",
        }
    }

    /// What the AWS command line calls it.
    pub(super) fn command(self) -> &'static str {
        match self {
            Service::S3Control => "s3control",
            Service::Elb => "elbv2",
            Service::Sso => "sso-admin",
            other => other.prefix(),
        }
    }

    /// Its id in service-specific configuration (`AWS_ENDPOINT_URL_…`, `[services]`).
    pub(super) fn id(self) -> &'static str {
        match self {
            Service::GuardDuty => "GuardDuty",
            Service::SecurityHub => "SecurityHub",
            Service::Ssm => "SSM",
            Service::Iam => "IAM",
            Service::Sts => "STS",
            Service::Ec2 => "EC2",
            Service::S3 => "S3",
            Service::S3Control => "S3 Control",
            Service::Lambda => "Lambda",
            Service::Sns => "SNS",
            Service::Events => "EventBridge",
            Service::AutoScaling => "Auto Scaling",
            Service::Elb => "Elastic Load Balancing v2",
            Service::Sfn => "SFN",
            Service::Config => "Config Service",
            Service::Resolver => "Route53Resolver",
            Service::Sso => "SSO Admin",
        }
    }

    /// All of them.
    pub(super) const ALL: [Service; 17] = [
        Service::GuardDuty,
        Service::SecurityHub,
        Service::Ssm,
        Service::Iam,
        Service::Sts,
        Service::Ec2,
        Service::S3,
        Service::S3Control,
        Service::Lambda,
        Service::Sns,
        Service::Events,
        Service::AutoScaling,
        Service::Elb,
        Service::Sfn,
        Service::Config,
        Service::Resolver,
        Service::Sso,
    ];
}

/// Domain names under which AWS's own endpoints lie, one or two a partition.
const SUFFIXES: [&str; 10] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

/// The domain under which a region's endpoints lie, and the one of those that answer over IPv6 too, where there are any.
pub(super) fn suffixes(region: &str) -> (&'static str, Option<&'static str>) {
    match region {
        r if r.starts_with("cn-") => (".amazonaws.com.cn", Some(".api.amazonwebservices.com.cn")),
        r if r.starts_with("us-isob-") => (".sc2s.sgov.gov", None),
        r if r.starts_with("us-isof-") => (".csp.hci.ic.gov", None),
        r if r.starts_with("us-iso-") => (".c2s.ic.gov", None),
        r if r.starts_with("eu-isoe-") => (".cloud.adc-e.uk", None),
        r if r.starts_with("eusc-") => (".amazonaws.eu", Some(".api.amazonwebservices.eu")),
        _ => (".amazonaws.com", Some(".api.aws")),
    }
}

/// Where a client's requests must go.
#[derive(Clone, Debug)]
pub(super) struct Pin {
    pub service: Service,
    pub region: String,
    /// The endpoint that the user configured for the service, if any: then its host is the only one.
    pub endpoint: Option<String>,
    /// The connector ends inside this process; there is no host to hit.
    pub simulated: bool,
}

impl Pin {
    /// Checks a request by its Authorization header and its URI.
    pub(super) fn check(&self, authorization: Option<&str>, uri: &str) -> Result<(), Barred> {
        let signed = authorization.and_then(signing_region).unwrap_or("no region");
        let global = global_region(&self.region);
        if signed != self.region && !(self.service == Service::Iam && signed == global) {
            return Err(Barred::Region { pinned: self.region.clone(), signed: signed.to_owned() });
        }
        let host = host(uri);
        let fits = match &self.endpoint {
            _ if self.simulated => true,
            Some(endpoint) => host == self::host(endpoint),
            None => uri.starts_with("https://") && self.is_own(host),
        };
        match fits {
            true => Ok(()),
            false => Err(Barred::Host { host: host.to_owned() }),
        }
    }

    fn is_own(&self, host: &str) -> bool {
        let Some(labels) = SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix)) else { return false };
        let mut labels = labels.split('.');
        let account = |label: &str| label.len() == 12 && label.bytes().all(|b| b.is_ascii_digit());
        if self.service == Service::S3Control && !labels.next().is_some_and(account) {
            return false;
        }
        let first = labels.next().unwrap_or_default();
        let named = first.strip_suffix("-fips").unwrap_or(first) == self.service.prefix();
        // IAM has one endpoint a partition, which names the partition or nothing.
        named && (self.service == Service::Iam || labels.any(|label| label == self.region))
    }
}

/// The region of a Signature Version 4 credential scope: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signing_region(authorization: &str) -> Option<&str> {
    let (_, scope) = authorization.split_once("Credential=")?;
    let scope = scope.split([',', ' ']).next()?;
    scope.split('/').nth(2)
}

/// The authority of a URI, without port and user.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// The region in which the global services of a region's partition are signed for.
pub fn global_region(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "cn-north-1",
        r if r.starts_with("us-gov-") => "us-gov-west-1",
        r if r.starts_with("us-isob-") => "us-isob-east-1",
        r if r.starts_with("us-isof-") => "us-isof-south-1",
        r if r.starts_with("us-iso-") => "us-iso-east-1",
        r if r.starts_with("eu-isoe-") => "eu-isoe-west-1",
        r if r.starts_with("eusc-") => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(service: Service, region: &str) -> Pin {
        Pin { service, region: region.to_owned(), endpoint: None, simulated: false }
    }

    fn signed(region: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/{region}/x/aws4_request, SignedHeaders=host")
    }

    fn goes(pin: &Pin, region: &str, uri: &str) -> bool {
        pin.check(Some(&signed(region)), uri).is_ok()
    }

    #[test]
    fn the_region_is_the_scope_s() {
        let pin = pin(Service::GuardDuty, "eu-west-1");
        assert!(goes(&pin, "eu-west-1", "https://guardduty.eu-west-1.amazonaws.com/detector"));
        assert!(goes(&pin, "eu-west-1", "https://guardduty-fips.eu-west-1.amazonaws.com/detector"));
        assert!(!goes(&pin, "us-east-1", "https://guardduty.eu-west-1.amazonaws.com/detector"));
        assert!(pin.check(None, "https://guardduty.eu-west-1.amazonaws.com/detector").is_err());
    }

    #[test]
    fn the_host_is_the_service_s_own() {
        let pin = pin(Service::GuardDuty, "eu-west-1");
        assert!(!goes(&pin, "eu-west-1", "https://guardduty.us-east-1.amazonaws.com/detector"));
        assert!(!goes(&pin, "eu-west-1", "https://guardduty.eu-west-1.amazonaws.com.evil.example/detector"));
        assert!(!goes(&pin, "eu-west-1", "https://guardduty.eu-west-1.amazonaws.com@evil.example/detector"));
        assert!(!goes(&pin, "eu-west-1", "https://ssm.eu-west-1.amazonaws.com/"));
        assert!(!goes(&pin, "eu-west-1", "http://guardduty.eu-west-1.amazonaws.com/detector"));
    }

    #[test]
    fn ec2_has_its_own_hosts_in_each_partition() {
        let ec2 = pin(Service::Ec2, "eu-west-1");
        assert!(goes(&ec2, "eu-west-1", "https://ec2.eu-west-1.amazonaws.com/"));
        assert!(goes(&ec2, "eu-west-1", "https://ec2.eu-west-1.api.aws/"));
        assert!(!goes(&ec2, "eu-west-1", "https://ec2.us-east-1.amazonaws.com/"));
        assert!(!goes(&ec2, "us-east-1", "https://ec2.eu-west-1.amazonaws.com/"));
        assert!(!goes(&ec2, "eu-west-1", "https://ec2.amazonaws.com/"));
        let china = pin(Service::Ec2, "cn-north-1");
        assert!(goes(&china, "cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn/"));
        let gov = pin(Service::Ec2, "us-gov-west-1");
        assert!(goes(&gov, "us-gov-west-1", "https://ec2-fips.us-gov-west-1.api.aws/"));
    }

    #[test]
    fn buckets_stand_in_the_path_and_never_in_the_host() {
        let s3 = pin(Service::S3, "eu-west-1");
        assert!(goes(&s3, "eu-west-1", "https://s3.eu-west-1.amazonaws.com/customer-exports?publicAccessBlock"));
        assert!(goes(&s3, "eu-west-1", "https://s3-fips.dualstack.eu-west-1.amazonaws.com/customer-exports"));
        assert!(!goes(&s3, "eu-west-1", "https://s3.us-east-1.amazonaws.com/customer-exports"));
        assert!(!goes(&s3, "us-east-1", "https://s3.eu-west-1.amazonaws.com/customer-exports"));
        assert!(!goes(&s3, "eu-west-1", "https://s3.amazonaws.com/customer-exports"));
        assert!(!goes(&s3, "eu-west-1", "https://customer-exports.s3.eu-west-1.amazonaws.com/"));
        assert!(!goes(&s3, "eu-west-1", "https://s3-control.eu-west-1.amazonaws.com/"));
    }

    #[test]
    fn s3_control_s_hosts_begin_with_an_account() {
        let control = pin(Service::S3Control, "eu-west-1");
        assert!(goes(&control, "eu-west-1", "https://111122223333.s3-control.eu-west-1.amazonaws.com/v20180820/x"));
        assert!(goes(&control, "eu-west-1", "https://111122223333.s3-control.dualstack.eu-west-1.amazonaws.com/"));
        assert!(!goes(&control, "eu-west-1", "https://s3-control.eu-west-1.amazonaws.com/"));
        assert!(!goes(&control, "eu-west-1", "https://bucket.s3-control.eu-west-1.amazonaws.com/"));
        assert!(!goes(&control, "eu-west-1", "https://111122223333.s3-control.us-east-1.amazonaws.com/"));
        assert!(!goes(&control, "eu-west-1", "https://111122223333.s3.eu-west-1.amazonaws.com/"));
    }

    #[test]
    fn iam_is_global_within_its_partition() {
        let iam = pin(Service::Iam, "eu-west-1");
        assert!(goes(&iam, "us-east-1", "https://iam.amazonaws.com/"));
        assert!(!goes(&iam, "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn/"));
        let china = pin(Service::Iam, "cn-northwest-1");
        assert!(goes(&china, "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn/"));
        assert!(!goes(&china, "us-east-1", "https://iam.amazonaws.com/"));
        let gov = pin(Service::Iam, "us-gov-east-1");
        assert!(goes(&gov, "us-gov-west-1", "https://iam.us-gov.amazonaws.com/"));
    }

    #[test]
    fn a_configured_endpoint_is_the_only_host() {
        let mut pin = pin(Service::SecurityHub, "us-east-1");
        pin.endpoint = Some("http://127.0.0.1:5000".to_owned());
        assert!(goes(&pin, "us-east-1", "http://127.0.0.1:5000/findings"));
        assert!(!goes(&pin, "us-east-1", "https://securityhub.us-east-1.amazonaws.com/findings"));
        assert!(!goes(&pin, "eu-west-1", "http://127.0.0.1:5000/findings"));
        assert_eq!(host("http://[::1]:5000/x"), "::1");
    }
}
