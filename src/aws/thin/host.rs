//! Where a service is: the endpoint that the user configured, else the one that AWS's endpoint rules name for the
//! service, the region and the two switches (FIPS, dual stack). What the rules do not have is refused in words.

use super::super::pin::{Pin, Service, suffixes};
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_types::endpoint::Endpoint;
use quell_core::text::{Id, id::Region};

/// The one place that a client's requests go to, or why there is none.
#[derive(Debug)]
pub(super) struct Host(Result<String, String>);

impl Host {
    /// The place of the service that the pin names.
    pub(super) fn of(sdk: &SdkConfig, pin: &Pin) -> Self {
        let (fips, dual) = (sdk.use_fips().unwrap_or(false), sdk.use_dual_stack().unwrap_or(false));
        let own = || own(pin.service, &pin.region, fips, dual);
        Self(pin.endpoint.as_ref().map_or_else(own, |endpoint| configured(endpoint, fips, dual)))
    }
}

/// A configured endpoint stands for itself alone: asked for together with a switch it would be silently another one.
fn configured(endpoint: &str, fips: bool, dual: bool) -> Result<String, String> {
    match (fips, dual) {
        (false, false) => Ok(endpoint.to_owned()),
        (true, _) => Err("a configured endpoint and FIPS endpoints exclude each other: take one of them away".into()),
        (_, true) => Err("a configured endpoint and dual stack exclude each other: take one of them away".into()),
    }
}

/// The rules that most services have, and what is particular to one of them.
fn own(service: Service, region: &str, fips: bool, dual: bool) -> Result<String, String> {
    let region = Id::<Region>::new(region).map_err(|bad| format!("the configured region is {bad}"))?;
    let (region, prefix) = (region.as_str(), service.prefix());
    let (plain, both) = suffixes(region);
    let s3 = matches!(service, Service::S3 | Service::S3Control);
    if s3 && fips && region.starts_with("cn-") {
        return Err(format!("there are no FIPS endpoints of S3 in the partition of {region}"));
    }
    let suffix = match (dual, both) {
        (false, _) => plain,
        (true, Some(_)) if s3 => plain,
        (true, Some(both)) => both,
        (true, None) => return Err(format!("there are no dual stack endpoints in the partition of {region}")),
    };
    // In GovCloud the plain endpoints of these are FIPS endpoints; EventBridge's are so with both, too.
    let plain_is_fips = match service {
        Service::Events => region.starts_with("us-gov-"),
        Service::Ec2 | Service::Sns | Service::Config | Service::Sso => region.starts_with("us-gov-") && !dual,
        Service::Sfn => region == "us-gov-west-1" && !dual,
        _ => false,
    };
    let fips = if fips && !plain_is_fips { "-fips" } else { "" };
    let dual = if dual && s3 { ".dualstack" } else { "" };
    Ok(format!("https://{prefix}{fips}{dual}.{region}{suffix}"))
}

impl ResolveEndpoint for Host {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(match &self.0 {
            Ok(url) => Ok(Endpoint::builder().url(url.clone()).build()),
            Err(why) => Err(why.clone().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_awss_endpoint_rules() {
        for (region, fips, dual, host) in [
            ("eu-west-1", false, false, "https://ec2.eu-west-1.amazonaws.com"),
            ("us-east-1", true, false, "https://ec2-fips.us-east-1.amazonaws.com"),
            ("us-east-1", false, true, "https://ec2.us-east-1.api.aws"),
            ("us-east-1", true, true, "https://ec2-fips.us-east-1.api.aws"),
            ("cn-north-1", false, false, "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("cn-north-1", false, true, "https://ec2.cn-north-1.api.amazonwebservices.com.cn"),
            ("us-gov-west-1", false, false, "https://ec2.us-gov-west-1.amazonaws.com"),
            ("us-gov-west-1", true, false, "https://ec2.us-gov-west-1.amazonaws.com"),
            ("us-gov-west-1", true, true, "https://ec2-fips.us-gov-west-1.api.aws"),
            ("us-iso-east-1", false, false, "https://ec2.us-iso-east-1.c2s.ic.gov"),
            ("eusc-de-east-1", false, false, "https://ec2.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(own(Service::Ec2, region, fips, dual).as_deref(), Ok(host), "{region} {fips} {dual}");
        }
        let refused = own(Service::Ec2, "us-iso-east-1", false, true).unwrap_err();
        assert_eq!(refused, "there are no dual stack endpoints in the partition of us-iso-east-1");
        let refused = own(Service::Ec2, "eu-west-1.evil.example/", false, false).unwrap_err();
        assert_eq!(refused, "the configured region is not an AWS region");
    }

    #[test]
    fn lambda_follows_the_common_rules() {
        for (region, fips, dual, host) in [
            ("eu-west-1", false, false, "https://lambda.eu-west-1.amazonaws.com"),
            ("us-east-1", true, true, "https://lambda-fips.us-east-1.api.aws"),
            ("us-gov-west-1", true, false, "https://lambda-fips.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", false, true, "https://lambda.cn-north-1.api.amazonwebservices.com.cn"),
        ] {
            assert_eq!(own(Service::Lambda, region, fips, dual).as_deref(), Ok(host), "{region} {fips} {dual}");
        }
    }

    #[test]
    fn what_tells_others_has_fips_endpoints_of_its_own_in_govcloud() {
        for (service, region, fips, dual, host) in [
            (Service::Sns, "us-east-1", true, false, "https://sns-fips.us-east-1.amazonaws.com"),
            (Service::Sns, "us-gov-west-1", true, false, "https://sns.us-gov-west-1.amazonaws.com"),
            (Service::Sns, "us-gov-west-1", true, true, "https://sns-fips.us-gov-west-1.api.aws"),
            (Service::Events, "us-east-1", true, true, "https://events-fips.us-east-1.api.aws"),
            (Service::Events, "us-gov-west-1", true, false, "https://events.us-gov-west-1.amazonaws.com"),
            (Service::Events, "us-gov-west-1", true, true, "https://events.us-gov-west-1.api.aws"),
            (Service::Config, "us-gov-west-1", true, false, "https://config.us-gov-west-1.amazonaws.com"),
            (Service::Config, "us-gov-west-1", true, true, "https://config-fips.us-gov-west-1.api.aws"),
            (Service::Sso, "eu-west-1", false, true, "https://sso.eu-west-1.api.aws"),
            (Service::Sso, "us-gov-west-1", true, false, "https://sso.us-gov-west-1.amazonaws.com"),
            (Service::Sso, "us-gov-west-1", true, true, "https://sso-fips.us-gov-west-1.api.aws"),
            (Service::Sfn, "eu-west-1", false, false, "https://states.eu-west-1.amazonaws.com"),
            (Service::Sfn, "us-gov-west-1", true, false, "https://states.us-gov-west-1.amazonaws.com"),
            (Service::Sfn, "us-gov-east-1", true, false, "https://states-fips.us-gov-east-1.amazonaws.com"),
            (Service::Sfn, "us-gov-west-1", true, true, "https://states-fips.us-gov-west-1.api.aws"),
        ] {
            assert_eq!(own(service, region, fips, dual).as_deref(), Ok(host), "{region} {fips} {dual}");
        }
    }

    #[test]
    fn s3_has_its_dual_stack_under_the_plain_domain() {
        for (region, fips, dual, host) in [
            ("eu-west-1", false, false, "https://s3.eu-west-1.amazonaws.com"),
            ("us-east-1", false, false, "https://s3.us-east-1.amazonaws.com"),
            ("us-east-1", true, false, "https://s3-fips.us-east-1.amazonaws.com"),
            ("us-east-1", false, true, "https://s3.dualstack.us-east-1.amazonaws.com"),
            ("us-east-1", true, true, "https://s3-fips.dualstack.us-east-1.amazonaws.com"),
            ("us-gov-west-1", true, false, "https://s3-fips.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", false, true, "https://s3.dualstack.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(own(Service::S3, region, fips, dual).as_deref(), Ok(host), "{region} {fips} {dual}");
        }
        let refused = own(Service::S3, "cn-north-1", true, false).unwrap_err();
        assert_eq!(refused, "there are no FIPS endpoints of S3 in the partition of cn-north-1");
    }

    #[test]
    fn s3_control_is_laid_out_as_s3_is_and_the_account_comes_before() {
        for (region, fips, dual, host) in [
            ("eu-west-1", false, false, "https://s3-control.eu-west-1.amazonaws.com"),
            ("us-east-1", true, true, "https://s3-control-fips.dualstack.us-east-1.amazonaws.com"),
            ("cn-north-1", false, false, "https://s3-control.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(own(Service::S3Control, region, fips, dual).as_deref(), Ok(host), "{region} {fips} {dual}");
        }
    }

    #[test]
    fn a_configured_endpoint_excludes_the_switches() {
        assert_eq!(configured("http://127.0.0.1:5000", false, false).as_deref(), Ok("http://127.0.0.1:5000"));
        assert!(configured("http://127.0.0.1:5000", true, false).unwrap_err().contains("FIPS"));
        assert!(configured("http://127.0.0.1:5000", false, true).unwrap_err().contains("dual stack"));
    }
}
